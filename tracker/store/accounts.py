"""Accounts, sessions and the audit log in the database: the Registry of tracker.desk.accounts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Engine, and_, delete, insert, or_, select, update

from tracker.desk.accounts import DAY_OF_STEPS
from tracker.model import Account, AuditEntry, DeskSession, Role
from tracker.store import schema as t
from tracker.store.columns import from_json, to_json
from tracker.store.engine import reading, writing
from tracker.store.rows import AnyRow
from tracker.store.writer import inserting_once

a, s, u = t.account.c, t.desk_session.c, t.audit.c


class SqlAccounts:
    """Each call is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, account: Account) -> bool:
        """False if the name is taken."""
        with writing(self._engine) as connection:
            row = {**_row(account), "totp_step": account.totp_step}
            return connection.execute(inserting_once(self._engine.dialect.name, t.account), row).rowcount == 1

    def get(self, name: str) -> Account | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(t.account).where(a.name == name)).first()
        return _account(row) if row else None

    def all(self) -> list[Account]:
        with reading(self._engine) as connection:
            return [_account(row) for row in connection.execute(select(t.account).order_by(a.name))]

    def change(self, was: Account, now: Account, *, out: bool = False) -> bool:
        """Only the columns in which the two differ; `out` ends all sessions in the same transaction."""
        before, after = _row(was), _row(now)
        changed = {name: value for name, value in after.items() if value != before[name]}
        with writing(self._engine) as connection:
            if changed and connection.execute(update(t.account).where(_still(was)).values(**changed)).rowcount != 1:
                return False
            if out:
                connection.execute(delete(t.desk_session).where(s.account == was.name))
        return True

    def take_step(self, name: str, step: int) -> bool:
        with writing(self._engine) as connection:
            return connection.execute(update(t.account).where(
                a.name == name, or_(a.totp_step.is_(None), a.totp_step < step, a.totp_step > step + DAY_OF_STEPS),
            ).values(totp_step=step)).rowcount == 1

    def open_session(self, session: DeskSession, verified: Account) -> bool:
        """The row is locked until the session is there: who changes it waits, and then ends this session, too."""
        with writing(self._engine) as connection:
            found = connection.execute(select(a.name).where(_still(verified), a.disabled_at.is_(None),
                                                            a.name == session.account).with_for_update(read=True))
            if found.first() is None:
                return False
            connection.execute(insert(t.desk_session), {
                "token": session.token, "account": session.account, "created_at": session.created_at,
                "seen_at": session.seen_at})
        return True

    def session(self, token: bytes) -> DeskSession | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(t.desk_session).where(s.token == token)).first()
        return DeskSession(row.token, row.account, row.created_at, row.seen_at) if row else None

    def touch(self, token: bytes, now: datetime) -> None:
        with writing(self._engine) as connection:
            connection.execute(update(t.desk_session).where(s.token == token).values(seen_at=now))

    def close_sessions(self, *, token: bytes | None = None, account: str | None = None,
                       unseen_since: datetime | None = None) -> None:
        """All that any of the given fits."""
        which: list[ColumnElement[bool]] = []
        if token is not None:
            which.append(s.token == token)
        if account is not None:
            which.append(s.account == account)
        if unseen_since is not None:
            which.append(s.seen_at < unseen_since)
        if which:
            with writing(self._engine) as connection:
                connection.execute(delete(t.desk_session).where(or_(*which)))

    def note(self, entry: AuditEntry) -> None:
        with writing(self._engine) as connection:
            connection.execute(insert(t.audit), {"at": entry.at, "account": entry.account, "action": entry.action,
                                                 "subject": entry.subject})

    def audit(self, limit: int = 100, account: str | None = None) -> list[AuditEntry]:
        statement = select(t.audit).order_by(u.seq.desc()).limit(limit)
        if account is not None:
            statement = statement.where(u.account == account)
        with reading(self._engine) as connection:
            return [AuditEntry(row.at, row.account, row.action, row.subject) for row in connection.execute(statement)]


def _still(account: Account) -> ColumnElement[bool]:
    """The row says what was read."""
    return and_(a.name == account.name, a.password.is_not_distinct_from(account.password),
                a.totp_sealed.is_not_distinct_from(account.totp_sealed),
                a.disabled_at.is_not_distinct_from(account.disabled_at))


def _row(account: Account) -> dict[str, object]:
    return {"name": account.name, "roles": to_json(account.roles), "created_at": account.created_at,
            "password": account.password, "totp_sealed": account.totp_sealed, "disabled_at": account.disabled_at}


def _account(row: AnyRow) -> Account:
    return Account(row.name, from_json(row.roles, tuple[Role, ...]), row.created_at, row.password, row.totp_sealed,
                   row.totp_step, row.disabled_at)
