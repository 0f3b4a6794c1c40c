"""Records to JSON lines and back (msgspec): the spool, the `seen` file, stored records, hashes of content."""

from __future__ import annotations

import hashlib
from typing import TypeVar

import msgspec

from tracker.model import Bill, Harvest

T = TypeVar("T")

_encoder = msgspec.json.Encoder()
_canonical = msgspec.json.Encoder(order="deterministic")
_harvest = msgspec.json.Decoder(Harvest)
_bill = msgspec.json.Decoder(Bill)
# A part of records that came later. Where it says nothing it is no part of the hash, so that an upgrade makes no record
# new that says what it said. (In a string of JSON the quotes would be escaped.)
_UNSAID = b',"counts":null'


def encode(record: object) -> bytes:
    """One record as one line of JSON, without the newline."""
    return _encoder.encode(record)


def decode(line: bytes | str, kind: type[T]) -> T:
    """Inverse of `encode`; raises ``msgspec.DecodeError`` (a ValueError) on a torn or foreign line."""
    return msgspec.json.decode(line, type=kind)


def decode_harvest(line: bytes) -> Harvest:
    return _harvest.decode(line)


def decode_bill(line: bytes) -> Bill:
    return _bill.decode(line)


def content_hash(bill: Bill) -> str:
    """Equal records give equal hashes, whatever page they came from: 32 hex characters."""
    return hashlib.blake2b(_canonical.encode(bill).replace(_UNSAID, b""), digest_size=16).hexdigest()
