"""The order of lists: the day that readers see beside a bill, then the log. On SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from tracker.ids import bill_id
from tracker.model import Action, Bill, Change, EventKind, IngestMode, NewEvent
from tracker.query import parse
from tracker.store import schema as t
from tracker.store.catalogue import BillQuery, BillRow, Catalogue
from tracker.store.engine import reading
from tracker.store.migrate import migrate
from tracker.store.movement import DAY, moved, read_cursor
from tracker.store.past import PastCatalogue
from tracker.store.past_search import PastSearches
from tracker.store.search import Search, SearchQuery
from tracker.store.search_schema import search_bill
from tracker.store.store import SqlStore

NOW = datetime(2031, 3, 4, 23, 6, 7, tzinfo=UTC)
LATER = timedelta(days=10)
EFFECTIVE = date(2032, 7, 1)  # a step that lies ahead
Days = Iterable[date | None]


def put(store: SqlStore, number: int, acted: Days = (), introduced: date | None = None, base: int = 0,
        at: datetime = NOW, news: bool = True) -> str:
    """`acted`: the days of its steps, in order."""
    bill = Bill("xx", "31", f"HB {number}", title=f"On lamps, edition {base}", introduced_on=introduced,
                actions=tuple(Action(f"Step {n}", day) for n, day in enumerate(acted)))
    identity = bill_id("xx", "31", bill.identifier)
    event = NewEvent(f"{identity}|{base}", EventKind.ACTION_RECORDED, identity, "xx", None, IngestMode.LIVE, (), {})
    with store.write() as writer:
        writer.apply(Change(identity, bill, f"h{base}", base, "introduced", (), events=(event,) if news else ()), at)
    return identity


def order(store: SqlStore) -> list[int]:
    """As lists give it; the search must give the same, on one page as on many."""
    catalogue, search = Catalogue(store.engine), Search(store.engine)
    listed = paged(lambda cursor: catalogue.bills(BillQuery(limit=1, cursor=cursor)))
    assert [row.id for row in catalogue.bills(BillQuery()).rows] == listed
    query = SearchQuery(parse("lamps"), limit=1)
    found, cursor = [], None
    while True:
        page = search.find(SearchQuery(query.tree, 1, cursor))
        found += [hit.row.id for hit in page.hits]
        if (cursor := page.next_cursor) is None:
            break
    assert found == listed
    return [int(one.rpartition("-")[2]) for one in listed]


def paged(ask: object) -> list[str]:
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = ask(cursor)  # type: ignore[operator]
        found += [row.id for row in page.rows]
        if (cursor := page.next_cursor) is None:
            return found


@pytest.mark.parametrize(("acted", "introduced", "place"), [
    (date(2031, 3, 2), date(2031, 1, 1), 20310302 * DAY + 7),
    (None, date(2031, 1, 1), 20310101 * DAY + 7),
    (None, None, DAY + 7),
    (EFFECTIVE, date(2031, 1, 1), 20310304 * DAY + 7),
    (date(9999, 12, 31), None, 20310304 * DAY + 7),
    (date(1, 1, 1), None, 10101 * DAY + 7)])
def test_the_number_reads_as_a_day_and_an_event(acted: date | None, introduced: date | None, place: int) -> None:
    assert moved(acted, introduced, NOW.date(), 7) == place < 2**63


def test_a_cursor_of_the_order_of_the_log_is_refused_and_none_is_too_large() -> None:
    assert read_cursor(f"{DAY + 7}~xx/31/hb-1") == (DAY + 7, "xx/31/hb-1")
    assert read_cursor("9" * 40)[0] < 2**63
    assert read_cursor("0") == read_cursor("-" + "9" * 40) == (0, "")
    for old in ("12345~xx/31/hb-1", "0~1", "-5~x", f"{DAY - 1}~7"):
        with pytest.raises(ValueError, match="order of the log"):
            read_cursor(old)


def test_bills_of_one_crawl_stand_in_the_order_of_the_days_that_are_shown(store: SqlStore) -> None:
    for number, day in ((1, date(2031, 2, 26)), (2, date(2031, 1, 29)), (3, date(2031, 3, 3)), (4, date(2030, 12, 1))):
        put(store, number, (date(2030, 1, 1), day))
    assert order(store) == [3, 1, 2, 4]
    put(store, 4, (date(2030, 1, 1), date(2030, 12, 1), date(2031, 2, 1)), base=1, at=NOW + LATER)
    assert order(store) == [3, 1, 4, 2]


def test_of_one_day_the_one_that_we_heard_of_last_comes_first(store: SqlStore) -> None:
    for number in (1, 2, 3):
        put(store, number, (date(2031, 3, 1),))
    assert order(store) == [3, 2, 1]
    put(store, 1, (date(2031, 3, 1),), base=1)
    assert order(store) == [1, 3, 2]


def test_without_a_dated_step_the_day_of_introduction_counts_and_without_both_a_bill_comes_last(
        store: SqlStore) -> None:
    put(store, 1, (), date(2031, 2, 1))
    put(store, 2, (date(2031, 1, 1),), date(2030, 12, 1))
    put(store, 3, (None,), date(2031, 3, 1))
    put(store, 4)
    put(store, 5, (None,))
    assert order(store) == [3, 1, 2, 5, 4]


def test_a_step_that_lies_ahead_counts_from_the_day_of_its_newest_news(store: SqlStore) -> None:
    put(store, 1, (EFFECTIVE,))
    put(store, 2, (date(2031, 3, 3),))
    assert order(store) == [1, 2]
    put(store, 3, (date(2031, 3, 8),), at=NOW + LATER)
    put(store, 1, (EFFECTIVE,), base=1, at=NOW + LATER, news=False)  # read again, nothing new
    assert order(store) == [3, 1, 2]
    put(store, 1, (date(2031, 3, 12), EFFECTIVE), base=2, at=NOW + LATER)
    assert order(store) == [1, 3, 2]


def test_a_bill_that_never_had_an_event_stands_by_its_day_too(store: SqlStore) -> None:
    put(store, 1, (date(2031, 2, 1),), news=False)
    put(store, 2, (date(2031, 1, 1),))
    put(store, 3, (EFFECTIVE,), news=False)
    assert order(store) == [3, 1, 2]


def test_lists_of_a_moment_have_the_order_of_then(store: SqlStore) -> None:
    put(store, 1, (date(2031, 2, 1),))
    put(store, 2, (date(2031, 1, 1),))
    put(store, 3, (EFFECTIVE,))
    then, seen = NOW + timedelta(hours=1), order(store)
    put(store, 2, (date(2031, 3, 11),), base=1, at=NOW + LATER)
    put(store, 3, (date(2031, 1, 11),), base=1, at=NOW + LATER)
    assert (seen, order(store)) == ([3, 1, 2], [2, 1, 3])
    past = PastCatalogue(store.engine, then)
    rows = paged(lambda cursor: past.bills(BillQuery(limit=1, cursor=cursor)))
    assert [int(row.rpartition("-")[2]) for row in rows] == seen
    searches = PastSearches(store.engine, Search(store.engine))
    hits = searches.at(then).find(SearchQuery(parse("lamps"))).hits
    assert [int(hit.row.id.rpartition("-")[2]) for hit in hits] == seen


def test_an_older_database_learns_the_order_that_it_would_have_had(store: SqlStore) -> None:
    """Bills, their past and the index; nothing has to be indexed anew."""
    put(store, 1, (date(2031, 2, 1),), date(2031, 1, 1))
    put(store, 1, (date(2031, 2, 1), EFFECTIVE), date(2031, 1, 1), base=1)
    put(store, 1, (date(2031, 2, 1), EFFECTIVE), date(2031, 1, 1), base=2, at=NOW + LATER, news=False)
    put(store, 1, (date(2031, 2, 1), date(2031, 3, 9)), date(2031, 1, 1), base=3, at=NOW + LATER)
    put(store, 2, (), date(2031, 3, 1))
    put(store, 3)
    put(store, 3, (EFFECTIVE,), base=1, at=NOW + LATER, news=False)
    put(store, 4, (EFFECTIVE,), news=False)
    put(store, 4, (date(2030, 1, 1),), base=1, at=NOW + LATER, news=False)
    before, shown = places(store), order(store)
    assert len(before) == 4 + 5 + 4
    migrate(store.engine, "0022")
    migrate(store.engine)
    assert (places(store), order(store)) == (before, shown)
    assert Search(store.engine).coverage().stale == 0


def places(store: SqlStore) -> dict[tuple[str, str, int], int]:
    b, pb, s = t.bill.c, t.past_bill.c, search_bill.c
    with reading(store.engine) as connection:
        return {
            **{("bill", row.id, row.revision): row.moved
               for row in connection.execute(select(b.id, b.revision, b.moved))},
            **{("past", row.bill_id, row.revision): row.moved
               for row in connection.execute(select(pb.bill_id, pb.revision, pb.moved))},
            **{("index", row.bill_id, 0): row.moved for row in connection.execute(select(s.bill_id, s.moved))}}


def test_a_list_and_a_search_read_no_more_of_their_index_than_they_show(store: SqlStore) -> None:
    """The order is that of an index: nothing is sorted."""
    if store.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by statistics; its plan on many bills is in bench/search.py")
    b, s = t.bill.c, search_bill.c
    ordered = [select(b.id).order_by(b.moved.desc(), b.id.desc()),
               select(b.id).where(t.FLAGGED).order_by(b.moved.desc(), b.id.desc()),
               select(b.id).where(b.jurisdiction == "xx").order_by(b.moved.desc(), b.id.desc()),
               select(b.id).where(b.jurisdiction == "xx", b.session == "31").order_by(b.moved.desc(), b.id.desc()),
               select(s.no).order_by(s.moved.desc(), s.no.desc()),
               *(select(s.no).where(s[name] == "xx").order_by(s.moved.desc(), s.no.desc())
                 for name in ("jurisdiction", "session", "stage"))]
    with reading(store.engine) as connection:
        for statement in ordered:
            written = statement.compile(connection, compile_kwargs={"literal_binds": True})
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {written}")]
            assert len(plan) == 1 and " INDEX ix_" in plan[0], (str(written), plan)


def test_a_row_tells_its_place(store: SqlStore) -> None:
    row = Catalogue(store.engine).row(put(store, 1, (date(2031, 3, 1),)))
    assert isinstance(row, BillRow) and row.moved == 20310301 * DAY + row.last_seq
