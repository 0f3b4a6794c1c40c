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
    "omit ": MarkKind.STRUCK, "eave out": MarkKind.STRUCK, "eplacing": MarkKind.STRUCK,
    "nsert": MarkKind.INSERTED, "ubstitut": MarkKind.INSERTED, "adding": MarkKind.INSERTED,
}  # fmt: skip
_VERB = re.compile(
    r"\b(?:[Ss]triking|[Ss]trike|[Dd]eleting|[Oo]mitting|[Rr]emoving|[Ii]nserting|[Ii]nsert|[Ss]ubstituting|[Ss]ubstitute|"
    r"[Ss]ubstitution|adding|omit|[Ll]eave out|[Rr]eplacing)\b"
)
_WHOLE_STEMS = frozenset(("adding", "omit "))  # the others are found by what follows their first letter
_OPENING = re.compile(r"“|``|\"")
_CLOSING = {"“": "”", "``": "''", '"': '"'}
_STOPS = re.compile(r"[;.](?:\s|$)|\n")
REACH = 90  # characters from the verb to its quotation
LONGEST = 3000  # a quotation that does not close by then is not one
# `substituting "new" for "old"`, `replacing "old" with "new"`, and Britain's `for "old" substitute "new"`.
_EXCHANGES = re.compile(r"(?:^|[\s,])(?:for|with|in place of|in lieu of)\s+(?:the\s+(?:word|term|phrase)s?\s+)?$")
_REPLACED = re.compile(r"\bfor (?:the (?:words?|references?(?: to)?|figures?) )?[“\"]([^”\"\n]{1,160})[”\"],? "
                       r"(?:\([^()\n]{0,60}\),? |in (?:each|both) places?[^“”\"\n]{0,40} |there is )?$")  # fmt: skip
LONGEST_OLD = 240  # characters before the verb
_OTHER = {MarkKind.STRUCK: MarkKind.INSERTED, MarkKind.INSERTED: MarkKind.STRUCK}
# `after "X"`, `before "X"`: the quotation is where to insert, not what.
_PLACE = re.compile(r"(?:after|before|following|at the end of|definitions? of|meaning of)\s+"
                    r"(?:the\s+(?:word|words|phrase|term)s?\s+)?$", re.I)  # fmt: skip


def spell_marks(text: str) -> list[Span]:
    spans: list[Span] = []
    for start, kind in sorted(_verbs(text), key=lambda verb: verb[0]):
        verb = _VERB.match(text, start)
        if verb is not None:
            spans += [(a, b, _OTHER[kind] if other else kind, QUOTED) for a, b, other in _quotations(text, verb.end())]
            old = _REPLACED.search(text, max(0, start - LONGEST_OLD), start) if verb[0] == "substitute" else None
            if old is not None:
                spans.append((old.start(1), old.end(1), MarkKind.STRUCK, QUOTED))
    return spans


def _verbs(text: str) -> Iterator[tuple[int, MarkKind]]:
    """Where a verb may begin."""
    for stem, kind in _KINDS.items():
        at = text.find(stem)
        while at >= 0:
            yield at - (stem not in _WHOLE_STEMS), kind
            at = text.find(stem, at + len(stem))


def _quotations(text: str, at: int) -> list[tuple[int, int, bool]]:
    """The first quotation that the verb governs; `"X" and "Y"` gives both. True: the words change places with it."""
    found: list[tuple[int, int, bool]] = []
    reach = REACH
    while opening := _OPENING.search(text, at, min(len(text), at + reach)):
        gap = text[at : opening.start()]
        if _STOPS.search(gap) or _VERB.search(gap):
            break
        mark = _CLOSING[opening[0]]
        end = text.find(mark, opening.end(), opening.end() + LONGEST)
        if end < 0:
            break
        between = gap.strip(" ,")
        exchange = _EXCHANGES.search(gap) is not None
        if found and not exchange and between not in ("and", "", "or", "each place it appears and"):
            break
        if not _PLACE.search(gap):
            if opening.end() < end:
                found.append((opening.end(), end, exchange))
            if found and exchange and len(found) > 1:
                break
            reach = 30
        at = end + len(mark)
    return found
