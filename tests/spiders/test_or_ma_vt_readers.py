"""Traps of Oregon, Massachusetts and Vermont, one function at a time. All that is read here is made up."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from spiders.contract import Answer
from spiders.legislatures import us_ma, us_or, us_vt
from spiders.listed import Due
from spiders.records import Json
from tracker.errors import ConfigError, LayoutChanged
from tracker.model import Action, HearingStatus, Page

NOW = datetime(2091, 3, 1, tzinfo=UTC)


def session(key: str, begins: str, ends: str | None) -> dict[str, Any]:
    return {"SessionKey": key, "BeginDate": begins, "EndDate": ends}


@pytest.mark.parametrize(("listed", "expected"), [
    ([session("2089R1", "2089-01-18", "2089-06-25"), session("2090R1", "2090-02-03", "2090-03-08")], ["2090R1"]),
    ([session("2090R1", "2090-02-03", "2090-06-08"), session("2090S1", "2090-08-20", "2090-08-21")],
     ["2090S1", "2090R1"]),
    ([session("2090S1", "2090-08-29", "2090-10-01"), session("2091R1", "2091-01-12", None)], ["2091R1", "2090S1"]),
])  # fmt: skip
def test_oregon_reads_the_newest_session_and_what_had_just_ended(listed: list[dict[str, Any]], expected: list[str]
                                                                 ) -> None:
    assert us_or.chosen([Json(row, "u") for row in listed], None) == expected


def test_oregon_reads_a_session_that_is_asked_for_and_names_those_there_are() -> None:
    rows = [Json(session("2089R1", "2089-01-18", "2089-06-25"), "u"), Json(session("2091R1", "2091-01-12", None), "u")]
    assert us_or.chosen(rows, "2089R1") == ["2089R1"]
    with pytest.raises(ConfigError, match=r"option session='1999R1': the service has 2089R1, 2091R1"):
        us_or.chosen(rows, "1999R1")


@pytest.mark.parametrize(("rows", "in_all", "expected"), [(250, "600", "u&$skip=500"), (10, "260", None),
                                                           (100, "600", "u&$skip=350")])
def test_oregon_counts_what_it_has_and_goes_on_to_the_end(rows: int, in_all: str, expected: str | None) -> None:
    assert us_or.following(page("u&$skip=250", rows, in_all)) == expected


def test_oregon_refuses_a_listing_that_ends_too_early() -> None:
    with pytest.raises(LayoutChanged, match="expected 600 rows, got 250 and an empty page"):
        us_or.following(page("u&$skip=250", 0, "600"))


def page(url: str, rows: int, in_all: str) -> Answer:
    body = json.dumps({"odata.count": in_all, "value": [{}] * rows}).encode()
    return Answer(url, body, Page(url, "", NOW), True)


def test_oregon_misses_what_was_not_expanded() -> None:
    row = {"MeasurePrefix": "HB", "MeasureNumber": 1, "SessionKey": "2091R1"}
    with pytest.raises(LayoutChanged, match="expected a list at 'MeasureHistoryActions', got nothing"):
        us_or.OregonSpider().read(b"", Due("2091R1", "HB 1", "u", row=(Json(row, "u"), {})))


def test_a_hearing_of_massachusetts_that_moves_stays_one_and_one_that_is_told_twice_is_one() -> None:
    told = us_ma.hearings(tuple(map(Action, (
        "Hearing scheduled for 03/03/2091 from 01:00 PM-05:00 PM in A-1",
        "Hearing scheduled for 03/03/2091 from 01:00 PM-05:00 PM in A-1",
        "Hearing rescheduled to 03/10/2091 from 01:00 PM-05:00 PM in A-1",
        "Location Changed - Hearing scheduled for 03/10/2091 from 01:00 PM-05:00 PM in Virtual Hearing",
        "Hearing scheduled for 04/01/2091 from 09:00 AM-10:00 AM in A-2",
        "Hearing canceled – new hearing TBD",
    ))), "u")
    assert [(h.key, str(h.date), h.place, h.status) for h in told] == [
        ("1", "2091-03-10", "Virtual Hearing", HearingStatus.SCHEDULED),
        ("2", "2091-04-01", "A-2", HearingStatus.CANCELLED)]


@pytest.mark.parametrize(("words", "expected"), [
    ("Accompanied a new draft, see H4000", [("H 4000", "replaced-by")]),
    ("New draft of H119 and S46", [("H 119", "replaces"), ("S 46", "replaces")]),
    ("Accompanied a study order, see H4844", [("H 4844", "study-order")]),
    ("Accompanied by S9", [("S 9", "accompanied-by")]),
    ("Accompanied H12", [("H 12", "accompanies")]),
    ("Signed by the Governor, Chapter 18 of the Acts of 2091", []),
])
def test_a_step_in_massachusetts_leads_to_other_bills(words: str, expected: list[tuple[str, str]]) -> None:
    assert [(r.identifier, r.relation) for r in us_ma.relations((Action(words),), "391")] == expected


def test_vermont_reads_the_newest_biennium_with_its_special_sessions_and_no_training() -> None:
    form = (b"<select id='Form_SelectSession_selected_session'><option value='2090'>2089-2090 Session</option>"
            b"<option value='2092'>2091-2092 Session</option><option value='2091.1'>2091 Special Session</option>"
            b"<option value='2092.9'>2092 Training Session</option><option value='2088.1'>2088 Special Session</option>"
            b"</select><select id='other'><option value='1'>2099-2100 Session</option></select>")
    assert us_vt.sessions(form, "u") == [("2092", "2091-2092"), ("2091.1", "2091 Special")]


@pytest.mark.parametrize(("printed", "expected"), [
    ("H.190", "H 190"), ("J.R.S.54", "JRS 54"), ("H.C.R. 108", "HCR 108"), ("PR.5", "PR 5"), ("S0054", "S 54")])
def test_numbers_of_vermont_are_read_as_they_are_printed(printed: str, expected: str) -> None:
    assert " ".join(us_vt.VermontSpider().numbered(printed, "u")) == expected


def test_the_page_of_another_bill_of_vermont_is_refused() -> None:
    record = json.dumps({"bills": [{"BillNumber": "H.7", "StatusHistory": []}]}).encode()
    other = b"<div class='bill-title'><h1>H.8</h1></div>"
    with pytest.raises(LayoutChanged, match=r"expected the page of H\.7, got H\.8"):
        us_vt.VermontSpider().both(record, other, Due("2091-2092", "H 7", "u", row="2092"))
