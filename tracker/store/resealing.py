"""Every sealed value of the database, to the key that sealed it, and to one sealed by the key of today.

Chunks of rows, a transaction each: whoever is killed in between goes on where it was, as a value names its key. A value
that somebody else changed meanwhile is left as it is now.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Engine, Table, func, select, update

from tracker.errors import DeliveryError
from tracker.ports import Sealer
from tracker.store import schema as t
from tracker.store.engine import reading, writing

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column of sealed values. `row`: what its values are bound to, made of the primary key."""

    table: Table
    key: str
    column: str
    purpose: str
    row: str = "{}"

    @property
    def name(self) -> str:
        return f"{self.table.name}.{self.column}"


# A new sealed column belongs here: a test looks for those that are missing.
SEALED = (
    Sealed(t.subscription, "id", "address_sealed", "address"),
    Sealed(t.subscription, "id", "filter", "filter"),
    Sealed(t.subscription, "id", "openpgp_sealed", "openpgp"),
    Sealed(t.saved_search, "id", "filter", "filter"),
    Sealed(t.webhook, "id", "sealed", "webhook"),
    Sealed(t.webhook, "id", "filter", "filter"),
    Sealed(t.account, "name", "totp_sealed", "address", "totp:{}"),
)


@dataclass
class Found:
    """`keys`: values by the name of their key. `lost`: rows that no key of the file opens, by column."""

    keys: Counter[str] = field(default_factory=Counter)
    lost: dict[str, list[str]] = field(default_factory=dict)
    resealed: int = 0

    @property
    def values(self) -> int:
        return self.keys.total()


Named = Callable[[bytes], str]  # a sealed value -> the name of its key
Progress = Callable[[int], None]


def count_sealed(engine: Engine) -> int:
    with reading(engine) as connection:
        return sum(int(connection.scalar(select(func.count(_column(sealed))).select_from(sealed.table)) or 0)
                   for sealed in SEALED)


def check(engine: Engine, keys: Sealer, named: Named, progress: Progress = lambda _: None) -> Found:
    """Open every value."""
    found = Found()
    for sealed, chunk in _chunks(engine):
        for row, value in chunk:
            found.keys[named(_raw(value))] += 1
            try:
                keys.open(_raw(value), sealed.row.format(row), sealed.purpose)
            except DeliveryError:
                found.lost.setdefault(sealed.name, []).append(row)
        progress(found.values)
    return found


def reseal(engine: Engine, keys: Sealer, named: Named, current: str, progress: Progress = lambda _: None) -> Found:
    """Seal anew what another key than `current` sealed. What cannot be opened is left, and told."""
    found = Found()
    for sealed, chunk in _chunks(engine):
        with writing(engine) as connection:
            for row, value in chunk:
                name = named(_raw(value))
                if name != current:
                    try:
                        plain = keys.open(_raw(value), sealed.row.format(row), sealed.purpose)
                    except DeliveryError:
                        found.lost.setdefault(sealed.name, []).append(row)
                    else:
                        fresh = _like(value, keys.seal(plain, sealed.row.format(row), sealed.purpose))
                        found.resealed += connection.execute(update(sealed.table).where(
                            sealed.table.c[sealed.key] == row, _column(sealed) == value).values(
                            {sealed.column: fresh})).rowcount
                        name = current
                found.keys[name] += 1
        progress(found.values)
    if found.resealed and engine.dialect.name == "sqlite":
        with engine.connect() as connection:  # the journal holds pages as they were
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return found


def _chunks(engine: Engine) -> Iterator[tuple[Sealed, list[tuple[str, Any]]]]:
    for sealed in SEALED:
        key, last = sealed.table.c[sealed.key], ""
        while True:
            with reading(engine) as connection:
                rows = connection.execute(select(key, _column(sealed)).where(
                    key > last, _column(sealed).is_not(None)).order_by(key).limit(CHUNK)).all()
            if not rows:
                break
            last = rows[-1][0]
            yield sealed, [(row, value) for row, value in rows]


def _column(sealed: Sealed) -> Column[Any]:
    return sealed.table.c[sealed.column]


def _raw(value: bytes | str) -> bytes:
    """Text columns hold base64."""
    return base64.b64decode(value) if isinstance(value, str) else value


def _like(value: bytes | str, sealed: bytes) -> bytes | str:
    return base64.b64encode(sealed).decode() if isinstance(value, str) else sealed
