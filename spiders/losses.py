"""What a listing names, against what we know: bills that it lost, and holes in the series of their numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

WIDEST_GAP = 100  # numbers that may be missing in a row
FIRST_RUNNING = 5000  # a session has fewer bills
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


def left_behind(known: Iterable[int], listed: Sequence[int]) -> int:
    """How many of the known numbers belong to sessions that the listing has left.

    Numbers of bills begin anew with each session, and a session has addresses of its own. Numbers of records run on
    through the years: then those below the lowest listed one are old, unless that is near the beginning of the series.
    """
    lowest = min(listed, default=0)
    running = lowest > FIRST_RUNNING and lowest > 4 * (max(listed, default=0) - lowest)
    return sum(n < lowest for n in known) if running else 0


def last_number(url: str) -> int:
    found = _LAST_NUMBER.search(url)
    return int(found[0]) if found else 0


def shape(url: str) -> str:
    """An address without its last number: the bills of one session and kind have one shape."""
    return _LAST_NUMBER.sub("*", url)
