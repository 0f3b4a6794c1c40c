"""Requests of programs to "how many are left this minute?": counts in memory, under keys thrown away each minute."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from threading import Lock

from tracker.web.limits import network

WINDOW_SECONDS = 60
MOST = 200_000  # callers counted in one minute, some 20 MB; beyond, all are counted anew


@dataclass(frozen=True, slots=True)
class Reading:
    """`seconds`: until the count begins again."""

    policy: str  # "network" or "key"
    quota: int
    left: int
    seconds: int
    refused: bool = False

    def headers(self) -> dict[str, str]:
        """RateLimit fields as the IETF's httpapi group writes them."""
        made = {"ratelimit-policy": f'"{self.policy}";q={self.quota};w={WINDOW_SECONDS}',
                "ratelimit": f'"{self.policy}";r={self.left};t={self.seconds}'}
        return {**made, "retry-after": str(self.seconds)} if self.refused else made


class Meter:
    """Counts of the running minute. No address is kept: only a keyed hash, and its key goes with the minute."""

    def __init__(self, per_network: int, per_key: int) -> None:
        self._per_network, self._per_key = per_network, per_key
        self._lock = Lock()
        self._window, self._secret = -1, b""
        self._counts: dict[bytes, int] = {}

    def read(self, host: str | None, holder: str | None, at: float) -> Reading:
        """Counts one request: of the holder of a key, else of a network. Refused ones do not count."""
        quota, policy = (self._per_key, "key") if holder is not None else (self._per_network, "network")
        whose = f"key {holder}" if holder is not None else f"network {network(host)}"
        left_seconds = WINDOW_SECONDS - int(at) % WINDOW_SECONDS
        with self._lock:
            self._turn(int(at) // WINDOW_SECONDS)
            caller = hmac.digest(self._secret, whose.encode("utf-8", "surrogatepass"), hashlib.sha256)[:12]
            used = self._counts.get(caller, 0)
            if used >= quota:
                return Reading(policy, quota, 0, left_seconds, refused=True)
            self._counts[caller] = used + 1
        return Reading(policy, quota, quota - used - 1, left_seconds)

    def _turn(self, window: int) -> None:
        if window != self._window or len(self._counts) >= MOST:
            self._window, self._secret = window, secrets.token_bytes(32)
            self._counts = {}
