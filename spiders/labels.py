"""A legislature's own words for a step to the classes of Open Civic Data, by an ordered table.

A long table lies beside the legislature's file (`us_wa.labels`), one row a line: classes, a colon, a pattern. A line
that begins with "#" is for people; "[name]" begins another table of the same legislature, of codes and their words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from tracker.errors import ConfigError

ACTIONS = "actions"  # the table with which a file begins
Row = tuple[str, tuple[str, ...]]


class Table:
    """Ordered (pattern, classifications): the first pattern that matches a label's beginning decides.

    A row with no classifications names a label that is known and means no step. Patterns know no case; groups in them
    must not capture.
    """

    def __init__(self, table: Iterable[Row]) -> None:
        rows = list(table)
        self._classes = [classes for _, classes in rows]
        self._pattern = re.compile("|".join(f"({pattern})" for pattern, _ in rows), re.IGNORECASE | re.DOTALL)
        if self._pattern.groups != len(rows):
            raise ConfigError("a pattern of a table of labels captures a group: write (?:...)")

    def find(self, label: str) -> tuple[str, ...] | None:
        found = self._pattern.match(label)
        return self._classes[found.lastindex - 1] if found and found.lastindex else None


# What every legislature may say, whether its recordings had it or not. A vote over a veto is no passage: the bill was
# passed before, and one chamber's vote makes no law.
OVER_VETO = Table((
    (r"(?:.*\b)?(?:motion|notice|consideration|request|message)\b"  # of one, not its end
     r"(?!.*\b(?:passed|adopted|carried|prevailed|agreed|fail|lost|reject|defeat|sustain|overridden))", ()),
    (r".*\bveto\b.{0,12}\bnot overridden|.*\bveto (?:was |is |has been )?(?:sustained|upheld)"
     r"|.*\b(?:failed|rejected|not passed|lost|defeated)\b.*\bover(?:ride|ridden)?\b.{0,40}\bveto"
     r"|.*\boverrid(?:e|den)\b.{0,40}\bveto\b.*\b(?:failed|lost|rejected|defeated)"
     r"|.*\bpass(?:ed)?\b.{0,40}\bover\b.{0,40}\bveto\b.{0,20}\b(?:failed|lost|rejected|defeated)",
     ("veto-override-failure",)),
    (r".*\b(?<!be )(?:re)?passed\b.{0,40}\bover\b.{0,40}\bveto|.*\bveto\b.{0,20}\boverridden"
     r"|.*\b(?:re)?passed\b.{0,80}\bnotwithstanding\b.{0,60}\b(?:veto|objections?)\b", ("veto-override-passage",)),
))
ENDS = Table((
    (r"(?:(?:governor|president)(?:.s)? )?(?:line[- ]item|item|line|partial(?:ly)?|in part) veto",
     ("executive-veto-line-item",)),
    (r"(?:(?:governor|president)(?:.s)? )?pocket[- ]veto|(?:governor |president )?vetoed\b", ("executive-veto",)),
    # The session ended first. Read by tracker.stage, too, which tells it from a vote.
    (r"(?:bill )?(?:died\b|lapsed\b|fell\b)|(?:.*\badjourned )?sine die\b|.*\bupon (?:sine die )?adjournment|dead\b"
     r"|no further action", ("failure",)),
))


class Labels(Table):
    """A legislature's own table, and after it what every legislature may say."""

    def __init__(self, table: Iterable[Row]) -> None:
        super().__init__(table)
        self.classify = lru_cache(maxsize=8192)(self._classify)

    def _classify(self, label: str) -> tuple[str, ...] | None:
        """None: a label that neither table knows."""
        own = self.find(label)
        if (own is None or not own or "passage" in own) and "veto" in label.lower():
            own = OVER_VETO.find(label) or own
        return ENDS.find(label) if own is None else own

    @classmethod
    def beside(cls, module: str) -> Labels:
        """The table beside a legislature's file: `Labels.beside(__file__)`. "-" stands for no class."""
        rows = _rows(module, ACTIONS)
        return cls((pattern, () if classes == "-" else tuple(classes.split())) for classes, pattern in rows)


def codes(module: str, table: str) -> dict[str, str]:
    """Another table beside a legislature's file: code -> words, in its order."""
    return dict(_rows(module, table))


def _rows(module: str, wanted: str) -> Iterator[tuple[str, str]]:
    """(left of the first colon, right of it) of each line. Raises ConfigError: no file, no table, a torn line."""
    path, table, found = Path(module).with_suffix(".labels"), ACTIONS, False
    if not path.is_file():
        raise ConfigError(f"{path.name} does not lie beside {Path(module).name}")
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if re.fullmatch(r"\[\w+\]", line):
            table = line[1:-1]
        elif table == wanted and line and not line.startswith("#"):
            left, colon, right = line.partition(": ")
            if not colon:
                raise ConfigError(f"{path.name}, line {number}: expected classes, a colon and a pattern")
            found = True
            yield left, right
    if not found:
        raise ConfigError(f"{path.name}: expected a table [{wanted}], got none")
