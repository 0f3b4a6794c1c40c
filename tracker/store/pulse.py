"""A database to a word that changes with every commit: what was made from it before the change must be made anew."""

from __future__ import annotations

from threading import Lock
from typing import Any

from sqlalchemy import Engine


class Pulse:
    """One connection of its own that never writes: SQLite counts what others commit, in any process (`data_version`);
    PostgreSQL names the transactions that ended (`pg_current_snapshot`). Some microseconds, or one round trip."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._connection: Any = None
        self._opened = 0
        sqlite = engine.dialect.name == "sqlite"
        self.instant = sqlite  # need not leave the event loop
        self._question = "PRAGMA data_version" if sqlite else "SELECT pg_current_snapshot()::text"

    def beat(self) -> str | None:
        """None: nobody knows, so nothing that was kept may be used."""
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._engine.raw_connection()
                    self._connection.detach()
                    self._opened += 1
                cursor = self._connection.cursor()
                row = cursor.execute(self._question).fetchone()
                cursor.close()
                if not self.instant:
                    self._connection.commit()
            except Exception:  # whatever the driver says: the page is made, and says it, too
                self._connection = None
                return None
            return f"{self._opened}:{row[0]}"

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
