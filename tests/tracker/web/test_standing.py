"""Tallies and events to what overviews count."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.model import Topic
from tracker.stage import DONE, ENDED, OPEN_STAGES, STAGES
from tracker.store.tallies import Tally
from tracker.web.calendar import month_of
from tracker.web.charts import ON_THE_MAP, bars, shade, tile_map
from tracker.web.sheets import sheet
from tracker.web.standing import chosen, ends, flow, standings


def tally(stage: str, bills: int = 1, session: str = "1", topic: Topic | None = None) -> Tally:
    return Tally("xx", session, stage, topic, bills)


def test_every_stage_is_open_done_or_ended_and_none_is_two() -> None:
    assert sorted((*OPEN_STAGES, *DONE, *ENDED)) == sorted(name for name, _ in STAGES)


def test_a_bill_is_counted_at_each_stage_that_it_must_have_passed() -> None:
    found = {key: n for key, _, n in flow([tally("passed-one", 2), tally("became-law"), tally("introduced", 5)])}
    assert found == {"introduced": 8, "in-committee": 3, "reported": 3, "passed-one": 3, "passed-both": 1,
                     "to-executive": 1, "law": 1}


@pytest.mark.parametrize("stage", [name for name, _ in STAGES])
def test_a_flow_never_grows_on_its_way_and_begins_with_every_bill(stage: str) -> None:
    numbers = [n for _, _, n in flow([tally(stage, 3)])]
    assert numbers[0] == 3 and numbers == sorted(numbers, reverse=True)


def test_of_a_bill_that_died_only_its_introduction_is_known_and_a_veto_came_after_both_chambers() -> None:
    died = {key: n for key, _, n in flow([tally("died")])}
    vetoed = {key: n for key, _, n in flow([tally("vetoed")])}
    assert (died["introduced"], died["in-committee"]) == (1, 0)
    assert (vetoed["to-executive"], vetoed["law"]) == (1, 0)
    assert [(key, n) for key, _, n in ends([tally("died", 2), tally("vetoed"), tally("signed")])] == [
        ("vetoed", 1), ("died", 2)]


def test_standings_add_up_and_topics_are_not_added_to_bills() -> None:
    every = [tally("introduced", 2), tally("signed"), tally("died", session="2"),
             tally("introduced", 2, topic=Topic.WORKER_RIGHTS)]
    found = standings(chosen(every))
    assert [(s.bills, s.open, s.law, s.ended) for s in found] == [(4, 2, 1, 1)]
    assert [s.session for s in standings(chosen(every), by_session=True)] == ["1", "2"]
    assert [s.bills for s in standings(chosen(every, Topic.WORKER_RIGHTS, "open"))] == [2]


def test_the_map_has_every_state_once_and_no_two_tiles_in_one_place() -> None:
    tiles = tile_map({"us-wa": 3}, ["us-wa", "us-or"]).tiles
    assert len(set(ON_THE_MAP)) == len(ON_THE_MAP) == 52  # fifty, the District and Puerto Rico
    assert len({(t.x, t.y) for t in tiles}) == 52
    by_code = {t.code: t for t in tiles}
    assert (by_code["WA"].number, by_code["OR"].number, by_code["TX"].number) == (3, 0, None)


def test_shades_rise_with_numbers() -> None:
    assert [shade(n) for n in (0, 1, 2, 3, 9, 10, 29, 30, 999)] == [0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_bars_of_nothing_have_no_length_and_the_longest_takes_the_width() -> None:
    assert [b.length for b in bars([("a", 0), ("b", 0)]).bars] == [0, 0]
    assert [b.length for b in bars([("a", 2), ("b", 4)]).bars] == [180, 360]
    assert bars([]).height > 0


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "%x", "|x", "\u202e=1"])
def test_words_that_could_be_a_formula_are_made_words(words: str) -> None:
    assert sheet(("a",), [(words,)]).split(b"\r\n")[1].lstrip(b'"').startswith(b"'")


def test_numbers_stay_numbers_and_nothing_stays_empty() -> None:
    assert sheet(("a", "b", "c"), [(-3, None, 'say "x", y')]) == b'a,b,c\r\n-3,,"say ""x"", y"\r\n'


@pytest.mark.parametrize("written", ["2031", "2031-13", "2031-00", "1989-12", "2100-01", "2031-5", "x", "2031-05-01"])
def test_a_month_that_has_no_page_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        month_of(written, date(2031, 5, 6))


def test_no_month_is_this_one() -> None:
    assert month_of(None, date(2031, 5, 6)) == date(2031, 5, 1) == month_of("2031-05", date(2000, 1, 1))
