"""Events to a digest: grouped by bill, latest step first, findings with quote and effect. Pure."""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from digests import plain
from digests.speech import ENGLISH, Speech
from digests.wording.changed_words import Changes, lines
from digests.wording.words import Line, describe, is_scheduled, stage_name, topic_name
from tracker.model import Event, EventKind
from tracker.stage import STAGE_NAMES

MAX_ITEMS = 200  # in one message; the rest is counted and linked, never dropped in silence
TITLE_LENGTH = 300

REVIEWS = (EventKind.FLAG_CONFIRMED, EventKind.FLAG_REJECTED, EventKind.FLAG_CORRECTED, EventKind.REVIEW_WITHDRAWN)
HEARINGS = (EventKind.HEARING_SCHEDULED, EventKind.HEARING_CHANGED, EventKind.HEARING_CANCELLED)
TEXTS = (EventKind.VERSION_PUBLISHED, EventKind.TEXT_ARRIVED)
MOST_COMPARED = 10  # bills in one message of which it is told what changed in the words
FLAG_NEWS = (EventKind.FLAG_RAISED, EventKind.FLAG_WITHDRAWN, *REVIEWS)


@dataclass(frozen=True, slots=True)
class Item:
    """One event, told. `when` is the legislature's date in words."""

    seq: int
    line: Line
    when: str
    changes: tuple[str, ...] = ()  # of a new text: what changed in the words, in lines
    compare: str | None = None  # path of the page that shows all of it


@dataclass(frozen=True, slots=True)
class Ahead:
    """A hearing or a dated step that is still to come, in words; the same line stands with its bill."""

    on: date
    bill_id: str
    identifier: str
    headline: str


