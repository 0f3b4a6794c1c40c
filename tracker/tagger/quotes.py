"""An anchor to the 5 to 30 words that prove the flag, bounded by its sentence."""

from __future__ import annotations

import re

from tracker.model import MarkKind
from tracker.tagger.sections import Section

_WORD = re.compile(r"\S+")
_CLAUSE = re.compile(r"[;:,.—)]$|--$")
BEFORE, WHOLE, FEWEST, LEAST, MOST = 12, 24, 5, 16, 30  # words


def quote_around(text: str, low: int, high: int, start: int, end: int, *, whole: bool = False) -> tuple[int, int]:
    """Span of `text` that holds [start, end), within [low, high): whole clauses where 30 words allow it.

    `whole`: what stands before proves it too ("RCW 9A.88.030 and 2020 c 331 s 4 are each repealed").
    """
    left = max(low, start - 240)
    room = max(0, min(WHOLE if whole else BEFORE, MOST - 1 - len(_WORD.findall(text[start:end]))))
    before = [(left + m.start(), m[0]) for m in _WORD.finditer(text[left:start])]
    before = before[len(before) - min(room, len(before)) :]
    opens = [] if whole else [n for n, (_, word) in enumerate(before) if _CLAUSE.search(word)]
    kept = before[opens[-1] + 1 :] if opens and len(before) - opens[-1] > 3 else before
    first = kept[0][0] if kept else start
    ends = [first + m.end() for m in _WORD.finditer(text[first : min(high, end + 400)])]
    if len(ends) < FEWEST:  # a heading or a short item: the words after it belong to the proof
        ends = [first + m.end() for m in _WORD.finditer(text[first : first + 400])][:FEWEST]
        return first, ends[-1] if ends else end
    if len(_WORD.findall(text[first:end])) > MOST:
        return first, ends[MOST - 1]
    anchor = sum(1 for e in ends if e <= end)
    most = max(anchor, MOST)
    last = next((e for e in reversed(ends[max(anchor, LEAST) - 1 : most]) if _CLAUSE.search(text[e - 1 : e])), None)
    last = max(end, last or (ends[min(len(ends), most) - 1] if ends else end))
    while last > end and text[last - 1] in " \n\t,":
        last -= 1
    return first, last


# "Section 230 is amended-" proves nothing yet: what follows says what becomes of it.
_INSTRUCTS = re.compile(rb"\b(?:amended|following)\b[^.;\n]{0,90}[-:,]\s*$")
_DOES = re.compile(rb"\b(?:shall|must|may not|may|is guilty|are guilty|commits|liable|"
                   rb"by striking [^\n]{3,200}? and inserting|by inserting|by striking)\b", re.I)  # fmt: skip
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
