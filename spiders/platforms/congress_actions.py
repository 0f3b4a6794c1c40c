"""Rows of a BILLSTATUS action list to actions: one step is one action, however many record keepers tell it.

The House, the Senate and the Library of Congress each write down what happened. Rows of one date with equal words
(and equal times, or one of them missing) are one step; a row of the Library alone that repeats a chamber's row in
other words is that step, too, and its wording is kept beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from tracker.model import Action

LIBRARY = "Library of Congress"
CHAMBERS: tuple[tuple[str, str], ...] = (  # beginning of a record keeper's name -> chamber
    ("House", "lower"),
    ("Senate", "upper"),
)
# The Library speaks of both chambers: its words say which.
LIBRARY_CHAMBERS: tuple[tuple[str, str], ...] = (
    (r"(?:Presented to|Signed by|Vetoed by|Pocket vetoed by) President|Became (?:Public|Private) Law|"
     r"Approved by President", "executive"),
    (r"[^:]{0,60}\bHouse\b", "lower"),
    (r"[^:]{0,60}\bSenate\b", "upper"),
)
_LIBRARY_CHAMBER = re.compile("|".join(f"({pattern})" for pattern, _ in LIBRARY_CHAMBERS), re.IGNORECASE)
_EXECUTIVE = re.compile(LIBRARY_CHAMBERS[0][0], re.IGNORECASE)
_CITATION = re.compile(r"\((?:text|consideration|sponsor)[^)]*\)")
_GAPS = re.compile(r"[\s.]+")


@dataclass(frozen=True, slots=True)
class Row:
    """One `actions/item`."""

    date: str
    text: str
    time: str = ""
    code: str = ""
    keeper: str = ""
    committees: tuple[str, ...] = ()


@dataclass(slots=True)
class _Step:
    first: Row
    time: str
    codes: list[str] = field(default_factory=list)
    keepers: list[str] = field(default_factory=list)
    committees: list[str] = field(default_factory=list)
    also: list[str] = field(default_factory=list)
    told_by: _Step | None = None  # the chamber's step that this row of the Library repeats

    def add(self, row: Row) -> None:
        self.time = self.time or row.time
        for values, value in ((self.codes, row.code), (self.keepers, row.keeper)):
            if value and value not in values:
                values.append(value)
        self.committees += [c for c in row.committees if c not in self.committees]


Classifier = Callable[[str], "tuple[str, ...] | None"]


def merge(rows: list[Row], classify: Classifier) -> tuple[Action, ...]:
    """Rows in the order of the file (newest first) to actions, oldest first."""
    by_date: dict[str, list[_Step]] = {}
    for row in rows:
        steps = by_date.setdefault(row.date, [])
        step = next((s for s in steps if s.first.text == row.text
                     and (s.first.time == row.time or not s.first.time or not row.time)), None)
        if step is None:
            step = _Step(row, row.time)
            steps.append(step)
        step.add(row)
    for steps in by_date.values():
        if len(steps) > 1:
            _fold(steps)
    days = sorted(by_date)  # ISO dates; stable within a day: the file's order, turned
    return tuple(_action(step, classify) for day in days for step in reversed(by_date[day]) if step.told_by is None)


def _fold(steps: list[_Step]) -> None:
    """Rows that only the Library tells join the chamber's row that says the same."""
    library = [s for s in steps if s.keepers == [LIBRARY]]
    if not library or len(library) == len(steps):
        return
    chambers: dict[str, _Step] = {}
    for step in steps:
        if step.keepers != [LIBRARY]:
            chambers.setdefault(_plain(step.first.text), step)
    for step in library:
        mine = _plain(step.first.text)
        told_by = chambers.get(mine) or chambers.get(mine.split(": ", 1)[-1])
        if told_by is not None:
            step.told_by = told_by
            told_by.also.append(step.first.text)
            for row in (Row(step.first.date, "", step.time, code, LIBRARY, tuple(step.committees))
                        for code in step.codes or [""]):
                told_by.add(row)


def _plain(text: str) -> str:
    """The wording without citations of the Record, case, dots and gaps."""
    return _GAPS.sub(" ", _CITATION.sub("", text.lower())).strip()


def _action(step: _Step, classify: Classifier) -> Action:
    classes = classify(step.first.text) or next((c for c in map(classify, step.also) if c), ())
    return Action(step.first.text, date.fromisoformat(step.first.date), step.time or None, classes,
                  _chamber(step), tuple(step.keepers), tuple(step.also), tuple(step.committees))


def _chamber(step: _Step) -> str | None:
    text = step.first.text
    if _EXECUTIVE.match(text):
        return "executive"
    for keeper in step.keepers:
        for beginning, chamber in CHAMBERS:
            if keeper.startswith(beginning):
                return chamber
    found = _LIBRARY_CHAMBER.match(text)
    return LIBRARY_CHAMBERS[found.lastindex - 1][1] if found and found.lastindex else None
