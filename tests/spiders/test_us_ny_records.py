"""New York: what its records may trick a reader with, and real bills against facts noted after reading.

The real bills were kept by others in a form of their own (github.com/jehiah/ny_legislation): `as_the_api_says` puts
them back into the API's documented envelope. The texts are the legislature's own files, as the API hands them on.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from spiders import fronts
from spiders.legislatures.us_ny import BILL, NewYorkSpider, items
from spiders.listed import Due, Found
from spiders.listings import skip_on
from spiders.records import Json
from tests.spiders.test_every_legislature import FIXTURES
from tracker import text
from tracker.errors import LayoutChanged
from tracker.model import Bill
from tracker.stage import stage_of

PAGES = FIXTURES / "us_ny" / "day1"
FACTS = FIXTURES / "us_ny" / "facts.tsv"


def parse_bill(said: dict[str, Any], url: str) -> Found:
    return NewYorkSpider().read(b"", Due(str(said["session"]), None, url, row=Json(said, url)))


def row(number: str) -> dict[str, Any]:
    for name in ("list1.json", "list2.json"):
        for found in json.loads((PAGES / name).read_text())["result"]["items"]:
            if found["basePrintNo"] == number:
                return dict(found)
    raise KeyError(number)


def test_prints_of_one_bill_are_its_versions_in_their_order() -> None:
    bill = parse_bill(row("S9001"), BILL.format("2185", "S9001")).bill
    assert [(v.code, v.note, str(v.date)) for v in bill.versions] == [
        ("original", "Original print", "2185-01-09"), ("a", "Amendment A", "2185-05-04")]


def test_a_blank_bill_has_a_print_without_a_text_and_no_title() -> None:
    found = parse_bill(row("S9003"), BILL.format("2185", "S9003"))
    assert found.bill.title is None and found.bill.versions[0].links == () and found.inline == {}
    assert [(s.name, s.primary) for s in found.bill.sponsorships] == [("Budget bill", True)]


def test_a_bill_that_dies_in_the_other_house_lives_on_in_its_own() -> None:
    bill = parse_bill(row("S9001"), "u").bill
    assert stage_of(bill) == "passed-one"


def test_substitution_companions_and_earlier_prints_are_told_apart() -> None:
    related = {(r.session, r.identifier, r.relation) for r in parse_bill(row("S9001"), "u").bill.related_bills}
    assert related == {("2185", "A9002", "companion"), ("2183", "S8001", "prior-session"),
                       ("2185", "A9002", "earlier-print"), ("2185", "A9002", "replaces")}
    assert ("2185", "S9001", "substituted-by") in {
        (r.session, r.identifier, r.relation) for r in parse_bill(row("A9002"), "u").bill.related_bills}


@pytest.mark.parametrize(("words", "mine"), [
    ("STATE OF NEW YORK ____ 9001 2185-2186 Regular Sessions", True), ("9001--A IN SENATE", True),
    ("S. 9001 A. 9002 SENATE - ASSEMBLY", True), ("90012 IN SENATE", False), ("19001 IN SENATE", False),
])
def test_a_text_is_known_by_its_number_alone(words: str, mine: bool) -> None:
    assert NewYorkSpider().names(words, Bill("us-ny", "2185", "S9001")) is mine


def test_a_refusal_of_the_api_is_no_empty_listing() -> None:
    with pytest.raises(LayoutChanged, match="expected success, got 'Invalid key'"):
        items(json.dumps({"success": False, "message": "Invalid key", "result": {"items": []}}).encode(), "u")


@pytest.mark.parametrize(("here", "expected"), [(2, "https://x/bills/2185?limit=2&offset=3"), (5, None)])
def test_the_next_page_is_told_by_the_page(here: int, expected: str | None) -> None:
    assert skip_on("https://x/bills/2185?limit=2&offset=1", "offset", here, 5 + 1) == expected


# --- real bills -------------------------------------------------------------------------------------------------------


def as_the_api_says(said: dict[str, Any]) -> dict[str, Any]:
    number, session = said["PrintNo"], said["Session"]
    base, letter = re.fullmatch(r"([A-Z]\d+)([A-Z]?)", number).groups()  # type: ignore[union-attr]

    def listed(found: list[Any]) -> dict[str, Any]:
        return {"items": found, "size": len(found)}

    def other(name: str) -> dict[str, Any]:
        print_no, year = name.split("-")
        return {"basePrintNo": re.sub(r"(?<=\d)[A-Z]$", "", print_no), "session": int(year), "printNo": print_no}

    members = [{"memberId": s["ID"], "fullName": s["Name"], "shortName": s["Short"]} for s in said["Sponsors"] or []]
    same = said.get("SameAsPrintNo")
    one = {"printNo": number, "publishDate": said["Published"][:10], "lawSection": said.get("LawSection"),
           "actClause": said.get("ActClause"), "sameAs": listed([other(same)] if same else []),
           "coSponsors": listed(members[1:]), "multiSponsors": listed([]), "fullText": "", "fullTextHtml": None}
    votes = [{"voteType": v["VoteType"] or "FLOOR", "voteDate": v["Date"], "version": "", "sequenceNo": n,
              "committee": {"chamber": v.get("Chamber"), "name": v["Committee"]} if v.get("Committee") else None,
              "memberVotes": {"items": {code: listed([m for m in v["Votes"] or [] if m["Vote"] == code])
                                        for code in sorted({m["Vote"] for m in v["Votes"] or []})}}}
             for n, v in enumerate(said.get("Votes") or [])]
    return {"basePrintNo": base, "session": session, "title": said["Title"], "summary": said.get("Summary"),
            "billType": {"chamber": said["Chamber"], "resolution": bool(said.get("Resolution"))},
            "activeVersion": letter, "amendments": {"items": {letter: one}}, "votes": listed(votes),
            "sponsor": {"member": members[0] if members else None, "rules": False, "budget": False},
            "pastCommittees": listed([]),
            "previousVersions": listed([other(v) for v in said.get("PreviousVersions") or []]),
            "actions": listed([{"text": a["Text"], "date": a["Date"], "chamber": a["Chamber"], "sequenceNo": n}
                               for n, a in enumerate(said["Actions"] or [])])}


def test_real_bills_read_as_noted(shared: Path, request: pytest.FixtureRequest) -> None:
    """637 bills: number, title, dates, steps, stage, sponsors, votes, related bills."""
    lines = []
    for path in sorted((shared / "data/us-states/ny/bills-json").glob("*/bills__*.json")):
        said = json.loads(path.read_text())
        bill = parse_bill(as_the_api_says(said), BILL.format(str(said["Session"]), said["PrintNo"])).bill
        assert [a.description for a in bill.actions] == [a["Text"] for a in said["Actions"] or []]
        classes = Counter(c for a in bill.actions for c in a.classification)
        digest = hashlib.sha256(json.dumps([bill.title, bill.titles[0].title if bill.titles else None,
                                            *sorted(classes.items())]).encode()).hexdigest()[:12]
        lines.append("\t".join(map(str, (
            bill.session, bill.identifier, digest, bill.chamber, bill.classification[0], bill.introduced_on,
            len(bill.actions), stage_of(bill), len(bill.sponsorships), len(bill.votes), len(bill.related_bills),
            sum(NewYorkSpider.actions.classify(a.description) is None for a in bill.actions)))))
    if request.config.getoption("--update-golden"):
        FACTS.write_text("\n".join(lines) + "\n")
    assert lines == FACTS.read_text().splitlines() and len(lines) == 637
    assert not [line for line in lines if not line.endswith("\t0")], "labels that the table does not know"


def test_real_texts_are_named_and_keep_their_marks(shared: Path) -> None:
    folder = shared / "data/us-states/ny/openleg/processor/bill/text"
    found = {}
    for name, number, media in (("S9999_expected.html", "S9999", "text/html"),
                                ("S9999_expected.txt", "S9999", "text/plain"),
                                ("2017-02-09-14.23.24.464033_BILLTEXT_A05457.XML", "A5457", "text/html")):
        body = re.sub(rb"</?billtext_html[^>]*>|<!\[CDATA\[|\]\]>", b"", (folder / name).read_bytes())
        assert NewYorkSpider().names(fronts.front(body, media), Bill("us-ny", "2017", number))
        marked = text.read(body, media, "us-ny")
        found[name[-12:]] = [len(marked.text), len(marked.marks), len(marked.provisions)]
    assert found == {"xpected.html": [1626, 2, 4], "expected.txt": [1642, 6, 4], "T_A05457.XML": [2450, 1, 3]}
