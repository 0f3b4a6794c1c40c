"""What the database says of a source to its pace: how often it is asked, and how long it may stay silent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from spiders.discovery import facts, find, names
from tracker.model import Event, EventKind, Filter, IngestMode
from tracker.polling import cadence as plan
from tracker.polling.cadence import Pace
from tracker.polling.poll_plan import the_plan
from tracker.ports import EventQuery

if TYPE_CHECKING:
    from tracker.app import Services

LOOKED_AT = 200  # newest events of flagged bills, for a hearing
HEARINGS = (EventKind.HEARING_SCHEDULED, EventKind.HEARING_CHANGED)


def pause_of(services: Services, source: str, now: datetime) -> timedelta:
    """The setting, or the legislature's own cadence as the plan bends it."""
    if (minutes := services.settings.crawl_every_minutes) is not None:
        return timedelta(minutes=minutes)
    pace = pace_of(services, source, now)
    if pace is Pace.SESSION and not has_quota(source) and is_hot(services, source, now):
        pace = Pace.HOT
    return plan.pause(cadence_of(source), pace, zone_of(source), now)


def allowance_of(services: Services, source: str, now: datetime) -> timedelta:
    """How long ago the last good crawl may be until the source is called stale: the setting, or two cadences and an
    hour."""
    if (hours := services.settings.stale_after_hours) is not None:
        return timedelta(hours=hours)
    if (minutes := services.settings.crawl_every_minutes) is not None:
        return 2 * timedelta(minutes=minutes) + plan.GRACE
    return plan.allowance(cadence_of(source), pace_of(services, source, now))


def pace_of(services: Services, source: str, now: datetime) -> Pace:
    """In recess: no run of so many days as the plan says brought an event, and there was one before to say so."""
    start = now - the_plan().recess_after
    if services.store.moved(source, start) or not services.store.runs(source, 1, until=start):
        return Pace.SESSION
    return Pace.RECESS


def is_hot(services: Services, source: str, now: datetime) -> bool:
    """Whether a flagged bill of this legislature moved just now, or is heard today or tomorrow on its calendar."""
    events = services.store.latest_events(None, LOOKED_AT, EventQuery(Filter(jurisdictions=(source,)), flagged=True))
    today = now.astimezone(ZoneInfo(zone_of(source))).date()
    days = {today.isoformat(), (today + timedelta(days=1)).isoformat()}
    return any(_moved_just_now(e, now) or (e.kind in HEARINGS and e.data.get("date") in days) for e in events)


def _moved_just_now(event: Event, now: datetime) -> bool:
    return event.mode is IngestMode.LIVE and timedelta(0) <= now - event.recorded_at < the_plan().hot_after_event


def cadence_of(source: str) -> Mapping[str, int]:
    return facts(source).get("cadence") or the_plan().default


@lru_cache(maxsize=256)
def zone_of(source: str) -> str:
    """A file may name its zone by a constant: then it is opened."""
    stated = facts(source).get("zone") or (find(source).zone if source in names() else "UTC")
    return str(stated)


@lru_cache(maxsize=256)
def has_quota(source: str) -> bool:
    """What is rationed is not asked more often for being interesting: used up, it would be missing later."""
    return source in names() and find(source).quota is not None
