"""Quotation marks to the spans of the words that they hold."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

_OPENING = re.compile(r"“|``|\"|‘(?=[A-Z])")
_CLOSING = {"“": "”", "``": "''", '"': '"', "‘": "’"}
LONGEST = 6000  # a quotation that does not close by then is not one


@dataclass(frozen=True, slots=True)
class Quotation:
    """The span of the words, and where the closing mark ends."""

    start: int
    end: int
    after: int


def quotation(text: str, at: int, before: int) -> Quotation | None:
    """The first quotation that opens in [at, before), or None."""
    opening = _OPENING.search(text, at, before)
    if opening is None:
        return None
    mark = _CLOSING[opening[0]]
    end = text.find(mark, opening.end(), opening.end() + LONGEST)
    while mark == "”" and end >= 0 and text.count("“", opening.end(), end) > text.count("”", opening.end(), end):
        further = text.find(mark, end + 1, opening.end() + LONGEST)
        if further < 0 or "\n" not in text[opening.end() : further]:
            break
        end = further
    if end < 0:
        return None
    return Quotation(opening.end(), end, end + len(mark))


_OPENS = re.compile(r"^[ \t]*(?:“|``|\"(?=[\w(§]))", re.M)
_CLOSES = re.compile(r"(?:”|''|\")[.;,]{0,2}(?:[ \t]{0,9}(?:and|or))?[.;,]?[ \t]{0,9}$", re.M)


def blocks(text: str, headings: list[int]) -> list[tuple[int, int]]:
    """Quoted law: from a line that opens a quotation to a line that closes one, at most to the bill's next section."""
    found: list[tuple[int, int]] = []
    at, close = 0, -1
    while opens := _OPENS.search(text, at):
        if close < opens.end():
            closes = _CLOSES.search(text, opens.end())
            close = closes.end() if closes is not None else len(text)
        after = bisect_right(headings, opens.start())
        end = min(close, headings[after] if after < len(headings) else len(text))
        found.append((opens.start(), max(end, opens.end())))
        at = max(end, opens.end())
    return found


def is_open(text: str, at: int) -> bool:
    """Whether `at` stands inside a quotation that opened shortly before on the same line."""
    window = text[max(0, at - 160) : at]
    window = window[window.rfind("\n") + 1 :]
    return window.rfind("“") > window.rfind("”") or window.count('"') % 2 == 1
