"""Open States: what its answers may trick a reader with, and real records against facts noted after reading.

The real records are of its scrapers (govbot keeps them): `as_the_api_says` puts them into the documented envelope.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from spiders import fronts
from spiders.contract import Answer
from spiders.legislatures.us_ri import RhodeIslandSpider
from spiders.platforms.openstates import following, parse_bill, sessions
from tests.spiders.test_every_legislature import FIXTURES
from tracker import text
from tracker.errors import LayoutChanged
from tracker.model import Bill, Link
from tracker.stage import stage_of

URL = "https://v3.openstates.org/bills/ri/2185/HB%207201"
FACTS = FIXTURES / "us_ri" / "facts.tsv"


def row(**more: Any) -> dict[str, Any]:
    found = json.loads((FIXTURES / "us_ri/day1/list2.json").read_text())["results"][0]
    return {**found, **more}


def session(identifier: str, start: str, end: str) -> dict[str, str]:
    return {"identifier": identifier, "name": identifier, "start_date": start, "end_date": end}


@pytest.mark.parametrize(("found", "expected"), [
    ([session("2184", "2184-01-02", "2184-06-30"), session("2185", "2185-01-03", "2185-06-30")], ["2185"]),
    ([session("2183-84", "2183-01-02", "2184-12-31"), session("2183S1", "2183-09-01", "2183-09-09")],
     ["2183-84", "2183S1"]),
    ([session("a", "2185-01-03", ""), session("b", "2185-02-03", "")], ["b"]),
])
def test_sessions_that_go_on_are_found_by_their_dates(found: list[dict[str, str]], expected: list[str]) -> None:
    assert sessions({"legislative_sessions": found}, URL) == expected


@pytest.mark.parametrize("found", [{}, {"legislative_sessions": []}, {"legislative_sessions": [{"identifier": "x"}]}])
def test_a_jurisdiction_without_sessions_is_told(found: dict[str, Any]) -> None:
    with pytest.raises(LayoutChanged):
        sessions(found, URL)


def test_a_bill_of_another_state_is_refused() -> None:
    with pytest.raises(LayoutChanged, match="expected a bill of us-ri"):
        parse_bill(row(jurisdiction={"id": "ocd-jurisdiction/country:us/state:nj/government"}), "us-ri", URL)


def test_two_versions_of_one_name_have_codes_of_their_own() -> None:
    twice = [{"note": "SUB A", "date": "", "links": []}, {"note": "Sub A", "date": "", "links": []}]
    assert [v.code for v in parse_bill(row(versions=twice), "us-ri", URL).versions] == ["sub-a", "sub-a-2"]


def test_only_the_hosts_that_a_file_names_are_asked_for_texts() -> None:
    mine, other = (Link(f"http://{host}/a.pdf", "application/pdf")
                   for host in ("webserver.rilegislature.gov", "webserver.rilegislature.gov.example"))
    assert RhodeIslandSpider()._worth_asking((other, mine)) == (mine,)


@pytest.mark.parametrize(("page", "last", "expected"), [(1, 2, "&page=2"), (2, 2, None), (1, 0, None)])
def test_the_next_page_is_told_by_the_page(page: int, last: int, expected: str | None) -> None:
    said = json.dumps({"results": [], "pagination": {"page": page, "max_page": last}}).encode()
    found = following(Answer(f"{URL}?per_page=20&page={page}", said, None, True))  # type: ignore[arg-type]
    assert found is None if expected is None else str(found).endswith(f"?per_page=20{expected}")


@pytest.mark.parametrize(("words", "mine"), [
    ("2185 -- H 7201 ======== LC003", True), ("2185 -- H 7201 SUBSTITUTE A", True), ("2185 -- S 7201", False),
    ("2184 -- H 7201", False), ("2185 -- H 72011", False)])
def test_rhode_island_names_the_year_the_house_and_the_number(words: str, mine: bool) -> None:
    assert RhodeIslandSpider().names(words, Bill("us-ri", "2185", "HB 7201")) is mine


# --- real records -----------------------------------------------------------------------------------------------------


def as_the_api_says(said: dict[str, Any]) -> dict[str, Any]:
    def place(pseudo: str | None) -> dict[str, Any]:
        return json.loads(pseudo[1:]) if pseudo and pseudo.startswith("~") else {}

    actions = [{**a, "organization": place(a["organization_id"]), "order": n} for n, a in enumerate(said["actions"])]
    return {**said, "session": said["legislative_session"], "actions": actions, "related_bills": [],
            "from_organization": place(said["from_organization"]), "first_action_date": actions[0]["date"][:10]}


@pytest.mark.parametrize("state", ["ri"])
def test_real_records_and_texts_read_as_noted(state: str, shared: Path, request: pytest.FixtureRequest) -> None:
    """26 bills of 2026 with their PDFs: number, title, dates, steps, stage, sponsors, texts and marks."""
    lines = []
    for path in sorted((shared / f"data/us-states/{state}/govbot").glob("*/*/metadata.json")):
        said = json.loads(path.read_text())
        bill = parse_bill(as_the_api_says(said), f"us-{state}", URL)
        assert [a.description for a in bill.actions] == [a["description"] for a in said["actions"]]
        texts = []
        for file in sorted(path.parent.glob("*.pdf")):
            body = file.read_bytes()
            assert RhodeIslandSpider().names(fronts.front(body, "application/pdf"), bill), file.name
            marked = text.read(body, "application/pdf", f"us-{state}")
            texts.append(f"{hashlib.sha256(body).hexdigest()[:12]}:{len(marked.text)}:{len(marked.marks)}")
        classes = Counter(c for a in bill.actions for c in a.classification)
        lines.append("\t".join(map(str, (
            bill.session, bill.identifier, hashlib.sha256((bill.title or "").encode()).hexdigest()[:12],
            bill.classification[0], bill.chamber, bill.introduced_on, len(bill.actions), stage_of(bill),
            f"{sum(s.primary for s in bill.sponsorships)}/{len(bill.sponsorships)}", len(bill.versions),
            hashlib.sha256(json.dumps(sorted(classes.items())).encode()).hexdigest()[:8], " ".join(texts)))))
    if request.config.getoption("--update-golden"):
        FACTS.write_text("\n".join(lines) + "\n")
    assert lines == FACTS.read_text().splitlines() and len(lines) == 26
