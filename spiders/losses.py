"""What a listing names, against what we know: bills that it lost, and holes in the series of their numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

WIDEST_GAP = 100  # numbers that may be missing in a row
_LAST_NUMBER = re.compile(r"\d+(?=\D*$)")


def holes(numbers: Mapping[tuple[str, str], Iterable[int]],
          allowed: Mapping[str, int]) -> list[tuple[int, int, str, str]]:
    """(number before, number after, letters, session) of each hole that is wider than its series may have."""
    found = []
    for (session, letters), series in sorted(numbers.items()):
        ordered = sorted(set(series))
        widest = allowed.get(letters, WIDEST_GAP)
        found += [(a, b, letters, session) for a, b in pairwise(ordered) if b - a - 1 > widest]
    return found


def shape(url: str) -> str:
    """An address without its last number: the bills of one session and kind have one shape."""
    return _LAST_NUMBER.sub("*", url)
