"""Bills, pages, runs and the log in one database: the Store of tracker.ports on SQLite and PostgreSQL."""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, bindparam, func, or_, select, tuple_
from sqlalchemy.exc import SQLAlchemyError

from tracker.errors import StoreError
from tracker.model import (
    BillState,
    Event,
    Link,
    MarkedText,
    PendingText,
    Run,
    SeenPage,
    TextStatus,
    VerdictKind,
)
from tracker.ports import EventQuery
from tracker.store import log
from tracker.store import schema as t
from tracker.store.columns import Words, from_json
from tracker.store.engine import open_engine, reading, reason_of, writing
from tracker.store.keeping import Replaced, replaced
from tracker.store.migrate import migrate
from tracker.store.polling import FINAL, is_due, rests
from tracker.store.rows import read_run, read_state, run_row
from tracker.store.writer import SqlWriter, upserting

WRITERS_LOCK = 0x62_77_02  # pg_advisory_xact_lock; "bw", 2
STREAM = 1_000  # rows at a time: a long reader holds neither memory nor a snapshot
GOOD_CRAWLS = (VerdictKind.OK, VerdictKind.EMPTY)
EVERYTHING = EventQuery()

_TEXT = select(t.body.c.data).join(t.version, t.version.c.body == t.body.c.digest).where(
    t.version.c.bill_id == bindparam("bill", type_=Words), t.version.c.code == bindparam("code", type_=Words),
    t.version.c.status == TextStatus.AVAILABLE.value)
_HASHES = select(t.bill.c.id, t.bill.c.content_hash).where(t.bill.c.id.in_(bindparam("ids", expanding=True)))
_MOVED = select(t.run.c.id).where(
    t.run.c.source == bindparam("source"), t.run.c.started_at >= bindparam("since"),
    t.run.c.counts.like('%"events":%'), t.run.c.counts.not_like('%"events":0%')).limit(1)


