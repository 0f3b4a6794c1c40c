"""The rules that a validator of feeds would hold us to, one by one, for every kind of feed; OPML, too.

Atom: RFC 4287. Archives: RFC 5005. RSS: RSS 2.0 and the advice of the RSS Advisory Board. JSON Feed 1.1.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest
from fakes.happenings import SITE
from fakes.memory import MemoryLog
from fakes.variety import varied
from lxml import etree

from digests.channels.directory import groups, opml
from digests.channels.feeds import FeedSpec, archive_numbers, parse_path, render_feed
from digests.channels.sieve import Sieve
from digests.channels.specs import all_specs
from digests.speech import speech_of
from tracker.model import Filter, Topic

ATOM, HISTORY = "{http://www.w3.org/2005/Atom}", "{http://purl.org/syndication/history/1.0}"
LOG = Sieve(MemoryLog(varied(900)))
KINDS = [FeedSpec("all"), FeedSpec("topic", "worker-rights"), FeedSpec("subtopic", "worker-rights/labour"),
         FeedSpec("jurisdiction", "xx"), FeedSpec("bill", "xx/31/hb-3"), FeedSpec("stage", "became-law"),
         FeedSpec("effect", "advances"), FeedSpec("sponsor", "xx/jane-doe"), FeedSpec("committee", "xx/ways-means"),
         FeedSpec("sponsor", "xx/nobody"), FeedSpec("saved", "x" * 43, Filter(words="lamps"), "row")]
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
TAG = re.compile(r"tag:[a-z0-9.-]+,\d{4}(-\d\d){0,2}:\S+")


def documents(spec: FeedSpec, fmt: str) -> list[tuple[bool, bytes]]:
    """(is an archive, bytes) of the current one, and the newest and oldest archive."""
    numbers = list(archive_numbers(spec, LOG))
    return [(False, render_feed(spec, fmt, LOG, SITE).body),
            *((True, render_feed(spec, fmt, LOG, SITE, n).body) for n in {*numbers[:1], *numbers[-1:]})]


def test_the_kinds_are_all_that_there_are() -> None:
    assert {s.kind for s in KINDS} >= {s.kind for s in all_specs(tuple(Topic), ("xx",))} | {"bill", "saved"}


@pytest.mark.parametrize("spec", KINDS, ids=lambda s: f"{s.kind}-{s.value[:20]}")
def test_atom_keeps_every_rule(spec: FeedSpec) -> None:
    for is_archive, body in documents(spec, "atom"):
        assert body.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
        root = etree.fromstring(body)
        assert root.tag == f"{ATOM}feed"
        for once in ("id", "title", "updated"):
            assert len(root.findall(ATOM + once)) == 1
        assert TAG.fullmatch(root.findtext(f"{ATOM}id") or "") and root.findtext(f"{ATOM}author/{ATOM}name")
        links = [(link.get("rel"), link.get("type")) for link in root.findall(f"{ATOM}link")]
        assert len(links) == len(set(links)) and ("self", "application/atom+xml") in links
        assert all(urlsplit(link.get("href")).scheme == "https" for link in root.iter(f"{ATOM}link"))
        assert (root.find(f"{HISTORY}archive") is not None) is is_archive
        assert ("current" in {rel for rel, _ in links}) is is_archive
        entries = root.findall(f"{ATOM}entry")
        ids = [e.findtext(f"{ATOM}id") for e in entries]
        assert len(ids) == len(set(ids))
        for entry in entries:
            for once in ("id", "title", "updated", "published", "content"):
                assert len(entry.findall(ATOM + once)) == 1
            assert TAG.fullmatch(entry.findtext(f"{ATOM}id") or "")
            assert entry.findtext(f"{ATOM}published") <= entry.findtext(f"{ATOM}updated")
            assert all(c.get("term") for c in entry.findall(f"{ATOM}category"))
            assert [link.get("rel", "alternate") for link in entry.findall(f"{ATOM}link")] == ["alternate"]
        for moment in (*root.iter(f"{ATOM}updated"), *root.iter(f"{ATOM}published")):
            assert RFC3339.fullmatch(moment.text or "")


@pytest.mark.parametrize("spec", KINDS, ids=lambda s: f"{s.kind}-{s.value[:20]}")
def test_rss_keeps_every_rule(spec: FeedSpec) -> None:
    for is_archive, body in documents(spec, "rss"):
        root = etree.fromstring(body)
        assert (root.tag, root.get("version"), len(root)) == ("rss", "2.0", 1)
        channel = root[0]
        for once in ("title", "link", "description", "language", "lastBuildDate", "generator"):
            assert len(channel.findall(once)) == 1 and channel.findtext(once)
        own = [link for link in channel.findall(f"{ATOM}link") if link.get("rel") == "self"]
        assert len(own) == 1 and own[0].get("type") == "application/rss+xml"
        assert (channel.find(f"{HISTORY}archive") is not None) is is_archive
        guids = [item.findtext("guid") for item in channel.findall("item")]
        assert len(guids) == len(set(guids)) and all(guids)
        for item in channel.findall("item"):
            assert item.findtext("title") or item.findtext("description")
            assert item.find("guid").get("isPermaLink") == "false" and item.find("author") is None
            assert urlsplit(item.findtext("link") or "").scheme == "https"
            assert "<" not in (item.findtext("title") or "")
        for moment in (*channel.iter("pubDate"), *channel.iter("lastBuildDate")):
            assert parsedate_to_datetime(moment.text or "").tzinfo


@pytest.mark.parametrize("spec", KINDS, ids=lambda s: f"{s.kind}-{s.value[:20]}")
def test_json_feed_keeps_every_rule(spec: FeedSpec) -> None:
    for _, body in documents(spec, "json"):
        feed = json.loads(body)
        assert feed["version"] == "https://jsonfeed.org/version/1.1" and feed["title"]
        assert set(feed) <= {"version", "title", "home_page_url", "feed_url", "description", "language", "authors",
                             "next_url", "items"}
        assert feed.get("next_url") != feed["feed_url"]
        assert all(urlsplit(feed[name]).scheme == "https" for name in ("home_page_url", "feed_url"))
        assert all(set(author) & {"name", "url", "avatar"} for author in feed["authors"])
        ids = [item["id"] for item in feed["items"]]
        assert len(ids) == len(set(ids)) and all(isinstance(i, str) for i in ids)
        for item in feed["items"]:
            assert item["content_html"] or item["content_text"]
            assert RFC3339.fullmatch(item["date_published"]) and datetime.fromisoformat(item["date_published"]).tzinfo
            assert all(isinstance(tag, str) and tag for tag in item["tags"])


@pytest.mark.parametrize("language", ["en", "es"])
def test_opml_names_every_public_feed_once_by_an_address_that_exists(language: str) -> None:
    speech = speech_of(language)
    root = etree.fromstring(opml(groups(("us", "us-wa"), str.upper, speech), SITE, speech))
    assert (root.tag, root.get("version"), [child.tag for child in root]) == ("opml", "2.0", ["head", "body"])
    assert root.findtext("head/title")
    outlines = list(root.iter("outline"))
    assert all(o.get("text") for o in outlines)
    feeds = [o for o in outlines if o.get("type") == "rss"]
    addresses = [str(o.get("xmlUrl")) for o in feeds]
    paths = {urlsplit(a).path for a in addresses}
    assert len(paths) == len(addresses) and "/feeds/alerts.atom" in paths
    assert {parse_path(p)[0] for p in paths - {"/feeds/alerts.atom"}} == {*all_specs(tuple(Topic), ("us", "us-wa"))}
    assert all(("lang=es" in a) is (language == "es") for a in addresses)
    assert all(urlsplit(str(o.get("htmlUrl"))).scheme == "https" for o in feeds)
