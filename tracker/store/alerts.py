"""Action alerts in the database: read whole, changed in one transaction with their step and an audit entry."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, bindparam, delete, insert, or_, select, update

from tracker.alerts.records import (
    Addressee,
    Alert,
    AlertState,
    AlertStep,
    AlertText,
    Member,
    Revision,
)
from tracker.alerts.steps import DEEDS
from tracker.errors import AlertError, AlertMoved
from tracker.model import Account
from tracker.store import schema as t
from tracker.store.columns import from_json, to_json
from tracker.store.engine import reading, writing
from tracker.store.rows import AnyRow

a, v, p, m = t.alert.c, t.alert_revision.c, t.alert_step.c, t.member.c
Deed = Callable[[Alert], Alert]
# Asked for every page, so put together once.
_SEEN = select(t.alert).where(a.public.is_not(None) & or_(
    (a.state != AlertState.WITHDRAWN.value) & (a.ends_at > bindparam("now")), a.withdrawn_at >= bindparam("since")))


class SqlAlerts:
    """Each call is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, make: Callable[[str], Alert]) -> Alert:
        """`make` gets the id: random, as its address must not tell how many there are."""
        alert = make(secrets.token_hex(6))
        (first,) = alert.revisions
        with writing(self._engine) as connection:
            connection.execute(insert(t.alert), {"id": alert.id, **_row(alert)})
            _add_revision(connection, alert.id, first)
            _note(connection, AlertStep(alert.id, 1, "written", first.at, first.by))
        return alert

    def get(self, alert_id: str) -> Alert | None:
        with reading(self._engine) as connection:
            found = _read(connection, a.id == alert_id)
        return found[0] if found else None

    def find(self, beginning: str) -> Alert:
        """The only one whose id begins so. Raises AlertError."""
        with reading(self._engine) as connection:
            found = _read(connection, a.id.startswith(beginning, autoescape=True)) if beginning else []
        if len(found) != 1:
            raise AlertError(f"expected the id of one alert, got {beginning!r}, which fits {len(found) or 'none'}: "
                             "`billwatch alerts list` shows all")
        return found[0]

    def all(self, limit: int = 200) -> list[Alert]:
        """Newest first."""
        with reading(self._engine) as connection:
            return _read(connection, None, limit)

    def released(self, now: datetime, withdrawn_since: datetime) -> list[Alert]:
        """Those that were ever released and are not over, and those withdrawn since then; the last released first."""
        with reading(self._engine) as connection:
            found = _whole(connection, connection.execute(_SEEN, {"now": now, "since": withdrawn_since}).all())
        return sorted(found, key=lambda one: (one.released_at or one.created_at, one.id), reverse=True)

    def change(self, alert_id: str, known: int | None, deed: Deed, step: str, by: Account, now: datetime,
               note: str | None = None) -> Alert:
        """Raises AlertMoved if the newest revision is not the one that was looked at, and whatever `deed` raises.

        `deed` decides on the row that is locked until it is written.
        """
        with writing(self._engine) as connection:
            connection.execute(select(a.id).where(a.id == alert_id).with_for_update()).first()
            found = _read(connection, a.id == alert_id)
            if not found:
                raise AlertError(f"there is no alert {alert_id!r}")
            was = found[0]
            if known is not None and known != was.newest.number:
                raise AlertMoved("somebody changed this alert meanwhile: nothing of yours was kept")
            is_now = deed(was)
            number = is_now.newest.number
            if is_now.public == number and is_now.public != was.public:  # the triggers look at who, and at what waits
                connection.execute(insert(t.alert_release), {"alert_id": alert_id, "revision": number,
                                                             "account": by.name, "at": now})
            connection.execute(update(t.alert).where(a.id == alert_id).values(**_row(is_now)))
            if number > was.newest.number:
                _add_revision(connection, alert_id, is_now.newest)
            if step == "released" and was.public:
                step = "corrected"
            _note(connection, AlertStep(alert_id, number, step, now, by.name, note))
        return is_now

    def act(self, alert_id: str, known: int | None, name: str, by: Account, now: datetime,
            note: str | None = None) -> Alert:
        """One of the DEEDS of tracker.alerts.steps."""
        deed = DEEDS[name]
        return self.change(alert_id, known, lambda alert: deed.do(alert, by, now), deed.step, by, now, note)

    def steps(self, alert_id: str) -> list[AlertStep]:
        """Oldest first."""
        with reading(self._engine) as connection:
            return [AlertStep(row.alert_id, row.revision, row.step, row.at, row.account, row.note) for row in
                    connection.execute(select(t.alert_step).where(p.alert_id == alert_id).order_by(p.seq))]

    # --- offices ------------------------------------------------------------------------------------------------------

    def replace_members(self, jurisdiction: str, members: Sequence[Member]) -> int:
        """The whole list of one legislature. How many there were before."""
        with writing(self._engine) as connection:
            gone = connection.execute(delete(t.member).where(m.jurisdiction == jurisdiction)).rowcount
            connection.execute(insert(t.member), [
                {"jurisdiction": jurisdiction, "position": n, "id": one.id, "data": to_json(one.contact)}
                for n, one in enumerate(members)])
        return gone

    def members(self, jurisdiction: str) -> tuple[Member, ...]:
        with reading(self._engine) as connection:
            rows = connection.execute(select(t.member).where(m.jurisdiction == jurisdiction).order_by(m.position))
            return tuple(Member(row.jurisdiction, from_json(row.data, Addressee), row.id) for row in rows)


def _read(connection: Connection, which: ColumnElement[bool] | None, limit: int | None = None) -> list[Alert]:
    statement = select(t.alert).order_by(a.created_at.desc(), a.id).limit(limit)
    return _whole(connection, connection.execute(statement if which is None else statement.where(which)).all())


def _whole(connection: Connection, rows: Sequence[AnyRow]) -> list[Alert]:
    if not rows:
        return []
    revisions: dict[str, list[Revision]] = {}
    for row in connection.execute(select(t.alert_revision).where(v.alert_id.in_([r.id for r in rows]))
                                  .order_by(v.alert_id, v.revision)):
        revisions.setdefault(row.alert_id, []).append(
            Revision(row.revision, row.account, row.at, from_json(row.data, AlertText)))
    return [_alert(row, tuple(revisions[row.id])) for row in rows]


def _alert(row: AnyRow, revisions: tuple[Revision, ...]) -> Alert:
    return Alert(row.id, AlertState(row.state), revisions, row.created_at, row.public, row.released_at,
                 row.first_released_at, row.queued, row.withdrawn_at)


def _row(alert: Alert) -> dict[str, Any]:
    """`queued` is the outbox's."""
    return {"state": alert.state.value, "revision": alert.newest.number, "public": alert.public,
            "created_at": alert.created_at, "released_at": alert.released_at,
            "first_released_at": alert.first_released_at, "withdrawn_at": alert.withdrawn_at,
            "ends_at": alert.shown.text.ends_at if alert.shown else None}


def _add_revision(connection: Connection, alert_id: str, revision: Revision) -> None:
    connection.execute(insert(t.alert_revision), {"alert_id": alert_id, "revision": revision.number,
                                                  "account": revision.by, "at": revision.at,
                                                  "data": to_json(revision.text)})


def _note(connection: Connection, step: AlertStep) -> None:
    connection.execute(insert(t.alert_step), {"alert_id": step.alert_id, "revision": step.revision, "step": step.step,
                                              "at": step.at, "account": step.by, "note": step.note})
    connection.execute(insert(t.audit), {"at": step.at, "account": step.by, "action": f"alert-{step.step}",
                                         "subject": step.alert_id})
