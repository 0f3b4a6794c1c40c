"""Outages and the questions about runs, on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tracker.model import IngestMode, Run, RunVerdict, VerdictKind
from tracker.polling.sources import Outage, SourceState
from tracker.store.outages import RECENT, Outages
from tracker.store.store import SqlStore

NOW = datetime(2031, 3, 4, 5, 6, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)
BLIND = Outage("xx", NOW, "Examplia", SourceState.BLIND, VerdictKind.EMPTY, "Too few.", None, NOW + HOUR)


def test_an_outage_is_kept_whole_and_written_over_by_itself_only(store: SqlStore) -> None:
    outages = Outages(store.engine)
    other = replace(BLIND, source="yy", state=SourceState.STALE, verdict=None, reason=None, well_at=NOW - HOUR)
    for outage in (BLIND, other, BLIND):
        outages.save(outage)
    assert outages.recent() == [BLIND, other]
    done = replace(BLIND, ended_at=NOW + 2 * HOUR, told_at=NOW + HOUR, end_told_at=NOW + 3 * HOUR)
    outages.save(done)
    assert outages.recent() == [done, other]


def test_a_reason_that_no_database_takes_stops_no_outage(store: SqlStore) -> None:
    outages = Outages(store.engine)
    outages.save(replace(BLIND, reason="Too few.\x00\ud800"))
    assert (outages.recent()[0].reason or "").startswith("Too few.")


def test_an_open_outage_is_never_too_old_to_be_found(store: SqlStore) -> None:
    outages = Outages(store.engine)
    outages.save(BLIND)
    for n in range(1, RECENT + 20):
        at = NOW + n * HOUR
        outages.save(replace(BLIND, source="yy", began_at=at, noticed_at=at, ended_at=at + HOUR / 2))
    found = outages.recent()
    assert found[-1] == BLIND and RECENT <= len(found) <= RECENT + 1


def test_runs_are_found_by_time_and_verdict_and_a_source_moved_if_one_brought_an_event(store: SqlStore) -> None:
    for hours, kind, events in ((1, VerdictKind.OK, 0), (2, VerdictKind.BLOCKED, 0), (30, VerdictKind.OK, 10)):
        at = NOW - hours * HOUR
        store.save_run(Run(f"xx-{hours}", "xx", IngestMode.LIVE, at, at, RunVerdict(kind, "."),
                           {"events": events, "requests": 7}))
    store.save_run(Run("xx-3", "xx", IngestMode.LIVE, NOW - 3 * HOUR))
    assert [r.id for r in store.runs("xx", since=NOW - 2 * HOUR)] == ["xx-1", "xx-2"]
    assert [r.id for r in store.runs("xx", until=NOW - 3 * HOUR)] == ["xx-3", "xx-30"]
    assert [r.id for r in store.runs("xx", verdict=VerdictKind.OK)] == ["xx-1", "xx-30"]
    assert (store.moved("xx", NOW - 29 * HOUR), store.moved("xx", NOW - 30 * HOUR)) == (False, True)
    assert not store.moved("yy", NOW - 99 * HOUR)
