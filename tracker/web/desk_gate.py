"""Requests for the desk to who is asking: one cookie, forms that only our own pages can send, few tries to log in.

The cookie is the only one of this site, and only who opens the desk's log-in gets it. It holds a random token; the
database holds its hash. Each form carries a keyed hash of that token, so that no other site can send it: neither
somebody's decision nor a log-in to somebody else's account.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Request, Response
from litestar.concurrency import sync_to_thread
from litestar.datastructures import Cookie
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotFoundException, PermissionDeniedException, ServiceUnavailableException
from litestar.params import SkipValidation
from litestar.response import Redirect

from tracker.desk.accounts import is_open
from tracker.model import Account
from tracker.web.limits import RateLimit
from tracker.web.press import PRIVATE_HEADERS, Press
from tracker.web.readers import read_form

LOGIN = "/desk/login"
TRIES_A_NAME, TRIES_A_NETWORK = 10, 30  # in ten minutes, right or wrong, whether the name exists or not
# What strangers do in their thousands must not keep a reviewer out: beyond UNHURRIED tries of everybody in ten minutes
# each waits for PAUSE seconds. Whoever is in already never comes by here.
UNHURRIED, PAUSE = 300, 2.0
AT_ONCE, MOST_WAITING = 2, 200  # a hash takes 64 MiB and a tenth of a second; a server keeps 512 connections

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at the desk. `forgery_proof` belongs into each form."""

    account: Account
    token: str
    forgery_proof: str


class Gate:
    """One an application: counts of tries live in memory."""

    def __init__(self, press: Press) -> None:
        self.press = press
        self.secure = press.services.settings.base_url.startswith("https://")
        # Browsers take the prefix only over TLS; without TLS the path at least keeps it from the public pages.
        self.name = "__Host-desk" if self.secure else "desk"
        self._names = RateLimit(TRIES_A_NAME, None)
        self._networks = RateLimit(TRIES_A_NETWORK, None)
        self._everybody = RateLimit(UNHURRIED, None)
        self._turns, self._waiting = asyncio.Semaphore(AT_ONCE), 0

    async def admit(self, request: AnyRequest) -> Response[Any] | None:
        """Litestar's `before_request`: None lets the request through to its handler."""
        services = self.press.services
        if not await sync_to_thread(is_open, services.accounts):
            raise NotFoundException()
        token = request.cookies.get(self.name) or ""
        if request.method == "POST":
            form = await read_form(request)
            self._refuse_forgery(request, token, (form.get("proof") or [""])[0])
        if request.scope["path"] == LOGIN:
            return None
        account = await sync_to_thread(services.entrance.visitor, token, services.clock()) if token else None
        if account is None:
            return Redirect(f"{LOGIN}?again=1" if token else LOGIN, status_code=303, headers=dict(PRIVATE_HEADERS))
        request.state.visitor = Visitor(account, token, proof(token))
        return None

    def may_try(self, host: str | None, name: str, now: datetime) -> bool:
        return self._networks.allows(host, now) and self._names.allows(f"name {name.casefold()}", now)

    @asynccontextmanager
    async def turn(self, now: datetime) -> AsyncIterator[None]:
        """Few check a password at a time, so that pages keep their threads; in a crowd each waits a little.

        Raises ServiceUnavailableException if very many wait at this moment.
        """
        if self._waiting >= MOST_WAITING:
            raise ServiceUnavailableException(headers={"retry-after": "10"})
        self._waiting += 1
        try:
            if not self._everybody.allows("everybody", now):
                await asyncio.sleep(PAUSE)
            async with self._turns:
                yield
        finally:
            self._waiting -= 1

    def cookie(self, token: str) -> Cookie:
        return Cookie(self.name, value=token, path="/" if self.secure else "/desk", httponly=True, secure=self.secure,
                      samesite="strict")

    def no_cookie(self) -> Cookie:
        gone = self.cookie("")
        gone.max_age = 0
        return gone

    def _refuse_forgery(self, request: AnyRequest, token: str, given: str) -> None:
        """Browsers of today say themselves where a form came from; the proof holds for all of them."""
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise PermissionDeniedException()
        if not token or not hmac.compare_digest(proof(token).encode(), given.encode("utf-8", "surrogatepass")):
            raise PermissionDeniedException()


VisitorDep = NamedDependency[SkipValidation[Visitor]]
GateDep = NamedDependency[SkipValidation[Gate]]


def proof(token: str) -> str:
    return hmac.digest(token.encode("utf-8", "surrogatepass"), b"a form of the desk", hashlib.sha256).hex()


def new_token() -> str:
    return secrets.token_urlsafe(32)


def visitor_of(request: AnyRequest) -> Visitor:
    visitor: Visitor = request.state.visitor
    return visitor


PROVIDERS = {"visitor": Provide(visitor_of, sync_to_thread=False)}
