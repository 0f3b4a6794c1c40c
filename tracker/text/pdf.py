"""A bill's PDF to marked text: what is struck through and what is underlined is read off the page's geometry.

`marks_known` is False where that cannot be done: a scanned page, strikes that are annotations, a drawn line that may
be either, or a bill that amends law "to read" and shows neither strike nor underline.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from tracker.errors import TextError
from tracker.model import MarkedText, MarkKind
from tracker.text import plain
from tracker.text.amendments import spell_marks
from tracker.text.marks import INLINE, QUOTED, WHOLE_DELETED, Span, paint
from tracker.text.pdf_conventions import COMMON, CONVENTIONS, ENACTING, Convention, recognise
from tracker.text.pdf_geometry import load
from tracker.text.pdf_layout import Line, read_lines
from tracker.text.pdf_marks import ITALIC, Marked, mark_lines
from tracker.text.pdf_page import Page
from tracker.text.pdf_paragraphs import Setting, named
from tracker.text.provisions import segment
from tracker.text.typed import typed_marks

_BRACKETED = re.compile(r"\[[^\[\]]{1,20000}\]")
_OPENING, _CLOSING = re.compile(r"[\[{]\s?$"), re.compile(r"\s?[\]}]")
_AMENDS = re.compile(r"\bamended(?:\s+and\s+reenacted)?(?:\s+to\s+read|,?\s+as\s+follows|\s+by\s+revising)", re.I)
_BROKEN = re.compile(r"[^\W_]-$")
_LOST = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f]")


def parse(body: bytes, jurisdiction: str = "", on_page: Callable[[int], None] = lambda number: None) -> MarkedText:
    """`on_page` hears the number of each page before it is read. Not for bytes from outside: `pdf_process.read` is.

    Raises TextError if the bytes hold no words that can be read.
    """
    pages = load(body, on_page)
    lines = read_lines(pages)
    _refuse_wordless(pages, lines)
    marked = list(mark_lines(lines, [page.rules for page in pages]))
    text, looks = compose(lines, marked)
    jurisdiction = jurisdiction or recognise(text)
    convention = CONVENTIONS.get(jurisdiction, COMMON)
    spans = _spans(text, looks, convention)
    found = _finish(text, spans, jurisdiction, convention)
    known = found.marks_known and not (
        any(_scanned(page) or page.pencilled for page in pages) or any(line.doubtful for line in marked)
    )
    if known and not spans and convention.struck and _AMENDS.search(text):
        known = False  # the generator kept no drawings
    return replace(found, marks_known=known)


def _finish(text: str, spans: list[Span], jurisdiction: str, convention: Convention) -> MarkedText:
    if not spans:
        return plain.finish(text, jurisdiction=jurisdiction)
    # The page told what is new: law that is quoted whole shows its own changes. Brackets may still strike.
    told = {kind for _, _, kind, _ in spans}
    typed = typed_marks(text, jurisdiction, told) if convention.typed else []
    return MarkedText(text, paint([*spans, *typed, *spell_marks(text)], text), segment(text))


def _scanned(page: Page) -> bool:
    return page.pictured > 0.5 and (not page.runs or page.unseen > 0)


def _refuse_wordless(pages: Sequence[Page], lines: Sequence[Line]) -> None:
    if not lines:
        scanned = sum(page.pictured > 0.3 for page in pages)
        got = f"{scanned} scanned pages" if scanned else f"{len(pages)} pages without any"
        raise TextError(f"expected a PDF with words; got {got}")
    size = lost = 0
    for line in lines:
        words = line.text()
        size += len(words)
        lost += len(_LOST.findall(words)) if not words.isascii() or not words.isprintable() else 0
    if lost > 0.2 * size:
        raise TextError(f"expected letters; got a font that does not say which ones ({lost} of {size} unknown)")


# --- lines to one text ------------------------------------------------------------------------------------------------

Look = tuple[int, int, int, int]  # start, end, look, colour


def compose(lines: Sequence[Line], marked: Sequence[Marked]) -> tuple[str, list[Look]]:
    """One paragraph a line of text, and the look of each stretch."""
    texts = [line.text() for line in lines]
    setting = Setting(lines, texts)
    parts: list[str] = []
    looks: list[Look] = []
    size = 0
    blank = True  # the text so far ends with white space
    for index, (line, text) in enumerate(zip(lines, texts, strict=True)):
        if index:
            if setting.begins(lines[index - 1], texts[index - 1], line, text):
                joint = "\n"
            elif setting.drops_hyphen(texts[index - 1], text):
                parts[-1] = parts[-1][:-1]
                size -= 1
                joint = ""
            else:
                joint = "" if _goes_on(texts[index - 1], text) else " "
            parts.append(joint)
            size += len(joint)
            blank = bool(joint)
        for piece in marked[index].pieces:
            words = piece.text if piece.text.isprintable() and "  " not in piece.text else _fold(piece.text)
            if blank:
                words = words.lstrip(" ")
            if words:
                parts.append(words)
                looks.append((size, size + len(words), piece.look, piece.colour))
                size += len(words)
                blank = words[-1] == " "
        while parts[-1] == " ":  # pragma: no cover
            parts.pop()
            size -= 1
    return "".join(parts), looks


def _goes_on(above: str, below: str) -> bool:
    """A compound that was broken at its hyphen, or "Subsection (1)" and "(a)"."""
    return _BROKEN.search(above) is not None or (below[:1] == "(" and above[-1:] in ")0123456789" and named(above))


def _fold(words: str) -> str:
    folded = " ".join(words.split())
    if not folded:
        return " " if words else ""
    return (" " if words[0].isspace() else "") + folded + (" " if words[-1].isspace() else "")


def _spans(text: str, looks: Sequence[Look], convention: Convention) -> list[Span]:
    enacting = ENACTING.search(text)
    law = enacting.end() if enacting else 0
    signed = convention.ends.search(text, law) if convention.ends else None
    over = signed.start() if signed else len(text)
    instructions: list[tuple[int, bool]] = []
    if convention.adds is not None:
        instructions = [(m.start(), m["new"] is not None) for m in convention.adds.finditer(text)]
    adding = False
    spans: list[Span] = []
    for start, end, look, colour in looks:
        while instructions and instructions[0][0] < start:
            adding = instructions.pop(0)[1]
        if start >= over:
            break
        if start < law and colour not in convention.colours:
            continue
        kind = convention.kind(look, colour, adding)
        if kind is None or text[start:end].isspace():
            continue
        if not convention.capitals and _is_caption(text, start):
            continue
        last = spans[-1] if spans else None
        if last is not None and last[2] is kind and not text[last[1] : start].strip(" "):
            spans[-1] = (last[0], end, kind, INLINE)
        else:
            spans.append((start, end, kind, INLINE))
    spans = [_with_brackets(text, span) if span[2] is MarkKind.STRUCK else span for span in spans]
    if convention.creates is not None:
        spans += [(*m.span("law"), MarkKind.INSERTED, QUOTED) for m in convention.creates.finditer(text)]
    if convention.bracketed_italic:
        spans += _bracketed(text, looks, law)
    return spans


def _is_caption(text: str, at: int) -> bool:
    end = text.find("\n", at)
    return text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else len(text)].isupper()


def _with_brackets(text: str, span: Span) -> Span:
    """The brackets around struck words go with them."""
    start, end, kind, weight = span
    opening, closing = _OPENING.search(text, max(0, start - 2), start), _CLOSING.match(text, end)
    return (opening.start(), closing.end(), kind, weight) if opening and closing else span


def _bracketed(text: str, looks: Sequence[Look], law: int) -> list[Span]:
    """Brackets whose words are mostly italic."""
    italic = [(start, end) for start, end, look, _ in looks if look & ITALIC]
    found: list[Span] = []
    at = 0
    for bracket in _BRACKETED.finditer(text, law):
        start, end = bracket.span()
        while at < len(italic) and italic[at][1] <= start:
            at += 1
        covered, index = 0, at
        while index < len(italic) and italic[index][0] < end:
            covered += min(end, italic[index][1]) - max(start, italic[index][0])
            index += 1
        if covered >= 0.5 * (end - start - 2) and covered:
            found.append((start, end, MarkKind.STRUCK, WHOLE_DELETED))
    return found
