"""Pages on a real SQLite store: what they say, what they escape, what they never send."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from litestar.testing import TestClient
from lxml import html as lxml_html

from tests.tracker.web.sample import DULL, FLAGS, HOSTILE, NASTY, NOW, PLAIN, bad_run, change, sample
from tracker.app import Services
from tracker.errors import StoreAway
from tracker.model import IngestMode
from tracker.store.store import SqlStore
from tracker.web.app import create_app

PUBLIC = ("/", "/search", "/search?q=loiter*&order=relevance", "/search?q=nosuchword",
          "/bills", "/bills?show=all", f"/{PLAIN}", f"/{NASTY}", f"/{DULL}", f"/{PLAIN}/text/ih",
          f"/{PLAIN}/compare/ih..ih", f"/{PLAIN}/compare/ih..ih?show=side", "/topics",
          "/topics/decriminalization", "/week", "/overview", "/overview?topic=decriminalization&at=open",
          "/calendar", "/calendar?month=2031-05&jurisdiction=xx", "/xx", "/xx?session=7",
          "/feeds", "/subscribe", "/sources", "/about", "/privacy", "/protection")
PRIVATE = ("/confirm/abc", "/manage/abc", "/u/abc")
BROKEN = ("/nope", "/search?q=topc:(", "/search?q=x&cursor=nope",
          "/topics/nope", "/overview?topic=nope", "/overview?at=nope", "/calendar?month=2031-13",
          "/calendar?month=9999-01",
          "/calendar?jurisdiction=zz", "/xx?session=8", "/zz/overview.csv",
          "/bills?topic=nope", "/bills?cursor=nope", "/?before=nope", "/xx/7/hb-99",
          f"/{PLAIN}/text/zz", f"/{PLAIN}/text/rh", "/a/b/c/d/e/f", "/static/../app.py", "/static/nope.css")
ALL = (*PUBLIC, *PRIVATE, *BROKEN)


def tree(client: TestClient, path: str):
    return lxml_html.fromstring(client.get(path).text)


def words(node) -> str:
    return " ".join(node.text_content().split())


@pytest.mark.parametrize("path", PUBLIC)
def test_every_page_answers_and_has_a_title_a_heading_and_landmarks(client: TestClient, path: str):
    answer = client.get(path)
    assert answer.status_code == 200 and answer.headers["content-type"] == "text/html; charset=utf-8"
    page = lxml_html.fromstring(answer.text)
    assert page.get("lang") == "en" and words(page.find(".//title"))
    assert len(page.findall(".//h1")) == 1
    assert all(page.find(f".//{name}") is not None for name in ("main", "header", "footer", "nav"))
    assert page.xpath("//a[@class='skip']/@href") == ["#content"] and page.xpath("//main[@id='content']")


@pytest.mark.parametrize("path", ALL)
def test_headings_go_down_one_step_at_a_time_ids_are_unique_and_fields_have_labels(client: TestClient, path: str):
    page = tree(client, path)
    levels = [int(h.tag[1]) for h in page.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
    assert levels[0] == 1 and all(b <= a + 1 for a, b in pairwise(levels)), levels
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    for ref in page.xpath("//@aria-labelledby|//@aria-describedby|//label/@for"):
        assert ref in ids
    labelled = set(page.xpath("//label/@for"))
    assert {f.get("id") for f in page.xpath("//input|//select")} <= labelled
    for target in page.xpath("//a[starts-with(@href,'#')]/@href"):
        assert target[1:] in ids
    for table in page.xpath("//table"):
        assert table.find("caption") is not None and all(th.get("scope") for th in table.iter("th"))


@pytest.mark.parametrize("path", ALL)
def test_no_response_sets_a_cookie_or_may_run_or_load_anything_foreign(client: TestClient, path: str):
    answer = client.get(path)
    assert "set-cookie" not in answer.headers
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "script" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    page = lxml_html.fromstring(answer.text)
    # A block of JSON-LD is data that no browser runs; it is read as JSON, so nothing else can stand in it.
    assert all(json.loads(block.text)["@context"] == "https://schema.org" for block in page.xpath("//script"))
    assert not page.xpath("//script[not(@type='application/ld+json')]|//script/@*[name()!='type']")
    assert not page.xpath("//style|//iframe|//object|//embed|//@style|//@onclick|//@onerror|//@onload")
    loaded = page.xpath("//@src|//link[@rel='stylesheet' or @rel='icon']/@href|//form/@action|//@srcset")
    assert loaded and all(url.startswith("/") and not url.startswith("//") for url in loaded)
    assert all(urlsplit(url).scheme in ("", "http", "https") or url.startswith("webcal://testserver.local/feeds/")
               for url in page.xpath("//a/@href"))


@pytest.mark.parametrize("path", ["/", "/bills", f"/{NASTY}", f"/{NASTY}/text/ih"])
def test_a_hostile_title_is_shown_and_never_obeyed(client: TestClient, path: str):
    answer = client.get(path)
    data = '<script type="application/ld+json">'
    assert answer.text.count("<script") == answer.text.count(data) == answer.text.count("</script") <= 1
    assert "Loitering <script>alert(1)</script>" in words(lxml_html.fromstring(answer.text)) and HOSTILE


def test_hostile_addresses_of_a_record_never_become_links(client: TestClient):
    assert not tree(client, f"/{PLAIN}").xpath("//a[contains(@href,'javascript')]")


@pytest.mark.parametrize("path", BROKEN)
def test_error_pages_are_readable_and_tell_no_secrets(client: TestClient, path: str):
    answer = client.get(path)
    assert answer.status_code in (400, 404) and "Traceback" not in answer.text and ".py" not in answer.text
    assert words(lxml_html.fromstring(answer.text).find(".//h1"))


def test_a_crash_is_a_readable_page_that_quotes_nothing(services: Services, monkeypatch, capfd, caplog):
    def crash(*_: object) -> None:
        raise RuntimeError("secret-address@reader.example")

    monkeypatch.setattr(SqlStore, "latest_events", crash)
    with TestClient(create_app(services), raise_server_exceptions=False) as client:
        answer = client.get("/")
        assert answer.status_code == 500 and "The fault is ours" in answer.text
        assert "secret-address" not in answer.text
        assert "content-security-policy" in answer.headers
    seen = "".join(capfd.readouterr()) + caplog.text
    assert "secret-address" not in seen and "RuntimeError" in seen


def test_the_first_page_groups_news_by_day_and_bill_and_leaves_unflagged_bills_out(client: TestClient):
    page = tree(client, "/")
    assert [words(h) for h in page.xpath("//main//section/h2")] == [
        "What moves this week", "6 May 2031", "5 May 2031"]
    assert page.xpath("//article//h3/a/@href") == [f"/{NASTY}", f"/{PLAIN}"]
    assert "5 more on this day" in words(page)


@pytest.mark.parametrize("path", ["/", "/bills", "/search?q=fair", "/topics/decriminalization", "/xx"])
def test_every_list_says_what_a_bill_would_do_about_each_topic(client: TestClient, path: str):
    [found] = tree(client, path).xpath(f"(//a[@href='/{PLAIN}']/ancestor::*[@class='bill'])[1]//ul[@class='findings']")
    assert [words(item) for item in found] == ["Decriminalization would relax the law",
                                               "FOSTA-style (platform liability) would repeal or weaken"]


@pytest.mark.parametrize(("mail", "first"), [("folder", "/subscribe"), ("off", "/feeds")])
def test_the_first_page_says_what_this_is_and_offers_only_what_works(services: Services, mail: str, first: str):
    offered = replace(services, settings=services.settings.model_copy(update={"mail": mail}))
    with TestClient(create_app(offered)) as client:
        page = tree(client, "/")
    assert page.xpath("//main//a[@class='act']/@href") == [first, "/search", "/topics"]
    assert "billwatch reads the bills of legislatures and shows those that touch sex work" in words(page)


def test_many_blind_sources_do_not_push_the_news_away(client: TestClient, services: Services):
    for source in ("xa", "xb", "xc", "xx"):
        services.store.save_run(replace(bad_run(), id=f"{source}-2", source=source))
    banner = tree(client, "/").xpath("//section[@class='banner']")[0]
    assert len(banner.xpath("./p")) == 3 and words(banner.find("details/summary")) == "2 more sources"


def test_a_source_that_is_refused_is_announced_on_top(client: TestClient, services: Services):
    assert "We may be missing something" not in client.get("/").text
    services.store.save_run(bad_run())
    for path in ("/", f"/{PLAIN}", f"/{PLAIN}/text/ih", "/bills", "/bills?jurisdiction=xx",
                 "/topics/decriminalization"):
        assert "the site refuses us" in words(tree(client, path))
    assert "the site refuses us" not in words(tree(client, "/bills?jurisdiction=us"))
    sources = words(tree(client, "/sources"))
    assert "403 at <https://legislature.example/>." in sources and "needs care" in sources


def test_a_source_that_nobody_asked_for_too_long_is_announced(services: Services):
    later = replace(services, clock=lambda: NOW + timedelta(hours=30))
    with TestClient(create_app(later)) as client:
        assert "not checked for too long" in words(tree(client, "/"))


def test_the_bill_page_shows_each_quote_lit_in_its_provision_and_both_dates(client: TestClient):
    page = tree(client, f"/{PLAIN}")
    assert set(map(words, page.xpath("//ol[@class='flags']//mark"))) == {f.quote for f in FLAGS}
    assert "Whoever loiters" in [words(d) for d in page.xpath("//del")]
    whole = words(page)
    for expected in ("In committee", "Last step, on 2 April 2031: Referred to the Committee on Streets",
                     "Decriminalization would relax the law", "FOSTA-style (platform liability) would repeal or weaken",
                     "A later text, “Reported in House”, could not be read yet", "the quoted words are inserted",
                     "withdrew 9 April 2031", "2 pm or upon recess (Europe/Vienna)", "c" * 64, "d" * 64,
                     "SB 1: Not held", "recorded 5 May 2031, 12:00 UTC", "no date given"):
        assert expected in whole
    dates = page.xpath("//ol[@class='timeline']/li/p[@class='when']/*[1]")
    assert words(dates[1]) == "2 April 2031"


def test_every_flag_links_to_its_place_in_the_full_text(client: TestClient):
    targets = tree(client, f"/{PLAIN}").xpath("//ol[@class='flags']//p[@class='facts']/a/@href")
    assert len(targets) == len(FLAGS)
    for target in targets:
        path, _, anchor = target.partition("#")
        block = tree(client, path).xpath(f"//div[@id='{anchor}']")[0]
        assert words(block.find(".//mark")) in {f.quote for f in FLAGS}


def test_a_bill_without_flags_says_why_and_never_that_all_is_well(client: TestClient):
    text = words(tree(client, f"/{DULL}"))
    assert "A later text, “Reported in House”, could not be read yet" in text


def test_a_number_written_otherwise_leads_to_the_bill(client: TestClient):
    answer = client.get("/XX/7/HB12", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (308, f"/{PLAIN}")


@pytest.mark.parametrize(("query", "expected"), [
    ("", [NASTY, PLAIN]),
    ("?show=all", [NASTY, PLAIN, DULL]),
    ("?topic=platform-liability", [PLAIN]),
    ("?effect=reverses", [PLAIN]),
    ("?topic=decriminalization&effect=reverses", []),
    ("?words=fair+streets", [PLAIN]),
    ("?words=100%25", []),
    ("?jurisdiction=xx&session=7&stage=in-committee", [NASTY, PLAIN]),
    ("?jurisdiction=&session=&topic=&effect=&stage=&words=&show=flagged", [NASTY, PLAIN]),
    ("?jurisdiction=yy", []),
])
def test_the_list_is_filtered_by_what_the_form_sends(client: TestClient, query: str, expected: list[str]):
    page = tree(client, "/bills" + query)
    assert [a[1:] for a in page.xpath("//ul[@class='bills']//h3/a/@href")] == expected
    assert expected or "No bill fits" in words(page)


def test_the_list_is_paged_without_loss_or_repeat(client: TestClient, monkeypatch):
    monkeypatch.setattr("tracker.web.billpages.BILLS_A_PAGE", 1)
    seen, url = [], "/bills?show=all&stage=in-committee"
    while url:
        page = tree(client, url)
        seen += page.xpath("//ul[@class='bills']//h3/a/@href")
        url = next(iter(page.xpath("//a[@rel='next']/@href")), None)
    assert seen == [f"/{NASTY}", f"/{PLAIN}", f"/{DULL}"]


def test_the_first_page_is_paged_by_the_log(client: TestClient, monkeypatch):
    monkeypatch.setattr("tracker.web.pages.EVENTS_A_PAGE", 4)
    seen, url = 0, "/"
    while url:
        page = tree(client, url)
        seen += len(page.xpath("//ul[@class='lines']/li"))
        url = next(iter(page.xpath("//a[@rel='next']/@href")), None)
    assert seen == 6 + 7


@pytest.mark.parametrize("path", [*PUBLIC[:10], "/static/site.css", "/robots.txt", "/api/v1/bills",
                                  "/feeds/all.atom", "/feeds/topic/decriminalization.json"])
def test_a_page_that_the_reader_has_is_not_sent_again(client: TestClient, path: str):
    first = client.get(path)
    again = client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/feeds/all.rss", "/api/v1/topics", "/nope", "/static/icon.svg"])
def test_head_is_get_without_the_body(client: TestClient, path: str):
    got, head = client.get(path), client.head(path)
    assert head.status_code == got.status_code and head.content == b""
    assert head.headers["content-type"] == got.headers["content-type"]
    assert head.headers.get("etag") == got.headers.get("etag")


def test_the_style_sheet_is_kept_by_version_and_asks_nothing_of_others(client: TestClient):
    url = tree(client, "/").xpath("//link[@rel='stylesheet']/@href")[0]
    answer = client.get(url)
    assert "immutable" in answer.headers["cache-control"] and answer.headers["content-type"].startswith("text/css")
    assert "immutable" not in client.get("/static/site.css?v=old").headers["cache-control"]
    assert not re.search(r"url\(|@import|@font-face", answer.text)


def test_effects_are_told_in_words_on_every_topic_page(client: TestClient):
    assert "Would relax the law" in words(tree(client, "/topics/decriminalization"))
    assert "Would repeal or weaken" in words(tree(client, "/topics/platform-liability"))
    assert "No bill at present" in words(tree(client, "/topics/worker-rights"))
    assert "would relax the law: 2" in words(tree(client, "/topics"))


def test_an_empty_site_helps(tmp_path, services: Services):
    empty = Services(services.settings.model_copy(update={"home": tmp_path / "empty"}), services.clock)
    with TestClient(create_app(empty)) as client:
        assert "No bill with a flagged section has moved" in words(tree(client, "/"))
        assert "never checked yet" in words(tree(client, "/"))
        for path in ("/bills", "/topics", "/topics/criminalization", "/feeds", "/sources", "/subscribe"):
            assert client.get(path).status_code == 200
        assert client.get("/feeds/all.atom").status_code == 200


def test_robots_and_health_answer_plainly(client: TestClient):
    assert "Disallow: /manage/" in client.get("/robots.txt").text
    assert client.get("/healthz").text == "ok\n"
    assert client.post("/bills").status_code == 405


@pytest.mark.parametrize("path", ["/", "/bills", "/feeds/all.atom", "/api/v1/bills"])
def test_while_the_database_is_away_pages_ask_to_come_back_in_a_minute(
        services: Services, monkeypatch: pytest.MonkeyPatch, path: str):
    with TestClient(create_app(services), raise_server_exceptions=False) as client:
        def away(*_: object, **__: object) -> None:
            raise StoreAway("connection refused")

        for part in ("connect", "begin"):
            monkeypatch.setattr(type(services.store.engine), part, away)
        answer = client.get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert "in a minute" in answer.text and "switched off" not in answer.text
        assert "refused" not in answer.text
        monkeypatch.undo()
        assert client.get(path).status_code == 200


def test_an_event_that_says_nothing_of_its_bill_does_not_cost_the_first_page(
        services: Services, client: TestClient) -> None:
    told = change("xx/7/hb-15", sample(15, "Silent Act"), FLAGS, IngestMode.LIVE)
    with services.store.write() as writer:
        writer.apply(replace(told, events=tuple(replace(e, data={}) for e in told.events)), NOW)
    for path in ("/", "/xx", "/xx/7/hb-15", "/week", "/feeds/all.atom", "/feeds/all.json", "/api/v1/events"):
        assert client.get(path).status_code == 200, path
    assert "xx/7/hb-15" in client.get("/").text


def test_what_is_not_held_is_told_with_ways_on(client: TestClient) -> None:
    missing = client.get("/xx/7/hb-99999")
    assert missing.status_code == 404 and "We hold no bill of this address" in missing.text
    ways = re.findall(r'<li><a href="(/(?:search|bills)\?[^"]+)"', missing.text)
    assert [client.get(way.replace("&amp;", "&")).status_code for way in ways] == [200, 200]
    state = client.get("/us-wa")
    assert state.status_code == 404 and "does not watch Washington" in state.text and 'href="/sources"' in state.text
    assert "does not watch" not in client.get("/us-zz").text


def test_a_legislature_and_a_topic_are_found_as_people_write_them(client: TestClient) -> None:
    for written, usual in (("/XX", "/xx"), ("/Xx?as-of=2031-05-06", "/xx?as-of=2031-05-06"),
                           ("/topics/Decriminalization", "/topics/decriminalization")):
        found = client.get(written, follow_redirects=False)
        assert (found.status_code, found.headers["location"]) == (308, usual)
    assert "does not watch Washington" in client.get("/washington").text
    assert "does not watch New York" in client.get("/NY").text


def test_the_page_of_data_leads_to_every_address_of_the_api(client: TestClient) -> None:
    page = client.get("/data").text
    assert all(path in page for path in client.get("/api/openapi.json").json()["paths"])
    tried = re.findall(r'<li><a href="(/api/v1/[^"]+)"', page)
    assert len(tried) > 8
    for address in tried:
        assert client.get(address).status_code == 200, address
    assert 'href="/data#api"' in client.get("/").text


@pytest.mark.parametrize(("path", "wrong"), [
    ("/bills?topic=fosta", "topic: expected one of decriminalization, "),
    ("/bills?jurisdiction=wa", "a code like us-wa"),
    ("/calendar?month=june", "month: "), ("/search?q=fair&order=best", "order: expected one of newest, relevance")])
def test_a_page_that_did_not_understand_says_what(client: TestClient, path: str, wrong: str) -> None:
    found = client.get(path)
    assert found.status_code == 400 and '<p class="fine" lang="en">' in found.text and wrong in found.text
