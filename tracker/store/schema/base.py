"""What the tables share: names of constraints, and the conditions of partial indexes."""

from __future__ import annotations

from sqlalchemy import Index, MetaData, text

metadata = MetaData(naming_convention={
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
})

# Conditions of partial indexes. Queries must use these very words, never bound values: a planner takes a partial index
# only if it can see that the condition holds.
FLAGGED = text("topics <> '[]'")
LIVE = text("mode = 'live'")
HEARINGS = text("kind IN ('hearing-cancelled', 'hearing-changed', 'hearing-scheduled')")
OPEN = text("status = 'queued'")
MISSING = text("status <> 'available'")
UNDECIDED = text("verdict IS NULL")
SHOWN = text("(verdict IS NULL OR verdict <> 'reject')")


def partial(name: str, *columns: str, where: object, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)
