"""Requests for feeds to the documents that digests renders, and a directory of them."""

from __future__ import annotations

from dataclasses import dataclass

from litestar import Response, get

from digests.feeds import FeedSpec
from tracker.model import Topic
from tracker.web.press import PressDep
from tracker.web.wording import jurisdiction_name, topic_name


@dataclass(frozen=True, slots=True)
class FeedName:
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class FeedGroup:
    name: str
    feeds: tuple[FeedName, ...]


@get("/feeds", sync_to_thread=True, include_in_schema=False)
def directory(press: PressDep) -> Response[str]:
    topics = tuple(FeedName(topic_name(t), FeedSpec("topic", t).path) for t in Topic)
    places = tuple(FeedName(jurisdiction_name(j), FeedSpec("jurisdiction", j).path) for j in press.jurisdictions())
    groups = (FeedGroup("Everything", (FeedName("All flagged bills", FeedSpec("all").path),)),
              FeedGroup("By topic", topics), FeedGroup("By legislature", places))
    return press.page("feeds.html", here="feeds", groups=groups)


HANDLERS = (directory,)
