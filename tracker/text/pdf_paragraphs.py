"""Printed lines to paragraphs: which line begins one, and whether a hyphen at a line's end belongs to the word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from tracker.text.pdf_layout import Line

_STARTS = re.compile(
    r"[\[{]{0,2}[“\"`'‘]{0,2}(?:\([0-9A-Za-z]{1,5}\)|\d{1,3}[.)]\s|[A-Za-z]\.\s|(?:SEC\.|SECTION|Sec\.|Section)\s+\d"
    r"|§|[•‣▸►]"
    r"|NEW SECTION|Statement of purpose of|Whereas\b|WHEREAS|Resolved\b|RESOLVED"
    r"|(?:TITLE|CHAPTER|PART|ARTICLE)\s+[IVX\d]+\b"
    r"|\d+[A-Z]?(?:[-.:]\d+[A-Za-z]?){1,4}\.\s|\*\s?\*\s?\*"
    r"|(?:BE IT|Be [Ii]t|It is) (?:hereby )?(?:[Ee]nacted|ENACTED|[Rr]esolved|RESOLVED))"
)
_ENDS = re.compile(r"[.;:?!—][”\"’'\])}]*(?:\s*(?:and|or|AND|OR))?$")
# After these words the number that begins the next line is named, not opened.
_NAMES = re.compile(
    r"(?:\b(?:(?:sub)?(?:section|paragraph|division|clause|chapter|part)s?|under|ss?\.|No\.|[VUCPR]\.(?:\s?[A-Z]\.){1,3}"
    r"|ORS|CFR|RSA|Laws)|§+|[)\d](?:,|,? (?:and|or|to|through)))$", re.I)  # fmt: skip
_NAMED = re.compile(r"\b(?:sub)?(?:section|paragraph|division)s? \S+$", re.I)
_LABEL = re.compile(r"[A-Z]\w+(?: \w+){0,2}:(?:\s|$)")
_INTRODUCES = re.compile(r"(?:\bto read|\bas follows|(?:enacted|resolved) .{3,80}):$", re.I)
_CAPTION = re.compile(r"SEC\.|SECTION|NEW SECTION")
_NUMBER = re.compile(r"\d+[A-Z]?(?:-\d+[A-Za-z]?)+(?:\.\d+)?\s")
# No sentence, and no heading, ends with these.
_OPEN = re.compile(r"\b(?:of|under|in|by|with|the|to|from|for|a|an|at|on|as|that|which|is|are|be|may|shall)$")
_HEAD = re.compile(r"([A-Za-z]+)-$")
_TAIL = re.compile(r"[a-z]+")
_WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")
# Prefixes that keep their hyphen.
_PREFIXES = frozenset(
    ("self", "ex", "all", "cross", "well", "long", "short", "full", "part", "half", "high", "low", "year", "day",
     "state", "court", "post", "pre")
)  # fmt: skip


def named(text: str) -> bool:
    """Whether a line ends with "Subsection (1)", so that "(a)(i)" on the next one goes on naming it."""
    return _NAMED.search(text) is not None


class Setting:
    """How a document is set: right margin, usual step from line to line, and the words that it uses."""

    def __init__(self, lines: Sequence[Line], texts: Sequence[str]) -> None:
        self.right = _right_margin(lines)
        self.step = _usual_step(lines)
        self.words: Counter[str] = Counter()
        for text in texts:
            self.words.update(word.lower() for word in _WORD.findall(text))
        self.breaks_words = self._breaks_words(texts)

    def _breaks_words(self, texts: Sequence[str]) -> bool:
        """Whether hyphens at line ends are mostly the typesetter's, judged by the words that occur elsewhere."""
        whole = compound = 0
        for above, below in pairwise(texts):
            head, tail = _HEAD.search(above), _TAIL.match(below)
            if head and tail:
                whole += self.words[(head[1] + tail[0]).lower()] > 0
                compound += self.words[f"{head[1]}-{tail[0]}".lower()] > 0
        return whole > compound

    def drops_hyphen(self, above: str, below: str) -> bool:
        """Whether `above` ends with a hyphen that is the typesetter's: infor-mation, but not well-being."""
        head, tail = _HEAD.search(above), _TAIL.match(below)
        if not head or not tail:
            return False
        if self.words[f"{head[1]}-{tail[0]}".lower()] > 0:
            return False
        if self.words[(head[1] + tail[0]).lower()] > 0:
            return True
        return self.breaks_words and head[1].lower() not in _PREFIXES

    def begins(self, above: Line, above_text: str, line: Line, text: str) -> bool:
        """Whether `line` begins a paragraph."""
        if above.page == line.page:
            gap = above.y - line.y
            if gap > 1.45 * self.step and gap > 2.1 * line.size:
                return True
            if abs(above.size - line.size) > 0.25 * line.size:
                return True
        ended = _ENDS.search(above_text) is not None
        short = self._short(above, line, text)
        if short and _LABEL.match(text):
            return True
        if _OPEN.search(above_text):
            return False
        if _INTRODUCES.search(above_text):
            return True
        indent = line.x0 - above.x0
        if _STARTS.match(text):
            if not _CAPTION.match(text) and (_NAMES.search(above_text) or (not (ended or short) and named(above_text))):
                return False
            return ended or short or abs(indent) > 3
        if text[:1].islower():
            return short and above_text.endswith(":")
        if short and (ended or text.isupper() or _NUMBER.match(text)):
            return True
        if indent > 0.9 * line.size and ended:
            return True
        return self._far_short(above) or (short and abs(indent) > 2.5 * line.size)

    def _short(self, above: Line, line: Line, text: str) -> bool:
        """The next word would have fitted, so the line was ended on purpose."""
        word = len(text.partition(" ")[0]) + 1
        return above.x1 + word * (line.x1 - line.x0) / max(len(text), 1) < self.right - 0.5 * line.size

    def _far_short(self, above: Line) -> bool:
        return above.x1 < self.right - 0.35 * (self.right - above.x0) and above.x1 < self.right - 100


def _right_margin(lines: Sequence[Line]) -> float:
    """The furthest right edge that at least one line in fifty reaches."""
    edges = sorted((line.x1 for line in lines), reverse=True)
    return edges[len(edges) // 50] if edges else 0.0


def _usual_step(lines: Sequence[Line]) -> float:
    steps = Counter(round(above.y - line.y) for above, line in pairwise(lines)
                    if above.page == line.page and 0 < above.y - line.y < 60)  # fmt: skip
    return float(max(steps, key=lambda step: (steps[step], -step))) if steps else 60.0
