"""A legislature's zip on disk to its members, one stream at a time: sizes bounded, names tame, nothing unpacked.

    bulk = await self.bulk(url)            # ListedSpider; in ranges of 16 MB; None: not modified since
    for row in bulk.table("MAINBILL.TXT", "latin-1"):
        yield Due(..., digest(row), row, bulk.page)
    body = bulk.read("BILL_VERSION_TBL_1.lob")     # in `read` too: it stays open while the crawl runs
"""

from __future__ import annotations

import csv
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Self

from tracker.errors import LayoutChanged
from tracker.model import Page

PART = 16 << 20  # bytes asked at once
LARGEST_FILE = 4 << 30
LARGEST_MEMBER = 2 << 30
LARGEST_READ = 64 << 20  # of a member that is read whole
LARGEST_IN_ALL = 64 << 30
MOST_MEMBERS = 1_000_000
STEEPEST = 1000  # times its packed size may a member be; texts of law reach 20
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that was fetched in parts: where it lies while the crawl runs, and what is known of it."""

    url: str
    path: Path
    page: Page


class Bulk:
    """An open zip. Everything it raises is LayoutChanged."""

    def __init__(self, path: Path | IO[bytes], url: str, page: Page | None = None) -> None:
        self.url, self.page = url, page
        try:
            self._zip = zipfile.ZipFile(path)
        except _BROKEN as problem:
            raise LayoutChanged(f"expected a zip, got none ({type(problem).__name__})", url=url) from problem
        self._members = {m.filename: m for m in self._checked()}

    @classmethod
    def open(cls, fetched: Fetched) -> Self:
        return cls(fetched.path, fetched.url, fetched.page)

    def names(self) -> tuple[str, ...]:
        """Of all files in it, sorted."""
        return tuple(sorted(self._members))

    def find(self, ending: str) -> str:
        """The one member whose path ends so, in any case. Raises LayoutChanged if there is none, or several."""
        found = [n for n in self._members if n.lower().endswith(ending.lower())]
        if len(found) != 1:
            raise LayoutChanged(f"expected one member that ends in {ending!r}, got {len(found)}", url=self.url)
        return found[0]

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def stream(self, name: str) -> IO[bytes]:
        """The bytes of one member; close it."""
        if name not in self._members:
            raise LayoutChanged(f"expected member {name!r}, got none", url=self.url)
        try:
            return self._zip.open(self._members[name])
        except _BROKEN as problem:
            raise self._broken(name, problem) from problem

    def read(self, name: str, largest: int = LARGEST_READ) -> bytes:
        """One member, whole."""
        try:
            with self.stream(name) as stream:
                body = stream.read(largest + 1)
        except _BROKEN as problem:
            raise self._broken(name, problem) from problem
        if len(body) > largest:
            raise LayoutChanged(f"expected {name!r} of at most {largest} bytes, got more", url=self.url)
        return body

    def lines(self, name: str, encoding: str = "utf-8-sig") -> Iterator[str]:
        """The lines of one member without their ends, as they are read; undecodable bytes become U+FFFD."""
        try:
            with TextIOWrapper(self.stream(name), encoding, "replace", newline=None) as text:
                for line in text:
                    yield line.rstrip("\n")
        except _BROKEN as problem:
            raise self._broken(name, problem) from problem

    def table(self, name: str, encoding: str = "utf-8-sig", delimiter: str = ",", quote: str | None = '"'
              ) -> Iterator[list[str]]:
        """The rows of one member that is a table. `quote=None`: quotes mean nothing."""
        try:
            with TextIOWrapper(self.stream(name), encoding, "replace", newline="") as text:
                yield from csv.reader((line.replace("\0", "") for line in text), delimiter=delimiter, quotechar=quote,
                                      quoting=csv.QUOTE_NONE if quote is None else csv.QUOTE_MINIMAL)
        except (*_BROKEN, csv.Error) as problem:
            raise self._broken(name, problem) from problem

    def close(self) -> None:
        self._zip.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def _checked(self) -> Iterator[zipfile.ZipInfo]:
        infos, seen = self._zip.infolist(), set()
        if len(infos) > MOST_MEMBERS or sum(m.file_size for m in infos) > LARGEST_IN_ALL:
            raise LayoutChanged(f"expected a zip within limits, got {len(infos)} members of "
                                f"{sum(m.file_size for m in infos)} bytes", url=self.url)
        for member in infos:
            if member.is_dir():
                continue
            if reason := _suspicious(member):
                raise LayoutChanged(f"expected tame members, got {member.filename[:80]!r} ({reason})", url=self.url)
            if member.filename in seen:
                raise LayoutChanged(f"expected each name once, got {member.filename[:80]!r} twice", url=self.url)
            seen.add(member.filename)
            yield member

    def _broken(self, name: str, problem: BaseException) -> LayoutChanged:
        return LayoutChanged(f"expected a whole member {name!r}, got a broken one ({type(problem).__name__})",
                             url=self.url)


def _suspicious(member: zipfile.ZipInfo) -> str | None:
    path = PurePosixPath(member.filename)
    if path.is_absolute() or ".." in path.parts or "\\" in member.filename or ":" in member.filename.split("/")[0]:
        return "its path leads out of the zip"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "a link"
    if member.flag_bits & 1:
        return "encrypted"
    if member.file_size > LARGEST_MEMBER or member.file_size > STEEPEST * max(member.compress_size, 1 << 10):
        return f"{member.file_size} bytes out of {member.compress_size}"
    return None
