"""The records in the field's words (Open Civic Data, Akoma Ntoso, USLM): frozen, slotted, standard library only.

Absence is ``None`` or an empty tuple: "the legislature did not say". Legal dates are ``date``; moments are aware UTC
``datetime``. Offsets are half-open, in characters of the text they belong to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from tracker.marking import N_


class Topic(StrEnum):
    DECRIMINALIZATION = "decriminalization"
    CRIMINALIZATION = "criminalization"
    PLATFORM_LIABILITY = "platform-liability"
    ANTI_TRAFFICKING = "anti-trafficking"
    FUNDING_CONDITION = "funding-condition"
    WORKER_RIGHTS = "worker-rights"


TOPIC_NAMES: dict[Topic, str] = {
    Topic.DECRIMINALIZATION: N_("Decriminalization"),
    Topic.CRIMINALIZATION: N_("Criminalization"),
    Topic.PLATFORM_LIABILITY: N_("FOSTA-style (platform liability)"),
    Topic.ANTI_TRAFFICKING: N_("Anti-trafficking"),
    Topic.FUNDING_CONDITION: N_("Funding condition"),
    Topic.WORKER_RIGHTS: N_("Worker rights"),
}


class Effect(StrEnum):
    ADVANCES = "advances"
    REVERSES = "reverses"
    NON_BINDING = "non-binding"


class MarkKind(StrEnum):
    INSERTED = "inserted"
    STRUCK = "struck"


class IngestMode(StrEnum):
    LIVE = "live"  # history and alerts
    BACKFILL = "backfill"  # a source's first crawl: history yes, alerts no
    REPAIR = "repair"  # our own clean-up: shown as a correction, never as news


class TextStatus(StrEnum):
    PENDING = "pending"  # announced; no text could be had yet; asked again
    AVAILABLE = "available"
    UNAVAILABLE = "unavailable"  # fetched, but unreadable or not this bill's text; asked again


class VerdictKind(StrEnum):
    OK = "ok"
    EMPTY = "empty"
    DRIFTED = "drifted"
    BLOCKED = "blocked"
    UNREACHABLE = "unreachable"
    LIMITED = "limited"  # the source's quota of requests is used up


class HearingStatus(StrEnum):
    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"


# --- what a legislature says: one Bill -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Title:
    title: str
    kind: str | None = None  # the source's own label, e.g. "Short Title(s) as Introduced"


@dataclass(frozen=True, slots=True)
class Sponsorship:
    name: str
    primary: bool
    person_id: str | None = None  # the source's stable id, e.g. a bioguide id
    party: str | None = None
    area: str | None = None  # "CA-12", "WA"
    sponsored_on: date | None = None
    withdrawn_on: date | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """One step, as the legislature words it. `also` holds other wordings of the same step by other record keepers."""

    description: str
    date: date | None = None
    time: str | None = None  # as written, in the venue's zone
    classification: tuple[str, ...] = ()  # Open Civic Data action classifications; () = unknown label, kept raw
    chamber: str | None = None  # "lower" | "upper" | "legislature" | "executive"
    sources: tuple[str, ...] = ()  # record keepers, e.g. ("House floor actions", "Library of Congress")
    also: tuple[str, ...] = ()
    committees: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    media_type: str  # "text/xml" | "text/html" | "application/pdf" | "text/plain"


@dataclass(frozen=True, slots=True)
class Version:
    """One published text. `code` is unique in the bill and stable ("ih", "rh"); links are in order of preference."""

    code: str
    note: str
    date: date | None = None
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """Not bill text: fiscal note, analysis, public law slip."""

    note: str
    url: str
    date: date | None = None


@dataclass(frozen=True, slots=True)
class Hearing:
    """`key` is the source's stable id for the meeting, so that a moved hearing is a change and not two hearings."""

    key: str
    date: date
    description: str
    time: str | None = None  # raw, e.g. "2 pm or upon adjournment"
    zone: str | None = None  # IANA zone of the venue
    place: str | None = None
    committee: str | None = None
    status: HearingStatus = HearingStatus.SCHEDULED
    url: str | None = None


