"""A cadence in a reader's time zone to the moment when the next digest is due."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tracker.model import PERIOD_OF, Cadence, Subscription


def next_due(cadence: Cadence, zone: str, hour: int, weekday: int, now: datetime) -> datetime | None:
    """The first such local hour after `now`, in UTC; ``None`` for instant, which has no hour.

    An hour that the clocks skip falls on the first moment after the gap (02:00 -> 03:00); an hour that comes twice
    counts once, the first time.
    """
    if cadence is Cadence.INSTANT:
        return None
    here = _zone(zone)
    today = now.astimezone(here).date()
    for ahead in range(-1, 9):
        date = today + timedelta(days=ahead)
        moment = datetime.combine(date, time(hour), here).astimezone(UTC)
        if moment > now and (cadence is Cadence.DAILY or date.weekday() == weekday):
            return moment
    raise AssertionError("a week has every weekday")


def _zone(name: str) -> ZoneInfo:
    """A zone that an upgrade of the tables took away is UTC: its reader is told at another hour, not never, and nobody
    else waits."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def due(subscription: Subscription, now: datetime) -> bool:
    """Instant is always due (its events coalesce elsewhere). A due time beyond any real one is left over from a clock
    that ran ahead, and counts as due: a reader is never silenced by it."""
    if subscription.cadence is Cadence.INSTANT or subscription.next_due_at is None:
        return True
    too_far = now + PERIOD_OF[subscription.cadence] + timedelta(days=1)
    return not now < subscription.next_due_at <= too_far
