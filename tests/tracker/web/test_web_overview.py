"""Overviews on a real SQLite store: what they count, what they say they do not know, and what a sheet must not do."""

from __future__ import annotations

import csv
import io

import pytest
from litestar.testing import TestClient
from lxml import html as lxml_html

from tests.tracker.web.meeting import MEETING, add_meetings
from tests.tracker.web.sample import DULL, NASTY, PLAIN, bad_run
from tracker.app import Services


@pytest.fixture(autouse=True)
def meetings(services: Services) -> None:
    add_meetings(services.store)


def tree(client: TestClient, path: str):
    answer = client.get(path)
    assert answer.status_code == 200, path
    return lxml_html.fromstring(answer.text)


def words(node) -> str:
    return " ".join(node.text_content().split())


def rows(client: TestClient, path: str) -> list[dict[str, str]]:
    answer = client.get(path)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_the_week_tells_live_news_of_flagged_bills_and_no_first_crawl(client: TestClient) -> None:
    page = tree(client, "/week")
    found = set(page.xpath("//ul[@class='bills']//h3/a/@href"))
    assert found == {f"/{NASTY}", f"/{MEETING}"}  # PLAIN came with a first crawl, DULL has no flag
    moved = {row["bill"]: row for row in rows(client, "/week.csv")}
    assert set(moved) == {NASTY, MEETING}
    assert moved[MEETING]["hearing"] == "1" and moved[NASTY]["hearing"] == "0"
    assert "What moves this week" in words(tree(client, "/"))


def test_a_quiet_week_is_said_in_words(services: Services, client: TestClient) -> None:
    later = services.clock().replace(year=2032)
    services.__dict__["clock"] = lambda: later
    assert "A quiet week" in words(tree(client, "/week"))


def test_the_drawing_the_table_and_the_sheet_say_the_same(client: TestClient) -> None:
    page = tree(client, "/overview")
    row = page.xpath("//tbody/tr[th/a/@href='/xx']/td/text()")
    assert row == ["3", "3", "0", "0"]
    assert words(page.xpath("//ul[@class='sums']")[-1]) == "XX 3"
    every = rows(client, "/overview.csv")
    assert {r["topic"]: r["bills"] for r in every} == {"any": "3", "decriminalization": "3", "platform-liability": "2"}
    assert {r["topic"]: r["bills"] for r in rows(client, "/overview.csv?topic=platform-liability")} == {
        "platform-liability": "2"}
    bars = dict(zip(page.xpath("//svg[contains(@aria-labelledby,'flow')]/text[not(@class)]/text()"),
                    page.xpath("//svg[contains(@aria-labelledby,'flow')]/text[@class='amount']/text()"), strict=True))
    assert (bars["Introduced"], bars["In committee"], bars["Out of committee"]) == ("3", "3", "0")


def test_every_drawing_has_a_title_a_description_and_a_table(client: TestClient) -> None:
    for path in ("/week", "/overview", "/xx"):
        page = tree(client, path)
        drawings = page.xpath("//svg")
        assert drawings and page.xpath("//details//table")
        for drawing in drawings:
            assert words(drawing.xpath("./title")[0]) and words(drawing.xpath("./desc")[0])


def test_a_state_that_nobody_watches_is_not_shown_as_one_without_bills(client: TestClient) -> None:
    tiles = tree(client, "/overview").xpath("//svg[contains(@class,'map')]/*[contains(@class,'tile')]")
    assert len(tiles) == 52 and {t.tag for t in tiles} == {"g"} and all("off" in t.get("class") for t in tiles)


def test_the_calendar_shows_hearings_on_their_days_with_the_words_of_the_legislature(client: TestClient) -> None:
    page = tree(client, "/calendar")  # 6 May 2031 is today
    by_day = {d.xpath(".//time/@datetime")[0]: words(d) for d in page.xpath("//ol[@class='month']/li")}
    assert len(by_day) == 31
    assert "9:30 am (Europe/Vienna)" in by_day["2031-05-07"] and "Room <b>1</b>" in by_day["2031-05-07"]
    assert "time not given" in by_day["2031-05-20"] and "cancelled" in by_day["2031-05-20"]
    assert "Far off" not in words(page) and "Far off" in words(tree(client, "/calendar?month=2031-08"))
    assert page.xpath("//a[@rel='next']/@href") == ["/calendar?month=2031-06"]
    assert "Nothing is set" in words(tree(client, "/calendar?topic=worker-rights"))
    assert "Nothing is set" in words(tree(client, "/calendar?month=2099-12"))
    assert not tree(client, "/calendar?month=2099-12").xpath("//a[@rel='next']")


