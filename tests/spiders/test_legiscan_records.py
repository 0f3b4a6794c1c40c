"""LegiScan: what its answers may trick a reader with, and recorded real answers against facts noted after reading."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from spiders.contract import Answer
from spiders.discovery import find
from spiders.legislatures.us_co import ColoradoSpider
from spiders.platforms.legiscan import decoded, parse_bill, said, text_url
from spiders.platforms.state_words import ACTIONS, with_progress
from tests.spiders.test_every_legislature import FIXTURES
from tracker.errors import Blocked, LayoutChanged
from tracker.model import Action, Bill
from tracker.stage import stage_of

URL = "https://api.legiscan.com/?op=getBill&id=1"
PAGES = FIXTURES / "us_co"


def answer(found: object) -> Answer:
    return Answer(URL, json.dumps(found).encode(), None, True)  # type: ignore[arg-type]


def read(row: dict[str, Any]) -> Bill:
    return parse_bill(row, "us-co", URL, ColoradoSpider())


@pytest.mark.parametrize(("message", "error"), [
    ("Invalid API key", Blocked), ("Monthly query limit exceeded", Blocked), ("Unknown bill id", LayoutChanged)])
def test_a_refusal_with_status_200_is_a_refusal(message: str, error: type[Exception]) -> None:
    with pytest.raises(error, match=message):
        said(answer({"status": "ERROR", "alert": {"message": message}}), "bill")


@pytest.mark.parametrize("found", [{}, {"status": "OK"}, {"status": "OK", "bill": None}, {"status": "OK", "bill": "x"}])
def test_an_answer_without_its_part_is_told(found: object) -> None:
    with pytest.raises(LayoutChanged, match="expected bill"):
        said(answer(found), "bill")


def test_what_is_no_base64_is_no_text() -> None:
    with pytest.raises(LayoutChanged, match="base64"):
        decoded({"doc": "<html>"}, URL)


def test_numbers_of_texts_amendments_and_supplements_are_three_series() -> None:
    row = json.loads((PAGES / "day1/archive/CO/2185-2185_Regular_Session/bill/SB097.json").read_text())["bill"]
    bill = read(row)
    assert [v.code for v in bill.versions] == ["d700", "d701"] and len(bill.documents) == 2
    assert bill.votes[0].identifier == "700" and text_url(row["texts"][0]).endswith("id=700#doc")


def test_a_bill_of_a_special_session_is_not_the_one_of_that_number_in_the_regular() -> None:
    found = {read(json.loads((PAGES / f"day1/bill{n}.json").read_text())["bill"]).session for n in (102, 104)}
    assert found == {"2185 Regular Session", "2185 1st Special Session"}


@pytest.mark.parametrize(("number", "words", "mine"), [
    ("SB097", "SENATE BILL 26-097 BY SENATOR(S)", True), ("HB1001", "HOUSE BILL 26-1001", True),
    ("HB1001", "HOUSE BILL 26-10011", False), ("SB097", "SENATE BILL 26-197", False)])
def test_colorado_writes_the_year_before_the_number(number: str, words: str, mine: bool) -> None:
    assert ColoradoSpider().names(words, Bill("us-co", "s", number)) is mine


NOTED = {  # session, identifier, kind, introduced, actions, sponsors, versions, votes, last text, sha256 of the title
    "HB1": ("27th Legislature", "HB1", "bill", "2011-01-18", 27, 5, 3, 0, "2011-04-07", "900fa33a"),
    "HB2": ("27th Legislature", "HB2", "bill", "2011-01-18", 11, 3, 2, 0, "2012-02-29", "c9b5900f"),
    "HB3": ("27th Legislature", "HB3", "bill", "2011-01-18", 36, 19, 2, 0, "2011-02-02", "cd84f35f"),
    **{f"HB{n}": ("88th General Assembly (2012 Fiscal)", f"HB{n}", "bill", "2012-02-07", 18, 1, 2, 2, "2012-02-14", t)
       for n, t in ((1044, "68dcf973"), (1045, "97ccbc4c"), (1046, "3d16958c"))},
}


def test_real_bills_read_as_noted(shared: Path) -> None:
    found = {}
    for path in sorted((shared / "data/us-states/legiscan-api/bill").glob("*.json")):
        row = json.loads(path.read_text())["bill"]
        bill = parse_bill(row, "us-co", URL, ColoradoSpider())
        assert [a.description for a in bill.actions] == [h["action"] for h in row["history"]]
        found[path.stem] = (
            bill.session, bill.identifier, bill.classification[0], str(bill.introduced_on), len(bill.actions),
            len(bill.sponsorships), len(bill.versions), len(bill.votes), str(bill.versions[-1].date),
            hashlib.sha256((bill.title or "").encode()).hexdigest()[:8])
    assert found == NOTED


def test_real_texts_are_whole(shared: Path) -> None:
    for path in sorted((shared / "data/us-states/legiscan-api/text").glob("*.json")):
        text = json.loads(path.read_text())["text"]
        body = decoded(text, URL)
        assert len(body) == text["text_size"] and base64.b64encode(body).decode() == text["doc"]


def test_a_mark_of_progress_names_the_step_where_the_words_do_not() -> None:
    day = date(2185, 1, 16)
    told = (Action("PLACED ON THE LONG TABLE", day), Action("Fiscal note", day), Action("READ A LAST TIME", day),
            Action("Introduced", day, classification=("introduction",)))
    found = with_progress(told, [True, False, True, True], [(day, 1), (day, 2), (day, 9), (day, 11), (day, 99),
                                                            (date(2185, 1, 17), 8)])
    assert [a.classification for a in found] == [("referral-committee",), (), ("passage",), ("introduction",)]


@pytest.mark.parametrize(("words", "classes"), [
    ("House Prefiled", ("filing",)), ("Introduced and referred to Committee on Lamps", ("introduction",
                                                                                         "referral-committee")),
    ("House Read the third time and passed and ordered transmitted to the Senate.", ("reading-3", "passage")),
    ("Third Reading Failed", ("reading-3", "failure")), ("Reported Do Not Pass", ("committee-passage-unfavorable",)),
    ("Returned by the Committee Do Pass", ("committee-passage", "committee-passage-favorable")),
    ("Vetoed by Governor", ("executive-veto",)), ("Signed by the Governor", ("executive-signature",)),
    ("Withdrawn from Committee", None), ("Third reading passed over", ("reading-3",)), ("House Concurs", None)])
def test_words_of_every_statehouse_are_known_and_others_are_not_guessed(
        words: str, classes: tuple[str, ...] | None) -> None:
    assert ACTIONS.classify(words) == classes


@pytest.mark.parametrize(("number", "words", "mine"), [
    ("B26-0123", "A BILL 26-123 IN THE COUNCIL", True), ("LD1435", "Legislative Document No. 1435", True),
    ("HB0012", "H. B. 12", True), ("HB12", "House Bill 112, of 1201 pages", False), ("SB1", "Senate Bill 10", False),
    ("SJRE", "SENATE JOINT RESOLUTION E", True)])
def test_a_thin_file_takes_a_text_that_says_its_number(number: str, words: str, mine: bool) -> None:
    assert find("us-oh")().names(words, Bill("us-oh", "s", number)) is mine


def test_stages_of_real_bills_are_as_noted_beside_legiscans_own_state(shared: Path) -> None:
    """Words of every statehouse and marks of progress alone, without a table of Iowa's own. 276 of 386 steps have no
    class: they are fiscal notes, subcommittees and amendments."""
    found: Counter[tuple[int, str]] = Counter()
    for path in sorted((shared / "data/us-states/ia/legiscan-bill").rglob("*.json")):
        row = json.loads(path.read_text())["bill"]
        found[row["status"], stage_of(parse_bill(row, "us-ia", URL, find("us-ia")()))] += 1
    assert found == {(1, "in-committee"): 33, (1, "withdrawn"): 8, (1, "introduced"): 3, (1, "died"): 1,
                     (2, "passed-one"): 2, (4, "signed"): 7, (4, "vetoed-in-part"): 1}
