"""Tallies to what an overview says: where bills stand by legislature, and how many came how far. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.marking import N_
from tracker.model import Topic
from tracker.stage import DONE, ENDED, OPEN_STAGES, STAGE_NAMES
from tracker.store.tallies import Tally

LAW = "law"
# How far a bill came at least, by the stage that it stands at. An end without a vote does not say how far it had come.
LADDER: tuple[tuple[str, str], ...] = (
    ("introduced", STAGE_NAMES["introduced"]), ("in-committee", STAGE_NAMES["in-committee"]),
    ("reported", STAGE_NAMES["reported"]), ("passed-one", STAGE_NAMES["passed-one"]),
    ("passed-both", STAGE_NAMES["passed-both"]), ("to-executive", STAGE_NAMES["to-executive"]),
    (LAW, N_("In force or adopted")),
)
_RUNGS = {name: n for n, (name, _) in enumerate(LADDER)}
_REACHED = {**dict.fromkeys(DONE, LAW), **dict.fromkeys(ENDED, "introduced"), "vetoed": "to-executive",
            "override-one": "to-executive"}
STATES: dict[str, tuple[str, tuple[str, ...]]] = {
    "open": (N_("no end recorded"), OPEN_STAGES),
    "law": (N_("in force or adopted"), DONE),
    "ended": (N_("ended without force"), ENDED),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Bills of one legislature, or of one of its sessions: `open`, `law`, `ended` add up to `bills`."""

    jurisdiction: str
    session: str | None
    open: int
    law: int
    ended: int

    @property
    def bills(self) -> int:
        return self.open + self.law + self.ended


def chosen(tallies: Iterable[Tally], topic: Topic | None = None, state: str | None = None,
           jurisdiction: str | None = None, session: str | None = None) -> list[Tally]:
    stages = STATES[state][1] if state else None
    return [x for x in tallies if x.topic == topic and (stages is None or x.stage in stages)
            and jurisdiction in (None, x.jurisdiction) and session in (None, x.session)]


def by_jurisdiction(tallies: Iterable[Tally]) -> dict[str, int]:
    found: dict[str, int] = {}
    for x in tallies:
        found[x.jurisdiction] = found.get(x.jurisdiction, 0) + x.bills
    return found


def standings(tallies: Iterable[Tally], *, by_session: bool = False) -> tuple[Standing, ...]:
    """By legislature, or by legislature and session, in order."""
    found: dict[tuple[str, str | None], list[int]] = {}
    for x in tallies:
        place = found.setdefault((x.jurisdiction, x.session if by_session else None), [0, 0, 0])
        place[next(n for n, (_, stages) in enumerate(STATES.values()) if x.stage in stages)] += x.bills
    return tuple(Standing(*place, *counts) for place, counts in sorted(found.items(), key=lambda p: str(p[0])))


def flow(tallies: Iterable[Tally]) -> tuple[tuple[str, str, int], ...]:
    """(key, name, bills that came at least so far), from the first rung on; each is in every rung below its own."""
    counts = [0] * len(LADDER)
    for x in tallies:
        for rung in range(_RUNGS[_REACHED.get(x.stage, x.stage)] + 1):
            counts[rung] += x.bills
    return tuple((key, name, number) for (key, name), number in zip(LADDER, counts, strict=True))


def ends(tallies: Iterable[Tally]) -> tuple[tuple[str, str, int], ...]:
    """(stage, name, bills) for each way to end without force that some bill took."""
    counts = dict.fromkeys(ENDED, 0)
    for x in tallies:
        if x.stage in counts:
            counts[x.stage] += x.bills
    return tuple((stage, STAGE_NAMES[stage], number) for stage, number in counts.items() if number)
