"""A comparison to what its page shows: rows of safe HTML, inline or side by side, unchanged stretches folded."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from markupsafe import Markup, escape

from tracker.history.comparing import Comparison
from tracker.model import Flag, MarkKind
from tracker.redline import Change, Reading, Redline, Row
from tracker.redline.flagged import FlagTurn, Turn, of_turn
from tracker.redline.pieces import Kind, Piece, laid_out, pieces
from tracker.redline.told import is_remarked, is_told
from tracker.redline.words import line_breaks
from tracker.web.redline_words import SAID, headline, title
from tracker.web.tongue import spoken

CONTEXT = 25  # words shown on each side of a change
FOLD = 40  # equal words from which on folding is worth a line
LONGEST = 4_000  # words of one folded stretch; a longer one is only linked
_LAW = {MarkKind.INSERTED: "law-in", MarkKind.STRUCK: "law-out"}

Lit = list[tuple[int, int]]  # words of flags, sorted and apart


@dataclass(frozen=True, slots=True)
class Stretch:
    """`folded`: how many words, if it is shown only when asked for. `html` None: too long for this page."""

    html: Markup | None
    folded: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """One line of the view side by side."""

    before: Markup | None
    after: Markup | None
    folded: int = 0


@dataclass(frozen=True, slots=True)
class RowView:
    anchor: str
    title: str
    change: Change
    stretches: tuple[Stretch, ...] = ()
    pairs: tuple[Pair, ...] = ()
    turns: tuple[FlagTurn, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """One row that changed, was moved or renumbered; or all unchanged ones up to the next such."""

    rows: tuple[RowView, ...]
    unchanged: bool
    words: int


@dataclass(frozen=True, slots=True)
class ComparisonView:
    headline: str
    came: tuple[FlagTurn, ...]
    went: tuple[FlagTurn, ...]
    stayed: tuple[FlagTurn, ...]
    groups: tuple[Group, ...]
    quiet: int  # differences in capitals, quotation marks and blanks that are not shown


def view(found: Comparison, *, beside: bool) -> ComparisonView:
    redline = found.redline
    lit = (_lit(redline.a, [t.before for t in found.turns]), _lit(redline.b, [t.after for t in found.turns]))
    turns: dict[int, list[FlagTurn]] = {}
    for turn in found.turns:
        turns.setdefault(turn.row, []).append(turn)
    told = [row.change is not Change.SAME or is_remarked(redline, row) for row in redline.rows]
    alone = [tells or is_told(row) for tells, row in zip(told, redline.rows, strict=True)]
    groups = []
    for (tells, _), numbers in groupby(range(len(told)), key=lambda n: (told[n], alone[n] and n + 1)):
        rows = list(numbers)
        words = sum(_size(redline, redline.rows[n]) for n in rows)
        shown = tells or words <= LONGEST
        groups.append(Group(tuple(_row(redline, n, tuple(turns.get(n, ())), lit, beside=beside, whole=shown, told=tells)
                                  for n in rows), not tells, words))
    came, went, stayed = (tuple(of_turn(found.turns, turn)) for turn in (Turn.CAME, Turn.WENT, Turn.STAYED))
    said = headline(redline, found.turns, found.after.version.note, spoken())
    return ComparisonView(said, came, went, stayed, tuple(groups),
                          sum(edit.layout for row in redline.rows for edit in row.edits))


def _size(redline: Redline, row: Row) -> int:
    unit = redline.after(row) or redline.before(row)
    return unit.end - unit.start if unit else 0


def _lit(reading: Reading, flags: Sequence[Flag | None]) -> Lit:
    spans = sorted((reading.at(f.start), reading.at(max(f.start, f.end - 1)) + 1) for f in flags if f is not None)
    merged: Lit = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _row(redline: Redline, number: int, turns: tuple[FlagTurn, ...], lit: tuple[Lit, Lit], *, beside: bool, whole: bool,
         told: bool) -> RowView:
    row = redline.rows[number]
    made = RowView(f"r{number + 1}", title(redline, row, spoken()), row.change, turns=turns)
    if not whole:
        return made
    found = list(pieces(redline, row))
    if not told:
        return replace(made, stretches=(Stretch(_joined(redline, found, lit)),))
    if beside:
        return replace(made, pairs=tuple(_pairs(redline, found, lit)))
    return replace(made, stretches=tuple(_stretches(redline, found, lit)))


# --- inline -----------------------------------------------------------------------------------------------------------


def _stretches(redline: Redline, found: Sequence[Piece], lit: tuple[Lit, Lit]) -> Iterator[Stretch]:
    for folded, run in groupby(_folds(redline.b, found), key=lambda part: part[1]):
        parts = [piece for piece, _ in run]
        size = parts[-1].end - parts[0].start if folded else 0
        yield Stretch(_joined(redline, parts, lit) if size <= LONGEST else None, size)


def _folds(b: Reading, found: Sequence[Piece]) -> Iterator[tuple[Piece, bool]]:
    """Long equal runs in three: some words after the last change, a fold (True), some words before the next."""
    runs = [(same, list(run)) for same, run in groupby(found, key=lambda p: p.kind is Kind.SAME)]
    for n, (same, run) in enumerate(runs):
        start, end = run[0].start, run[-1].end
        head = CONTEXT if n else 8  # of the first: the number and heading
        tail = CONTEXT if n < len(runs) - 1 else 0
        if not same or end - start < head + tail + FOLD:
            yield from ((piece, False) for piece in run)
            continue
        low, high = _at_line(b, start + head, 12), _at_line(b, end - tail, 12)
        if high - low < FOLD // 2:
            low, high = start + head, end - tail
        for piece in run:
            for a, z, folded in ((piece.start, min(piece.end, low), False),
                                 (max(piece.start, low), min(piece.end, high), True),
                                 (max(piece.start, high), piece.end, False)):
                if a < z:
                    yield _part(b, piece, a, z), folded


def _at_line(b: Reading, word: int, reach: int) -> int:
    """The nearest line that begins within reach, so that a fold is a paragraph where it can be."""
    near = line_breaks(b.lines, word - reach, word + reach + 1)
    return min(near, key=lambda at: abs(at - word)) if near else word


def _part(reading: Reading, piece: Piece, start: int, end: int) -> Piece:
    breaks = bool(line_breaks(reading.lines, start, start + 1))
    return replace(piece, text=laid_out(reading, start, end), start=start, end=end, breaks=breaks)


def _joined(redline: Redline, found: Sequence[Piece], lit: tuple[Lit, Lit]) -> Markup:
    """Pieces as HTML, with the line breaks of their texts between them."""
    out = Markup("")
    for n, piece in enumerate(found):
        if n:
            before = found[n - 1]
            instead = before.kind is Kind.DELETED and before.breaks and piece.kind is Kind.INSERTED
            out += "\n" if piece.breaks and not instead else " "
        out += _html(redline, piece, lit)
    return out


def _html(redline: Redline, piece: Piece, lit: tuple[Lit, Lit]) -> Markup:
    """Every word of a text is escaped here and only here."""
    gone = piece.kind is Kind.DELETED
    reading, spans = (redline.a, lit[0]) if gone else (redline.b, lit[1])
    inner = _lighted(reading, piece, spans)
    if piece.kind is Kind.REMARKED:
        speech = spoken()
        note = speech._("[was {before}, now {now}:]", before=speech._(SAID[piece.was]), now=speech._(SAID[piece.law]))
        inner = Markup('<span class="remarked"><span class="say">{}</span> {}</span>').format(note, inner)
    if piece.law is not None:
        inner = Markup('<span class="{}">{}</span>').format(_LAW[piece.law], inner)
    if gone:
        return Markup("<del>{}</del>").format(inner)
    return Markup("<ins>{}</ins>").format(inner) if piece.kind is Kind.INSERTED else inner


def _lighted(reading: Reading, piece: Piece, spans: Lit) -> Markup:
    first = bisect_right(spans, (piece.start, piece.start))
    first = first - 1 if first and spans[first - 1][1] > piece.start else first
    near = spans[first:bisect_left(spans, (piece.end, piece.end))]
    if not near:
        return escape(piece.text)
    out, at = Markup(""), piece.start
    for start, end in near:
        low, high = max(start, piece.start), min(end, piece.end)
        if low >= high:
            continue
        if at < low:
            out += escape(laid_out(reading, at, low)) + _gap(reading, low)
        out += Markup("<mark>{}</mark>").format(laid_out(reading, low, high))
        at = high
        if high < piece.end:
            out += _gap(reading, high)
    return out + escape(laid_out(reading, at, piece.end)) if at < piece.end else out


def _gap(reading: Reading, word: int) -> str:
    return "\n" if line_breaks(reading.lines, word, word + 1) else " "


# --- side by side -----------------------------------------------------------------------------------------------------


def _pairs(redline: Redline, found: Sequence[Piece], lit: tuple[Lit, Lit]) -> Iterator[Pair]:
    """Paragraph beside paragraph: a line of equal words that begins on both sides begins a new pair."""
    left: list[Piece] = []
    right: list[Piece] = []

    def flush() -> Iterator[Pair]:
        if left or right:
            yield Pair(_joined(redline, left, lit) if left else None, _joined(redline, right, lit) if right else None)
        left.clear()
        right.clear()

    for folded, run in groupby(_folds(redline.b, found), key=lambda part: part[1]):
        parts = [piece for piece, _ in run]
        if folded:
            yield from flush()
            size = parts[-1].end - parts[0].start
            html = _joined(redline, parts, lit) if size <= LONGEST else None
            yield Pair(html, html, size)
            continue
        for piece in parts:
            if piece.kind is Kind.SAME:
                for part in _lines(redline.b, piece):
                    if part.breaks:
                        yield from flush()
                    left.append(part)
                    right.append(part)
            elif piece.kind is Kind.REMARKED:
                left.append(replace(piece, kind=Kind.SAME, law=piece.was, was=None))
                right.append(piece)
            else:
                (left if piece.kind is Kind.DELETED else right).append(piece)
    yield from flush()


def _lines(b: Reading, piece: Piece) -> Iterator[Piece]:
    cuts = [piece.start, *line_breaks(b.lines, piece.start + 1, piece.end), piece.end]
    for start, end in pairwise(cuts):
        yield _part(b, piece, start, end)
