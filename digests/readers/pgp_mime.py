"""A message to the same message as PGP/MIME (RFC 3156): outside only what carries it, all else inside.

The true headers travel inside, marked as protected (RFC 9788, and "protected-headers" for older mail programs). The
subject outside is the same for everybody. Encrypting draws new random numbers, so a message that is repeated has other
bytes; its Message-ID, by which a receiver knows it again, is the same.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from digests.readers.openpgp import encrypted

OUTER_SUBJECT = b"[...]"  # as RFC 9788 has it: says neither how often nor in which language
_FIELD = re.compile(rb"[^\r\n]+(?:\r\n[ \t][^\r\n]*)*")


def sealed_message(raw: bytes, armored: str, now: datetime) -> bytes:
    """Raises KeyUnusable."""
    head, _, body = raw.partition(b"\r\n\r\n")
    fields = [(field.partition(b":")[0].lower(), field) for field in _FIELD.findall(head)]
    about_body = [field for name, field in fields if name.startswith(b"content-") and name != b"content-type"]
    kind = next(field for name, field in fields if name == b"content-type")
    common = [(name, field) for name, field in fields
              if not name.startswith(b"content-") and name != b"mime-version"]
    outer = [b"Subject: " + OUTER_SUBJECT if name == b"subject" else field for name, field in common]
    inner = [*(field for _, field in common), *(b"HP-Outer: " + field for field in outer), *about_body,
             kind + b';\r\n hp="cipher"; protected-headers="v1"']
    sealed = encrypted(b"\r\n".join(inner) + b"\r\n\r\n" + body, armored, now)
    boundary = b"=_pgp" + hashlib.sha256(head).hexdigest()[:32].encode()
    return b"\r\n".join([
        *outer, b"MIME-Version: 1.0",
        b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";\r\n boundary="' + boundary + b'"',
        b"", b"--" + boundary, b"Content-Type: application/pgp-encrypted", b"", b"Version: 1", b"",
        b"--" + boundary, b'Content-Type: application/octet-stream; name="encrypted.asc"',
        b'Content-Disposition: inline; filename="encrypted.asc"', b"", sealed.rstrip(b"\r\n"), b"",
        b"--" + boundary + b"--", b""])
