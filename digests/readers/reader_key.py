"""A subscription's sealed OpenPGP key to messages that are encrypted with it, and to what its reader is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from digests.readers.openpgp import KeyUnusable, is_available, stored_key, works
from digests.readers.pgp_mime import sealed_message
from digests.readers.sealing import Keys, Unsealable
from tracker.model import Subscription

PURPOSE = "openpgp"


@dataclass(frozen=True, slots=True)
class KeyState:
    """What the manage page tells. `ends_in` is empty where no key is stored, or none can be read."""

    possible: bool  # here, by what is installed
    stored: bool = False
    works: bool = False
    ends_in: str = ""
    ends_at: datetime | None = None


def key_state(keys: Keys, row: Subscription, now: datetime) -> KeyState:
    if row.openpgp_sealed is None:
        return KeyState(is_available())
    try:
        key = stored_key(_opened(keys, row))
        return KeyState(True, True, works(key.armored, now), key.ends_in, key.ends_at)
    except KeyUnusable:
        return KeyState(is_available(), True)


def has_working_key(keys: Keys, row: Subscription, now: datetime) -> bool:
    """Raises KeyUnusable where that cannot be known: the library is absent, or the key file is another one."""
    return works(_opened(keys, row), now)


def for_reader(message: EmailMessage | bytes, keys: Keys, row: Subscription, now: datetime) -> EmailMessage | bytes:
    """As it is, or encrypted if its reader gave a key. Raises KeyUnusable: never in the clear instead."""
    if row.openpgp_sealed is None:
        return message
    return sealed_message(message if isinstance(message, bytes) else message.as_bytes(), _opened(keys, row), now)


def resealed_for(keys: Keys, row: Subscription, other_id: str) -> bytes:
    """The same key, for another subscription of the same address. Raises KeyUnusable."""
    return keys.seal(_opened(keys, row), other_id, PURPOSE)


def _opened(keys: Keys, row: Subscription) -> str:
    try:
        return keys.open(row.openpgp_sealed or b"", row.id, PURPOSE)
    except Unsealable:
        raise KeyUnusable("a stored key cannot be opened with this key file") from None
