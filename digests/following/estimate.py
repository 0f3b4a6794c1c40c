"""A filter and the newest part of the log to how much a reader would have been told: before anything is saved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from digests.following.filters import matches, query_of
from tracker.model import Event, Filter
from tracker.ports import Log

SPAN = timedelta(days=90)
MOST = 4_000  # events that are looked at; a busy filter is told by fewer days
SHORTEST = timedelta(days=7)  # a log that is younger says little, and is not stretched
PAGE = 500


@dataclass(frozen=True, slots=True)
class Estimate:
    """`changes` of `bills` in `days`. `people`: sponsors and committees named in what was looked at."""

    changes: int
    bills: int
    days: float
    looked_at: int
    people: frozenset[str]
    committees: frozenset[str]

    @property
    def a_week(self) -> float:
        return self.changes * 7 / self.days

    @property
    def knows_nothing(self) -> bool:
        """There was no such news at all: not even of what the filter leaves out."""
        return not self.looked_at


def estimate(log: Log, wanted: Filter, now: datetime, most: int = MOST) -> Estimate:
    """Looks at no more than `most` events, newest first, back to 90 days ago or to the beginning of the log."""
    query, since = query_of(wanted), now - SPAN
    seen: list[Event] = []
    before: int | None = None
    whole = False
    while len(seen) < most:
        size = min(PAGE, most - len(seen))
        page = log.latest_events(before, size, query)
        fresh = [e for e in page if since <= e.recorded_at]
        seen += fresh
        if len(fresh) < size:
            whole = True
            break
        before = page[-1].seq
    begun = since if whole else min((e.recorded_at for e in seen), default=since)
    first = _first_event(log)
    if first is not None and first.recorded_at > begun:
        begun = first.recorded_at  # a young log: nothing could have been told before
    found = [e for e in seen if matches(wanted, e)]
    days = max(now - begun, SHORTEST) / timedelta(days=1)
    return Estimate(len(found), len({e.bill_id for e in found}), days, len(seen), frozenset(_people(seen)),
                    frozenset(_committees(seen)))


def _first_event(log: Log) -> Event | None:
    return next(iter(log.events(0, 1)), None)


def _people(events: Iterable[Event]) -> Iterable[str]:
    return (named[0] for e in events for named in (e.data.get("bill") or {}).get("sponsors") or () if named)


def _committees(events: Iterable[Event]) -> Iterable[str]:
    return (name for e in events for name in (e.data.get("bill") or {}).get("committees") or ())
