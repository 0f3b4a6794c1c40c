"""Subscriptions and their outbox in the database: the Ledger of tracker.ports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Case, Connection, Engine, Update, and_, case, delete, func, or_, select, update

from tracker.model import Delivery, DeliveryStatus, Subscription
from tracker.ports import Sealer
from tracker.store import schema as t
from tracker.store.due import STREAM, SqlDue
from tracker.store.engine import reading, writing
from tracker.store.newcomers import mark
from tracker.store.returns import left_alone
from tracker.store.rows import (
    PLAIN_FILTER,
    read_delivery,
    read_filter,
    read_subscription,
    sealed_filter,
    subscription_row,
)

ADDRESS_LOCK = 0x62_77_03  # pg_advisory_xact_lock, with four bytes of an address's keyed hash; "bw", 3

s, d = t.subscription.c, t.delivery.c


class SqlLedger(SqlDue):
    """Each call is one transaction. A cursor never moves back, whoever saves an older copy of the subscription."""

    def __init__(self, engine: Engine, keys: Sealer) -> None:
        self._engine, self._keys = engine, keys

    def seal_filters(self) -> int:
        """Seal what was stored in plain words by an older billwatch, and let no copy lie beside. How many."""
        sealed = 0
        while plain := self._plain_filters():
            with writing(self._engine) as connection:
                for row in plain:
                    wanted = read_filter(row.filter, row.id, self._keys)
                    connection.execute(update(t.subscription).where(s.id == row.id, s.filter == row.filter).values(
                        filter=sealed_filter(wanted, row.id, self._keys)))
            sealed += len(plain)
        if sealed and self._engine.dialect.name == "sqlite":
            with self._engine.connect() as connection:  # the journal holds pages as they were
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return sealed

    def _plain_filters(self) -> Sequence[Any]:
        with reading(self._engine) as connection:
            return connection.execute(select(s.id, s.filter).where(s.filter.startswith(PLAIN_FILTER, autoescape=True))
                                      .order_by(s.id).limit(STREAM)).all()

    # --- subscriptions ------------------------------------------------------------------------------------------------

    def add(self, subscription: Subscription) -> None:
        """Raises Conflict if the id is taken."""
        with writing(self._engine) as connection:
            connection.execute(t.subscription.insert(), subscription_row(subscription, self._keys))
            self._note_wishes(connection, subscription.id, subscription.cursor)

    def add_if(self, subscription: Subscription, may: Callable[[Sequence[Subscription]], bool]) -> bool:
        with writing(self._engine) as connection:
            if self._engine.dialect.name == "postgresql":  # SQLite has one writer anyway
                key = int.from_bytes(subscription.address_index[:4], "big", signed=True)
                connection.execute(select(func.pg_advisory_xact_lock(ADDRESS_LOCK, key)))
            there = [read_subscription(row, self._keys) for row in connection.execute(
                select(t.subscription).where(s.address_index == subscription.address_index)
                .order_by(s.created_at, s.id))]
            if not may(there):
                return False
            connection.execute(t.subscription.insert(), subscription_row(subscription, self._keys))
            self._note_wishes(connection, subscription.id, subscription.cursor)
            return True

    def get(self, subscription_id: str) -> Subscription | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(t.subscription).where(s.id == subscription_id)).first()
        return read_subscription(row, self._keys) if row else None

    def find(self, *, address_index: bytes | None = None, confirm_token: bytes | None = None,
             manage_token: bytes | None = None) -> list[Subscription]:
        """By all that is given; by nothing, nobody."""
        given = [column == value for column, value in (
            (s.address_index, address_index), (s.confirm_token, confirm_token), (s.manage_token, manage_token))
            if value is not None]
        if not given:
            return []
        with reading(self._engine) as connection:
            return [read_subscription(row, self._keys) for row in connection.execute(
                select(t.subscription).where(and_(*given)).order_by(s.created_at, s.id))]

    def confirmed(self) -> Iterator[Subscription]:
        last = ""
        while True:
            with reading(self._engine) as connection:
                rows = connection.execute(select(t.subscription).where(
                    s.id > last, s.confirmed_at.is_not(None), ~left_alone()).order_by(s.id).limit(STREAM)).all()
            yield from self._opened(rows)
            if len(rows) < STREAM:
                return
            last = rows[-1].id

    def update(self, subscription: Subscription) -> None:
        """Of one that was deleted meanwhile: nothing. Who left stays gone."""
        row = subscription_row(subscription, self._keys)
        cursor, identity = row.pop("cursor"), row.pop("id")
        # Never another address or key; and a rotation of keys may have sealed them anew meanwhile.
        del row["address_sealed"], row["openpgp_sealed"], row["openpgp_told_at"]
        with writing(self._engine) as connection:
            found = connection.execute(update(t.subscription).where(s.id == identity).values(
                **row, cursor=_forward(cursor)).returning(s.cursor)).first()
            if found:
                self._note_wishes(connection, identity, found.cursor)

    def delete(self, subscription_id: str) -> bool:
        with writing(self._engine) as connection:
            connection.execute(delete(t.delivery).where(d.subscription_id == subscription_id))
            return connection.execute(delete(t.subscription).where(s.id == subscription_id)).rowcount == 1

    def advance(self, subscription_id: str, cursor: int, next_due_at: datetime | None) -> None:
        with writing(self._engine) as connection:
            connection.execute(update(t.subscription).where(s.id == subscription_id).values(
                cursor=_forward(cursor), next_due_at=next_due_at))

    def delete_unconfirmed(self, until: datetime) -> int:
        with writing(self._engine) as connection:
            return connection.execute(delete(t.subscription).where(
                s.confirmed_at.is_(None), s.created_at <= until)).rowcount

    # --- keys of readers ----------------------------------------------------------------------------------------------

    def set_keys(self, sealed: Mapping[str, bytes | None]) -> None:
        with writing(self._engine) as connection:
            for identity, key in sealed.items():
                mine = d.subscription_id == identity
                waited = connection.scalar(select(s.openpgp_told_at).where(s.id == identity)) is not None
                connection.execute(update(t.subscription).where(s.id == identity).values(
                    openpgp_sealed=key, openpgp_told_at=None))
                if waited:  # the cursor stands: one digest tells all of it, and is not too old to be tried for days
                    connection.execute(delete(t.delivery).where(mine, t.OPEN))
                    connection.execute(update(t.subscription).where(s.id == identity).values(next_due_at=None))  # now
                connection.execute(update(t.delivery).where(mine, t.OPEN).values(next_attempt_at=None))
                connection.execute(update(t.alert_delivery).where(
                    t.alert_delivery.c.subscription_id == identity,
                    t.alert_delivery.c.status == DeliveryStatus.QUEUED.value).values(next_attempt_at=None))

    def keyed(self) -> list[Subscription]:
        with reading(self._engine) as connection:
            rows = connection.execute(select(t.subscription).where(
                s.openpgp_sealed.is_not(None), s.openpgp_told_at.is_(None), s.confirmed_at.is_not(None),
                ~left_alone()).order_by(s.id)).all()
        return list(self._opened(rows))

    def note_key_told(self, subscription_id: str, now: datetime) -> None:
        with writing(self._engine) as connection:
            connection.execute(update(t.subscription).where(s.id == subscription_id).values(openpgp_told_at=now))

    def delete_waiting(self, until: datetime) -> int:
        with writing(self._engine) as connection:
            return connection.execute(delete(t.subscription).where(s.openpgp_told_at <= until)).rowcount

    # --- the outbox ---------------------------------------------------------------------------------------------------

    def queue(self, delivery: Delivery, next_due_at: datetime | None) -> bool:
        return self.queue_all([(delivery, next_due_at)]) == 1

    def open_deliveries(self, now: datetime, limit: int | None = None) -> list[Delivery]:
        with reading(self._engine) as connection:
            return [read_delivery(row) for row in connection.execute(
                select(t.delivery).join(t.subscription, s.id == d.subscription_id)
                .where(t.OPEN, or_(d.next_attempt_at.is_(None), d.next_attempt_at <= now), ~left_alone())
                .order_by(d.created_at, d.id).limit(limit))]

    def claim(self, deliveries: Sequence[Delivery], now: datetime) -> list[Delivery]:
        with writing(self._engine) as connection:
            return [one for one in deliveries if connection.execute(
                _row_of(one).where(t.OPEN).values(next_attempt_at=now)).rowcount]

    def is_open(self, delivery: Delivery) -> bool:
        with reading(self._engine) as connection:
            return connection.scalar(
                select(d.id).join(t.subscription, s.id == d.subscription_id)
                .where(d.subscription_id == delivery.subscription_id, d.id == delivery.id, t.OPEN,
                       s.confirmed_at.is_not(None), ~left_alone())) is not None

    def hold(self, until: Sequence[tuple[Delivery, datetime]]) -> None:
        with writing(self._engine) as connection:
            for delivery, moment in until:
                connection.execute(_row_of(delivery).where(t.OPEN).values(next_attempt_at=moment))

    def mark_sent(self, delivery: Delivery, now: datetime) -> None:
        with writing(self._engine) as connection:
            connection.execute(_row_of(delivery).values(
                status=DeliveryStatus.SENT.value, sent_at=now, attempts=d.attempts + 1, next_attempt_at=None,
                error=None))
            _advance(connection, delivery)

    def mark_failed(self, delivery: Delivery, error: str, retry_at: datetime | None) -> None:
        with writing(self._engine) as connection:
            status = DeliveryStatus.FAILED if retry_at is None else DeliveryStatus.QUEUED
            done = connection.execute(_row_of(delivery).where(t.OPEN).values(
                status=status.value, attempts=d.attempts + 1, next_attempt_at=retry_at, error=error))
            if retry_at is None and done.rowcount:
                _advance(connection, delivery)

    def deliveries(self, subscription_id: str | None = None, limit: int = 100) -> list[Delivery]:
        """Newest first."""
        statement = select(t.delivery).order_by(d.created_at.desc(), d.id.desc()).limit(limit)
        if subscription_id is not None:
            statement = statement.where(d.subscription_id == subscription_id)
        with reading(self._engine) as connection:
            return [read_delivery(row) for row in connection.execute(statement)]

    def _note_wishes(self, connection: Connection, subscription_id: str, cursor: int) -> None:
        row = {"subscription_id": subscription_id, "since_seq": cursor}
        known = connection.execute(update(t.standing).where(
            t.standing.c.subscription_id == subscription_id).values(since_seq=cursor)).rowcount
        if not known:
            connection.execute(t.standing.insert(), row)
        mark(connection, s.id == subscription_id)


def _row_of(delivery: Delivery) -> Update:
    return update(t.delivery).where(d.subscription_id == delivery.subscription_id, d.id == delivery.id)


def _forward(seq: int) -> Case[int]:
    return case((s.cursor < seq, seq), else_=s.cursor)


def _advance(connection: Connection, delivery: Delivery) -> None:
    connection.execute(update(t.subscription).where(s.id == delivery.subscription_id).values(
        cursor=_forward(delivery.to_seq)))
