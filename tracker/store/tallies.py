"""Flagged bills to counts by legislature, session, stage and topic, and to the rows that overviews show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, FromClause, Select, distinct, func, or_, select

from tracker.model import Topic
from tracker.stage import OPEN_STAGES
from tracker.store import log
from tracker.store import schema as t
from tracker.store.catalogue import MOST_IDS, BillRow, read_bill_row
from tracker.store.engine import reading

v = t.version.c
Standing = tuple[str, str, str]  # jurisdiction, session, stage


@dataclass(frozen=True, slots=True)
class Tally:
    """`topic`: None counts each bill with any topic once; a bill of two topics counts for both."""

    jurisdiction: str
    session: str
    stage: str
    topic: Topic | None
    bills: int


class Tallies:
    """`engine` is a store's. Counts are kept until the log grows: whatever changes a bill writes an event.

    `bill` and `topics` are its tables, or what stood in them once (tracker.store.past)."""

    def __init__(self, engine: Engine, bill: FromClause = t.bill, topics: FromClause = t.bill_topic) -> None:
        self._engine, self._bill, self._topics = engine, bill, topics
        self._kept: tuple[int, tuple[Tally, ...]] = (-1, ())
        self._lock = Lock()

    def all(self) -> tuple[Tally, ...]:
        """In order; costs two passes over the flagged bills each time something changed, and nothing between."""
        # The connection first: who waits for one must not hold what those wait for who have one (tracker.store.engine).
        with reading(self._engine) as connection, self._lock:
            seq = log.last_seq(connection)
            if seq != self._kept[0]:
                self._kept = seq, self._count(connection)
            return self._kept[1]

    def _count(self, connection: Connection) -> tuple[Tally, ...]:
        counted = self._counted(connection)
        return tuple(Tally(*where, topic, counted[where, topic]) for where, topic in sorted(
            counted, key=lambda key: (key[1] is not None, *key[0], key[1] or "")))

    def _counted(self, connection: Connection) -> Counter[tuple[Standing, Topic | None]]:
        b, bt = self._bill.c, self._topics.c
        by = (b.jurisdiction, b.session, b.stage)
        once = select(*by, func.count().label("bills")).where(t.FLAGGED).group_by(*by)
        each = (select(*by, bt.topic, func.count(distinct(bt.bill_id)).label("bills"))
                .join_from(self._topics, self._bill, b.id == bt.bill_id).group_by(*by, bt.topic))
        found: Counter[tuple[Standing, Topic | None]] = Counter()
        for r in connection.execute(once):
            found[(r.jurisdiction, r.session, r.stage), None] = r.bills
        for r in connection.execute(each):
            found[(r.jurisdiction, r.session, r.stage), Topic(r.topic)] = r.bills
        return found

    def alive(self, jurisdiction: str, since: date, limit: int) -> tuple[BillRow, ...]:
        """Flagged, no end in the record, and a step since then (or no date at all); newest movement first."""
        with reading(self._engine) as connection:
            return tuple(read_bill_row(row) for row in connection.execute(self._alive(jurisdiction, since, limit)))

    def _alive(self, jurisdiction: str, since: date, limit: int) -> Select[Any]:
        b = self._bill.c
        return (select(*(b[name] for name in BillRow.__slots__))
                .where(b.jurisdiction == jurisdiction, t.FLAGGED, b.stage.in_(OPEN_STAGES),
                       or_(b.latest_action_on >= since, b.latest_action_on.is_(None)))
                .order_by(b.moved.desc(), b.id.desc()).limit(limit))

    def rows(self, bill_ids: Collection[str]) -> dict[str, BillRow]:
        """Those that we hold, by id."""
        b, wanted, found = self._bill.c, sorted(set(bill_ids)), dict[str, BillRow]()
        with reading(self._engine) as connection:
            for start in range(0, len(wanted), MOST_IDS):
                for row in connection.execute(select(*(b[name] for name in BillRow.__slots__))
                                              .where(b.id.in_(wanted[start:start + MOST_IDS]))):
                    found[row.id] = read_bill_row(row)
        return found

    def missing_texts(self, jurisdiction: str) -> int:
        """Texts of this legislature that we know of and could not have or not read."""
        with reading(self._engine) as connection:
            return connection.scalar(select(func.count()).select_from(t.version)
                                     .where(v.jurisdiction == jurisdiction, t.MISSING,
                                            v.position.is_not(None))) or 0
