"""One of a kind at a time on this machine: file locks that fall with their process, however it dies."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracker.errors import TrackerError


class Busy(TrackerError):
    """Another process does this right now."""


@contextmanager
def only_one(home: Path, name: str, message: str) -> Iterator[None]:
    """Raises Busy with `message` if another process holds the lock."""
    path = home / "locks" / f"{name}.lock"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(message) from None
        yield
