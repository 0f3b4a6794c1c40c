"""A marked text to the words that a comparison sees: layout and print furniture gone, each word's mark and section."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tracker.model import MarkedText, MarkKind, Provision

NO_MARK, INSERTED, STRUCK = 0, 1, 2
_CODES = {MarkKind.INSERTED: INSERTED, MarkKind.STRUCK: STRUCK}

# What differs between two printings of the same words: kinds of quotation marks, dashes, invisible characters.
_SIGNS = {"“": '"', "”": '"', "„": '"', "‟": '"', "‘": "'", "’": "'", "‚": "'", "–": "-", "‑": "-", "‐": "-", "−": "-",
          "ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl", "\u00ad": "", "\u200b": "", "\u200c": "",
          "\u200d": "", "\u2060": "", "\ufeff": "", "\ufffd": ""}  # fmt: skip
_TABLE = str.maketrans(_SIGNS)
_ODD = re.compile("[" + "".join(_SIGNS) + "]|``|''|--")
_DASHES = re.compile(r"---?")
_LETTER = re.compile(r"\w")
_WORD = re.compile(r"\S+")
# A line that is only this is the printer's: line and page numbers, rules, page feet with bill number and stage.
_FURNITURE = re.compile(
    r"[ \t]*(?:\d{1,3}|[-–—_=*]{3,}|[-–] ?\d{1,4} ?[-–]|\x0c+|"
    r"[•·†‡]*(?:H|S) ?\.? ?(?:(?:J|CON|R|RES) ?\.? ?){0,2}\d{1,5} "
    r"(?:IH|IS|R[HSD][SH]?|E[HSA]{1,2}|ENR|PC[SH]|CP[HS])[ \t]*\d{0,4}|"
    r"Page \d{1,4}(?: of \d{1,4})?)[ \t]*")  # fmt: skip
_FURNITURE_BEGINS = frozenset(" \t0123456789-–—_=*\x0c•·†‡HSP")
_SECTION_WORDS = frozenset(("section", "sec.", "sec", "§", "§§"))
LABEL_WITHIN = 6  # words from the start of a section in which its number stands


@dataclass(frozen=True, slots=True)
class Unit:
    """What is paired: a section, or the words between sections. Words `start` to `end`; the number ends at `body`."""

    start: int
    body: int
    end: int
    path: str
    num: str
    heading: str | None
    words: str  # of the body, by which equal sections are found


@dataclass(frozen=True, slots=True)
class Reading:
    """`words` joined by single blanks are the normalised text. `lines`: words that begin a line, in order."""

    words: list[str]
    offsets: list[int]  # of each word in the marked text
    marks: bytes  # NO_MARK, INSERTED or STRUCK, one a word
    lines: list[int]
    units: tuple[Unit, ...]
    marks_known: bool

    def text(self, start: int = 0, end: int | None = None) -> str:
        return " ".join(self.words[start:end])

    def at(self, offset: int) -> int:
        """The word in which a character of the marked text stands."""
        return max(0, bisect_right(self.offsets, offset) - 1)


def prepare(marked: MarkedText) -> Reading:
    words: list[str] = []
    offsets: list[int] = []
    lines: list[int] = []
    odd = _ODD.search(marked.text) is not None
    for start, end in _lines(marked.text):
        first = len(words)
        for m in _WORD.finditer(marked.text, start, end):
            words.append(m[0])
            offsets.append(m.start())
        if len(words) > first:
            lines.append(first)
    if marked.marks:
        words, offsets, lines = _cut_at_marks(marked, words, offsets, lines)
    if odd:
        words, offsets, lines = _plain(words, offsets, lines)
    starts = _starts(marked, len(words), offsets)
    units = _units(starts, words, lines)
    return Reading(words, offsets, _marks(marked, words, offsets), lines, units, marked.marks_known)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if not (end - at < 60 and end > at and text[at] in _FURNITURE_BEGINS and _FURNITURE.fullmatch(text, at, end)):
            yield at, end
        at = end + 1


def _cut_at_marks(marked: MarkedText, words: list[str], offsets: list[int],
                  lines: list[int]) -> tuple[list[str], list[int], list[int]]:
    """ "((struck))added" is two words, so that neither has the other's mark; a comma after a marked word is none."""
    cuts: dict[int, set[int]] = {}
    for mark in marked.marks:
        for edge in (mark.start, mark.end):
            i = bisect_right(offsets, edge) - 1
            if i < 0 or not offsets[i] < edge < offsets[i] + len(words[i]):
                continue
            at = edge - offsets[i]
            if _LETTER.search(words[i], 0, at) and _LETTER.search(words[i], at):
                cuts.setdefault(i, set()).add(at)
    if not cuts:
        return words, offsets, lines
    new_words: list[str] = []
    new_offsets: list[int] = []
    new_lines: list[int] = []
    begins = set(lines)
    for i, word in enumerate(words):
        if i in begins:
            new_lines.append(len(new_words))
        for start, end in pairwise((0, *sorted(cuts.get(i, ())), len(word))):
            new_words.append(word[start:end])
            new_offsets.append(offsets[i] + start)
    return new_words, new_offsets, new_lines


