"""Any response to a guarded one: security headers on all, 304 where the reader has it already, HEAD like GET."""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.utils import parsedate_to_datetime

from litestar.enums import ScopeType
from litestar.types import (
    ASGIApp,
    HTTPResponseBodyEvent,
    HTTPResponseStartEvent,
    HTTPScope,
    Message,
    Receive,
    Scope,
    Send,
)

SECURITY_HEADERS: dict[str, str] = {
    # Nothing but our own style sheet, icon and forms: a title that smuggles in markup has nothing to run or to call.
    # `connect-src` gives nothing where no script may run; without it Lighthouse cannot read our robots.txt.
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                               "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    # Tokens are in addresses: no other site may learn one from a link that a reader follows.
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
    "x-dns-prefetch-control": "off",
}
# Public data, for pages of others too. Everything else is for this site's own pages.
_OPEN_TO_ALL = ("/api/", "/feeds/")
_OF_A_BODY = (b"content-length", b"content-type", b"content-encoding")


async def add_security_headers(message: Message, scope: Scope) -> None:
    """A `before_send` hook: those run for errors of the router too, which no middleware sees."""
    if message["type"] != "http.response.start":
        return
    present = {name.lower() for name, _ in message["headers"]}
    added = [(k.encode(), v.encode()) for k, v in SECURITY_HEADERS.items() if k.encode() not in present]
    path = scope["path"]
    if path.startswith(_OPEN_TO_ALL):
        added.append((b"access-control-allow-origin", b"*"))
    else:
        added.append((b"cross-origin-resource-policy", b"same-origin"))
    message["headers"] = [*message["headers"], *added]


def conditional(app: ASGIApp) -> ASGIApp:
    """Middleware: an ETag over the body of each 200, and 304 without a body if the reader has just that.

    If-None-Match wins over If-Modified-Since (RFC 9110, 13.2.2). Litestar sends ETags but answers 200 to them.
    """

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "GET":
            await app(scope, receive, send)
            return
        request = dict(scope["headers"])
        start: HTTPResponseStartEvent | None = None
        straight = False
        parts: list[bytes] = []

        async def collect(message: Message) -> None:
            nonlocal start, straight
            if straight:
                await send(message)
            elif message["type"] == "http.response.start":
                start = message
                held = {name.lower() for name, _ in message["headers"]}
                if b"x-accel-buffering" in held:  # files of any size: they bring their ETag and answer 304 themselves
                    straight = True
                    await send(message)
            elif message["type"] != "http.response.body" or start is None:
                await send(message)
            else:
                parts.append(message["body"])
                if not message.get("more_body"):
                    for ready in settle(start, b"".join(parts), request):
                        await send(ready)

        await app(scope, receive, collect)

    return answer


def settle(start: HTTPResponseStartEvent, body: bytes,
           request: dict[bytes, bytes]) -> tuple[HTTPResponseStartEvent, HTTPResponseBodyEvent]:
    """The two messages to send: as they came, with an ETag, or as 304."""
    headers = list(start["headers"])
    held = {name.lower(): value for name, value in headers}
    if start["status"] != 200 or b"no-store" in held.get(b"cache-control", b""):
        return start, _body(body)
    etag = held.get(b"etag") or b'"' + hashlib.sha256(body).hexdigest()[:32].encode() + b'"'
    if b"etag" not in held:
        headers.append((b"etag", etag))
    if not is_known(request, etag, held.get(b"last-modified")):
        return {**start, "headers": headers}, _body(body)
    slim = [(k, v) for k, v in headers if k.lower() not in _OF_A_BODY]
    return {**start, "status": 304, "headers": slim}, _body(b"")


def _body(body: bytes) -> HTTPResponseBodyEvent:
    return {"type": "http.response.body", "body": body, "more_body": False}


def is_known(request: dict[bytes, bytes], etag: bytes, last_modified: bytes | None) -> bool:
    """Whether the reader's copy is this one. Weak comparison: `W/` does not count."""
    wanted = request.get(b"if-none-match")
    if wanted is not None:
        tags = [tag.strip().removeprefix(b"W/") for tag in wanted.split(b",")]
        return b"*" in tags or etag.removeprefix(b"W/") in tags
    since, changed = _moment(request.get(b"if-modified-since")), _moment(last_modified)
    return since is not None and changed is not None and changed <= since


def _moment(header: bytes | None) -> datetime | None:
    if not header:
        return None
    try:
        moment = parsedate_to_datetime(header.decode("latin-1"))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


async def answer_head(app: ASGIApp, scope: HTTPScope, receive: Receive, send: Send) -> None:
    """HEAD is GET without the body, on every address: link checkers and feed readers ask so."""

    async def bodiless(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    await app({**scope, "method": "GET"}, receive, bodiless)
