"""A domain's past to when the next message to it may leave: an even rate with a minute's burst, growing pauses."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tracker.post import DomainPace

BURST = timedelta(minutes=1)
PAUSE_AFTER = 3  # messages in a row that a domain put off
PAUSES = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4))

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Pacer:
    """Safe to share between senders. What changed is to be stored before the messages leave: a sender that is killed
    and started again has then used up its share, too. `per_minute=0`: as fast as the mail server takes it."""

    def __init__(self, paces: Iterable[DomainPace] = (), per_minute: int = 0) -> None:
        self._paces = {pace.index: pace for pace in paces}
        self._step = timedelta(seconds=60 / per_minute) if per_minute else timedelta(0)
        self._waiting: dict[bytes, int] = {}  # given a later turn in this round
        self._changed: set[bytes] = set()
        self._lock = threading.Lock()

    def turn(self, domain: bytes, now: datetime) -> datetime | None:
        """None: now, and it counts. Else when to ask again."""
        with self._lock:
            pace = self._sane(domain, now)
            if pace.paused_until and now < pace.paused_until:
                return pace.paused_until
            free = max(pace.next_at, now)
            if not self._step:
                return None
            if free - now >= BURST:
                self._waiting[domain] = self._waiting.get(domain, 0) + 1
                return free - BURST + self._step * self._waiting[domain]
            self._keep(replace(pace, next_at=free + self._step))
            return None

    def went_well(self, domain: bytes) -> None:
        with self._lock:
            pace = self._paces.get(domain)
            if pace and pace.failures:
                self._keep(replace(pace, failures=0, paused_until=None))

    def put_off(self, domain: bytes, now: datetime) -> None:
        """A failure that is not of one mailbox."""
        with self._lock:
            pace = self._sane(domain, now)
            if pace.paused_until and now < pace.paused_until:
                return  # told by a message that was on its way when the pause began
            failures = pace.failures + 1
            step = failures - PAUSE_AFTER
            until = now + PAUSES[min(step, len(PAUSES) - 1)] if step >= 0 else None
            self._keep(replace(pace, failures=failures, paused_until=until))

    def changed(self) -> list[DomainPace]:
        """Since it was asked last."""
        with self._lock:
            found = [self._paces[index] for index in sorted(self._changed)]
            self._changed.clear()
            return found

    def _sane(self, domain: bytes, now: datetime) -> DomainPace:
        """Without times that no rule of ours gives: they are from a clock that ran ahead, and silence nobody."""
        pace = self._paces.get(domain) or DomainPace(domain, _NEVER)
        if pace.next_at > now + BURST + self._step:
            pace = replace(pace, next_at=_NEVER)
        if pace.paused_until and pace.paused_until > now + max(PAUSES):
            pace = replace(pace, paused_until=None)
        return pace

    def _keep(self, pace: DomainPace) -> None:
        self._paces[pace.index] = pace
        self._changed.add(pace.index)
