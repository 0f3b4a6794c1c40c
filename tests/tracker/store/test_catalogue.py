"""Lists of bills, counts and provenance, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tracker.model import (
    Action,
    Bill,
    Change,
    Effect,
    EventKind,
    Flag,
    IngestMode,
    MarkedText,
    NewEvent,
    Page,
    ReadText,
    TextStatus,
    Topic,
    Version,
)
from tracker.store.catalogue import BillQuery, BillRow, Catalogue, SessionCount
from tracker.store.store import SqlStore
from tracker.store.tallies import Tallies, Tally

NOW = datetime(2031, 3, 4, 5, 6, 7, tzinfo=UTC)
CRIME, RIGHTS = Topic.CRIMINALIZATION, Topic.WORKER_RIGHTS
ADVANCES, REVERSES = Effect.ADVANCES, Effect.REVERSES


def put(store: SqlStore, number: int, title: str = "Lamps", place: str = "xx", session: str = "31", base: int = 0,
        flags: tuple[tuple[Topic, Effect], ...] = (), versions: str = "a", stage: str = "introduced") -> None:
    """One bill whose newest version has these flags."""
    bill_id = f"{place}/{session}/hb-{number}"
    bill = Bill(place, session, f"HB {number}", title=title, introduced_on=date(2031, 3, 1),
                actions=(Action("Read first time", date(2031, 3, 2)),),
                versions=tuple(Version(code, code) for code in versions))
    made = tuple(Flag(topic, effect, "1", 0, 3, "Sec", "r", "1", 1.0) for topic, effect in flags)
    page = Page(f"https://example.org/{bill_id}/{versions[-1]}", "00" * 32, NOW, warc="w", offset=7)
    read = ReadText(versions[-1], TextStatus.AVAILABLE, page.url, "text/plain", "00", MarkedText("Sec"), made,
                    page=page)
    event = NewEvent(f"{bill_id}-{base}", EventKind.BILL_INTRODUCED, bill_id, place, None, IngestMode.LIVE, (), {})
    topics = tuple(t for t in Topic if t in {f.topic for f in made})
    with store.write() as writer:
        writer.apply(Change(bill_id, bill, "h", base, stage, topics, (read,), (event,), (page,)), NOW)


@pytest.fixture
def catalogue(store: SqlStore) -> Catalogue:
    put(store, 1, "Lamps and 100% of _wicks_", flags=((CRIME, ADVANCES), (CRIME, REVERSES), (RIGHTS, REVERSES)))
    put(store, 2, "Ladders")
    put(store, 3, "Lamp posts", "yy", "s1", flags=((CRIME, ADVANCES),), stage="became-law")
    put(store, 4, "Rope", session="30")
    return Catalogue(store.engine)


def found(catalogue: Catalogue, **query: Any) -> list[str]:
    page = catalogue.bills(BillQuery(**query))
    assert page.total == len(page.rows)
    return [row.identifier for row in page.rows]


def test_a_row_shows_what_a_list_needs(catalogue: Catalogue) -> None:
    row = BillRow("yy/s1/hb-3", "yy", "s1", "HB 3", "Lamp posts", "became-law", (CRIME,), date(2031, 3, 1),
                  "Read first time", date(2031, 3, 2), 1, 3, 20310302_0000000003)
    assert catalogue.bills(BillQuery(jurisdiction="yy")).rows == (row,)
    assert catalogue.row("yy/s1/hb-3") == row
    assert catalogue.row("yy/s1/hb-4") is None


def test_the_bill_that_moved_last_comes_first(store: SqlStore, catalogue: Catalogue) -> None:
    assert found(catalogue) == ["HB 4", "HB 3", "HB 2", "HB 1"]
    put(store, 2, "Ladders", base=1)
    assert found(catalogue) == ["HB 2", "HB 4", "HB 3", "HB 1"]


def test_bills_are_filtered_by_all_that_is_given(catalogue: Catalogue) -> None:
    assert found(catalogue, jurisdiction="xx") == ["HB 4", "HB 2", "HB 1"]
    assert found(catalogue, jurisdiction="xx", session="30") == ["HB 4"]
    assert found(catalogue, stage="became-law") == ["HB 3"]
    assert found(catalogue, flagged=True) == ["HB 3", "HB 1"]
    assert found(catalogue, topic=CRIME) == ["HB 3", "HB 1"]
    assert found(catalogue, topic=CRIME, effect=REVERSES) == ["HB 1"]
    assert found(catalogue, topic=RIGHTS, effect=ADVANCES) == []
    assert found(catalogue, effect=ADVANCES, jurisdiction="yy", flagged=True) == ["HB 3"]


def test_words_are_looked_for_as_they_are_written(catalogue: Catalogue) -> None:
    assert found(catalogue, words="lamp") == ["HB 3", "HB 1"]
    assert found(catalogue, words="lamp post") == ["HB 3"]
    assert found(catalogue, words="hb 2") == ["HB 2"]
    assert found(catalogue, words="%") == ["HB 1"]
    assert found(catalogue, words="_wicks") == ["HB 1"]
    assert found(catalogue, words="l_mp") == []
    assert found(catalogue, words="\x00'; --/") == []


def test_pages_of_a_list_neither_repeat_nor_skip(catalogue: Catalogue) -> None:
    seen, cursor = [], None
    while True:
        page = catalogue.bills(BillQuery(limit=1, cursor=cursor))
        seen += [row.identifier for row in page.rows]
        assert page.total == 4
        if (cursor := page.next_cursor) is None:
            break
    assert seen == ["HB 4", "HB 3", "HB 2", "HB 1"]
    assert len(catalogue.bills(BillQuery(cursor="9" * 40)).rows) == 4
    with pytest.raises(ValueError, match="int"):
        catalogue.bills(BillQuery(cursor="x"))


def test_counts_are_of_bills_by_the_newest_text(store: SqlStore, catalogue: Catalogue) -> None:
    assert catalogue.counts() == {(CRIME, ADVANCES): 2, (CRIME, REVERSES): 1, (RIGHTS, REVERSES): 1}
    assert catalogue.counts("yy") == {(CRIME, ADVANCES): 1}
    put(store, 1, base=1, versions="ab", flags=((RIGHTS, ADVANCES),))
    assert catalogue.counts("xx") == {(RIGHTS, ADVANCES): 1}
    assert found(catalogue, topic=CRIME) == ["HB 3"]


def test_jurisdictions_and_sessions_are_listed_with_counts(catalogue: Catalogue) -> None:
    assert catalogue.jurisdictions() == ("xx", "yy")
    assert sorted(catalogue.places()) == [(count.jurisdiction, count.session) for count in catalogue.sessions()]
    assert catalogue.sessions() == (SessionCount("xx", "30", 1, 0), SessionCount("xx", "31", 2, 1),
                                    SessionCount("yy", "s1", 1, 1))


def test_every_page_that_a_bill_rests_on_can_be_shown(catalogue: Catalogue) -> None:
    url = "https://example.org/xx/31/hb-2/a"
    page = Page(url, "00" * 32, NOW, warc="w", offset=7)
    assert catalogue.page(url) == page
    assert catalogue.bill_pages("xx/31/hb-2") == (page,)
    assert catalogue.page("https://example.org/none") is None


def test_an_empty_database_has_nothing_to_list(store: SqlStore) -> None:
    empty = Catalogue(store.engine)
    assert empty.bills(BillQuery()).rows == ()
    assert empty.bills(BillQuery(limit=0)).next_cursor is None
    assert (empty.counts(), empty.jurisdictions(), empty.sessions()) == ({}, (), ())


def test_tallies_count_flagged_bills_once_and_by_topic_and_follow_the_log(store: SqlStore) -> None:
    put(store, 1, flags=((CRIME, ADVANCES), (CRIME, REVERSES), (RIGHTS, ADVANCES)))
    put(store, 2, flags=((CRIME, ADVANCES),), stage="signed")
    put(store, 3)
    tallies = Tallies(store.engine)
    assert tallies.all() == (
        Tally("xx", "31", "introduced", None, 1), Tally("xx", "31", "signed", None, 1),
        Tally("xx", "31", "introduced", CRIME, 1), Tally("xx", "31", "introduced", RIGHTS, 1),
        Tally("xx", "31", "signed", CRIME, 1))
    put(store, 4, place="yy", flags=((CRIME, ADVANCES),))
    assert Tally("yy", "31", "introduced", None, 1) in tallies.all()


def test_alive_are_flagged_bills_without_an_end_that_moved_lately_newest_first(store: SqlStore) -> None:
    put(store, 1, flags=((CRIME, ADVANCES),))
    put(store, 2, flags=((CRIME, ADVANCES),), stage="signed")
    put(store, 3)
    put(store, 4, flags=((CRIME, ADVANCES),))
    put(store, 5, place="yy", flags=((CRIME, ADVANCES),))
    tallies = Tallies(store.engine)
    assert [row.id for row in tallies.alive("xx", date(2031, 1, 1), 10)] == ["xx/31/hb-4", "xx/31/hb-1"]
    assert [row.id for row in tallies.alive("xx", date(2031, 1, 1), 1)] == ["xx/31/hb-4"]
    assert tallies.alive("xx", date(2031, 3, 3), 10) == ()
    assert set(tallies.rows(["xx/31/hb-1", "xx/31/hb-9", *(f"zz/1/hb-{n}" for n in range(900))])) == {"xx/31/hb-1"}
