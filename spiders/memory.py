"""The `seen` file to what a crawl must know of the past: its pages, texts still missing, bills that need no asking."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from tracker.model import PendingText, SeenPage


class _Line(msgspec.Struct):
    seen: SeenPage | None = None
    pending: PendingText | None = None
    resting: str | None = None  # a bill's id


@dataclass(frozen=True, slots=True)
class Trace:
    """What is known of one page. The digest is kept as bytes: a whole Congress has 35,000 of these."""

    lastmod: str | None
    last_modified: str | None
    digest: bytes | None
    place: tuple[str, int, datetime] | None = None  # file of the archive, offset, when it was fetched

    @property
    def sha256(self) -> str:
        return self.digest.hex() if self.digest else ""


class Memory:
    """Read-only during a crawl."""

    def __init__(self) -> None:
        self._traces: dict[str, Trace] = {}
        self.pending: list[PendingText] = []
        self.resting: set[str] = set()  # bills at their final disposition whose turn it is not

    @classmethod
    def read(cls, path: Path | None) -> Memory:
        memory = cls()
        if path is None:
            return memory
        decoder = msgspec.json.Decoder(_Line)
        with path.open("rb") as lines:
            for raw in lines:
                line = decoder.decode(raw)
                if line.seen:
                    memory.add(line.seen)
                if line.pending:
                    memory.pending.append(line.pending)
                if line.resting:
                    memory.resting.add(line.resting)
        return memory

    def add(self, page: SeenPage) -> None:
        place = None
        if page.warc and page.offset is not None and page.fetched_at:
            place = (sys.intern(page.warc), page.offset, page.fetched_at)
        self._traces[page.url] = Trace(page.lastmod, page.last_modified,
                                       bytes.fromhex(page.sha256) if page.sha256 else None, place)

    def get(self, url: str) -> Trace | None:
        return self._traces.get(url)

    def __contains__(self, url: str) -> bool:
        return url in self._traces

    def __len__(self) -> int:
        return len(self._traces)

    def __iter__(self) -> Iterator[str]:
        return iter(self._traces)
