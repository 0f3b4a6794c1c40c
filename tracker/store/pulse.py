"""A database to a word that changes with every commit: what was made from it before the change must be made anew."""

from __future__ import annotations

from contextlib import suppress
from threading import Lock
from typing import Any

from sqlalchemy import Engine

SHORT_MS = 50  # nobody waits for a lock to learn whether a copy is good: then it is made anew


class Pulse:
    """One connection of its own that never writes. SQLite counts there what all others commit, of this process too
    (`data_version`); PostgreSQL names the transactions that can be seen (`pg_current_snapshot`): equal words, equal
    data. Some microseconds, or one round trip."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._connection: Any = None
        self._opened = 0
        self.instant = engine.dialect.name == "sqlite"  # need not leave the event loop

    def beat(self) -> str | None:
        """None: nobody knows, so nothing that was kept may be used."""
        with self._lock:
            try:
                if self._connection is None:
                    self._open()
                cursor = self._connection.cursor()
                try:
                    cursor.execute("PRAGMA data_version" if self.instant else "SELECT pg_current_snapshot()::text")
                    return f"{self._opened}:{cursor.fetchone()[0]}"
                finally:
                    cursor.close()
            except Exception:  # whatever the driver says: the page is made, and says it, too
                self._end()
                return None

    def _open(self) -> None:
        self._opened += 1  # two connections do not count alike
        pooled = self._engine.raw_connection()
        made: Any = pooled.driver_connection
        pooled.detach()  # the pool makes another; nobody else ever writes on this one
        self._connection = made
        if self.instant:
            made.execute(f"PRAGMA busy_timeout = {SHORT_MS}").close()
        else:
            made.rollback()
            made.autocommit = True  # or each question would be three round trips

    def _end(self) -> None:
        old, self._connection = self._connection, None
        if old is not None:
            with suppress(Exception):  # it may be broken
                old.close()

    def close(self) -> None:
        with self._lock:
            self._end()
