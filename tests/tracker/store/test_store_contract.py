"""What every store keeps to, on SQLite and PostgreSQL alike: bills, texts, the log, pages, runs."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tracker.errors import ConfigError, Conflict
from tracker.model import (
    Action,
    Bill,
    BillState,
    Change,
    Effect,
    EventKind,
    Filter,
    Flag,
    IngestMode,
    Link,
    Mark,
    MarkedText,
    MarkKind,
    NewEvent,
    Page,
    PendingText,
    Provision,
    ReadText,
    Run,
    RunVerdict,
    SeenPage,
    TextStatus,
    Topic,
    VerdictKind,
    Version,
    VersionState,
)
from tracker.ports import EventQuery
from tracker.store.store import SqlStore

NOW = datetime(2031, 3, 4, 5, 6, 7, 890123, tzinfo=UTC)
LAMPS = "xx/31/hb-1"
CRIME, RIGHTS = Topic.CRIMINALIZATION, Topic.WORKER_RIGHTS
INTRODUCED = Version("a", "As introduced", date(2031, 3, 1), (Link("https://example.org/hb-1/a", "text/plain"),))
PASSED = Version("b", "As passed", None, (Link("https://example.org/hb-1/b", "text/plain"),))
BILL = Bill("xx", "31", "HB 1", title="Lamps", introduced_on=date(2031, 3, 1),
            actions=(Action("Read first time", date(2031, 3, 1)),), versions=(INTRODUCED,),
            sources=("https://example.org/hb-1",))


def page(url: str, **more: Any) -> Page:
    return Page(url, **{"sha256": "00" * 32, "fetched_at": NOW, **more})


def flag(quote: str = "Section", topic: Topic = CRIME, effect: Effect = Effect.ADVANCES) -> Flag:
    return Flag(topic, effect, "Section 1", 0, len(quote), quote, "rule", "1", 0.5, "sub", MarkKind.INSERTED)


def text(version: str = "a", words: str = "Section 1. Lamps.", flags: Sequence[Flag] = (), **more: Any) -> ReadText:
    url = f"https://example.org/hb-1/{version}"
    marked = MarkedText(words, (Mark(MarkKind.STRUCK, 1, 2),), (Provision("Section 1", "1", None, "section", 0, 9),))
    return ReadText(version, **{"status": TextStatus.AVAILABLE, "url": url, "media_type": "text/plain",
                                "sha256": "11" * 32, "text": marked, "flags": tuple(flags), "page": page(url), **more})


def event(key: str, bill_id: str = LAMPS, topics: Sequence[Topic] = (), mode: IngestMode = IngestMode.LIVE,
          kind: EventKind = EventKind.ACTION_RECORDED, **data: Any) -> NewEvent:
    return NewEvent(key, kind, bill_id, bill_id.partition("/")[0], date(2031, 3, 1), mode,
                    tuple(topics), data)


def change(bill: Bill = BILL, base: int = 0, bill_id: str = LAMPS, **more: Any) -> Change:
    return Change(bill_id, bill, **{"content_hash": "h1", "base_revision": base, "stage": "introduced", "topics": (),
                                    **more})


def apply(store: SqlStore, *changes: Change, at: datetime = NOW) -> None:
    with store.write() as writer:
        for each in changes:
            writer.apply(each, at)


def keys(store: SqlStore, **query: Any) -> list[str]:
    alike = {name: query.pop(name) for name in ("flagged", "alerting", "hearings") if name in query}
    question = EventQuery(Filter(**query), **alike)
    up = [e.key for e in store.events(query=question)]
    assert [e.key for e in store.latest_events(None, 1000, question)] == up[::-1]
    return up


# --- bills and texts --------------------------------------------------------------------------------------------------


def test_a_bill_comes_back_as_it_went_in(store: SqlStore) -> None:
    read = text(flags=[flag(), flag("Sec", RIGHTS, Effect.REVERSES)])
    apply(store, change(texts=(read,), topics=(CRIME, RIGHTS)))
    assert store.bill(LAMPS) == BillState(BILL, "h1", 1, (
        VersionState("a", TextStatus.AVAILABLE, read.sha256, read.flags, read.url),))
    assert store.text(LAMPS, "a") == read.text
    assert store.bill("xx/31/hb-2") is None
    assert store.text(LAMPS, "z") is None


def test_the_writer_sees_what_it_just_wrote(store: SqlStore) -> None:
    with store.write() as writer:
        assert writer.state(LAMPS) is None
        writer.apply(change(texts=(text(),)), NOW)
        state = writer.state(LAMPS)
        assert state and state.revision == 1
        writer.apply(change(replace(BILL, title="Lanterns"), 1), NOW)
        state = writer.state(LAMPS)
        assert state and (state.revision, state.bill.title) == (2, "Lanterns")
        assert state.versions[0].status is TextStatus.AVAILABLE


def test_versions_come_in_the_order_of_the_record_whatever_arrived_first(store: SqlStore) -> None:
    bill = replace(BILL, versions=(INTRODUCED, PASSED))
    apply(store, change(texts=(text("a"),)), change(replace(BILL, versions=(PASSED, INTRODUCED)), 1),
          change(bill, 2, texts=(text("b", "Other words.", [flag("Other")]),)))
    state = store.bill(LAMPS)
    assert state and [(v.code, len(v.flags)) for v in state.versions] == [("a", 0), ("b", 1)]


def test_a_text_that_is_published_again_replaces_words_and_flags(store: SqlStore) -> None:
    apply(store, change(texts=(text(flags=[flag(), flag("Sec")]),)),
          change(base=1, texts=(text(words="New words.", flags=[flag("New")], sha256="22" * 32),)))
    state, held = store.bill(LAMPS), store.text(LAMPS, "a")
    assert held and held.text == "New words."
    assert state and [f.quote for f in state.versions[0].flags] == ["New"]
    assert state.versions[0].sha256 == "22" * 32


def test_an_unreadable_text_is_kept_with_its_reason(store: SqlStore) -> None:
    unreadable = text(status=TextStatus.UNAVAILABLE, text=None, error="not this bill's text")
    apply(store, change(texts=(unreadable,)))
    state = store.bill(LAMPS)
    assert state and state.versions == (
        VersionState("a", TextStatus.UNAVAILABLE, unreadable.sha256, (), unreadable.url, "not this bill's text"),)
    assert store.text(LAMPS, "a") is None


def test_a_version_that_was_withdrawn_and_comes_back_is_held_no_more(store: SqlStore) -> None:
    both = replace(BILL, versions=(INTRODUCED, PASSED))
    apply(store, change(both, texts=(text("a"), text("b", flags=[flag()]))), change(BILL, 1))
    state = store.bill(LAMPS)
    assert state and [v.code for v in state.versions] == ["a"]
    assert list(store.pending_texts("xx", NOW)) == []
    apply(store, change(both, 2))
    state = store.bill(LAMPS)
    assert state and state.versions[1] == VersionState("b", TextStatus.PENDING)
    assert store.text(LAMPS, "b") is None
    assert [p.version for p in store.pending_texts("xx", NOW)] == ["b"]


def test_content_hashes_of_many_bills_come_at_once(store: SqlStore) -> None:
    apply(store, *(change(bill_id=f"xx/31/hb-{n}", content_hash=f"h{n}") for n in range(1500)))
    asked = [f"xx/31/hb-{n}" for n in range(1600)]
    found = store.content_hashes(asked)
    assert len(found) == 1500
    assert found["xx/31/hb-7"] == "h7"
    assert store.content_hashes([]) == {}


def test_nul_bytes_and_lone_surrogates_are_stored_and_offsets_stay_true(store: SqlStore) -> None:
    odd = replace(BILL, title="La\x00mps", actions=(Action("Read\x00"),),
                  versions=(Version("a\x00", "No\x00te", links=(Link("https://example.org/\x00", "text/plain"),)),))
    words = "Sec\x00tion \ud800 1"
    read = replace(text(words=words, flags=[flag("\x00tion \ud800")], error="what\x00"), version="a\x00",
                   url="https://example.org/\x00", page=page("https://example.org/\x00", lastmod="\x00"))
    apply(store, change(odd, texts=(read,), events=(event("k", note="a\x00b\ud800"),)))
    state, held = store.bill(LAMPS), store.text(LAMPS, "a\x00")
    assert state and state.bill == odd
    assert held and held.text == "Sec\x00tion \ufffd 1"
    assert state.versions[0].flags[0].quote == "\x00tion \ufffd"
    assert store.events()[0].data == {"note": "a\x00b\ufffd"}
    assert keys(store, jurisdictions=("x\x00",)) == []
    apply(store, change(odd, 1, texts=(replace(read, sha256="33" * 32),)))
    state = store.bill(LAMPS)
    assert state and state.versions[0].sha256 == "33" * 32


# --- one writer, all or nothing ---------------------------------------------------------------------------------------


def test_a_change_that_rests_on_an_old_revision_is_a_conflict(store: SqlStore) -> None:
    apply(store, change(events=(event("k1"),)))
    for stale in (change(), change(base=2)):
        with pytest.raises(Conflict), store.write() as writer:
            writer.apply(stale, NOW)
    state = store.bill(LAMPS)
    assert state and state.revision == 1


def test_an_event_key_enters_the_log_once(store: SqlStore) -> None:
    apply(store, change(events=(event("k1"),)))
    with pytest.raises(Conflict):
        apply(store, change(base=1, events=(event("k1"),)))
    assert keys(store) == ["k1"]


def test_a_transaction_that_fails_leaves_nothing_behind(store: SqlStore) -> None:
    apply(store, change(events=(event("k1"),)))
    with pytest.raises(RuntimeError), store.write() as writer:
        writer.apply(change(base=1, texts=(text(),), events=(event("k2"),)), NOW)
        writer.apply(change(bill_id="xx/31/hb-2"), NOW)
        writer.state(LAMPS)
        raise RuntimeError
    assert keys(store) == ["k1"]
    assert store.bill("xx/31/hb-2") is None
    assert list(store.seen("xx")) == []
    apply(store, change(base=1, events=(event("k3"),)))
    assert [(e.seq, e.key) for e in store.events()] == [(1, "k1"), (2, "k3")]


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


# --- by which tagger --------------------------------------------------------------------------------------------------


def test_texts_of_another_tagger_are_stale_flags_or_none(store: SqlStore) -> None:
    other = replace(BILL, identifier="HB 2", jurisdiction="yy")
    two = replace(BILL, versions=(INTRODUCED, PASSED))
    apply(store, change(two, texts=(text("a", tagged_by="t1"), text("b", tagged_by="t2", flags=[flag()]))),
          change(other, bill_id="yy/31/hb-2", texts=(text("a"),)))
    assert store.stale_texts("t1") == [(LAMPS, ("b",)), ("yy/31/hb-2", ("a",))]
    assert store.stale_texts("t2", jurisdiction="xx") == [(LAMPS, ("a",))]
    assert store.stale_texts(None, limit=1) == [(LAMPS, ("a", "b"))]
    assert store.stale_texts(None, after=LAMPS) == [("yy/31/hb-2", ("a",))]
    assert store.stale_texts("t1", since=NOW + timedelta(seconds=1)) == []
    assert (store.count_stale("t1"), store.count_stale(None, jurisdiction="xx"), store.count_stale("t1", since=NOW)) \
        == (2, 2, 2)


def test_a_text_that_is_missing_or_no_longer_listed_is_not_stale(store: SqlStore) -> None:
    two = replace(BILL, versions=(INTRODUCED, PASSED))
    apply(store, change(two, texts=(text("a"), text("b", status=TextStatus.UNAVAILABLE, text=None))))
    assert store.stale_texts("t1") == [(LAMPS, ("a",))]
    apply(store, change(replace(BILL, versions=(PASSED,)), base=1))
    assert store.stale_texts("t1") == []


def test_the_tagger_of_a_text_is_noted_without_any_other_change(store: SqlStore) -> None:
    apply(store, change(texts=(text(flags=[flag()]),)))
    before = store.bill(LAMPS)
    with store.write() as writer:
        writer.note_tagged(LAMPS, ["a"], "t1")
    assert (store.stale_texts("t1"), store.bill(LAMPS)) == ([], before)


def test_a_text_that_is_written_anew_by_nobody_in_particular_keeps_its_tagger(store: SqlStore) -> None:
    apply(store, change(texts=(text(tagged_by="t1"),)))
    apply(store, change(base=1, texts=(text(flags=[flag()]),)))
    assert store.stale_texts("t1") == []
