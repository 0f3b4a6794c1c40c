"""A pasted OpenPGP key to the key that is stored, and bytes to bytes that only its owner can read.

Works on what the reader gives and asks no directory. The library (pysequoia, the extra "openpgp") is taken only when
it is needed: without it nothing is encrypted, and nothing goes out in its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING

from digests.speech import N_
from tracker.errors import DeliveryError

if TYPE_CHECKING:
    from pysequoia import Cert
    from pysequoia.packet import Packet

LONGEST = 40_000  # characters; a key of 4096 bits with a few subkeys has under ten thousand


class KeyRefused(ValueError):
    """In words for the reader; they never repeat what was pasted."""


class KeyUnusable(DeliveryError):
    """Nothing can be encrypted with a reader's key now: the message waits, and is not sent in the clear."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """`ends_in`: the last four digits of its fingerprint. More would lead through a key server to its owner's name."""

    armored: str
    ends_in: str
    ends_at: datetime | None  # None: never, as far as it says


def is_available() -> bool:
    return find_spec("pysequoia") is not None


def read_key(pasted: str, now: datetime) -> PublicKey:
    """Raises KeyRefused, and KeyUnusable without the library."""
    text = pasted.strip()
    if "PRIVATE KEY BLOCK" in text:
        raise KeyRefused(_PRIVATE)
    if len(text) > LONGEST:
        raise KeyRefused(N_("This key is too long: expected one key, without pictures and without the signatures of "
                            "others."))
    if "-----BEGIN PGP PUBLIC KEY BLOCK-----" not in text:
        raise KeyRefused(N_("This is not a public key: expected text that begins with “BEGIN PGP PUBLIC KEY BLOCK”."))
    if text.count("-----BEGIN PGP") > 1:
        raise KeyRefused(_TWO)
    cert = _parsed(text)
    try:
        private, revoked, over = _is_private(text), cert.is_revoked, _is_over(cert.expiration, now)
        own, (usable, ends_at) = str(_own(cert)), _usable(cert, now)
    except Exception:  # as below
        raise KeyRefused(_ODD) from None
    if private:
        raise KeyRefused(_PRIVATE)
    if revoked:
        raise KeyRefused(N_("This key has been revoked: expected one that is in use."))
    if over:
        raise KeyRefused(N_("This key has expired: expected one that is valid. You can extend it in your mail program "
                            "and paste it again."))
    if usable is None:
        raise KeyRefused(N_("Nothing can be encrypted with this key: it has no part for encryption, or that part has "
                            "expired or was revoked."))
    return PublicKey(own, cert.fingerprint[-4:].upper(), ends_at)


def stored_key(armored: str) -> PublicKey:
    """One that `read_key` gave earlier, whether it is still valid or not. Raises KeyUnusable."""
    cert = _stored(armored)
    try:
        return PublicKey(armored, cert.fingerprint[-4:].upper(), _ends_at(cert))
    except Exception:  # as below
        raise KeyUnusable("a stored key is no longer taken for one") from None


def works(armored: str, now: datetime) -> bool:
    """Raises KeyUnusable without the library."""
    return _usable(_stored(armored), now)[0] is not None


def encrypted(raw: bytes, armored: str, now: datetime) -> bytes:
    """ASCII armor with lines that end as those of mail do. Raises KeyUnusable."""
    cert = _stored(armored)
    from pysequoia import encrypt

    try:
        valid = _valid(cert, now)
        sealed = encrypt(raw, recipients=[valid]) if valid is not None else None
    except Exception:  # as below
        raise KeyUnusable("nothing can be encrypted with the reader's key any more") from None
    if sealed is None:
        raise KeyUnusable("the reader's key is no longer valid")
    return sealed.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


# --- what is valid of a key -------------------------------------------------------------------------------------------

_PRIVATE = N_("This is a private key. It was not kept, but it has left your computer: better make a new one. Here "
              "belongs the public key, which begins with “BEGIN PGP PUBLIC KEY BLOCK”.")
_TWO = N_("These are two keys or more: expected one.")
_ODD = N_("This key cannot be read: expected a whole public key, from its “BEGIN” line to its “END” line.")


def _parsed(text: str) -> Cert:
    """Parses what holds only keys; a packed bomb is refused unopened."""
    if not is_available():
        raise KeyUnusable("the extra openpgp is not installed")
    from pysequoia import Cert

    try:
        certs = Cert.split_bytes(text.encode())
    except Exception:  # the library's own errors share no narrower class
        raise KeyRefused(_ODD) from None
    if len(certs) != 1:
        raise KeyRefused(_TWO if certs else _ODD)
    return certs[0]


def _is_private(text: str) -> bool:
    """Even under a public key's lines: written anew, it is called what it is."""
    from pysequoia import Tsk

    return "PRIVATE KEY" in str(Tsk.from_bytes(text.encode())).partition("\n")[0]


