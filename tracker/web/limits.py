"""Requests to "too many?": a counter in memory that keeps no address and nothing for longer than ten minutes."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections import deque
from datetime import datetime
from threading import Lock

WINDOW_SECONDS = 600
PER_CLIENT = 20
IN_ALL = 2_000
MOST = 100_000  # calls in memory, some 20 MB: beyond, the oldest are forgotten


class RateLimit:
    """At most `per_client` calls of one network, and `in_all` of all, in any ten minutes. Refusals do not count.

    `in_all=None` refuses nobody for what others do. Calls are counted under a key that is thrown away with them.
    """

    def __init__(self, per_client: int = PER_CLIENT, in_all: int | None = IN_ALL, most: int = MOST) -> None:
        self.per_client, self.in_all, self.most = per_client, in_all, most
        self._lock = Lock()
        self._key = b""
        self._calls: deque[tuple[float, bytes]] = deque()  # oldest first
        self._counts: dict[bytes, int] = {}

    def allows(self, host: str | None, now: datetime) -> bool:
        with self._lock:
            at = now.timestamp()
            if self._calls and self._calls[-1][0] > at + WINDOW_SECONDS:  # of a clock that ran ahead: never over
                self._calls.clear()
                self._counts.clear()
            self._forget(at - WINDOW_SECONDS)
            if not self._calls:
                self._key = secrets.token_bytes(32)
            client = hmac.digest(self._key, network(host).encode("utf-8", "surrogatepass"), hashlib.sha256)[:12]
            count = self._counts.get(client, 0)
            if count >= self.per_client or (self.in_all is not None and len(self._calls) >= self.in_all):
                return False
            self._calls.append((at, client))
            self._counts[client] = count + 1
            return True

    def _forget(self, until: float) -> None:
        while self._calls and (self._calls[0][0] <= until or len(self._calls) >= self.most):
            _, client = self._calls.popleft()
            self._counts[client] -= 1
            if not self._counts[client]:
                del self._counts[client]


def network(host: str | None) -> str:
    """An IPv6 household owns a /64: count it as one. Anything that is no address counts under its own name."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return host or ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:  # else all of IPv4 is one household
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
