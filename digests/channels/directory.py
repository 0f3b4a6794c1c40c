"""Topics and legislatures to the list of all public feeds, for a page of links and as OPML for feed readers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lxml import etree

from digests import plain
from digests.alerts.feed import PATH as ALERTS
from digests.channels.specs import FeedSpec
from digests.site import Site
from digests.speech import ENGLISH, SOURCE, Speech
from digests.wording.places import place_name
from digests.wording.words import effect_words, stage_name, topic_name
from tracker.model import Effect, Topic
from tracker.stage import STAGE_NAMES
from tracker.subjects import SUBTOPICS

OPML_PATH = "/feeds/all.opml"
OPML_TYPE = "text/x-opml"


@dataclass(frozen=True, slots=True)
class Listed:
    name: str
    spec: FeedSpec
    parts: tuple[Listed, ...] = ()  # narrower feeds of the same topic


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    feeds: tuple[Listed, ...]


def groups(jurisdictions: Iterable[str], place: Callable[[str], str], speech: Speech = ENGLISH) -> tuple[Group, ...]:
    """`place` gives the name of a legislature."""
    topics = tuple(Listed(topic_name(t, speech), FeedSpec("topic", t.value), tuple(
        Listed(speech._(name), FeedSpec("subtopic", f"{t.value}/{key}")) for key, name in SUBTOPICS[t])) for t in Topic)
    every = Listed(speech._("All flagged bills"), FeedSpec("all"))
    return (Group(speech._("Everything"), (every,)),
            Group(speech._("By topic"), topics),
            Group(speech._("By legislature"), tuple(Listed(place_name(place(j), speech), FeedSpec("jurisdiction", j))
                                                    for j in jurisdictions)),
            Group(speech._("By stage of the bill"), tuple(Listed(stage_name(s, speech), FeedSpec("stage", s))
                                                          for s in STAGE_NAMES)),
            Group(speech._("By what a section would do"), tuple(
                Listed(effect_words(e, None, speech), FeedSpec("effect", e.value)) for e in Effect)))


def opml(listed: Sequence[Group], site: Site, speech: Speech = ENGLISH, fmt: str = "atom") -> bytes:
    """OPML 2.0, an outline a group. The same bytes until the list itself changes."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = speech._("Feeds of {site}", site=site.name)
    etree.SubElement(head, "docs").text = "http://opml.org/spec2.opml"
    body = etree.SubElement(root, "body")
    alerts = speech._("What you can do now")
    _feed(body, alerts, f"{ALERTS}.{fmt}", "/alerts", site, speech)
    for group in listed:
        if group.feeds:
            outline = etree.SubElement(body, "outline", text=plain.line(group.name))
            for feed in group.feeds:
                _outline(outline, feed, site, speech, fmt)
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True))


def _outline(parent: etree._Element, feed: Listed, site: Site, speech: Speech, fmt: str) -> None:
    title = feed.spec.title(speech=speech) if feed.spec.kind != "jurisdiction" else feed.name
    _feed(parent, title, f"{feed.spec.path}.{fmt}", feed.spec.page_path, site, speech)
    for part in feed.parts:
        _outline(parent, part, site, speech, fmt)


def _feed(parent: etree._Element, title: str, path: str, page: str, site: Site, speech: Speech) -> None:
    """`type="rss"` is what OPML calls a feed of any format."""
    url, title = site.url(path), plain.line(title)
    etree.SubElement(parent, "outline", type="rss", text=title, title=title,
                     xmlUrl=url if speech.language == SOURCE else f"{url}?lang={speech.language}",
                     htmlUrl=site.url(page))
