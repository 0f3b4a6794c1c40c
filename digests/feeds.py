"""The log to feeds: Atom, RSS and JSON Feed, fifty entries a document and fixed archives behind them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from digests import archive as archives
from digests import plain
from digests.entries import Entry, entry_of
from digests.json_feed import json_feed
from digests.outages import entries as notice_entries
from digests.site import Site
from digests.speech import ENGLISH, SOURCE, Speech
from digests.words import topic_name
from digests.xml_feeds import atom_feed, rss_feed
from tracker.model import Event, Filter, Topic
from tracker.ports import EventQuery, Log
from tracker.sources import Outage

__all__ = ["FORMATS", "FeedDocument", "FeedSpec", "Site", "all_specs", "parse_path", "render_feed"]

EMPTY_SINCE = datetime(2000, 1, 1, tzinfo=UTC)  # "updated" of a feed without entries

_VALUES: dict[str, re.Pattern[str]] = {
    "all": re.compile(r""),
    "topic": re.compile("|".join(re.escape(t.value) for t in Topic)),
    "jurisdiction": re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*"),
    "bill": re.compile(r"[a-z0-9-]{1,20}/[a-z0-9-]{1,60}/[a-z0-9-]{1,100}"),
}


@dataclass(frozen=True, slots=True)
class FeedSpec:
    """Which events a feed carries. Raises ValueError for a feed that cannot exist."""

    kind: str  # a key of _VALUES
    value: str = ""

    def __post_init__(self) -> None:
        if self.kind not in _VALUES or not _VALUES[self.kind].fullmatch(self.value):
            raise ValueError(f"expected all, topic, jurisdiction or bill with a fitting value, got {self.kind!r}")

    @property
    def path(self) -> str:
        """Without the ending that names the format: ``"/feeds/topic/decriminalization"``."""
        return f"/feeds/{self.kind}/{self.value}".rstrip("/")

    @property
    def query(self) -> EventQuery:
        """Live events only. A bill's own feed has them all; the others those of flagged bills."""
        match self.kind:
            case "topic":
                return EventQuery(Filter(topics=(Topic(self.value),)), flagged=True, alerting=True)
            case "jurisdiction":
                return EventQuery(Filter(jurisdictions=(self.value,)), flagged=True, alerting=True)
            case "bill":
                return EventQuery(Filter(bills=(self.value,)), alerting=True)
        return EventQuery(flagged=True, alerting=True)

    @property
    def page_path(self) -> str:
        """The page for people that says the same."""
        return {"all": "/", "topic": f"/topics/{self.value}", "jurisdiction": f"/bills?jurisdiction={self.value}",
                "bill": f"/{self.value}"}[self.kind]

    @property
    def source(self) -> str | None:
        """The one legislature that it is about; None: all."""
        return {"jurisdiction": self.value, "bill": self.value.partition("/")[0]}.get(self.kind)

    def title(self, events: Iterable[Event] = (), speech: Speech = ENGLISH) -> str:
        match self.kind:
            case "topic":
                return topic_name(self.value, speech)
            case "jurisdiction":
                return speech._("Flagged bills in {place}", place=self.value.upper())
            case "bill":
                cards = (e.data.get("bill") or {} for e in events)
                return next((plain.line(c["identifier"]) for c in cards if c.get("identifier")), self.value)
        return speech._("All flagged bills")


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """Equal log, equal bytes: `etag` (strong, quoted) and `last_modified` follow from them."""

    body: bytes
    media_type: str
    etag: str
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """A document before it has a format: absolute addresses, entries newest first."""

    id: str
    title: str
    subtitle: str
    author: str
    author_url: str
    page_url: str
    self_url: str
    current_url: str
    previous_url: str | None  # the archive before this document
    next_url: str | None  # the archive after this one, once it is full
    is_archive: bool
    updated: datetime
    entries: tuple[Entry, ...]
    language: str = SOURCE


_WRITERS: dict[str, tuple[str, Callable[[Feed], bytes]]] = {
    "atom": ("application/atom+xml; charset=utf-8", atom_feed),
    "rss": ("application/rss+xml; charset=utf-8", rss_feed),
    "json": ("application/feed+json", json_feed),
}
FORMATS = tuple(_WRITERS)