def test_no_cell_of_a_sheet_is_a_formula(client: TestClient) -> None:
    found = rows(client, "/calendar.csv?month=2031-05")
    assert [r["date"] for r in found] == ["2031-05-07", "2031-05-20", "2031-05-20"]
    assert found[0]["what"].startswith("'=cmd") and found[0]["committee"] == "'@Streets"
    assert found[0]["title"] == "'+1 Street Act"
    assert [r["cancelled"] for r in found] == ["0", "0", "1"]
    for path in ("/week.csv", "/overview.csv", "/xx/overview.csv", "/calendar.csv?month=2031-05",
                 "/bills.csv?show=all"):
        for row in rows(client, path):
            assert not [cell for cell in row.values() if cell[:1] in ("=", "+", "-", "@")]


def test_the_list_of_bills_can_be_taken_along_as_it_was_chosen(
        client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for asked in ("", "?show=all", "?topic=platform-liability", "?jurisdiction=xx&stage=in-committee"):
        page = tree(client, f"/bills{asked}")
        [address] = page.xpath("//a[@download]/@href")
        assert {f"/{row['bill']}" for row in rows(client, address)} == {*page.xpath("//ul[@class='bills']//h3/a/@href")}
    monkeypatch.setattr("tracker.web.billpages.MOST_ROWS", 1)
    assert client.get("/bills.csv?show=all&topic=").status_code == 400  # another address: the first is kept for a while
    assert not tree(client, "/bills?show=all&topic=").xpath("//a[@download]")


@pytest.mark.parametrize("path", ["/bills", "/bills.csv", "/api/v1/bills", "/changes", "/api/v1/changes"])
def test_a_list_of_a_code_that_no_legislature_has_is_refused_and_says_which_is_meant(
        client: TestClient, path: str) -> None:
    assert client.get(path, params={"jurisdiction": "wa"}).status_code == 400
    assert client.get(path, params={"jurisdiction": "us-wa"}).status_code == 200
    said = client.get("/api/v1/bills", params={"jurisdiction": "Washington"}).json()["detail"]
    assert said == "jurisdiction: expected a code like us-wa"


def test_a_legislature_has_its_bills_hearings_sessions_and_what_we_do_not_see(services: Services,
                                                                             client: TestClient) -> None:
    page = tree(client, "/xx")
    alive = page.xpath("//section[@aria-labelledby='alive']//h3/a/@href")
    assert alive == [f"/{MEETING}", f"/{NASTY}", f"/{PLAIN}"] and f"/{DULL}" not in alive
    coming = [words(li) for li in page.xpath("//section[@aria-labelledby='coming']//li")]
    assert len(coming) == 3 and "Far off" not in " ".join(coming)
    assert page.xpath("//a[@href='/subscribe?jurisdictions=xx']")
    assert page.xpath("//a[@href='/feeds/jurisdiction/xx.atom']")
    assert page.xpath("//a[@href='webcal://testserver.local/feeds/jurisdiction/xx.ics']") or page.xpath(
        "//a[starts-with(@href,'webcal://')]")
    source = words(page.xpath("//section[@aria-labelledby='source']")[0])
    assert "4 texts that we know of could not be had or read" in source and "healthy" in source
    services.store.save_run(bad_run())
    assert "needs care" in words(tree(client, "/xx"))
    form = tree(client, "/subscribe?jurisdictions=xx")
    assert form.xpath("//input[@name='jurisdictions'][@value='xx'][@checked]")


def test_a_session_of_a_legislature_is_counted_alone(client: TestClient) -> None:
    page = tree(client, "/xx?session=7")
    assert page.xpath("//table//a[@aria-current='true']/text()") == ["7"]
    assert "session 7" in words(page)


def test_counts_follow_the_log(services: Services, client: TestClient) -> None:
    before = services.tallies.all()
    assert services.tallies.all() is before  # nothing happened, nothing is counted again
    assert sum(x.bills for x in before if x.topic is None) == 3


def test_overviews_speak_spanish(client: TestClient) -> None:
    for path, said in (("/week", "La semana de un vistazo"), ("/overview", "En qué punto están los proyectos"),
                       ("/calendar", "Calendario"), ("/xx", "Próximas audiencias")):
        page = tree(client, f"{path}?lang=es")
        assert page.get("lang") == "es" and said in words(page)
