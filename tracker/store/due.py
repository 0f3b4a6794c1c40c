"""Whose digest is due, by index and without opening a filter that nobody needs: a part of the ledger.

Each minute all readers are asked about. So what that costs must hang on how many are due, not on how many there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, case, exists, func, select, update

from tracker.errors import DeliveryError
from tracker.model import PERIOD_OF, Cadence, Delivery, Subscription
from tracker.ports import Sealer
from tracker.store import schema as t
from tracker.store.engine import reading, writing
from tracker.store.returns import SqlReturns, left_alone
from tracker.store.rows import AnyRow, delivery_row, read_subscription
from tracker.store.writer import upserting

log = structlog.get_logger()
STREAM = 500
ROWS_AN_EVENT, MOST_BEHIND = 100, 10_000

s, d = t.subscription.c, t.delivery.c


class SqlDue(SqlReturns):
    _engine: Engine
    _keys: Sealer

    def waiting(self, now: datetime, heard: int) -> Iterator[Subscription]:
        with reading(self._engine) as connection:
            due = sorted({identity for which in _due(now, heard) for identity in connection.scalars(which)})
        for start in range(0, len(due), STREAM):
            with reading(self._engine) as connection:
                rows = connection.execute(select(t.subscription).where(
                    s.id.in_(due[start:start + STREAM]), s.confirmed_at.is_not(None), ~left_alone())
                    .order_by(s.id)).all()
            yield from self._opened(rows)

    def _opened(self, rows: Sequence[AnyRow]) -> Iterator[Subscription]:
        for row in rows:
            try:
                yield read_subscription(row, self._keys)
            except DeliveryError:
                # Its address cannot be opened either. One such row must not stop the mail of all others.
                log.error("a subscription cannot be opened with this key file", subscription=row.id)

    def queue_all(self, waiting: Sequence[tuple[Delivery, datetime | None]]) -> int:
        queued = 0
        for start in range(0, len(waiting), STREAM):
            with writing(self._engine) as connection:
                queued += _queue(connection, waiting[start:start + STREAM])
        return queued

    def advance_all(self, quiet: Sequence[tuple[str, datetime | None]], cursor: int) -> None:
        for start in range(0, len(quiet), STREAM):
            dues: dict[datetime | None, list[str]] = {}
            for identity, due_at in quiet[start:start + STREAM]:
                dues.setdefault(due_at, []).append(identity)
            with writing(self._engine) as connection:
                for due_at, ids in dues.items():
                    connection.execute(update(t.subscription).where(s.id.in_(ids)).values(
                        cursor=case((s.cursor < cursor, cursor), else_=s.cursor), next_due_at=due_at))

    def lags(self, last: int) -> bool:
        with reading(self._engine) as connection:
            return connection.scalar(select(s.id).where(
                s.cadence == Cadence.INSTANT.value, s.cursor < last, s.confirmed_at.is_not(None), ~_has_open())
                .limit(1)) is not None

    def carry(self, heard: int, cursor: int) -> None:
        quiet = [s.cadence == Cadence.INSTANT.value, s.cursor >= heard, s.cursor < cursor, s.confirmed_at.is_not(None)]
        with reading(self._engine) as connection:
            count, oldest = connection.execute(select(func.count(), func.min(s.cursor)).where(*quiet)).one()
        # So many rows are written only for so many events: else each small crawl would write to every reader's row.
        if count and cursor - oldest > min(count // ROWS_AN_EVENT, MOST_BEHIND):
            with writing(self._engine) as connection:
                connection.execute(update(t.subscription).where(*quiet, ~_has_open()).values(cursor=cursor))


def _queue(connection: Connection, waiting: Sequence[tuple[Delivery, datetime | None]]) -> int:
    """In three statements, and one for each next due time."""
    ids = sorted({delivery.subscription_id for delivery, _ in waiting})
    # Locks their rows on PostgreSQL, so that none can be deleted before its delivery is in.
    alive = set(connection.scalars(select(s.id).where(s.id.in_(ids)).order_by(s.id).with_for_update()))
    rows = [delivery_row(delivery) for delivery, _ in waiting if delivery.subscription_id in alive]
    if not rows:
        return 0
    insert = upserting(connection.dialect.name)(t.delivery).on_conflict_do_nothing()
    done = set(connection.scalars(insert.values(rows).returning(d.subscription_id)))
    dues: dict[datetime | None, list[str]] = {}
    for delivery, due_at in waiting:
        if delivery.subscription_id in done:
            dues.setdefault(due_at, []).append(delivery.subscription_id)
    for due_at, due in dues.items():
        connection.execute(update(t.subscription).where(s.id.in_(due)).values(next_due_at=due_at))
    return len(done)


def _has_open() -> ColumnElement[bool]:
    return exists().where(d.subscription_id == s.id, t.OPEN)


def _due(now: datetime, heard: int) -> Iterator[Select[tuple[str]]]:
    """As digests.delivery.schedule.due says, each by one stretch of one index."""
    stretches = [and_(s.cadence == Cadence.INSTANT.value, s.cursor < heard)]
    for cadence, period in PERIOD_OF.items():
        too_far = now + period + timedelta(days=1)
        stretches += [and_(s.cadence == cadence.value, moment) for moment in (
            s.next_due_at.is_(None), s.next_due_at <= now, s.next_due_at > too_far)]
    for stretch in stretches:
        yield select(s.id).where(stretch, s.confirmed_at.is_not(None), ~_has_open())
