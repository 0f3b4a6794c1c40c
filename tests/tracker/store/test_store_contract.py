"""What every store keeps to, on SQLite and PostgreSQL alike: bills, texts, the log, pages, runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

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
    flag,
    keys,
    page,
    text,
)
from tracker.errors import Conflict
from tracker.model import Action, BillState, Effect, Link, TextStatus, Version, VersionState
from tracker.store.store import SqlStore

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
