"""Requests for feeds to the documents that digests renders, and a directory of them."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import format_datetime

from litestar import Response, get
from litestar.exceptions import NotFoundException

from digests.feeds import FeedSpec, parse_path, render_feed
from digests.words import topic_name
from tracker.model import Topic
from tracker.watching import name_of
from tracker.web.asking import Part
from tracker.web.press import PressDep

# A full archive never changes; it is asked for again once a day all the same, so that a withdrawn site is noticed.
KEEP_CURRENT, KEEP_ARCHIVE = "public, max-age=300", "public, max-age=86400"


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
    speech = press.speech
    topics = tuple(FeedName(topic_name(t, speech), FeedSpec("topic", t.value).path) for t in Topic)
    places = tuple(FeedName(name_of(j), FeedSpec("jurisdiction", j).path) for j in press.jurisdictions())
    groups = (FeedGroup(speech._("Everything"), (FeedName(speech._("All flagged bills"), FeedSpec("all").path),)),
              FeedGroup(speech._("By topic"), topics), FeedGroup(speech._("By legislature"), places))
    return press.page("feeds.html", here="feeds", groups=groups)


@get("/feeds/{rest:path}", sync_to_thread=True, include_in_schema=False)
def feed(press: PressDep, rest: Part) -> Response[bytes]:
    """ETag and Last-Modified come from the document; who has it already gets 304 at the rim."""
    services = press.services
    try:
        spec, form, archive = parse_path(f"/feeds/{rest.strip('/')}")
        if spec.kind == "bill" and services.catalogue.row(spec.value) is None:
            raise LookupError
        document = render_feed(spec, form, services.store, services.site, archive,
                               services.outages.recent() if archive is None else (), press.speech)
    except (ValueError, LookupError):
        raise NotFoundException("No such feed.") from None
    return Response(document.body, media_type=document.media_type, headers={
        "etag": document.etag, "last-modified": format_datetime(document.last_modified, usegmt=True),
        "cache-control": KEEP_CURRENT if archive is None else KEEP_ARCHIVE})


HANDLERS = (directory, feed)
