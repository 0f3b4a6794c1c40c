"""Saved searches in the database: found by the hash of their token, their filters sealed."""

from __future__ import annotations

from sqlalchemy import Engine, delete, func, select

from tracker.model import SavedSearch
from tracker.ports import Sealer
from tracker.store import schema as t
from tracker.store.engine import reading, writing
from tracker.store.rows import read_filter, sealed_filter

c = t.saved_search.c


class SavedSearches:
    """`engine` is a store's. Nothing is noted of who asks, or when."""

    def __init__(self, engine: Engine, keys: Sealer) -> None:
        self._engine, self._keys = engine, keys

    def add(self, saved: SavedSearch) -> None:
        with writing(self._engine) as connection:
            connection.execute(t.saved_search.insert(), {
                "id": saved.id, "token": saved.token, "filter": sealed_filter(saved.filter, saved.id, self._keys),
                "created_on": saved.created_on})

    def by_token(self, token: bytes) -> SavedSearch | None:
        """Raises DeliveryError if the key file does not open its filter."""
        with reading(self._engine) as connection:
            row = connection.execute(select(t.saved_search).where(c.token == token)).first()
        return SavedSearch(row.id, row.token, read_filter(row.filter, row.id, self._keys),
                           row.created_on) if row else None

    def delete(self, token: bytes) -> bool:
        """For good. False: there was none."""
        with writing(self._engine) as connection:
            return connection.execute(delete(t.saved_search).where(c.token == token)).rowcount > 0

    def count(self) -> int:
        with reading(self._engine) as connection:
            return connection.scalar(select(func.count()).select_from(t.saved_search)) or 0
