"""The pace of a legislature and its local time to the pause between two crawls, by the plan. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tracker.polling.poll_plan import Pace as Pace
from tracker.polling.poll_plan import the_plan

PLAN = the_plan().slots
SHORTEST = the_plan().shortest
GRACE = the_plan().grace


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
