"""Keys to the API in the database: a name that the operator gave, and the hash of what only the holder has."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import Engine, select, update

from tracker.model import ApiKey
from tracker.store import schema as t
from tracker.store.engine import reading, writing
from tracker.store.writer import inserting_once

k = t.api_key.c
PREFIX = "bw_"  # so that scanners of repositories find one that leaked


def digest(secret: str) -> bytes:
    """256 random bits need no slow hash: nobody guesses them."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


class ApiKeys:
    """When or for what a key is used is never written down."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, name: str, now: datetime) -> str | None:
        """The key itself, which can never be shown again; None if the name is taken."""
        secret = PREFIX + secrets.token_urlsafe(32)
        row = {"name": name, "digest": digest(secret), "created_at": now, "revoked_at": None}
        with writing(self._engine) as connection:
            made = connection.execute(inserting_once(self._engine.dialect.name, t.api_key), row).rowcount == 1
        return secret if made else None

    def all(self) -> list[ApiKey]:
        with reading(self._engine) as connection:
            rows = connection.execute(select(k.name, k.created_at, k.revoked_at).order_by(k.name))
            return [ApiKey(row.name, row.created_at, row.revoked_at) for row in rows]

    def revoke(self, name: str, now: datetime) -> bool:
        """False if there is no such key in force."""
        with writing(self._engine) as connection:
            return connection.execute(update(t.api_key).where(k.name == name, k.revoked_at.is_(None))
                                      .values(revoked_at=now)).rowcount == 1

    def holder(self, secret: str) -> str | None:
        """Its name, if it is in force."""
        with reading(self._engine) as connection:
            name: str | None = connection.scalar(select(k.name).where(
                k.digest == digest(secret), k.revoked_at.is_(None)))
        return name
