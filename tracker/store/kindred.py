"""A bill to those that name it, and to those whose flagged sections have the same words; today, or at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine, Select, bindparam, case, func, or_, select, union_all

from tracker.stage import STAGES
from tracker.store import schema as t
from tracker.store.catalogue import BillRow, read_bill_row
from tracker.store.columns import from_json
from tracker.store.engine import reading
from tracker.store.past_tables import bill_at, held_at, moment

MOST_NAMING = 50
MOST_ALIKE = 20
# Those that have come furthest first, those that ended without effect last: "who else passed it?"
_ENDED = ("vetoed", "failed", "died", "withdrawn")
_ORDER = {name: len(STAGES) if name in _ENDED else -n for n, (name, _) in enumerate(STAGES)}
T = TypeVar("T")
b, f, pb, ps, r = t.bill.c, t.flag.c, t.past_bill.c, t.past_section.c, t.related_bill.c


@dataclass(frozen=True, slots=True)
class Naming:
    """A bill whose record names another, and how it says that they are related."""

    row: BillRow
    relations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """`total`: of all, though not all are in `those`."""

    those: tuple[T, ...] = ()
    total: int = 0


class Kindred:
    """`engine` is a store's. `at`: as it was known then; None: as it is known now."""

    def __init__(self, engine: Engine, at: datetime | None = None) -> None:
        self._engine, self._at = engine, at

    @cached_property
    def _these(self) -> Select[Any]:
        """Asked twice for each page of a bill, so put together once."""
        k = (t.bill if self._at is None else bill_at(self._at)).c
        return (select(*(k[name] for name in BillRow.__slots__), func.count().over().label("total"))
                .where(k.id.in_(bindparam("ids", expanding=True)))
                .order_by(case(_ORDER, value=k.stage, else_=0), k.moved.desc(), k.id.desc())
                .limit(bindparam("most")))

    def naming(self, bill_id: str, limit: int = MOST_NAMING) -> Found[Naming]:
        """The bills that have come furthest first, as of `alike`."""
        held = r.until.is_(None) if self._at is None else (
            (r.since <= moment(self._at)) & or_(r.until.is_(None), r.until > moment(self._at)))
        with reading(self._engine) as connection:
            said = {row.bill_id: row.relations for row in connection.execute(
                select(r.bill_id, r.relations).where(r.other == bill_id, held))}
            found = self._rows(connection, [*said], limit)
        return Found(tuple(Naming(row, from_json(said[row.id], tuple[str, ...])) for row in found.those), found.total)

    def alike(self, bill_id: str, limit: int = MOST_ALIKE) -> Found[BillRow]:
        """Other bills, anywhere, one of whose texts has a flagged section with the words of one of this bill's."""
        with reading(self._engine) as connection:
            keys = self._sections(connection, bill_id)
            return self._rows(connection, self._holders(connection, keys, bill_id) if keys else [], limit)

    def _rows(self, connection: Connection, ids: list[str], limit: int) -> Found[BillRow]:
        if not ids:
            return Found()
        rows = connection.execute(self._these, {"ids": ids, "most": limit}).all()
        return Found(tuple(read_bill_row(row) for row in rows), rows[0].total if rows else 0)

    def _sections(self, connection: Connection, bill_id: str) -> list[str]:
        mine = select(f.section).where(f.bill_id == bill_id, f.section.is_not(None), t.SHOWN)
        if self._at is None:
            return list(connection.scalars(mine.distinct()))
        now = mine.join(t.bill, b.id == f.bill_id).where(b.recorded_at <= moment(self._at))
        then = select(ps.section).join(t.past_bill, (pb.bill_id == ps.bill_id) & (pb.revision == ps.revision)).where(
            ps.bill_id == bill_id, held_at(pb, self._at))
        return [*dict.fromkeys(connection.scalars(union_all(now, then)))]

    def _holders(self, connection: Connection, keys: list[str], but: str) -> list[str]:
        today = select(f.bill_id).where(f.section.in_(keys), f.bill_id != but, t.SHOWN)
        if self._at is None:
            return list(connection.scalars(today.distinct()))
        now = today.join(t.bill, b.id == f.bill_id).where(b.recorded_at <= moment(self._at))
        then = select(ps.bill_id).join(t.past_bill, (pb.bill_id == ps.bill_id) & (pb.revision == ps.revision)).where(
            ps.section.in_(keys), ps.bill_id != but, held_at(pb, self._at))
        return [*dict.fromkeys(connection.scalars(union_all(now, then)))]
