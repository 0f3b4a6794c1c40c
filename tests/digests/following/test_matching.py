"""The index over many filters gives what the filters one by one give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from fakes.happenings import happening, reader
from fakes.memory import MemoryLog
from hypothesis import given, settings
from hypothesis import strategies as st
from wishes import BILLS, events, filters, wishes

from digests.following.facets import material_of
from digests.following.filters import matches, tree_of
from digests.following.first_news import first_news
from digests.following.matching import Index, needles
from tracker import query
from tracker.model import Event, Filter, Topic

WORK = Topic.WORKER_RIGHTS


@settings(max_examples=600, deadline=None)
@given(wishes, st.lists(events(), min_size=1, max_size=4))
def test_an_index_gives_what_the_filters_give_one_by_one(wished: list[tuple[str, Filter]],
                                                        happened: Sequence[Event]) -> None:
    index = Index(wished)
    for event in happened:
        assert sorted(index.match(event)) == sorted(name for name, wanted in wished if matches(wanted, event))


@settings(max_examples=300, deadline=None)
@given(filters, events())
def test_no_query_holds_without_one_of_its_needles(wanted: Filter, event: Event) -> None:
    material = material_of(event)
    tree = tree_of(wanted.words or "oil")
    must = needles(tree)
    if must is not None and query.matches(tree, material):
        assert any(needle in text for needle in must for text in material.said)


@settings(max_examples=200, deadline=None)
@given(wishes, st.lists(events(), max_size=8), st.integers(0, 9), st.data())
def test_first_news_are_the_same_whether_the_log_is_read_once_or_for_each(
        wished: list[tuple[str, Filter]], happened: list[Event], until: int, data: st.DataObject) -> None:
    log = MemoryLog([replace(event, seq=n) for n, event in enumerate(happened, 1)])
    rows = [reader(name, wanted=wanted, cursor=data.draw(st.integers(0, 8))) for name, wanted in wished]
    together = first_news(log, rows, until, few=0)
    assert together == first_news(log, rows, until, few=10**6) == first_news(log, rows, until, few=0, far=3)
    for row in rows:
        news = [e for e in log.all if row.cursor < e.seq <= until and matches(row.filter, e)]
        assert together.get(row.id) == (news[0] if news else None)


def test_readers_who_wish_the_same_come_in_one_group() -> None:
    index = Index((f"s{n}", Filter((WORK,))) for n in range(1000))
    assert [len(group) for group in index.groups(happening(1))] == [1000]


def test_an_index_of_nobody_matches_nobody() -> None:
    assert Index(()).match(happening(1)) == []


def test_many_readers_cost_one_reading_of_the_log() -> None:
    log = MemoryLog([happening(n, bill=BILLS[n % 2]) for n in range(1, 2001)])
    rows = [reader(f"s{n}", wanted=Filter(bills=(BILLS[n % 3],))) for n in range(60)]
    found = first_news(log, rows, 2000)
    assert len(found) == 40 and log.rows <= 2000


def test_one_event_for_everybody_ends_the_reading() -> None:
    log = MemoryLog([happening(n) for n in range(1, 5001)])
    assert len(first_news(log, [reader(f"s{n}") for n in range(60)], 5000)) == 60
    assert log.rows <= 1000


@pytest.mark.parametrize(("words", "must"), [
    ("lantern", {" lantern "}), ("lamp*", {" lamp"}), ('"oil lamp" light', {" oil lamp "}),
    ("oil OR wick", {" oil ", " wick "}), ("-oil", None), ("oil OR -wick", None), ("topic:worker-rights", None),
    ("oil topic:worker-rights", {" oil "}), ("((", set()),
])
def test_what_must_stand_in_a_text(words: str, must: set[str] | None) -> None:
    assert needles(tree_of(words)) == must
