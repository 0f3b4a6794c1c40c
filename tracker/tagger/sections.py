"""Marked text to sections as the conditions see them: words, sentences, heading, marks, roles."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import islice, pairwise
from typing import Any

from tracker.citations import Instruction, instructions
from tracker.model import Mark, MarkedText, MarkKind, Provision
from tracker.tagger.grades import shift
from tracker.tagger.patterns import compile_pattern
from tracker.tagger.roles import Role, is_non_binding, roles_of, senses

# Each way begins with the character that ends the sentence, so the search leaps from one such character to the next.
_END_OF_SENTENCE = re.compile(rb"[.](?:\"|''|\))?(?=\s{1,9}[\"'`(\[A-Z\xa7])|\n(?<!,\n)(?<! or\n)(?<! and\n)"
                              rb"(?=[ \t]{0,9}\n\s{0,9}[^a-z\s])(?!\s{1,9}\d{1,3} [a-z])|"
                              rb";(?=[ \t]{0,9}(?:and|or)?[ \t]{0,9}\n)|\n(?<=[.;:]\n)")  # fmt: skip
_ABBREVIATIONS = (
    b"Sec", b"sec", b"No", b"Pub", b"Pt", b"L", b"U.S.C", b"U.S", b"S.C", b"et seq", b"Stat", b"art", b"Art", b"subd",
    b"ch", b"Inc", b"St", b"Mr", b"Ms", b"Dr", b"para", b"N.J.S", b"H.R", b"P.L", b"C", b"R.S", b"c", b"s", b"ss",
)  # fmt: skip
_INSTRUCTS = re.compile(rb"\b(?:is|are) (?:further |each |hereby )?(?:amended|enacted|added)\b|,? as enacted by\b")
_CAPTION = re.compile(rb"[\"\xa7 ]*[\dA-Za-z][\w.\-:]{2,20}[. ]{1,3}[A-Z][^\n.]{3,120}\.?(?=\n)")
_RENUMBERS = re.compile(rb"(?:[\W_]|\([0-9A-Za-z]{1,5}\))*")
_REPEALS = re.compile(rb"[^\n]{5,300}?\b(?:is|are) hereby repealed(?:\.|:|\n)(?=\s*\S)")
_NEXT = re.compile(rb"\b(?:SECTION|SEC\.|Section|Sec\.) \d+\. ")
_GOES = re.compile(rb"\b(?:is|are|be) (?:each |hereby )*(?:repealed|abolished|rescinded)\b|"
                   rb"\bamended by striking (?:sub)?(?:section|paragraph|clause)s? \([^)]{1,5}\)"
                   rb"[^\"\n]{0,20}(?:[.;]|$)",
                   re.I)  # fmt: skip
CLAUSE = 4  # words
_LINE_NUMBER = re.compile(rb"(\n[ \t]*)(\d{1,3})(?=[ \t]+\S|[ \t]*\n)")
RENUMBERING = 900  # characters of a section that may do no more
NUMBERED = 8  # lines with a number make a numbered print
LONG, ASIDES = 1800, 3  # characters of a section in which so few mentions are asides
SHORT_ITEM, MANY = 160, 3  # characters of a short paragraph; how many make a list
# State style: the amended law is printed whole and marks show the change. Federal bills only quote what is new.
_REDLINE = compile_pattern(
    r"amended (?:by [^.]{0,80})?(?:to read|as follows)|shall read as follows", "redline")


@dataclass(eq=False)
class Section:
    """One top-level provision. Offsets are within `shadow`; add `start` for offsets in the text.

    What only some rules ask for is worked out when it is asked for, once.
    """

    path: str
    start: int
    shadow: bytes
    marks: tuple[Mark, ...]  # sorted, non-overlapping; the first and the last may reach beyond the section
    provisions: tuple[Provision, ...]
    first: int  # index of the first of `provisions` in the text's
    resolution: bool
    marks_known: bool
    deeds: tuple[Instruction, ...] | None = None  # what its sentences do to the law; None: not asked yet
    _shifts: dict[tuple[int, int], int] = field(default_factory=dict)  # what was asked, by span
    _pieces: dict[tuple[MarkKind, int, int], bytes] = field(default_factory=dict)

    @cached_property
    def non_binding(self) -> bool:
        return self.resolution or is_non_binding(self.shadow)

    @cached_property
    def roles(self) -> list[Role]:
        return roles_of(self.shadow, self.provisions, self.start, self.path)

    @cached_property
    def sentences(self) -> list[int]:
        return [0, *_sentences(self.shadow)]

    @cached_property
    def senses(self) -> list[tuple[int, int]]:
        """Paragraphs that say the sense of a chamber."""
        return [self.paragraph(at) for at in senses(self.shadow)]

    @cached_property
    def repealed(self) -> tuple[int, int]:
        """A repealed section, printed after the words that repeal it."""
        return _repealed(self.shadow)

    @cached_property
    def redline(self) -> bool:
        """Existing law is printed around the words that change."""
        return self.marks_known and bool(self.marks) and _REDLINE.search(self.shadow[:600]) is not None

    def role_at(self, offset: int) -> str | None:
        return next((role for a, b, role in self.roles if a <= offset < b), None)

    def changes(self, laws: tuple[str, ...], by: tuple[str, ...], jurisdiction: str) -> list[tuple[int, int]]:
        """Where a sentence, or an entry of a list, changes one of these laws in one of these ways."""
        if self.deeds is None:
            self.deeds = instructions(self.shadow.decode("latin-1"), jurisdiction)
        return [(deed.start, deed.end) for deed in self.deeds if deed.kind in by
                and any(_covers(target, law) for target in deed.targets for law in laws)]  # fmt: skip

    def repeals(self, offset: int) -> bool:
        """Does the sentence say that what it names goes?"""
        return _GOES.search(self.shadow, *self.sentence(offset)) is not None

    def strikes_a_clause(self, offset: int) -> bool:
        """Is more struck here than a word that is put in other words?"""
        return len(self.marked_words(offset).split()) >= CLAUSE

    def marked_words(self, offset: int) -> bytes:
        """The words of the mark at this offset; of the sentence, where there is none."""
        at = offset + self.start
        mark = next((m for m in self.marks if m.start <= at < m.end), None)
        if mark is None:
            low, high = self.sentence(offset)
            return self.shadow[low:high]
        return self.shadow[max(0, mark.start - self.start) : mark.end - self.start]

    def binds(self, offset: int) -> bool:
        return not self.non_binding and not any(a <= offset < b for a, b in self.senses)

    def paragraph(self, offset: int) -> tuple[int, int]:
        """The section or subsection around."""
        holders = [p for p in self._holders(offset + self.start) if p.level in ("section", "subsection")]
        if not holders:
            return 0, len(self.shadow)
        return max(0, holders[-1].start - self.start), holders[-1].end - self.start

    def sentence(self, offset: int) -> tuple[int, int]:
        at = bisect_right(self.sentences, offset)
        return self.sentences[at - 1], self.sentences[at] if at < len(self.sentences) else len(self.shadow)

    def heading(self) -> bytes:
        """The first line, or its first words where heading and text share a line."""
        line, _, after = self.shadow.lstrip()[:600].partition(b"\n")
        line = line[:180]
        instructs = _INSTRUCTS.search(line)
        if instructs is None:
            return line
        caption = _CAPTION.match(after.lstrip())  # the section of the code names itself on the next line
        return line[: instructs.start()] + (b" " + caption[0] if caption else b"")

    def unstruck(self, start: int, end: int) -> bytes:
        """The words of a span as they will read."""
        first, last = self.repealed
        if first >= last:
            return self._without(MarkKind.STRUCK, start, end)
        return (self._without(MarkKind.STRUCK, start, max(start, min(end, first)))
                + self._without(MarkKind.STRUCK, min(end, max(start, last)), end))  # fmt: skip

    def uninserted(self, start: int, end: int) -> bytes:
        """The words of a span as they read now."""
        return self._without(MarkKind.INSERTED, start, end)

    def shift(self, start: int, end: int) -> int:
        """+1 where the span will punish more than it does now, -1 where less, 0 where the words do not tell."""
        key = start, end
        if key not in self._shifts:
            self._shifts[key] = shift(self.uninserted(start, end), self.unstruck(start, end))
        return self._shifts[key]

    def _without(self, kind: MarkKind, start: int, end: int) -> bytes:
        key = kind, start, end
        if key not in self._pieces:
            self._pieces[key] = self._pieced(kind, start, end)
        return self._pieces[key]

    def _pieced(self, kind: MarkKind, start: int, end: int) -> bytes:
        parts, at = [], start
        for mark in self._marks(start, end):
            a, b = max(mark.start - self.start, start), min(mark.end - self.start, end)
            if mark.kind is kind and a < b:
                parts.append(self.shadow[at:a])
                at = b
        return b"".join([*parts, self.shadow[at:end]])

    def mark_at(self, start: int, end: int) -> MarkKind | None:
        """The kind that covers most of the span."""
        cover = {MarkKind.INSERTED: 0, MarkKind.STRUCK: 0}
        for mark in self._marks(start, end):
            cover[mark.kind] += min(mark.end - self.start, end) - max(mark.start - self.start, start)
        if not any(cover.values()):
            return MarkKind.STRUCK if self.repealed[0] <= start < self.repealed[1] else None
        return MarkKind.STRUCK if cover[MarkKind.STRUCK] > cover[MarkKind.INSERTED] else MarkKind.INSERTED

    def mark_length(self, offset: int) -> int:
        """Characters of the mark at this offset; 0 where there is none."""
        return next((mark.end - mark.start for mark in self._marks(offset, offset + 1)), 0)

    def marked_list(self, start: int, end: int, is_listed: Any) -> bool:
        """Does the mark itself hold the whole list?"""
        mark = next(iter(self._marks(start, start + 1)), None)
        if mark is None:
            return False
        low, high = max(0, mark.start - self.start), mark.end - self.start
        return bool(is_listed(self.shadow[low:high], start - low, end - low))

    def marked_within(self, start: int, end: int) -> bool:
        """Is a change of words near? New numbers of paragraphs are none."""
        return any(
            not _RENUMBERS.fullmatch(self.shadow[max(0, mark.start - self.start) : mark.end - self.start])
            for mark in self._marks(start, end)
        )

    def _marks(self, start: int, end: int) -> tuple[Mark, ...]:
        """The marks that share a character with the span."""
        low = bisect_right(self.marks, start + self.start, key=lambda m: m.end)
        return self.marks[low : bisect_left(self.marks, end + self.start, lo=low, key=lambda m: m.start)]

    def chapeaus(self, offset: int) -> list[tuple[int, int]]:
        """The opening words of the provisions around, whose sentence goes on in the paragraph at this offset."""
        found = []
        holders = self._holders(offset + self.start)
        if holders and holders[0].start > self.start:
            found.append((0, min(self.provisions[0].start - self.start, 400)))  # the section's own opening words
        for outer, inner in pairwise(holders):
            first = self._first_beside(inner).start
            opening = self.shadow[max(0, outer.start - self.start) : first - self.start].rstrip()
            if opening.endswith((b":", b"-", b"--")) or len(opening) < 240:
                end = first - self.start
                found.append((max(0, outer.start - self.start, end - 400), end))
        return found

    def provision(self, start: int, end: int) -> str:
        """Path of the smallest provision that holds the span."""
        fitting = [p for p in self._holders(start + self.start) if end + self.start <= p.end]
        return fitting[-1].path if fitting else self.path

    def is_one_of_many(self, start: int, anchor: Any) -> bool:
        """The anchor stands in one short paragraph of a list of which no other paragraph holds an anchor."""
        holders = self._holders(start + self.start)
        if len(holders) < 2 or holders[-1].end - holders[-1].start > SHORT_ITEM or holders[-1].level == "section":
            return False
        inner, outer = holders[-1], holders[-2]
        if self._children[inner.parent] < MANY:
            return False
        rest = self.shadow[outer.start - self.start : inner.start - self.start] + self.shadow[inner.end - self.start :]
        return anchor.search(rest[: outer.end - outer.start]) is None

    def is_aside(self, places: list[tuple[int, int]], anchor: Any) -> bool:
        """Named once, in one paragraph of a long section that bears another heading."""
        if len(places) != 1 or len(self.shadow) < LONG or anchor.search(self.heading()) is not None:
            return False
        holders = self._holders(places[0][0] + self.start)
        if len(holders) < 2 or holders[-1].level in ("section", "subsection"):
            return False
        return sum(1 for _ in anchor.finditer(self.shadow)) <= ASIDES

    @cached_property
    def _starts(self) -> list[int]:
        return [p.start for p in self.provisions]

    @cached_property
    def _children(self) -> Counter[int | None]:
        """Index of a provision in the text's to how many it holds."""
        return Counter(p.parent for p in self.provisions)

    def _first_beside(self, inner: Provision) -> Provision:
        """The first provision of the same parent; parents stand right before what they hold."""
        after = 0 if inner.parent is None else inner.parent - self.first + 1
        return next(p for p in islice(self.provisions, after, None) if p.parent == inner.parent)

    def _holders(self, at: int) -> list[Provision]:
        """The provisions around an offset of the text, outermost first."""
        index = bisect_right(self._starts, at) - 1
        chain: list[Provision] = []
        while index >= 0:
            p = self.provisions[index]
            if p.start <= at < p.end:
                chain.append(p)
            index = p.parent - self.first if p.parent is not None else -1
        return chain[::-1]


