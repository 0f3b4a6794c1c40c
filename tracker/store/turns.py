"""One of a kind at a time on all machines that share a PostgreSQL: advisory locks that fall with their session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, NullPool, create_engine, text

from tracker.locks import Busy
from tracker.store.engine import translated

TURNS = 0x62_77_04  # pg_try_advisory_lock, with a hash of the turn's name; "bw", 4


@contextmanager
def turn(engine: Engine, name: str, message: str) -> Iterator[None]:
    """Raises Busy with `message` if another session holds the turn. On SQLite, which is on one machine, nothing.

    A turn has a connection of its own, outside the pool: a crawl may hold it for hours. If that connection breaks, the
    turn falls and the work goes on to its next step; what is written is then kept apart by the rows themselves.
    """
    if engine.dialect.name != "postgresql":
        yield
        return
    alone = create_engine(engine.url, poolclass=NullPool, hide_parameters=True, isolation_level="AUTOCOMMIT",
                          connect_args={"keepalives_idle": 30})
    with translated():
        connection = alone.connect()
    with connection:
        with translated():
            free = connection.scalar(text("SELECT pg_try_advisory_lock(:kind, hashtext(:name))"),
                                     {"kind": TURNS, "name": name})
        if not free:
            raise Busy(message)
        yield
