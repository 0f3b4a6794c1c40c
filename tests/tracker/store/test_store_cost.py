"""The price of a question follows its answer, not the length of the log: steps of SQLite's machine, counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as hooks

from digests.readers.sealing import Keys
from tracker.model import Bill, Cadence, Change, EventKind, Filter, IngestMode, NewEvent, Page, Subscription, Topic
from tracker.ports import EventQuery
from tracker.store.catalogue import BillQuery, Catalogue
from tracker.store.ledger import SqlLedger
from tracker.store.store import SqlStore

KEYS = Keys("k1", {"k1": bytes(32)}, bytes(32), bytes(32))
NOW = datetime(2031, 3, 4, 5, 6, 7, tzinfo=UTC)
CRIME, RIGHTS = Topic.CRIMINALIZATION, Topic.WORKER_RIGHTS
SMALL, LARGE = 400, 4_000  # bills that are backfilled before the news comes
GRAIN = 10  # machine steps between two counts
TWO_BILLS = Filter(bills=("xx/31/hb-1", "xx/31/hb-2"))
Question = Callable[[SqlStore], Any]

QUESTIONS: dict[str, Question] = {
    "events after a cursor": lambda s: s.events(s.last_seq() - 20),
    "newest events": lambda s: s.latest_events(None, 10),
    "newest of a topic": lambda s: s.latest_events(None, 10, EventQuery(Filter((RIGHTS,)))),
    "newest of two topics in two places": lambda s: s.latest_events(
        None, 10, EventQuery(Filter((RIGHTS, CRIME), ("xx", "yy")))),
    "newest of two places": lambda s: s.latest_events(None, 10, EventQuery(Filter((), ("xx", "yy")))),
    "newest of a place without bills": lambda s: s.latest_events(None, 10, EventQuery(Filter((), ("none",)))),
    "newest of two bills": lambda s: s.latest_events(None, 10, EventQuery(TWO_BILLS)),
    "all of two bills": lambda s: s.events(0, 100, EventQuery(TWO_BILLS)),
    "newest flagged": lambda s: s.latest_events(None, 10, EventQuery(flagged=True)),
    "newest flagged of a place": lambda s: s.latest_events(None, 10, EventQuery(Filter((), ("xx",)), flagged=True)),
    "all that alerts": lambda s: s.events(0, 100, EventQuery(alerting=True)),
    "all flagged that alerts": lambda s: s.events(0, 100, EventQuery(flagged=True, alerting=True)),
    "all of a topic that alerts": lambda s: s.events(s.last_seq() - 50, 100, EventQuery(Filter((RIGHTS,)), True, True)),
    "all hearings": lambda s: s.events(0, 100, EventQuery(hearings=True)),
    "one bill": lambda s: s.bill("xx/31/hb-1"),
    "one text": lambda s: s.text("xx/31/hb-1", "a"),
    "content hashes": lambda s: s.content_hashes([f"xx/31/hb-{n}" for n in range(50)]),
    "missing texts": lambda s: list(s.pending_texts("xx", NOW)),
    "pages of another place": lambda s: list(s.seen("yy")),
    "runs": lambda s: s.runs("xx"),
    "flagged bills": lambda s: Catalogue(s.engine).bills(BillQuery(flagged=True)),
    "bills of a topic": lambda s: Catalogue(s.engine).bills(BillQuery(topic=RIGHTS)),
    "counts": lambda s: Catalogue(s.engine).counts(),
    "jurisdictions": lambda s: Catalogue(s.engine).jurisdictions(),
    "pages of a bill": lambda s: Catalogue(s.engine).bill_pages("xx/31/hb-1"),
    "a page": lambda s: Catalogue(s.engine).page("https://example.org/1"),
    "a subscription": lambda s: SqlLedger(s.engine, KEYS).find(manage_token=b"7"),
    "open deliveries": lambda s: SqlLedger(s.engine, KEYS).open_deliveries(NOW),
}


def fill(store: SqlStore, bills: int) -> None:
    """A backfill of so many bills, then news of ten: some of them flagged."""
    with store.write() as writer:
        for number in (*range(bills), *range(100_000, 100_010)):
            news = number >= 100_000
            place = "xx" if number % 2 or not news else "yy"
            topics = (RIGHTS, CRIME)[: number % 3] if news else ()
            bill_id = f"{place}/31/hb-{number}"
            events = tuple(NewEvent(f"{bill_id}|{n}", EventKind.ACTION_RECORDED, bill_id, place, None,
                                    IngestMode.LIVE if news else IngestMode.BACKFILL, topics, {}) for n in range(4))
            writer.apply(Change(bill_id, Bill(place, "31", f"HB {number}"), "h", 0, "introduced", topics,
                                events=events, pages=(Page(f"https://example.org/{number}", "00", NOW),)), NOW)
    ledger = SqlLedger(store.engine, KEYS)
    for number in range(bills // 20):
        ledger.add(Subscription(f"s{number}", b"", b"%d" % number, Filter(), Cadence.DAILY, "UTC", 8, 0, 0, NOW,
                                manage_token=b"%d" % number))


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> tuple[SqlStore, SqlStore]:
    folder: Path = tmp_path_factory.mktemp("cost")
    small, large = SqlStore.open(folder / "small.db"), SqlStore.open(folder / "large.db")
    fill(small, SMALL)
    fill(large, LARGE)
    return small, large


def steps(store: SqlStore, question: Question) -> int:
    counted = 0

    def count() -> None:
        nonlocal counted
        counted += GRAIN

    def listen(connection: Any, *_: object) -> None:
        connection.set_progress_handler(count, GRAIN)

    hooks.listen(store.engine, "checkout", listen)
    try:
        question(store)
    finally:
        hooks.remove(store.engine, "checkout", listen)
    return counted


@pytest.mark.parametrize("name", QUESTIONS)
def test_ten_times_the_log_is_not_ten_times_the_work(stores: tuple[SqlStore, SqlStore], name: str) -> None:
    small, large = (steps(store, QUESTIONS[name]) for store in stores)
    assert large <= 1.2 * small + 200


def test_the_measure_sees_a_question_that_reads_everything(stores: tuple[SqlStore, SqlStore]) -> None:
    small, large = (steps(store, lambda s: Catalogue(s.engine).bills(BillQuery(words="nowhere")))
                    for store in stores)
    assert large > 5 * small
