"""What readers ask for, and what is on its way to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from tracker.model.topics import Effect, Topic


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
