"""What came back, whom we leave alone, and how fast domains take mail: a part of the ledger, in the same database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, Table, delete, exists, func, or_, select, update
from sqlalchemy.sql.base import Executable

from tracker.model import Delivery, DeliveryStatus
from tracker.post import Bounce, DomainPace, ReturnKind, Suppression
from tracker.store import schema as t
from tracker.store.engine import reading, writing
from tracker.store.newcomers import mark
from tracker.store.rows import read_delivery
from tracker.store.writer import inserting_once, upserting

s, d, b, p, g = t.subscription.c, t.delivery.c, t.bounce.c, t.suppression.c, t.standing.c


def left_alone() -> ColumnElement[bool]:
    """Of a subscription's row: nothing may be sent to its address."""
    return exists().where(p.address_index == s.address_index)


def _replacing(dialect: str, table: Table) -> Executable:
    statement = upserting(dialect)(table)
    found: Executable = statement.on_conflict_do_update(
        index_elements=[c.name for c in table.primary_key],
        set_={c.name: statement.excluded[c.name] for c in table.columns if not c.primary_key})
    return found


class SqlReturns:
    """Each call is one transaction."""

    _engine: Engine

    def delivery(self, delivery_id: str) -> Delivery | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(t.delivery).where(d.id == delivery_id)).first()
            alert = None if row else connection.execute(
                select(t.alert_delivery).where(t.alert_delivery.c.id == delivery_id)).first()
        if alert:  # a message of the other outbox
            return Delivery(alert.id, alert.subscription_id, 0, 0, alert.created_at)
        return read_delivery(row) if row else None

    def note_bounce(self, bounce: Bounce) -> bool:
        """False if this message came back before, or its subscription is gone."""
        with writing(self._engine) as connection:
            alive = connection.scalar(select(s.id).where(s.id == bounce.subscription_id).with_for_update())
            return alive is not None and connection.execute(inserting_once(self._engine.dialect.name, t.bounce), {
                "subscription_id": bounce.subscription_id, "delivery_id": bounce.delivery_id,
                "kind": bounce.kind.value, "code": bounce.code, "at": bounce.at}).rowcount == 1

    def bounces(self, *, subscription_id: str | None = None, limit: int = 100) -> list[Bounce]:
        """Newest first."""
        statement = select(t.bounce).order_by(b.at.desc(), b.subscription_id, b.delivery_id).limit(limit)
        if subscription_id is not None:
            statement = statement.where(b.subscription_id == subscription_id)
        with reading(self._engine) as connection:
            return [Bounce(row.subscription_id, row.delivery_id, ReturnKind(row.kind), row.code, row.at)
                    for row in connection.execute(statement)]

    def count_soft(self, address_index: bytes, since: datetime) -> int:
        """Soft bounces of this address since then."""
        with reading(self._engine) as connection:
            return int(connection.scalar(
                select(func.count()).select_from(t.bounce).join(t.subscription, s.id == b.subscription_id)
                .where(s.address_index == address_index, b.kind == ReturnKind.SOFT.value, b.at > since)) or 0)

    def suppress(self, suppression: Suppression) -> None:
        """From here on nothing is sent there, what is queued included. A complaint is not made less by a bounce."""
        row = {"address_index": suppression.address_index, "reason": suppression.reason.value, "at": suppression.at,
               "until": suppression.until}
        with writing(self._engine) as connection:
            old = connection.execute(select(t.suppression).where(p.address_index == suppression.address_index)).first()
            if old is None or ReturnKind(old.reason) is not ReturnKind.COMPLAINT:
                connection.execute(_replacing(self._engine.dialect.name, t.suppression), row)

    def suppression(self, address_index: bytes) -> Suppression | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(t.suppression).where(p.address_index == address_index)).first()
        return Suppression(row.address_index, ReturnKind(row.reason), row.at, row.until) if row else None

    def count_suppressed(self) -> dict[str, int]:
        with reading(self._engine) as connection:
            found = connection.execute(select(p.reason, func.count()).group_by(p.reason).order_by(p.reason))
            return {str(reason): int(count) for reason, count in found}

    def lift(self, address_index: bytes) -> bool:
        with writing(self._engine) as connection:
            lifted = connection.execute(
                delete(t.suppression).where(p.address_index == address_index)).rowcount == 1
            if lifted:
                mark(connection, s.address_index == address_index)
        return lifted

    def lift_ended(self, now: datetime) -> int:
        """Pauses that are over."""
        with writing(self._engine) as connection:
            ended = connection.scalars(
                delete(t.suppression).where(p.until <= now).returning(p.address_index)).all()
            for index in ended:
                mark(connection, s.address_index == index)
        return len(ended)

    def forget_returns(self, *, suppressed: datetime, bounced: datetime, paced: datetime) -> int:
        """Delete what is older: suppressions, bounces, paces of domains."""
        with writing(self._engine) as connection:
            return sum(connection.execute(statement).rowcount for statement in (
                delete(t.suppression).where(p.until.is_(None), p.at <= suppressed),
                delete(t.bounce).where(b.at <= bounced),
                delete(t.mail_domain).where(t.mail_domain.c.next_at <= paced, or_(
                    t.mail_domain.c.paused_until.is_(None), t.mail_domain.c.paused_until <= paced))))

    def forget_deliveries(self, until: datetime) -> int:
        """Delete rows of messages that were queued at or before `until` and are no longer open. How many."""
        with writing(self._engine) as connection:
            return sum(connection.execute(delete(table).where(
                table.c.created_at <= until, table.c.status != "queued")).rowcount
                for table in (t.delivery, t.alert_delivery))

    def delete_dead(self, until: datetime) -> int:
        """Subscriptions of addresses that are suppressed for good since then, with all that hangs on them."""
        dead = select(s.id).join(t.suppression, p.address_index == s.address_index).where(
            p.until.is_(None), p.at <= until)
        with writing(self._engine) as connection:
            return connection.execute(delete(t.subscription).where(s.id.in_(dead))).rowcount

    # --- the yearly question ------------------------------------------------------------------------------------------

    def to_renew(self, until: datetime, limit: int = 1000) -> list[str]:
        """Subscriptions that were confirmed at or before `until` and were not asked yet."""
        asked = exists().where(g.subscription_id == s.id, g.ends_at.is_not(None))
        with reading(self._engine) as connection:
            return list(connection.scalars(select(s.id).where(s.confirmed_at <= until, ~asked, ~left_alone())
                                           .order_by(s.confirmed_at, s.id).limit(limit)))

    def put_question(self, subscription_id: str, token: bytes, ends_at: datetime) -> None:
        """The yearly question went out: this answers it, and without an answer it ends then."""
        with writing(self._engine) as connection:
            connection.execute(update(t.subscription).where(s.id == subscription_id).values(confirm_token=token))
            connection.execute(update(t.standing).where(g.subscription_id == subscription_id).values(ends_at=ends_at))

    def set_end(self, subscription_id: str, ends_at: datetime | None) -> None:
        """When it ends unless its owner answers. None: the owner did."""
        with writing(self._engine) as connection:
            connection.execute(update(t.standing).where(g.subscription_id == subscription_id).values(ends_at=ends_at))

    def end(self, now: datetime) -> int:
        """Delete subscriptions whose time is up. How many."""
        over = select(g.subscription_id).where(g.ends_at <= now)
        with writing(self._engine) as connection:
            return connection.execute(delete(t.subscription).where(s.id.in_(over))).rowcount

    # --- domains ------------------------------------------------------------------------------------------------------

    def paces(self) -> list[DomainPace]:
        with reading(self._engine) as connection:
            return [DomainPace(row.domain_index, row.next_at, row.failures, row.paused_until)
                    for row in connection.execute(select(t.mail_domain))]

    def save_paces(self, paces: Collection[DomainPace]) -> None:
        if paces:
            with writing(self._engine) as connection:
                connection.execute(_replacing(self._engine.dialect.name, t.mail_domain), [
                    {"domain_index": x.index, "next_at": x.next_at, "failures": x.failures,
                     "paused_until": x.paused_until} for x in paces])

    # --- reconciliation -----------------------------------------------------------------------------------------------

    def since(self, subscription_ids: Sequence[str]) -> dict[str, int]:
        """From which seq on the wishes of today decided what each was told."""
        with reading(self._engine) as connection:
            found = connection.execute(select(g.subscription_id, g.since_seq).where(
                g.subscription_id.in_(subscription_ids)))
            return {str(row.subscription_id): int(row.since_seq) for row in found}

    def ranges(self, subscription_id: str, after: int) -> list[Delivery]:
        """Its outbox rows that reach beyond `after`, in the order of the log."""
        with reading(self._engine) as connection:
            return [read_delivery(row) for row in connection.execute(select(t.delivery).where(
                d.subscription_id == subscription_id, d.to_seq > after).order_by(d.from_seq, d.to_seq))]

    def deliveries_in(self, status: DeliveryStatus | None, limit: int) -> list[Delivery]:
        """Newest first."""
        statement = select(t.delivery).order_by(d.created_at.desc(), d.id.desc()).limit(limit)
        if status is not None:
            statement = statement.where(d.status == status.value)
        with reading(self._engine) as connection:
            return [read_delivery(row) for row in connection.execute(statement)]

    def count_confirmed(self) -> int:
        with reading(self._engine) as connection:
            return int(connection.scalar(select(func.count()).select_from(t.subscription).where(
                s.confirmed_at.is_not(None), ~left_alone())) or 0)

    def count_deliveries(self) -> dict[str, int]:
        with reading(self._engine) as connection:
            found = connection.execute(select(d.status, func.count()).group_by(d.status).order_by(d.status))
            return {str(status): int(count) for status, count in found}

    def reopen(self, delivery: Delivery) -> bool:
        """A message that was given up is tried again from the start. False if another one of its reader is open."""
        other = t.delivery.alias("other")
        busy = exists().where(other.c.subscription_id == delivery.subscription_id, other.c.status == "queued")
        with writing(self._engine) as connection:
            return connection.execute(update(t.delivery).where(
                d.subscription_id == delivery.subscription_id, d.id == delivery.id, d.status == "failed", ~busy).values(
                status="queued", attempts=0, next_attempt_at=None, error=None)).rowcount == 1
