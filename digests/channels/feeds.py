"""The log to feeds: Atom, RSS and JSON Feed, fifty entries a document and fixed archives behind them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from digests.channels import archive as archives
from digests.channels.entries import Entry, entry_of
from digests.channels.json_feed import json_feed
from digests.channels.sieve import Sieve
from digests.channels.specs import FORMATS, FeedSpec, all_specs, parse_path
from digests.channels.xml_feeds import atom_feed, rss_feed
from digests.site import Site
from digests.speech import ENGLISH, SOURCE, Speech
from digests.wording.outages import entries as notice_entries
from tracker.model import Event
from tracker.polling.sources import Outage
from tracker.ports import Log

__all__ = ["FORMATS", "FeedDocument", "FeedSpec", "Site", "all_specs", "parse_path", "render_feed"]

EMPTY_SINCE = datetime(2000, 1, 1, tzinfo=UTC)  # "updated" of a feed without entries

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
    hub: str | None = None  # that is told of news in this document


_WRITERS: dict[str, tuple[str, Callable[[Feed], bytes]]] = {
    "atom": ("application/atom+xml; charset=utf-8", atom_feed),
    "rss": ("application/rss+xml; charset=utf-8", rss_feed),
    "json": ("application/feed+json", json_feed),
}
def archive_path(spec: FeedSpec, fmt: str, number: int) -> str:
    return f"{spec.path}/archive/{number}.{fmt}"


def render_feed(spec: FeedSpec, fmt: str, log: Log, site: Site, archive: int | None = None,
                outages: Iterable[Outage] = (), speech: Speech = ENGLISH) -> FeedDocument:
    """The current document, or the archive of this number. Notices of outages are in the current one only.

    Raises LookupError for a format or an archive that does not exist (or is not full yet).
    """
    if fmt not in _WRITERS:
        raise LookupError(f"expected one of {', '.join(FORMATS)}")
    log = part_of(spec, log)
    feed = (_current(spec, fmt, log, site, outages, speech) if archive is None
            else _archived(spec, fmt, log, site, archive, speech))
    return document(feed, fmt)


def document(feed: Feed, fmt: str) -> FeedDocument:
    """Raises LookupError for a format that does not exist."""
    if fmt not in _WRITERS:
        raise LookupError(f"expected one of {', '.join(FORMATS)}")
    media_type, write = _WRITERS[fmt]
    body = write(feed)
    return FeedDocument(body, media_type, f'"{hashlib.sha256(body).hexdigest()[:32]}"', feed.updated)


def archive_numbers(spec: FeedSpec, log: Log) -> Iterator[int]:
    """Of every archive that hangs on the current document, newest first."""
    log = part_of(spec, log)
    events = archives.current(log, spec.query)
    page = archives.page_before(log, spec.query, events[-1].seq) if len(events) == archives.SIZE else None
    while page is not None:
        yield page.after
        page = archives.page_before(log, spec.query, page.after + 1) if page.after else None


def part_of(spec: FeedSpec, log: Log) -> Log:
    """What the spec's query is asked of. Who renders often passes a Sieve, which remembers."""
    if not spec.is_narrow:
        return log
    sieve = log if isinstance(log, Sieve) else Sieve(log)
    return sieve.sifted(spec.filter) if spec.is_private else sieve.posted(spec.kind, spec.value)


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
        id=site.tag(spec.tag), title=f"{site.name}: {spec.title(events, speech)}",
        subtitle=speech._("What changed in the bills that this site watches, each change once"), author=site.name,
        author_url=site.url("/"), page_url=site.url(spec.page_path), self_url=archive_url(number) or current_url,
        current_url=current_url, previous_url=archive_url(older), next_url=archive_url(newer),
        is_archive=number is not None, updated=entries[0].at if entries else EMPTY_SINCE, entries=entries,
        language=speech.language, hub=hub_of(spec, site, speech) if number is None else None)


def hub_of(spec: FeedSpec, site: Site, speech: Speech = ENGLISH) -> str | None:
    """Private feeds are nobody's business; the hub is told of those that have a place in a list, in one language."""
    told = not spec.is_private and spec.kind not in ("sponsor", "committee") and speech.language == SOURCE
    return site.hub or None if told else None


def _spoken(url: str, speech: Speech) -> str:
    return url if speech.language == SOURCE else f"{url}?lang={speech.language}"
