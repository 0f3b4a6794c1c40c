"""A feed to Atom and RSS 2.0 through feedgen, with the links of RFC 5005 and nothing taken from the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

if TYPE_CHECKING:
    from digests.channels.feeds import Feed

ATOM = "http://www.w3.org/2005/Atom"
HISTORY = "http://purl.org/syndication/history/1.0"
_TYPES = {"atom": "application/atom+xml", "rss": "application/rss+xml"}


class HistoryExtension(BaseExtension):  # type: ignore[misc]
    """`fh:archive` and the links between documents, which feedgen does not know."""

    feed: Feed
    media_type: str

    def extend_ns(self) -> dict[str, str]:
        return {"fh": HISTORY} if self.feed.is_archive else {}

    def extend_atom(self, root: Any) -> Any:
        return self._extend(root, "link")  # feedgen writes Atom's namespace by hand, so its elements have none

    def extend_rss(self, root: Any) -> Any:
        return self._extend(root[0], f"{{{ATOM}}}link")

    def _extend(self, parent: Any, link: str) -> Any:
        if self.feed.is_archive:
            etree.SubElement(parent, f"{{{HISTORY}}}archive")
        links = (("current", self.feed.current_url if self.feed.is_archive else None),
                 ("prev-archive", self.feed.previous_url), ("next-archive", self.feed.next_url))
        if self.feed.hub:
            etree.SubElement(parent, link, rel="hub", href=self.feed.hub)
        for rel, href in links:
            if href:
                etree.SubElement(parent, link, rel=rel, href=href, type=self.media_type)
        return parent


def atom_feed(feed: Feed) -> bytes:
    return bytes(_generator(feed, "atom").atom_str(pretty=True))


def rss_feed(feed: Feed) -> bytes:
    return bytes(_generator(feed, "rss").rss_str(pretty=True))


def _generator(feed: Feed, fmt: str) -> Any:
    made = FeedGenerator()
    made.register_extension("history", HistoryExtension, None, atom=True, rss=True)
    made.history.feed, made.history.media_type = feed, _TYPES[fmt]
    made.id(feed.id)
    made.title(_title(feed.title, fmt))
    made.author(name=feed.author, uri=feed.author_url)
    made.link(href=feed.self_url, rel="self", type=_TYPES[fmt])
    made.link(href=feed.page_url, rel="alternate", type="text/html")
    made.subtitle(feed.subtitle)
    made.description(feed.subtitle)
    made.language(feed.language)
    made.generator("billwatch")
    made.docs(None)
    made.updated(feed.updated)
    made.lastBuildDate(feed.updated)
    for entry in feed.entries:
        item = made.add_entry(order="append")
        item.id(entry.id)
        item.guid(entry.id, permalink=False)
        item.title(_title(entry.title, fmt))
        item.link(href=entry.url, rel="alternate", type="text/html")
        item.content(entry.html, type="html")
        item.published(entry.at)
        item.updated(entry.at)
        for key, name in entry.tags:
            item.category(term=key, label=name)
    return made


def _title(text: str, fmt: str) -> str:
    """RSS does not say whether a title is text or HTML, and readers differ: without angle brackets it is no matter."""
    return text.replace("<", "‹").replace(">", "›") if fmt == "rss" else text
