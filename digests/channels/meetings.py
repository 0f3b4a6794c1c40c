"""Events in the order of the log to hearings and dated steps: what was said of each last, and how often it changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from digests.wording.words import is_scheduled
from tracker.model import Event, EventKind

HEARINGS = (EventKind.HEARING_SCHEDULED, EventKind.HEARING_CHANGED, EventKind.HEARING_CANCELLED)


@dataclass(frozen=True, slots=True)
class Meeting:
    """`uid` rests on the source's own key, so that a moved hearing stays the same; `sequence` counts changes."""

    uid: str
    on: date
    event: Event  # the newest of it
    made_at: datetime
    changed_at: datetime
    sequence: int
    is_hearing: bool
    is_cancelled: bool


@dataclass(slots=True)
class Meetings:
    """Grows with the log, and forgets nothing that it once held."""

    _known: dict[str, Meeting] = field(default_factory=dict)
    _before: dict[str, list[Meeting]] = field(default_factory=dict)  # what was held of those that changed, in order

    def note(self, event: Event) -> None:
        """Any event, in the order of the log."""
        if event.kind in HEARINGS:
            self._put(_uid("hearing", event, str(event.data.get("key"))), event, _day(event.data.get("date")),
                      hearing=True, cancelled=event.kind is EventKind.HEARING_CANCELLED)
        elif is_scheduled(event):
            self._put(_step(event, event.data), event, event.occurred_on)
        elif event.kind is EventKind.CORRECTION and event.data.get("of") == "action":
            self._correct(event)

    def all(self) -> tuple[Meeting, ...]:
        return tuple(self._known.values())

    def at(self, moment: datetime) -> tuple[Meeting, ...]:
        """As `all` was when the log had come to this moment."""
        held = (next((m for m in (now, *reversed(self._before.get(uid, ()))) if m.changed_at <= moment), None)
                for uid, now in self._known.items())
        return tuple(m for m in held if m is not None)

    def _put(self, uid: str, event: Event, on: date | None, *, hearing: bool = False, cancelled: bool = False) -> None:
        old = self._known.get(uid)
        if on is None:
            on = old.on if old else None
        if on is not None:
            self._hold(Meeting(uid, on, event, old.made_at if old else event.recorded_at, event.recorded_at,
                               old.sequence + 1 if old else 0, hearing, cancelled))

    def _hold(self, meeting: Meeting) -> None:
        if old := self._known.get(meeting.uid):
            self._before.setdefault(meeting.uid, []).append(old)
        self._known[meeting.uid] = meeting

    def _correct(self, event: Event) -> None:
        """A step that was taken back, or said in other words: what stood there goes, and nobody waits for it."""
        before = event.data.get("before") or {}
        uid = _step(event, before)
        if old := self._known.get(uid):
            self._hold(Meeting(uid, old.on, old.event, old.made_at, event.recorded_at, old.sequence + 1, False, True))
            after, on = event.data.get("after"), _day((event.data.get("after") or {}).get("date"))
            if after and on:
                self._put(_step(event, after), _as_step(old.event, event, after, on), on)


def fold(events: Iterable[Event]) -> tuple[Meeting, ...]:
    made = Meetings()
    for event in events:
        made.note(event)
    return made.all()


def _as_step(step: Event, correction: Event, after: dict[str, object], on: date) -> Event:
    """The step as if it had been said so at first."""
    return Event(correction.seq, correction.key, step.kind, step.bill_id, step.jurisdiction, on, correction.recorded_at,
                 correction.mode, correction.topics, {**step.data, **after})


def _step(event: Event, data: dict[str, object]) -> str:
    return _uid("step", event, f"{data.get('date')}|{data.get('description')}")


def _uid(kind: str, event: Event, key: str) -> str:
    return f"{kind}-{hashlib.sha256(f'{event.bill_id}|{key}'.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def _day(written: object) -> date | None:
    try:
        return date.fromisoformat(str(written)[:10])
    except ValueError:
        return None
