"""Addresses and filters to sealed bytes and back, and the tokens of a reader's links; the keys live in their own file.

A sealed value is bound to its row (associated data), so that it cannot be moved to another row, and names the key that
sealed it, so that keys can be changed without a flag day. Its length tells nothing below 64 characters.

Two tokens hang on one stored hash, in a chain that can be walked one way only: the manage token (only in the message)
gives the leave token (also in its List-Unsubscribe header, which mail providers read), and that one gives the hash. So
who holds the header can leave, but not read or change what a reader follows.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV

from tracker.errors import ConfigError, DeliveryError

FILE_VERSION = 1
SIV, GCM = b"S", b"G"  # first byte of a sealed value; GCM only where OpenSSL lacks SIV
_NONCE = 12
_BLOCKS = {"address": 64, "filter": 256, "webhook": 256, "openpgp": 1024}  # padding, by what is sealed


class Unsealable(DeliveryError):
    """The value was sealed with a key that is not in the key file, or for another row, or was tampered with."""


@dataclass(frozen=True)
class Keys:
    """`sealing` may hold several, of which `current` seals; `index` and `token` stay as long as the readers do."""

    current: str
    sealing: dict[str, bytes]
    index: bytes
    token: bytes
    source: Path | None = field(default=None, compare=False)  # the file, which a rotation may change under us

    def __repr__(self) -> str:
        return f"Keys({len(self.sealing)} sealing keys)"

    @classmethod
    def load_or_create(cls, path: Path) -> Keys:
        """Raises ConfigError if others than its owner may read the file, or if it is torn."""
        if not path.exists():
            _create(path)
        return _load(path)

    def seal(self, value: str, row_id: str, purpose: str = "address") -> bytes:
        """`purpose` ("address", "filter") is bound as the row is: one cannot be put in the other's place."""
        keys = self.of_today()
        name = keys.current.encode()
        algorithm = SIV if _has_siv() else GCM
        head = algorithm + bytes([len(name)]) + name
        raw = value.encode()
        nonce = secrets.token_bytes(_NONCE)
        block = _BLOCKS[purpose]
        padded = raw.ljust(-(-len(raw) // block) * block, b"\0")
        cipher = _cipher(algorithm, keys.sealing[keys.current])
        return head + nonce + cipher.encrypt(nonce, padded, _bind(head, row_id, purpose))

    def open(self, sealed: bytes, row_id: str, purpose: str = "address") -> str:
        """Raises Unsealable."""
        head, rest = sealed[:2 + sealed[1]] if len(sealed) > 1 else b"", sealed[2 + (sealed[1:2] or b"\0")[0]:]
        name = head[2:].decode("ascii", "replace")
        key = self.sealing.get(name) or self.of_today().sealing.get(name)
        if key is None or head[:1] not in (SIV, GCM):
            raise Unsealable("a value was sealed with a key that is not in the key file")
        try:
            padded = _cipher(head[:1], key).decrypt(rest[:_NONCE], rest[_NONCE:], _bind(head, row_id, purpose))
        except (InvalidTag, ValueError, UnsupportedAlgorithm):
            raise Unsealable("a sealed value does not belong to its row, or was changed") from None
        return padded.rstrip(b"\0").decode()

    def of_today(self) -> Keys:
        """As the key file is now: a service that runs takes the keys of a rotation without a restart."""
        return _latest(self.source, self) if self.source else self

    def mark(self) -> str:
        """A word that nobody outside can write: it stands for what is filled in later."""
        return f"m{_mac(self.token, 'mark', '').hex()[:32]}"

    def seal_public(self, value: bytes, purpose: str) -> bytes:
        """For what stands in an address: equal values give equal seals, and no change of the sealing keys breaks it.

        The nonce is a keyed hash of the value, so that it never serves two values.
        """
        key, nonce = _mac(self.token, "seal", purpose), _mac(self.token, f"nonce|{purpose}", value.hex())[:_NONCE]
        algorithm = SIV if _has_siv() else GCM
        return algorithm + nonce + _cipher(algorithm, key).encrypt(nonce, value, purpose.encode())

    def open_public(self, sealed: bytes, purpose: str) -> bytes | None:
        """None: not sealed here, or changed."""
        if sealed[:1] not in (SIV, GCM) or len(sealed) < 1 + _NONCE + 16:
            return None
        key = _mac(self.token, "seal", purpose)
        try:
            return _cipher(sealed[:1], key).decrypt(sealed[1:1 + _NONCE], sealed[1 + _NONCE:], purpose.encode())
        except (InvalidTag, ValueError, UnsupportedAlgorithm):
            return None

    def blind_index(self, address: str) -> bytes:
        """Finds the rows of an address, whatever its capitals, without storing it."""
        return _mac(self.index, "address", address.strip().casefold())

    def domain_index(self, domain: str) -> bytes:
        return _mac(self.index, "domain", domain.casefold())

    def return_proof(self, payload: bytes) -> bytes:
        """Stands in the address that a message's bounces come back to."""
        return _mac(self.token, "return", payload.hex())

    def proves_return(self, payload: bytes, proof: bytes) -> bool:
        return bool(proof) and hmac.compare_digest(self.return_proof(payload)[:len(proof)], proof)

    def renewal_token(self, subscription_id: str, confirmed_at: str) -> str:
        """The same whenever the same yearly question is put again."""
        return _text(_mac(self.token, "renew", f"{subscription_id}|{confirmed_at}"))

    def manage_token(self, subscription_id: str) -> str:
        return _text(_mac(self.token, "manage", subscription_id))

    def unsubscribe_token(self, subscription_id: str) -> str:
        return leave_token(self.manage_token(subscription_id))

    def stored_token(self, subscription_id: str) -> bytes:
        """What the row keeps: a hash from which neither token can be had."""
        return token_hash(self.unsubscribe_token(subscription_id))


def sealed_by(sealed: bytes) -> str:
    """The name of the key that sealed a value; empty for what is no sealed value."""
    length = sealed[1] if len(sealed) > 1 and sealed[:1] in (SIV, GCM) else 0
    return sealed[2:2 + length].decode("ascii", "replace")


def leave_token(manage_token: str) -> str:
    return _text(hashlib.sha256(b"leave|" + _bytes(manage_token)).digest())


def token_hash(token: str) -> bytes:
    return hashlib.sha256(_bytes(token)).digest()


def new_token() -> str:
    """256 random bits, fit for a URL."""
    return secrets.token_urlsafe(32)


def _bytes(token: str) -> bytes:
    return token.encode("utf-8", "surrogatepass")  # what a stranger puts into a URL must not crash us


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _mac(key: bytes, purpose: str, value: str) -> bytes:
    return hmac.new(key, f"{purpose}|{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).digest()


def _bind(head: bytes, row_id: str, purpose: str) -> bytes:
    return head + f"|{purpose}|{row_id}".encode()


def _cipher(algorithm: bytes, key: bytes) -> AESGCMSIV | AESGCM:
    return AESGCMSIV(key) if algorithm == SIV else AESGCM(key)


def _has_siv() -> bool:
    try:
        AESGCMSIV(bytes(32))
    except UnsupportedAlgorithm:
        return False
    return True


# --- the key file -----------------------------------------------------------------------------------------------------


def _create(path: Path) -> None:
    """Whole or not at all; if two processes start at once, the first one's keys are everybody's."""
    written(path, {"version": FILE_VERSION, "current": "k1", "sealing": {"k1": secrets.token_hex(32)},
                   "index": secrets.token_hex(32), "token": secrets.token_hex(32)}, replace=False)


def written(path: Path, content: dict[str, object], *, replace: bool) -> None:
    """`replace`: over the file that is there; else the first one to write wins."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(json.dumps(content, indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
        _publish(part, path, replace)
    except OSError as problem:
        raise ConfigError(f"key file {path} cannot be made: {problem}") from None
    finally:
        part.unlink(missing_ok=True)


def _publish(part: Path, path: Path, replace: bool) -> None:
    try:
        if replace:
            part.replace(path)
        else:
            path.hardlink_to(part)
    except FileExistsError:
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


_held: dict[Path, tuple[tuple[int, int], Keys]] = {}  # by file: its stamp, and what it said


def _latest(path: Path, held: Keys) -> Keys:
    """A file that is gone or torn for now changes nothing: whoever runs keeps the keys that it has."""
    try:
        found = path.stat()
        stamp = (found.st_mtime_ns, found.st_ino)
        if path not in _held or _held[path][0] != stamp:
            _held[path] = (stamp, _load(path))
    except (OSError, ConfigError):
        return held
    return _held[path][1]


def _load(path: Path) -> Keys:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            raw = file.read()
    except OSError as problem:
        raise ConfigError(f"key file {path} cannot be read: {problem}") from None
    if mode & 0o077:
        raise ConfigError(f"key file {path} can be read by others (mode {mode:04o}): expected 0600; "
                          "correct it with chmod 600, and think of who may have read it")
    try:
        found = json.loads(raw)
        if found["version"] != FILE_VERSION:
            raise ConfigError(f"key file {path}: expected version {FILE_VERSION}, got {found['version']!r}")
        keys = Keys(found["current"], {name: bytes.fromhex(key) for name, key in found["sealing"].items()},
                    bytes.fromhex(found["index"]), bytes.fromhex(found["token"]), path)
        lengths = {len(key) for key in (*keys.sealing.values(), keys.index, keys.token)}
        if lengths != {32} or keys.current not in keys.sealing:
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ConfigError(f"key file {path} is torn: expected the file as it was written; restore your copy") from None
    return keys
