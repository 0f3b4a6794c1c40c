"""Words that must be nowhere, and folders, to each place where one of them stands, however it is written there."""

from __future__ import annotations

import base64
import gzip
import quopri
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql


@dataclass(frozen=True)
class Leak:
    where: str
    word: str
    writing: str


def writings(word: str) -> dict[str, bytes]:
    """A word as files hold it. All small letters: the places are read so, too, but for base64."""
    raw = word.encode()
    found = {"plain": raw.lower(), "hex": raw.hex().encode(), "utf-16": word.lower().encode("utf-16-le"),
             "url": quote(word, safe="").lower().encode(), "json": word.encode("unicode_escape").lower(),
             "quoted-printable": quopri.encodestring(raw, quotetabs=False).strip().lower()}
    for shift in range(3):  # its bytes may begin anywhere in a group of three; the ends belong to their neighbours
        text = base64.b64encode(b"\0" * shift + raw)
        found[f"base64+{shift}"] = text[(0, 2, 3)[shift]:len(text) // 4 * 4 - 4]
        found[f"base64url+{shift}"] = found[f"base64+{shift}"].replace(b"+", b"-").replace(b"/", b"_")
    return found


class Search:
    """`words` of eight letters at least: shorter ones are found by chance."""

    def __init__(self, words: Iterable[str]) -> None:
        self._small: dict[bytes, tuple[str, str]] = {}
        self._exact: dict[bytes, tuple[str, str]] = {}
        for word in words:
            assert len(word) >= 8, word
            for writing, raw in writings(word).items():
                if len(raw) >= 8:
                    (self._exact if writing.startswith("base64") else self._small)[raw] = (word, writing)
        self._small_of, self._exact_of = _any_of(self._small), _any_of(self._exact)
        self.seen = 0

    def in_bytes(self, raw: bytes, where: str) -> set[Leak]:
        self.seen += 1
        small = {self._small[found] for found in self._small_of.findall(raw.lower())}
        exact = {self._exact[found] for found in self._exact_of.findall(raw)}
        return {Leak(where, word, writing) for word, writing in small | exact}

    def in_folder(self, folder: Path) -> set[Leak]:
        """Names and contents of all files, those of gzip unpacked too."""
        found: set[Leak] = set()
        for path in sorted(folder.rglob("*")):
            where = str(path.relative_to(folder))
            found |= self.in_bytes(where.encode(), f"name of {where}")
            if path.is_file():
                for raw in _unpacked(path.read_bytes()):
                    found |= self.in_bytes(raw, where)
        return found

    def in_sqlite(self, path: Path) -> set[Leak]:
        """Value by value, as a word may be split over two pages of the file, or packed."""
        with closing(sqlite3.connect(path)) as connection:  # left open, it would hold the journal
            names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {leak for name in names for row in connection.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - ours
                    for leak in self._in_row(row, name)}

    def in_postgres(self, address: str) -> set[Leak]:
        with psycopg.connect(address) as connection:
            names = [name for (name,) in connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
            return {leak for name in names
                    for row in connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(name)))
                    for leak in self._in_row(row, name)}

    def _in_row(self, row: Iterable[object], table: str) -> set[Leak]:
        found: set[Leak] = set()
        for value in row:
            raw = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
            for unpacked in _unpacked(raw):
                found |= self.in_bytes(unpacked, f"table {table}")
        return found


def _any_of(patterns: Iterable[bytes]) -> re.Pattern[bytes]:
    return re.compile(b"|".join(re.escape(p) for p in sorted(patterns, key=len, reverse=True)))


def _unpacked(raw: bytes) -> Iterator[bytes]:
    yield raw
    try:
        if raw[:2] == b"\x1f\x8b":
            yield gzip.decompress(raw)
        elif raw[:1] == b"\x78":
            yield zlib.decompress(raw)
    except (OSError, EOFError, zlib.error):
        return
