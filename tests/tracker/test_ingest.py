"""One record in; state, flags and events out: on a real SQLite store, with real reading and tagging."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

from tracker import wire
from tracker.ids import bill_id
from tracker.ingest import Counts, Ingester
from tracker.model import (
    Action,
    Bill,
    EventKind,
    FetchedText,
    Harvest,
    IngestMode,
    Link,
    Page,
    TextStatus,
    Version,
    VoteCount,
    VoteEvent,
    VoteOption,
)
from tracker.store.store import SqlStore
from tracker.tagger import load_rules

NOW = datetime(2026, 3, 2, 18, tzinfo=UTC)
URL = "https://legislature.example/BILLS-999hr7ih.xml"
REPEAL = "Section 12 of the Examplia Code (relating to prostitution) is repealed."
BILL = Bill("us", "999", "HR 7", title="Sample Act", introduced_on=date(2026, 3, 2),
            actions=(Action("Introduced in House", date(2026, 3, 2)),),
            versions=(Version("ih", "Introduced in House", date(2026, 3, 2), (Link(URL, "text/xml"),)),))
RULES = load_rules()


def bill_xml(sentence: str = REPEAL) -> bytes:
    return (f'<?xml version="1.0"?><bill bill-stage="Introduced-in-House"><form><legis-num>H. R. 7</legis-num></form>'
            f"<legis-body><section><enum>1.</enum><header>Repeal</header><text>{sentence}</text></section>"
            f"</legis-body></bill>").encode()


class Archive(dict[str, bytes]):
    """Pages by address."""

    def put(self, url: str, body: bytes) -> Page:
        self[url] = body
        return Page(url, hashlib.sha256(body).hexdigest(), NOW)

    def __call__(self, page: Page) -> bytes:
        return self[page.url]


Ingest = Callable[..., Counts]


@pytest.fixture
def store(tmp_path: Path) -> SqlStore:
    return SqlStore.open(f"sqlite:///{tmp_path / 'test.db'}")


@pytest.fixture
def archive() -> Archive:
    return Archive()


def ingest(store: SqlStore, archive: Archive, *harvests: Harvest, mode: IngestMode = IngestMode.LIVE) -> Counts:
    return Ingester(store, RULES, archive, lambda: NOW, mode, "us", Counts()).ingest(harvests)


def harvest(bill: Bill = BILL, *texts: FetchedText, pages: tuple[Page, ...] = ()) -> Harvest:
    name = bill_id(bill.jurisdiction, bill.session, bill.identifier)
    return Harvest(name, bill, wire.content_hash(bill), pages, texts)


def text(archive: Archive, sentence: str = REPEAL, version: str = "ih") -> FetchedText:
    return FetchedText(version, URL, "text/xml", archive.put(URL, bill_xml(sentence)))


def kinds(store: SqlStore, after: int = 0) -> list[EventKind]:
    return [event.kind for event in store.events(after)]


def test_a_repeal_becomes_a_flag_with_the_words_that_prove_it(store: SqlStore, archive: Archive) -> None:
    ingest(store, archive, harvest(BILL, text(archive)))
    state = store.bill("us/999/hr-7")
    assert state is not None
    [flag] = [f for f in state.versions[0].flags if f.topic == "decriminalization"]
    marked = store.text("us/999/hr-7", "ih")
    assert marked is not None
    assert marked.text[flag.start:flag.end] == flag.quote


def test_the_same_harvest_twice_is_one_history(store: SqlStore, archive: Archive) -> None:
    ingest(store, archive, harvest(BILL, text(archive)))
    last = store.last_seq()
    counts = ingest(store, archive, harvest(BILL, text(archive)), harvest(BILL))
    assert (store.last_seq(), counts.events) == (last, 0)


def test_a_text_that_cannot_be_read_keeps_the_bill_and_says_why(store: SqlStore, archive: Archive) -> None:
    torn = FetchedText("ih", URL, "text/xml", archive.put(URL, bill_xml()[:80]))
    counts = ingest(store, archive, harvest(BILL, torn))
    state = store.bill("us/999/hr-7")
    assert state is not None
    assert state.versions[0].status is TextStatus.UNAVAILABLE
    assert state.versions[0].error
    assert counts.texts_unreadable == 1
    assert [p.version for p in store.pending_texts("us", NOW)] == ["ih"]


def test_a_text_of_another_bill_is_quarantined_not_tagged(store: SqlStore, archive: Archive) -> None:
    foreign = replace(text(archive), error="this is the text of H. R. 8")
    ingest(store, archive, harvest(BILL, foreign))
    assert EventKind.FLAG_RAISED not in kinds(store)


def test_a_missing_text_that_comes_later_is_told_when_it_comes(store: SqlStore, archive: Archive) -> None:
    ingest(store, archive, harvest(BILL, FetchedText("ih", URL, "text/xml", error="404")))
    last = store.last_seq()
    ingest(store, archive, Harvest("us/999/hr-7", texts=(text(archive),)))
    assert kinds(store, last)[:2] == [EventKind.TEXT_ARRIVED, EventKind.FLAG_RAISED]


def test_a_text_that_fails_today_does_not_replace_the_one_we_hold(store: SqlStore, archive: Archive) -> None:
    ingest(store, archive, harvest(BILL, text(archive)))
    last = store.last_seq()
    gone = FetchedText("ih", URL, "text/xml", error="503")
    ingest(store, archive, Harvest("us/999/hr-7", texts=(gone,)))
    state = store.bill("us/999/hr-7")
    assert state is not None and state.versions[0].status is TextStatus.AVAILABLE
    assert store.last_seq() == last


def test_a_reprint_with_other_bytes_and_the_same_words_is_no_event(store: SqlStore, archive: Archive) -> None:
    ingest(store, archive, harvest(BILL, text(archive)))
    last = store.last_seq()
    page = archive.put(URL, bill_xml().replace(b"<legis-body>", b"<!-- processed again --><legis-body>"))
    ingest(store, archive, Harvest("us/999/hr-7", texts=(FetchedText("ih", URL, "text/xml", page),)))
    assert store.last_seq() == last


def test_a_reprint_with_other_words_is_a_correction(store: SqlStore, archive: Archive) -> None:
    ingest(store, archive, harvest(BILL, text(archive)))
    last = store.last_seq()
    ingest(store, archive, Harvest("us/999/hr-7", texts=(text(archive, "Nothing is repealed."),)))
    assert EventKind.CORRECTION in kinds(store, last)


def test_a_text_of_an_unknown_bill_waits_for_its_record(store: SqlStore, archive: Archive) -> None:
    ingest(store, archive, Harvest("us/999/hr-9", texts=(text(archive),)))
    assert store.last_seq() == 0


def test_two_records_of_one_bill_in_one_chunk_are_told_in_order(store: SqlStore, archive: Archive) -> None:
    later = replace(BILL, title="Other Act")
    ingest(store, archive, harvest(BILL), harvest(later))
    assert kinds(store)[-1] is EventKind.TITLE_CHANGED


def test_backfill_is_history_without_alerts(store: SqlStore, archive: Archive) -> None:
    ingest(store, archive, harvest(BILL), mode=IngestMode.BACKFILL)
    assert {event.mode for event in store.events()} == {IngestMode.BACKFILL}


def test_a_bill_that_lost_its_actions_for_a_day_does_not_announce_them_again(store: SqlStore, archive: Archive) -> None:
    ingest(store, archive, harvest(BILL))
    last = store.last_seq()
    ingest(store, archive, harvest(replace(BILL, actions=())), harvest(BILL))
    assert store.last_seq() == last


def test_pages_without_news_are_remembered(store: SqlStore, archive: Archive) -> None:
    page = replace(archive.put("https://legislature.example/status.xml", b"x"), lastmod="2026-03-02")
    ingest(store, archive, harvest(BILL, pages=(page,)))
    moved = replace(page, lastmod="2026-03-03")
    ingest(store, archive, Harvest(None, pages=(moved,)))
    assert {(p.url, p.lastmod) for p in store.seen("us")} >= {(page.url, "2026-03-03")}


def test_a_record_that_comes_twice_in_one_chunk_leaves_the_bill_as_the_last_one_says(
        store: SqlStore, archive: Archive) -> None:
    """There and back again between two looks at one crawl: the last page is what stands."""
    ingest(store, archive, harvest(BILL))
    moved = replace(BILL, title="Another Act")
    ingest(store, archive, harvest(moved), harvest(BILL))
    state = store.bill("us/999/hr-7")
    assert state is not None
    assert (state.bill.title, state.content_hash) == (BILL.title, wire.content_hash(BILL))
    assert kinds(store)[-2:] == [EventKind.TITLE_CHANGED, EventKind.TITLE_CHANGED]


# --- votes whose counts become known ----------------------------------------------------------------------------------

VOTE = VoteEvent("7", date(2026, 3, 3), "lower", "On passage", True)
COUNTED = replace(VOTE, counts=(VoteCount(VoteOption.YES, 57), VoteCount(VoteOption.NO, 40)))


def test_an_upgrade_that_learns_the_counts_of_a_vote_keeps_them_and_tells_nobody(store: SqlStore,
                                                                                archive: Archive) -> None:
    ingest(store, archive, harvest(replace(BILL, votes=(VOTE,))))
    before = store.last_seq()
    counts = ingest(store, archive, harvest(replace(BILL, votes=(COUNTED,))))
    state = store.bill("us/999/hr-7")
    assert state and state.bill.votes == (COUNTED,)
    assert (counts.changed, counts.events, store.last_seq()) == (1, 0, before)
    assert ingest(store, archive, harvest(replace(BILL, votes=(COUNTED,)))).unchanged == 1  # and only once


def test_a_record_without_counts_has_the_hash_that_it_had_before_there_were_any() -> None:
    """Else every bill with a vote would be looked at anew after an upgrade."""
    bill = replace(BILL, votes=(replace(VOTE, motion='Said "counts":null, aloud,"counts":null'),))
    old = msgspec.to_builtins(bill)
    del old["votes"][0]["counts"]
    stored = msgspec.json.encode(old, order=None)
    assert wire.decode(stored, Bill) == bill  # as it was stored then
    assert wire.content_hash(bill) == hashlib.blake2b(stored, digest_size=16).hexdigest()
    assert wire.content_hash(replace(bill, votes=(COUNTED,))) != wire.content_hash(replace(bill, votes=(VOTE,)))
