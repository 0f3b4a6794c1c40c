"""The outbox of alerts: the Ledger of tracker.ports over rows of its own, which leave only inside their window.

What digests/delivery/sending.py guarantees for digests holds for alerts as it is: the same code takes from here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Update, and_, delete, exists, func, or_, select, true, update

from tracker.alerts.records import KEPT_FOR, Alert, AlertDelivery, AlertState, AlertStep, Notice, may_leave
from tracker.model import Delivery, DeliveryStatus, Subscription
from tracker.ports import Clock, Sealer
from tracker.store import schema as t
from tracker.store.alerts import _note, _read
from tracker.store.due import STREAM
from tracker.store.engine import reading, writing
from tracker.store.ledger import SqlLedger
from tracker.store.returns import left_alone
from tracker.store.rows import AnyRow
from tracker.store.writer import inserting_once

a, s, d, p, n = t.alert.c, t.subscription.c, t.alert_delivery.c, t.alert_step.c, t.newcomer.c
QUEUED, SENT, DROPPED = DeliveryStatus.QUEUED.value, DeliveryStatus.SENT.value, "dropped"


class AlertOutbox(SqlLedger):
    """`clock` is asked at the moment of sending, whatever a round began with."""

    def __init__(self, engine: Engine, keys: Sealer, clock: Clock) -> None:
        super().__init__(engine, keys)
        self._clock = clock

    # --- what is to be sent -------------------------------------------------------------------------------------------

    def unqueued(self, now: datetime) -> list[Alert]:
        """Whose window is open, and whose public revision was not put into the outbox for everybody."""
        with reading(self._engine) as connection:
            found = _read(connection, and_(a.public > a.queued, a.state != AlertState.WITHDRAWN.value, a.ends_at > now))
        return found

    def told_open(self, now: datetime) -> list[Alert]:
        """Whose window is open, and whose public revision was put into the outbox for everybody."""
        with reading(self._engine) as connection:
            return _read(connection, and_(a.public.is_not(None), a.public <= a.queued, a.ends_at > now,
                                          a.state != AlertState.WITHDRAWN.value))

    def addressed(self, alert_id: str) -> set[bytes]:
        """Whose outbox has (or had) a message of this alert, by the index of the address."""
        with reading(self._engine) as connection:
            return set(connection.scalars(select(s.address_index).distinct().join(
                t.alert_delivery, d.subscription_id == s.id).where(d.alert_id == alert_id, d.status != DROPPED)))

    def addressed_of(self, addresses: Collection[bytes]) -> dict[str, set[bytes]]:
        """The same of every alert, for some addresses. By way of these: named, an alert would lead a database without
        statistics through all whom it was sent to."""
        found: dict[str, set[bytes]] = {}
        with reading(self._engine) as connection:
            for row in connection.execute(select(d.alert_id, s.address_index).distinct().join(
                    t.alert_delivery, d.subscription_id == s.id).where(
                    s.address_index.in_(addresses), d.status != DROPPED)):
                found.setdefault(row.alert_id, set()).add(row.address_index)
        return found

    def newcomers(self, after: str) -> tuple[list[Subscription], dict[str, str]]:
        """A part of those whose wishes are new, beyond this id: who may be told, and the marks of all, by id."""
        with reading(self._engine) as connection:
            marks = {row.subscription_id: row.mark for row in connection.execute(select(t.newcomer).where(
                n.subscription_id > after).order_by(n.subscription_id).limit(STREAM))}
            # Asked after the marks: whoever changes a wish in between has another mark by then, and it stays.
            rows = connection.execute(select(t.subscription).where(
                s.id.in_(marks), s.confirmed_at.is_not(None), ~left_alone()).order_by(s.id)).all()
        return list(self._opened(rows)), marks

    def forget_newcomers(self, marks: Mapping[str, str]) -> None:
        """But not who changed a wish meanwhile."""
        with writing(self._engine) as connection:
            for identity in sorted(marks):
                connection.execute(delete(t.newcomer).where(
                    n.subscription_id == identity, n.mark == marks[identity]))

    def put(self, deliveries: Iterable[AlertDelivery]) -> int:
        """Each once; of subscriptions that are gone meanwhile, nothing."""
        statement, count = inserting_once(self._engine.dialect.name, t.alert_delivery), 0
        with writing(self._engine) as connection:
            for one in deliveries:
                alive = connection.scalar(select(s.id).where(s.id == one.subscription_id).with_for_update())
                count += connection.execute(statement, _row(one)).rowcount if alive else 0
        return count

    def note_queued(self, alert: Alert, now: datetime) -> None:
        with writing(self._engine) as connection:
            done = connection.execute(update(t.alert).where(a.id == alert.id, a.queued < alert.public).values(
                queued=alert.public)).rowcount
            if done:
                _note(connection, AlertStep(alert.id, alert.public or 0, "sent", now))

    def told(self) -> list[tuple[str, str]]:
        """(alert, subscription) of all that are owed a notice: they have, or may have, a revision that was corrected
        or withdrawn since, and no message that says so. `tried_at`: the mail server may have it."""
        later = t.alert_delivery.alias()
        got = or_(d.status == SENT, and_(d.status.in_((QUEUED, DROPPED)), d.tried_at.is_not(None)))
        withdrawn = a.state == AlertState.WITHDRAWN.value
        wanted = or_(and_(withdrawn, later.c.notice == Notice.WITHDRAWAL.value),
                     and_(~withdrawn, later.c.revision == a.public))
        statement = (select(d.alert_id, d.subscription_id).distinct().join(t.alert, a.id == d.alert_id).where(
            got, d.notice != Notice.WITHDRAWAL.value, or_(withdrawn, d.revision < a.public),
            ~exists().where(later.c.subscription_id == d.subscription_id, later.c.alert_id == d.alert_id, wanted))
            .order_by(d.alert_id, d.subscription_id))
        with reading(self._engine) as connection:
            return [(row.alert_id, row.subscription_id) for row in connection.execute(statement)]

    def drop_late(self, now: datetime) -> int:
        """Queued rows whose window has closed, or whose revision is not the public one any more. How many."""
        wrong = exists().where(a.id == d.alert_id, or_(
            and_(d.notice == Notice.WITHDRAWAL.value, a.state != AlertState.WITHDRAWN.value),
            and_(d.notice != Notice.WITHDRAWAL.value,
                 or_(a.state == AlertState.WITHDRAWN.value, a.ends_at <= now, a.public != d.revision))))
        with writing(self._engine) as connection:
            return connection.execute(update(t.alert_delivery).where(t.OPEN, wrong).values(
                status=DROPPED, next_attempt_at=None)).rowcount

    def note_ended(self, now: datetime) -> int:
        """A step for each alert whose window has closed; and what is long over is forgotten."""
        noted = exists().where(p.alert_id == a.id, p.step == "expired", p.revision == a.public)
        with writing(self._engine) as connection:
            rows = connection.execute(select(a.id, a.public).where(
                a.public.is_not(None), a.state != AlertState.WITHDRAWN.value, a.ends_at <= now, ~noted)).all()
            for row in rows:
                _note(connection, AlertStep(row.id, row.public, "expired", now))
            old = select(a.id).where(a.ends_at <= now - KEPT_FOR)
            connection.execute(delete(t.alert_delivery).where(d.alert_id.in_(old)))
        return len(rows)

    def counts(self, alert_id: str) -> dict[str, int]:
        """How many messages of an alert by what became of them; nobody's name."""
        with reading(self._engine) as connection:
            return {str(status): int(count) for status, count in connection.execute(
                select(d.status, func.count()).where(d.alert_id == alert_id).group_by(d.status).order_by(d.status))}

    # --- the Ledger, as sending takes it ------------------------------------------------------------------------------

    def open_deliveries(self, now: datetime, limit: int | None = None) -> list[Delivery]:
        with reading(self._engine) as connection:
            return [read_alert_delivery(row) for row in connection.execute(
                select(t.alert_delivery).join(t.subscription, s.id == d.subscription_id)
                .where(t.OPEN, or_(d.next_attempt_at.is_(None), d.next_attempt_at <= now), ~left_alone())
                .order_by(d.created_at, d.id).limit(limit))]

    def claim(self, deliveries: Sequence[Delivery], now: datetime) -> list[Delivery]:
        with writing(self._engine) as connection:
            return [one for one in deliveries if connection.execute(
                _row_of(one).where(t.OPEN).values(next_attempt_at=now)).rowcount]

    def is_open(self, delivery: Delivery) -> bool:
        """Asked right before the message leaves, and noted: if the answer of the mail server is lost, its reader is
        counted among those who may have it."""
        if not isinstance(delivery, AlertDelivery):
            return False
        now = self._clock()
        with writing(self._engine) as connection:
            found = _read(connection, a.id == delivery.alert_id)
            if not found or not may_leave(found[0], delivery, now):
                return False
            alive = exists().where(s.id == d.subscription_id, s.confirmed_at.is_not(None), ~left_alone())
            return connection.execute(_row_of(delivery).where(t.OPEN, alive).values(tried_at=now)).rowcount == 1

    def hold(self, until: Sequence[tuple[Delivery, datetime]]) -> None:
        with writing(self._engine) as connection:
            for delivery, moment in until:
                connection.execute(_row_of(delivery).where(t.OPEN).values(next_attempt_at=moment))

    def mark_sent(self, delivery: Delivery, now: datetime) -> None:
        with writing(self._engine) as connection:
            connection.execute(_row_of(delivery).values(
                status=SENT, sent_at=now, attempts=d.attempts + 1, next_attempt_at=None, error=None))

    def mark_failed(self, delivery: Delivery, error: str, retry_at: datetime | None) -> None:
        """A connection that was lost in the middle leaves open whether the message arrived."""
        status = DeliveryStatus.FAILED if retry_at is None else DeliveryStatus.QUEUED
        answered = {"tried_at": None} if "SMTP " in error else {}
        with writing(self._engine) as connection:
            connection.execute(_row_of(delivery).where(t.OPEN).values(
                status=status.value, attempts=d.attempts + 1, next_attempt_at=retry_at, error=error, **answered))

    def deliveries(self, subscription_id: str | None = None, limit: int = 100) -> list[Delivery]:
        """Newest first."""
        which = d.subscription_id == subscription_id if subscription_id is not None else true()
        with reading(self._engine) as connection:
            return [read_alert_delivery(row) for row in connection.execute(
                select(t.alert_delivery).where(which).order_by(d.created_at.desc(), d.id.desc()).limit(limit))]


def _row_of(delivery: Delivery) -> Update:
    return update(t.alert_delivery).where(d.subscription_id == delivery.subscription_id, d.id == delivery.id)


def _row(one: AlertDelivery) -> dict[str, Any]:
    return {"subscription_id": one.subscription_id, "id": one.id, "alert_id": one.alert_id,
            "notice": one.notice.value, "revision": one.revision, "created_at": one.created_at, "status": QUEUED,
            "attempts": 0, "next_attempt_at": None, "tried_at": None, "sent_at": None, "error": None}


def read_alert_delivery(row: AnyRow) -> AlertDelivery:
    """One that was dropped is over, as one that failed is."""
    status = DeliveryStatus.FAILED if row.status == DROPPED else DeliveryStatus(row.status)
    return AlertDelivery(row.id, row.subscription_id, 0, 0, row.created_at, status, row.attempts, row.next_attempt_at,
                         row.sent_at, row.error, row.alert_id, Notice(row.notice), row.revision)
