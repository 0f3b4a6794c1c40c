"""A database address to an engine, and an engine to transactions that read one snapshot or write alone."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tracker.errors import ConfigError, Conflict, StoreAway, StoreError

WAIT_SECONDS = 60  # for another writer, then give up with an error

SQLITE_PRAGMAS = (
    "PRAGMA busy_timeout = 60000",
    "PRAGMA journal_mode = WAL",  # readers never wait for the writer
    "PRAGMA foreign_keys = ON",
    # FULL: a commit survives a power cut. A spool offset or a sent mark that outlives its events would lose news or
    # repeat mail, and one sync per transaction of a hundred bills costs nothing that can be measured.
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",  # a deleted subscriber leaves no bytes behind in free pages
    "PRAGMA temp_store = MEMORY",
)


def open_engine(address: str | Path) -> Engine:
    """SQLAlchemy address, or path of a SQLite file (made if missing, readable by its owner only).

    Raises ConfigError for an address that names another kind of database.
    """
    url = _url(address)
    if url.get_backend_name() == "sqlite":
        _make_private_file(Path(url.database or ""))
        engine = create_engine(url, hide_parameters=True)
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, isolation_level="READ COMMITTED")
    event.listen(engine, "connect", _on_postgres_connect)
    return engine


_look: ContextVar[tuple[Engine, Connection] | None] = ContextVar("look", default=None)


@contextmanager
def one_look(engine: Engine) -> Iterator[None]:
    """All `reading` within, in this thread and of this very engine, is of one snapshot on one connection: a page that
    asks ten times is of one moment, and does not begin and end ten transactions. No lock may be waited for within that
    somebody holds who waits for a connection: there are only so many."""
    with reading(engine) as connection:
        held = _look.set((engine, connection))
        try:
            yield
        finally:
            _look.reset(held)


def looks(engine: Engine) -> bool:
    """Whether this is within `one_look`: what is read now may be older than what was just committed."""
    held = _look.get()
    return held is not None and held[0] is engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One snapshot for all statements within."""
    held = _look.get()
    if held is not None and held[0] is engine:
        with translated():
            yield held[1]
        return
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with translated(), engine.begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Commits at the end, rolls everything back on any exception. On SQLite the write lock is held from the start."""
    with translated(), engine.execution_options(writes=True).begin() as connection:
        yield connection


def _url(address: str | Path) -> URL:
    named = str(address)
    if "://" not in named:
        return URL.create("sqlite", database=str(Path(named).expanduser().resolve()))
    try:
        url = make_url(named.replace("postgres://", "postgresql://", 1))
    except ArgumentError:
        raise ConfigError("setting database: expected an address like sqlite:///file or postgresql://…") from None
    backend = url.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise ConfigError(f"setting database: expected sqlite or postgresql, got {backend}")
    if backend == "sqlite" and url.database in (None, "", ":memory:"):
        raise ConfigError("setting database: a SQLite database must be a file")
    return url.set(drivername="postgresql+psycopg") if backend == "postgresql" else url


def _make_private_file(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as problem:
        raise ConfigError(f"setting database: cannot write {path}: {problem.strerror}") from None


def _on_sqlite_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver would begin on its own, too late and never IMMEDIATE
    for pragma in SQLITE_PRAGMAS:
        _insist(connection, pragma)


def _insist(connection: Any, pragma: str) -> None:
    """SQLite refuses at once, whatever the busy timeout, to change the journal of a file that another opens now."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            connection.execute(pragma)
            return
        except sqlite3.OperationalError as problem:
            if "locked" not in str(problem) or time.monotonic() > until:
                raise
            time.sleep(0.05)


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("migrates"):
        # Rebuilding a table (a batch migration) drops the old one: with foreign keys on, that would empty its children.
        # The pragma does nothing inside a transaction; migrate() throws this connection away afterwards.
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")


def _on_postgres_connect(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{WAIT_SECONDS}s'")
        cursor.execute("SET timezone = 'UTC'")
    connection.commit()


@contextmanager
def translated() -> Iterator[None]:
    """Database errors as ours, without the values of the statement: those may be a reader's."""
    try:
        yield
    except IntegrityError as problem:
        kind = Conflict if _is_duplicate(problem) else StoreError
        raise kind(_first_line(problem)) from None
    except DBAPIError as problem:
        raise (StoreAway if _is_away(problem) else StoreError)(_first_line(problem)) from None
    except PoolTimeout:
        raise StoreAway("no connection to the database is free") from None
    except SQLAlchemyError as problem:
        raise StoreError(type(problem).__name__) from problem


def _is_away(problem: DBAPIError) -> bool:
    """SQLite by the name of its error. PostgreSQL by its class: 08 connection, 53 resources, 57 an operator stepped in;
    none at all when nobody answered."""
    name = getattr(problem.orig, "sqlite_errorname", None)
    if name is not None:
        return str(name).startswith(("SQLITE_BUSY", "SQLITE_FULL", "SQLITE_CANTOPEN", "SQLITE_IOERR"))
    state = getattr(problem.orig, "sqlstate", None)
    return isinstance(problem, OperationalError) and (state is None or state[:2] in ("08", "53", "57")
                                                      or state == "55P03")  # waited too long for a lock


def _is_duplicate(problem: IntegrityError) -> bool:
    return getattr(problem.orig, "sqlstate", None) == "23505" or "UNIQUE" in str(problem.orig)


def reason_of(problem: SQLAlchemyError) -> str:
    """What the driver says, in one line and without values."""
    return _first_line(problem) if isinstance(problem, DBAPIError) else type(problem).__name__


def _first_line(problem: DBAPIError) -> str:
    """PostgreSQL puts the offending values in the lines after the first."""
    return f"{type(problem.orig).__name__}: {str(problem.orig).partition(chr(10))[0]}"
