"""Narrow protocols: what the use cases need of a database, a mail server and a clock."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Protocol

from tracker.hooks import Webhook
from tracker.model import (
    BillState,
    Change,
    Decision,
    Delivery,
    Event,
    Filter,
    MarkedText,
    Page,
    PendingText,
    Run,
    SeenPage,
    Subscription,
    VerdictKind,
)
from tracker.post import Bounce, DomainPace, Suppression


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which part of the log. `flagged=True`: only events of bills that had a topic when the event happened.

    `alerting=True`: only live events (no backfill, no repair). `hearings=True`: only what happened to hearings.
    """

    filter: Filter = field(default_factory=Filter)
    flagged: bool = False
    alerting: bool = False
    hearings: bool = False


class Writer(Protocol):
    """One write transaction. Writers are serialised, so that `seq` is gapless in the order of commits."""

    def state(self, bill_id: str) -> BillState | None: ...

    def apply(self, change: Change, recorded_at: datetime) -> tuple[Event, ...]:
        """Write state, texts, flags, pages and events. Raises Conflict if the bill's revision has moved."""
        ...

    def decisions(self, bill_id: str) -> tuple[Decision, ...]:
        """All that people ever decided about flags of this bill, oldest first."""
        ...

    def decide(self, decision: Decision) -> None:
        """Keep it. What it changes is a Change of its own, in the same transaction."""
        ...

    def note_tagged(self, bill_id: str, codes: Sequence[str], tagged_by: str) -> None:
        """These texts were tagged anew by this tagger and have the flags that they had."""
        ...

    def remember(self, pages: Sequence[Page], source: str | None = None, at: datetime | None = None) -> None:
        """Pages that were asked and brought no news: keep what the listing of this source said of them.

        `at`: when they are recorded; None: when they were fetched.
        """
        ...


class Store(Protocol):
    """Bills, pages, runs and the log."""

    def write(self) -> AbstractContextManager[Writer]: ...

    def content_hashes(self, bill_ids: Collection[str]) -> dict[str, str]: ...

    def bill(self, bill_id: str) -> BillState | None: ...

    def text(self, bill_id: str, version: str) -> MarkedText | None: ...

    def stale_texts(self, tagged_by: str | None, *, jurisdiction: str | None = None, since: datetime | None = None,
                    after: str = "", limit: int = 200) -> list[tuple[str, tuple[str, ...]]]:
        """(bill, codes of its versions) with texts that another tagger tagged, or none; `None`: every held text.

        At most `limit` bills in order of their ids, after the bill `after`; `since`: first seen at or after.
        """
        ...

    def count_stale(self, tagged_by: str | None, *, jurisdiction: str | None = None,
                    since: datetime | None = None) -> int:
        """How many texts `stale_texts` would give in all."""
        ...

    def seen(self, source: str) -> Iterator[SeenPage]:
        """Every page that records of this jurisdiction rest on, with what its listing last said. Streams."""
        ...

    def pending_texts(self, source: str, now: datetime) -> Iterator[PendingText]: ...

    def resting(self, source: str, now: datetime) -> Iterator[str]:
        """Bills at their final disposition that need not be asked for now."""
        ...

    def events(self, after: int = 0, limit: int = 1000, query: EventQuery | None = None) -> list[Event]:
        """Ascending by `seq`, seq > after."""
        ...

    def latest_events(self, before: int | None, limit: int, query: EventQuery | None = None) -> list[Event]:
        """Descending by `seq`, seq < before (or from the newest)."""
        ...

    def last_seq(self) -> int: ...

    def save_run(self, run: Run) -> None: ...

    def runs(self, source: str | None = None, limit: int = 20, *, since: datetime | None = None,
             until: datetime | None = None, verdict: VerdictKind | None = None) -> list[Run]:
        """Newest first; `since` and `until` are of their start, both included."""
        ...


class Log(Protocol):
    """The part of Store that digests read."""

    def events(self, after: int = 0, limit: int = 1000, query: EventQuery | None = None) -> list[Event]: ...

    def latest_events(self, before: int | None, limit: int, query: EventQuery | None = None) -> list[Event]: ...

    def last_seq(self) -> int: ...


