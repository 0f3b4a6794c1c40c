"""Who may sit at the desk: names, roles, passwords (argon2id), one-time codes (TOTP), sessions, and who did what.

A log-in costs and answers the same whether the name exists, is disabled, has no password or the wrong one.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from threading import BoundedSemaphore
from typing import Any, Protocol

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tracker.errors import AccountError
from tracker.model import Account, AuditEntry, DeskSession, Role

IDLE = timedelta(hours=8)
LONGEST = timedelta(days=7)  # however busy
SEEN_EVERY = timedelta(minutes=1)  # a session's last use is noted no more often
LEAST, MOST = 12, 1024  # characters of a password
STEP_SECONDS, SLIP_STEPS = 30, 1  # TOTP; a clock may be one step off
DAY_OF_STEPS = 24 * 60 * 60 // STEP_SECONDS
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_AT_ONCE = BoundedSemaphore(2)  # each hash takes 64 MiB: many log-ins at once must not fill the memory


class Registry(Protocol):
    """Accounts, sessions and the audit log. Each call is one transaction."""

    def add(self, account: Account) -> bool: ...

    def get(self, name: str) -> Account | None: ...

    def all(self) -> list[Account]: ...

    def change(self, was: Account, now: Account, *, out: bool = False) -> bool:
        """Write what differs between the two, but for `totp_step`, which only `take_step` moves; `out`: end all its
        sessions. False, and nothing is written, if password, secret or lock are no longer those of `was`."""
        ...

    def take_step(self, name: str, step: int) -> bool:
        """Note the last one-time code that was taken. False if it, or a later one, was taken before.

        One that was taken more than a day ahead is of a clock that ran ahead, and keeps nobody out until then."""
        ...

    def open_session(self, session: DeskSession, verified: Account) -> bool:
        """False if password, secret or lock of its account are no longer those that were verified."""
        ...

    def session(self, token: bytes) -> DeskSession | None: ...

    def touch(self, token: bytes, now: datetime) -> None: ...

    def close_sessions(self, *, token: bytes | None = None, account: str | None = None,
                       unseen_since: datetime | None = None) -> None: ...

    def note(self, entry: AuditEntry) -> None: ...

    def audit(self, limit: int = 100, account: str | None = None) -> list[AuditEntry]:
        """Newest first."""
        ...


class Sealer(Protocol):
    """Keys outside the database (digests.readers.sealing.Keys)."""

    def seal(self, value: str, row_id: str) -> bytes: ...

    def open(self, sealed: bytes, row_id: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Entrance:
    """`registry` and keys, wired together."""

    registry: Registry
    keys: Sealer

    # --- accounts -----------------------------------------------------------------------------------------------------

    def add(self, name: str, roles: Sequence[Role], password: str | None, now: datetime) -> Account:
        """Raises AccountError for a name that is taken or no name, for no role, for a weak password."""
        if not _NAME.fullmatch(name):
            raise AccountError("expected a name of lower-case letters, digits, dots and hyphens, at most 40, "
                               f"got {name!r}")
        if not roles:
            raise AccountError(f"expected at least one role of {', '.join(Role)}")
        account = Account(name, tuple(r for r in Role if r in roles), now, hash_password(name, password)
                          if password is not None else None)
        if not self.registry.add(account):
            raise AccountError(f"there is an account {name!r} already")
        return account

    def get(self, name: str) -> Account:
        """Raises AccountError for one that does not exist."""
        account = self.registry.get(name)
        if account is None:
            raise AccountError(f"there is no account {name!r}: `billwatch accounts list` shows all")
        return account

    def acting(self, name: str) -> Account:
        """One under whose name something may be done. Raises AccountError for a disabled one."""
        account = self.get(name)
        if account.disabled_at is not None:
            raise AccountError(f"the account {name!r} is disabled")
        return account

    def set_password(self, name: str, password: str, proved: Account | None = None) -> None:
        """Ends all sessions of the account. `proved`: as it was when its present password was asked for; raises
        AccountError if it is another by now."""
        self.get(name)
        self._change(name, proved, password=hash_password(name, password))

    def set_totp(self, name: str, secret: str | None, proved: Account | None = None) -> None:
        """None: no code is asked any more. Ends all sessions of the account. `proved`: as for `set_password`."""
        self._change(name, proved, totp_sealed=self.keys.seal(secret, _row(name)) if secret else None)

    def disable(self, name: str, now: datetime) -> None:
        self._change(name, disabled_at=now)

    def enable(self, name: str) -> None:
        self._change(name, out=False, disabled_at=None)

    def _change(self, name: str, proved: Account | None = None, *, out: bool = True, **columns: Any) -> None:
        """Whoever changes something else meanwhile is not undone."""
        while True:
            account = proved or self.get(name)
            if self.registry.change(account, replace(account, **columns), out=out):
                return
            if proved is not None:
                raise AccountError(f"the account {name!r} was changed meanwhile: nothing of this was kept")

    # --- coming and going ---------------------------------------------------------------------------------------------

    def log_in(self, name: str, password: str, code: str, now: datetime) -> str | None:
        """A session's token, or None: name, password or code is wrong, and nobody learns which."""
        account = self.registry.get(name) if _NAME.fullmatch(name) else None
        stored, nobodys = account.password if account else None, _nobodys_hash()
        right = _verify(stored or nobodys, password) and stored is not None
        step = self._step(account, code, now)
        token = secrets.token_urlsafe(32)
        if account is None or account.disabled_at is not None or not right or step is None or (
                step and not self.registry.take_step(account.name, step)) or (
                not self.registry.open_session(DeskSession(token_hash(token), account.name, now, now), account)):
            self.registry.note(AuditEntry(now, account.name if account else None, "login-refused"))
            return None
        self.registry.close_sessions(unseen_since=now - IDLE)
        if stored and _hasher().check_needs_rehash(stored):  # if it was changed meanwhile, it stays as it is
            self.registry.change(account, replace(account, password=_hash(password)))
        self.registry.note(AuditEntry(now, account.name, "login"))
        return token

    def visitor(self, token: str, now: datetime) -> Account | None:
        """Whose session this is, if it is still good."""
        digest = token_hash(token)
        session = self.registry.session(digest)
        if session is None:
            return None
        account = self.registry.get(session.account)
        # Either way: a session of a clock that ran ahead would last until that day comes.
        if (account is None or account.disabled_at is not None or abs(now - session.seen_at) > IDLE
                or abs(now - session.created_at) > LONGEST):
            self.registry.close_sessions(token=digest)
            return None
        if now - session.seen_at >= SEEN_EVERY:
            self.registry.touch(digest, now)
        return account

    def log_out(self, token: str) -> None:
        self.registry.close_sessions(token=token_hash(token))

    def password_is(self, account: Account, password: str) -> bool:
        return _verify(account.password or _nobodys_hash(), password) and account.password is not None

    def _step(self, account: Account | None, code: str, now: datetime) -> int | None:
        """The time step of the code; 0: none is asked for; None: the code is wrong."""
        if account is None or account.totp_sealed is None:
            return 0
        return code_step(self.keys.open(account.totp_sealed, _row(account.name)), code, now)


