"""The outbox of alerts as its reconciliation reads it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import and_, func, or_, select, update

from tracker.alerts.records import Alert, AlertState, Notice
from tracker.model import DeliveryStatus
from tracker.store import schema as t
from tracker.store.alert_outbox import DROPPED, QUEUED, SENT, AlertOutbox
from tracker.store.alerts import _read
from tracker.store.engine import reading, writing

a, d = t.alert.c, t.alert_delivery.c


class AlertBooks(AlertOutbox):
    """Each call is one transaction."""

    def by_state(self, since: datetime) -> Counter[str]:
        """How many messages by what became of them."""
        with reading(self._engine) as connection:
            return Counter({str(state): int(count) for state, count in connection.execute(
                select(d.status, func.count()).where(d.created_at >= since).group_by(d.status))})

    def awaited(self) -> set[str]:
        """Subscriptions whose wishes are new: the next round holds open alerts against them."""
        with reading(self._engine) as connection:
            return set(connection.scalars(select(t.newcomer.c.subscription_id)))

    def overdue(self, before: datetime) -> int:
        """Messages that wait although their window closed before then: nobody took them out."""
        with reading(self._engine) as connection:
            return connection.scalar(select(func.count()).select_from(t.alert_delivery).join(
                t.alert, a.id == d.alert_id).where(
                t.OPEN, d.notice != Notice.WITHDRAWAL.value, a.ends_at < before)) or 0

    def missed(self, since: datetime) -> int:
        """Calls that no attempt was ever made to send until their window closed."""
        with reading(self._engine) as connection:
            return connection.scalar(select(func.count()).select_from(t.alert_delivery).join(
                t.alert, a.id == d.alert_id).where(
                d.status == DROPPED, d.attempts == 0, d.tried_at.is_(None), d.created_at >= since,
                d.revision == a.public, a.state != AlertState.WITHDRAWN.value,
                d.notice != Notice.WITHDRAWAL.value)) or 0

    def unsure(self, before: datetime) -> int:
        """Handed to the mail server before then, and no answer noted: they go again with the same Message-ID."""
        with reading(self._engine) as connection:
            return connection.scalar(select(func.count()).select_from(t.alert_delivery).where(
                t.OPEN, d.tried_at < before)) or 0

    def outside(self) -> int:
        """Messages that went before their revision was released, or after its window."""
        released = select(func.min(t.alert_release.c.at)).where(
            t.alert_release.c.alert_id == d.alert_id, t.alert_release.c.revision == d.revision).scalar_subquery()
        with reading(self._engine) as connection:
            return connection.scalar(select(func.count()).select_from(t.alert_delivery).join(
                t.alert, a.id == d.alert_id).where(
                d.status == SENT, d.notice != Notice.WITHDRAWAL.value,
                or_(released.is_(None), d.sent_at < released,
                    and_(d.revision == a.public, d.tried_at.is_not(None), d.tried_at >= a.ends_at)))) or 0

    def unnoted(self) -> list[Alert]:
        """Of which messages went, though it is not noted that it was queued: the note was lost."""
        with reading(self._engine) as connection:
            ids = connection.scalars(select(d.alert_id).distinct().join(t.alert, a.id == d.alert_id).where(
                d.status == SENT, d.notice != Notice.WITHDRAWAL.value, d.revision > a.queued)).all()
            return _read(connection, a.id.in_(ids)) if ids else []

    def stuck(self, after: datetime, free_at: datetime | None) -> int:
        """Messages that are to wait longer than then; `free_at`: they are tried from there on."""
        late = and_(d.status == QUEUED, d.next_attempt_at > after)
        with writing(self._engine) as connection:
            count = connection.scalar(select(func.count()).select_from(t.alert_delivery).where(late)) or 0
            if count and free_at is not None:
                connection.execute(update(t.alert_delivery).where(late).values(next_attempt_at=free_at))
        return count

    def reopen_alerts(self, now: datetime) -> int:
        """Refused or given up, of alerts that are still open: tried again from the start."""
        with writing(self._engine) as connection:
            still = select(a.id).where(a.state != AlertState.WITHDRAWN.value, a.ends_at > now, a.public == d.revision)
            return connection.execute(update(t.alert_delivery).where(
                d.status == DeliveryStatus.FAILED.value, d.alert_id.in_(still.correlate(t.alert_delivery))).values(
                status=QUEUED, attempts=0, next_attempt_at=None, error=None)).rowcount
