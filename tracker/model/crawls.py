"""What a crawl brings home: lines of a spool, and how the crawl went."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from tracker.model.bills import Bill, Link


class IngestMode(StrEnum):
    LIVE = "live"  # history and alerts
    BACKFILL = "backfill"  # a source's first crawl: history yes, alerts no
    REPAIR = "repair"  # our own clean-up: shown as a correction, never as news


class VerdictKind(StrEnum):
    OK = "ok"
    EMPTY = "empty"
    DRIFTED = "drifted"
    BLOCKED = "blocked"
    UNREACHABLE = "unreachable"
    LIMITED = "limited"  # the source's quota of requests is used up


@dataclass(frozen=True, slots=True)
class Page:
    """One fetched page, provable: its bytes lie in `warc` at `offset`. `lastmod` is what the source's listing said."""

    url: str
    sha256: str
    fetched_at: datetime
    lastmod: str | None = None
    last_modified: str | None = None  # HTTP header, verbatim, for If-Modified-Since
    warc: str | None = None  # path relative to the archive folder
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class FetchedText:
    """A version's text as it was fetched, or why it could not be."""

    version: str  # Version.code
    url: str
    media_type: str
    page: Page | None = None  # None: nothing usable came
    error: str | None = None  # with page=None: "404", "503 after 3 retries"; with a page: "not this bill's text"


@dataclass(frozen=True, slots=True)
class SessionTold:
    """What a source says of the end of one of its sessions."""

    jurisdiction: str
    session: str
    ends_on: date | None = None  # its last day; it may be a plan, and jump
    over: bool = False
    over_since: datetime | None = None  # when it was first said to be over, if it was said before that it was not


@dataclass(frozen=True, slots=True)
class Harvest:
    """One line of a spool. `bill=None` when only texts, or only a page's lastmod, are news."""

    bill_id: str | None
    bill: Bill | None = None
    content_hash: str | None = None  # of the normalised record: equal hash, equal record
    pages: tuple[Page, ...] = ()
    texts: tuple[FetchedText, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenPage:
    """What a crawl must know of the past, one line of its `seen` file."""

    url: str
    lastmod: str | None = None
    last_modified: str | None = None
    sha256: str | None = None
    warc: str | None = None  # where its bytes lie, for spiders that read them again
    offset: int | None = None
    fetched_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PendingText:
    """A version whose text is still missing: ask again. Also a line of the `seen` file."""

    bill_id: str
    version: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class RunVerdict:
    kind: VerdictKind
    reason: str  # one sentence a volunteer can act on


@dataclass(frozen=True, slots=True)
class Run:
    """One crawl of one source."""

    id: str  # "us-20250601T041501Z-1a2b"
    source: str
    mode: IngestMode
    started_at: datetime
    finished_at: datetime | None = None
    verdict: RunVerdict | None = None
    counts: dict[str, int] = field(default_factory=dict)  # requests, bills, texts, events, unknown_labels, ...
