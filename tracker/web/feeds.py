"""Requests for feeds and calendars to the documents that digests renders, and a directory of them."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.response import Redirect

from digests.channels.agenda import render_calendar
from digests.channels.directory import OPML_PATH, OPML_TYPE, groups, opml
from digests.channels.feeds import FeedDocument, FeedSpec, hub_of, parse_path, render_feed
from digests.channels.specs import CALENDAR
from tracker.ids import read_bill_id
from tracker.polling.watching import name_of
from tracker.query.places import CODES
from tracker.web.asking import Part
from tracker.web.press import Press, PressDep
from tracker.web.tongue import carried

# A full archive never changes; it is asked for again once a day all the same, so that a withdrawn site is noticed.
KEEP_CURRENT, KEEP_ARCHIVE = timedelta(minutes=5), timedelta(days=1)


@get("/feeds", sync_to_thread=True, include_in_schema=False)
def directory(press: PressDep) -> Response[str]:
    return press.page("feeds.html", here="feeds", groups=groups(press.jurisdictions(), name_of, press.speech),
                      opml=OPML_PATH)


@get(OPML_PATH, sync_to_thread=True, include_in_schema=False)
def outline(press: PressDep) -> Response[bytes]:
    body = opml(groups(press.jurisdictions(), name_of, press.speech), press.services.site, press.speech)
    return Response(body, media_type=OPML_TYPE, headers={"cache-control": _keep(KEEP_CURRENT)})


@get("/feeds/{rest:path}", sync_to_thread=True, include_in_schema=False)
def feed(press: PressDep, rest: Part) -> Response[Any]:
    """ETag and Last-Modified come from the document; who has it already gets 304 at the rim.

    A feed that can never tell anything is none: who followed it would wait for ever ("wa" for us-wa).
    """
    path = f"/feeds/{rest.strip('/')}"
    try:
        return answer(press, *_held(press, path))
    except (ValueError, LookupError):
        with suppress(ValueError, LookupError):
            usual = _usual(path)
            _held(press, usual)
            if usual != path:  # else it is an archive that is not there, and would lead to itself for ever
                return Redirect(carried(usual), status_code=308)
        raise NotFoundException("No such feed.") from None


def _held(press: Press, path: str) -> tuple[FeedSpec, str, int | None]:
    spec, form, archive = parse_path(path)
    if not _exists(press, spec):
        raise LookupError
    return spec, form, archive


def _usual(path: str) -> str:
    """How we write what people write in their own way: /feeds/jurisdiction/WA.atom -> /feeds/jurisdiction/us-wa.atom"""
    stem, _, form = path.lower().rpartition(".")
    _, _, kind, value = stem.split("/", 3)
    if kind == "jurisdiction":
        value = CODES.get(value.replace("-", " "), value)
    elif kind == "bill":
        value = read_bill_id(value)
    return f"/feeds/{kind}/{value}.{form}"


def answer(press: Press, spec: FeedSpec, form: str, archive: int | None) -> Response[bytes]:
    """Raises LookupError for an archive that does not exist."""
    document = made(press, spec, form, archive)
    kept = "private" if spec.is_private else "public"
    return Response(document.body, media_type=document.media_type, headers={
        "etag": document.etag, "last-modified": format_datetime(document.last_modified, usegmt=True),
        "cache-control": _keep(KEEP_CURRENT if archive is None else KEEP_ARCHIVE, kept),
        **({"x-robots-tag": "noindex, nofollow"} if spec.is_private else {}),
        **_hub_links(press, spec, form, archive)})


def _hub_links(press: Press, spec: FeedSpec, form: str, archive: int | None) -> dict[str, str]:
    """WebSub looks for them in the header first."""
    site = press.services.site
    hub = hub_of(spec, site, press.speech) if archive is None and form != CALENDAR else None
    return {"link": f'<{hub}>; rel="hub", <{site.url(f"{spec.path}.{form}")}>; rel="self"'} if hub else {}


def made(press: Press, spec: FeedSpec, form: str, archive: int | None) -> FeedDocument:
    services = press.services
    if form == CALENDAR:
        return render_calendar(spec, services.sieve, services.site, services.clock().date(), press.speech)
    return render_feed(spec, form, services.sieve, services.site, archive,
                       services.outages.recent() if archive is None else (), press.speech)


def _exists(press: Press, spec: FeedSpec) -> bool:
    if spec.kind == "bill":
        return press.services.catalogue.row(spec.value) is not None
    if spec.kind == "jurisdiction":
        return spec.value in press.jurisdictions()
    return spec.kind not in ("sponsor", "committee") or spec.source in press.jurisdictions()


def _keep(age: timedelta, who: str = "public") -> str:
    return f"{who}, max-age={int(age.total_seconds())}"


HANDLERS = (directory, outline, feed)
