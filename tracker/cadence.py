"""The pace of a legislature and its local time to the pause between two crawls. Pure; the plan is a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DEFAULT_CADENCE = {"session": 240, "recess": 240}  # of a legislature whose file does not state one as a literal
RECESS_AFTER = timedelta(days=21)  # without any event
HOT_AFTER_EVENT = timedelta(hours=48)  # a flagged bill moved
SHORTEST = timedelta(minutes=10)
GRACE = timedelta(hours=1)  # a crawl itself takes time


class Pace(StrEnum):
    HOT = "hot"  # a flagged bill moved just now, or is heard today or tomorrow
    SESSION = "session"
    RECESS = "recess"


WORKDAYS, EVERY_DAY = range(5), range(7)  # Monday is 0
DAYTIME, LONG_DAY, ALL_DAY = range(7, 21), range(7, 23), range(24)  # hours on the legislature's clock


@dataclass(frozen=True, slots=True)
class Slot:
    """A row of the plan: at this pace, on these days, in these hours, the pause is `share` × the class's cadence."""

    pace: Pace
    days: range
    hours: range
    share: float


# The first row that fits counts. Each pace ends with a row for whatever is left.
PLAN: tuple[Slot, ...] = (
    Slot(Pace.HOT, EVERY_DAY, LONG_DAY, 0.5),
    Slot(Pace.HOT, EVERY_DAY, ALL_DAY, 1.0),
    Slot(Pace.SESSION, WORKDAYS, DAYTIME, 1.0),
    Slot(Pace.SESSION, EVERY_DAY, ALL_DAY, 2.0),
    Slot(Pace.RECESS, EVERY_DAY, ALL_DAY, 1.0),
)


def pause(cadence: Mapping[str, int], pace: Pace, zone: str, now: datetime) -> timedelta:
    """`cadence` in minutes for "session" and "recess"; `now` aware. Never shorter than SHORTEST."""
    local = now.astimezone(ZoneInfo(zone))
    share = next(s.share for s in PLAN if s.pace is pace and local.weekday() in s.days and local.hour in s.hours)
    return max(SHORTEST, _minutes(cadence, pace) * share)


def allowance(cadence: Mapping[str, int], pace: Pace) -> timedelta:
    """How long ago the last good crawl may be: twice the longest pause that the plan makes at this pace, and GRACE.

    A hot legislature is allowed what a session is: the pace must not make a source stale by itself.
    """
    calm = Pace.SESSION if pace is Pace.HOT else pace
    longest = max(s.share for s in PLAN if s.pace is calm)
    return 2 * max(SHORTEST, _minutes(cadence, pace) * longest) + GRACE


def _minutes(cadence: Mapping[str, int], pace: Pace) -> timedelta:
    return timedelta(minutes=cadence["recess" if pace is Pace.RECESS else "session"])
