"""Canada, the United Kingdom and Ireland on real documents (facts only: recorded/*.tsv), and what their shapes may do.

`--update-golden` writes the facts anew; read them against the documents before you commit them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from spiders import fronts
from spiders.legislatures import ca, gb, ie
from spiders.listed import Due, ListedSpider
from spiders.memory import Memory
from spiders.records import Json
from tracker.errors import LayoutChanged
from tracker.model import Bill, Link, SeenPage
from tracker.stage import stage_of

FACTS = Path(__file__).parent / "recorded"
CASES = {"ca": "intl/canada/legisinfo", "gb": "intl/uk/bills_api", "ie": "intl/ireland/api"}


def sha(text: str | bytes) -> str:
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()[:16]


def told(bill: Bill) -> str:
    """One bill as a line of facts, without its words."""
    steps = [f"{a.date} {a.chamber} {sha(a.description)[:6]} {'+'.join(a.classification)}" for a in bill.actions]
    parts: list[tuple[str, Iterable[object]]] = [
        ("titles", [sha(t) for t in (str(bill.title), *(t.title for t in bill.titles))]),
        ("sponsors", [f"{sha(str(s.person_id))[:6]} {s.primary}" for s in bill.sponsorships]), ("actions", steps),
        ("versions", [f"{v.code} {v.date} {len(v.links)}" for v in bill.versions]),
        ("documents", [f"{sha(d.url)[:6]} {d.date}" for d in bill.documents]),
        ("hearings", [f"{h.key} {h.date}" for h in bill.hearings]),
        ("votes", [f"{v.identifier} {v.date} {v.passed}" for v in bill.votes]),
        ("related", [f"{r.session} {r.identifier} {r.relation}" for r in bill.related_bills])]
    lists = "\t".join(f"{name}={'; '.join(map(str, found))}" for name, found in parts)
    return f"{bill.session} {bill.identifier}\t{bill.chamber} {bill.introduced_on} {stage_of(bill)}\t{lists}"


def canadian(folder: Path) -> Iterator[Bill]:
    for page in sorted(folder.glob("*/*/metadata.xml")):
        bill = ca.parse_bill(page.read_bytes(), str(page))
        assert [bill.session, bill.identifier] == list(page.parts[-3:-1])
        yield bill


def british(folder: Path) -> Iterator[Bill]:
    record, stages, papers = (json.loads((folder / f"bill-2818{part}.json").read_text())
                              for part in ("", "_stages", "_publications"))
    assert papers["billId"] == 512  # another bill's
    yield gb.parse_bill(record, stages["items"], {**papers, "billId": 2818}, "recorded")


def irish(folder: Path) -> Iterator[Bill]:
    body = (folder / "legislation.json").read_bytes().decode("cp1252").encode()  # as its keeper saved it
    total, rows = ie.parse_page(body, "recorded")
    assert (total, len(rows)) == (5179, 50)
    for row in rows:
        yield ie.IrelandSpider().read(b"", Due("", None, "recorded", row=row.at("bill")))


@pytest.mark.parametrize(("name", "reader"), [("ca", canadian), ("gb", british), ("ie", irish)])
def test_recorded_bills_give_the_facts_that_were_read_in_them(name: str, reader: Any, shared: Path,
                                                              request: pytest.FixtureRequest) -> None:
    found = "".join(f"{told(bill)}\n" for bill in reader(shared / "data" / CASES[name]))
    facts = FACTS / f"{name}.tsv"
    if request.config.getoption("--update-golden"):
        facts.write_text(found)
    assert found == facts.read_text()


@pytest.mark.parametrize(("spider", "reader"), [(ca.CanadaSpider, canadian), (gb.UnitedKingdomSpider, british),
                                                (ie.IrelandSpider, irish)])
def test_no_label_of_a_recorded_bill_is_unknown(spider: type[ListedSpider], reader: Any, shared: Path) -> None:
    said = {a.description for bill in reader(shared / "data" / CASES[spider.name]) for a in bill.actions}
    assert [words for words in said if spider.actions.classify(words) is None] == []


def test_every_kind_of_stage_that_the_bills_api_names_is_known(shared: Path) -> None:
    listed = json.loads((shared / "data" / CASES["gb"] / "bill_stages.json").read_text())["items"]
    assert len(listed) == 20 and [s["name"] for s in listed if gb.ACTIONS.classify(s["name"]) is None] == []


def test_the_recorded_list_of_the_bills_api_is_read(shared: Path) -> None:
    total, listed = gb.parse_list((shared / "data" / CASES["gb"] / "bills.json").read_bytes(), "u")
    [(due, among)] = listed
    assert (total, due.identifier, among) == (3660, "Bill 2818", [35])
    updated, row = str(due.lastmod).split()  # when, and of what row: both must move it
    assert updated == "2021-05-04T10:42:08.0579851"
    again, renamed = gb.due_of({**due.row, "lastUpdate": "2021-05-05"}, "u"), gb.due_of({**due.row, "isAct": True}, "u")
    assert str(again.lastmod).split() == ["2021-05-05", row]
    assert str(renamed.lastmod).split()[0] == updated and str(renamed.lastmod).split()[1] != row


def judged(spider: ListedSpider, body: bytes, link: Link, number: str) -> str:
    """What the base would make of a text: "text", or why it is none."""
    words = fronts.front(body, link.media_type, link.url)
    try:
        if not spider.names(words, Bill(spider.name, "", number)):
            return fronts.FOREIGN
        return spider.lacking(words, body, link) or "text"
    except LayoutChanged as problem:
        return str(problem).partition(":")[0]


def test_recorded_canadian_texts_are_texts_or_covers_only(shared: Path, request: pytest.FixtureRequest) -> None:
    folder, spider = shared / "data/intl/canada", ca.CanadaSpider()
    pages = [*sorted(folder.glob("legisinfo/*/*/bill_text.xml")), *sorted(folder.glob("legisinfo_history/*/*/*.xml"))]
    found = ""
    for page in pages:
        body = page.read_bytes()
        link = Link("https://www.parl.ca/x_E.xml", "text/xml")
        found += f"{page.relative_to(folder)}\t{sha(body)}\t{judged(spider, body, link, page.parts[-2])}\n"
    facts = FACTS / "ca-texts.tsv"
    if request.config.getoption("--update-golden"):
        facts.write_text(found)
    assert found == facts.read_text()


def test_a_lawmaker_text_proves_itself_by_the_title_in_its_references(shared: Path) -> None:
    page = shared / "data/intl/uk/akn_lawmaker/Sustainable_Aviation_Fuel_Bill__Commons__AAC.xml"
    spider, link = gb.UnitedKingdomSpider(), Link("https://publications.parliament.uk/x.xml", "text/xml")
    spider._titles = {link.url: ["Sustainable Aviation Fuel Act 2026"]}
    assert judged(spider, page.read_bytes(), link, "Bill 1") == "text"
    spider._titles = {link.url: ["Coastal Buoys Bill"]}
    assert judged(spider, page.read_bytes(), link, "Bill 1") == fronts.FOREIGN


@pytest.mark.parametrize(("name", "number"), [("B3015D.akn", "2015/30"), ("B3514S_akn", "2014/35"),
                                              ("B35a14S_akn", "2014/35"), ("b35c14S_akn", "2014/35")])
def test_an_irish_text_proves_itself_by_its_address(name: str, number: str, shared: Path) -> None:
    body = (shared / f"data/intl/ireland/akn/{name}.xml").read_bytes()
    own, other = (Link(f"{ie.DATA}/ie/oireachtas/bill/{n}/eng/initiated/b.xml", "text/xml")
                  for n in (number, "2015/31"))
    assert judged(ie.IrelandSpider(), body, own, "Bill 1") == "text"
    assert judged(ie.IrelandSpider(), body, other, "Bill 1") == fronts.FOREIGN


# --- shapes that are not on record ------------------------------------------------------------------------------------


def test_a_list_of_before_august_2026_is_read_and_a_search_score_is_no_change() -> None:
    row = {"BillNumberFormatted": "C-15", "ParliamentNumber": 98, "SessionNumber": 2, "SearchScore": 0.7}
    first, = ca.parse_list(json.dumps([row]).encode(), "u")
    again, = ca.parse_list(json.dumps([{**row, "SearchScore": 0.9}]).encode(), "u")
    moved, = ca.parse_list(json.dumps([{**row, "CurrentStatusEn": "Royal assent"}]).encode(), "u")
    assert (first.session, first.identifier, first.url) == (
        "98-2", "C-15", "https://www.parl.ca/legisinfo/en/bill/98-2/c-15/xml")
    assert first.lastmod == again.lastmod != moved.lastmod


ITEM = "<item><link>https://www.parl.ca/legisinfo/en/bill/98-1/{}</link><pubDate>{}</pubDate></item>"


def feed(*items: tuple[str, str]) -> bytes:
    return f"<rss><channel>{''.join(ITEM.format(*it) for it in items)}</channel></rss>".encode()


def test_a_feed_gives_each_bill_its_newest_moment() -> None:
    found = ca.parse_feed(feed(("C-3", "Thu, 05 Mar 2026 10:00:00 EST"), ("C-3", "Wed, 04 Mar 2026 09:00:00 EST"),
                               ("S-4", "Thu, 05 Mar 2026 15:30:00 GMT")), "u")
    assert found == {ca.record_of("98-1", "C-3"): "2026-03-05T15:00:00+00:00",
                     ca.record_of("98-1", "S-4"): "2026-03-05T15:30:00+00:00"}
    with pytest.raises(LayoutChanged, match="pubDate"):
        ca.parse_feed(feed(("C-3", "yesterday")), "u")


def test_a_bill_that_left_the_feed_is_not_asked_for_again_and_one_that_moved_is() -> None:
    memory, url = Memory(), ca.record_of("98-1", "C-3")
    memory.add(SeenPage(url, lastmod="abc 2026-03-05"))
    spider = ca.CanadaSpider(memory=memory)
    assert spider._stamp("abc", url, {}) == "abc 2026-03-05"  # left the feed, or there is none today
    assert spider._stamp("abc", url, {url: "2026-03-06"}) == "abc 2026-03-06"
    assert spider._stamp("abd", url, {}) == "abd"
    assert ca.CanadaSpider(memory=Memory())._stamp("abc", url, {}) == "abc"


def test_a_list_that_is_an_object_is_no_list() -> None:
    with pytest.raises(LayoutChanged, match="expected a list"):
        list(ca.parse_list(b'{"error": "x"}', "u"))


def test_an_irish_list_that_does_not_come_by_its_newest_activity_is_refused() -> None:
    rows = [{"contextDate": "2026-01-02", "bill": {}}, {"contextDate": "2026-02-02", "bill": {}}]
    with pytest.raises(LayoutChanged, match="newest activity"):
        ie.parse_page(json.dumps({"results": rows, "head": {"counts": {"resultCount": 2}}}).encode(), "u")


def stage(number: int, words: str, *days: str, house: str = "Commons") -> dict[str, Any]:
    return {"sortOrder": number, "description": words, "house": house,
            "stageSittings": [{"id": 10 * number + n, "date": f"{day}T00:00:00"} for n, day in enumerate(days)]}


def sat(*stages: dict[str, Any], **more: Any) -> tuple[list[tuple[str, tuple[str, ...]]], list[tuple[str, date]]]:
    record = {"lastUpdate": "2026-03-05T10:00:00.1234567", "originatingHouse": "Commons", "currentHouse": "Commons",
              **more}
    actions, hearings = gb.sittings(record, list(stages), "u")
    return [(a.description, a.classification) for a in actions], [(h.key, h.date) for h in hearings]


def test_a_british_sitting_to_come_is_a_hearing_and_no_step() -> None:
    assert sat(stage(1, "1st reading", "2026-03-05"), stage(2, "2nd reading", "2026-03-06")) == (
        [("1st reading", ("introduction", "reading-1"))], [("sitting-20", date(2026, 3, 6))])


def test_a_third_reading_is_a_passage_only_when_the_bill_has_gone_on() -> None:
    third = stage(3, "3rd reading", "2026-03-01")
    assert sat(third)[0] == [("3rd reading", ())]
    assert sat(third, isDefeated=True)[0] == [("3rd reading", ()), ("Defeated", ("failure",))]
    assert sat(third, stage(4, "1st reading", "2026-03-02", house="Lords"))[0][0] == (
        "3rd reading", ("reading-3", "passage"))


def test_papers_of_amendments_are_not_the_bill() -> None:
    titles = ["Bill 106 09-10 (Lords Amendments to)", "Bill 4 2025-26 (as amended in Public Bill Committee)",
              "HL Bill 9 Commons Reasons", "Representation of the People (Amendment) Bill (as introduced)"]
    assert [bool(gb.PARTIAL.search(title)) for title in titles] == [True, False, True, False]


def irish_stage(words: str, complete: bool, outcome: str | None, *days: str) -> dict[str, Any]:
    return {"event": {"showAs": words, "progressStage": 5, "stageCompleted": complete, "stageOutcome": outcome,
                      "house": {"chamberCode": "dail"}, "dates": [{"date": day} for day in days]}}


@pytest.mark.parametrize(("complete", "outcome", "status", "expected"), [
    (True, None, "Current", [(), ("passage",)]), (False, "Current", "Current", [(), ()]),
    (True, "Lost", "Defeated", [(), (), ("failure",)]), (True, None, "Lapsed", [(), ("passage",), ("failure",)])])
def test_an_irish_stage_counts_when_it_is_complete_and_not_lost(
        complete: bool, outcome: str | None, status: str, expected: list[tuple[str, ...]]) -> None:
    days = ("2026-02-01", "2026-02-01", "2026-02-02")
    row = {"status": status, "stages": [irish_stage("Fifth Stage", complete, outcome, *days)]}
    assert [action.classification for action in ie.IrelandSpider().events(Json(row, "u"))] == expected
