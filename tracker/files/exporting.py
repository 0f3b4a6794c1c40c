"""Public rows of the database to files that anybody may take along: JSONL, CSV, Parquet, and one SQLite database."""

from __future__ import annotations

import csv
import gzip
import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Engine

from tracker.errors import ConfigError
from tracker.marking import N_
from tracker.store.public import TABLES, PublicTable, rows

FORMATS = ("jsonl", "csv", "parquet", "sqlite")
INDEX = "index.json"
BATCH = 2_000  # rows held in memory at a time
LICENCE = N_("What legislatures publish stays under their own terms. What we add (flags, stages, events) may be used "
             "under the MIT licence, as billwatch itself. No warranty: the official texts decide.")
BY_NAME = """\
Each file is one table, the SQLite database all of them: open a file by its name. Readers of Parquet that are given the
whole folder would put all tables under the columns of the first.

    pandas.read_parquet("parquet/bills.parquet")
    pyarrow.dataset.dataset("parquet/bills.parquet")
    duckdb.sql("SELECT stage, count(*) FROM 'parquet/bills.parquet' GROUP BY stage")
"""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ExportFile:
    """`path` is below the folder, with forward slashes."""

    path: str
    format: str
    table: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ExportIndex:
    made_at: datetime
    last_seq: int
    files: tuple[ExportFile, ...]