@dataclass(frozen=True, slots=True)
class BillNews:
    """`stage`: where it stood after the newest of the events, in words; None: its record does not say. `more`: how many
    further changes of this bill did not fit."""

    bill_id: str
    identifier: str
    title: str | None
    official: str | None
    topics: tuple[str, ...]  # names
    stage: str | None
    flags: tuple[Item, ...]
    steps: tuple[Item, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Digest:
    """`count` and `bill_count` are of all events, shown or not; `first` and `last` are when we recorded them."""

    id: str
    bills: tuple[BillNews, ...]
    count: int
    bill_count: int
    shown: int
    first: datetime | None
    last: datetime | None
    ahead: tuple[Ahead, ...] = ()
    ended: tuple[str, ...] = ()  # sessions whose end these events show, each in a sentence

    @property
    def more(self) -> int:
        return self.count - self.shown

    @property
    def more_bills(self) -> int:
        """Bills of which nothing fitted."""
        return self.bill_count - len(self.bills)


Telling = Callable[[list[Event], int, Speech], BillNews]  # of one bill, newest first, and how many there are in all


def build(events: Iterable[Event], limit: int = MAX_ITEMS, speech: Speech = ENGLISH,
          today: date | None = None, tell: Telling | None = None) -> Digest:
    """`events` in any order, each once; streamed, so that a long absence does not fill the memory.

    If not all fit, findings come before steps and new before old. Without `today` nothing lies ahead.
    `tell` may stand in for `bill_news`, for who has told the same bill before.
    """
    name, per_bill, stood = hashlib.sha256(), Counter[str](), dict[str, tuple[int, str | None]]()
    first: datetime | None = None
    last: datetime | None = None

    def counted(event: Event) -> Event:
        nonlocal first, last
        name.update(f"{event.seq},".encode())
        per_bill[event.bill_id] += 1
        held = stood.get(event.bill_id)
        if held is None or event.seq > held[0]:
            stood[event.bill_id] = event.seq, _stage(event)
        first = min(first or event.recorded_at, event.recorded_at)
        last = max(last or event.recorded_at, event.recorded_at)
        return event

    kept = heapq.nlargest(limit, (counted(e) for e in events), key=lambda e: (e.kind in FLAG_NEWS, e.seq))
    groups: dict[str, list[Event]] = {}
    for event in sorted(kept, key=lambda e: e.seq, reverse=True):
        groups.setdefault(event.bill_id, []).append(event)
    tell = tell or bill_news
    bills = _within_reason(_standing(tell(group, per_bill[bill], speech), group[0].seq, *stood[bill], speech)
                           for bill, group in groups.items())
    return Digest(name.hexdigest()[:32], bills, per_bill.total(), len(per_bill), len(kept), first, last,
                  _ahead(kept, today, speech) if today else (), _ended(kept, speech))


def _standing(bill: BillNews, told: int, newest: int, stage: str | None, speech: Speech) -> BillNews:
    """Where a bill stands by its newest event, also where that one did not fit."""
    return bill if newest == told or stage is None else replace(bill, stage=stage_name(stage, speech))


def _stage(event: Event) -> str | None:
    """Each event bears the bill's stage; those of a log from before that, or of another billwatch, only some steps."""
    said = (event.data.get("bill") or {}).get("stage")
    if said is None and event.kind is EventKind.ACTION_RECORDED:
        said = event.data.get("stage")
    return said if isinstance(said, str) and said in STAGE_NAMES else None


def _within_reason(bills: Iterable[BillNews]) -> tuple[BillNews, ...]:
    """What changed in the words is told of the first ones only, so that a message stays small; the others link."""
    found, told = [], 0
    for bill in bills:
        has = any(item.changes for item in bill.steps)
        told += has
        found.append(replace(bill, steps=tuple(replace(item, changes=()) for item in bill.steps))
                     if has and told > MOST_COMPARED else bill)
    return tuple(found)


def _ahead(events: list[Event], today: date, speech: Speech) -> tuple[Ahead, ...]:
    """Soonest first. Of a hearing only what was said last; one that was cancelled is told with its bill only."""
    found: dict[tuple[str, str], tuple[date, Event]] = {}
    for event in sorted(events, key=lambda e: e.seq):
        key = event.bill_id, str(event.data.get("key") or event.seq)
        if event.kind in HEARINGS:
            found.pop(key, None)
            on = _legal_day(event.data.get("date"))
            if on and on >= today and event.kind is not EventKind.HEARING_CANCELLED:
                found[key] = on, event
        elif is_scheduled(event) and event.occurred_on and event.occurred_on >= today:
            found[key] = event.occurred_on, event
    return tuple(Ahead(on, e.bill_id, _identifier(e), describe(e, speech).headline)
                 for on, e in sorted(found.values(), key=lambda f: (f[0], f[1].seq)))


def _ended(events: list[Event], speech: Speech) -> tuple[str, ...]:
    """Bills die without a vote when their session ends: one sentence a session, however many they are."""
    died = {(e.jurisdiction, str((e.data.get("bill") or {}).get("session") or ""), e.bill_id) for e in events
            if e.kind is EventKind.ACTION_RECORDED and e.data.get("stage") == "died"}
    sessions = Counter((place, session) for place, session, _ in died)
    return tuple(_ended_words(place.upper(), plain.line(session), number, speech)
                 for (place, session), number in sorted(sessions.items()))


def _ended_words(place: str, session: str, number: int, speech: Speech) -> str:
    return speech.ngettext("A session has ended ({place} {session}): {number} of these bills died without a vote.",
                           "A session has ended ({place} {session}): {number} of these bills died without a vote.",
                           number, place=place, session=session)


def _legal_day(written: object) -> date | None:
    try:
        return date.fromisoformat(str(written)[:10])
    except ValueError:
        return None


def _identifier(event: Event) -> str:
    return plain.line((event.data.get("bill") or {}).get("identifier")) or event.bill_id


def bill_news(events: list[Event], total: int, speech: Speech, changes: Changes = lambda _: None) -> BillNews:
    """`events` of one bill, newest first; the newest knows the bill best. `changes`: in the words of a new text."""
    newest_text = _newest_text(events)
    newest = events[0]
    card = newest.data.get("bill") or {}
    stage = next((stage_name(s, speech) for s in map(_stage, events) if s), None)
    return BillNews(
        newest.bill_id, _identifier(newest), _title(card),
        plain.web_link(card.get("url")), tuple(topic_name(t, speech) for t in newest.topics), stage,
        tuple(_item(e, speech) for e in reversed(events) if e.kind in FLAG_NEWS and not _is_taken_back(e, events)),
        tuple(_item(e, speech, changes if e is newest_text else None)
              for e in sorted(events, key=_latest_first, reverse=True) if e.kind not in FLAG_NEWS),
        total - len(events))


def _is_taken_back(event: Event, events: list[Event]) -> bool:
    """A finding that a person rejected or corrected before this message was built: only that is told."""
    if event.kind is not EventKind.FLAG_RAISED:
        return False
    reviews = (e for e in events if e.seq > event.seq and e.kind in REVIEWS and _words(e) == _words(event))
    last = max(reviews, key=lambda e: e.seq, default=None)
    return last is not None and last.kind in (EventKind.FLAG_REJECTED, EventKind.FLAG_CORRECTED)


def _words(event: Event) -> tuple[object, ...]:
    return tuple(event.data.get(name) for name in ("topic", "effect", "quote"))


def _title(card: dict[str, Any]) -> str | None:
    return plain.shorten(plain.line(card.get("title")), TITLE_LENGTH, "").rstrip() or None


def _latest_first(event: Event) -> tuple[date, int]:
    return event.occurred_on or event.recorded_at.date(), event.seq


def _newest_text(events: list[Event]) -> Event | None:
    """The one event of a bill whose item says what changed in the words."""
    return max((e for e in events if e.kind in TEXTS), key=lambda e: e.seq, default=None)


def _item(event: Event, speech: Speech, changes: Changes | None = None) -> Item:
    when = speech.day(event.occurred_on)
    changed = changes(event) if changes else None
    return Item(event.seq, describe(event, speech), when[0].upper() + when[1:],
                lines(changed, speech) if changed else (), changed.path if changed else None)
