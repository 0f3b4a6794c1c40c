"""Feeds over HTTP: every advertised address answers, right types, 304 by tag and by date, archives."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
from litestar.testing import TestClient
from lxml import etree
from lxml import html as lxml_html

from tests.tracker.web.sample import FLAGS, NASTY, NOW, PLAIN, change, sample
from tracker.app import Services
from tracker.model import Effect, IngestMode, Topic
from tracker.stage import STAGE_NAMES
from tracker.subjects import SUBTOPIC_NAMES

FEEDS = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}
TYPES = {**FEEDS, "ics": "text/calendar", "opml": "text/x-opml"}
LISTED = 1 + len(Topic) + len(SUBTOPIC_NAMES) + 1 + len(STAGE_NAMES) + len(Effect)


@pytest.mark.parametrize("form", TYPES)
def test_an_answer_names_its_encoding_once_at_most(client: TestClient, form: str):
    said = client.get(f"/feeds/all.{form}").headers["content-type"]
    assert said.startswith(TYPES[form]) and said.count("charset") <= 1


def test_every_feed_that_a_page_advertises_answers_with_its_type(client: TestClient):
    seen = set()
    for path in ("/", "/feeds", "/alerts", "/xx", "/week", "/calendar", "/search?q=streets",
                 "/topics/decriminalization", f"/{PLAIN}"):
        page = lxml_html.fromstring(client.get(path).text)
        for link in page.xpath("//link[@rel='alternate']"):
            answer = client.get(link.get("href"))
            assert answer.status_code == 200, link.get("href")
            assert answer.headers["content-type"].split(";")[0] == link.get("type")
        for url in page.xpath("//@href[starts-with(., '/feeds/')]"):
            answer = client.get(url)
            assert answer.status_code == 200, url
            assert answer.headers["content-type"].split(";")[0] == TYPES[url.rpartition(".")[2]]
            seen.add(url)
    assert len(seen) == 4 * (LISTED + 1 + 1) + 1 + 3  # the bill itself, its sponsor; OPML; alerts


@pytest.mark.parametrize("form", FEEDS)
def test_a_feed_is_not_sent_twice_and_the_tag_wins_over_the_date(client: TestClient, form: str):
    url = f"/feeds/bill/{NASTY}.{form}"
    first = client.get(url)
    tag, date = first.headers["etag"], first.headers["last-modified"]
    assert parsedate_to_datetime(date) == NOW - timedelta(hours=2)
    assert client.get(url, headers={"if-none-match": tag}).status_code == 304
    assert client.get(url, headers={"if-modified-since": date}).status_code == 304
    assert client.get(url, headers={"if-none-match": '"old"', "if-modified-since": date}).status_code == 200
    assert client.get(url).content == first.content


def test_archives_are_reached_from_the_current_document_and_hold_every_entry_once(client: TestClient,
                                                                                  services: Services):
    with services.store.write() as writer:
        for number in range(20, 60):
            identity = f"xx/7/hb-{number}"
            writer.apply(change(identity, sample(number, "Fair Streets Act"), FLAGS, IngestMode.LIVE), NOW)
    atom, ids, url = "{http://www.w3.org/2005/Atom}", [], "/feeds/all.atom"
    while url:
        document = etree.fromstring(client.get(url.removeprefix("http://testserver.local")).content)
        ids += [e.findtext(f"{atom}id") for e in document.iter(f"{atom}entry")]
        url = next((link.get("href") for link in document.iter(f"{atom}link") if link.get("rel") == "prev-archive"), "")
        assert len(ids) < 1000
    assert len(set(ids)) == 6 + 40 * 7  # the live events of flagged bills; backfill is no news


@pytest.mark.parametrize("path", ["/feeds/nope.atom", "/feeds/all.xml", "/feeds/topic/nope.atom", "/feeds/all",
                                  "/feeds/bill/xx/7/hb-99.atom", "/feeds/all/archive/7.atom",
                                  "/feeds/..%2f..%2fx.atom"])
def test_a_feed_that_cannot_exist_is_a_404(client: TestClient, path: str):
    assert client.get(path).status_code == 404


def test_a_feed_that_could_never_tell_anything_is_refused_or_leads_to_the_one_that_is_meant(client: TestClient) -> None:
    for written, usual in (("jurisdiction/XX.atom", "jurisdiction/xx.atom"),
                           ("bill/xx/7/HB12.ics", "bill/xx/7/hb-12.ics"),
                           ("topic/Decriminalization.json", "topic/decriminalization.json")):
        found = client.get(f"/feeds/{written}", follow_redirects=False)
        assert (found.status_code, found.headers["location"]) == (308, f"/feeds/{usual}")
        assert client.get(f"/feeds/{usual}").status_code == 200
    for nothing in ("jurisdiction/wa.atom", "jurisdiction/us-zz.rss", "jurisdiction/us-wa.ics", "bill/xx/7/hb-9.atom"):
        assert client.get(f"/feeds/{nothing}").status_code == 404


def test_the_letters_of_a_state_lead_to_its_feed(services: Services, client: TestClient) -> None:
    seen = sample(77, "Lamp Act")
    with services.store.write() as writer:
        writer.apply(change("us-wa/7/hb-77", replace(seen, jurisdiction="us-wa"), (), IngestMode.LIVE), NOW)
    for written in ("wa", "washington", "US-WA"):
        found = client.get(f"/feeds/jurisdiction/{written}.rss", follow_redirects=False)
        assert found.headers["location"] == "/feeds/jurisdiction/us-wa.rss"
