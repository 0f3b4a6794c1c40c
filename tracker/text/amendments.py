"""Amending prose to spans: 'by striking "X" and inserting "Y"' says which words law loses and which it gains."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tracker.model import MarkKind
from tracker.text.marks import QUOTED, Span

# A verb, a short way, and the quotation that it governs. Verbs are found by plain search, which costs a tenth of a
# pattern's time on the many texts that amend nothing; every gap is bounded.
_KINDS = {
    "trik": MarkKind.STRUCK, "eleting": MarkKind.STRUCK, "mitting": MarkKind.STRUCK, "emoving": MarkKind.STRUCK,
    "nsert": MarkKind.INSERTED, "ubstitut": MarkKind.INSERTED, "adding": MarkKind.INSERTED,
}  # fmt: skip
_VERB = re.compile(
    r"\b(?:[Ss]triking|[Ss]trike|[Dd]eleting|[Oo]mitting|[Rr]emoving|[Ii]nserting|[Ii]nsert|[Ss]ubstituting|[Ss]ubstitute|"
    r"adding)\b"
)
_OPENING = re.compile(r"“|``|\"")
_CLOSING = {"“": "”", "``": "''", '"': '"'}
_STOPS = re.compile(r"[;.](?:\s|$)|\n")
REACH = 90  # characters from the verb to its quotation
LONGEST = 3000  # a quotation that does not close by then is not one
# `after "X"`, `before "X"`: the quotation is where to insert, not what.
_PLACE = re.compile(r"(?:after|before|following|at the end of)\s+(?:the\s+(?:word|words|phrase|term)s?\s+)?$", re.I)


def spell_marks(text: str) -> list[Span]:
    spans: list[Span] = []
    for start, kind in sorted(_verbs(text), key=lambda verb: verb[0]):
        verb = _VERB.match(text, start)
        if verb is not None:
            spans += [(a, b, kind, QUOTED) for a, b in _quotations(text, verb.end())]
    return spans


def _verbs(text: str) -> Iterator[tuple[int, MarkKind]]:
    """Where a verb may begin."""
    for stem, kind in _KINDS.items():
        at = text.find(stem)
        while at >= 0:
            yield at - (stem != "adding"), kind
            at = text.find(stem, at + len(stem))


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
