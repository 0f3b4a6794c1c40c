"""The same log, the same memory of pages and runs, whichever database is behind the store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, timedelta

import psycopg
import pytest

from tests.tracker.store.changes import (
    BILL,
    CRIME,
    INTRODUCED,
    LAMPS,
    NOW,
    PASSED,
    RIGHTS,
    apply,
    change,
    event,
    keys,
    page,
    text,
)
from tracker.errors import ConfigError
from tracker.model import (
    Action,
    EventKind,
    Filter,
    IngestMode,
    PendingText,
    Run,
    RunVerdict,
    SeenPage,
    TextStatus,
    VerdictKind,
)
from tracker.ports import EventQuery
from tracker.store.store import SqlStore

# --- the log ----------------------------------------------------------------------------------------------------------


def test_events_are_numbered_without_gaps_and_come_back_whole(store: SqlStore) -> None:
    assert store.last_seq() == 0
    with store.write() as writer:
        first = writer.apply(change(events=(event("k1", topics=[CRIME], a={"b": ["é", None, 1]}), event("k2"))), NOW)
        second = writer.apply(change(bill_id="xx/31/hb-2", events=(event("k3", "xx/31/hb-2"),)), NOW)
    assert [e.seq for e in (*first, *second)] == [1, 2, 3]
    assert store.events() == [*first, *second]
    assert store.events()[0].recorded_at == NOW
    assert store.events()[0].recorded_at.tzinfo is UTC
    assert store.last_seq() == 3


def test_who_follows_the_log_misses_nothing_while_several_write(store: SqlStore, address: str) -> None:
    """A number that becomes visible after a higher one would be passed over for good. Whatever a server's own default
    is: with a snapshot from before the lock, the highest number would be an old one."""
    if store.engine.dialect.name == "postgresql":
        with psycopg.connect(address, autocommit=True) as admin:
            admin.execute(f'ALTER DATABASE "{admin.info.dbname}" SET default_transaction_isolation = "serializable"')
    writers = [SqlStore.open(address) for _ in range(3)]
    read: list[int] = []

    def write(number: int) -> None:
        for n in range(15):
            name = f"xx/31/hb-{number}{n:02}"
            apply(writers[number], change(bill_id=name, events=(event(f"{name}a", name), event(f"{name}b", name))))

    with ThreadPoolExecutor(3) as crew:
        jobs = [crew.submit(write, number) for number in range(3)]
        while not all(job.done() for job in jobs):
            read += [e.seq for e in store.events(read[-1] if read else 0)]
        for job in jobs:
            job.result()
    read += [e.seq for e in store.events(read[-1] if read else 0)]
    for each in writers:
        each.close()
    assert read == list(range(1, 91))


def test_the_log_is_paged_in_both_directions(store: SqlStore) -> None:
    apply(store, change(events=tuple(event(f"k{n}") for n in range(1, 8))))
    assert [e.seq for e in store.events(after=2, limit=3)] == [3, 4, 5]
    assert [e.seq for e in store.latest_events(None, 3)] == [7, 6, 5]
    assert [e.seq for e in store.latest_events(5, 3)] == [4, 3, 2]
    assert store.events(after=7) == []
    assert store.events(after=10**30) == []
    assert len(store.latest_events(10**30, 100)) == 7


def test_a_filter_combines_its_parts_with_and_and_its_values_with_or(store: SqlStore) -> None:
    apply(store,
          change(events=(event("plain"), event("crime", topics=[CRIME]), event("both", topics=[CRIME, RIGHTS]))),
          change(replace(BILL, jurisdiction="yy"), bill_id="yy/1/b", events=(
              event("far", "yy/1/b", [RIGHTS]), event("far-plain", "yy/1/b"))),
          change(bill_id="xx/31/hb-2", events=(
              event("old", "xx/31/hb-2", [CRIME], IngestMode.BACKFILL), event("mended", "xx/31/hb-2", [],
                                                                              IngestMode.REPAIR))))
    assert keys(store) == ["plain", "crime", "both", "far", "far-plain", "old", "mended"]
    assert keys(store, topics=(CRIME,)) == ["crime", "both", "old"]
    assert keys(store, topics=(CRIME, RIGHTS)) == ["crime", "both", "far", "old"]
    assert keys(store, jurisdictions=("yy",)) == ["far", "far-plain"]
    assert keys(store, jurisdictions=("yy", "xx", "yy")) == keys(store)
    assert keys(store, topics=(RIGHTS, CRIME), jurisdictions=("xx", "zz")) == ["crime", "both", "old"]
    assert keys(store, bills=(LAMPS, "yy/1/b"), jurisdictions=("xx",)) == ["plain", "crime", "both"]
    assert keys(store, bills=(LAMPS,), topics=(RIGHTS,)) == ["both"]
    assert keys(store, flagged=True) == ["crime", "both", "far", "old"]
    assert keys(store, flagged=True, jurisdictions=("xx",)) == ["crime", "both", "old"]
    assert keys(store, alerting=True) == ["plain", "crime", "both", "far", "far-plain"]
    assert keys(store, alerting=True, topics=(CRIME,), jurisdictions=("xx",)) == ["crime", "both"]
    assert keys(store, alerting=True, flagged=True) == ["crime", "both", "far"]
    many = tuple(f"z{n}" for n in range(300))
    assert keys(store, jurisdictions=("yy", *many)) == ["far", "far-plain"]
    assert keys(store, jurisdictions=("yy", *many), topics=(RIGHTS,)) == ["far"]


def test_what_happened_to_hearings_is_asked_for_alone_or_with_the_rest(store: SqlStore) -> None:
    apply(store,
          change(events=(event("step"), event("set", kind=EventKind.HEARING_SCHEDULED),
                         event("moved", topics=[CRIME], kind=EventKind.HEARING_CHANGED))),
          change(replace(BILL, jurisdiction="yy"), bill_id="yy/1/b", events=(
              event("off", "yy/1/b", mode=IngestMode.BACKFILL, kind=EventKind.HEARING_CANCELLED),)))
    assert keys(store, hearings=True) == ["set", "moved", "off"]
    assert keys(store, hearings=True, alerting=True) == ["set", "moved"]
    assert keys(store, hearings=True, topics=(CRIME,)) == ["moved"]
    assert keys(store, hearings=True, bills=("yy/1/b",)) == keys(store, hearings=True, jurisdictions=("yy",)) == ["off"]


def test_a_limit_holds_over_several_topics(store: SqlStore) -> None:
    apply(store, change(events=tuple(event(f"k{n}", topics=[CRIME, RIGHTS][: 1 + n % 2]) for n in range(1, 9))))
    question = EventQuery(Filter(topics=(CRIME, RIGHTS)))
    assert [e.seq for e in store.events(2, 3, question)] == [3, 4, 5]
    assert [e.seq for e in store.latest_events(7, 3, question)] == [6, 5, 4]


# --- what a crawl must know -------------------------------------------------------------------------------------------


def test_pages_are_seen_by_the_jurisdiction_whose_records_rest_on_them(store: SqlStore) -> None:
    status = page("https://example.org/hb-1", lastmod="2031-03-01", last_modified="Sat, 01 Mar 2031 00:00:00 GMT")
    apply(store, change(texts=(text(),), pages=(status,)))
    assert list(store.seen("xx")) == [
        SeenPage(status.url, "2031-03-01", "Sat, 01 Mar 2031 00:00:00 GMT", "00" * 32),
        SeenPage("https://example.org/hb-1/a", None, None, "00" * 32)]
    assert list(store.seen("yy")) == []


def test_an_idle_page_keeps_what_its_listing_says_now(store: SqlStore) -> None:
    url = "https://example.org/hb-1"
    apply(store, change(pages=(page(url, lastmod="1", last_modified="m1", warc="a", offset=5),)))
    with store.write() as writer:
        writer.remember([page(url, lastmod="2", warc="b", offset=9)])
        writer.remember([page(url)])
        writer.remember([page("https://example.org/new")], "xx")
    assert list(store.seen("xx")) == [SeenPage(url, "2", "m1", "00" * 32),
                                      SeenPage("https://example.org/new", None, None, "00" * 32)]
    with store.write() as writer:
        writer.remember([page(url, sha256="44" * 32, warc="b", offset=9)])
    assert next(iter(store.seen("xx"))) == SeenPage(url, "2", None, "44" * 32)


def test_thousands_of_pages_stream(store: SqlStore) -> None:
    with store.write() as writer:
        writer.remember([page(f"https://example.org/{n:05}") for n in range(2500)], "xx")
    assert [p.url for p in store.seen("xx")] == [f"https://example.org/{n:05}" for n in range(2500)]


def test_a_bill_at_its_end_is_asked_for_once_a_week_and_a_live_one_always(store: SqlStore) -> None:
    law = replace(BILL, identifier="HB 9", actions=(Action("Became law", classification=("became-law",)),))
    apply(store, change(BILL), change(law, bill_id="xx/1/hb-9", stage="became-law"))
    told = []
    for day in range(1, 29):
        at = NOW + timedelta(days=day)
        told.append(set(store.resting("xx", at)))
        store.save_run(Run(f"xx-{day}", "xx", IngestMode.LIVE, at, at + timedelta(minutes=5),
                           RunVerdict(VerdictKind.OK, ""), {}))
    assert told[0] == set(), "without a good crawl nothing may rest"
    assert told.count({"xx/1/hb-9"}) in (23, 24) and told.count(set()) == 28 - told.count({"xx/1/hb-9"})


def test_a_missing_text_is_asked_for_at_each_crawl_at_first_and_seldom_later(store: SqlStore) -> None:
    bill = replace(BILL, versions=(INTRODUCED, PASSED))
    apply(store, change(bill, texts=(text("a"), text("b", status=TextStatus.PENDING, text=None, sha256=None,
                                                     page=None, error="404"))))
    expected = [PendingText(LAMPS, "b", PASSED.links)]

    def crawl(days: int, hours: int, kind: VerdictKind = VerdictKind.OK, **counts: int) -> bool:
        at = NOW + timedelta(days=days, hours=hours)
        due = list(store.pending_texts("xx", at)) == expected
        store.save_run(Run(f"xx-{at.isoformat()}", "xx", IngestMode.LIVE, at, at + timedelta(minutes=5),
                           RunVerdict(kind, ""), counts))
        return due

    assert crawl(0, 1)
    assert crawl(0, 2)
    assert crawl(3, 0, VerdictKind.UNREACHABLE)
    assert crawl(3, 1, partial=1)
    assert crawl(3, 2)
    assert not crawl(3, 3)
    assert crawl(3, 7)
    assert crawl(20, 0)
    assert not crawl(20, 9)
    assert crawl(21, 0)
    assert crawl(100, 0)
    assert not crawl(102, 0)
    assert list(store.pending_texts("yy", NOW)) == []
    apply(store, change(bill, 1, texts=(text("b"),)))
    assert list(store.pending_texts("xx", NOW)) == []


# --- runs and jobs ----------------------------------------------------------------------------------------------------


def test_a_run_is_saved_twice_and_kept_once(store: SqlStore) -> None:
    run = Run("xx-1", "xx", IngestMode.LIVE, NOW)
    store.save_run(run)
    done = replace(run, finished_at=NOW, verdict=RunVerdict(VerdictKind.OK, "all well"), counts={"bills": 3})
    store.save_run(done)
    later = Run("yy-1", "yy", IngestMode.BACKFILL, NOW + timedelta(hours=1))
    store.save_run(later)
    assert store.runs() == [later, done]
    assert store.runs("xx") == [done]
    assert store.runs(limit=1) == [later]


def test_a_job_remembers_when_it_last_ran(store: SqlStore) -> None:
    assert store.job_last_run("crawl") is None
    store.set_job_last_run("crawl", NOW)
    store.set_job_last_run("crawl", NOW + timedelta(hours=1))
    assert store.job_last_run("crawl") == NOW + timedelta(hours=1)


@pytest.mark.parametrize("address", ["mysql://localhost/x", "sqlite://", "sqlite:///:memory:", "nonsense://"])
def test_an_address_that_cannot_be_used_names_its_setting(address: str) -> None:
    with pytest.raises(ConfigError, match="setting database"):
        SqlStore.open(address)
