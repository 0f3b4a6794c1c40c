"""Filters to lists of bills, counts and provenance: the read side that pages stand on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    Select,
    TextClause,
    and_,
    bindparam,
    distinct,
    func,
    or_,
    select,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from tracker.model import Effect, Page, Topic
from tracker.store import schema as t
from tracker.store.columns import plain
from tracker.store.engine import reading
from tracker.store.movement import read_cursor
from tracker.store.rows import AnyRow, read_page, topics

Condition = ColumnElement[bool] | TextClause
Leanings = dict[Topic, tuple[Effect, ...]]
PAST_PAGE = ("url", "sha256", "kept_at", "last_modified", "warc", "offset")
MOST_IDS = 400  # in one IN ()
PLACES = select(t.bill.c.jurisdiction, t.bill.c.session).distinct()
_PAGES = select(t.page).where(t.page.c.bill_id == bindparam("bill")).order_by(t.page.c.url)


@dataclass(frozen=True, slots=True)
class BillRow:
    """What a list shows of a bill."""

    id: str
    jurisdiction: str
    session: str
    identifier: str
    title: str | None
    stage: str
    topics: tuple[Topic, ...]
    introduced_on: date | None
    latest_action: str | None
    latest_action_on: date | None
    revision: int
    last_seq: int  # its newest event
    moved: int  # its place in lists: tracker.store.movement


@dataclass(frozen=True, slots=True)
class BillQuery:
    """All that is given must hold. Each of `words` must be in title or identifier, as a part of a word too."""

    jurisdiction: str | None = None
    session: str | None = None
    topic: Topic | None = None
    effect: Effect | None = None  # of a flag in the newest text; with `topic`, of a flag of that topic
    stage: str | None = None
    words: str = ""
    flagged: bool = False
    limit: int = 50
    cursor: str | None = None  # BillPage.next_cursor


@dataclass(frozen=True, slots=True)
class BillPage:
    rows: tuple[BillRow, ...]
    next_cursor: str | None  # None: the end
    total: int  # of all pages


@dataclass(frozen=True, slots=True)
class SessionCount:
    jurisdiction: str
    session: str
    bills: int
    flagged: int


class Catalogue:
    """`engine` is a store's. `bill` and `topics` are its tables, or what stood in them once (tracker.store.past)."""

    def __init__(self, engine: Engine, bill: FromClause = t.bill, topics: FromClause = t.bill_topic) -> None:
        self._engine, self._bill, self._topics = engine, bill, topics

    # Asked for nearly every page, so put together once.
    @cached_property
    def _these(self) -> Select[Any]:
        b = self._bill.c
        return select(*(b[name] for name in BillRow.__slots__)).where(b.id.in_(bindparam("ids", expanding=True)))

    @cached_property
    def _topics_of_these(self) -> Select[Any]:
        bt = self._topics.c
        return select(bt.bill_id, bt.topic, bt.effect).where(bt.bill_id.in_(bindparam("ids", expanding=True)))

    def bills(self, query: BillQuery) -> BillPage:
        """The bills that moved last come first. Raises ValueError for a cursor that is none of ours."""
        with reading(self._engine) as connection:
            total = self._total(connection, query)
            rows = connection.execute(self._listing(query)).all()
        shown = tuple(read_bill_row(row) for row in rows[:query.limit])
        more = len(rows) > query.limit and bool(shown)
        return BillPage(shown, f"{shown[-1].moved}~{shown[-1].id}" if more else None, total)

    def _total(self, connection: Connection, query: BillQuery) -> int:
        return connection.scalar(select(func.count()).select_from(self._bill).where(*self._conditions(query))) or 0

    def _listing(self, query: BillQuery) -> Select[Any]:
        """One more than the limit, if more follow."""
        b = self._bill.c
        after = [_after(b, query.cursor)] if query.cursor else []
        return (select(*(b[name] for name in BillRow.__slots__)).where(*self._conditions(query), *after)
                .order_by(b.moved.desc(), b.id.desc()).limit(query.limit + 1))

    def row(self, bill_id: str) -> BillRow | None:
        return self.rows([bill_id]).get(bill_id)

    def rows(self, bill_ids: Collection[str]) -> dict[str, BillRow]:
        """Those that are held."""
        with reading(self._engine) as connection:
            found = connection.execute(self._these, {"ids": list(bill_ids)}).all()
        return {row.id: read_bill_row(row) for row in found}

    def leanings(self, bill_ids: Collection[str]) -> dict[str, Leanings]:
        """What each bill would do as it stands: ``{"us/119/hr-1": {Topic.CRIMINALIZATION: (Effect.ADVANCES,)}}``."""
        wanted, found = sorted({*bill_ids}), dict[str, set[tuple[Topic, Effect]]]()
        with reading(self._engine) as connection:
            for start in range(0, len(wanted), MOST_IDS):
                for row in connection.execute(self._topics_of_these, {"ids": wanted[start:start + MOST_IDS]}):
                    found.setdefault(row.bill_id, set()).add((Topic(row.topic), Effect(row.effect)))
        return {bill: {t: tuple(e for e in Effect if (t, e) in pairs) for t in Topic if any(t == x for x, _ in pairs)}
                for bill, pairs in found.items()}

    def counts(self, jurisdiction: str | None = None) -> dict[tuple[Topic, Effect], int]:
        """Bills by topic and effect of the flags in their newest text; absent means none."""
        with reading(self._engine) as connection:
            found = self._count(connection, jurisdiction)
        return {pair: found[pair] for pair in sorted(found)}

    def _count(self, connection: Connection, jurisdiction: str | None) -> Counter[tuple[Topic, Effect]]:
        b, bt = self._bill.c, self._topics.c
        statement = select(bt.topic, bt.effect, func.count(distinct(bt.bill_id)).label("bills"))
        if jurisdiction is not None:
            statement = statement.join(self._bill, b.id == bt.bill_id).where(b.jurisdiction == jurisdiction)
        rows = connection.execute(statement.group_by(bt.topic, bt.effect)).all()
        return Counter({(Topic(row.topic), Effect(row.effect)): row.bills for row in rows})

    def jurisdictions(self) -> tuple[str, ...]:
        """Those that have bills, in order. One index look-up for each, not a scan of all bills."""
        found: list[str] = []
        with reading(self._engine) as connection:
            while (name := self._next_jurisdiction(connection, found[-1] if found else "")) is not None:
                found.append(name)
        return tuple(found)

    def places(self) -> tuple[tuple[str, str], ...]:
        """Jurisdictions with their sessions that have bills: out of an index, without a look at the bills."""
        with reading(self._engine) as connection:
            return tuple((row.jurisdiction, row.session) for row in connection.execute(PLACES))

    def sessions(self) -> tuple[SessionCount, ...]:
        """By jurisdiction, newest session last."""
        b = self._bill.c
        by = (b.jurisdiction, b.session)
        every = select(*by, func.count().label("bills")).group_by(*by).order_by(*by)
        with reading(self._engine) as connection:
            flagged = {(row.jurisdiction, row.session): row.bills
                       for row in connection.execute(every.where(t.FLAGGED))}
            return tuple(SessionCount(row.jurisdiction, row.session, row.bills,
                                      flagged.get((row.jurisdiction, row.session), 0))
                         for row in connection.execute(every))

    def page(self, url: str) -> Page | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(t.page).where(t.page.c.url == url)).first()
        return read_page(row) if row else None

    def bill_pages(self, bill_id: str) -> tuple[Page, ...]:
        """Every page that this bill's record and texts were read from."""
        with reading(self._engine) as connection:
            return tuple(read_page(row) for row in connection.execute(_PAGES, {"bill": bill_id}))

    def replaced_pages(self, bill_id: str) -> tuple[tuple[Page, datetime], ...]:
        """Bytes that pages of this bill had before, oldest first, and when we found others in their place."""
        pp = t.past_page.c
        with reading(self._engine) as connection:
            rows = connection.execute(select(*(pp[name] for name in PAST_PAGE), pp.replaced_at).where(
                pp.bill_id == bill_id).order_by(pp.replaced_at, pp.url)).all()
        return tuple((read_past_page(row), row.replaced_at) for row in rows)

    def _conditions(self, query: BillQuery) -> list[Condition]:
        b, bt = self._bill.c, self._topics.c
        where: list[Condition] = [column == value for column, value in (
            (b.jurisdiction, query.jurisdiction), (b.session, query.session), (b.stage, query.stage))
            if value is not None]
        if query.flagged:
            where.append(t.FLAGGED)
        if query.topic is not None or query.effect is not None:
            flags = select(bt.bill_id)
            if query.topic is not None:
                flags = flags.where(bt.topic == query.topic.value)
            if query.effect is not None:
                flags = flags.where(bt.effect == query.effect.value)
            where.append(b.id.in_(flags))
        where += [or_(b.title.icontains(word, autoescape=True), b.identifier.icontains(word, autoescape=True))
                  for word in plain(query.words).split()]
        return where

    def _next_jurisdiction(self, connection: Connection, after: str) -> str | None:
        b = self._bill.c
        name: str | None = connection.scalar(select(func.min(b.jurisdiction)).where(b.jurisdiction > after))
        return name


def _after(b: ReadOnlyColumnCollection[str, Any], cursor: str) -> ColumnElement[bool]:
    moved, bill_id = read_cursor(cursor)
    return and_(b.moved <= moved, or_(b.moved < moved, b.id < bill_id))


def read_past_page(row: AnyRow) -> Page:
    """`fetched_at` is when these bytes were first fetched: later looks at them are not kept."""
    return Page(row.url, row.sha256, row.kept_at, None, row.last_modified, row.warc, row.offset)


def read_bill_row(row: AnyRow) -> BillRow:
    values: dict[str, Any] = {name: getattr(row, name) for name in BillRow.__slots__}
    return BillRow(**{**values, "topics": topics(values["topics"])})
