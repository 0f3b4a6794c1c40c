"""The bill page: the picture of its way, data for machines, the pages it rests on, and how to cite it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from litestar.testing import TestClient
from lxml import html as lxml_html

from digests.speech import ENGLISH
from spiders.recording import Recorder
from tests.tracker.web.sample import DULL, HOSTILE, NASTY, NOW, PLAIN, change, sample
from tracker.app import Services
from tracker.ingest import decide
from tracker.model import Action, Bill, Harvest, IngestMode, Page, Sponsorship, VoteEvent
from tracker.web.dossier import status_line
from tracker.web.linked import embedded, legislation
from tracker.web.stages import picture
from tracker.web.wording import subtopic_name


def passed(chamber: str, day: int, *labels: str) -> Action:
    return Action(f"Step of {day}", date(2031, 4, day), None, labels, chamber)


def told(bill: Bill) -> list[tuple[str, bool, bool]]:
    return [(s.name, s.reached, s.here) for s in picture(bill, ENGLISH).stations]


def test_the_picture_shows_the_stations_that_a_bill_reached() -> None:
    bill = sample(1, "Lamps")
    bill = replace(bill, actions=(*bill.actions, passed("lower", 5, "passage")))
    assert told(bill) == [("Introduced", True, False), ("In committee", True, False),
                          ("Passed one chamber", True, True), ("Passed both chambers", False, False),
                          ("Became law", False, False)]
    assert [s.on for s in picture(bill, ENGLISH).stations[:3]] == [date(2031, 4, d) for d in (1, 2, 5)]


def test_the_picture_names_the_place_of_a_bill_as_its_status_line_does() -> None:
    bill = sample(1, "Lamps")
    steps = passed("lower", 4, "committee-passage"), passed("lower", 6, "reading-2")
    out = replace(bill, actions=(*bill.actions, *steps))
    assert told(out)[1:3] == [("Out of committee", True, True), ("Passed one chamber", False, False)]
    assert status_line(out, NOW.date()).startswith("Out of committee")
    assert picture(out, ENGLISH).stations[1].on == date(2031, 4, 4)
    further = replace(out, actions=(*out.actions, passed("lower", 8, "passage")))
    assert told(further)[1:3] == [("In committee", True, False), ("Passed one chamber", True, True)]
    assert picture(further, ENGLISH).stations[1].on == date(2031, 4, 2)


def test_the_picture_of_a_bill_that_failed_says_where_and_how_it_ended() -> None:
    bill = replace(sample(1, "Lamps"), actions=(passed("lower", 2, "passage"), passed("upper", 3, "failure")))
    found = picture(bill, ENGLISH)
    assert found.ended == "Failed" and [s.here for s in found.stations].index(True) == 2
    assert 'class="cross"' in found.svg and "Failed" in found.svg


def test_the_picture_has_words_for_those_who_do_not_see_it() -> None:
    root = lxml_html.fragment_fromstring(str(picture(sample(1, "Lamps"), ENGLISH).svg))
    assert root.xpath("//*[@role='img']//title")[0].text == "How far it has come: In committee"
    assert "Introduced: 1 April 2031" in root.xpath("//desc")[0].text


def test_what_became_law_without_every_step_on_record_has_arrived() -> None:
    bill = replace(sample(1, "Lamps"), actions=(passed("executive", 9, "became-law"),))
    assert all(reached for _, reached, _ in told(bill)) and told(bill)[-1][2]


def test_the_page_carries_schema_org_data_that_no_title_can_leave(client: TestClient) -> None:
    text = client.get(f"/{NASTY}").text
    [block] = lxml_html.fromstring(text).xpath("//script[@type='application/ld+json']")
    data = json.loads(block.text)
    assert (data["@type"], data["name"]) == ("Legislation", HOSTILE)
    assert data["url"] == f"http://testserver.local/{NASTY}"
    assert "javascript:" not in block.text and not set("<>&") & set(block.text)


def test_data_of_a_bill_that_says_little_leaves_the_rest_out() -> None:
    bare = legislation(Bill("xx", "7", "HB 1"), "https://example.org/xx/7/hb-1", NOW.date())
    assert "legislationDate" not in bare and "sponsor" not in bare
    assert json.loads(embedded(bare))["legislationLegalForce"] == "NotInForce"


def test_the_citation_gives_the_same_page_again_and_does_not_change_with_the_hour(services: Services,
                                                                                 client: TestClient) -> None:
    page = client.get(f"/{PLAIN}")
    [cited] = lxml_html.fromstring(page.text).xpath("//p[@class='cite']//a/@href")
    then = client.get(cited)
    assert then.status_code == 200 and "Fair Streets Act" in then.text
    assert client.get(f"/{PLAIN}", headers={"if-none-match": page.headers["etag"]}).status_code == 304


def test_the_page_names_its_other_forms(client: TestClient) -> None:
    head = lxml_html.fromstring(client.get(f"/{PLAIN}").text).xpath("//link")
    found = {(link.get("rel"), link.get("type")): link.get("href") for link in head}
    assert found["canonical", None] == f"http://testserver.local/{PLAIN}"
    assert found["alternate", "application/json"] == f"/api/v1/bills/{PLAIN}"
    assert ("alternate", "application/atom+xml") in found


def test_a_part_of_a_topic_is_named_and_what_only_rules_know_is_not_shown(client: TestClient) -> None:
    def heads(language: str) -> list[str]:
        page = lxml_html.fromstring(client.get(f"/{PLAIN}", headers={"accept-language": language}).text)
        return [" ".join(h.text_content().split()) for h in page.xpath("//ol[@class='flags']//h4")]

    assert heads("en")[0] == "Decriminalization (Loitering): would relax the law"
    assert heads("es")[0] == "Despenalización (Permanencia en la calle): suavizaría la ley"
    assert subtopic_name("full", "decriminalization") == "In full"
    assert subtopic_name("by-words", "criminalization") == subtopic_name(None, "criminalization") == ""


@pytest.fixture
def kept(services: Services) -> tuple[Services, str, str]:
    """A bill that rests on a page of hostile HTML and one of bytes, and has votes."""
    live, raw = b"<script>alert(1)</script> HB 12", b"%PDF-1.7 \x00\xff"
    archive = Path(services.settings.archive)
    (archive / "r1").mkdir(parents=True)
    pages = []
    with Recorder(archive / "r1" / "pages.warc.gz", "test") as recorder:
        for name, body in (("a.html", live), ("b.pdf", raw)):
            url = f"https://legislature.example/{name}"
            offset = recorder.write(url, url, datetime(2031, 5, 6, tzinfo=UTC), 200, "", [], body)
            pages.append(Page(url, hashlib.sha256(body).hexdigest(), NOW, None, None, "r1/pages.warc.gz", offset))
    vote = VoteEvent("Roll call 7", date(2031, 5, 1), "lower", "On passage", False, "https://legislature.example/7")
    with services.store.write() as writer:
        bill = replace(sample(12, "Fair Streets Act"), votes=(vote,))
        change = decide(writer.state(PLAIN), Harvest(PLAIN, bill, "x", tuple(pages)), (), IngestMode.LIVE)
        assert change
        writer.apply(change, NOW - timedelta(hours=1))
    return services, pages[0].sha256, pages[1].sha256


def test_a_kept_page_is_given_as_the_site_gave_it_and_never_runs(kept: tuple[Services, str, str],
                                                                 client: TestClient) -> None:
    _, live, raw = kept
    html = client.get(f"/{PLAIN}/page/{live}")
    assert html.content == b"<script>alert(1)</script> HB 12"
    assert html.headers["content-type"] == "text/plain; charset=utf-8"
    assert html.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in html.headers["content-security-policy"]
    pdf = client.get(f"/{PLAIN}/page/{raw}")
    assert hashlib.sha256(pdf.content).hexdigest() == raw
    assert pdf.headers["content-disposition"].startswith("attachment")
    assert f"/{PLAIN}/page/{live}" in client.get(f"/{PLAIN}").text


def test_only_pages_of_this_bill_are_given(kept: tuple[Services, str, str], client: TestClient) -> None:
    _, live, _ = kept
    for path in (f"/{NASTY}/page/{live}", f"/{PLAIN}/page/{'0' * 64}", f"/{PLAIN}/page/{'d' * 64}"):
        assert client.get(path).status_code == 404


def test_an_old_page_stays_to_be_had_as_of_its_day(kept: tuple[Services, str, str], client: TestClient) -> None:
    services, live, _ = kept
    new = Page("https://legislature.example/a.html", "e" * 64, NOW)
    with services.store.write() as writer:
        bill = replace(sample(12, "Fairer Streets Act"))
        change = decide(writer.state(PLAIN), Harvest(PLAIN, bill, "y", (new,)), (), IngestMode.LIVE)
        assert change
        writer.apply(change, NOW - timedelta(minutes=30))
    assert client.get(f"/{PLAIN}/page/{live}").status_code == 404
    assert client.get(f"/{PLAIN}/page/{live}", params={"as-of": "2031-05-06T11:10:00Z"}).status_code == 200


def test_each_step_names_its_record_keeper_and_leads_to_what_was_known_then(services: Services,
                                                                             client: TestClient) -> None:
    with services.store.write() as writer:
        old = sample(12, "Fair Streets Act")
        step = Action("Read twice", date(2031, 5, 5), sources=("Senate journal",))
        change = decide(writer.state(PLAIN), Harvest(PLAIN, replace(old, actions=(*old.actions, step)), "z"), (),
                        IngestMode.LIVE)
        assert change
        writer.apply(change, NOW - timedelta(hours=1))
    entry = lxml_html.fromstring(client.get(f"/{PLAIN}").text).xpath("//ol[@class='timeline']/li")[0]
    assert "Read twice" in entry.text_content() and "(Senate journal)" in entry.text_content()
    [then] = entry.xpath(".//a[@class='recorded']/@href")
    assert then.endswith("?as-of=2031-05-06T11:00:00Z") and client.get(then).status_code == 200


def test_votes_are_told(kept: tuple[Services, str, str], client: TestClient) -> None:
    page = client.get(f"/{PLAIN}").text
    assert 'Roll call 7</a>, On passage <span class="badge">not passed</span>' in page


def test_a_vote_is_told_with_its_counts_and_chamber_in_each_language(client: TestClient) -> None:
    page, page_es = (lxml_html.fromstring(client.get(f"/{PLAIN}", headers={"accept-language": tongue}).text)
                     for tongue in ("en", "es"))
    (told,), (told_es,) = (p.xpath("//section[@aria-labelledby='votes']//li") for p in (page, page_es))
    assert " ".join(told.text_content().split()) == (
        "2 April 2031: House, Roll call 3, Shall <b>it</b> be referred? passed 57 to 40, 2 excused")
    assert " ".join(told_es.text_content().split()) == (
        "2 de abril de 2031: Cámara baja, Roll call 3, Shall <b>it</b> be referred? aprobada por 57 a 40, 2 con excusa")
    assert told.xpath(".//a/@href") == ["https://legislature.example/7/hb12/3"]


def test_a_day_before_the_counts_were_known_does_not_tell_them(services: Services, client: TestClient) -> None:
    with services.store.write() as writer:
        bill = sample(14, "A dull bill")
        silent = replace(bill, votes=(replace(bill.votes[0], counts=None),))
        for moment, now in ((NOW - timedelta(hours=5), silent), (NOW - timedelta(hours=1), bill)):
            change = decide(writer.state(DULL), Harvest(DULL, now, str(moment)), (), IngestMode.LIVE)
            assert change and change.events == ()
            writer.apply(change, moment)
    assert "passed 57 to 40" in client.get(f"/{DULL}").text
    then = {"as-of": (NOW - timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M:%SZ")}
    assert "57 to 40" not in client.get(f"/{DULL}", params=then).text
    asked = client.get(f"/api/v1/bills/{DULL}", params=then).json()
    assert asked["bill"]["votes"][0]["counts"] is None


def test_a_long_list_shows_its_beginning_and_keeps_the_rest_one_click_away(client: TestClient, services: Services):
    many = tuple(Sponsorship(f"Rep. Number {n}", False) for n in range(25))
    bill = replace(sample(40, "A bill that many signed " * 8), sponsorships=many, votes=sample(40, "").votes * 21)
    with services.store.write() as writer:
        writer.apply(change("xx/7/hb-40", bill, (), IngestMode.LIVE), NOW)
    page = lxml_html.fromstring(client.get("/xx/7/hb-40").text)
    shown, folded = page.xpath("//section[@aria-labelledby='sponsors']//ul[@class='sponsors']")
    assert (len(shown), len(folded)) == (20, 5) and folded.getparent().tag == "details"
    assert [s.text for s in page.xpath("//details[ul]/summary")][:2] == ["1 more", "5 more"]
    assert page.xpath("//h1/@class") == ["long"]
