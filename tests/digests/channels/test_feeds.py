"""Feeds: each change once, whole through archives, the same bytes for the same log, harmless whatever a page said."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import pytest
from fakes.happenings import NOW, SITE, happening, one_of_each
from fakes.memory import MemoryLog
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html

from digests.channels.archive import SIZE, ends_page
from digests.channels.feeds import FORMATS, FeedSpec, all_specs, parse_path, render_feed
from tracker.model import Effect, Event, EventKind, IngestMode, Topic
from tracker.stage import STAGE_NAMES

ALL = FeedSpec("all")
ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "{http://purl.org/syndication/history/1.0}"


def log_of(count: int, every: int = 1) -> MemoryLog:
    """`every`-th event belongs to a flagged bill, the others to nobody's feed."""
    return MemoryLog([happening(n, topics=(Topic.WORKER_RIGHTS,) if n % every == 0 else (), card={
        "identifier": f"HB {n}", "title": "x", "session": "31", "url": None}) for n in range(1, count + 1)])


def numbers(body: bytes, fmt: str) -> list[int]:
    ids = ([item["id"] for item in json.loads(body)["items"]] if fmt == "json"
           else [entry.id for entry in feedparser.parse(body).entries])
    return [int(i.rpartition("/")[2]) for i in ids]


def older_url(body: bytes, fmt: str) -> str | None:
    if fmt == "json":
        found = json.loads(body).get("next_url")
        return str(found) if found else None
    return next((link.href for link in feedparser.parse(body).feed.links if link.rel == "prev-archive"), None)


def walk(log: MemoryLog, fmt: str, spec: FeedSpec = ALL) -> dict[str, bytes]:
    """From the current document back through all archives, as a reader's program does."""
    url, found = f"{SITE.base_url}{spec.path}.{fmt}", {}
    while url:
        kind, wanted, archive = parse_path(url.removeprefix(SITE.base_url))
        assert (kind, wanted) == (spec, fmt)
        found[url] = render_feed(spec, fmt, log, SITE, archive).body
        url = older_url(found[url], fmt) or ""
    return found


# --- what is in a feed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_feed_holds_the_newest_fifty_newest_first(fmt: str) -> None:
    assert numbers(render_feed(ALL, fmt, log_of(120), SITE).body, fmt) == list(range(120, 70, -1))


@pytest.mark.parametrize(("spec", "expected"), [
    (FeedSpec("all"), [1, 2, 6]),
    (FeedSpec("topic", "worker-rights"), [1, 2]),
    (FeedSpec("jurisdiction", "xx"), [1, 6]),
    (FeedSpec("bill", "xx/31/hb-7"), [1, 3]),
])
def test_each_feed_has_its_part_of_the_live_log(spec: FeedSpec, expected: list[int]) -> None:
    other = {"bill": "yy/31/hb-1", "jurisdiction": "yy"}
    log = MemoryLog([happening(1), happening(2, **other), happening(3, topics=()),  # type: ignore[arg-type]
                     happening(4, mode=IngestMode.BACKFILL), happening(5, mode=IngestMode.REPAIR),
                     happening(6, bill="xx/31/hb-8", topics=(Topic.CRIMINALIZATION,))])
    for fmt in FORMATS:
        assert numbers(render_feed(spec, fmt, log, SITE).body, fmt) == expected[::-1]


def test_the_directory_lists_feeds_by_path() -> None:
    specs = all_specs((Topic.WORKER_RIGHTS,), ("xx", "us-wa"))
    paths = [s.path for s in specs]
    assert paths[:6] == ["/feeds/all", "/feeds/topic/worker-rights", "/feeds/subtopic/worker-rights/entertainer-safety",
                         "/feeds/subtopic/worker-rights/labour", "/feeds/jurisdiction/xx", "/feeds/jurisdiction/us-wa"]
    assert {*paths[6:]} == {*(f"/feeds/stage/{stage}" for stage in STAGE_NAMES),
                            *(f"/feeds/effect/{effect}" for effect in Effect)}


@pytest.mark.parametrize("spec", [*all_specs(tuple(Topic), ("us", "us-wa")), FeedSpec("bill", "us/119/hr-7"),
                                  FeedSpec("sponsor", "us-wa/jane-doe"), FeedSpec("committee", "us/light"),
                                  FeedSpec("saved", "x" * 43)])
def test_a_path_leads_back_to_its_feed(spec: FeedSpec) -> None:
    for fmt in FORMATS:
        assert parse_path(f"{spec.path}.{fmt}") == (spec, fmt, None)
        assert parse_path(f"{spec.path}/archive/120.{fmt}") == (spec, fmt, 120)