def all_specs(topics: Iterable[Topic], jurisdictions: Iterable[str]) -> tuple[FeedSpec, ...]:
    """The feeds of a directory; every bill has one besides."""
    return (FeedSpec("all"), *(FeedSpec("topic", t.value) for t in topics),
            *(FeedSpec("jurisdiction", j) for j in jurisdictions))


_PATH = re.compile(r"/feeds/(?P<kind>[a-z]+)(?:/(?P<value>[a-z0-9/-]+?))??(?:/archive/(?P<archive>0|[1-9]\d{0,17}))?"
                   rf"\.(?P<fmt>{'|'.join(_WRITERS)})")


def parse_path(path: str) -> tuple[FeedSpec, str, int | None]:
    """``"/feeds/topic/worker-rights/archive/120.atom"`` -> (spec, ``"atom"``, 120). Raises ValueError."""
    found = _PATH.fullmatch(path)
    if not found:
        raise ValueError("expected /feeds/KIND/VALUE.FORMAT")
    number = found["archive"]
    return FeedSpec(found["kind"], found["value"] or ""), found["fmt"], int(number) if number else None


def archive_path(spec: FeedSpec, fmt: str, number: int) -> str:
    return f"{spec.path}/archive/{number}.{fmt}"


def render_feed(spec: FeedSpec, fmt: str, log: Log, site: Site, archive: int | None = None,
                outages: Iterable[Outage] = (), speech: Speech = ENGLISH) -> FeedDocument:
    """The current document, or the archive of this number. Notices of outages are in the current one only.

    Raises LookupError for a format or an archive that does not exist (or is not full yet).
    """
    if fmt not in _WRITERS:
        raise LookupError(f"expected one of {', '.join(FORMATS)}")
    media_type, write = _WRITERS[fmt]
    feed = (_current(spec, fmt, log, site, outages, speech) if archive is None
            else _archived(spec, fmt, log, site, archive, speech))
    body = write(feed)
    return FeedDocument(body, media_type, f'"{hashlib.sha256(body).hexdigest()[:32]}"', feed.updated)


def _current(spec: FeedSpec, fmt: str, log: Log, site: Site, outages: Iterable[Outage], speech: Speech) -> Feed:
    events = archives.current(log, spec.query)
    older = archives.page_before(log, spec.query, events[-1].seq) if len(events) == archives.SIZE else None
    feed = _feed(spec, fmt, site, events, None, older.after if older else None, None, speech)
    notices = notice_entries(outages, spec.source, feed.updated, site, speech)
    entries = list(feed.entries)
    for notice in notices:  # the log's own order stays, whatever its clock did
        entries.insert(next((n for n, e in enumerate(entries) if e.at <= notice.at), len(entries)), notice)
    return replace(feed, entries=tuple(entries), updated=max([feed.updated, *(n.at for n in notices)]))


def _archived(spec: FeedSpec, fmt: str, log: Log, site: Site, number: int, speech: Speech) -> Feed:
    page = archives.page_after(log, spec.query, number)
    if page is None:
        raise LookupError(f"no archive {number}")
    older = archives.page_before(log, spec.query, number + 1) if number else None
    newer = archives.page_after(log, spec.query, page.events[-1].seq)
    return _feed(spec, fmt, site, page.events[::-1], number, older.after if older else None,
                 newer.after if newer else None, speech)


def _feed(spec: FeedSpec, fmt: str, site: Site, events: tuple[Event, ...], number: int | None,
          older: int | None, newer: int | None, speech: Speech) -> Feed:
    def archive_url(of: int | None) -> str | None:
        return None if of is None else _spoken(site.url(archive_path(spec, fmt, of)), speech)

    current_url = _spoken(site.url(f"{spec.path}.{fmt}"), speech)
    entries = tuple(entry_of(e, site, speech) for e in events)
    return Feed(
        id=site.tag(spec.path.strip("/")), title=f"{site.name}: {spec.title(events, speech)}",
        subtitle=speech._("What changed in the bills that this site watches, each change once"), author=site.name,
        author_url=site.url("/"), page_url=site.url(spec.page_path), self_url=archive_url(number) or current_url,
        current_url=current_url, previous_url=archive_url(older), next_url=archive_url(newer),
        is_archive=number is not None, updated=entries[0].at if entries else EMPTY_SINCE, entries=entries,
        language=speech.language)


def _spoken(url: str, speech: Speech) -> str:
    return url if speech.language == SOURCE else f"{url}?lang={speech.language}"
