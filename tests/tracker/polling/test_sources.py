"""Runs to states, outages and costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tracker.model import IngestMode, Run, RunVerdict, VerdictKind
from tracker.polling.sources import Notice, Outage, SourceHealth, SourceState, cost, due_notice, follow, judge, told

NOW = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
ALLOWED = timedelta(hours=17)
OK, BAD = VerdictKind.OK, VerdictKind.BLOCKED


def run(hours: float, kind: VerdictKind | None, mode: IngestMode = IngestMode.LIVE, **counts: int) -> Run:
    at = NOW - timedelta(hours=hours)
    verdict = RunVerdict(kind, "Because.") if kind else None
    return Run(f"xx-{hours}", "xx", mode, at, at if kind else None, verdict, counts)


def health(*runs: Run, now: datetime = NOW) -> SourceHealth:
    return judge("xx", runs, now, ALLOWED, "Examplia")


def ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


@pytest.mark.parametrize(("runs", "state", "since"), [
    ([run(1, OK)], SourceState.FRESH, None),
    ([run(17, OK)], SourceState.FRESH, None),
    ([run(18, OK)], SourceState.STALE, ago(1)),
    ([run(1, None), run(20, OK)], SourceState.STALE, ago(3)),  # one that goes on, or died, proves nothing
    ([run(1, OK, partial=1), run(2, BAD), run(3, OK)], SourceState.BLIND, ago(2)),
    ([run(1, VerdictKind.UNREACHABLE), run(5, BAD), run(9, OK), run(13, BAD)], SourceState.BLIND, ago(5)),
    ([run(1, BAD), run(99, OK)], SourceState.BLIND, ago(1)),
    ([run(1, BAD), run(2, BAD)], SourceState.BLIND, ago(2)),  # never read whole
    ([], SourceState.STALE, None),
    ([run(1, None)], SourceState.STALE, None),  # a first crawl
    ([run(1, None), run(72, None)], SourceState.STALE, ago(72)),  # that never comes to an end
    ([run(-3, OK)], SourceState.STALE, None),  # from a clock that ran ahead
])
def test_a_state_and_its_beginning_follow_from_the_runs(runs, state, since):
    found = health(*runs)
    assert (found.state, found.since) == (state, since)


@pytest.mark.parametrize("kind", [k for k in VerdictKind if k is not OK])
def test_every_verdict_but_ok_makes_blind(kind):
    assert health(run(1, kind), run(2, OK)).state is SourceState.BLIND


def test_an_outage_is_one_row_from_its_first_failure_to_the_next_good_run():
    first = follow(None, health(run(1, BAD), run(5, OK)), NOW)
    assert first and (first.began_at, first.well_at, first.noticed_at, first.state, first.verdict, first.reason) == (
        ago(1), ago(5), NOW, SourceState.BLIND, BAD, "Because.")
    assert follow(first, health(run(0.5, VerdictKind.DRIFTED), run(1, BAD), run(5, OK)), NOW) is None
    assert follow(first, health(run(0, OK), run(1, BAD)), NOW) == replace(first, ended_at=NOW)


@pytest.mark.parametrize("runs", [[], [run(1, None)], [run(1, OK)]])
def test_a_first_crawl_and_a_fresh_source_are_no_outage(runs):
    assert follow(None, health(*runs), NOW) is None


def outage(**changes: datetime | None) -> Outage:
    made = Outage("xx", ago(9), "Examplia", SourceState.STALE, None, None, ago(30), ago(9))
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(("given", "notice"), [
    (outage(), Notice.BEGAN),
    (outage(ended_at=ago(1)), None),  # over before anybody was told
    (outage(told_at=ago(9)), None),
    (outage(told_at=ago(24 * 7 - 1)), None),
    (outage(told_at=ago(24 * 7)), Notice.LASTS),
    (outage(told_at=ago(-5)), Notice.LASTS),  # told by a clock that ran ahead
    (outage(told_at=ago(9), ended_at=ago(1)), Notice.ENDED),
    (outage(told_at=ago(9), ended_at=ago(1), end_told_at=ago(1)), None),
])
def test_the_operator_is_told_the_beginning_the_weeks_and_the_end(given, notice):
    assert due_notice(given, NOW) is notice
    if notice:
        assert due_notice(told(given, notice, NOW), NOW) is None


def test_a_change_costs_the_requests_of_live_runs_of_thirty_days():
    runs = [run(1, OK, requests=30, events=2), run(2, BAD, requests=10), run(3, None), run(24 * 31, OK, requests=999),
            run(4, OK, IngestMode.BACKFILL, requests=5000, events=9000)]
    found = cost(runs, NOW)
    assert (found.requests, found.changes, found.per_change) == (40, 2, 20.0)
    assert cost([run(1, OK, requests=7, events=0)], NOW).per_change is None