@pytest.mark.parametrize("path", ["/feeds/all", "/feeds/all.xml", "/feeds/topic.atom", "/feeds/topic/none.atom",
                                  "/feeds/bill/us/119.atom", "/feeds/jurisdiction/US.atom", "/feeds/all/x.atom",
                                  "/feeds/all/archive/-1.atom", "/feeds/all/archive/01.atom", "/feeds/../x.atom"])
def test_a_path_that_is_no_feed_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_path(path)


# --- archives (RFC 5005) ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize(("count", "every"), [(0, 1), (1, 1), (49, 1), (50, 1), (51, 1), (101, 1), (777, 1), (3000, 9)])
def test_current_and_archives_together_hold_everything(fmt: str, count: int, every: int) -> None:
    found = [numbers(body, fmt) for body in walk(log_of(count, every), fmt).values()]
    assert {n for page in found for n in page} == set(range(every, count + 1, every))
    assert all(len(page) <= SIZE for page in found)
    archived = [n for page in found[1:] for n in page]
    assert len(archived) == len(set(archived))


def test_an_archive_never_changes_while_the_log_grows() -> None:
    log, seen = log_of(0), dict[str, bytes]()
    whole = log_of(400, 2).all
    stable = ("rel=\"next-archive\"",)
    for event in whole:
        log.all.append(event)
        if event.seq % 26:
            continue
        for url, body in list(walk(log, "atom").items())[1:]:
            # Only the link to the next archive may still appear.
            kept = b"\n".join(line for line in body.splitlines() if stable[0].encode() not in line)
            assert seen.setdefault(url, kept) == kept
    assert len(seen) > 3


def test_archives_say_that_they_are_and_link_both_ways() -> None:
    pages = list(walk(log_of(400), "atom").items())
    assert len(pages) > 5
    for n, (url, body) in enumerate(pages):
        root = etree.fromstring(body)
        links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
        assert links["self"] == url
        assert links.get("prev-archive") == (pages[n + 1][0] if n + 1 < len(pages) else None)
        assert (root.find(f"{HISTORY}archive") is not None) is (n > 0)
        if n > 0:
            assert links["current"] == pages[0][0]
        if n > 1:
            assert links["next-archive"] == pages[n - 1][0]


def test_only_full_archives_with_their_right_name_exist() -> None:
    log = log_of(200)
    names = {parse_path(url.removeprefix(SITE.base_url))[2] for url in walk(log, "atom")} - {None}
    served = set()
    for number in range(210):
        try:
            render_feed(ALL, "atom", log, SITE, number)
        except LookupError:
            continue
        served.add(number)
    assert names <= served and len(served - names) <= 2  # the newest full ones, not linked until they are needed
    with pytest.raises(LookupError):
        render_feed(ALL, "xml", log, SITE)


def test_a_document_costs_its_own_rows_and_not_the_log() -> None:
    log = log_of(5_000)
    names = [None, *(n for n in range(5_000) if not n or ends_page(n))]
    costs = []
    for name in names:
        log.rows = 0
        try:
            render_feed(ALL, "json", log, SITE, name)
        except LookupError:
            continue
        costs.append(log.rows)
    assert len(costs) > 5 and sum(costs) / len(costs) < 500 and max(costs) < 1500


# --- bytes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fmt", FORMATS)
def test_equal_logs_give_equal_bytes_and_a_new_event_gives_new_ones(fmt: str) -> None:
    one, two = (render_feed(ALL, fmt, log_of(80), SITE) for _ in range(2))
    assert one == two
    assert one.etag.startswith('"') and one.etag.endswith('"')
    assert render_feed(ALL, fmt, log_of(81), SITE).etag != one.etag
    assert one.last_modified.replace(microsecond=0) == (NOW - timedelta(hours=1))


@pytest.mark.parametrize("fmt", FORMATS)
def test_an_empty_feed_is_a_feed_and_stays_the_same(fmt: str) -> None:
    document = render_feed(ALL, fmt, MemoryLog([]), SITE)
    assert document.last_modified == datetime(2000, 1, 1, tzinfo=UTC)
    assert numbers(document.body, fmt) == []


# --- validity ---------------------------------------------------------------------------------------------------------


def full_log() -> MemoryLog:
    return MemoryLog(one_of_each())


