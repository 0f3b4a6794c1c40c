"""Plain text as printed (wrapped, indented, with page furniture) to marked text: one paragraph a line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tracker.errors import TextError
from tracker.model import MarkedText, MarkKind
from tracker.text.amendments import spell_marks
from tracker.text.conventions import convention_of, existing_known
from tracker.text.marks import QUOTED, WHOLE_DELETED, Span, paint
from tracker.text.printed import CLOSE, OPEN, lift, reflow
from tracker.text.provisions import quoted_blocks, segment
from tracker.text.typed import typed_marks

_STRIKES = re.compile(r"\b(?:striking|strike|deleting|omitting)\b(?!.*\b(?:insert|add|substitut|as follows))", re.S)
# Law that is printed whole to show what changes in it: quotation marks around it make nothing of it new.
_WHOLE = re.compile(r"\b(?:amended|reenacted)\b(?! by adding)[^.;]{0,140}(?:\bto read|as follows)[^.;]{0,20}$", re.I)


def read(document: str, jurisdiction: str = "") -> MarkedText:
    """GPO's text renditions say what a committee struck: <DELETED> ... </DELETED>."""
    if "<DELETED>" in document:
        document = document.replace("<DELETED>", OPEN[MarkKind.STRUCK]).replace("</DELETED>", CLOSE[MarkKind.STRUCK])
    text, spans = lift(reflow(document, hyphens=convention_of(jurisdiction).hyphens))
    return finish(text, [(a, b, kind, WHOLE_DELETED) for a, b, kind, _ in spans], jurisdiction)


def finish(text: str, spans: Sequence[Span] = (), jurisdiction: str = "") -> MarkedText:
    """`spans`: what the document's own markup said is inserted or struck; where it said so, characters need not."""
    if not text:
        raise TextError("expected the words of a bill; got a document without any")
    told = {kind for _, _, kind, _ in spans}
    found = [*spans, *typed_marks(text, jurisdiction, told), *block_marks(text, jurisdiction), *spell_marks(text)]
    marks = paint(found, text)
    return MarkedText(text, marks, segment(text), bool(spans) or existing_known(jurisdiction, text))


def block_marks(text: str, jurisdiction: str = "") -> list[Span]:
    """Quoted law that a sentence introduces with a colon: law gains it, or loses it if the sentence strikes."""
    quotes = convention_of(jurisdiction).quotes
    spans: list[Span] = []
    ended = -1  # of the last quotation, with the blanks after it
    for start, end in quoted_blocks(text):
        before = text[max(0, start - 160) : start].rstrip()
        if ended == start:
            spans.append((start, end, spans[-1][2], QUOTED))
        elif not before.endswith((":", "—", "--")) or (not quotes and _WHOLE.search(before.rstrip(":—- "))):
            continue
        else:
            kind = MarkKind.STRUCK if _STRIKES.search(before) else MarkKind.INSERTED
            spans.append((start, end, kind, QUOTED))
        ended = end
        while ended < len(text) and text[ended].isspace():
            ended += 1
    return spans
