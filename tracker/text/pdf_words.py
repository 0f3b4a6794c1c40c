"""One page's characters, as PDFium lists them, to runs: what one drawing command set on one baseline."""

from __future__ import annotations

import ctypes
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from ctypes import byref, c_double
from math import hypot

import pypdfium2.raw as raw

from tracker.errors import TextError
from tracker.text import pdfium
from tracker.text.pdf_page import Page, Run, pale, rotate

MOST_CHARACTERS = 200_000  # on one page; a dense page has 6000

_INVISIBLE, _STROKED = raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_FILL_STROKE

# What some generators put for a hyphen at a line's end; bullets of symbol fonts; ligatures.
_ODD = {0x02: "-", 0xFFFE: "-", 0xAD: "-", 0xF0B7: "•", 0xA0: " ", 0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl",
        0xFB03: "ffi", 0xFB04: "ffl", 0x200B: "", 0xFEFF: "", 0xFFFF: ""}  # fmt: skip
_ODD_ALONE = {code: for_it for code, for_it in _ODD.items() if len(for_it) == 1}


def read_runs(text: int, page: Page, number: int) -> int:
    """Fill in the runs; the quarter turns that the page's words take."""
    count = pdfium.count_chars(text)
    if count > MOST_CHARACTERS:
        raise TextError(f"expected at most {MOST_CHARACTERS} characters on page {number}; got {count}")
    if count <= 0:
        return 0
    words = _characters(text, count)
    by_turn: dict[int, list[Run]] = {}
    fonts: dict[int, tuple[bool, bool]] = {}
    for start, end, drawn in _spans(text, count):
        for left, right in _cut(text, words, start, end):
            run = _run(text, words, left, right, drawn, fonts, page)
            if run is not None:
                by_turn.setdefault(run[0], []).append(run[1])
    if not by_turn:
        return 0
    turn = max(by_turn, key=lambda t: sum(len(run.text) for run in by_turn[t]))
    page.runs = by_turn[turn]
    if turn % 2:
        page.width, page.height = page.height, page.width
    return turn


def _characters(text: int, count: int) -> str:
    """One character an index, so that offsets are PDFium's own."""
    buffer = (ctypes.c_ushort * (count + 1))()
    if pdfium.get_text(text, 0, count, buffer) == count + 1:
        words = bytes(memoryview(buffer).cast("B"))[: 2 * count].decode("utf-16-le", "replace")
        if len(words) == count:
            return words
    return "".join(chr(code) if (code := pdfium.get_unicode(text, i)) < 0x110000 else "?" for i in range(count))


def _spans(text: int, count: int) -> Iterator[tuple[int, int, int]]:
    """(start, end, text object), blanks that PDFium put in included. An object's characters stand together, so the
    end is looked for in leaps: a call for each character would take half of the time of a page."""
    open_span: tuple[int, int, int] | None = None
    at = 0
    while at < count:
        drawn = pdfium.object_of(text, at)
        if not drawn:
            at += 1
            continue
        low, leap = at, 12
        while low + leap < count and pdfium.object_of(text, low + leap) == drawn:
            low += leap
        high = min(low + leap, count)
        while high - low > 1:
            middle = (low + high) // 2
            if pdfium.object_of(text, middle) == drawn:
                low = middle
            else:
                high = middle
        if open_span is not None and open_span[2] == drawn:
            open_span = (open_span[0], high, drawn)
        else:
            if open_span is not None:
                yield open_span
            open_span = (at, high, drawn)
        at = high
    if open_span is not None:
        yield open_span


_NUMBERED = re.compile(r"\s*\d{1,4}[a-z]?\s+(?=\S)")


def _cut(text: int, words: str, start: int, end: int) -> tuple[tuple[int, int], ...]:
    """A line's number that was set together with the line stands apart from it: two runs."""
    number = _NUMBERED.match(words, start, end)
    if number is None:
        return ((start, end),)
    last = start + len(words[start : number.end()].rstrip()) - 1
    pdfium.char_box(text, last, _frame_at)
    edge, height = _frame.right, abs(_frame.top - _frame.bottom)
    pdfium.char_box(text, number.end(), _frame_at)
    if _frame.left - edge < 0.9 * height:
        return ((start, end),)
    return (start, last + 1), (number.end(), end)


