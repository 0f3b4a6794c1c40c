"""As known on: pages and answers of a day, what they say of it, and what refuses to guess."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from litestar.testing import TestClient

from tests.tracker.web.meeting import HEARINGS, MEETING, add_meetings
from tests.tracker.web.sample import NOW, PLAIN, marked, sample
from tracker.app import Services
from tracker.ingest import decide
from tracker.model import Harvest, IngestMode, ReadText, TextStatus, Version

BEFORE = f"{NOW - timedelta(hours=10):%Y-%m-%dT%H:%M:%SZ}"
ALL_KNOWN = f"{NOW - timedelta(minutes=90):%Y-%m-%dT%H:%M:%SZ}"  # every bill of the sample has come


@pytest.fixture
def renamed(services: Services) -> Services:
    """The bill gets another title at NOW - 1 h."""
    with services.store.write() as writer:
        bill = replace(sample(12, "Fair Streets Act"), title="Unfair Streets Act")
        change = decide(writer.state(PLAIN), Harvest(PLAIN, bill, "other"), (), IngestMode.LIVE)
        assert change
        writer.apply(change, NOW - timedelta(hours=1))
    return services


def test_a_page_of_the_past_shows_what_was_known_and_says_so(renamed: Services, client: TestClient) -> None:
    now, then = client.get(f"/{PLAIN}").text, client.get(f"/{PLAIN}?as-of={BEFORE}").text
    assert "Unfair Streets Act" in now and "what we recorded later is left out" not in now
    assert "Unfair" not in then and f"As known on {BEFORE}" in then
    assert '<meta name="robots" content="noindex">' in then


def test_links_of_a_page_of_the_past_stay_on_that_day(renamed: Services, client: TestClient) -> None:
    then = client.get(f"/{PLAIN}?as-of={BEFORE}").text
    assert f'href="/{PLAIN}/text/ih?as-of={BEFORE}"' in then
    assert f'href="/bills?as-of={BEFORE}"' in then
    for path in re.findall(r'href="(/[^"#]*as-of=[^"#]*)', then):
        if "/page/" not in path:  # the sample has no archive
            assert client.get(path.replace("&amp;", "&")).status_code == 200, path


def test_a_section_of_a_text_has_an_address_to_cite_that_stays(renamed: Services, client: TestClient) -> None:
    page = client.get(f"/{PLAIN}/text/ih").text
    pins = re.findall(r'id="([^"]+)"><a class="pin" href="#([^"]+)">', page)
    assert pins and all(place == pin for place, pin in pins)
    cited = re.search(rf'class="cite">.*?href="(/{PLAIN}/text/ih\?as-of=[^"]+)"', page, re.DOTALL)
    assert cited
    then = client.get(cited[1]).text
    assert "Unfair Streets Act" in then and f'id="{pins[0][0]}"' in then
    assert f'href="/{PLAIN}/text/ih?as-of={BEFORE}"' in client.get(f"/{PLAIN}/text/ih", params={"as-of": BEFORE}).text


def test_a_text_that_came_later_is_told_as_such_with_a_way_to_the_bill(services: Services, client: TestClient) -> None:
    with services.store.write() as writer:
        state = writer.state(PLAIN)
        assert state
        later = replace(state.bill, versions=(*state.bill.versions, Version("eh", "Engrossed in House")))
        text = ReadText("eh", TextStatus.AVAILABLE, "https://law.example/", "text/plain", "00" * 32,
                        marked())
        change = decide(state, Harvest(PLAIN, later, "more"), (text,), IngestMode.LIVE)
        assert change
        writer.apply(change, NOW - timedelta(minutes=5))
    assert client.get(f"/{PLAIN}/text/eh").status_code == 200
    for path in (f"/{PLAIN}/text/eh", f"/{PLAIN}/compare/ih..eh"):
        then = client.get(path, params={"as-of": ALL_KNOWN})
        assert then.status_code == 404 and f"On {ALL_KNOWN} we did not hold this text yet" in then.text
        assert f'href="/{PLAIN}?as-of={ALL_KNOWN}"' in then.text
    never = client.get(f"/{PLAIN}/text/zz")
    assert never.status_code == 404 and "no such text of this bill" in never.text and f'href="/{PLAIN}"' in never.text


def test_lists_and_data_know_the_past(renamed: Services, client: TestClient) -> None:
    for path in ("/bills", "/api/v1/bills", "/topics", "/", "/sources", "/topics/decriminalization", "/api/v1/topics",
                 "/week", "/week.csv", "/overview", "/overview.csv", "/calendar", "/calendar.csv", "/xx",
                 "/xx/overview.csv", "/api/v1/flags", "/api/v1/hearings", "/search"):
        assert client.get(path, params={"as-of": BEFORE}).status_code == 200, path
    [found] = client.get("/api/v1/bills", params={"as-of": BEFORE, "words": "HB 12"}).json()["bills"]
    assert found["title"] == "Fair Streets Act"
    assert client.get(f"/{PLAIN}/evidence.zip", params={"as-of": BEFORE}).status_code == 200


@pytest.mark.parametrize("day", ["0001-01-01", "0001-01-02T00:00:00+13:00", "1969-12-31", "1000-02-28"])
def test_a_day_long_before_us_is_a_day_when_nothing_was_known(client: TestClient, day: str) -> None:
    for path in ("/", "/bills", "/search?q=fair", "/week", "/overview", "/calendar", "/sources", "/topics", "/xx",
                 "/api/v1/search?q=fair", "/api/v1/sources", "/api/v1/flags", "/week.csv"):
        found = client.get(path, params={"as-of": day, **({"q": "fair"} if "?" in path else {})})
        assert found.status_code in ((200, 404) if path == "/xx" else (200,)), (path, found.text[:200])
        assert PLAIN not in found.text, path
    assert client.get("/changes", params={"from": day}).status_code == 200


def test_before_a_bill_was_known_its_page_says_since_when_it_is(client: TestClient) -> None:
    found = client.get(f"/{PLAIN}", params={"as-of": "2031-05-01"})
    assert found.status_code == 404
    assert "On 2031-05-01 we did not know this bill yet. We know it since 5 May 2031" in found.text
    assert "Known since 2031-05-05" in client.get(f"/api/v1/bills/{PLAIN}?as-of=2031-05-01").json()["detail"]


@pytest.mark.parametrize("asked", ["2031-05-07", "soon", "2031-13-01", "\u0662\u0660"])
def test_what_is_no_past_date_is_refused(client: TestClient, asked: str) -> None:
    found = client.get(f"/api/v1/bills/{PLAIN}", params={"as-of": asked})
    assert found.status_code == 400 and "as-of: expected a date" in found.json()["detail"]


@pytest.mark.parametrize("path", ["/subscribe", "/api/v1/changes?from=2031-05-01", "/feeds"])
def test_what_knows_only_today_refuses_a_date_instead_of_passing_it_over(client: TestClient, path: str) -> None:
    assert client.get(f"{path}{'&' if '?' in path else '?'}as-of=2031-05-05").status_code == 400


def test_a_page_that_knows_only_today_says_so_and_so_does_a_wrong_date(client: TestClient) -> None:
    for path in ("/subscribe?words=act", "/changes?from=2031-05-01", "/feeds?x=1"):
        assert "This page knows only today" in client.get(f"{path}&as-of=2031-05-05").text
    assert "Esta página solo conoce el día de hoy" in client.get("/feeds?as-of=2031-05-05&lang=es").text
    assert "Expected a day like 2025-06-01" in client.get("/bills?as-of=2031-12-12").text


# What a newcomer must decide: does it know the past, or does it refuse a date? These do not know it.
ONLY_TODAY = {
    "about", "alerts", "alerts/{name}", "api/v1/changes", "changes", "confirm/{token}", "data",
    "data/index.json", "data/{kind}/{name}", "digest/{token}", "feeds", "feeds/alerts.atom", "feeds/alerts.json",
    "feeds/alerts.rss", "feeds/all.opml", "feeds/{rest}", "healthz", "manage/{token}", "manage/{token}/data", "privacy",
    "protection", "saved", "saved/{rest}", "static/{name}", "subscribe", "u/{token}", "unsave/{token}"}
NO_KNOWLEDGE = {"api", "api/openapi.json", "api/{path}", "robots.txt"}  # nothing of bills in them
VALUES = {"jurisdiction": "xx", "session": "7", "number": "hb-12", "code": "ih", "pair": "ih..rh", "sha256": "c" * 64,
          "name": "decriminalization"}


def test_every_address_knows_the_past_or_refuses_a_date(services: Services, client: TestClient) -> None:
    seen = set()
    for route in client.app.routes:
        if "GET" not in (route.methods or ()) or route.path.startswith("/desk"):
            continue
        name = route.path_format.lstrip("/")
        path = "/" + name.format_map(VALUES | dict.fromkeys(("token", "kind", "rest", "path"), "x"))
        needed = {"q": "act"} if name in ("api/v1/search", "search.csv") else {}
        status = client.get(path, params={"as-of": BEFORE, **needed}).status_code
        if name in ONLY_TODAY | NO_KNOWLEDGE:
            seen.add(name)
            assert status == 400 or name in NO_KNOWLEDGE, name
        else:
            assert status in (200, 404), name
            # 404s of the sample: a comparison with one text, a kept page without an archive. They read the date, too.
            assert client.get(path, params={"as-of": "soon", **needed}).status_code == 400, name
    assert seen == ONLY_TODAY | NO_KNOWLEDGE, "a name here is no address any more"


def test_flags_of_all_bills_are_those_of_the_day(services: Services, client: TestClient) -> None:
    def flags(**asked: str) -> list[tuple[str, str]]:
        found, cursor = [], None
        while True:
            given = {"limit": "1", **asked, **({"cursor": cursor} if cursor else {})}
            body = client.get("/api/v1/flags", params=given).json()
            found += [(f["bill"], f["flag"]["quote"]) for f in body["flags"]]
            cursor = body["next"]
            if cursor is None:
                return found

    before = flags()
    assert len(before) > 2 and any(bill == PLAIN for bill, _ in before)
    with services.store.write() as writer:
        bill = sample(12, "Fair Streets Act")
        state = writer.state(PLAIN)
        gone = ReadText("ih", TextStatus.AVAILABLE, bill.versions[0].links[0].url, "text/xml", "f" * 64, marked(), ())
        change = decide(state, Harvest(PLAIN, bill, "other"), (gone,), IngestMode.LIVE)
        assert change
        writer.apply(change, NOW - timedelta(hours=1))
    assert [f for f in before if f[0] != PLAIN] == flags()
    assert flags(**{"as-of": ALL_KNOWN}) == before
    topic = {"topic": "decriminalization"}
    assert {bill for bill, _ in flags(**topic, **{"as-of": ALL_KNOWN})} == {*[b for b, _ in flags(**topic)], PLAIN}
    assert flags(bill=PLAIN, **{"as-of": ALL_KNOWN}) == [f for f in before if f[0] == PLAIN]
    assert flags(bill=PLAIN) == [] == flags(jurisdiction="zz", **{"as-of": ALL_KNOWN})


def test_a_hearing_that_was_moved_stands_on_its_old_day_then(services: Services, client: TestClient) -> None:
    add_meetings(services.store)
    moved = replace(sample(15, "+1 Street Act"), hearings=(replace(HEARINGS[0], date=date(2031, 6, 9)), *HEARINGS[1:]))
    now, later = services.clock(), services.clock() + timedelta(hours=5)
    with services.store.write() as writer:
        change = decide(writer.state(MEETING), Harvest(MEETING, moved, "other"), (), IngestMode.LIVE)
        assert change
        writer.apply(change, later - timedelta(hours=1))
    services.__dict__["clock"] = lambda: later
    as_of = {"as-of": f"{now:%Y-%m-%dT%H:%M:%SZ}"}

    def days(**asked: str) -> list[str]:
        listed = client.get("/api/v1/hearings", params={"bill": MEETING, "from": "2031-05-01", **asked}).json()
        return [h["date"] for h in listed["hearings"] if h["key"] == "k1"]

    assert days() == ["2031-06-09"] and days(**as_of) == ["2031-05-07"]
    june = {"month": "2031-06"}
    assert "2031-06-09" in client.get("/calendar.csv", params=june).text
    assert "2031-06-09" not in client.get("/calendar.csv", params={**june, **as_of}).text
    may = client.get("/calendar.csv", params={"month": "2031-05", **as_of}).text
    assert "2031-05-07" in may and "2031-05-07" not in client.get("/calendar.csv", params={"month": "2031-05"}).text
    page = client.get("/calendar", params={"month": "2031-05", **as_of}).text
    assert f'<input type="hidden" name="as-of" value="{as_of["as-of"]}">' in page
    assert f'href="/calendar?month=2031-06&amp;as-of={as_of["as-of"]}"' in page
    assert f'href="/overview?as-of={as_of["as-of"]}"' in page and 'href="/feeds"' in page
    assert f'href="/search?as-of={as_of["as-of"]}"' in page


def test_texts_that_could_not_be_had_are_counted_as_of_then(services: Services, client: TestClient) -> None:
    before = client.get("/xx").text
    assert "3 texts that we know of could not be had or read" in before
    with services.store.write() as writer:
        bill = sample(12, "Fair Streets Act")
        came = ReadText("rh", TextStatus.AVAILABLE, bill.versions[1].links[0].url, "application/pdf", "e" * 64,
                        marked(), ())
        change = decide(writer.state(PLAIN), Harvest(PLAIN, bill, "other"), (came,), IngestMode.LIVE)
        assert change
        writer.apply(change, NOW - timedelta(hours=1))
    assert "2 texts that we know of could not be had or read" in client.get("/xx").text
    assert "3 texts that we know of could not be had or read" in client.get("/xx", params={"as-of": ALL_KNOWN}).text


def test_a_search_of_the_past_finds_the_words_of_then(renamed: Services, client: TestClient) -> None:
    def found(words: str, **asked: str) -> list[str]:
        body = client.get("/api/v1/search", params={"q": words, "facets": "true", **asked}).json()
        assert body["total"] == len(body["bills"]) == sum(f["bills"] for f in body["facets"]["jurisdiction"])
        return [f"{bill['id']} {bill['title']}" for bill in body["bills"]]

    then = {"as-of": BEFORE}
    assert found("title:unfair") == [f"{PLAIN} Unfair Streets Act"] and found("title:unfair", **then) == []
    assert found("title:fair") == [] and found("title:fair", **then) == [f"{PLAIN} Fair Streets Act"]
    assert found("title:fair", **{"as-of": "2031-05-01"}) == []
    page = client.get("/search", params={"q": "streets", **then}).text
    assert "Fair Streets Act" in page and "Unfair" not in page and "Follow this search" not in page
    assert f'<input type="hidden" name="as-of" value="{BEFORE}">' in page
    assert f'href="/{PLAIN}?as-of={BEFORE}"' in page
    assert "Newest movement first: of a past day no other order is known." in page


def test_pages_of_a_search_of_the_past_lead_on(renamed: Services, client: TestClient) -> None:
    def ids(limit: int, **asked: str) -> list[list[str]]:
        pages, cursor = [], None
        while True:
            given = {"q": "in:xx", "limit": str(limit), **asked, **({"cursor": cursor} if cursor else {})}
            body = client.get("/api/v1/search", params=given).json()
            pages.append([bill["id"] for bill in body["bills"]])
            cursor = body["next"]
            if cursor is None:
                return pages

    [whole] = ids(200, **{"as-of": ALL_KNOWN})
    assert len(whole) > 2 and [bill for [bill] in ids(1, **{"as-of": ALL_KNOWN})] == whole
    assert whole.index(PLAIN) > 0 == ids(200)[0].index(PLAIN), "it moved to the front since"
    ranked = client.get("/api/v1/search", params={"q": "streets", "as-of": ALL_KNOWN, "cursor": "r~1"})
    assert ranked.status_code == 400


def test_a_date_that_lies_too_far_back_to_search_says_so(renamed: Services, client: TestClient,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.store.past_search.MOST_CHANGED", 0)
    asked = {"q": "streets", "as-of": BEFORE}
    answer, page = client.get("/api/v1/search", params=asked), client.get("/search", params=asked)
    assert (answer.status_code, page.status_code) == (400, 400)
    assert "expected a later date" in answer.json()["detail"]
    assert "This date lies too far back to search in it" in page.text
    assert "Esta fecha queda demasiado lejos" in client.get("/search", params={**asked, "lang": "es"}).text
    assert client.get("/search", params={"q": "streets"}).status_code == 200


@pytest.mark.parametrize("asked", ["as_of=2031-05-05", "asof=2031-05-05", "As-Of=2031-05-05", "as-known-on=2031-05-05",
                                   "as-of=2031-05-05&as-of=2031-05-04", "as-of=2031-05-05&as_of=2031-05-04"])
def test_a_date_that_is_asked_in_another_spelling_or_twice_is_refused(client: TestClient, asked: str) -> None:
    for path in (f"/{PLAIN}?", "/bills?", "/search?q=fair&", "/overview.csv?", "/changes?", f"/{PLAIN}/evidence.zip?"):
        found = client.get(path + asked)
        assert found.status_code == 400, path
        assert "?as-of=2025-06-01" in found.text


def test_what_other_sites_append_to_a_link_is_passed_over(client: TestClient) -> None:
    assert client.get(f"/{PLAIN}?utm_source=mail&fbclid=x").status_code == 200
