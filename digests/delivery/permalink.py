"""A digest to an address that shows exactly it, and back: what it tells is sealed in the address, nothing is stored.

Who does not hold the address cannot make one. It names no reader: two readers with equal wishes get equal addresses.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from digests.readers.sealing import Keys
from tracker import wishes
from tracker.model import Cadence, Delivery, Filter, Subscription

LONGEST = 20_000  # characters; fifty long names of bills are a third of it
_MOST = 200_000  # bytes, once unpacked


@dataclass(frozen=True, slots=True)
class Told:
    """What a digest was made from; with the public log it is all that is needed to make it again."""

    from_seq: int  # exclusive
    to_seq: int  # inclusive
    at: datetime  # when it was queued, to the second
    language: str
    cadence: Cadence
    filter: Filter


def told_of(subscription: Subscription, delivery: Delivery) -> Told:
    return Told(delivery.from_seq, delivery.to_seq, delivery.created_at.astimezone(UTC).replace(microsecond=0),
                subscription.language, subscription.cadence, subscription.filter)


def token_of(told: Told, keys: Keys) -> str:
    """Equal digests, equal tokens, as a message that is repeated must be the same message."""
    parts = [told.from_seq, told.to_seq, int(told.at.timestamp()), told.language, told.cadence.value,
             wishes.written(told.filter)]
    return _text(keys.seal_public(zlib.compress(msgspec.json.encode(parts), 9), "digest"))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def read_token(token: str, keys: Keys) -> Told | None:
    """None: not one of ours."""
    if len(token) > LONGEST or not token.isascii():
        return None
    try:
        sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return None
    raw = keys.open_public(sealed, "digest")
    if raw is None or _text(sealed) != token:  # the last sign has spare bits: one digest, one address
        return None
    parts: list[Any] = msgspec.json.decode(zlib.decompressobj().decompress(raw, _MOST))
    first, last, at, language, cadence, wanted = parts
    return Told(first, last, datetime.fromtimestamp(at, UTC), language, Cadence(cadence), wishes.read(wanted))
