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


class Labels:
    """An ordered table of (pattern, classifications): the first pattern that matches a label's beginning decides.

    A row with no classifications names a label that is known and means no step. Patterns know no case; groups in them
    must not capture.
    """

    def __init__(self, table: Iterable[tuple[str, tuple[str, ...]]]) -> None:
        rows = list(table)
        self._classes = [classes for _, classes in rows]
        self._pattern = re.compile("|".join(f"({pattern})" for pattern, _ in rows), re.IGNORECASE | re.DOTALL)
        if self._pattern.groups != len(rows):
            raise ConfigError("a pattern of a table of labels captures a group: write (?:...)")
        self.classify = lru_cache(maxsize=8192)(self._classify)

    def _classify(self, label: str) -> tuple[str, ...] | None:
        """None: a label that the table does not know."""
        found = self._pattern.match(label)
        return self._classes[found.lastindex - 1] if found and found.lastindex else None

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
