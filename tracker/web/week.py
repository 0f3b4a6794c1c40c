"""The newest events to what moved in a week: one line a bill, and how many moved in which way. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.marking import N_
from tracker.model import Event, EventKind

DAYS = 7
# In the order to tell them. What is in none of them (a title, a sponsor) moves nothing.
MOVES: dict[str, tuple[str, tuple[EventKind, ...]]] = {
    "new": (N_("New bills"), (EventKind.BILL_INTRODUCED,)),
    "step": (N_("Bills that took a step"), (EventKind.ACTION_RECORDED,)),
    "text": (N_("Bills with a new text"), (EventKind.VERSION_PUBLISHED, EventKind.TEXT_ARRIVED)),
    "finding": (N_("Bills whose findings changed"),
                (EventKind.FLAG_RAISED, EventKind.FLAG_WITHDRAWN, EventKind.FLAG_REJECTED, EventKind.FLAG_CORRECTED)),
    "hearing": (N_("Bills with news of a hearing"),
                (EventKind.HEARING_SCHEDULED, EventKind.HEARING_CHANGED, EventKind.HEARING_CANCELLED)),
}
_MOVE = {kind: key for key, (_, kinds) in MOVES.items() for kind in kinds}


@dataclass(frozen=True, slots=True)
class Mover:
    bill_id: str
    jurisdiction: str
    on: date  # the day on which we recorded the last of it
    moves: tuple[str, ...]  # keys of MOVES, in their order


@dataclass(frozen=True, slots=True)
class Week:
    """`until` is the last day, `since` six days before. `cut`: more happened than was read."""

    since: date
    until: date
    movers: tuple[Mover, ...] = ()
    cut: bool = False

    @property
    def moves(self) -> dict[str, int]:
        return {key: sum(key in mover.moves for mover in self.movers) for key in MOVES}


def first_day(today: date) -> date:
    return today - timedelta(days=DAYS - 1)


def week(events: Iterable[Event], today: date, *, cut: bool = False) -> Week:
    """`events` newest first; those before the week are left out."""
    since, found = first_day(today), dict[str, list[Event]]()
    for event in events:
        if since <= event.recorded_at.date() and event.kind in _MOVE:
            found.setdefault(event.bill_id, []).append(event)
    return Week(since, today, tuple(_mover(group) for group in found.values()), cut)


def _mover(events: list[Event]) -> Mover:
    moves = {_MOVE[event.kind] for event in events}
    return Mover(events[0].bill_id, events[0].jurisdiction, events[0].recorded_at.date(),
                 tuple(key for key in MOVES if key in moves))
