"""Files of sections or bills, or the database, to texts that rules can be tried on, one at a time.

A line of a file (JSON lines, plain or .xz) is one of
- a unit of `billwatch tag --jsonl`: ``{id, jurisdiction, title, text, marks}``, perhaps with ``labels`` and
  ``borderline``;
- a bill with its texts in plain words: ``{congress, bill, title, text}``, or ``versions`` with a ``text`` and ``code``
  each;
- a document as it was published: ``{id, jurisdiction, title, media_type, body}``.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from tracker.errors import ConfigError, TextError
from tracker.model import BillContext, MarkedText, Topic
from tracker.ports import Store
from tracker.retagging import context_of
from tracker.tagger.units import read_unit
from tracker.text import read


@dataclass(frozen=True, slots=True)
class Sample:
    """One text to try rules on. `labels` is None where nobody labelled it."""

    id: str
    text: MarkedText
    context: BillContext
    labels: frozenset[Topic] | None = None
    borderline: frozenset[Topic] = frozenset()


class Corpus(Protocol):
    """Texts in a fixed order. `done` of `total` (bytes or texts) is how far the reading has come."""

    name: str
    done: int
    total: int

    def __iter__(self) -> Iterator[Sample]: ...


class FileCorpus:
    """A file of JSON lines. Raises ConfigError with the number of the first line that is none of ours."""

    def __init__(self, path: Path) -> None:
        self.path, self.done = path, 0
        self.name = path.name.removesuffix(".xz").removesuffix(".jsonl")
        try:
            self.total = path.stat().st_size
        except OSError as problem:
            raise ConfigError(f"corpus {path} cannot be read: {problem.strerror}") from None

    def __iter__(self) -> Iterator[Sample]:
        self.done = 0
        with self.path.open("rb") as raw:
            lines: IO[bytes] = lzma.open(raw) if self.path.suffix == ".xz" else raw  # noqa: SIM115, closed with `raw`
            try:
                for number, line in enumerate(lines, 1):
                    yield from self._samples(number, line)
                    self.done = raw.tell() if lines is not raw else self.done + len(line)
            except (lzma.LZMAError, EOFError) as problem:
                raise ConfigError(f"corpus {self.path}: expected an .xz file of JSON lines, got {problem}") from None

    def _samples(self, number: int, line: bytes) -> Iterator[Sample]:
        if not line.strip():
            return
        try:
            yield from _from_row(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError, TextError) as problem:
            raise ConfigError(f"corpus {self.path}, line {number}: expected a unit, a bill or a document, got "
                              f"{type(problem).__name__}: {problem}") from None


class DatabaseCorpus:
    """Every text that the database holds, with the bill's own title and kind."""

    name = "database"

    def __init__(self, store: Store, jurisdiction: str | None = None) -> None:
        self.store, self.jurisdiction, self.done = store, jurisdiction, 0
        self.total = store.count_stale(None, jurisdiction=jurisdiction)

    def __iter__(self) -> Iterator[Sample]:
        self.done, after = 0, ""
        while chunk := self.store.stale_texts(None, jurisdiction=self.jurisdiction, after=after):
            for bill_id, codes in chunk:
                state = self.store.bill(bill_id)
                for code in codes:
                    text = self.store.text(bill_id, code)
                    if state is not None and text is not None:
                        yield Sample(f"{bill_id}/{code}", text, context_of(state.bill))
                    self.done += 1
            after = chunk[-1][0]


def _from_row(row: dict[str, Any]) -> Iterator[Sample]:
    if "media_type" in row:
        context = _context(row)
        yield Sample(str(row["id"]), read(row["body"].encode(), row["media_type"], context.jurisdiction), context)
    elif "versions" in row:
        for version in row["versions"]:
            if version.get("text"):
                name = f"{row['congress']}-{row['bill']}-{version.get('code') or '?'}"
                yield Sample(name, read(version["text"].encode(), "text/plain"), _context(row))
    elif "id" in row:
        text, context = read_unit(row)
        labels = frozenset(Topic(label["topic"]) for label in row["labels"]) if "labels" in row else None
        yield Sample(str(row["id"]), text, context, labels, frozenset(map(Topic, row.get("borderline") or ())))
    else:
        yield Sample(f"{row['congress']}-{row['bill']}", read(row["text"].encode(), "text/plain"), _context(row))


def _context(row: dict[str, Any]) -> BillContext:
    return BillContext(row.get("jurisdiction") or "us", row.get("title"), tuple(row.get("classification") or ("bill",)))
