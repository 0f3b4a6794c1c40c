"""A moment to the database as it was then: a store and a catalogue that answer as they would have answered.

What stands in the tables today held then if it was recorded by then; what did not lies in the rows of the past.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Select,
    bindparam,
    exists,
    func,
    or_,
    select,
    union_all,
)

from tracker.errors import StoreError
from tracker.model import BillState, Effect, Event, MarkedText, Page, Run, TextStatus, Topic, VerdictKind
from tracker.ports import EventQuery
from tracker.store import log
from tracker.store import schema as t
from tracker.store.catalogue import PAST_PAGE, PLACES, BillQuery, Catalogue, read_past_page
from tracker.store.columns import from_json, plain
from tracker.store.engine import reading
from tracker.store.keeping import KeptBill, Replaced, read_kept, state_of
from tracker.store.past_tables import (
    bill_at,
    held_at,
    moment,
    newer,
    newer_topics,
    replaced,
    replaced_topics,
    standing,
    standing_topics,
    topics_at,
)
from tracker.store.rows import read_state
from tracker.store.store import SqlStore

b, pb, p, pp = (t.bill.c, t.past_bill.c, t.page.c, t.past_page.c)
_FIRST_EVENT = select(func.min(t.event.c.recorded_at)).where(t.event.c.bill_id == bindparam("bill"))
_OLD = select(pb.revision, pb.recorded_at, pb.replaced_at).where(
    pb.bill_id == bindparam("bill"), pb.recorded_at.is_not(None)).order_by(pb.revision)
_NOW = select(b.revision, b.recorded_at).where(b.id == bindparam("bill"))


@dataclass(frozen=True, slots=True)
class Revision:
    number: int
    recorded_at: datetime
    replaced_at: datetime | None  # None: it holds today


@dataclass(frozen=True, slots=True)
class Known:
    """Since when we know a bill, and from when on each of its states was kept (later, in an older database)."""

    since: datetime
    kept_since: datetime
    revisions: tuple[Revision, ...] = ()  # that can be shown, oldest first


class PastStore:
    """The reading part of tracker.ports.Store, and what pages ask beside it, as of `at`. It writes nothing."""

    def __init__(self, store: SqlStore, at: datetime) -> None:
        self._store, self._engine, self.at = store, store.engine, at
        self._last_seq: int | None = None

    @property
    def engine(self) -> Engine:
        """Whoever asks for it would see, or write, the present."""
        raise StoreError("only bills, their texts, the log and the runs are known as of a date")

    # --- bills --------------------------------------------------------------------------------------------------------

    def bill(self, bill_id: str) -> BillState | None:
        with reading(self._engine) as connection:
            began = connection.scalar(select(b.recorded_at).where(b.id == bill_id))
            if began is not None and began <= self.at:
                return read_state(connection, bill_id)
            kept = self._kept(connection, bill_id)
        return state_of(*kept) if kept else None

    def text(self, bill_id: str, version: str) -> MarkedText | None:
        with reading(self._engine) as connection:
            began = connection.scalar(select(b.recorded_at).where(b.id == bill_id))
            kept = None if began is None or began <= self.at else self._kept(connection, bill_id)
            digest = None
            if kept is not None:
                digest = next((x.body for x in kept[0].texts
                               if x.code == plain(version) and x.status is TextStatus.AVAILABLE), None)
                data = connection.scalar(select(t.body.c.data).where(t.body.c.digest == digest)) if digest else None
        if began is not None and began <= self.at:
            return self._store.text(bill_id, version)
        return from_json(zlib.decompress(data), MarkedText) if kept is not None and data is not None else None

    def replaced(self, bill_id: str, before: int) -> Iterator[Replaced]:
        return self._store.replaced(bill_id, before)

    def _kept(self, connection: Connection, bill_id: str) -> tuple[KeptBill, int] | None:
        row = connection.execute(select(pb.revision, pb.data).where(pb.bill_id == bill_id, held_at(pb, self.at))
                                 .order_by(pb.revision.desc()).limit(1)).first()
        return (read_kept(row.data), row.revision) if row else None

    def content_hashes(self, bill_ids: Collection[str]) -> dict[str, str]:
        """Of the bills that were known."""
        held = self._store.content_hashes(bill_ids)
        with reading(self._engine) as connection:
            known = bill_at(self.at)
            ids = {*connection.scalars(select(known.c.id).where(known.c.id.in_(list(held))))}
        return {bill_id: found for bill_id, found in held.items() if bill_id in ids}

    # --- the log ------------------------------------------------------------------------------------------------------

    def events(self, after: int = 0, limit: int = 1000, query: EventQuery | None = None) -> list[Event]:
        last = self.last_seq()
        return [e for e in self._store.events(after, limit, query) if e.seq <= last] if after < last else []

    def latest_events(self, before: int | None, limit: int, query: EventQuery | None = None) -> list[Event]:
        end = self.last_seq() + 1
        return self._store.latest_events(end if before is None else min(before, end), limit, query)

    def last_seq(self) -> int:
        if self._last_seq is None:
            with reading(self._engine) as connection:
                self._last_seq = seq_at(connection, self.at)
        return self._last_seq

    # --- runs ---------------------------------------------------------------------------------------------------------

    def runs(self, source: str | None = None, limit: int = 20, *, since: datetime | None = None,
             until: datetime | None = None, verdict: VerdictKind | None = None) -> list[Run]:
        """One that had not ended had no verdict yet, and no counts."""
        until = min(until, self.at) if until else self.at
        found = self._store.runs(source, limit + 1, since=since, until=until, verdict=verdict)
        as_seen = [run if run.finished_at and run.finished_at <= self.at else
                   replace(run, finished_at=None, verdict=None, counts={}) for run in found]
        return [run for run in as_seen if verdict is None or run.verdict][:limit]

    def moved(self, source: str, since: datetime) -> bool:
        return any(run.counts.get("events") for run in self.runs(source, 5000, since=since))


class PastCatalogue(Catalogue):
    """Lists, counts and provenance as of a moment."""

    def __init__(self, engine: Engine, at: datetime) -> None:
        super().__init__(engine, bill_at(at), topics_at(at))
        self._at = at
        self._standing = Catalogue(engine, standing(at), standing_topics(at))
        self._newer = Catalogue(engine, newer(at), newer_topics(at))
        self._replaced = Catalogue(engine, replaced(at), replaced_topics(at))
        self._today = Catalogue(engine)

    def _total(self, connection: Connection, query: BillQuery) -> int:
        return (self._today._total(connection, query) - self._newer._total(connection, query)
                + self._replaced._total(connection, query))

    def _listing(self, query: BillQuery) -> Select[Any]:
        halves = [half._listing(query).subquery() for half in (self._standing, self._replaced)]
        both = union_all(*(select(half) for half in halves)).subquery()
        return select(both).order_by(both.c.moved.desc(), both.c.id.desc()).limit(query.limit + 1)

    def _count(self, connection: Connection, jurisdiction: str | None) -> Counter[tuple[Topic, Effect]]:
        return (self._today._count(connection, jurisdiction) - self._newer._count(connection, jurisdiction)
                + self._replaced._count(connection, jurisdiction))

    def bill_pages(self, bill_id: str) -> tuple[Page, ...]:
        """`fetched_at` is when these bytes were first fetched: each later look is not kept."""
        columns = PAST_PAGE
        now = select(*(p[name] for name in columns)).where(p.bill_id == bill_id, p.recorded_at <= self._at)
        then = select(*(pp[name] for name in columns)).where(pp.bill_id == bill_id, held_at(pp, self._at))
        with reading(self._engine) as connection:
            rows = connection.execute(union_all(now, then)).all()
        return tuple(read_past_page(row) for row in sorted(rows, key=lambda row: str(row.url)))

    def replaced_pages(self, bill_id: str) -> tuple[tuple[Page, datetime], ...]:
        return tuple((page, until) for page, until in super().replaced_pages(bill_id) if until <= self._at)

    def page(self, url: str) -> Page | None:
        raise StoreError("pages of the past are asked for by bill")

    def jurisdictions(self) -> tuple[str, ...]:
        return tuple(sorted({jurisdiction for jurisdiction, _ in self.places()}))

    def places(self) -> tuple[tuple[str, str], ...]:
        return self._places

    @cached_property
    def _places(self) -> tuple[tuple[str, str], ...]:
        """Those of today of which some bill was known: no bill goes or moves, so the first that is found will do."""
        today, here, then = PLACES.subquery("place"), t.bill.alias("here"), t.past_bill.alias("then")
        was_known = [exists().where(x.jurisdiction == today.c.jurisdiction, x.session == today.c.session, held)
                     for x, held in ((here.c, here.c.recorded_at <= moment(self._at)),
                                     (then.c, held_at(then.c, self._at)))]
        with reading(self._engine) as connection:
            rows = connection.execute(select(today).where(or_(*was_known)))
            return tuple((row.jurisdiction, row.session) for row in rows)


def seq_at(connection: Connection, at: datetime) -> int:
    """The newest event by then. The log grows in time, so twenty looks into it find the place among a million."""
    low, high = 0, log.last_seq(connection)
    while low < high:
        middle = (low + high + 1) // 2
        recorded = connection.scalar(select(t.event.c.recorded_at).where(t.event.c.seq == middle))
        low, high = (middle, high) if recorded is not None and recorded <= at else (low, middle - 1)
    return low


def known_since(engine: Engine, bill_id: str) -> Known | None:
    """None: never known."""
    with reading(engine) as connection:
        first = connection.scalar(_FIRST_EVENT, {"bill": bill_id})
        found = tuple(_revisions(connection, bill_id))
    if not found:
        return None
    kept_since = found[0].recorded_at
    return Known(min(first, kept_since) if first else kept_since, kept_since, found)


def revisions(engine: Engine, bill_id: str) -> list[Revision]:
    """Those that can be shown, oldest first."""
    with reading(engine) as connection:
        return _revisions(connection, bill_id)


def _revisions(connection: Connection, bill_id: str) -> list[Revision]:
    old = connection.execute(_OLD, {"bill": bill_id}).all()
    now = connection.execute(_NOW, {"bill": bill_id}).first()
    found = [Revision(row.revision, row.recorded_at, row.replaced_at) for row in old]
    return [*found, Revision(now.revision, now.recorded_at, None)] if now and now.recorded_at else found