def cut(text: MarkedText) -> Iterator[tuple[str, int, int, int, int]]:
    """(path, start, end, first and last index of provisions) of each section; what is in none belongs to "Text"."""
    tops = [(i, p) for i, p in enumerate(text.provisions) if p.level in ("section", "preamble", "recital")]
    at = 0
    order = text.provisions
    for n, (i, p) in enumerate(tops):
        if text.text[at : p.start].strip():
            yield "Text", at, p.start, 0, 0
        last = tops[n + 1][0] if n + 1 < len(tops) else len(order)
        yield p.path, p.start, p.end, i, last
        at = max(at, p.end)
    if text.text[at:].strip():
        yield "Text", at, len(text.text), bisect_left(order, at, key=lambda q: q.start), len(order)


def view(text: MarkedText, words: bytes, place: tuple[str, int, int, int, int], resolution: bool) -> Section:
    """The section at a place that `cut` gave; `words` is the shadow of the text."""
    path, start, end, first, last = place
    body = _without_line_numbers(words[start:end])
    inside = text.provisions[first:last]
    marks = text.marks
    low = bisect_left(marks, start, key=lambda m: m.end)
    high = bisect_left(marks, end, key=lambda m: m.start)
    return Section(path, start, body, marks[low:high], inside, first, resolution, text.marks_known)


