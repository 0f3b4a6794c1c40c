"""Questions to the log into SELECTs whose cost follows the answer, not the length of the log."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, TextClause, bindparam, func, select, union_all

from tracker.model import Event, Filter
from tracker.ports import EventQuery
from tracker.store import schema as t
from tracker.store.rows import read_event

MAX_BRANCHES = 100  # SQLite takes 500 in one UNION
HIGHEST = 2**62  # a number from an address line may be any; databases hold 64 bits

e, et = t.event.c, t.event_topic.c
Condition = ColumnElement[bool] | TextClause
# The history of one bill, asked for each page: put together once.
_OF_BILL = select(t.event).where(e.bill_id == bindparam("bill"), e.seq > bindparam("after")).order_by(e.seq).limit(
    bindparam("most"))


def last_seq(connection: Connection) -> int:
    return connection.scalar(select(func.max(e.seq))) or 0


def ascending(connection: Connection, after: int, limit: int, query: EventQuery) -> list[Event]:
    after = max(0, min(after, HIGHEST))
    if len(query.filter.bills) == 1 and query == EventQuery(Filter(bills=query.filter.bills)):
        rows = connection.execute(_OF_BILL, {"bill": query.filter.bills[0], "after": after, "most": limit})
        return [read_event(row) for row in rows]
    return _read(connection, _seqs(query, e.seq > after, et.seq > after, limit, down=False), limit, down=False)


def descending(connection: Connection, before: int | None, limit: int, query: EventQuery) -> list[Event]:
    end = max(0, min(before, HIGHEST)) if before is not None else HIGHEST
    return _read(connection, _seqs(query, e.seq < end, et.seq < end, limit, down=True), limit, down=True)


def _read(connection: Connection, branches: list[Select[Any]], limit: int, *, down: bool) -> list[Event]:
    """Each branch walks one index and stops after `limit`; so at most branches × limit numbers are merged."""
    numbers = union_all(*(select(b.subquery()) for b in branches)).subquery() if len(branches) > 1 else (
        branches[0].subquery())
    found = select(t.event).where(e.seq.in_(select(numbers.c.seq)))
    order = e.seq.desc() if down else e.seq.asc()
    return [read_event(row) for row in connection.execute(found.order_by(order).limit(limit))]


def _seqs(query: EventQuery, in_event: Condition, in_topic: Condition, limit: int, *, down: bool) -> list[Select[Any]]:
    wanted = query.filter
    common: list[Condition] = [*([t.LIVE] if query.alerting else []), *([t.HEARINGS] if query.hearings else [])]
    if wanted.topics:
        return [_limited(b, et.seq, limit, down) for b in _by_topic(query, in_topic, common)]
    common += [in_event, *([t.FLAGGED] if query.flagged else [])]
    if wanted.bills:
        where = [e.bill_id.in_(wanted.bills)]
        if wanted.jurisdictions:
            where.append(e.jurisdiction.in_(wanted.jurisdictions))
        return [_limited(select(e.seq).where(*where, *common), e.seq, limit, down)]
    if 0 < len(wanted.jurisdictions) <= MAX_BRANCHES:
        return [_limited(select(e.seq).where(e.jurisdiction == name, *common), e.seq, limit, down)
                for name in dict.fromkeys(wanted.jurisdictions)]
    where = [e.jurisdiction.in_(wanted.jurisdictions)] if wanted.jurisdictions else []
    return [_limited(select(e.seq).where(*where, *common), e.seq, limit, down)]


def _by_topic(query: EventQuery, in_topic: Condition, common: list[Condition]) -> Iterator[Select[Any]]:
    wanted = query.filter
    topics = [topic.value for topic in dict.fromkeys(wanted.topics)]
    joined = bool(wanted.bills or common)
    base = select(et.seq).where(in_topic)
    if joined:
        base = base.join_from(t.event_topic, t.event, e.seq == et.seq).where(*common)
    if wanted.bills:
        base = base.where(e.bill_id.in_(wanted.bills))
    places = list(dict.fromkeys(wanted.jurisdictions))
    if len(topics) * len(places) > MAX_BRANCHES or not places:
        if places:
            base = base.where(et.jurisdiction.in_(places))
        for topic in topics:
            yield base.where(et.topic == topic)
        return
    for topic, place in product(topics, places):
        yield base.where(et.topic == topic, et.jurisdiction == place)


def _limited(statement: Select[Any], seq: ColumnElement[int], limit: int, down: bool) -> Select[Any]:
    return statement.order_by(seq.desc() if down else seq.asc()).limit(limit)
