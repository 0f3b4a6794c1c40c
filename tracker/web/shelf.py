"""ASGI around everything: public answers kept until the database changes or the minute is over, and 304 from there.

Nothing that says no-store is kept, nor what sets a cookie; an address with a token answers so.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from litestar.concurrency import sync_to_thread
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Send

from tracker.store.pulse import Pulse
from tracker.web.rim import is_known
from tracker.web.tongue import spoken

MOST_BYTES = 32 << 20
LARGEST = 1 << 20
SECONDS = 60  # what a page says of now (stale since, in three days) is at most so old
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Kept:
    beat: str
    headers: Headers
    slim: Headers  # of a 304
    etag: bytes
    body: bytes


class Shelf:
    """Least recently used go first. Counted in bytes, so that strange addresses cannot fill the memory."""

    def __init__(self, pulse: Pulse, clock: Callable[[], float] = time.time) -> None:
        self._pulse, self._clock = pulse, clock
        self._kept: OrderedDict[tuple[bytes, bytes, str], Kept] = OrderedDict()
        self._bytes = 0

    async def __call__(self, app: ASGIApp, scope: HTTPScope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET" or scope["path"].startswith(("/desk", "/manage/", "/confirm/", "/u/", "/digest/")):
            await app(scope, receive, send)
            return
        beat = self._pulse.beat() if self._pulse.instant else await sync_to_thread(self._pulse.beat)
        if beat is None:
            await app(scope, receive, send)
            return
        beat = f"{beat}:{int(self._clock()) // SECONDS}"
        key = (scope.get("raw_path") or scope["path"].encode(), scope["query_string"], spoken().language)
        kept = self._kept.get(key)
        if kept is None or kept.beat != beat:
            await app(scope, receive, self._keeping(key, beat, send))
            return
        self._kept.move_to_end(key)
        if is_known(dict(scope["headers"]), kept.etag, None):
            await send({"type": "http.response.start", "status": 304, "headers": list(kept.slim)})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        await send({"type": "http.response.start", "status": 200, "headers": list(kept.headers)})
        await send({"type": "http.response.body", "body": kept.body, "more_body": False})

    def _keeping(self, key: tuple[bytes, bytes, str], beat: str, send: Send) -> Send:
        start: list[Any] = []

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.append((message["status"], list(message["headers"])))
            elif message["type"] == "http.response.body" and start:
                status, headers = start.pop()
                if status == 200 and not message.get("more_body"):
                    self._put(key, beat, headers, message["body"])
            await send(message)

        return keep

    def _put(self, key: tuple[bytes, bytes, str], beat: str, headers: Headers, body: bytes) -> None:
        held = {name.lower(): value for name, value in headers}
        control = held.get(b"cache-control", b"no-store")
        if (b"no-store" in control or b"private" in control or b"set-cookie" in held or b"etag" not in held
                or b"x-accel-buffering" in held or len(body) > LARGEST):
            return
        slim = [(n, v) for n, v in headers if n.lower() not in (b"content-length", b"content-type")]
        self._drop(key)
        self._kept[key] = Kept(beat, headers, slim, held[b"etag"], body)
        self._bytes += _weight(key, body)
        while self._bytes > MOST_BYTES:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: tuple[bytes, bytes, str]) -> None:
        old = self._kept.pop(key, None)
        if old is not None:
            self._bytes -= _weight(key, old.body)


def _weight(key: tuple[bytes, bytes, str], body: bytes) -> int:
    return len(body) + len(key[0]) + len(key[1]) + 2_000  # headers and the rest
