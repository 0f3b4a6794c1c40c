"""A moment to the counts, flags and hearings of all bills as they were then."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from operator import ge, gt
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Engine, Select, func, select, tuple_, union_all

from tracker.desk.review import shown
from tracker.model import Event, Flag, Topic
from tracker.store import schema as t
from tracker.store.columns import from_json
from tracker.store.engine import reading
from tracker.store.findings import LISTED, Findings, FlagQuery, FoundFlag
from tracker.store.keeping import read_kept
from tracker.store.past import seq_at
from tracker.store.past_tables import (
    bill_at,
    held_at,
    newer,
    newer_topics,
    replaced,
    replaced_numbers,
    replaced_topics,
    standing,
    standing_topics,
    stands_since,
    topics_at,
)
from tracker.store.tallies import Standing, Tallies

b, f, pb, v = t.bill.c, t.flag.c, t.past_bill.c, t.version.c
BILLS_A_STEP = 200


class _Status(msgspec.Struct):
    status: str


class _Texts(msgspec.Struct):
    """What is needed of a KeptBill to count: the rest is not read."""

    texts: list[_Status]


class PastTallies(Tallies):
    """Kept for no longer than a page is made: each is of a moment of its own."""

    def __init__(self, engine: Engine, at: datetime) -> None:
        super().__init__(engine, bill_at(at), topics_at(at))
        self._at = at
        self._today = Tallies(engine)
        self._standing = Tallies(engine, standing(at), standing_topics(at))
        self._newer = Tallies(engine, newer(at), newer_topics(at))
        self._replaced = Tallies(engine, replaced(at), replaced_topics(at))

    def _counted(self, connection: Connection) -> Counter[tuple[Standing, Topic | None]]:
        return (self._today._counted(connection) - self._newer._counted(connection)
                + self._replaced._counted(connection))

    def _alive(self, jurisdiction: str, since: date, limit: int) -> Select[Any]:
        halves = [half._alive(jurisdiction, since, limit).subquery() for half in (self._standing, self._replaced)]
        both = union_all(*(select(half) for half in halves)).subquery()
        return select(both).order_by(both.c.moved.desc(), both.c.id.desc()).limit(limit)

    def missing_texts(self, jurisdiction: str) -> int:
        still = (select(func.count()).select_from(t.version).join(t.bill, b.id == v.bill_id)
                 .where(v.jurisdiction == jurisdiction, t.MISSING, v.position.is_not(None), stands_since(self._at)))
        of = replaced(self._at).c
        kept = select(pb.data).where(tuple_(pb.bill_id, pb.revision).in_(
            select(of.id, of.revision).where(of.jurisdiction == jurisdiction)))
        with reading(self._engine) as connection:
            found = connection.scalar(still) or 0
            for data in connection.execution_options(yield_per=500).scalars(kept):
                found += sum(x.status != "available" for x in
                             msgspec.json.decode(zlib.decompress(data), type=_Texts).texts)
        return found


class PastFindings(Findings):
    def __init__(self, engine: Engine, at: datetime) -> None:
        super().__init__(engine)
        self._at = at

    def flags(self, query: FlagQuery) -> list[FoundFlag]:
        """As of today's. Rows of the past have no index by topic: a rare one is looked for in all of them."""
        found: list[FoundFlag] = []
        with reading(self._engine) as connection:
            for bills in self._bills(connection, query):
                found += (x for x in self._of(connection, bills) if _fits(x, query))
                if len(found) > query.limit:
                    break
        return found[:query.limit + 1]

    def _bills(self, connection: Connection, query: FlagQuery) -> Iterator[list[str]]:
        """Those that may have such flags, in the order of their ids, so many at a time."""
        page = self._some(connection, query, ge, query.after[0] if query.after else "")
        while page:
            yield page
            page = self._some(connection, query, gt, page[-1])

    def _some(self, connection: Connection, query: FlagQuery, follows: Callable[[Any, str], ColumnElement[bool]],
              after: str) -> list[str]:
        now = select(f.bill_id).join(t.bill, b.id == f.bill_id).where(t.SHOWN, stands_since(self._at)).distinct()
        held = replaced_numbers(self._at).c
        then = select(held.id.label("bill_id")).where(held.flags > 0)
        for column, value in ((f.topic, query.topic), (f.effect, query.effect)):
            if value is not None:
                now = now.where(column == value.value)
        halves = []
        for half, which in ((now, f.bill_id), (then, held.id)):
            half = half.where(follows(which, after))
            if query.bill is not None:
                half = half.where(which == query.bill)
            if query.jurisdiction is not None:
                half = half.where(which > f"{query.jurisdiction}/", which < f"{query.jurisdiction}0")
            halves.append(select(half.order_by(which).limit(BILLS_A_STEP).subquery()))
        every = union_all(*halves).subquery()
        return list(connection.scalars(select(every).order_by(every.c.bill_id).limit(BILLS_A_STEP)))

    def _of(self, connection: Connection, bills: list[str]) -> Iterator[FoundFlag]:
        """By bill in the order given, version and place."""
        found: dict[str, list[FoundFlag]] = {bill: [] for bill in bills}
        for row in connection.execute(select(f.bill_id, f.version, f.position, f.data).join(
                t.bill, b.id == f.bill_id).where(f.bill_id.in_(bills), t.SHOWN, LISTED,
                                                 stands_since(self._at))):
            found[row.bill_id].append(FoundFlag(row.bill_id, row.version, row.position, from_json(row.data, Flag)))
        for then in connection.execute(select(pb.bill_id, pb.data).where(
                pb.bill_id.in_(bills), held_at(pb, self._at)).order_by(pb.bill_id, pb.revision)):
            found[then.bill_id] = [FoundFlag(then.bill_id, text.code, n, flag) for text in read_kept(then.data).texts
                                   for n, flag in enumerate(text.flags) if flag in shown(text.flags)]
        for bill in bills:
            yield from sorted(found[bill], key=lambda x: (x.version, x.position))

    def hearings(self, begin: date, end: date, jurisdiction: str | None = None,
                 bill: str | None = None) -> list[Event]:
        with reading(self._engine) as connection:
            last = seq_at(connection, self._at)
        return self._hearings(begin, end, jurisdiction, bill, last)


def _fits(found: FoundFlag, query: FlagQuery) -> bool:
    return (query.topic in (None, found.flag.topic) and query.effect in (None, found.flag.effect)
            and (query.after is None or found.bill_id != query.after[0]
                 or (found.version, found.position) > query.after[1:]))
