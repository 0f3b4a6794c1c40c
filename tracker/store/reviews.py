"""The desk's questions to rows: which flags wait for a person, which is meant, what was decided."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, Select, and_, case, func, select, union

from tracker.desk.review import OVER
from tracker.model import Decision, Flag, ReviewVerdict, TextStatus, Topic
from tracker.store import schema as t
from tracker.store.columns import from_json
from tracker.store.engine import reading
from tracker.store.rows import AnyRow, read_decisions

STATES = ("open", "confirmed", "corrected", "rejected", "all")
_VERDICTS = {"confirmed": ReviewVerdict.CONFIRM, "corrected": ReviewVerdict.CORRECT, "rejected": ReviewVerdict.REJECT}
_KEY = re.compile(r"[0-9a-f]{6,32}")

f, v, b, d = t.flag.c, t.version.c, t.bill.c, t.decision.c


@dataclass(frozen=True, slots=True)
class QueueQuery:
    jurisdiction: str | None = None
    topic: Topic | None = None  # as it is shown now
    state: str = "open"  # one of STATES
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A flag of the newest text of its bill."""

    key: str
    bill_id: str
    jurisdiction: str
    identifier: str
    title: str | None
    stage: str
    version: str
    doubt: float
    flag: Flag


@dataclass(frozen=True, slots=True)
class QueuePage:
    rows: tuple[QueueRow, ...]
    total: int  # of all pages


class Reviews:
    """`engine` is a store's."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def queue(self, query: QueueQuery) -> QueuePage:
        """Bills that can still be acted on first, then the greatest doubt, then what moved last.

        Words that stand twice in a text are asked once.
        """
        found = _flags(query)
        with reading(self._engine) as connection:
            total = connection.scalar(select(func.count()).select_from(found.subquery())) or 0
            rows = connection.execute(found.order_by(
                case((b.stage.in_(OVER), 1), else_=0), f.doubt.desc(), b.moved.desc(), f.bill_id, f.position)
                .limit(query.limit).offset(query.offset)).all()
        return QueuePage(tuple(_row(row) for row in rows), total)

    def find(self, key: str) -> tuple[str, str] | None:
        """(bill id, whole key) of the only flag or decision whose key begins so. None: there is none, or several."""
        if not _KEY.fullmatch(key):
            return None
        both = union(select(f.bill_id, f.key).where(f.key.startswith(key)),
                     select(d.bill_id, d.key).where(d.key.startswith(key))).limit(2)
        with reading(self._engine) as connection:
            rows = connection.execute(both).all()
        return (rows[0].bill_id, rows[0].key) if len(rows) == 1 else None

    def flag(self, key: str) -> QueueRow | None:
        """As the newest text that has it."""
        with reading(self._engine) as connection:
            row = connection.execute(_joined().where(f.key == key, v.position.is_not(None))
                                     .order_by(v.position.desc(), f.position).limit(1)).first()
        return _row(row) if row else None

    def decisions(self, key: str) -> tuple[Decision, ...]:
        """Oldest first."""
        with reading(self._engine) as connection:
            return read_decisions(connection, d.key == key)

    def by_bill(self, jurisdiction: str | None = None) -> Iterator[tuple[str, tuple[Decision, ...]]]:
        """All decisions ever, bill by bill. Streams."""
        last = ""
        while True:
            with reading(self._engine) as connection:
                where = [d.bill_id > last, *([d.bill_id.startswith(f"{jurisdiction}/", autoescape=True)]
                                             if jurisdiction else [])]
                bill_id = connection.scalar(select(func.min(d.bill_id)).where(*where))
                if bill_id is None:
                    return
                found = read_decisions(connection, d.bill_id == bill_id)
            yield bill_id, found
            last = bill_id


def _joined() -> Select[tuple[object, ...]]:
    return select(f.key, f.bill_id, b.jurisdiction, b.identifier, b.title, b.stage, f.version, f.doubt, f.data).join(
        t.version, and_(v.bill_id == f.bill_id, v.code == f.version)).join(t.bill, b.id == f.bill_id)


def _flags(query: QueueQuery) -> Select[tuple[object, ...]]:
    newest, twin = t.version.alias(), t.flag.alias()
    position = select(func.max(newest.c.position)).where(
        newest.c.bill_id == f.bill_id, newest.c.status == TextStatus.AVAILABLE.value).scalar_subquery()
    first = select(func.min(twin.c.position)).where(
        twin.c.bill_id == f.bill_id, twin.c.version == f.version, twin.c.key == f.key).scalar_subquery()
    return _joined().where(v.position == position, f.position == first, *_wanted(query))


def _wanted(query: QueueQuery) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if query.state == "open":
        where.append(f.verdict.is_(None))
    elif query.state in _VERDICTS:
        where.append(f.verdict == _VERDICTS[query.state].value)
    if query.jurisdiction:
        where.append(b.jurisdiction == query.jurisdiction)
    if query.topic:
        where.append(f.topic == query.topic.value)
    return where


def _row(row: AnyRow) -> QueueRow:
    return QueueRow(row.key, row.bill_id, row.jurisdiction, row.identifier, row.title, row.stage, row.version,
                    row.doubt, from_json(row.data, Flag))