def _plain(words: list[str], offsets: list[int], lines: list[int]) -> tuple[list[str], list[int], list[int]]:
    """The same words in plain signs; one that held nothing but invisible characters is none."""
    known: dict[str, str] = {}
    for word in set(words):
        if _ODD.search(word):
            known[word] = _DASHES.sub("—", word.translate(_TABLE).replace("``", '"').replace("''", '"'))
    plain = [known.get(word, word) for word in words]
    if "" not in known.values():
        return plain, offsets, lines
    keep = [i for i, word in enumerate(plain) if word]
    begins = sorted({at for line in lines if (at := bisect_left(keep, line)) < len(keep)})
    return [plain[i] for i in keep], [offsets[i] for i in keep], begins


def _marks(marked: MarkedText, words: list[str], offsets: list[int]) -> bytes:
    """A word has the mark under which more than half of it stands."""
    codes = bytearray(len(words))
    for mark in marked.marks:
        first = max(0, bisect_right(offsets, mark.start) - 1)
        last = bisect_left(offsets, mark.end)
        for i in (first, last - 1):  # words on the edge
            if 0 <= i < last:
                inside = min(mark.end, offsets[i] + len(words[i])) - max(mark.start, offsets[i])
                if 2 * inside > len(words[i]):
                    codes[i] = _CODES[mark.kind]
        if last - 1 > first + 1:
            codes[first + 1:last - 1] = bytes((_CODES[mark.kind],)) * (last - first - 2)
    return bytes(codes)


def _starts(marked: MarkedText, size: int, offsets: list[int]) -> list[tuple[int, int, Provision | None]]:
    """(first word, word after, section) of each section, and of what stands between them; nothing left out."""
    found: list[tuple[int, int, Provision | None]] = []
    at = 0
    for p in marked.provisions:
        if p.level != "section":
            continue
        start, end = bisect_left(offsets, p.start), bisect_left(offsets, p.end)
        if start < at or end <= start:
            continue  # within the section before, or empty
        if start > at:
            found.append((at, start, None))
        found.append((start, end, p))
        at = end
    if at < size or not found:
        found.append((at, size, None))
    return found


def _units(starts: list[tuple[int, int, Provision | None]], words: list[str], lines: list[int]) -> tuple[Unit, ...]:
    units = []
    for start, end, section in starts:
        body = start
        if section is not None:
            for i in range(start, min(start + LABEL_WITHIN, end)):
                if section.num and section.num in words[i]:
                    body = i + 1
                    break
                if words[i].casefold() in _SECTION_WORDS:
                    words[i] = "Sec."  # one section, printed two ways, is no change
        heading = section.heading if section else None
        if section is not None and heading is None:
            line = bisect_right(lines, start)
            stop = lines[line] if line < len(lines) else end
            if body < stop <= body + 24:
                heading = " ".join(words[body:min(stop, end)])
        units.append(Unit(start, body, end, section.path if section else "", section.num if section else "", heading,
                          " ".join(words[body:end])))
    return tuple(units)


def line_breaks(lines: list[int], start: int, end: int) -> list[int]:
    """Words from `start` to before `end` that begin a line."""
    return lines[bisect_left(lines, start):bisect_left(lines, end)]


__all__ = ["INSERTED", "NO_MARK", "STRUCK", "Reading", "Unit", "line_breaks", "prepare"]