def is_open(registry: Registry) -> bool:
    """Whether anybody at all can log in: without, there is no desk."""
    return any(a.password is not None and a.disabled_at is None for a in registry.all())


def code_step(secret: str, code: str, now: datetime) -> int | None:
    """Which step's code this is, of those that a clock may be off. None: none."""
    totp, given = pyotp.TOTP(secret, interval=STEP_SECONDS), "".join(code.split())
    at = int(now.timestamp()) // STEP_SECONDS
    steps = range(at - SLIP_STEPS, at + SLIP_STEPS + 1)
    found = [step for step in steps if secrets.compare_digest(totp.generate_otp(step).encode(), given.encode())]
    return found[-1] if found else None


def new_secret() -> str:
    return pyotp.random_base32()


def provisioning_uri(secret: str, name: str, site_name: str) -> str:
    """What a code generator reads from the QR code. `site_name` is neutral: it shows on a phone."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=name, issuer_name=site_name)


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def hash_password(name: str, password: str) -> str:
    """Raises AccountError for a password that is too easy."""
    if not LEAST <= len(password) <= MOST:
        raise AccountError(f"expected a password of {LEAST} to {MOST} characters, got {len(password)}")
    if name in password.casefold() or len(set(password)) < 5:
        raise AccountError("expected a password that does not hold the name and is not one character repeated")
    return _hash(password)


def _hash(password: str) -> str:
    with _AT_ONCE:
        return _hasher().hash(_normal(password))


def _verify(stored: str, password: str) -> bool:
    with _AT_ONCE:
        try:
            return _hasher().verify(stored, _normal(password[:MOST]))
        except (VerificationError, InvalidHashError):
            return False


def _normal(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()  # argon2id, RFC 9106's second choice: 64 MiB, three passes


@cache
def _nobodys_hash() -> str:
    return _hasher().hash(secrets.token_bytes(32))


def _row(name: str) -> str:
    return f"totp:{name}"
