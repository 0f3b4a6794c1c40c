"""Counts of votes: out of fields and words, on our own lines and on recorded ones, of which facts are kept."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from spiders.bills import vote
from spiders.legislatures import us_ma
from spiders.legislatures.us import parse_bill
from spiders.tallies import counted, heard, settled, tally
from tracker.model import Action, Bill, VoteCount, VoteEvent, VoteOption

LINES = {
    "Third reading, passed; yeas, 57; nays, 40; absent, 0; excused, 1.": "yes 57, no 40, excused 1, absent 0",
    "Passed to be engrossed - 155 YEAS to 1 NAYS (See YEA and NAY No. 23)": "yes 155, no 1",
    "Passed to be engrossed -155 YEAS to 1 NAYS (See YEA and NAY No. 23)": "yes 155, no 1",
    "Enacted -see Roll Call #8 (Yeas 37 to Nays 2)": "yes 37, no 2",
    "Enacted -see Roll Call #8 (Yeas37 \u2013 Nays 2)": "yes 37, no 2",
    "Enacted -see Roll Call #8 (37 Yeas - 2 Nays)": "yes 37, no 2",
    "Passed -- Needed 14 of 27 to Pass -- Yeas = 22, Nays = 5": "yes 22, no 5",
    "House Judiciary Do Pass, Passed, YEAS 9, NAYS 4": "yes 9, no 4",
    "Ayes, 18; Nays, 11--Eider, Fulmar; Excused, 1--Gannet.": "yes 18, no 11, excused 1",
    "On passage Passed by the Yeas and Nays: 388 - 25 (Roll no. 66).": "yes 388, no 25",
    "Agreed to by the Yeas and Nays: (2/3 required): 301 - 99, 4 Present (Roll no. 7)": "yes 301, no 99, other 4",
    "Passed Senate by Yea-Nay Vote. 97 - 2. Record Vote Number: 60.": "yes 97, no 2",
    "On passage Passed by recorded vote: 218 - 199 (Roll no. 41).": "yes 218, no 199",
    "Passed Assembly (Passed Both Houses) (70-4-2)": "yes 70, no 4, other 2",
    "Third reading Passed (vote: 55-11)": "yes 55, no 11",
}
SILENT = (
    "Passed by voice vote.", "The yeas and nays were ordered", "Record vote RV#12", "Considered from 10-12 (CR H12-13)",
    "Yeas 37", "Roll Call #8 (Yeas 37 to Nays 2) and House Roll Call #9 (Yeas 120 to Nays 30)",  # which of the two?
    "Yeas 99999999999999999999, Nays 2", "Yeas \u0663\u0667 to Nays \u0662",
    "Referred to the Committee on Ways (1-2) today",
)


def said(counts: Iterable[VoteCount] | None) -> str:
    return ", ".join(f"{count.option} {count.value}" for count in counts or ())


@pytest.mark.parametrize("words", LINES)
def test_a_line_of_totals_gives_its_counts(words: str) -> None:
    assert said(heard(words)) == LINES[words]


@pytest.mark.parametrize("words", SILENT)
def test_words_that_tell_no_single_roll_call_give_none(words: str) -> None:
    assert heard(words) is None


def test_names_of_one_option_are_added_and_an_unknown_one_is_other() -> None:
    assert said(tally({"AYE": 30, "AYEWR": 2, "NAY": 20, "EXC": 1, "ZZZ": 3})) == "yes 32, no 20, excused 1, other 3"


def test_a_field_that_is_no_number_gives_no_counts_at_all() -> None:
    assert tally({"yes": "12", "no": "many"}) is None
    assert tally({"yes": None, "no": ""}) is None
    assert tally({"yes": -1}) is None


def test_of_an_object_only_fields_called_as_options_are_counts() -> None:
    assert said(counted({"VoteId": 600, "Yeas": 20, "Nays": 49, "Excused": 0})) == "yes 20, no 49, excused 0"


def test_a_step_whose_words_say_the_counts_gives_them_to_its_vote() -> None:
    found = vote(Action("Passed Senate (36-1)", None, chamber="upper"), "1", True)
    assert said(found.counts) == "yes 36, no 1"


def test_totals_that_contradict_their_outcome_stay_words_and_are_counted() -> None:
    told = (VoteCount(VoteOption.YES, 10), VoteCount(VoteOption.NO, 40))
    bill = Bill("xx", "31", "HB 1", votes=(
        VoteEvent("1", None, None, "Do pass", True, counts=told), VoteEvent("2", None, None, "Passed (10-40)", True),
        VoteEvent("3", None, None, "Do pass", False, counts=told), VoteEvent("4", None, None, None, True)))
    settled_bill, contradictions = settled(bill)
    assert contradictions == 2
    assert [(v.motion, said(v.counts)) for v in settled_bill.votes] == [
        ("Do pass (yes 10, no 40)", ""), ("Passed (10-40)", ""), ("Do pass", "yes 10, no 40"), (None, "")]
    assert settled(settled_bill)[0] == settled_bill  # and once settled, it is settled


def test_more_yeas_than_noes_may_lose() -> None:
    """Many motions need two thirds, or half of all members."""
    told = VoteEvent("1", None, None, "Failed (60-39)", False)
    bill, contradictions = settled(Bill("xx", "31", "HB 1", votes=(told,)))
    assert contradictions == 0 and said(bill.votes[0].counts) == "yes 60, no 39"


def test_a_tie_that_carried_is_believed() -> None:
    """Whoever presides may have cast the vote that decides."""
    told = VoteEvent("1", None, None, "Passed (50-50)", True)
    bill, contradictions = settled(Bill("xx", "31", "HB 1", votes=(told,)))
    assert contradictions == 0 and bill.votes[0].counts


def status(*actions: str) -> bytes:
    rows = "".join(f"<item><actionDate>2185-02-02</actionDate><text>{words}</text></item>" for words in actions)
    return (f"<billStatus><bill><number>1</number><type>HR</type><congress>199</congress><actions>{rows}</actions>"
            "<recordedVotes><recordedVote><rollNumber>60</rollNumber><chamber>Senate</chamber>"
            "<congress>199</congress><sessionNumber>1</sessionNumber><date>2185-02-02T17:00:00Z</date>"
            "<fullActionName>PASSED SENATE</fullActionName></recordedVote></recordedVotes></bill>"
            "</billStatus>").encode()


def test_congress_tells_the_counts_of_a_roll_call_in_the_action_of_that_number() -> None:
    passed = "Passed Senate by Yea-Nay Vote. 97 - 2. Record Vote Number: 60."
    house = "On passage Passed by recorded vote: 218 - 199 (Roll no. 60)."  # the House has a roll call 60, too
    assert said(parse_bill(status(house, passed), "u").votes[0].counts) == "yes 97, no 2"
    assert parse_bill(status(house), "u").votes[0].counts is None


def test_two_actions_that_differ_about_a_roll_call_give_no_counts() -> None:
    one, other = (f"Passed Senate by Yea-Nay Vote. {n} - 2. Record Vote Number: 60." for n in (97, 96))
    assert parse_bill(status(one, other), "u").votes[0].counts is None


# --- recorded documents -----------------------------------------------------------------------------------------------


def digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def test_every_recorded_roll_call_of_massachusetts_is_counted(shared: Path) -> None:
    text = gzip.decompress((shared / "data/us-states/ma/all-history-actions.csv.gz").read_bytes()).decode()
    steps = tuple(Action(row["action"], None, chamber=row["branch"]) for row in csv.DictReader(io.StringIO(text)))
    bill, contradictions = settled(Bill("us-ma", "192", "H 1", votes=tuple(us_ma.votes(steps))))
    assert (len(bill.votes), sum(v.counts is not None for v in bill.votes), contradictions) == (493, 493, 0)
    assert digest(said(v.counts) for v in bill.votes) == "eb39efe09b113cdb"


def test_every_recorded_roll_call_of_congress_is_counted(shared: Path) -> None:
    votes = []
    for path in sorted((shared / "data/us-federal/billstatus").rglob("*.xml*")):
        body = path.read_bytes()
        bill, contradictions = settled(parse_bill(gzip.decompress(body) if path.suffix == ".gz" else body, path.name))
        assert contradictions == 0
        votes += bill.votes
    assert (len(votes), sum(v.counts is not None for v in votes)) == (94, 94)
    assert digest(f"{v.identifier} {said(v.counts)}" for v in votes) == "7e1f5de3aabb8222"


def test_every_recorded_roll_call_of_washington_is_counted(shared: Path) -> None:
    told = [action["description"] for path in sorted((shared / "data/us-states/wa").glob("govbot/*/*/metadata.json"))
            for action in json.loads(path.read_text())["actions"] if "; yeas, " in action["description"]]
    assert (len(told), sum(heard(words) is not None for words in told)) == (25, 25)
    assert digest(said(heard(words)) for words in told) == "4b9dfb88849f5019"
