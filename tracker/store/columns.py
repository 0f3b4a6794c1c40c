"""Scraped words, moments and records to values that both databases hold, and back."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

from tracker import wire

T = TypeVar("T")

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")

# SQLite counts rows by itself only for a column that is exactly INTEGER.
BigKey = BigInteger().with_variant(Integer(), "sqlite")


def plain(words: str) -> str:
    """NUL (PostgreSQL refuses it) and lone surrogates (nobody can encode them) become U+FFFD, one for one."""
    return _UNSTORABLE.sub("\ufffd", words) if not words.isprintable() else words


class Words(TypeDecorator[str]):
    """Text from outside, made storable on its way in. As a bound value in a WHERE it is treated alike."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else plain(value)


class Moment(TypeDecorator[datetime]):
    """Aware UTC in Python; `timestamptz` on PostgreSQL, naive UTC on SQLite, which knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("expected an aware datetime, got a naive one")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def to_bytes(record: object) -> bytes:
    """JSON. NUL survives as an escape; a lone surrogate becomes U+FFFD, so offsets stay true."""
    try:
        return wire.encode(record)
    except UnicodeEncodeError:
        return wire.encode(_encodable(msgspec.to_builtins(record)))


def to_json(record: object) -> str:
    return to_bytes(record).decode()


def from_json(stored: str | bytes, kind: type[T]) -> T:
    return wire.decode(stored, kind)



def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_encodable(k): _encodable(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(v) for v in value]
    return value