def test_atom_keeps_the_rules() -> None:
    document = render_feed(FeedSpec("topic", "worker-rights"), "atom", full_log(), SITE)
    root = etree.fromstring(document.body)
    assert document.media_type == "application/atom+xml; charset=utf-8"
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    assert root.findtext(f"{ATOM}id") == "tag:example.org,2026:feeds/topic/worker-rights"
    assert root.findtext(f"{ATOM}author/{ATOM}name") == "billwatch"
    entries = root.findall(f"{ATOM}entry")
    ids = [e.findtext(f"{ATOM}id") for e in entries]
    updates = [e.findtext(f"{ATOM}updated") for e in entries]
    assert ids[0] == f"tag:example.org,2026:event/{len(EventKind)}"
    assert len(set(ids)) == len(set(updates)) == len(entries) == len(EventKind)
    assert updates == sorted(updates, reverse=True)  # type: ignore[type-var]
    assert root.findtext(f"{ATOM}updated") == updates[0]
    for entry in entries:
        [content] = entry.findall(f"{ATOM}content")
        assert content.get("type") == "html" and entry.findtext(f"{ATOM}title")
        assert entry.find(f"{ATOM}link").get("href") == "https://watch.example.org/xx/31/hb-7"


def test_rss_keeps_the_rules() -> None:
    document = render_feed(FeedSpec("bill", "xx/31/hb-7"), "rss", full_log(), SITE)
    channel = etree.fromstring(document.body)[0]
    assert channel.findtext("title") == "billwatch: HB 7" and channel.findtext("language") == "en"
    assert channel.findtext("link") == "https://watch.example.org/xx/31/hb-7" and channel.findtext("description")
    [own] = [link for link in channel.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert own.get("href") == "https://watch.example.org/feeds/bill/xx/31/hb-7.rss"
    for item in channel.findall("item"):
        assert item.find("guid").get("isPermaLink") == "false"
        assert item.findtext("guid").startswith("tag:example.org,2026:event/")
        assert datetime.strptime(item.findtext("pubDate"), "%a, %d %b %Y %H:%M:%S %z")


def test_json_feed_keeps_the_rules() -> None:
    document = render_feed(ALL, "json", full_log(), SITE)
    feed = json.loads(document.body)
    assert document.media_type == "application/feed+json"
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert {"title", "home_page_url", "feed_url", "authors", "language", "items"} <= set(feed)
    for item in feed["items"]:
        assert isinstance(item["id"], str) and item["url"].startswith("https://")
        assert item["content_html"] and item["content_text"]
        assert datetime.fromisoformat(item["date_published"]).tzinfo


@pytest.mark.parametrize("fmt", ["atom", "rss"])
def test_a_known_parser_reads_it_without_complaint(fmt: str) -> None:
    parsed = feedparser.parse(render_feed(ALL, fmt, full_log(), SITE).body)
    assert not parsed.bozo and len(parsed.entries) == len(EventKind)
    assert all(e.id and e.title and e.published_parsed and e.link for e in parsed.entries)


# --- hostile pages ----------------------------------------------------------------------------------------------------

NASTY = ["<script>alert(1)</script>", "]]>", "&lt;script&gt;", "\x00\x08\x1b[31m", "\ud800", "\u202eevil", "\ufffe",
         "<img src=x onerror=alert(1)>", "\" onmouseover=\"x", "{{ 7*7 }}", "<![CDATA[x]]>", "--></script>", "&#0;"]


def poisoned(words: str) -> Event:
    data: dict[str, Any] = {"description": words, "time": words, "also": [words]}
    card = {"identifier": words, "title": words, "session": words, "url": f"javascript:{words}"}
    return happening(1, card=card, **data)


def check_harmless(event: Event) -> None:
    for fmt in FORMATS:
        body = render_feed(FeedSpec("bill", "xx/31/hb-7"), fmt, MemoryLog([event]), SITE).body
        body.decode()
        if fmt == "json":
            [markup] = [item["content_html"] for item in json.loads(body)["items"]]
        else:
            root = etree.fromstring(body)
            [markup] = root.xpath("//*[local-name()='content']/text() | //item/description/text()")
            titles = root.xpath("//item/title/text()")
            assert not any("<" in t for t in titles)
        for node in html.fragment_fromstring(markup, create_parent="div").iter():
            assert node.tag in {"div", "p", "a", "strong", "blockquote"}
            assert set(node.keys()) <= {"href"}
            assert (node.get("href") or SITE.base_url).startswith(SITE.base_url)


@pytest.mark.parametrize("words", NASTY)
def test_a_hostile_page_cannot_break_or_arm_a_feed(words: str) -> None:
    check_harmless(poisoned(words))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(NASTY) | st.text(max_size=20), max_size=6).map("".join))
def test_no_text_at_all_breaks_a_feed(words: str) -> None:
    check_harmless(poisoned(words))


def test_many_events_of_one_moment_keep_their_order_by_time() -> None:
    events = [happening(n, recorded_at=NOW) for n in range(1, 40)]
    random.Random(1).shuffle(events)
    log = MemoryLog(sorted(events, key=lambda e: e.seq))
    parsed = feedparser.parse(render_feed(ALL, "atom", log, SITE).body)
    times = [e.updated for e in parsed.entries]
    assert times == sorted(times, reverse=True) and len(set(times)) == 39
