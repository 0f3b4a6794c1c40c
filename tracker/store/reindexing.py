"""Stored bills to the search index, chunk by chunk: what is not in it yet, or all. It may be killed at any time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from tracker.store import schema as t
from tracker.store.engine import reading
from tracker.store.indexing import count_stale, stale_bills
from tracker.store.store import SqlStore

CHUNK = 100  # bills a transaction: no crawl waits long


@dataclass(slots=True)
class Done:
    """What one run did so far, of `total` bills."""

    total: int = 0
    bills: int = 0


def reindex(store: SqlStore, *, everything: bool = False, chunk: int = CHUNK,
            watch: Callable[[Done], None] | None = None,
            stop: Callable[[], bool] = lambda: False) -> Done:  # fmt: skip
    """Until nothing is left or `stop()`. `everything`: also bills that the index knows as they are."""
    with reading(store.engine) as connection:
        stale, every = count_stale(connection)
    done = Done(every if everything else stale)
    after = ""
    while not stop():
        with reading(store.engine) as connection:
            if everything:
                ids = list(connection.scalars(select(t.bill.c.id).where(t.bill.c.id > after).order_by(t.bill.c.id)
                                              .limit(chunk)))
            else:
                ids = stale_bills(connection, after, chunk)
        if not ids:
            break
        with store.write() as writer:
            writer.index(ids, anew=everything)
        after = ids[-1]
        done.bills += len(ids)
        if watch is not None:
            watch(done)
    return done