def export(engine: Engine, target: Path, now: datetime, formats: tuple[str, ...] = FORMATS,
           tell: Callable[[str], None] = lambda _: None) -> ExportIndex:
    """`target` appears whole or not at all. Raises ConfigError if it is there already or a format cannot be written."""
    if target.exists():
        raise ConfigError(f"export: {target} exists already; expected the name of a new folder")
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        files: list[ExportFile] = []
        for kind in formats:
            folder = part / kind
            folder.mkdir()
            # It is in the way of who opens the folder of Parquet as one data set, and should be: see `BY_NAME`.
            (folder / "README.md").write_text(dictionary(now), "utf-8")
            files += [_described(part, path, kind, table, count) for path, table, count in _write(
                kind, engine, folder, tell)]
        with engine.connect() as connection:
            last = connection.exec_driver_sql("SELECT max(seq) FROM event").scalar() or 0
        index = ExportIndex(now, last, tuple(files))
        (part / INDEX).write_bytes(msgspec.json.encode(index))
        part.replace(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return index


def replace_current(folder: Path, made: Path) -> None:
    """`folder/current` points at `made` from one moment to the next; the exports before are deleted."""
    link = folder / ".current.part"
    link.unlink(missing_ok=True)
    link.symlink_to(made.name, target_is_directory=True)
    link.replace(folder / "current")
    for old in folder.iterdir():
        if old.is_dir() and not old.is_symlink() and old != made:
            shutil.rmtree(old, ignore_errors=True)


def read_index(folder: Path) -> ExportIndex | None:
    try:
        return msgspec.json.decode((folder / INDEX).read_bytes(), type=ExportIndex)
    except (OSError, msgspec.MsgspecError):
        return None


def dictionary(now: datetime | None = None) -> str:
    """Every table and column in words, from the tables that are written."""
    head = (f"# Data of billwatch{f', {now:%Y-%m-%d}' if now else ''}\n\n{LICENCE}\n\n"
            f"Times are UTC; lists are JSON.\n\n{BY_NAME}")
    parts = []
    for table in TABLES:
        lines = "\n".join(f"| `{c.name}` | {c.kind} | {c.meaning} |" for c in table.columns)
        parts.append(f"\n## {table.name}\n\n{table.meaning}\n\n| column | type | meaning |\n|---|---|---|\n{lines}\n")
    return head + "".join(parts)


def _described(root: Path, path: Path, kind: str, table: str, count: int) -> ExportFile:
    with path.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    return ExportFile(path.relative_to(root).as_posix(), kind, table, count, path.stat().st_size, digest)


def _write(kind: str, engine: Engine, folder: Path, tell: Callable[[str], None]) -> Iterator[tuple[Path, str, int]]:
    if kind == "sqlite":
        tell("sqlite")
        yield _sqlite(engine, folder / "billwatch.db")
        return
    for table in TABLES:
        tell(f"{kind} {table.name}")
        path = folder / {"jsonl": f"{table.name}.jsonl.gz", "csv": f"{table.name}.csv", "parquet":
                         f"{table.name}.parquet"}[kind]
        write = {"jsonl": _jsonl, "csv": _csv, "parquet": _parquet}[kind]
        yield path, table.name, write(path, table, rows(engine, table, BATCH))


def _jsonl(path: Path, table: PublicTable, found: Iterator[Row]) -> int:
    names, count = [c.name for c in table.columns], 0
    lists = [c.kind == "json" for c in table.columns]
    with path.open("wb") as raw, gzip.GzipFile("", "wb", mtime=0, fileobj=raw) as out:
        for row in found:
            out.write(msgspec.json.encode({
                name: msgspec.Raw(value.encode()) if is_json and value is not None else value
                for name, is_json, value in zip(names, lists, row, strict=True)}) + b"\n")
            count += 1
    return count


def _csv(path: Path, table: PublicTable, found: Iterator[Row]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([c.name for c in table.columns])
        for row in found:
            writer.writerow([cell(value) for value in row])
            count += 1
    return count


def cell(value: Any) -> Any:
    """A spreadsheet runs what begins like a formula: an apostrophe makes it words again."""
    if isinstance(value, str) and value.lstrip(" ")[:1] in FORMULA:
        return f"'{value}"
    return value.isoformat() if isinstance(value, date | datetime) else value


def _parquet(path: Path, table: PublicTable, found: Iterator[Row]) -> int:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise ConfigError("export: Parquet needs the extra `parquet`: pip install 'billwatch[parquet]'") from None
    kinds = {"text": pa.string(), "json": pa.string(), "integer": pa.int64(), "number": pa.float64(),
             "date": pa.date32(), "moment": pa.timestamp("us", tz="UTC")}
    schema = pa.schema([pa.field(c.name, kinds[c.kind]) for c in table.columns])
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as out:
        for batch in _batches(found):
            columns = [pa.array(values, field.type) for values, field in zip(zip(*batch, strict=True), schema,
                                                                            strict=True)]
            out.write_table(pa.Table.from_arrays(columns, schema=schema))
            count += len(batch)
    return count


def _sqlite(engine: Engine, path: Path) -> tuple[Path, str, int]:
    kinds = {"integer": "INTEGER", "number": "REAL"}
    count = 0
    with closing(sqlite3.connect(path, isolation_level=None)) as out:
        out.execute("PRAGMA journal_mode = OFF")
        out.execute("PRAGMA synchronous = OFF")
        for table in TABLES:
            # Datasette and others make links of them.
            columns = ", ".join(f'"{c.name}" {kinds.get(c.kind, "TEXT")}' + (
                " REFERENCES bills(id)" if c.name == "bill_id" else "") for c in table.columns)
            key = ", ".join(f'"{k}"' for k in table.key)
            out.execute(f'CREATE TABLE "{table.name}" ({columns}, PRIMARY KEY ({key})) WITHOUT ROWID')
            marks = ", ".join("?" * len(table.columns))
            for batch in _batches(rows(engine, table, BATCH)):
                out.execute("BEGIN")
                out.executemany(f'INSERT INTO "{table.name}" VALUES ({marks})',  # noqa: S608 - our own names
                                [[_plain(v) for v in row] for row in batch])
                out.execute("COMMIT")
                count += len(batch)
            if "bill_id" in {c.name for c in table.columns} - {table.key[0]}:
                out.execute(f'CREATE INDEX "{table.name}_of_bill" ON "{table.name}" (bill_id)')
    return path, "all", count


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _batches(found: Iterator[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in found:
        batch.append(row)
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def free_name(folder: Path, now: datetime) -> Path:
    """Of a new export in the home folder."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{now:%Y%m%dT%H%M%S}"
    return next(p for n in range(1000) if not (p := folder / (f"{name}-{n}" if n else name)).exists())


def available() -> tuple[str, ...]:
    """Parquet only where its library is."""
    return tuple(f for f in FORMATS if f != "parquet" or find_spec("pyarrow") is not None)
