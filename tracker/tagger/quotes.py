"""An anchor to the 5 to 30 words that prove the flag, bounded by its sentence."""

from __future__ import annotations

import re

_WORD = re.compile(r"\S+")
BEFORE, LEAST, MOST = 8, 14, 30  # words


def quote_around(text: str, low: int, high: int, start: int, end: int) -> tuple[int, int]:
    """Span of `text` that holds [start, end), within [low, high)."""
    left = max(low, start - 160)
    before = [left + m.start() for m in _WORD.finditer(text[left:start])]
    first = before[-BEFORE:][0] if before else start
    right = min(high, end + 400)
    ends = [first + m.end() for m in _WORD.finditer(text[first:right])]
    anchor_words = sum(1 for e in ends if e <= end)
    take = min(len(ends), max(anchor_words + 1, min(MOST, max(LEAST, anchor_words + 6))))
    last = ends[take - 1] if ends else end
    last = max(last, end)
    while last > end and text[last - 1] in " \n\t,":
        last -= 1
    return first, last
