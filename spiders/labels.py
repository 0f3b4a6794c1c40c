"""A legislature's own words for a step to the classes of Open Civic Data, by an ordered table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from tracker.errors import ConfigError


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