@dataclass(frozen=True, slots=True)
class VoteEvent:
    identifier: str
    date: date | None
    chamber: str | None
    motion: str | None = None
    passed: bool | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class RelatedBill:
    session: str
    identifier: str
    relation: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """Any measure, whole, as its legislature shows it now. `identifier` is the printed form, e.g. "HR 1865"."""

    jurisdiction: str
    session: str
    identifier: str
    title: str | None = None
    titles: tuple[Title, ...] = ()
    classification: tuple[str, ...] = ("bill",)
    chamber: str | None = None
    introduced_on: date | None = None
    subjects: tuple[str, ...] = ()
    committees: tuple[str, ...] = ()
    sponsorships: tuple[Sponsorship, ...] = ()
    actions: tuple[Action, ...] = ()  # oldest first
    versions: tuple[Version, ...] = ()  # earliest stage first
    documents: tuple[Document, ...] = ()
    hearings: tuple[Hearing, ...] = ()
    votes: tuple[VoteEvent, ...] = ()
    related_bills: tuple[RelatedBill, ...] = ()
    sources: tuple[str, ...] = ()  # official pages for people, best first


# --- what a crawl brings home: lines of a spool -----------------------------------------------------------------------


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


# --- text -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mark:
    kind: MarkKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Provision:
    """A node of the provision tree. A text's provisions are a tuple in document order (parents first).

    `path` is stable and unique in the text: "Sec. 3(b)(1)"; quoted law keeps the path of the provision that quotes it.
    `span` of a parent covers its children.
    """

    path: str
    num: str
    heading: str | None
    level: str  # "section" | "subsection" | "paragraph" | ... | "preamble"
    start: int
    end: int
    parent: int | None = None  # index in the tuple


@dataclass(frozen=True, slots=True)
class MarkedText:
    text: str
    marks: tuple[Mark, ...] = ()  # sorted, non-overlapping
    provisions: tuple[Provision, ...] = ()
    marks_known: bool = True  # False: the format could not tell added from deleted words


@dataclass(frozen=True, slots=True)
class BillContext:
    """What the tagger may know besides the text."""

    jurisdiction: str
    title: str | None = None
    classification: tuple[str, ...] = ("bill",)


class ReviewVerdict(StrEnum):
    """What a person says of a flag; the last one said is in force."""

    CONFIRM = "confirm"
    REJECT = "reject"
    CORRECT = "correct"
    WITHDRAW = "withdraw"  # as if nothing had been said


@dataclass(frozen=True, slots=True)
class Finding:
    """What a flag says, without the words that prove it."""

    topic: Topic
    effect: Effect
    subtopic: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """What a reader of the text said of a flag, and what the rule had found: `was` by `rule`."""

    verdict: ReviewVerdict  # never WITHDRAW
    was: Finding
    rule: str


