"""Steps, in the words that legislatures use for them, to the stage that readers are told."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module

import pytest

from spiders.discovery import find
from spiders.labels import Labels
from tracker.model import Action, Bill
from tracker.stage import STAGE_NAMES, stage_of

PLAIN = Labels(((r"passed", ("passage",)), (r"referred", ("referral-committee",)), (r"do pass", ("committee-passage",)),
                (r"to the governor", ("executive-receipt",)), (r"signed", ("executive-signature",)),
                (r"chapter", ("became-law",)), (r"withdrawn", ("withdrawal",)), (r"noted", ())))


@lru_cache
def labels(source: str) -> Labels:
    """The table of a legislature, or a plain one."""
    if not source:
        return PLAIN
    spider = find(source)
    found = getattr(spider, "actions", None) or vars(import_module(spider.__module__))["ACTIONS"]
    assert isinstance(found, Labels)
    return found


def stage(*steps: str, source: str = "", kind: str = "bill") -> str:
    """`steps` as "chamber: words"; without a chamber: the executive's, or nobody's."""
    actions = []
    for step in steps:
        found = re.match(r"(lower|upper): (.*)", step)
        chamber, words = found.groups() if found else (None, step)
        actions.append(Action(words, classification=labels(source).classify(words) or (), chamber=chamber))
    return stage_of(Bill(source or "xx-lantern", "1", "HB 1", classification=(kind,), actions=tuple(actions)))


BOTH = ("lower: passed", "upper: passed")
VETOED = (*BOTH, "to the governor", "Vetoed by the Governor")


@pytest.mark.parametrize(("steps", "expected"), [
    ((), "introduced"),
    (("lower: referred",), "in-committee"),
    (("lower: referred", "lower: do pass"), "reported"),
    (("lower: passed",), "passed-one"),
    (("lower: passed", "upper: referred"), "passed-one"),
    (("lower: passed", "upper: do pass"), "passed-one"),
    (BOTH, "passed-both"),
    ((*BOTH, "to the governor"), "to-executive"),
    ((*BOTH, "to the governor", "signed"), "signed"),
    ((*BOTH, "to the governor", "signed", "chapter 5"), "became-law"),
    ((*BOTH, "withdrawn"), "withdrawn"),
])
def test_a_bill_goes_its_way(steps: tuple[str, ...], expected: str) -> None:
    assert stage(*steps) == expected


@pytest.mark.parametrize("steps", [("lower: passed", "lower: passed"), ("lower: passed", "passed"),
                                   ("passed", "passed")])
def test_one_chamber_that_votes_twice_is_not_both(steps: tuple[str, ...]) -> None:
    assert stage(*steps) == "passed-one"


@pytest.mark.parametrize("words", [
    "Vetoed by the Governor", "Governor vetoed", "Pocket veto", "Pocket vetoed by Governor", "Governor's pocket veto",
    "POCKET VETO MEMO.1", "President vetoed"])
def test_a_veto_is_a_veto_in_all_its_words(words: str) -> None:
    assert stage(*BOTH, "to the governor", words) == "vetoed"


@pytest.mark.parametrize("words", [
    "Line item veto", "Governor line item vetoed", "Governor partially vetoed", "Line-item vetoed", "Item veto"])
def test_what_is_vetoed_in_part_is_neither_vetoed_nor_law_until_the_record_says_so(words: str) -> None:
    assert stage(*BOTH, words) == "vetoed-in-part"
    assert stage(*BOTH, words, "chapter 5") == "became-law"


OVERRIDDEN = ["Passed over veto", "Repassed over the Governor's veto", "Passed notwithstanding the veto",
              "Governor's veto overridden", "Considered Governor's Veto - Overridden",
              "Passed, the objections of the Governor to the contrary notwithstanding the veto"]


@pytest.mark.parametrize("words", OVERRIDDEN)
def test_one_chamber_over_a_veto_is_half_an_override_and_no_passage(words: str) -> None:
    assert stage(*VETOED, f"lower: {words}") == "override-one"
    assert stage(*VETOED, f"lower: {words}", f"upper: {words}") == "overridden"
    assert stage(*VETOED, f"lower: {words}", f"upper: {words}", "chapter 5") == "became-law"


def test_a_record_that_names_no_chamber_means_the_whole_override() -> None:
    assert stage(*VETOED, "Veto overridden.") == "overridden"


@pytest.mark.parametrize("words", [
    "Veto sustained", "The veto was sustained", "Failed of passage over veto", "Governor's veto not overridden",
    "Motion to override veto failed", "Passed over veto: failed"])
def test_a_veto_that_stands_is_a_veto_whatever_the_other_chamber_said(words: str) -> None:
    assert stage(*VETOED, "lower: Passed over veto", f"upper: {words}") == "vetoed"


@pytest.mark.parametrize("words", ["Motion to override Governor's veto", "Consideration of Governor's veto",
                                   "Notice that the bill be passed over veto"])
def test_a_motion_over_a_veto_is_no_vote(words: str) -> None:
    assert stage(*VETOED, f"lower: {words}") == "vetoed"


DEATHS = ["Died in committee", "Died on adjournment", "Died on the Order Paper", "Adjourned sine die", "Sine die",
          "In committee upon adjournment", "Lapsed", "Bill fell", "No further action taken", "Dead on the calendar"]


@pytest.mark.parametrize("words", DEATHS)
def test_a_bill_whose_time_ran_out_died_without_a_vote(words: str) -> None:
    assert stage("lower: referred", words) == "died"
    assert stage("lower: passed", "upper: referred", words) == "died"


@pytest.mark.parametrize("words", DEATHS)
def test_the_end_of_a_session_takes_nothing_from_a_bill_that_passed(words: str) -> None:
    assert stage(*BOTH, "to the governor", words) == "to-executive"
    assert stage(*BOTH, "signed", "chapter 5", words) == "became-law"


def test_a_bill_lives_again_when_the_record_says_so() -> None:
    assert stage("lower: referred", "Died in committee", "lower: referred") == "in-committee"
    assert stage("lower: passed", "upper: referred", "Died in committee", "upper: referred") == "passed-one"


def test_every_stage_has_words() -> None:
    assert {stage(*steps) for steps in ((), BOTH, VETOED, ("Sine die",))} <= set(STAGE_NAMES)


# --- by the tables of the legislatures that say it in words of their own ----------------------------------------------


@pytest.mark.parametrize(("source", "words", "expected"), [
    ("us", "Pocket vetoed by President.", "vetoed"),
    ("us", "lower: Passed House over veto by Yea-Nay Vote. 300 - 100.", "override-one"),
    ("us", "upper: Failed of passage in Senate over veto by Yea-Nay Vote. 49 - 44.", "vetoed"),
    ("us-wa", "Governor partially vetoed.", "vetoed-in-part"),
    ("us-wa", "Veto overridden.", "overridden"),
    ("us-or", "lower: In committee upon adjournment.", "died"),
    ("us-or", "At President's desk upon adjournment.", "died"),
    ("us-or", "Veto sustained.", "vetoed"),
    ("us-vt", "lower: Veto sustained", "vetoed"),
    ("us-ut", "lower: House/ override Governor's veto", "override-one"),
    ("us-ut", "lower: House/ passed over veto", "override-one"),
    ("us-sd", "lower: Veto override, Passed, YEAS 47, NAYS 22", "override-one"),
    ("us-sd", "upper: Veto override, Failed, YEAS 20, NAYS 15", "vetoed"),
    ("us-sd", "Deferred to the 41st legislative day, Passed, YEAS 7, NAYS 0.", "failed"),
    ("us-tx", "lower: Passed over veto", "override-one"),
    ("us-tx", "Line item veto", "vetoed-in-part"),
    ("us-ma", "lower: Passed over veto - 130 YEAS to 20 NAYS", "override-one"),
    ("us-ma", "lower: No further action taken", "died"),
    ("us-ma", "Pocket vetoed", "vetoed"),
    ("us-nj", "Pocket Veto, Bill not acted on by Governor by End of Session", "vetoed"),
    ("us-mn", "Pocket veto", "vetoed"),
    ("us-mn", "lower: Repassed over Governor's veto", "override-one"),
    ("us-ca", "lower: Died on inactive file.", "died"),
    ("us-ca", "lower: From committee without further action.", "died"),
    ("us-co", "lower: House Considered Governor's Veto - Overridden", "override-one"),
    ("us-ny", "POCKET VETO MEMO.1", "vetoed"),
    ("ca", "lower: Died on the Order Paper", "died"),
    ("ca", "lower: Bill defeated", "failed"),
    ("gb", "lower: Lapsed", "died"),
    ("ie", "lower: Lapsed", "died"),
])
def test_a_legislatures_own_words_lead_to_the_stage(source: str, words: str, expected: str) -> None:
    assert stage(words, source=source) == expected
