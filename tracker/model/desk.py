"""Who may decide, and what they did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    EDITOR = "editor"  # reviews flags, writes alerts
    RELEASER = "releaser"  # reviews flags, releases alerts of others
    OPERATOR = "operator"  # runs the service


@dataclass(frozen=True, slots=True)
class Account:
    """Who may sit at the desk. A name need not be, and better is not, a person's."""

    name: str
    roles: tuple[Role, ...]
    created_at: datetime
    password: str | None = None  # argon2id; None: may be named on the command line, cannot log in
    totp_sealed: bytes | None = None
    totp_step: int | None = None  # of the last code that was taken: none is taken twice
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeskSession:
    """`token` is a SHA-256; the token itself is in the cookie only."""

    token: bytes
    account: str
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what and when. Never from where. `account=None`: nobody whom we know."""

    at: datetime
    account: str | None
    action: str  # "login", "login-refused", "flag-rejected", ...
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Of a program that may ask the API more often. The key itself is known to its holder only."""

    name: str
    created_at: datetime
    revoked_at: datetime | None = None
