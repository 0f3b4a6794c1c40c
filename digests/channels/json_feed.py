"""A feed to JSON Feed 1.1."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from digests.channels.feeds import Feed

VERSION = "https://jsonfeed.org/version/1.1"


def json_feed(feed: Feed) -> bytes:
    document: dict[str, Any] = {
        "version": VERSION, "title": feed.title, "home_page_url": feed.page_url, "feed_url": feed.self_url,
        "description": feed.subtitle, "language": feed.language,
        "authors": [{"name": feed.author, "url": feed.author_url}],
    }
    if feed.previous_url:
        document["next_url"] = feed.previous_url  # JSON Feed's "next" goes on to what is older
    if feed.hub:
        document["hubs"] = [{"type": "WebSub", "url": feed.hub}]
    document["items"] = [
        {"id": entry.id, "url": entry.url, "title": entry.title, "content_html": entry.html,
         "content_text": entry.text, "date_published": entry.at.isoformat(), "tags": [name for _, name in entry.tags]}
        for entry in feed.entries]
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
