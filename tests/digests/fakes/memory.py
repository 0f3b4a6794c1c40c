"""A ledger, a log and a post box in memory, with the promises of tracker.ports."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

from digests.delivery.schedule import due
from tracker.model import Cadence, Delivery, DeliveryStatus, Event, IngestMode, Subscription
from tracker.ports import EventQuery
from tracker.post import Bounce, DomainPace, ReturnKind, Suppression


class MemoryLog:
    """Counts the rows that it hands out: a test of what a query costs."""

    def __init__(self, events: list[Event]) -> None:
        self.all = events
        self.rows = 0

    def events(self, after: int = 0, limit: int = 1000, query: EventQuery | None = None) -> list[Event]:
        return self._counted([e for e in self.all if e.seq > after and _asked(query, e)][:limit])

    def latest_events(self, before: int | None, limit: int, query: EventQuery | None = None) -> list[Event]:
        found = [e for e in reversed(self.all) if (before is None or e.seq < before) and _asked(query, e)]
        return self._counted(found[:limit])

    def last_seq(self) -> int:
        return self.all[-1].seq if self.all else 0

    def _counted(self, found: list[Event]) -> list[Event]:
        self.rows += len(found)
        return found


def _asked(query: EventQuery | None, event: Event) -> bool:
    if query is None:
        return True
    wanted = query.filter
    return ((not query.hearings or event.kind.startswith("hearing-"))
            and (not query.alerting or event.mode is IngestMode.LIVE) and (not query.flagged or bool(event.topics))
            and (not wanted.bills or event.bill_id in wanted.bills)
            and (not wanted.topics or bool(set(wanted.topics) & set(event.topics)))
            and (not wanted.jurisdictions or event.jurisdiction in wanted.jurisdictions))


class MemoryLedger:
    def __init__(self) -> None:
        self.rows: dict[str, Subscription] = {}
        self.outbox: dict[tuple[str, str], Delivery] = {}
        self.returned: list[Bounce] = []
        self.alone: dict[bytes, Suppression] = {}
        self.domains: dict[bytes, DomainPace] = {}
        self.ends: dict[str, datetime] = {}

    def add(self, subscription: Subscription) -> None:
        self.rows[subscription.id] = subscription

    def add_if(self, subscription: Subscription, may: Callable[[Sequence[Subscription]], bool]) -> bool:
        if may(self.find(address_index=subscription.address_index)):
            self.add(subscription)
        return subscription.id in self.rows

    def get(self, subscription_id: str) -> Subscription | None:
        return self.rows.get(subscription_id)

    def find(self, *, address_index: bytes | None = None, confirm_token: bytes | None = None,
             manage_token: bytes | None = None) -> list[Subscription]:
        given = {"address_index": address_index, "confirm_token": confirm_token, "manage_token": manage_token}
        asked = {name: value for name, value in given.items() if value is not None}
        return [s for s in sorted(self.rows.values(), key=lambda s: (s.created_at, s.id))
                if asked and all(getattr(s, name) == value for name, value in asked.items())]

    def confirmed(self) -> Iterator[Subscription]:
        yield from [s for _, s in sorted(self.rows.items()) if s.confirmed_at and s.address_index not in self.alone]

    def update(self, subscription: Subscription) -> None:
        if old := self.rows.get(subscription.id):
            self.rows[subscription.id] = replace(subscription, cursor=max(old.cursor, subscription.cursor))

    def delete(self, subscription_id: str) -> bool:
        self.outbox = {key: d for key, d in self.outbox.items() if key[0] != subscription_id}
        return self.rows.pop(subscription_id, None) is not None

    def advance(self, subscription_id: str, cursor: int, next_due_at: datetime | None) -> None:
        if row := self.rows.get(subscription_id):
            self.rows[row.id] = replace(row, cursor=max(row.cursor, cursor), next_due_at=next_due_at)

    def delete_unconfirmed(self, until: datetime) -> int:
        gone = [s.id for s in self.rows.values() if s.confirmed_at is None and s.created_at <= until]
        return sum(self.delete(identity) for identity in gone)

    def set_keys(self, sealed: Mapping[str, bytes | None]) -> None:
        for identity, key in sealed.items():
            if (row := self.rows[identity]).openpgp_told_at:
                self.outbox = {k: d for k, d in self.outbox.items()
                               if k[0] != identity or d.status is not DeliveryStatus.QUEUED}
                row = replace(row, next_due_at=None)
            self.rows[identity] = replace(row, openpgp_sealed=key, openpgp_told_at=None)
            self.outbox.update({k: replace(d, next_attempt_at=None) for k, d in self.outbox.items()
                                if k[0] == identity and d.status is DeliveryStatus.QUEUED})

    def keyed(self) -> list[Subscription]:
        return [s for s in self.confirmed() if s.openpgp_sealed and not s.openpgp_told_at]

    def note_key_told(self, subscription_id: str, now: datetime) -> None:
        self.rows[subscription_id] = replace(self.rows[subscription_id], openpgp_told_at=now)

    def delete_waiting(self, until: datetime) -> int:
        gone = [s.id for s in self.rows.values() if s.openpgp_told_at and s.openpgp_told_at <= until]
        return sum(self.delete(identity) for identity in gone)

    def queue(self, delivery: Delivery, next_due_at: datetime | None) -> bool:
        key = delivery.subscription_id, delivery.id
        is_open = any(d.status is DeliveryStatus.QUEUED for k, d in self.outbox.items() if k[0] == key[0])
        if key in self.outbox or is_open or key[0] not in self.rows:
            return False
        self.outbox[key] = delivery
        self.rows[key[0]] = replace(self.rows[key[0]], next_due_at=next_due_at)
        return True

    def waiting(self, now: datetime, heard: int) -> Iterator[Subscription]:
        busy = {d.subscription_id for d in self.outbox.values() if d.status is DeliveryStatus.QUEUED}
        yield from [s for s in self.confirmed() if s.id not in busy and due(s, now)
                    and (s.cadence is not Cadence.INSTANT or s.cursor < heard)]

    def queue_all(self, waiting: Sequence[tuple[Delivery, datetime | None]]) -> int:
        return sum(self.queue(*one) for one in waiting)

    def advance_all(self, quiet: Sequence[tuple[str, datetime | None]], cursor: int) -> None:
        for identity, due_at in quiet:
            self.advance(identity, cursor, due_at)

    def lags(self, last: int) -> bool:
        busy = {d.subscription_id for d in self.outbox.values() if d.status is DeliveryStatus.QUEUED}
        return any(s.cadence is Cadence.INSTANT and s.cursor < last and s.id not in busy for s in self.confirmed())

    def carry(self, heard: int, cursor: int) -> None:
        busy = {d.subscription_id for d in self.outbox.values() if d.status is DeliveryStatus.QUEUED}
        for row in [s for s in self.confirmed() if s.id not in busy and s.cadence is Cadence.INSTANT]:
            if heard <= row.cursor < cursor:
                self.advance(row.id, cursor, row.next_due_at)

    def open_deliveries(self, now: datetime, limit: int | None = None) -> list[Delivery]:
        return sorted((d for d in self.outbox.values() if d.status is DeliveryStatus.QUEUED
                       and self.rows[d.subscription_id].address_index not in self.alone
                       and (d.next_attempt_at is None or d.next_attempt_at <= now)),
                      key=lambda d: (d.created_at, d.id))[:limit]

    def mark_sent(self, delivery: Delivery, now: datetime) -> None:
        self._set(delivery, status=DeliveryStatus.SENT, sent_at=now, error=None, next_attempt_at=None)
        self._advance(delivery)

    def claim(self, deliveries: Sequence[Delivery], now: datetime) -> list[Delivery]:
        mine = [d for d in deliveries if self._row(d) and self._row(d).status is DeliveryStatus.QUEUED]  # type: ignore[union-attr]
        self.hold([(d, now) for d in mine])
        return mine

    def is_open(self, delivery: Delivery) -> bool:
        row, reader = self._row(delivery), self.rows.get(delivery.subscription_id)
        return bool(row and row.status is DeliveryStatus.QUEUED and reader and reader.confirmed_at
                    and reader.address_index not in self.alone)

    def hold(self, until: Sequence[tuple[Delivery, datetime]]) -> None:
        for delivery, moment in until:
            if old := self._row(delivery):
                self.outbox[old.subscription_id, old.id] = replace(old, next_attempt_at=moment)

    def _row(self, delivery: Delivery) -> Delivery | None:
        return self.outbox.get((delivery.subscription_id, delivery.id))

    def mark_failed(self, delivery: Delivery, error: str, retry_at: datetime | None) -> None:
        status = DeliveryStatus.FAILED if retry_at is None else DeliveryStatus.QUEUED
        self._set(delivery, status=status, error=error, next_attempt_at=retry_at)
        if retry_at is None:
            self._advance(delivery)

    def deliveries(self, subscription_id: str | None = None, limit: int = 100) -> list[Delivery]:
        found = [d for d in self.outbox.values() if subscription_id in (None, d.subscription_id)]
        return sorted(found, key=lambda d: (d.created_at, d.id), reverse=True)[:limit]

    def delivery(self, delivery_id: str) -> Delivery | None:
        return next((d for d in self.outbox.values() if d.id == delivery_id), None)

    def note_bounce(self, bounce: Bounce) -> bool:
        known = {replace(b, code="", at=bounce.at) for b in self.returned}
        if bounce.subscription_id not in self.rows or replace(bounce, code="") in known:
            return False
        self.returned.append(bounce)
        return True

    def count_soft(self, address_index: bytes, since: datetime) -> int:
        mine = {s.id for s in self.find(address_index=address_index)}
        return sum(b.kind is ReturnKind.SOFT and b.at > since and b.subscription_id in mine for b in self.returned)

    def suppress(self, suppression: Suppression) -> None:
        old = self.alone.get(suppression.address_index)
        if old is None or old.reason is not ReturnKind.COMPLAINT:
            self.alone[suppression.address_index] = suppression

    def suppression(self, address_index: bytes) -> Suppression | None:
        return self.alone.get(address_index)

    def lift(self, address_index: bytes) -> bool:
        return self.alone.pop(address_index, None) is not None

    def to_renew(self, until: datetime, limit: int = 1000) -> list[str]:
        return [s.id for s in self.confirmed() if s.confirmed_at and s.confirmed_at <= until
                and s.id not in self.ends][:limit]

    def put_question(self, subscription_id: str, token: bytes, ends_at: datetime) -> None:
        self.rows[subscription_id] = replace(self.rows[subscription_id], confirm_token=token)
        self.ends[subscription_id] = ends_at

    def set_end(self, subscription_id: str, ends_at: datetime | None) -> None:
        self.ends.pop(subscription_id, None)
        if ends_at:
            self.ends[subscription_id] = ends_at

    def paces(self) -> list[DomainPace]:
        return list(self.domains.values())

    def save_paces(self, paces: Collection[DomainPace]) -> None:
        self.domains |= {pace.index: pace for pace in paces}

    def _set(self, delivery: Delivery, **changes: object) -> None:
        key = delivery.subscription_id, delivery.id
        if old := self.outbox.get(key):
            self.outbox[key] = replace(old, attempts=old.attempts + 1, **changes)  # type: ignore[arg-type]

    def _advance(self, delivery: Delivery) -> None:
        if row := self.rows.get(delivery.subscription_id):
            self.rows[row.id] = replace(row, cursor=max(row.cursor, delivery.to_seq))


class PostBox:
    """Takes every message; `failures` are raised first, one a message."""

    def __init__(self, *failures: Exception | None) -> None:
        self.sent: list[tuple[str, EmailMessage]] = []
        self.senders: list[str] = []
        self.failures = list(failures)

    def send(self, message: EmailMessage | bytes, recipient: str, sender: str = "") -> None:
        failure = self.failures.pop(0) if self.failures else None
        if failure:
            raise failure
        if isinstance(message, bytes):
            message = message_from_bytes(message, policy=SMTP)
        self.senders.append(sender)
        self.sent.append((recipient, message))
