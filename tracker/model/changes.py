"""What we hold of a bill, what changed, and the log of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from tracker.model.bills import Bill
from tracker.model.crawls import IngestMode, Page
from tracker.model.texts import Flag, MarkedText, TextStatus
from tracker.model.topics import Topic


@dataclass(frozen=True, slots=True)
class VersionState:
    """What we hold of one version's text."""

    code: str
    status: TextStatus
    sha256: str | None = None  # of the page's bytes
    flags: tuple[Flag, ...] = ()
    url: str | None = None  # the link that gave the text
    error: str | None = None
    withheld: tuple[Flag, ...] = ()  # rejected by a person: for the desk only


@dataclass(frozen=True, slots=True)
class BillState:
    bill: Bill
    content_hash: str
    revision: int  # +1 with every ingest that changed anything
    versions: tuple[VersionState, ...] = ()  # in the order of bill.versions


@dataclass(frozen=True, slots=True)
class ReadText:
    """One version's text, read and tagged (or not readable), ready to be stored."""

    version: str
    status: TextStatus
    url: str
    media_type: str
    sha256: str | None = None
    text: MarkedText | None = None
    flags: tuple[Flag, ...] = ()
    error: str | None = None
    page: Page | None = None
    tagged_by: str | None = None  # tracker.tagger.stamp; None: as it is noted already


class EventKind(StrEnum):
    BILL_INTRODUCED = "bill-introduced"
    TITLE_CHANGED = "title-changed"
    ACTION_RECORDED = "action-recorded"
    VERSION_PUBLISHED = "version-published"
    TEXT_ARRIVED = "text-arrived"
    FLAG_RAISED = "flag-raised"
    FLAG_WITHDRAWN = "flag-withdrawn"
    FLAG_CONFIRMED = "flag-confirmed"
    FLAG_REJECTED = "flag-rejected"
    FLAG_CORRECTED = "flag-corrected"
    REVIEW_WITHDRAWN = "review-withdrawn"
    SPONSOR_ADDED = "sponsor-added"
    SPONSOR_REMOVED = "sponsor-removed"
    HEARING_SCHEDULED = "hearing-scheduled"
    HEARING_CHANGED = "hearing-changed"
    HEARING_CANCELLED = "hearing-cancelled"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A change, not yet in the log. `data` is JSON and carries all that is needed to render it forever."""

    key: str  # unique content key
    kind: EventKind
    bill_id: str
    jurisdiction: str
    occurred_on: date | None
    mode: IngestMode
    topics: tuple[Topic, ...]  # the bill's topics when this happened
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of the log: gapless in order by `seq`."""

    seq: int
    key: str
    kind: EventKind
    bill_id: str
    jurisdiction: str
    occurred_on: date | None
    recorded_at: datetime
    mode: IngestMode
    topics: tuple[Topic, ...]
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """All that one record changes; the store writes it in one transaction."""

    bill_id: str
    bill: Bill
    content_hash: str
    base_revision: int  # 0: the bill was unknown
    stage: str  # tracker.stage
    topics: tuple[Topic, ...]  # of the newest version with text
    texts: tuple[ReadText, ...] = ()
    events: tuple[NewEvent, ...] = ()
    pages: tuple[Page, ...] = ()
