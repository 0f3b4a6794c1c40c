"""An event to the words that tell it: the one place where digests speak English."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from digests import plain
from tracker.model import TOPIC_NAMES, Effect, Event, EventKind, IngestMode, Topic
from tracker.stage import STAGE_NAMES

FURTHEST_EAST = timedelta(hours=14)  # today may have begun there already
LATE_AFTER_DAYS = 7

EFFECT_WORDS: dict[Effect, str] = {
    Effect.ADVANCES: "would add or strengthen",
    Effect.REVERSES: "would repeal or weaken",
    Effect.NON_BINDING: "study or statement only",
}
# Decriminalization is a direction of its own: "add or strengthen" would read as more punishment.
EFFECT_WORDS_BY_TOPIC: dict[tuple[Topic, Effect], str] = {
    (Topic.DECRIMINALIZATION, Effect.ADVANCES): "would relax the law",
    (Topic.DECRIMINALIZATION, Effect.REVERSES): "would undo or narrow a relaxation",
}
CHAMBERS = {"lower": "House", "upper": "Senate", "legislature": "both chambers", "executive": "executive"}
MARKS = {"inserted": "words to be added to the law", "struck": "words to be removed from the law"}
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")
THINGS = {"action": "step", "hearing": "hearing", "flag": "finding", "version": "text", "text": "text",
          "title": "title", "sponsor": "sponsor"}

# What people decide at the desk is a correction only if it changes what was said.
_ALWAYS_CORRECTED = (EventKind.CORRECTION, EventKind.FLAG_REJECTED, EventKind.FLAG_CORRECTED)
_REVIEWED = (EventKind.FLAG_CONFIRMED, EventKind.REVIEW_WITHDRAWN)

LATE, CORRECTED, SCHEDULED, WITHDRAWN = "published late", "corrected", "scheduled", "withdrawn"

Data = dict[str, Any]
Told = tuple[str, list[str], str | None]  # headline, parts of the detail, quote


@dataclass(frozen=True, slots=True)
class Line:
    """What happened, in plain words. Text only: every channel escapes it at its own rim."""

    headline: str
    detail: str | None = None
    quote: str | None = None
    badges: tuple[str, ...] = ()


def describe(event: Event) -> Line:
    headline, parts, quote = _TELLERS[event.kind](event.data)
    if _is_scheduled(event):
        headline = f"Scheduled for {day(event.occurred_on)}: {headline}"
    detail = "; ".join(part for part in parts if part)
    return Line(headline, f"{detail[0].upper()}{detail[1:]}." if detail else None, quote, _badges(event))


def day(value: date | str | None) -> str:
    """``date(2025, 3, 6)`` or ``"2025-03-06"`` -> ``"6 March 2025"``; what is no date is given back as written."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value[:10])
        except ValueError:
            return plain.line(value)
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}" if value else "no date given"


def effect_words(effect: str, topic: str | None = None) -> str:
    known = Effect(effect)
    special = EFFECT_WORDS_BY_TOPIC.get((Topic(topic), known)) if topic else None
    return special or EFFECT_WORDS[known]


def _is_scheduled(event: Event) -> bool:
    return (event.kind is EventKind.ACTION_RECORDED and event.occurred_on is not None
            and event.occurred_on > (event.recorded_at + FURTHEST_EAST).date())


def _badges(event: Event) -> tuple[str, ...]:
    """Labels only: nothing is decided by comparing the two times."""
    found = []
    live = event.mode is IngestMode.LIVE
    if live and event.occurred_on and (event.recorded_at.date() - event.occurred_on).days > LATE_AFTER_DAYS:
        found.append(LATE)
    if _is_scheduled(event):
        found.append(SCHEDULED)
    if event.kind is EventKind.CORRECTION and event.data.get("after") is None:
        found.append(WITHDRAWN)
    elif event.kind in _ALWAYS_CORRECTED or (event.mode is IngestMode.REPAIR and event.kind not in _REVIEWED):
        found.append(CORRECTED)
    return tuple(found)


# --- one teller a kind ------------------------------------------------------------------------------------------------


def _introduced(data: Data) -> Told:
    sponsors = ", ".join(plain.line(name) for name in data.get("sponsors") or ())
    title = plain.line(data.get("title"))
    return f"Introduced: {title}" if title else "Introduced", [f"sponsor: {sponsors}" if sponsors else ""], None


def _retitled(data: Data) -> Told:
    return f"New title: {plain.line(data.get('after'))}", [f"before: {plain.line(data.get('before'))}"], None


def _action(data: Data) -> Told:
    stage = STAGE_NAMES.get(data.get("stage") or "")
    also = "; ".join(plain.line(other) for other in data.get("also") or ())
    return plain.line(data.get("description")) or "A step without words", [
        _chamber(data), plain.line(data.get("time")), f"the bill now stands at: {stage}" if stage else "",
        f"also recorded as: {also}" if also else ""], None


def _published(data: Data) -> Told:
    return f"New text published: {_version(data)}", [], None


def _arrived(data: Data) -> Told:
    return f"The text “{_version(data)}” can now be read", [], None


def _raised(data: Data) -> Told:
    return _finding(data), _evidence(data), plain.line(data.get("quote")) or None


def _lowered(data: Data) -> Told:
    """The quote is the older text's: the newest one no longer has it."""
    return (f"No longer in the newest text, “{_version(data)}”: {_finding(data)}", [],
            plain.line(data.get("quote")) or None)


