"""An anchor to the 5 to 30 words that prove the flag, bounded by its sentence."""

from __future__ import annotations

import re

from tracker.model import MarkKind
from tracker.tagger.sections import Section

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


# "Section 230 is amended-" proves nothing yet: what follows says what becomes of it.
_INSTRUCTS = re.compile(rb"\b(?:amended|following)\b[^.;\n]{0,90}[-:,]\s*$")
_DOES = re.compile(rb"\b(?:shall|must|may not|may|is guilty|are guilty|commits|liable|by striking [^\n]{3,200}? and inserting|"
                   rb"by inserting|by striking)\b", re.I)  # fmt: skip
_MOVES = re.compile(rb"redesignat|\bat the end\b[;,]|striking .{0,3}(?:and|or|period|comma|semicolon)\b")
REACH = 4000  # characters in which the change is looked for


def change_after(section: Section, start: int, end: int) -> tuple[int, int] | None:
    """The words that do something, where the anchor only opens an amendment; None where it does not."""
    body = section.shadow
    stop = body.find(b"\n", end)
    stop = stop if stop >= 0 else len(body)
    if _INSTRUCTS.search(body[max(0, start - 200) : stop]) is None:
        return None
    for line in re.finditer(rb"[^\n]+", body[stop : stop + REACH]):
        words = body[stop + line.start() : stop + line.end()]
        does = _DOES.search(words)
        role = section.role_at(stop + line.start())
        if does is None or role is not None or _MOVES.search(words) or _INSTRUCTS.search(words):
            continue
        at = stop + line.start()
        mark = next((m for m in section.marks if m.kind is MarkKind.INSERTED
                     and at + does.end() <= m.start - section.start < at + len(words)), None)  # fmt: skip
        if does[0].lower().startswith(b"by ") and mark is not None:
            return at + does.start(), min(mark.end - section.start, at + len(words))
        return at + does.start(), at + does.end()
    return None
