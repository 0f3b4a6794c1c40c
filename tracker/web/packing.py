"""A whole public answer to its gzip form, made once, and to what one request accepts of it.

Only answers that are the same for all come here (tracker.web.shelf): what holds no secret of a reader cannot leak one
by its length, whatever else is reflected in it (BREACH). Litestar's own compression packs every answer, each time
anew, under the ETag of the bare one, and does not read `q=0`.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass

from litestar.concurrency import sync_to_thread
from litestar.types import HTTPResponseBodyEvent, HTTPResponseStartEvent

from tracker.web.rim import settle

SMALLEST = 500  # bytes; below, the added headers eat the gain
LARGE = 1 << 16  # bytes; above, another thread packs it, so that nobody waits behind it
LEVEL = 6
_TYPE = re.compile(rb"text/|image/svg\+xml|application/(?:[\w.-]+\+)?(?:json|xml)\b")


@dataclass(frozen=True, slots=True)
class Packed:
    """`body` is gzip if there is a head for it. Both heads name what the choice rests on (Vary)."""

    bare: HTTPResponseStartEvent
    zipped: HTTPResponseStartEvent | None
    body: bytes

    def hand_out(self, request: dict[bytes, bytes]) -> tuple[HTTPResponseStartEvent, HTTPResponseBodyEvent]:
        if self.zipped is None:
            return settle(self.bare, self.body, request)
        # Half of a packed file is of no use: who asks for a range gets what they would have got.
        if b"range" not in request and accepts_gzip(request.get(b"accept-encoding", b"")):
            return settle(self.zipped, self.body, request)
        start, body = settle(self.bare, b"", request)
        return start, body if start["status"] == 304 else {**body, "body": gzip.decompress(self.body)}


async def pack(start: HTTPResponseStartEvent, body: bytes) -> Packed:
    """`start` has an ETag: it stays with the bare bytes, and becomes a weak one for the packed, as RFC 9110 (8.8.3.3)
    asks. Both are known by either, as `If-None-Match` compares weakly."""
    held = {name.lower(): value for name, value in start["headers"]}
    if len(body) < SMALLEST or b"content-encoding" in held or not _TYPE.match(held.get(b"content-type", b"")):
        return Packed({**start, "headers": list(start["headers"])}, None, body)
    zipped = await sync_to_thread(_zip, body) if len(body) > LARGE else _zip(body)
    vary = b", ".join(part for part in (held.get(b"vary"), b"Accept-Encoding") if part)
    bare = [(k, v) for k, v in start["headers"] if k.lower() != b"vary"] + [(b"vary", vary)]
    other = {b"etag": b"W/" + held[b"etag"].removeprefix(b"W/"), b"content-length": str(len(zipped)).encode()}
    packed = [(k, other.get(k.lower(), v)) for k, v in bare] + [(b"content-encoding", b"gzip")]
    return Packed({**start, "headers": bare}, {**start, "headers": packed}, zipped)


def _zip(body: bytes) -> bytes:
    return gzip.compress(body, LEVEL, mtime=0)


def accepts_gzip(header: bytes) -> bool:
    """RFC 9110, 12.5.3: `q=0` refuses, `*` is any that is not named; nothing sent is no wish for it."""
    wishes: dict[bytes, float] = {}
    for part in header.lower().split(b","):
        coding, _, weight = part.partition(b";")
        name, _, value = weight.partition(b"=")
        try:
            wishes[coding.strip()] = float(value) if name.strip() == b"q" else 1.0
        except ValueError:
            wishes[coding.strip()] = 0.0
    wish = wishes.get(b"gzip", wishes.get(b"*", 0.0))
    return 0 < wish >= wishes.get(b"identity", 0.0)
