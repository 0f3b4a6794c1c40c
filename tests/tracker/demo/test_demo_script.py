"""The demo's script against its documents: what the reader was promised is in the files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from tracker.demo.expected import CHANGES, EVERY_DAY, SCRIPT, ScriptedChange, bills_on, compare, marks_on
from tracker.demo.site import Shelf
from tracker.ids import bill_id
from tracker.model import Effect, EventKind, Topic


def statuses(day: int) -> dict[str, Path]:
    found = {}
    for path, (file, _) in Shelf.of_day(day).files.items():
        if match := re.search(r"BILLSTATUS-999([a-z]+)(\d+)\.xml$", path):
            found[bill_id("us", "999", f"{match[1]} {match[2]}")] = file
    return found


@pytest.mark.parametrize("day", EVERY_DAY)
def test_script_and_site_know_the_same_bills(day: int) -> None:
    assert set(statuses(day)) == set(bills_on(day))


def test_each_topic_and_each_effect_occurs() -> None:
    marks = {mark for day in EVERY_DAY for mark in marks_on(day)}
    assert {topic for _, topic, _ in marks} == set(Topic)
    assert {effect for _, _, effect in marks} == set(Effect)


def test_a_third_of_the_bills_are_traps() -> None:
    assert sum(1 for bill in SCRIPT if not bill.flags) * 3 >= len(SCRIPT) - 1


@pytest.mark.parametrize("day", [2, 3])
def test_a_bill_of_which_nothing_is_told_has_an_unchanged_record(day: int) -> None:
    """Only the date of its processing may differ, and the publisher does that to real files, too."""
    told = {change.bill for change in CHANGES if change.day == day}
    before, after = statuses(day - 1), statuses(day)
    for bill in before.keys() - told:
        old, new = (re.sub(r"<updateDate\w*>[^<]*", "", f.read_text(encoding="utf-8"))
                    for f in (before[bill], after[bill]))
        assert old == new


@pytest.mark.parametrize("change", [c for c in CHANGES if c.kind in (
    EventKind.ACTION_RECORDED, EventKind.CORRECTION, EventKind.TITLE_CHANGED, EventKind.BILL_INTRODUCED,
    EventKind.SPONSOR_ADDED)], ids=lambda c: f"{c.bill}-{c.words[:20]}")
def test_the_words_of_a_change_are_new_in_the_status_of_its_day(change: ScriptedChange) -> None:
    def told(day: int) -> str:
        file = statuses(day).get(change.bill)
        return "".join(str(t) for t in etree.parse(str(file)).getroot().itertext()) if file else ""
    assert change.words in told(change.day)
    if change.words not in ("Introduced in House", "Introduced in Senate"):
        assert change.words not in told(change.day - 1)


@pytest.mark.parametrize("day", [2, 3])
def test_each_new_line_of_a_bills_history_is_told_once(day: int) -> None:
    """The Library's wording of a passage is the same step as the chamber's, so it is told with it."""
    before, after = statuses(day - 1), statuses(day)
    for bill, file in after.items():
        known = _steps(before[bill]) if bill in before else set()
        new = {text for text in _steps(file) - known if not text.startswith("Passed/agreed to in House:")}
        told = [c.words for c in CHANGES if (c.day, c.bill) == (day, bill)
                and c.kind in (EventKind.ACTION_RECORDED, EventKind.CORRECTION)]
        assert len(new) == len(told)
        assert all(sum(words in text for text in new) == 1 for words in told)


def _steps(file: Path) -> set[str]:
    return {text.text or "" for text in etree.parse(str(file)).iterfind("bill/actions/item/text")}


def test_a_flag_that_comes_or_goes_between_days_is_in_the_changes() -> None:
    for day in (2, 3):
        known = set(bills_on(day - 1))
        for bill in SCRIPT:
            before = {(f.provision, f.topic) for f in bill.flags if day - 1 in f.days and bill.id in known}
            after = {(f.provision, f.topic) for f in bill.flags if day in f.days}
            told = {kind: {(c.words, c.topic) for c in CHANGES if (c.day, c.bill, c.kind) == (day, bill.id, kind)}
                    for kind in (EventKind.FLAG_RAISED, EventKind.FLAG_WITHDRAWN)}
            assert told == {EventKind.FLAG_RAISED: after - before, EventKind.FLAG_WITHDRAWN: before - after}


def test_the_comparison_names_what_was_missed_and_what_was_made_up() -> None:
    wanted = marks_on(1)
    lost = ("us/999/hr-102", Topic.FUNDING_CONDITION, Effect.REVERSES)
    invented = ("us/999/hr-106", Topic.ANTI_TRAFFICKING, Effect.ADVANCES)
    assert compare(1, wanted) == compare(1, list(wanted)) and not compare(1, wanted).missed
    result = compare(1, (wanted - {lost}) | {invented})
    assert (result.missed, result.unexpected) == ((lost,), (invented,))


def test_a_topic_on_which_readers_may_differ_is_never_called_invented() -> None:
    fair = ("us/999/s-206", Topic.CRIMINALIZATION, Effect.ADVANCES)
    assert not compare(3, marks_on(3) | {fair}).unexpected
