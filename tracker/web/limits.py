"""Requests to "too many?": a counter in memory that keeps no address and nothing for longer than ten minutes."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from datetime import datetime
from threading import Lock

WINDOW_SECONDS = 600
PER_CLIENT = 20
IN_ALL = 2_000  # also bounds the memory


class RateLimit:
    """At most `per_client` calls of one network in ten minutes, counted under a key that is thrown away with them."""

    def __init__(self, per_client: int = PER_CLIENT, in_all: int = IN_ALL) -> None:
        self.per_client, self.in_all = per_client, in_all
        self._lock = Lock()
        self._window = -1
        self._key = b""
        self._counts: dict[bytes, int] = {}
        self._total = 0

    def allows(self, host: str | None, now: datetime) -> bool:
        with self._lock:
            window = int(now.timestamp()) // WINDOW_SECONDS
            if window != self._window:
                self._window, self._key, self._counts, self._total = window, secrets.token_bytes(32), {}, 0
            client = hmac.digest(self._key, network(host).encode(), hashlib.sha256)[:12]
            count = self._counts.get(client, 0) + 1
            if count > self.per_client or self._total >= self.in_all:
                return False
            self._counts[client] = count
            self._total += 1
            return True


def network(host: str | None) -> str:
    """An IPv6 household owns a /64: count it as one. Anything that is no address counts under its own name."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return host or ""
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
