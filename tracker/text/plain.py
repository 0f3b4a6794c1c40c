"""Plain text as printed (wrapped, indented, with page furniture) to marked text: one paragraph a line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tracker.errors import TextError
from tracker.model import MarkedText, MarkKind
from tracker.text.amendments import spell_marks
from tracker.text.marks import INLINE, QUOTED, Span, paint
from tracker.text.provisions import quoted_blocks, segment

# GPO's page breaks, rules and end marks; line numbers alone on a line.
_FURNITURE = re.compile(r"^(?:\[\[Page [^\]\n]{1,40}\]\]|<(?:DOC|all)>|_{5,}|={5,}|-{20,}|\d{1,3}|[ivx]{1,5}|\x0c+)$")
_STARTS = re.compile(r"(?:[“\"`]{0,2}|'{0,2})(?:\([0-9A-Za-z]{1,5}\)|(?:SEC\.|SECTION|Sec\.|Section)\s+\d|§|"
                     r"NEW SECTION|TITLE [IVX]+)")  # fmt: skip
_STRIKES = re.compile(r"\b(?:striking|strike|deleting|omitting)\b(?!.*\b(?:insert|add|substitut|as follows))", re.S)
# Where a legislature marks its redline in the characters themselves: WA ((struck)); OR {+ new +} and {- old -}.
_TYPED = (
    (re.compile(r"\(\(([^()]{1,4000}(?:\([^()]{0,400}\)[^()]{0,4000}){0,40})\)\)"), MarkKind.STRUCK),
    (re.compile(r"\{\+([^{}]{1,8000})\+\}"), MarkKind.INSERTED),
    (re.compile(r"\[-([^\[\]]{1,8000})-\]|\{-([^{}]{1,8000})-\}"), MarkKind.STRUCK),
)


def read(document: str) -> MarkedText:
    return finish(reflow(document))


def finish(text: str, spans: Sequence[Span] = ()) -> MarkedText:
    """`spans`: what the document's own markup said is inserted or struck."""
    if not text:
        raise TextError("expected the words of a bill; got a document without any")
    found = [*spans, *typed_marks(text), *block_marks(text), *spell_marks(text)]
    marks = paint(found, text)
    return MarkedText(text, marks, segment(text))


def reflow(document: str) -> str:
    """Join wrapped lines: a paragraph starts after an empty line, at an enumerator, or where the indent grows."""
    paragraphs: list[str] = []
    fresh, indent = True, 0
    for raw in document.replace("\r\n", "\n").replace("\r", "\n").expandtabs().split("\n"):
        line = " ".join(raw.split())
        if not line or _FURNITURE.match(line):
            fresh = fresh or not line
            continue
        depth = len(raw) - len(raw.lstrip())
        if fresh or not paragraphs or depth > indent + 1 or _STARTS.match(line):
            paragraphs.append(line)
        elif paragraphs[-1].endswith(("-", "‑")) and not paragraphs[-1].endswith("--") and line[:1].islower():
            paragraphs[-1] += line  # a compound that broke at its hyphen
        else:
            paragraphs[-1] += " " + line
        fresh, indent = False, depth
    return "\n".join(paragraphs)


def block_marks(text: str) -> list[Span]:
    """Quoted law that a sentence introduces with a colon: law gains it, or loses it if the sentence strikes."""
    spans: list[Span] = []
    for start, end in quoted_blocks(text):
        before = text[max(0, start - 160) : start].rstrip()
        if spans and spans[-1][1] == len(text[:start].rstrip()):
            spans.append((start, end, spans[-1][2], QUOTED))
        elif before.endswith((":", "—", "--")):
            kind = MarkKind.STRUCK if _STRIKES.search(before) else MarkKind.INSERTED
            spans.append((start, end, kind, QUOTED))
    return spans


def typed_marks(text: str) -> list[Span]:
    spans: list[Span] = []
    for pattern, kind in _TYPED:
        for m in pattern.finditer(text):
            spans.append((m.start(), m.end(), kind, INLINE))
    return spans