_place = (c_double(), c_double())
_place_at = tuple(byref(number) for number in _place)
_frame = raw.FS_RECTF()
_frame_at = byref(_frame)
_turned = raw.FS_MATRIX()
_turned_at = byref(_turned)


def _run(text: int, words: str, start: int, end: int, drawn: int, fonts: dict[int, tuple[bool, bool]],
         page: Page) -> tuple[int, Run] | None:  # fmt: skip
    spaced = start > 0 and words[start - 1].isspace()
    while start < end and words[start].isspace():
        start += 1
        spaced = True
    while start < end and words[end - 1].isspace():
        end -= 1
    if start >= end:
        return None
    mode = pdfium.render_mode(drawn)
    if mode >= _INVISIBLE:
        page.unseen += end - start
    colour, alpha = pdfium.colour(pdfium.fill_colour, drawn)
    if pale(colour) or alpha < 64:
        return None
    pdfium.char_origin(text, start, *_place_at)
    x, y = _place[0].value, _place[1].value
    if not (-1 <= x <= page.width + 1 and -1 <= y <= page.height + 1) and page.unseen == 0 and _off(page, x, y):
        return None
    pdfium.char_matrix(text, start, _turned_at)
    turn = _turn(_turned.a, _turned.b)
    size = pdfium.char_size(text, start) * (hypot(_turned.c, _turned.d) or 1.0)
    pdfium.char_box(text, end - 1, _frame_at)
    face = pdfium.font_of(drawn) or 0
    if face not in fonts:
        fonts[face] = _face(face)
    bold, italic = fonts[face]
    x, y = rotate(x, y, turn)
    x1 = (_frame.right, _frame.top, -_frame.left, -_frame.bottom)[turn]
    chunk = words[start:end]
    if not chunk.isascii() or not chunk.isprintable():
        chunk = chunk.translate(_ODD_ALONE)
    return turn, Run(chunk, x, max(x1, x), y, max(size, 0.5), bold or mode == _STROKED, italic, colour, start, spaced)


def _off(page: Page, x: float, y: float) -> bool:
    """Words beside the page are not on it; a page box that does not begin at 0 shifts what is visible, so be wide."""
    return not (-page.width <= x <= 2 * page.width and -page.height <= y <= 2 * page.height)


def _turn(a: float, b: float) -> int:
    """Quarter turns to the left."""
    if abs(a) >= abs(b):
        return 0 if a >= 0 else 2
    return 1 if b > 0 else 3


_TELLING = ("roman", "regular", "ital", "obli", "times", "arial", "courier")


def _face(font: int) -> tuple[bool, bool]:
    """(bold, italic) by name, flags of the descriptor and weight."""
    if not font:
        return False, False
    name = ctypes.create_string_buffer(200)
    pdfium.font_name(font, name, 200)
    title = name.value.decode("ascii", "replace").lower()
    flags = pdfium.font_flags(font)
    bold = "bold" in title or "black" in title or "heavy" in title or bool(flags & 1 << 18)
    if not bold and not any(word in title for word in _TELLING):
        bold = pdfium.font_weight(font) >= 750  # a guess from the stems, for fonts whose name says nothing
    return bold, "ital" in title or "obli" in title or bool(flags & 1 << 6)


def measure_crossed(text: int, page: Page, turn: int) -> None:
    """Give `edges` to the runs inside which a line begins or ends."""
    if not page.rules or not page.runs:
        return
    runs = sorted(page.runs, key=lambda run: run.y)
    heights = [run.y for run in runs]
    tallest = max(run.size for run in runs)
    for rule in page.rules:
        for run in runs[bisect_left(heights, rule.y - tallest) : bisect_right(heights, rule.y + tallest)]:
            if run.edges or rule.x1 <= run.x0 or rule.x0 >= run.x1 or not -0.8 < (rule.y - run.y) / run.size < 1.2:
                continue
            slack = 0.12 * run.size
            if rule.x0 > run.x0 + slack or rule.x1 < run.x1 - slack:
                run.edges = tuple(_edges(text, run, turn))


def _edges(text: int, run: Run, turn: int) -> Iterator[float]:
    for index in range(run.first, run.first + len(run.text)):
        pdfium.char_box(text, index, _frame_at)
        yield (_frame.left, _frame.bottom, -_frame.right, -_frame.top)[turn]
    yield run.x1
