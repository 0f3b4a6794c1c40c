"""Private feeds: made without script, shown once, fetched, ended; stored so that nobody can use it."""

from __future__ import annotations

import re
import sqlite3

import pytest
from icalendar import Calendar
from litestar.testing import TestClient
from lxml import html as lxml_html

from tests.tracker.web.sample import NASTY, change, sample
from tracker.app import Services
from tracker.model import IngestMode

WISH = {"words": "streets OR loitering", "topics": "decriminalization", "jurisdictions": "xx"}


def make(client: TestClient, **wish: str) -> dict[str, str]:
    page = lxml_html.fromstring(client.post("/saved", data=wish or WISH).text)
    urls = [u for u in page.xpath("//p[@class='url']/a/@href") if not u.startswith("webcal")]
    return {u.rpartition(".")[2] if "/saved/" in u else "end": u.removeprefix("http://testserver.local") for u in urls}


def test_the_form_leads_over_a_look_to_the_addresses(client: TestClient):
    form = lxml_html.fromstring(client.get("/saved?words=streets").text)
    assert form.xpath("//input[@name='words']/@value") == ["streets"]
    look = client.post("/saved", data={**WISH, "step": "preview"})
    assert look.status_code == 200 and "Nothing is saved yet" in look.text
    page = lxml_html.fromstring(look.text)
    fields = {field.get("name"): field.get("value") for field in page.xpath("//main//input[@type='hidden']")}
    assert fields["words"] == WISH["words"] and page.xpath("//main//form/@action") == ["/saved"]
    assert set(make(client, **fields)) == {"atom", "rss", "json", "ics", "end"}


def test_a_wrong_word_is_said_and_nothing_is_saved(client: TestClient, services: Services):
    answer = client.post("/saved", data={"words": '"open'})
    assert answer.status_code == 400 and services.saved.count() == 0


def test_a_private_feed_is_fetched_kept_privately_and_not_sent_twice(client: TestClient):
    made = make(client)
    for form, kind in (("atom", "application/atom+xml"), ("rss", "application/rss+xml"),
                       ("json", "application/feed+json"), ("ics", "text/calendar")):
        answer = client.get(made[form])
        assert answer.status_code == 200 and answer.headers["content-type"].startswith(kind)
        assert answer.headers["cache-control"].startswith("private, ")
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        assert "access-control-allow-origin" not in answer.headers and "set-cookie" not in answer.headers
        assert client.get(made[form], headers={"if-none-match": answer.headers["etag"]}).status_code == 304
    items = client.get(made["json"]).json()["items"]
    assert items and all(item["url"].endswith(NASTY) for item in items)


def test_a_new_event_arrives_and_archives_hang_on_it(client: TestClient, services: Services):
    from tests.tracker.web.sample import FLAGS, NOW

    made = make(client)
    before = len(client.get(made["json"]).json()["items"])
    with services.store.write() as writer:
        for number in range(20, 60):
            writer.apply(change(f"xx/7/hb-{number}", sample(number, "Fair Streets Act"), FLAGS, IngestMode.LIVE), NOW)
    ids, url = list[str](), made["json"]
    while url:
        document = client.get(url.removeprefix("http://testserver.local")).json()
        ids += [item["id"] for item in document["items"]]
        url = document.get("next_url", "")
    assert len(set(ids)) == before + 40 * 7


def test_the_calendar_of_a_saved_search_has_its_hearings(client: TestClient):
    assert Calendar.from_ical(client.get(make(client)["ics"]).content).errors == []


def test_the_link_ends_it_by_post_only_and_at_once(client: TestClient, services: Services):
    made = make(client)
    asked = client.get(made["end"])
    assert asked.status_code == 200 and services.saved.count() == 1
    assert client.post(made["end"]).status_code == client.post(made["end"]).status_code == 200
    assert services.saved.count() == 0
    assert all(client.get(made[form]).status_code == 404 for form in ("atom", "rss", "json", "ics"))


def test_the_address_of_the_feed_does_not_end_it(client: TestClient, services: Services):
    token = re.search(r"/saved/([\w-]{43})", make(client)["atom"])
    assert token is not None
    client.post(f"/unsave/{token[1]}")
    assert services.saved.count() == 1


@pytest.mark.parametrize("path", ["/saved/" + "x" * 43 + ".atom", "/saved/short.atom", "/saved/" + "x" * 43 + ".xml",
                                  "/saved/" + "x" * 43 + "/archive/0.ics", "/feeds/saved/" + "x" * 43 + ".atom"])
def test_an_address_that_is_none_is_a_404(client: TestClient, path: str):
    assert client.get(path).status_code == 404


def test_pages_of_a_private_feed_are_never_kept_or_indexed_and_their_titles_tell_nothing(client: TestClient):
    for answer in (client.get("/saved"), client.post("/saved", data=WISH), client.get("/unsave/abc")):
        assert answer.headers["cache-control"] == "no-store" and answer.headers["x-robots-tag"] == "noindex, nofollow"
        title = lxml_html.fromstring(answer.text).findtext(".//title")
        assert title and not re.search("bill|street|decrim|sex|xx", title, re.IGNORECASE)


def test_the_database_holds_neither_tokens_nor_wishes(client: TestClient, services: Services):
    made = make(client, words="zebracorn")
    tokens = [re.search(r"[\w-]{43}", url)[0] for url in made.values()]  # type: ignore[index]
    with sqlite3.connect(services.settings.database_url.removeprefix("sqlite:///")) as database:
        rows = database.execute("SELECT * FROM saved_search").fetchall()
        dump = "\n".join(database.iterdump()) + repr(rows)
    assert len(rows) == 1 and "zebracorn" not in dump
    assert not any(token in dump for token in tokens)


def test_saving_is_limited_for_one_client(client: TestClient):
    assert 429 in {client.post("/saved", data=WISH).status_code for _ in range(80)}


def test_a_search_becomes_a_feed_and_a_calendar_in_one_click(client: TestClient) -> None:
    form = lxml_html.fromstring(client.get("/search", params={"q": 'streets OR "sex work"'}).text).xpath(
        "//form[@action='/saved']")[0]
    [button] = form.xpath(".//button")
    assert form.get("method") == "post"
    made = client.post(form.get("action"), data={button.get("name"): button.get("value")})
    assert made.status_code == 200
    addresses = re.findall(r"/saved/[\w-]+\.(?:atom|ics)", made.text)
    assert {a.rpartition(".")[2] for a in addresses} == {"atom", "ics"}
    feed, calendar = (client.get(next(a for a in addresses if a.endswith(end))) for end in ("atom", "ics"))
    assert feed.status_code == calendar.status_code == 200 and "Referred to the Committee on Streets" in feed.text
    assert "action=\"/saved\"" not in client.get("/search", params={"q": 'cite:"47 U.S.C. 230"'}).text
