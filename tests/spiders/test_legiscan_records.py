"""LegiScan: what its answers may trick a reader with, and recorded real answers against facts noted after reading."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from spiders.contract import Answer
from spiders.legislatures.us_co import ColoradoSpider
from spiders.platforms.legiscan import decoded, parse_bill, said, text_url
from tests.spiders.test_every_legislature import FIXTURES
from tracker.errors import Blocked, LayoutChanged
from tracker.model import Bill

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