class SqlStore:
    """`engine` is for SqlLedger and Catalogue, which stand on the same database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, address: str | Path) -> SqlStore:
        """A path, or an address like ``sqlite:///file`` or ``postgresql://…``; made or migrated if need be.

        Raises ConfigError for an address that cannot be used, StoreError for a database that cannot be reached.
        """
        engine = open_engine(address)
        try:
            migrate(engine)
        except SQLAlchemyError as problem:
            engine.dispose()
            raise StoreError(f"the database cannot be opened: {reason_of(problem)}") from None
        return cls(engine)

    def close(self) -> None:
        self.engine.dispose()

    # --- writing ------------------------------------------------------------------------------------------------------

    @contextmanager
    def write(self) -> Iterator[SqlWriter]:
        """All or nothing. Raises Conflict if an event key is in the log already; StoreError if no turn comes in 60 s.

        The lock on PostgreSQL is let go after the commit is visible, so whoever gets the next `seq` sees this one.
        """
        with writing(self.engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})")
            writer = SqlWriter(connection)
            yield writer
            writer.finish()

    def save_run(self, run: Run) -> None:
        row = run_row(run)
        insert = upserting(self.engine.dialect.name)(t.run)
        with writing(self.engine) as connection:
            connection.execute(insert.on_conflict_do_update(
                index_elements=["id"], set_={name: insert.excluded[name] for name in row if name != "id"}), row)

    def set_job_last_run(self, name: str, at: datetime) -> None:
        insert = upserting(self.engine.dialect.name)(t.job)
        with writing(self.engine) as connection:
            connection.execute(insert.on_conflict_do_update(
                index_elements=["name"], set_={"last_run_at": insert.excluded.last_run_at}),
                {"name": name, "last_run_at": at})

    # --- bills --------------------------------------------------------------------------------------------------------

    def content_hashes(self, bill_ids: Collection[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        ids = iter(dict.fromkeys(bill_ids))
        with reading(self.engine) as connection:
            while some := list(islice(ids, STREAM)):
                rows = connection.execute(_HASHES, {"ids": some})
                found.update((row.id, row.content_hash) for row in rows)
        return found

    def bill(self, bill_id: str) -> BillState | None:
        with reading(self.engine) as connection:
            return read_state(connection, bill_id)

    def text(self, bill_id: str, version: str) -> MarkedText | None:
        with reading(self.engine) as connection:
            data: bytes | None = connection.scalar(_TEXT, {"bill": bill_id, "code": version})
        return None if data is None else from_json(zlib.decompress(data), MarkedText)

    def replaced(self, bill_id: str, before: int) -> Iterator[Replaced]:
        return replaced(self.engine, bill_id, before)

    # --- what another tagger tagged -----------------------------------------------------------------------------------

    def stale_texts(self, tagged_by: str | None, *, jurisdiction: str | None = None, since: datetime | None = None,
                    after: str = "", limit: int = 200) -> list[tuple[str, tuple[str, ...]]]:
        v, where = t.version.c, _stale(tagged_by, jurisdiction, since)
        with reading(self.engine) as connection:
            bills = list(connection.scalars(select(v.bill_id).where(*where, v.bill_id > after).group_by(v.bill_id)
                                            .order_by(v.bill_id).limit(limit)))
            codes: dict[str, list[str]] = {bill_id: [] for bill_id in bills}
            rows = connection.execute(select(v.bill_id, v.code).where(*where, v.bill_id.in_(bills))
                                      .order_by(v.bill_id, v.position)) if bills else ()
            for row in rows:
                codes[row.bill_id].append(row.code)
        return [(bill_id, tuple(codes[bill_id])) for bill_id in bills]

    def count_stale(self, tagged_by: str | None, *, jurisdiction: str | None = None,
                    since: datetime | None = None) -> int:
        with reading(self.engine) as connection:
            return connection.scalar(select(func.count()).select_from(t.version).where(
                *_stale(tagged_by, jurisdiction, since))) or 0

    # --- what a crawl must know ---------------------------------------------------------------------------------------

    def seen(self, source: str, places: bool = False) -> Iterator[SeenPage]:
        """`places`: with where the bytes of each lie."""
        p, url = t.page.c, ""
        where = (p.warc, p.offset, p.fetched_at) if places else ()
        while True:
            with reading(self.engine) as connection:
                rows = connection.execute(
                    select(p.url, p.lastmod, p.last_modified, p.sha256, *where)
                    .where(p.source == source, p.url > url).order_by(p.url).limit(STREAM)).all()
            yield from (SeenPage(*row) for row in rows)
            if len(rows) < STREAM:
                return
            url = rows[-1].url

    def pending_texts(self, source: str, now: datetime) -> Iterator[PendingText]:
        """Missing texts whose turn it is (tracker.store.polling)."""
        v, last = t.version.c, ("", "")
        with reading(self.engine) as connection:
            crawled_at = _last_whole_crawl(connection, source)
        while True:
            with reading(self.engine) as connection:
                rows = connection.execute(
                    select(v.bill_id, v.code, v.links, v.first_seen_at)
                    .where(v.jurisdiction == source, t.MISSING, v.position.is_not(None),
                           tuple_(v.bill_id, v.code) > tuple_(*last))
                    .order_by(v.bill_id, v.code).limit(STREAM)).all()
            for row in rows:
                if is_due(row.first_seen_at, crawled_at, now):
                    yield PendingText(row.bill_id, row.code, from_json(row.links, tuple[Link, ...]))
            if len(rows) < STREAM:
                return
            last = (rows[-1].bill_id, rows[-1].code)

    def resting(self, source: str, now: datetime) -> Iterator[str]:
        """Bills at their final disposition whose turn it is not (tracker.store.polling)."""
        b, last = t.bill.c, ""
        with reading(self.engine) as connection:
            crawled_at = _last_whole_crawl(connection, source)
        while True:
            with reading(self.engine) as connection:
                found = connection.execute(
                    select(b.id).where(b.jurisdiction == source, b.stage.in_(FINAL), b.id > last)
                    .order_by(b.id).limit(STREAM)).scalars().all()
            yield from (one for one in found if rests(one, crawled_at, now))
            if len(found) < STREAM:
                return
            last = found[-1]

    def standing(self, jurisdiction: str, session: str, stages: Collection[str]) -> Iterator[str]:
        """Bills of a session that stand at one of these stages, by id; those that move meanwhile may be left out."""
        b, last = t.bill.c, ""
        while True:
            with reading(self.engine) as connection:
                found = connection.execute(
                    select(b.id).where(b.jurisdiction == jurisdiction, b.session == session, b.stage.in_(stages),
                                       b.id > last).order_by(b.id).limit(STREAM)).scalars().all()
            yield from found
            if len(found) < STREAM:
                return
            last = found[-1]

    # --- the log ------------------------------------------------------------------------------------------------------

    def events(self, after: int = 0, limit: int = 1000, query: EventQuery | None = None) -> list[Event]:
        with reading(self.engine) as connection:
            return log.ascending(connection, after, limit, query or EVERYTHING)

    def latest_events(self, before: int | None, limit: int, query: EventQuery | None = None) -> list[Event]:
        with reading(self.engine) as connection:
            return log.descending(connection, before, limit, query or EVERYTHING)

    def last_seq(self) -> int:
        with reading(self.engine) as connection:
            return log.last_seq(connection)

    # --- runs, jobs, backup -------------------------------------------------------------------------------------------

    def runs(self, source: str | None = None, limit: int = 20, *, since: datetime | None = None,
             until: datetime | None = None, verdict: VerdictKind | None = None) -> list[Run]:
        of = verdict.value if verdict else None
        with reading(self.engine) as connection:
            return _runs(connection, source, limit, since=since, until=until, verdict=of)

    def moved(self, source: str, since: datetime) -> bool:
        """Whether a run since then brought an event. Asked for every page, so the counts are not read one by one."""
        with reading(self.engine) as connection:
            return connection.scalar(_MOVED, {"source": source, "since": since}) is not None

    def job_last_run(self, name: str) -> datetime | None:
        with reading(self.engine) as connection:
            at: datetime | None = connection.scalar(select(t.job.c.last_run_at).where(t.job.c.name == name))
            return at

    def backup(self, path: Path) -> None:
        """A whole copy while everything runs; `path` appears at once or not at all. SQLite only."""
        if self.engine.dialect.name != "sqlite":
            raise StoreError("backup copies a SQLite file; back up PostgreSQL with pg_dump")
        part = path.with_name(f".{path.name}.part")
        if path.exists() and path.samefile(self.engine.url.database or ""):
            raise StoreError(f"backup would overwrite the database itself: {path}")
        try:
            os.close(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600))
            self._copy_to(part)
            part.replace(path)
        except (OSError, sqlite3.Error) as problem:
            part.unlink(missing_ok=True)
            raise StoreError(f"backup to {path} failed: {problem}") from problem

    def _copy_to(self, part: Path) -> None:
        with self.engine.connect() as connection, closing(sqlite3.connect(part)) as copy:
            source: Any = connection.connection.driver_connection
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, complete in itself
        with part.open("rb") as written:
            os.fsync(written.fileno())


def _stale(tagged_by: str | None, jurisdiction: str | None, since: datetime | None) -> list[ColumnElement[bool]]:
    v = t.version.c
    where = [v.status == TextStatus.AVAILABLE.value, v.position.is_not(None)]
    if tagged_by is not None:
        where.append(or_(v.tagged_by.is_(None), v.tagged_by != tagged_by))
    if jurisdiction is not None:
        where.append(v.jurisdiction == jurisdiction)
    if since is not None:
        where.append(v.first_seen_at >= since)
    return where


def _runs(connection: Connection, source: str | None, limit: int, **asked: object) -> list[Run]:
    given = {name: value for name, value in {"source": source, **asked}.items() if value is not None}
    return [read_run(row) for row in connection.execute(_runs_with(*given), {**given, "most": limit})]


@lru_cache
def _runs_with(*given: str) -> Select[Any]:
    """Newest first. Asked four times a page, so put together once for each choice of what is given."""
    r = t.run.c
    where = {"source": r.source == bindparam("source"), "since": r.started_at >= bindparam("since"),
             "until": r.started_at <= bindparam("until"), "verdict": r.verdict == bindparam("verdict")}
    return select(t.run).where(*(where[name] for name in given)).order_by(
        r.started_at.desc(), r.id.desc()).limit(bindparam("most"))


def _last_whole_crawl(connection: Connection, source: str) -> datetime | None:
    """When the newest crawl began that ended well and was not of a part only; None if none is near."""
    for run in _runs(connection, source, 50):
        if run.verdict and run.verdict.kind in GOOD_CRAWLS and not run.counts.get("partial"):
            return run.started_at
    return None
