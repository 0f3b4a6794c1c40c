"""ASGI around the API: who asks, by key or by network, and whether it is too much; RateLimit fields on every answer."""

from __future__ import annotations

import time
from collections.abc import MutableMapping
from typing import Any

import msgspec
from litestar.concurrency import sync_to_thread
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Send

from tracker.store.apikeys import PREFIX, ApiKeys, digest
from tracker.web.failures import PROBLEM, Problem
from tracker.web.meter import Meter
from tracker.web.rim import SECURITY_HEADERS

PATH = "/api/v1/"
KNOWN_SECONDS = 60  # a revoked key works no longer than this
MOST_KNOWN = 1_000


class Turnstile:
    """Every request to the API goes through; pages do not."""

    def __init__(self, keys: ApiKeys, meter: Meter) -> None:
        self._keys, self._meter = keys, meter
        self._known: dict[bytes, tuple[float, str]] = {}

    async def __call__(self, app: ASGIApp, scope: HTTPScope, receive: Receive, send: Send) -> None:
        if not scope["path"].startswith(PATH):
            await app(scope, receive, send)
            return
        secret, holder = _secret(scope), None
        if secret is not None:
            holder = await self._holder(secret)
        client = scope.get("client")
        # A key that is none counts for its network: nobody may try as many as they like.
        reading = self._meter.read(client[0] if client else None, holder, time.time())

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_raw(reading.headers())]
            await send(message)

        if reading.refused:
            await _refuse(counted, 429, "Too Many Requests", _ADVICE_429.format(reading.seconds), {})
        elif secret is not None and holder is None:
            await _refuse(counted, 401, "Unauthorized", "This key is unknown or was revoked. Reading needs no key.",
                          {"www-authenticate": "Bearer"})
        else:
            await app(scope, receive, counted)

    async def _holder(self, secret: str) -> str | None:
        if not secret.startswith(PREFIX) or len(secret) > 100:
            return None
        now, which = time.monotonic(), digest(secret)
        known = self._known.get(which)
        if known is not None and known[0] > now:
            return known[1]
        self._known.pop(which, None)
        name = await sync_to_thread(self._keys.holder, secret)
        if name is not None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[which] = (now + KNOWN_SECONDS, name)
        return name


_ADVICE_429 = "The count begins again in {} seconds. A key lifts the limit: ask the operator of this site."


def _secret(scope: HTTPScope) -> str | None:
    """`Authorization: Bearer KEY`. Never from the address: those are kept in logs and histories."""
    for name, value in scope["headers"]:
        if name.lower() == b"authorization":
            scheme, _, secret = value.decode("latin-1").partition(" ")
            if scheme.lower() == "bearer":
                return secret.strip()
    return None


async def _refuse(send: Send, status: int, title: str, detail: str, more: dict[str, str]) -> None:
    body = msgspec.json.encode(Problem(title, status, detail))
    headers = {"content-type": PROBLEM, "content-length": str(len(body)), "cache-control": "no-store",
               "access-control-allow-origin": "*", **SECURITY_HEADERS, **more}
    await send({"type": "http.response.start", "status": status, "headers": _raw(headers)})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _raw(headers: MutableMapping[str, Any]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), str(value).encode()) for name, value in headers.items()]


