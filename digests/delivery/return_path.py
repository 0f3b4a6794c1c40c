"""A message's id to the address that its bounces come back to, and back: no reader's address, nothing to be guessed.

`bounces+TOKEN@example.org`: the token is the row's id and a keyed proof, in the 32 signs that survive mail servers
which change capitals. Who did not get the message cannot make one, so a forged bounce is nobody's bounce.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import NamedTuple

from digests.readers.sealing import Keys

_PROOF = 10  # bytes: 80 bits
_SIGNS = r"[a-z2-7]{16,60}"


class Returned(NamedTuple):
    """One of the two is empty."""

    delivery_id: str = ""
    subscription_id: str = ""  # of a question to confirm


def return_path(base: str, keys: Keys, returned: Returned) -> str:
    """Empty if `base` is: then bounces go to the sender's own address."""
    if not base:
        return ""
    local, _, domain = base.rpartition("@")
    payload = _payload(returned)
    token = base64.b32encode(payload + keys.return_proof(payload)[:_PROOF]).decode().rstrip("=").lower()
    return f"{local}+{token}@{domain}"


def find_returned(base: str, keys: Keys, words: str) -> tuple[Returned, ...]:
    """All whose proof holds, in the order in which they stand in `words`, each once."""
    if not base:
        return ()
    local, _, domain = base.rpartition("@")
    pattern = re.compile(rf"{re.escape(local)}\+({_SIGNS})@{re.escape(domain)}", re.IGNORECASE)
    found = (_read(match[1], keys) for match in pattern.finditer(words))
    return tuple(dict.fromkeys(one for one in found if one))


def _payload(returned: Returned) -> bytes:
    identity = returned.delivery_id
    if not identity:
        return b"s" + returned.subscription_id.encode()
    try:
        raw = bytes.fromhex(identity)
    except ValueError:
        raw = b""
    return b"h" + raw if raw and raw.hex() == identity else b"d" + identity.encode()


def _read(token: str, keys: Keys) -> Returned | None:
    try:
        raw = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except binascii.Error:
        return None
    payload, proof = raw[:-_PROOF], raw[-_PROOF:]
    if not keys.proves_return(payload, proof):
        return None
    kind, identity = payload[:1], payload[1:]
    if kind == b"s":
        return Returned(subscription_id=identity.decode())
    return Returned(delivery_id=identity.hex() if kind == b"h" else identity.decode())
