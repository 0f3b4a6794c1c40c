"""A zip of gigabytes that stays where it is: its directory first, then only the members that are wanted, in ranges.

    distant = await self.distant(url)                  # None: unchanged since it was read whole
    await distant.load(n for n in distant.names() if n.endswith(".dat"))
    rows = distant.table("BILL_TBL.dat", ...)          # as of any Bulk, once it is loaded

The bytes that came lie at their places in a file that is otherwise a hole. Members prove their checksums when read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Protocol

from spiders.bulk import PART, Bulk
from tracker.errors import LayoutChanged
from tracker.model import Page

HEAD = 1 << 16  # asked first: it says how large the file is
TAIL = 4 << 20  # in which the directory of 30,000 members lies
LONGEST_TAIL = 64 << 20
BETWEEN = 1 << 16  # unwanted bytes that are taken along rather than to ask twice


class Span(Protocol):
    """A part of the file as it came (spiders.answers.Span)."""

    @property
    def body(self) -> bytes: ...
    @property
    def page(self) -> Page: ...
    @property
    def size(self) -> int: ...


class Distant(Bulk):
    """An open zip of which only parts are here. Everything it raises is a SourceError."""

    def __init__(self, path: Path, url: str, page: Page, ask: Callable[[int, int], Awaitable[Span]], size: int,
                 held: list[tuple[int, int]]) -> None:
        self._file = path.open("rb", buffering=0)  # what is written later must be seen
        super().__init__(self._file, url, page)
        self._ask, self._size, self._path, self._held = ask, size, path, held
        self._lock = asyncio.Lock()
        starts = sorted((m.header_offset, m.filename) for m in self._zip.infolist())
        ends = [offset for offset, _ in starts[1:]] + [self._zip.start_dir]
        self._places = {name: (start, end) for (start, name), end in zip(starts, ends, strict=True)}

    @classmethod
    async def begin(cls, path: Path, url: str, first: Span, ask: Callable[[int, int], Awaitable[Span]]) -> Distant:
        """The zip's directory, after its first bytes came."""
        with path.open("wb") as out:
            out.write(first.body)
            out.truncate(first.size)
        held = [(0, len(first.body))]
        start = first.size
        while True:
            if start > len(first.body):
                end, start = start, max(len(first.body), start - TAIL)
                await _fill(path, start, end, ask)
                held.append((start, end))
            try:
                return cls(path, url, first.page, ask, first.size, held)
            except LayoutChanged:
                if start <= len(first.body) or first.size - start >= LONGEST_TAIL:
                    raise

    async def load(self, names: Iterable[str]) -> None:
        """Fetch these members, neighbours together. Those that are here already cost nothing."""
        async with self._lock:
            wanted = sorted({self._place(n) for n in names})
            for start, end in _merged([w for w in wanted if not self._here(w)]):
                for at in range(start, end, PART):
                    await _fill(self._path, at, min(at + PART, end), self._ask)
                self._held.append((start, end))

    def _place(self, name: str) -> tuple[int, int]:
        if name not in self:
            raise LayoutChanged(f"expected member {name!r}, got none", url=self.url)
        return self._places[name]

    def _here(self, place: tuple[int, int]) -> bool:
        return any(start <= place[0] and place[1] <= end for start, end in self._held)

    def close(self) -> None:
        super().close()
        self._file.close()


async def _fill(path: Path, start: int, end: int, ask: Callable[[int, int], Awaitable[Span]]) -> None:
    got = await ask(start, end - 1)
    if len(got.body) != end - start:
        raise LayoutChanged(f"expected {end - start} bytes from {start} on, got {len(got.body)}", url=got.page.url)
    with path.open("r+b") as out:
        out.seek(start)
        out.write(got.body)


def _merged(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in places:
        if found and start - found[-1][1] <= BETWEEN:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found
