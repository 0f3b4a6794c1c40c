"""Questions about flags and hearings of all bills to pages of them, in an order that a cursor can hold on to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Engine, TextClause, select, text, tuple_

from tracker.model import Effect, Event, Flag, Topic
from tracker.store import log
from tracker.store import schema as t
from tracker.store.columns import from_json
from tracker.store.engine import reading
from tracker.store.rows import read_event

b, e, f, v = t.bill.c, t.event.c, t.flag.c, t.version.c
HEARINGS = text("kind IN ('hearing-cancelled', 'hearing-changed', 'hearing-scheduled')")
LISTED = select(v.code).where(v.bill_id == f.bill_id, v.code == f.version, v.position.is_not(None)).exists()
Condition = ColumnElement[bool] | TextClause


@dataclass(frozen=True, slots=True)
class FlagQuery:
    """All that is given must hold. `after` is (bill, version, position) of the last flag of the page before."""

    jurisdiction: str | None = None
    bill: str | None = None
    topic: Topic | None = None
    effect: Effect | None = None
    limit: int = 100
    after: tuple[str, str, int] | None = None


@dataclass(frozen=True, slots=True)
class FoundFlag:
    bill_id: str
    version: str
    position: int
    flag: Flag


class Findings:
    """`engine` is a store's."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def flags(self, query: FlagQuery) -> list[FoundFlag]:
        """By bill, version and place; one more than `limit` if more follow. Without what a person rejected."""
        where: list[Condition] = [t.SHOWN, LISTED]
        if query.bill is not None:
            where.append(f.bill_id == query.bill)
        if query.jurisdiction is not None:
            # "us/" to "us0": ids begin with their legislature, and "0" is what follows "/".
            where += [f.bill_id > f"{query.jurisdiction}/", f.bill_id < f"{query.jurisdiction}0"]
        if query.topic is not None:
            where.append(f.topic == query.topic.value)
        if query.effect is not None:
            where.append(f.effect == query.effect.value)
        if query.after is not None:
            where.append(tuple_(f.bill_id, f.version, f.position) > tuple_(*query.after))
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(f.bill_id, f.version, f.position, f.data).where(*where)
                .order_by(f.bill_id, f.version, f.position).limit(query.limit + 1)).all()
        return [FoundFlag(row.bill_id, row.version, row.position, from_json(row.data, Flag)) for row in rows]

    def hearings(self, begin: date, end: date, jurisdiction: str | None = None,
                 bill: str | None = None) -> list[Event]:
        """What was said last of each hearing that is then: by day, bill and key. Cancelled ones are among them."""
        return self._hearings(begin, end, jurisdiction, bill, log.HIGHEST)

    def _hearings(self, begin: date, end: date, jurisdiction: str | None, bill: str | None, last: int) -> list[Event]:
        """`last`: the newest event that counts."""
        near: list[Condition] = [HEARINGS, e.occurred_on >= begin, e.occurred_on <= end, e.seq <= last]
        if jurisdiction is not None:
            near.append(e.jurisdiction == jurisdiction)
        if bill is not None:
            near.append(e.bill_id == bill)
        with reading(self._engine) as connection:
            # A hearing that was moved out of the span has its newest event outside it: so all of those bills.
            rows = connection.execute(
                select(t.event).where(HEARINGS, e.seq <= last, e.bill_id.in_(select(e.bill_id).where(*near)))
                .order_by(e.seq.desc()))
            newest: dict[tuple[str, str], Event] = {}
            for row in rows:
                event = read_event(row)
                newest.setdefault((event.bill_id, str(event.data.get("key"))), event)
        held = [(event.occurred_on, *which, event) for which, event in newest.items()
                if event.occurred_on is not None and begin <= event.occurred_on <= end]
        return [found[-1] for found in sorted(held, key=lambda h: h[:3])]
