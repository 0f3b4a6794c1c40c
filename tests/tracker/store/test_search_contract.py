"""Search on SQLite and PostgreSQL alike: what is found, in which order and count, where it stands, and at what cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import event
from sqlalchemy import text as sql

from tests.tracker.store.searching import CRIME, LAMPS, NOW, RIGHTS, bill, find, flag, ids, read, save
from tracker.errors import StoreError
from tracker.model import (
    Action,
    Change,
    Effect,
    Sponsorship,
    Title,
    Version,
)
from tracker.query import QueryError
from tracker.store.engine import reading
from tracker.store.migrate import migrate
from tracker.store.reindexing import reindex
from tracker.store.search import FACETS, Coverage, Search, SearchPage
from tracker.store.store import SqlStore

# --- what is found ----------------------------------------------------------------------------------------------------


def test_words_of_titles_and_of_every_version_are_found(store: SqlStore) -> None:
    save(store, bill(titles=(Title("Lantern Relief Act"),)),
         read("a", "Section 1. Piers."), read("b", "Section 1. Docks."))
    for typed in ("lamps", "relief", "piers", "docks", "HB1", '"HB 1"', "title:lantern lamps -quay", "dock*"):
        assert ids(find(store, typed)) == [LAMPS], typed
    for typed in ("title:piers", "quay", "-lamps", '"piers docks"', "lamp", '"lamps lantern"'):
        assert ids(find(store, typed)) == [], typed


def test_a_new_version_is_found_and_a_withdrawn_one_is_not(store: SqlStore) -> None:
    save(store, bill(), read("a", "Section 1. Piers."))
    save(store, bill(versions=(Version("a", "a"), Version("b", "b"))), read("b", "Section 1. Docks."), base=1)
    assert ids(find(store, "piers docks")) == [LAMPS]
    save(store, bill(versions=(Version("b", "b"),)), base=2)
    assert ids(find(store, "docks")) == [LAMPS]
    assert ids(find(store, "piers")) == []


def test_a_title_that_changed_is_found_by_its_new_words_only(store: SqlStore) -> None:
    save(store, bill(), read("a", "Section 1. Piers."))
    save(store, bill(title="Harbor dues", versions=(Version("a", "a"),)), base=1)
    assert ids(find(store, "harbor piers")) == [LAMPS]
    assert ids(find(store, "street")) == []


def test_a_citation_is_found_however_it_is_written(store: SqlStore) -> None:
    save(store, bill(), read("a", "Section 1. Section 230(c) of title 47, United States Code, is amended. "
                                  "RCW 9A.88.030 is repealed."))
    for typed in ('cite:"47 U.S.C. 230"', 'cite:"47 usc 230(c)"', "cite:us/usc/47", 'cite:"chapter 9A.88 RCW"',
                  'cite:"RCW 9A.88.030"', '-cite:"47 U.S.C. 231"'):
        assert ids(find(store, typed)) == [LAMPS], typed
    for typed in ('cite:"47 U.S.C. 230(d)"', 'cite:"47 U.S.C. 2301"', 'cite:"RCW 9A.88.031"',
                  'cite:"chapter 9A.86 RCW"'):
        assert ids(find(store, typed)) == [], typed


def test_flags_stages_dates_and_people_are_asked_as_they_are_now(store: SqlStore) -> None:
    first = bill(introduced_on=date(2031, 2, 1), sponsorships=(Sponsorship("O'Hara, Dana", True),),
                 committees=("Public Safety",), actions=(Action("Read", date(2031, 2, 3)),))
    save(store, first, read("a", "Section 1. Piers.", [flag(CRIME, Effect.ADVANCES), flag(RIGHTS, Effect.REVERSES)]))
    for typed in ("topic:criminalization effect:advances", "topic:worker-rights", "introduced:2031-02",
                  "action:>2031-02-02", 'sponsor:"dana o\'hara"', "committee:safe*", "stage:introduced", "in:us-*",
                  "session:31 bill:hb-1", "bill:us-xx/31/hb1"):
        assert ids(find(store, typed)) == [LAMPS], typed
    for typed in ("topic:criminalization effect:reverses", "introduced:>2031-02-01", "sponsor:dan",
                  "committee:dana", "stage:failed", "in:us", "bill:hb-2"):
        assert ids(find(store, typed)) == [], typed
    save(store, replace(first, sponsorships=(Sponsorship("Lee, Kim", True),)),
         read("a", "Section 1. Quays."), base=1, stage="failed")
    for typed in ("stage:failed", "sponsor:kim", "-topic:criminalization", "quays"):
        assert ids(find(store, typed)) == [LAMPS], typed
    for typed in ("sponsor:dana", "topic:criminalization", "piers"):
        assert ids(find(store, typed)) == [], typed


HOSTILE = ['"', "'", "a' OR 1=1 --", 'x" OR rowid > 0 OR "y', "title:x) OR (body:y", "NEAR(a b, 5)",
           "{title body}: lamps", "^lamps", "lamps:*", "':A", "lamps & !piers", "\\", "a\\'b", "\x00lamps", "*",
           "lamps AND piers)", "%", "_", "sponsor:%", "sponsor:\"a%' OR 1=1\"", "bill:%*", "jurisdiction:us-x'",
           "\ud800lamps", "AND", "col:lamps"]


@pytest.mark.parametrize("typed", HOSTILE)
def test_whatever_is_typed_is_looked_for_and_never_obeyed(store: SqlStore, typed: str) -> None:
    save(store, bill(), read("a", "Section 1. Piers."))
    for attempt in (typed, f'"{typed}"', f"({typed})", f"{typed}*"):
        try:
            page = find(store, attempt, facets=True)
        except QueryError:
            continue
        assert len(page.hits) <= 1
    assert ids(find(store, "piers")) == [LAMPS]


# --- pages, order, counts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("relevant", [False, True])
def test_pages_follow_each_other_without_gap_or_repeat(store: SqlStore, relevant: bool) -> None:
    for number in range(1, 8):
        save(store, bill(number), read("a", "Section 1. Piers."))
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = find(store, "piers", limit=3, cursor=cursor, relevant=relevant)
        seen += ids(page)
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [f"us-xx/31/hb-{n}" for n in range(7, 0, -1)]


@pytest.mark.parametrize("cursor", ["x", "1~", "~", "r~x", "r~-5", "9" * 40, "1~2~3"])
def test_a_cursor_of_somebody_else_is_refused_or_harmless(store: SqlStore, cursor: str) -> None:
    save(store, bill(), read("a", "Section 1. Piers."))
    for relevant in (False, True):
        try:
            find(store, "piers", cursor=cursor, relevant=relevant)
        except ValueError:
            continue


def test_the_bill_that_moved_last_comes_first(store: SqlStore) -> None:
    for number in (1, 2):
        save(store, bill(number), read("a", "Section 1. Piers."))
    assert ids(find(store, "piers")) == ["us-xx/31/hb-2", LAMPS]
    save(store, bill(1, actions=(Action("Passed", date(2031, 3, 2)),), versions=(Version("a", "a"),)), base=1)
    assert ids(find(store, "piers")) == [LAMPS, "us-xx/31/hb-2"]


def test_a_title_weighs_more_than_one_word_of_a_long_text(store: SqlStore) -> None:
    save(store, bill(1, "Piers"), read("a", "Section 1. " + "Quay dues. " * 40))
    save(store, bill(2), read("a", "Section 1. " + "Quay dues. " * 40 + "Piers."))
    page = find(store, "piers", relevant=True)
    assert page.ranked
    assert ids(page) == [LAMPS, "us-xx/31/hb-2"]


def test_facets_count_each_bill_once(store: SqlStore) -> None:
    both = [flag(CRIME, Effect.ADVANCES), flag(CRIME, Effect.REVERSES), flag(RIGHTS, Effect.ADVANCES)]
    save(store, bill(1, introduced_on=date(2031, 1, 1)), read("a", "Section 1. Piers.", both))
    save(store, bill(2, introduced_on=date(2030, 1, 1)), read("a", "Section 1. Piers.", both[:1]), stage="failed")
    save(store, bill(3), read("a", "Section 1. Quays."))
    facets = find(store, "piers", facets=True).facets
    assert set(facets) == set(FACETS)
    assert facets["topic"] == (("criminalization", 2), ("worker-rights", 1))
    assert facets["effect"] == (("advances", 2), ("reverses", 1))
    assert facets["stage"] == (("failed", 1), ("introduced", 1))
    assert facets["year"] == (("2030", 1), ("2031", 1))
    assert facets["jurisdiction"] == (("us-xx", 2),)
    assert find(store, "in:us-xx", facets=True).total == 3
    assert not find(store, "piers").facets


def test_a_facet_beside_a_topic_or_an_effect_counts_what_the_narrowed_search_finds(store: SqlStore) -> None:
    save(store, bill(1), read("a", "Section 1. Piers.", [flag(CRIME, Effect.ADVANCES), flag(RIGHTS, Effect.REVERSES)]))
    save(store, bill(2), read("a", "Section 1. Piers.", [flag(CRIME, Effect.REVERSES)]))
    save(store, bill(3), read("a", "Section 1. Quays.", [flag(RIGHTS, Effect.REVERSES)]))
    for typed, facet in (("topic:criminalization", "effect"), ("topic:worker-rights", "effect"),
                         ("piers topic:worker-rights", "effect"), ("effect:reverses", "topic"),
                         ("effect:advances", "topic"), ("topic:criminalization effect:reverses", "effect")):
        for value, count in find(store, typed, facets=True).facets[facet]:
            assert find(store, f"{typed} {facet}:{value}").total == count, f"{typed} {facet}:{value}"
    assert find(store, "topic:worker-rights", facets=True).facets["effect"] == (("reverses", 2),)


# --- snippets ---------------------------------------------------------------------------------------------------------


def said(page: SearchPage) -> list[tuple[str, str | None, str]]:
    return [(s.version, s.path, "".join(f"[{part}]" if hit else part for part, hit in s.parts))
            for hit in page.hits for s in hit.snippets]


def test_snippets_show_the_words_their_section_and_their_version(store: SqlStore) -> None:
    save(store, bill(), read("a", "SEC. 1. Lamps.\nPiers burn.\nSEC. 2. Dues.\nThe Piers’ café is § 230 of it."),
         read("b", "SEC. 1. Lamps.\nNothing."))
    assert said(find(store, "PIERS")) == [("a", "Sec. 1", "SEC. 1. Lamps. [Piers] burn.")]
    assert said(find(store, '"CAFE is section"')) == [
        ("a", "Sec. 2", "SEC. 2. Dues. The Piers’ [café is §] 230 of it.")]
    assert said(find(store, "lam*")) == [("b", "Sec. 1", "SEC. 1. [Lamps]. Nothing.")]
    assert said(find(store, "in:us-xx")) == []


def test_a_citation_is_shown_where_it_stands(store: SqlStore) -> None:
    save(store, bill(), read("a", "SEC. 1. Piers.\nSection 230 of title 47, United States Code, is amended."))
    (_, path, shown), = said(find(store, 'cite:"47 usc 230"'))
    assert path == "Sec. 1"
    assert "[Section 230 of title 47, United States Code]" in shown


def test_a_citation_within_a_range_is_shown_by_the_range(store: SqlStore) -> None:
    save(store, bill(), read("a", "SEC. 1. Piers.\nAn offense under sections 1581 through 1594 of title 18, United "
                             "States Code, and no other."))
    (_, _, shown), = said(find(store, 'cite:"18 U.S.C. 1591"'))
    assert "[sections 1581 through 1594 of title 18, United States Code]" in shown


def test_snippets_of_a_long_text_are_short(store: SqlStore) -> None:
    save(store, bill(), read("a", "Section 1. " + "Quay dues rise. " * 5000 + "Piers. " + "Quay dues. " * 5000))
    (_, _, shown), = said(find(store, "piers"))
    assert "[Piers]" in shown
    assert len(shown) < 300


# --- cost, coverage, limits -------------------------------------------------------------------------------------------


def test_an_action_alone_writes_no_words(store: SqlStore) -> None:
    save(store, bill(versions=(Version("a", "a"),)), read("a", "Section 1. Piers."))
    with reading(store.engine) as connection:
        before = connection.execute(sql("SELECT source FROM search_bill")).scalar_one()
    statements: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda c, u, statement, *_: statements.append(statement))
    save(store, bill(actions=(Action("Passed", date(2031, 3, 2)),), versions=(Version("a", "a"),)), base=1,
         stage="failed")
    assert not [s for s in statements if "search_text" in s or "search_named" in s or "FROM body" in s]
    with reading(store.engine) as connection:
        assert connection.execute(sql("SELECT source FROM search_bill")).scalar_one() == before
    assert ids(find(store, "piers stage:failed")) == [LAMPS]


def test_a_text_beyond_the_limits_of_one_row_is_found_whole(store: SqlStore) -> None:
    words = " ".join(f"w{n} the" for n in range(20_000))
    save(store, bill(), read("a", f"Section 1. {words} harbor dues at last."), read("b", f"Section 1. {words}"))
    for typed in ("w19999", '"harbor dues at"', '"w19998 the w19999"', '"w5 the w6" "dues at last"', "last the"):
        assert ids(find(store, typed)) == [LAMPS], typed
    assert ids(find(store, '"dues harbor"')) == []
    save(store, bill(versions=(Version("b", "b"),)), base=1)
    assert ids(find(store, "harbor")) == []


def test_a_page_that_is_no_bill_stops_nothing(store: SqlStore) -> None:
    words = " ".join(f"{n:x}{'z' * 40}" for n in range(40_000))
    save(store, bill(), read("a", f"Section 1. Piers. {words} {'y' * 5000}"))
    assert ids(find(store, f"piers 0{'z' * 40}")) == [LAMPS]
    assert ids(find(store, '"piers 0zzzzzzzzzzz*"')) == [LAMPS]


def test_what_was_stored_before_the_index_is_missed_until_reindexed(store: SqlStore) -> None:
    for number in range(1, 6):
        save(store, bill(number), read("a", "Section 1. Piers."))
    migrate(store.engine, "0008")
    migrate(store.engine)
    assert ids(find(store, "piers")) == []
    assert Search(store.engine).coverage() == Coverage(5, 5)
    seen: list[int] = []
    assert reindex(store, chunk=2, watch=lambda now: seen.append(now.bills), stop=lambda: len(seen) == 1).bills == 2
    assert Search(store.engine).coverage().stale == 3
    assert reindex(store, chunk=2).bills == 3
    assert Search(store.engine).coverage() == Coverage(0, 5)
    assert len(ids(find(store, "piers"))) == 5
    assert reindex(store).bills == 0
    assert reindex(store, everything=True).bills == 5
    assert len(ids(find(store, "piers"))) == 5


def test_a_failed_transaction_leaves_the_index_as_it_was(store: SqlStore) -> None:
    save(store, bill(), read("a", "Section 1. Piers."))
    with pytest.raises(StoreError), store.write() as writer:
        writer.apply(Change(LAMPS, bill(title="Quays"), "h9", 1, "introduced", ()), NOW)
        raise StoreError("no")
    assert ids(find(store, "lamps")) == [LAMPS]
    assert ids(find(store, "quays")) == []