def _covers(target: str, law: str) -> bool:
    """The change reaches the law: it, a part of it, or (unless the law is written with "=") what it is a part of."""
    if law.startswith("="):
        return fnmatchcase(target, law[1:]) or fnmatchcase(target, law[1:] + "/*")
    return fnmatchcase(target, law) or fnmatchcase(target, law + "/*") or fnmatchcase(law, target + "/*")


def _repealed(body: bytes) -> tuple[int, int]:
    """"Section 5 is hereby repealed. 5. Evidence of ...": the law that goes, up to the next section."""
    says = _REPEALS.match(body)
    if says is None:
        return 0, 0
    following = _NEXT.search(body, says.end())
    return says.end(), following.start() if following else len(body)


def _without_line_numbers(body: bytes) -> bytes:
    """Printed line numbers, if most lines have one, to blanks: "human \\n57 trafficking" is one phrase."""
    found = _LINE_NUMBER.findall(body)
    if len(found) < NUMBERED or 2 * len(found) < body.count(b"\n"):
        return body
    return _LINE_NUMBER.sub(lambda m: m[1] + b" " * len(m[2]), body)


def _sentences(body: bytes) -> Iterator[int]:
    for m in _END_OF_SENTENCE.finditer(body):
        before = body[max(0, m.start() - 8) : m.start()]
        if m[0].startswith(b".") and before.endswith(_ABBREVIATIONS) and (
            len(before.split()) == 0 or before.split()[-1].lstrip(b"(") in _ABBREVIATIONS
        ):
            continue
        yield m.end()


def is_dead(section: Section) -> bool:
    """A committee struck the whole section, heading and all; or it gives new numbers to cross-references only."""
    if section.marks and len(section.shadow) < RENUMBERING and b"by striking" in section.shadow and all(
        _RENUMBERS.fullmatch(section.shadow[max(0, m.start - section.start) : m.end - section.start])
        for m in section.marks
    ):
        return True
    size = len(section.shadow)
    struck = sum(min(m.end, section.start + size) - max(m.start, section.start)
                 for m in section.marks if m.kind is MarkKind.STRUCK)  # fmt: skip
    first = section.mark_at(0, min(12, size))
    return first is MarkKind.STRUCK and struck > 0.9 * size