class Ledger(Protocol):
    """Subscriptions and the outbox. Each call is one transaction."""

    def add(self, subscription: Subscription) -> None: ...

    def add_if(self, subscription: Subscription, may: Callable[[Sequence[Subscription]], bool]) -> bool:
        """Add it if `may` says so of all that this address has. Two at once ask one after the other."""
        ...

    def get(self, subscription_id: str) -> Subscription | None: ...

    def find(self, *, address_index: bytes | None = None, confirm_token: bytes | None = None,
             manage_token: bytes | None = None) -> list[Subscription]: ...

    def confirmed(self) -> Iterator[Subscription]:
        """Every confirmed subscription, by id."""
        ...

    def update(self, subscription: Subscription) -> None: ...

    def delete(self, subscription_id: str) -> bool:
        """Hard: the row and its outbox rows. False if there was none."""
        ...

    def advance(self, subscription_id: str, cursor: int, next_due_at: datetime | None) -> None:
        """Nothing to tell up to `cursor`. Touches nothing else, as the reader may be changing the rest just now."""
        ...

    def delete_unconfirmed(self, until: datetime) -> int:
        """Sign-ups made at or before `until` that nobody confirmed, for good. How many there were."""
        ...

    def set_keys(self, sealed: Mapping[str, bytes | None]) -> None:
        """Subscription id to its reader's sealed OpenPGP key, or to none. What waited for a key goes at once."""
        ...

    def keyed(self) -> list[Subscription]:
        """Confirmed ones with a key, of which nobody was told that it no longer works."""
        ...

    def note_key_told(self, subscription_id: str, now: datetime) -> None: ...

    def delete_waiting(self, until: datetime) -> int:
        """Whose reader was told at or before `until`, and did nothing. How many there were."""
        ...

    def queue(self, delivery: Delivery, next_due_at: datetime | None) -> bool:
        """Insert an outbox row, once per (subscription, digest), and set the subscription's `next_due_at`.

        False (and nothing written) if the subscription has an open row or the digest was queued before.
        """
        ...

    def waiting(self, now: datetime, heard: int) -> Iterator[Subscription]:
        """Confirmed subscriptions whose time has come and whose last message is not still to go, by id. Of those that
        are told at once, only who has not seen event `heard`, the last that could be told to anybody."""
        ...

    def queue_all(self, waiting: Sequence[tuple[Delivery, datetime | None]]) -> int:
        """`queue` for many, some hundred a transaction. How many were inserted."""
        ...

    def advance_all(self, quiet: Sequence[tuple[str, datetime | None]], cursor: int) -> None:
        """`advance` for many, each with its next due time, some hundred a transaction."""
        ...

    def lags(self, last: int) -> bool:
        """Has anybody who is told at once, and waits for no message, not seen event `last`?"""
        ...

    def carry(self, heard: int, cursor: int) -> None:
        """Move those on who are told at once and have seen `heard`: what came since is for nobody. May be put off while
        they are many and little came."""
        ...

    def open_deliveries(self, now: datetime, limit: int | None = None) -> list[Delivery]:
        """Queued rows whose next attempt is due, oldest first; none of addresses that are left alone."""
        ...

    def claim(self, deliveries: Sequence[Delivery], now: datetime) -> list[Delivery]:
        """Note, in a transaction of its own, that these are about to be sent; those that are still open. A ledger that
        cannot even write this (full disk) could not note the sending either: then nothing is sent."""
        ...

    def is_open(self, delivery: Delivery) -> bool:
        """May it leave this very moment? Not if its reader left, or its address is left alone now."""
        ...

    def hold(self, until: Sequence[tuple[Delivery, datetime]]) -> None:
        """Not before then. Costs no try."""
        ...

    def mark_sent(self, delivery: Delivery, now: datetime) -> None:
        """One transaction: row sent, and the subscription's cursor moved to `to_seq`."""
        ...

    def mark_failed(self, delivery: Delivery, error: str, retry_at: datetime | None) -> None:
        """`retry_at=None`: refused for good; the cursor moves on so that nobody else waits."""
        ...

    def deliveries(self, subscription_id: str | None = None, limit: int = 100) -> list[Delivery]: ...

    # What came back, and whom we leave alone

    def delivery(self, delivery_id: str) -> Delivery | None: ...

    def note_bounce(self, bounce: Bounce) -> bool:
        """False if this message came back before, or its subscription is gone."""
        ...

    def count_soft(self, address_index: bytes, since: datetime) -> int: ...

    def suppress(self, suppression: Suppression) -> None:
        """From here on nothing is sent there, what is queued included. A complaint is not made less by a bounce."""
        ...

    def suppression(self, address_index: bytes) -> Suppression | None: ...

    def lift(self, address_index: bytes) -> bool: ...

    def to_renew(self, until: datetime, limit: int = 1000) -> list[str]:
        """Subscriptions that were confirmed at or before `until` and were not asked since."""
        ...

    def put_question(self, subscription_id: str, token: bytes, ends_at: datetime) -> None:
        """The yearly question went out: this answers it, and without an answer it ends then."""
        ...

    def set_end(self, subscription_id: str, ends_at: datetime | None) -> None:
        """When it ends unless its owner answers. None: the owner did."""
        ...

    def paces(self) -> list[DomainPace]: ...

    def save_paces(self, paces: Collection[DomainPace]) -> None: ...


class Sealer(Protocol):
    """Keys outside the database (digests.readers.sealing.Keys). Both raise DeliveryError for what they cannot do."""

    def seal(self, value: str, row_id: str, purpose: str = "address") -> bytes: ...

    def open(self, sealed: bytes, row_id: str, purpose: str = "address") -> str: ...


class Hooks(Protocol):
    """Webhooks. Each call is one transaction."""

    def all(self) -> list[Webhook]:
        """By id."""
        ...

    def note(self, hook: Webhook) -> bool:
        """Keep how far it has come. False (and nothing written) if it was removed or switched off meanwhile."""
        ...


class Books(Ledger, Protocol):
    """The Ledger as its reconciliation needs it."""

    def since(self, subscription_ids: Sequence[str]) -> dict[str, int]:
        """From which seq on the wishes of today decided what each was told."""
        ...

    def ranges(self, subscription_id: str, after: int) -> list[Delivery]:
        """Its outbox rows that reach beyond `after`, in the order of the log."""
        ...

    def reopen(self, delivery: Delivery) -> bool:
        """A message that was given up is tried again from the start. False if another one of its reader is open."""
        ...


class Mailer(Protocol):
    def send(self, message: EmailMessage | bytes, recipient: str, sender: str = "") -> None:
        """Hand over one message. `sender` is where its bounces go; empty: the address in From.

        Raises TransientDelivery or RecipientRefused.
        """
        ...


class Clock(Protocol):
    def __call__(self) -> datetime:
        """Aware UTC now."""
        ...
