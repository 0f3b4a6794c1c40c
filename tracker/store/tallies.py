"""Flagged bills to counts by legislature, session, stage and topic, and to the rows that overviews show."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from threading import Lock

from sqlalchemy import Engine, distinct, func, or_, select

from tracker.model import Topic
from tracker.stage import OPEN_STAGES
from tracker.store import log
from tracker.store import schema as t
from tracker.store.catalogue import MOST_IDS, BillRow, read_bill_row
from tracker.store.engine import reading

b, bt, v = t.bill.c, t.bill_topic.c, t.version.c


@dataclass(frozen=True, slots=True)
class Tally:
    """`topic`: None counts each bill with any topic once; a bill of two topics counts for both."""

    jurisdiction: str
    session: str
    stage: str
    topic: Topic | None
    bills: int


class Tallies:
    """`engine` is a store's. Counts are kept until the log grows: whatever changes a bill writes an event."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: tuple[int, tuple[Tally, ...]] = (-1, ())
        self._lock = Lock()

    def all(self) -> tuple[Tally, ...]:
        """In order; costs two passes over the flagged bills each time something changed, and nothing between."""
        with self._lock, reading(self._engine) as connection:
            seq = log.last_seq(connection)
            if seq != self._kept[0]:
                by = (b.jurisdiction, b.session, b.stage)
                once = select(*by, func.count().label("bills")).where(t.FLAGGED).group_by(*by).order_by(*by)
                each = (select(*by, bt.topic, func.count(distinct(bt.bill_id)).label("bills"))
                        .join_from(t.bill_topic, t.bill, b.id == bt.bill_id)
                        .group_by(*by, bt.topic).order_by(*by, bt.topic))
                found = [Tally(r.jurisdiction, r.session, r.stage, None, r.bills) for r in connection.execute(once)]
                found += [Tally(r.jurisdiction, r.session, r.stage, Topic(r.topic), r.bills)
                          for r in connection.execute(each)]
                self._kept = seq, tuple(found)
            return self._kept[1]

    def alive(self, jurisdiction: str, since: date, limit: int) -> tuple[BillRow, ...]:
        """Flagged, no end in the record, and a step since then (or no date at all); newest movement first."""
        with reading(self._engine) as connection:
            return tuple(read_bill_row(row) for row in connection.execute(
                select(*(b[name] for name in BillRow.__slots__))
                .where(b.jurisdiction == jurisdiction, t.FLAGGED, b.stage.in_(OPEN_STAGES),
                       or_(b.latest_action_on >= since, b.latest_action_on.is_(None)))
                .order_by(b.last_seq.desc(), b.id.desc()).limit(limit)))

    def rows(self, bill_ids: Collection[str]) -> dict[str, BillRow]:
        """Those that we hold, by id."""
        wanted, found = sorted(set(bill_ids)), dict[str, BillRow]()
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
                                     .where(v.jurisdiction == jurisdiction, t.MISSING)) or 0
