"""What a comparison of two readings says: rows of paired sections, and the edits of words within each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tracker.redline.words import Reading, Unit


class Change(StrEnum):
    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Edit:
    """Words a0 to a1 of the earlier text became b0 to b1 of the later. `layout`: the same words, set otherwise."""

    a0: int
    a1: int
    b0: int
    b1: int
    layout: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """`before` and `after`: indexes of units; None if the other text has nothing like it. Edits are in order."""

    change: Change
    before: int | None
    after: int | None
    edits: tuple[Edit, ...] = ()
    moved: bool = False
    renumbered: bool = False


@dataclass(frozen=True, slots=True)
class Redline:
    """Rows in the order of the later text; what was removed stands where it stood."""

    a: Reading
    b: Reading
    rows: tuple[Row, ...]

    def before(self, row: Row) -> Unit | None:
        return None if row.before is None else self.a.units[row.before]

    def after(self, row: Row) -> Unit | None:
        return None if row.after is None else self.b.units[row.after]