def _stored(armored: str) -> Cert:
    try:
        return _parsed(armored)
    except KeyRefused:
        raise KeyUnusable("a stored key cannot be read") from None


def _groups(cert: Cert) -> Iterator[list[Packet]]:
    """Each part (primary key, name, subkey) with the signatures that follow it."""
    from pysequoia.packet import PacketPile, Tag

    group: list[Packet] = []
    for packet in PacketPile.from_bytes(bytes(cert)):
        if packet.tag != Tag.Signature and group:
            yield group
            group = []
        group.append(packet)
    if group:
        yield group


def _own(cert: Cert) -> Cert:
    """Without pictures and the signatures of others: who knows whom is nothing that we need."""
    from pysequoia import Cert
    from pysequoia.packet import Tag

    kept = [packet for group in _groups(cert) if group[0].tag != Tag.UserAttribute for packet in group
            if packet.tag != Tag.Signature or packet.issuer_fingerprint in (None, cert.fingerprint)]
    return Cert.from_packets(kept)


def _subkey_end(group: list[Packet]) -> tuple[bool, datetime | None]:
    """(may it encrypt mail, until when). The newest binding has the word, as OpenPGP has it."""
    from pysequoia.packet import SignatureType

    bindings = [p for p in group[1:] if p.signature_type == SignatureType.SubkeyBinding and p.signature_created]
    revoked = any(p.signature_type == SignatureType.SubkeyRevocation for p in group[1:])
    if not bindings or revoked:
        return False, None
    newest = max(bindings, key=lambda p: p.signature_created)  # type: ignore[arg-type, return-value]
    flags, period, created = newest.key_flags, newest.key_validity_period, group[0].key_created
    if flags is None or not (flags.transport_encryption or flags.storage_encryption):
        return False, None
    return True, created + period if period and created else None


def _valid(cert: Cert, now: datetime) -> Cert | None:
    """The key with only what is valid now: the library would encrypt to parts that have expired."""
    from pysequoia import Cert
    from pysequoia.packet import Tag

    if cert.is_revoked or _is_over(cert.expiration, now):
        return None
    packets: list[Packet] = []
    for group in _groups(cert):
        if group[0].tag == Tag.PublicSubkey:
            encrypts, end = _subkey_end(group)
            if encrypts and _is_over(end, now):
                continue
        packets += group
    return Cert.from_packets(packets)


def _usable(cert: Cert, now: datetime) -> tuple[Cert | None, datetime | None]:
    """(what is valid of the key, until when), if something can be encrypted with it."""
    from pysequoia import encrypt

    try:
        valid = _valid(cert, now)
        if valid is not None:
            encrypt(b"", recipients=[valid])
            return valid, _ends_at(cert)
    except Exception:  # noqa: S110 - the library's own errors share no narrower class
        pass
    return None, None


def _ends_at(cert: Cert) -> datetime | None:
    from pysequoia.packet import Tag

    ends = [end for encrypts, end in map(_subkey_end, (g for g in _groups(cert) if g[0].tag == Tag.PublicSubkey))
            if encrypts]
    last = None if not ends or None in ends else max(end for end in ends if end)
    return min((end for end in (cert.expiration, last) if end), default=None)


def _is_over(end: datetime | None, now: datetime) -> bool:
    return end is not None and end <= now
