"""A row of a redline to pieces in reading order: bill text that stayed, came or went, and what each does to the law."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from tracker.model import MarkKind
from tracker.redline.rows import Redline, Row
from tracker.redline.words import INSERTED, STRUCK, Reading, line_breaks

_KINDS = {INSERTED: MarkKind.INSERTED, STRUCK: MarkKind.STRUCK}


class Kind(StrEnum):
    SAME = "same"
    INSERTED = "inserted"
    DELETED = "deleted"
    REMARKED = "remarked"  # the same words, but another mark: they do something else to the law now


@dataclass(frozen=True, slots=True)
class Piece:
    """Words `start` to `end` of the later text, or of the earlier one if deleted.

    `law`: the document's own mark, words that the law would gain or lose; `was` likewise in the earlier text, if it
    differs. `text` has a line break where the text has one; `breaks`: a line begins with this piece.
    """

    kind: Kind
    text: str
    start: int
    end: int
    law: MarkKind | None = None
    was: MarkKind | None = None
    breaks: bool = False


def pieces(redline: Redline, row: Row) -> Iterator[Piece]:
    """All words of both sections, those of the later text in its order. Words that only were set otherwise are same."""
    a, b = redline.a, redline.b
    old, new = redline.before(row), redline.after(row)
    at = old.start if old else 0
    bt = new.start if new else 0
    for edit in row.edits:
        yield from _same(redline, at, bt, edit.b0 - bt)
        if edit.layout:
            yield from _marked(b, edit.b0, edit.b1, Kind.SAME)
        else:
            yield from _marked(a, edit.a0, edit.a1, Kind.DELETED)
            yield from _marked(b, edit.b0, edit.b1, Kind.INSERTED)
        at, bt = edit.a1, edit.b1
    if new:
        yield from _same(redline, at, bt, new.end - bt)


def _same(redline: Redline, at: int, bt: int, size: int) -> Iterator[Piece]:
    """Equal words, cut where their marks change; another mark counts only where both texts tell their marks."""
    a, b = redline.a, redline.b
    known = a.marks_known and b.marks_known
    if not known or a.marks[at:at + size] == b.marks[bt:bt + size]:
        yield from _marked(b, bt, bt + size, Kind.SAME)
        return
    start = 0
    while start < size:
        was, now = a.marks[at + start], b.marks[bt + start]
        end = start + 1
        while end < size and a.marks[at + end] == was and b.marks[bt + end] == now:
            end += 1
        kind = Kind.SAME if was == now else Kind.REMARKED
        yield _piece(b, bt + start, bt + end, kind, _KINDS.get(now), _KINDS.get(was) if was != now else None)
        start = end


def _marked(reading: Reading, start: int, end: int, kind: Kind) -> Iterator[Piece]:
    marks = reading.marks
    while start < end:
        code = marks[start]
        rest = marks[start:end]
        stop = start + len(rest) - len(rest.lstrip(bytes((code,))))
        yield _piece(reading, start, stop, kind, _KINDS.get(code), None)
        start = stop


def _piece(reading: Reading, start: int, end: int, kind: Kind, law: MarkKind | None, was: MarkKind | None) -> Piece:
    breaks = bool(line_breaks(reading.lines, start, start + 1))
    return Piece(kind, laid_out(reading, start, end), start, end, law, was, breaks)


def laid_out(reading: Reading, start: int, end: int) -> str:
    """The words with their line breaks, the first one's left out."""
    cuts = [start, *line_breaks(reading.lines, start + 1, end), end]
    return "\n".join(" ".join(reading.words[i:j]) for i, j in pairwise(cuts))
