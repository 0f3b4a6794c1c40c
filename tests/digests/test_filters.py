"""Which events reach which reader."""

from __future__ import annotations

from itertools import product

import pytest
from fakes.happenings import happening
from fakes.memory import MemoryLog

from digests.filters import matches, query_of
from tracker.model import Filter, IngestMode, Topic

WORK, CRIME = Topic.WORKER_RIGHTS, Topic.CRIMINALIZATION


@pytest.mark.parametrize(("wanted", "event", "expected"), [
    (Filter(), {}, True),
    (Filter(), {"topics": ()}, False),
    (Filter(topics=(WORK,)), {"topics": (CRIME, WORK)}, True),
    (Filter(topics=(CRIME,)), {"topics": (WORK,)}, False),
    (Filter(jurisdictions=("xx",)), {}, True),
    (Filter(jurisdictions=("yy",)), {}, False),
    (Filter(jurisdictions=("xx",)), {"topics": ()}, False),
    (Filter(bills=("xx/31/hb-7",)), {"topics": ()}, True),
    (Filter(bills=("xx/31/hb-70",)), {}, False),
    (Filter(bills=("xx/31/hb-7",), topics=(CRIME,)), {}, False),
    (Filter(topics=(WORK,), jurisdictions=("xx",)), {}, True),
    (Filter(topics=(WORK,), jurisdictions=("yy",)), {}, False),
])
def test_a_filter_lets_through(wanted: Filter, event: dict[str, object], expected: bool) -> None:
    assert matches(wanted, happening(1, **event)) is expected  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", [IngestMode.BACKFILL, IngestMode.REPAIR])
def test_backfill_and_repair_alert_nobody(mode: IngestMode) -> None:
    assert not matches(Filter(), happening(1, mode=mode))
    assert not matches(Filter(bills=("xx/31/hb-7",)), happening(1, mode=mode))


def test_the_query_of_a_filter_asks_for_what_the_filter_lets_through() -> None:
    sets = [(), (WORK,), (WORK, CRIME)]
    events = [happening(n, topics=topics, mode=mode, jurisdiction=place, bill=f"{place}/31/hb-{bill}")
              for n, (topics, mode, place, bill) in enumerate(product(sets, IngestMode, ("xx", "yy"), (7, 8)), 1)]
    log = MemoryLog(events)
    for topics, places, bills in product(sets, ((), ("xx",)), ((), ("xx/31/hb-7",))):
        wanted = Filter(topics, places, bills)
        assert log.events(query=query_of(wanted)) == [e for e in events if matches(wanted, e)]