@dataclass(frozen=True, slots=True)
class Flag:
    """`text[start:end] == quote`, always. One whose review is a rejection is withheld from every public place."""

    topic: Topic
    effect: Effect
    provision: str  # Provision.path
    start: int
    end: int
    quote: str
    rule: str
    ruleset: str
    score: float
    subtopic: str | None = None
    mark: MarkKind | None = None
    review: Review | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One judgment of a person on one flag of a bill. It holds wherever the bill says these words (tracker.review).

    `flag` is as the rule raised it, in `version`. `by` is an account's name and never leaves the desk.
    """

    bill_id: str
    version: str
    flag: Flag
    words: str  # the sentence around the quote and the openings it hangs on, folded (tracker.review.words_of)
    verdict: ReviewVerdict
    reason: str  # public
    by: str
    role: str
    at: datetime
    corrected: Finding | None = None  # with CORRECT


# --- state, changes, log ----------------------------------------------------------------------------------------------


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


# --- readers ----------------------------------------------------------------------------------------------------------


class Cadence(StrEnum):
    INSTANT = "instant"
    DAILY = "daily"
    WEEKLY = "weekly"


PERIOD_OF = {Cadence.DAILY: timedelta(days=1), Cadence.WEEKLY: timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events a reader wants. Nothing of a kind means "any"; OR within a kind, AND between kinds.

    Topics and subtopics are one kind, the subject: a subtopic narrows its own topic and adds itself beside others.
    Each kind is sorted and without doubles, so that equal wishes are equal.
    """

    topics: tuple[Topic, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    bills: tuple[str, ...] = ()
    subtopics: tuple[str, ...] = ()  # "worker-rights/entertainer-safety" (tracker.subjects)
    effects: tuple[Effect, ...] = ()  # of the subject, where one is named
    sponsors: tuple[str, ...] = ()  # words of a name, or the source's id
    committees: tuple[str, ...] = ()  # words of a name
    stages: tuple[str, ...] = ()  # tracker.stage
    words: str | None = None  # a query, as the reader wrote it

    def __post_init__(self) -> None:
        for kind in ("topics", "jurisdictions", "bills", "subtopics", "effects", "sponsors", "committees", "stages"):
            chosen = getattr(self, kind)
            if len(chosen) > 1:
                object.__setattr__(self, kind, tuple(sorted(set(chosen))))


@dataclass(frozen=True, slots=True)
class Subscription:
    """Everything that is stored about a reader. The address is sealed; tokens are kept as hashes only."""

    id: str  # random
    address_sealed: bytes
    address_index: bytes  # keyed HMAC: finds an address without storing it
    filter: Filter
    cadence: Cadence
    zone: str  # IANA, the reader's
    hour: int  # 0..23, local; daily and weekly
    weekday: int  # 0 = Monday; weekly
    cursor: int  # last event seq that was dealt with
    created_at: datetime
    confirmed_at: datetime | None = None
    confirm_token: bytes | None = None  # SHA-256; None once confirmed
    manage_token: bytes | None = None  # SHA-256 of the token derived from the subscription id and the key file
    next_due_at: datetime | None = None  # daily and weekly: when the next digest is to be built
    language: str = "en"  # of messages, and of the pages that their links lead to
    heartbeat: bool = False  # daily and weekly: a message also when nothing happened
    telling_subject: bool = False  # the subject may name topics; off unless the reader asked for it
    alerts: bool = True  # calls to act on what the filter is about, beside the updates
    openpgp_sealed: bytes | None = None  # the reader's public key, sealed; all mail is encrypted to it
    openpgp_told_at: datetime | None = None  # that this key no longer works: mail waits


class DeliveryStatus(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"  # refused for good


@dataclass(frozen=True, slots=True)
class Delivery:
    """An outbox row: which events, to whom, how far. Never the message itself: it is rendered anew from the log."""

    id: str  # deterministic: subscription + from_seq + to_seq
    subscription_id: str
    from_seq: int  # exclusive
    to_seq: int  # inclusive
    created_at: datetime
    status: DeliveryStatus = DeliveryStatus.QUEUED
    attempts: int = 0
    next_attempt_at: datetime | None = None
    sent_at: datetime | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A private feed. Of whom is not known. `token` is a SHA-256; the token itself is in the feed's address only."""

    id: str
    token: bytes
    filter: Filter
    created_on: date


# --- the desk ---------------------------------------------------------------------------------------------------------


class Role(StrEnum):
    EDITOR = "editor"  # reviews flags, writes alerts
    RELEASER = "releaser"  # reviews flags, releases alerts of others
    OPERATOR = "operator"  # runs the service


@dataclass(frozen=True, slots=True)
class Account:
    """Who may sit at the desk. A name need not be, and better is not, a person's."""

    name: str
    roles: tuple[Role, ...]
    created_at: datetime
    password: str | None = None  # argon2id; None: may be named on the command line, cannot log in
    totp_sealed: bytes | None = None
    totp_step: int | None = None  # of the last code that was taken: none is taken twice
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeskSession:
    """`token` is a SHA-256; the token itself is in the cookie only."""

    token: bytes
    account: str
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what and when. Never from where. `account=None`: nobody whom we know."""

    at: datetime
    account: str | None
    action: str  # "login", "login-refused", "flag-rejected", ...
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Of a program that may ask the API more often. The key itself is known to its holder only."""

    name: str
    created_at: datetime
    revoked_at: datetime | None = None
