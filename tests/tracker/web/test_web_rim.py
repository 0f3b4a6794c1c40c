"""The guarded rim: conditional GET, limits without addresses, health from runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from digests.wording.outages import summary
from tracker.model import IngestMode, Run, RunVerdict, VerdictKind
from tracker.polling.sources import judge
from tracker.web.limits import RateLimit, network
from tracker.web.rim import is_known

NOW = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
OLD = b"Tue, 06 May 2031 10:00:00 GMT"


@pytest.mark.parametrize(("request_headers", "known"), [
    ({}, False),
    ({b"if-none-match": b'"a"'}, True),
    ({b"if-none-match": b'W/"a"'}, True),
    ({b"if-none-match": b'"x", "a"'}, True),
    ({b"if-none-match": b"*"}, True),
    ({b"if-none-match": b'"x"'}, False),
    ({b"if-none-match": b'"x"', b"if-modified-since": OLD}, False),  # If-None-Match wins
    ({b"if-modified-since": OLD}, True),
    ({b"if-modified-since": b"Tue, 06 May 2031 09:59:59 GMT"}, False),
    ({b"if-modified-since": b"nonsense"}, False),
])
def test_a_copy_is_known_by_its_tag_before_its_date(request_headers, known):
    assert is_known(request_headers, b'"a"', OLD) is known


def test_one_network_is_stopped_and_others_are_not():
    limit = RateLimit(per_client=3)
    assert [limit.allows("192.0.2.7", NOW) for _ in range(4)] == [True, True, True, False]
    assert limit.allows("192.0.2.8", NOW)
    assert limit.allows("192.0.2.7", NOW + timedelta(minutes=10))


def test_a_household_of_ipv6_counts_as_one():
    assert network("2001:db8:1:2:aaaa::1") == network("2001:db8:1:2:bbbb::9") != network("2001:db8:1:3::1")


def test_ipv4_in_the_clothes_of_ipv6_counts_by_its_own_address():
    assert network("::ffff:192.0.2.7") == network("192.0.2.7") != network("::ffff:192.0.2.8")


def test_a_clock_that_ran_ahead_and_was_set_back_locks_nobody_out():
    limit = RateLimit(per_client=2, in_all=3)
    assert [limit.allows("192.0.2.7", NOW + timedelta(days=365)) for _ in range(3)] == [True, True, False]
    assert [limit.allows("192.0.2.7", NOW) for _ in range(3)] == [True, True, False]
    assert limit.allows("192.0.2.7", NOW + timedelta(minutes=10))


def test_the_limit_keeps_no_address_and_forgets():
    limit = RateLimit()
    limit.allows("192.0.2.7", NOW)
    assert "192.0.2.7" not in repr(vars(limit)) and len(limit._counts) == 1
    key = limit._key
    limit.allows("192.0.2.8", NOW + timedelta(minutes=11))
    assert len(limit._counts) == 1 and limit._key != key


def test_all_networks_together_are_bounded_and_so_is_the_memory():
    limit = RateLimit(in_all=5)
    assert sum(limit.allows(f"192.0.2.{n}", NOW) for n in range(50)) == 5


def test_ten_minutes_slide():
    limit = RateLimit(per_client=3)
    at = [limit.allows("192.0.2.7", NOW + timedelta(minutes=m)) for m in (8, 9, 9, 11, 17, 18, 18, 19, 19, 19)]
    assert at == [True, True, True, False, False, True, False, True, True, False]


def test_without_a_limit_for_all_nobody_is_refused_for_others_and_memory_is_bounded():
    limit = RateLimit(per_client=2, in_all=None, most=100)
    assert all(limit.allows(f"192.0.{n // 250}.{n % 250}", NOW) for n in range(5_000))
    assert len(limit._calls) == len(limit._counts) == 100
    assert [limit.allows("198.51.100.1", NOW) for _ in range(3)] == [True, True, False]


def run(hours: int, kind: VerdictKind | None) -> Run:
    start = NOW - timedelta(hours=hours)
    verdict = RunVerdict(kind, "Because.") if kind else None
    return Run(f"xx-{hours}", "xx", IngestMode.LIVE, start, start if kind else None, verdict)


@pytest.mark.parametrize(("runs", "failing", "stale"), [
    ([], False, True),
    ([run(1, VerdictKind.OK)], False, False),
    ([run(40, VerdictKind.OK)], False, True),
    ([run(1, VerdictKind.BLOCKED), run(2, VerdictKind.OK)], True, False),
    ([run(0, None), run(1, VerdictKind.OK)], False, False),  # one that is going on proves nothing
    ([run(0, None), run(1, VerdictKind.DRIFTED)], True, True),
])
def test_health_is_what_the_last_judged_run_says(runs, failing, stale):
    health = judge("xx", runs, NOW, timedelta(hours=26))
    assert (health.failing, health.stale) == (failing, stale)
    assert health.healthy is not (failing or stale)
    assert "XX" in summary(health)
