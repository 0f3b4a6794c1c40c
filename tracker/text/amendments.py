"""Amending prose to spans: 'by striking "X" and inserting "Y"' says which words law loses and which it gains."""

from __future__ import annotations

import re

from tracker.model import MarkKind
from tracker.text.marks import QUOTED, Span

# A verb, a short way, and the quotation that it governs. Every gap is a bounded class without the quotation marks
# themselves, so the cost of a search is bounded by the number of verbs.
_VERB = re.compile(
    r"\b(striking|strike|deleting|omitting|removing|inserting|insert|substituting|adding|substitute)\b", re.I
)
_KIND = {
    "striking": MarkKind.STRUCK, "strike": MarkKind.STRUCK, "deleting": MarkKind.STRUCK,
    "omitting": MarkKind.STRUCK, "removing": MarkKind.STRUCK, "inserting": MarkKind.INSERTED,
    "insert": MarkKind.INSERTED, "substituting": MarkKind.INSERTED, "substitute": MarkKind.INSERTED,
    "adding": MarkKind.INSERTED,
}  # fmt: skip
_OPENING = re.compile(r"“|``|\"")
_CLOSING = {"“": "”", "``": "''", '"': '"'}
_STOPS = re.compile(r"[;.](?:\s|$)|\n")
REACH = 90  # characters from the verb to its quotation
LONGEST = 3000  # a quotation that does not close by then is not one
_STEMS = ("strik", "Strik", "insert", "omitting", "deleting", "removing", "adding", "substitut")
# `after "X"`, `before "X"`: the quotation is where to insert, not what.
_PLACE = re.compile(r"(?:after|before|following|at the end of)\s+(?:the\s+(?:word|words|phrase|term)s?\s+)?$", re.I)


def spell_marks(text: str) -> list[Span]:
    if not any(stem in text for stem in _STEMS):
        return []
    spans: list[Span] = []
    for verb in _VERB.finditer(text):
        kind = _KIND[verb[1].lower()]
        for start, end in _quotations(text, verb.end()):
            spans.append((start, end, kind, QUOTED))
    return spans


def _quotations(text: str, at: int) -> list[tuple[int, int]]:
    """The first quotation that the verb governs; `"X" and "Y"` gives both."""
    found: list[tuple[int, int]] = []
    reach = REACH
    while opening := _OPENING.search(text, at, min(len(text), at + reach)):
        gap = text[at : opening.start()]
        if _STOPS.search(gap) or _VERB.search(gap):
            break
        mark = _CLOSING[opening[0]]
        end = text.find(mark, opening.end(), opening.end() + LONGEST)
        if end < 0:
            break
        if found and gap.strip(" ,") not in ("and", "", "or", "each place it appears and"):
            break
        if not _PLACE.search(gap):
            if opening.end() < end:
                found.append((opening.end(), end))
            reach = 12
        at = end + len(mark)
    return found