def _confirmed(data: Data) -> Told:
    return f"Confirmed by a reader of the text: {_finding(data)}", [_said_before(data), _reason(data)], _quote(data)


def _rejected(data: Data) -> Told:
    """Told in the words in which it had been told before."""
    return f"We flagged this by mistake: {_finding({**data, **(data.get('before') or {})})}", [_reason(data)], _quote(
        data)


def _redirected(data: Data) -> Told:
    mended = {**data, **data["after"]}
    before = _said_before({**mended, "before": data.get("before") or data})
    return f"Corrected by a reader of the text: {_finding(mended)}", [before, _reason(data)], _quote(data)


def _reopened(data: Data) -> Told:
    """The rule's finding stands again, and nobody has judged it."""
    return f"A review was taken back: {_finding(data)}", [_said_before(data), _reason(data)], _quote(data)


def _said_before(data: Data) -> str:
    """What was shown until now, if it was something else. `before` is None: it was withheld."""
    before = data.get("before")
    if before is None:
        return "not shown until now"
    said = f"{TOPIC_NAMES[Topic(before['topic'])]}, {effect_words(before['effect'], before['topic'])}"
    return f"we had said: {said}" if said != _about(data) else ""


def _reason(data: Data) -> str:
    reason = plain.line(data.get("reason")).rstrip(".")
    return f"reason: {reason}" if reason else ""


def _quote(data: Data) -> str | None:
    return plain.line(data.get("quote")) or None


def _sponsor_joined(data: Data) -> Told:
    role = "New sponsor" if data.get("primary") else "New co-sponsor"
    return f"{role}: {_person(data)}", [], None


def _sponsor_left(data: Data) -> Told:
    return f"Sponsor withdrew: {_person(data)}", [], None


def _hearing(lead: str) -> Callable[[Data], Told]:
    def tell(data: Data) -> Told:
        before = data.get("before")
        return (f"{lead} {_moment(data)}: {plain.line(data.get('description')) or 'no subject given'}",
                [plain.line(data.get("committee")), plain.line(data.get("place")),
                 f"before: {_moment(before)}, {plain.line(before.get('place')) or 'no place given'}" if before else ""],
                None)

    return tell


def _corrected(data: Data) -> Told:
    thing = THINGS.get(data.get("of") or "", "entry")
    before, after = data.get("before"), data.get("after")
    if after is None:
        return f"Withdrawn by the legislature: {thing} {_short(before)}", [], None
    if data.get("of") == "text":
        return f"The text {_short(after)} was published again with other words", [], None
    return f"Corrected {thing}: {_short(after)}", [f"before: {_short(before)}" if before else ""], None


_TELLERS: dict[EventKind, Callable[[Data], Told]] = {
    EventKind.BILL_INTRODUCED: _introduced,
    EventKind.TITLE_CHANGED: _retitled,
    EventKind.ACTION_RECORDED: _action,
    EventKind.VERSION_PUBLISHED: _published,
    EventKind.TEXT_ARRIVED: _arrived,
    EventKind.FLAG_RAISED: _raised,
    EventKind.FLAG_WITHDRAWN: _lowered,
    EventKind.FLAG_CONFIRMED: _confirmed,
    EventKind.FLAG_REJECTED: _rejected,
    EventKind.FLAG_CORRECTED: _redirected,
    EventKind.REVIEW_WITHDRAWN: _reopened,
    EventKind.SPONSOR_ADDED: _sponsor_joined,
    EventKind.SPONSOR_REMOVED: _sponsor_left,
    EventKind.HEARING_SCHEDULED: _hearing("Hearing on"),
    EventKind.HEARING_CHANGED: _hearing("Hearing changed, now"),
    EventKind.HEARING_CANCELLED: _hearing("Hearing cancelled, was"),
    EventKind.CORRECTION: _corrected,
}


# --- pieces -----------------------------------------------------------------------------------------------------------


def _finding(data: Data) -> str:
    """Where, about what, in which direction: the three things that must not be mixed up."""
    return f"{plain.line(data.get('provision')) or 'This bill'}: {_about(data)}"


def _about(data: Data) -> str:
    topic = Topic(data["topic"])
    return f"{TOPIC_NAMES[topic]}, {effect_words(data['effect'], topic)}"


def _evidence(data: Data) -> list[str]:
    return [f"in the text “{_version(data)}”", MARKS.get(data.get("mark") or "", "")]


def _version(data: Data) -> str:
    return plain.line(data.get("note")) or plain.line(data.get("version"))


def _person(data: Data) -> str:
    facts = ", ".join(fact for fact in (plain.line(data.get("party")), plain.line(data.get("area"))) if fact)
    name = plain.line(data.get("name"))
    return f"{name} ({facts})" if facts else name


def _chamber(data: Data) -> str:
    chamber = plain.line(data.get("chamber"))
    return CHAMBERS.get(chamber, chamber)


def _moment(data: Data) -> str:
    """A hearing's time stays as the venue wrote it ("2 pm or upon adjournment"), with the venue's zone."""
    time, zone = plain.line(data.get("time")), plain.line(data.get("zone"))
    return day(data.get("date")) + (f", {time}" if time else "") + (f" ({zone})" if time and zone else "")


def _short(data: Data | None) -> str:
    data = data or {}
    words = next((plain.line(data[name]) for name in ("description", "note", "title", "name", "provision", "version")
                  if data.get(name)), "without words")
    return f"“{words}”" + (f" ({day(data['date'])})" if data.get("date") else "")
