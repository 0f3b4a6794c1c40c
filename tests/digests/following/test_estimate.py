"""How much a filter would have told, before it is saved."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fakes.happenings import CARD, NOW, happening
from fakes.memory import MemoryLog

from digests.following.estimate import estimate
from digests.following.filters import matches
from tracker.model import Event, Filter, IngestMode, Topic

WORK, CRIME = Topic.WORKER_RIGHTS, Topic.CRIMINALIZATION
QUARTER = Filter(topics=(WORK,))


def log_of(days: int, a_day: int = 1, **more: object) -> list[Event]:
    """Ends now."""
    return [happening(n, recorded_at=NOW - timedelta(days=days) + timedelta(days=n / a_day), **more)  # type: ignore[arg-type]
            for n in range(1, days * a_day + 1)]


def test_a_week_is_told_from_ninety_days() -> None:
    told = estimate(MemoryLog(log_of(200)), QUARTER, NOW)
    assert (told.changes, told.bills, round(told.days)) == (91, 1, 90)
    assert round(told.a_week) == 7


def test_only_what_the_filter_lets_through_counts() -> None:
    events = [e for n, e in enumerate(log_of(100)) if n]
    mixed = [happening(e.seq, topics=(WORK,) if e.seq % 10 == 0 else (CRIME,), recorded_at=e.recorded_at,
                       mode=IngestMode.LIVE if e.seq % 20 else IngestMode.BACKFILL) for e in events]
    told = estimate(MemoryLog(mixed), QUARTER, NOW)
    assert told.changes == sum(matches(QUARTER, e) and e.recorded_at >= NOW - timedelta(days=90) for e in mixed) == 5


def test_a_young_log_is_not_taken_for_ninety_days_nor_stretched_from_hours() -> None:
    assert round(estimate(MemoryLog(log_of(30)), QUARTER, NOW).days) == 29
    assert estimate(MemoryLog(log_of(1, 50)), QUARTER, NOW).days == 7


def test_a_log_that_begins_with_a_first_crawl_is_as_old_as_that() -> None:
    old = happening(1, mode=IngestMode.BACKFILL, recorded_at=NOW - timedelta(days=60))
    told = estimate(MemoryLog([old, happening(2, recorded_at=NOW - timedelta(days=1))]), QUARTER, NOW)
    assert (told.changes, round(told.days)) == (1, 60)


def test_the_cost_is_bounded_and_the_rate_stays_true() -> None:
    log = MemoryLog(log_of(90, 100))
    told = estimate(log, QUARTER, NOW, most=1000)
    assert log.rows <= 1001 and told.looked_at == 1000
    assert told.a_week == pytest.approx(700, rel=0.02)


def test_a_filter_that_nothing_is_known_of_says_so() -> None:
    told = estimate(MemoryLog([]), QUARTER, NOW)
    assert told.knows_nothing and told.a_week == 0
    assert estimate(MemoryLog(log_of(40, topics=(CRIME,))), QUARTER, NOW).knows_nothing


def test_people_in_the_news_are_known_by_name() -> None:
    card = {**CARD, "sponsors": [["Ada Lamp", "l1"]], "committees": ["Committee on Light"]}
    told = estimate(MemoryLog([happening(1, card=card)]), Filter(sponsors=("lamp",)), NOW)
    assert told.people == {"Ada Lamp"} and told.committees == {"Committee on Light"}
