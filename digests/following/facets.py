"""An event of the log to what filters ask of it: subject, place, stage, people, and the words that it tells. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from tracker.model import Event, IngestMode
from tracker.query import Material, words

Said = frozenset[str]  # the folded words of one name

# Of what an event carries, what a reader's words are looked for in. Addresses, codes and the desk's reasons are not.
_TOLD = ("title", "description", "quote", "provision", "committee", "name", "place", "note")


@dataclass(frozen=True, slots=True)
class Facets:
    """`findings` are (topic, effect, subtopic) of the bill when this happened; unknown is None.

    Two events that are alike in all but `bill_id`, people and words have equal `broad` parts.
    """

    alerts: bool
    bill_id: str
    jurisdiction: str
    findings: frozenset[tuple[str, str | None, str | None]]
    stage: str | None
    sponsors: tuple[Said, ...]
    committees: tuple[Said, ...]

    @property
    def broad(self) -> tuple[object, ...]:
        return self.jurisdiction, self.findings, self.stage


@lru_cache(maxsize=65_536)
def said(name: str) -> Said:
    return frozenset(words(name))


def facets_of(event: Event) -> Facets:
    data, card = event.data, _card(event)
    committees = [*(card.get("committees") or ()),
                  *([data["committee"]] if isinstance(data.get("committee"), str) else [])]
    return Facets(event.mode is IngestMode.LIVE, event.bill_id, event.jurisdiction, _findings(event, card),
                  card.get("stage"), tuple(map(said, _sponsors(event, card))),
                  tuple(map(said, committees)))


def material_of(event: Event) -> Material:
    """What a reader's words are looked for in: the title, and what the event tells; not the whole text of the bill."""
    card = _card(event)
    flags = frozenset((topic, effect or "") for topic, effect, _ in _findings(event, card))
    text, titles = _words_told(event, card)
    return Material(
        text=text, titles=titles, bill_id=event.bill_id, jurisdiction=event.jurisdiction,
        session=card.get("session") or "", stage=card.get("stage") or "", flags=flags,
        introduced=_day(card.get("introduced")), action=event.occurred_on, sponsors=tuple(_sponsors(event, card)),
        committees=tuple(card.get("committees") or ()))


def texts_of(event: Event) -> tuple[str, ...]:
    """The `said` of its material, without the rest."""
    text, titles = _words_told(event, _card(event))
    return Material(text=text, titles=titles).said


def _words_told(event: Event, card: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    title = card.get("title")
    return " · ".join(_told(event.data)), (title,) if title else ()


def _card(event: Event) -> dict[str, Any]:
    card: dict[str, Any] = event.data.get("bill") or {}
    return card


def _findings(event: Event, card: dict[str, Any]) -> frozenset[tuple[str, str | None, str | None]]:
    """Never of another topic than the log has this event under. Events of an older billwatch tell topics only, or one
    finding if they are about one."""
    topics = {t.value for t in event.topics}
    found = {(topic, effect, subtopic) for topic, effect, subtopic in card.get("findings") or () if topic in topics}
    if not found and event.data.get("topic") in topics:
        found.add((str(event.data["topic"]), event.data.get("effect"), event.data.get("subtopic")))
    known = {topic for topic, _, _ in found}
    return frozenset((*found, *((topic, None, None) for topic in topics - known)))


def _sponsors(event: Event, card: dict[str, Any]) -> Iterator[str]:
    """Name and the source's id together, so that either finds the person."""
    for named in card.get("sponsors") or ():
        yield " ".join(named)
    if "person_id" in event.data and event.data.get("name"):
        yield " ".join(filter(None, (event.data["name"], event.data["person_id"])))


def _told(data: dict[str, Any]) -> Iterator[str]:
    for name in _TOLD:
        if isinstance(value := data.get(name), str):
            yield value
    yield from (other for other in data.get("also") or () if isinstance(other, str))
    for name in ("before", "after"):
        value = data.get(name)
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from _told(value)


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if value else None
