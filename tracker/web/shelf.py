"""ASGI around everything: public answers kept until the database changes or the minute is over, and 304 from there.

What is kept is packed (tracker.web.packing), and nothing else is: what is of one reader leaves as it was made.

What may be kept is said thrice: the address must be none of a reader's and ask nothing in free words, the request must
bring no cookie, and the answer must say that all may have it.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

from litestar.concurrency import sync_to_thread
from litestar.types import (
    ASGIApp,
    HTTPResponseStartEvent,
    HTTPScope,
    Message,
    Receive,
    Send,
)

from tracker.store.pulse import Pulse
from tracker.web.packing import Packed, pack
from tracker.web.rim import settle
from tracker.web.tongue import spoken

MOST_BYTES = 32 << 20
LARGEST = 1 << 20  # as kept, so mostly packed
SECONDS = 60  # what a page says of now (stale since, in three days) is at most so old, and never of another day
# Readers' own addresses; what people type; alerts, which end to the second; exports, which are files. Other pages name
# open calls: those end with a whole minute (tracker.alerts.writing), and so does what is kept here.
ASIDE = re.compile(r"/(?:desk|manage|confirm|u|digest|subscribe|saved|unsave|alerts|data|search|api/v1/search|healthz)"
                   r"(?:[/.]|$)")
# Parameters whose values are ours or a place in a list. Any other may be a reader's words, or a token gone astray.
PARAMETERS = frozenset({
    b"after", b"as-of", b"before", b"bill", b"cursor", b"effect", b"from", b"jurisdiction", b"lang", b"limit",
    b"month", b"session", b"show", b"since", b"stage", b"state", b"to", b"topic", b"v", b"view"})
LONGEST_QUERY = 400
CONDITIONS = (b"if-none-match", b"if-modified-since")
Key = tuple[bytes, bytes, str]


class Shelf:
    """All that is kept is of one beat and one minute. Least recently used go first, counted in bytes, so that strange
    addresses cannot fill the memory."""

    def __init__(self, pulse: Pulse, clock: Callable[[], datetime]) -> None:
        self._pulse, self._clock = pulse, clock
        self._kept: OrderedDict[Key, Packed] = OrderedDict()
        self._bytes = 0
        self._beat: str | None = None
        self._coming: asyncio.Task[str | None] | None = None
        self._asking: asyncio.Task[str | None] | None = None

    async def __call__(self, app: ASGIApp, scope: HTTPScope, receive: Receive, send: Send) -> None:
        beat = await self._turn() if may_keep(scope) else None
        if beat is None:
            await app(scope, receive, send)
            return
        key = (scope.get("raw_path") or scope["path"].encode(), scope["query_string"], spoken().language)
        request = dict(scope["headers"])
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            for ready in kept.hand_out(request):
                await send(ready)
            return
        # Made whole even for who has it already: their 304 would leave nothing to keep.
        bare: HTTPScope = {**scope, "headers": [h for h in scope["headers"] if h[0] not in CONDITIONS]}
        await app(bare, receive, self._keeping(key, beat, request, send))

    async def _turn(self) -> str | None:
        """The beat and the minute of now, read after this request came; what is of another is thrown away."""
        found = self._pulse.beat() if self._pulse.instant else await self._look()
        if found is None:
            return None
        beat = f"{found}:{int(self._clock().timestamp()) // SECONDS}"
        if beat != self._beat:
            self._kept.clear()
            self._bytes, self._beat = 0, beat
        return beat

    async def _look(self) -> str | None:
        """One question to the server for all who came before it was sent."""
        loop = asyncio.get_running_loop()
        if self._coming is None or self._coming.get_loop() is not loop:
            asking = self._asking if self._asking is not None and self._asking.get_loop() is loop else None
            self._coming = loop.create_task(self._ask(asking))
        return await asyncio.shield(self._coming)

    async def _ask(self, before: asyncio.Task[str | None] | None) -> str | None:
        if before is not None and not before.done():
            await asyncio.wait((before,))
        self._asking, self._coming = self._coming, None
        return await sync_to_thread(self._pulse.beat)

    def _keeping(self, key: Key, beat: str, request: dict[bytes, bytes], send: Send) -> Send:
        start: HTTPResponseStartEvent | None = None

        async def keep(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
            elif message["type"] != "http.response.body" or start is None:
                await send(message)
            elif message.get("more_body"):  # a stream: as it comes
                await send(start)
                start = None
                await send(message)
            elif start["status"] == 200 and is_for_all(start):
                packed = await pack(start, message["body"])
                self._put(key, beat, packed)
                for ready in packed.hand_out(request):
                    await send(ready)
            else:
                for ready in settle(start, message["body"], request):
                    await send(ready)

        return keep

    def _put(self, key: Key, beat: str, packed: Packed) -> None:
        if beat != self._beat or len(packed.body) > LARGEST:
            return
        self._drop(key)
        self._kept[key] = packed
        self._bytes += _weight(key, packed)
        while self._bytes > MOST_BYTES:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Key) -> None:
        old = self._kept.pop(key, None)
        if old is not None:
            self._bytes -= _weight(key, old)


def may_keep(scope: HTTPScope) -> bool:
    query = scope["query_string"]
    if scope["method"] != "GET" or ASIDE.match(scope["path"]) or any(name == b"cookie" for name, _ in scope["headers"]):
        return False
    return not query or (len(query) <= LONGEST_QUERY and b";" not in query and all(
        part.partition(b"=")[0] in PARAMETERS for part in query.split(b"&")))


def is_for_all(start: HTTPResponseStartEvent) -> bool:
    """Silence is no permission."""
    held = {name.lower(): value for name, value in start["headers"]}
    control = held.get(b"cache-control", b"no-store")
    varies = {one.strip().lower() for one in held.get(b"vary", b"").split(b",") if one.strip()}
    return (b"no-store" not in control and b"private" not in control and b"set-cookie" not in held
            and b"etag" in held and varies <= {b"accept-language"})


def _weight(key: Key, packed: Packed) -> int:
    return len(packed.body) + len(key[0]) + len(key[1]) + 2_000  # headers and the rest
