"""A redline to the steps that make the later text from the earlier one, and those steps carried out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.redline.rows import Redline


@dataclass(frozen=True, slots=True)
class Keep:
    """Words `start` to `end` of the earlier text, at this place."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Put:
    """Words that the earlier text does not have at this place, joined by single blanks."""

    words: str


Step = Keep | Put


def steps(redline: Redline) -> tuple[Step, ...]:
    found: list[Step] = []
    for row in redline.rows:
        new, old = redline.after(row), redline.before(row)
        if new is None:
            continue
        at = old.start if old else 0
        for edit in row.edits:
            if old is not None and at < edit.a0:
                found.append(Keep(at, edit.a0))
            at = edit.a1
            if edit.b0 < edit.b1:
                found.append(Put(redline.b.text(edit.b0, edit.b1)))
        if old is not None and at < old.end:
            found.append(Keep(at, old.end))
    return tuple(found)


def apply(before: str, patch: Iterable[Step]) -> str:
    """The later text, normalised, from the earlier one, normalised."""
    words = before.split(" ") if before else []
    pieces = [" ".join(words[step.start:step.end]) if isinstance(step, Keep) else step.words for step in patch]
    return " ".join(piece for piece in pieces if piece)
