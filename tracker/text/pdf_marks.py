"""Lines of text and drawn lines to pieces: which words are underlined, struck through, bold, italic or coloured."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracker.text.pdf_layout import Line, gaps
from tracker.text.pdf_page import Rule, Run

UNDERLINED, STRUCK, BOLD, ITALIC = 1, 2, 4, 8

# Height over the baseline, as a share of the size. Measured over twelve generators: strikes at 0.23 to 0.36,
# underlines, double ones included, at -0.36 to -0.10; what lies in no band is a border or separates.
_STRIKE = (0.13, 0.58)
_UNDERLINE = (-0.48, 0.10)
_DOUBTFUL = ((0.10, 0.13), (0.58, 0.72))


@dataclass(slots=True)
class Piece:
    """Characters of one look. `text` keeps its blanks."""

    text: str
    look: int
    colour: int


@dataclass(slots=True)
class Marked:
    """A line's pieces, and how many drawn lines touch it that are neither strike nor underline for certain."""

    pieces: list[Piece]
    doubtful: int = 0


Stretch = tuple[float, float]
_NONE: tuple[list[Stretch], list[Stretch]] = ([], [])


def mark_lines(lines: Sequence[Line], rules: Sequence[Sequence[Rule]]) -> Iterator[Marked]:
    """`rules`: those of each page."""
    drawn, doubtful = _assign(lines, rules)
    for index, line in enumerate(lines):
        under, through = drawn.get(index, _NONE)
        yield Marked(_pieces(line, under, through), doubtful.get(index, 0))


def _assign(lines: Sequence[Line], rules: Sequence[Sequence[Rule]]
            ) -> tuple[dict[int, tuple[list[Stretch], list[Stretch]]], dict[int, int]]:  # fmt: skip
    """Stretches of underline and strike of each line, by its index."""
    drawn: dict[int, tuple[list[Stretch], list[Stretch]]] = defaultdict(lambda: ([], []))
    doubtful: dict[int, int] = defaultdict(int)
    by_page: dict[int, list[int]] = defaultdict(list)
    for index, line in enumerate(lines):
        by_page[line.page].append(index)
    for page, indices in by_page.items():
        if not rules[page]:
            continue
        indices = sorted(indices, key=lambda i: lines[i].y)
        heights = [lines[i].y for i in indices]
        tallest = max(lines[i].size for i in indices)
        for rule in rules[page]:
            low, high = bisect_left(heights, rule.y - tallest), bisect_right(heights, rule.y + tallest)
            for index in indices[low:high]:
                line = lines[index]
                covered = _covered(line, rule)
                if covered <= 0 or rule.x1 - rule.x0 - covered > max(60.0, 1.2 * covered):
                    continue  # beside the words, or a border that runs on without words
                height = (rule.y - line.y) / line.size
                if _STRIKE[0] <= height <= _STRIKE[1]:
                    drawn[index][1].append((rule.x0, rule.x1))
                elif _UNDERLINE[0] <= height <= _UNDERLINE[1]:
                    drawn[index][0].append((rule.x0, rule.x1))
                elif any(low <= height <= high for low, high in _DOUBTFUL):
                    doubtful[index] += 1
    return drawn, doubtful


def _covered(line: Line, rule: Rule) -> float:
    """How much of the rule lies over or under the line's words and the blanks between them."""
    if rule.x1 <= line.x0 or rule.x0 >= line.x1:
        return 0.0
    inside = [run for run in line.runs if run.x0 < rule.x1 and run.x1 > rule.x0]
    if not inside:
        return 0.0
    return min(rule.x1, inside[-1].x1) - max(rule.x0, inside[0].x0)


def _pieces(line: Line, under: list[Stretch], through: list[Stretch]) -> list[Piece]:
    pieces: list[Piece] = []
    for run, gap in zip(line.runs, gaps(line), strict=True):
        look = (BOLD if run.bold else 0) | (ITALIC if run.italic else 0)
        if gap:
            pieces.append(Piece(" ", 0, 0))
        if under or through:
            pieces += _split(run, look, under, through)
        else:
            pieces.append(Piece(run.text, look, run.colour))
    return pieces


def _split(run: Run, look: int, under: list[Stretch], through: list[Stretch]) -> Iterator[Piece]:
    slack = 0.12 * run.size
    begin, end = run.x0 + slack, run.x1 - slack
    crossing = [(a, b, bit) for stretches, bit in ((under, UNDERLINED), (through, STRUCK)) for a, b in stretches
                if a < run.x1 and b > run.x0]  # fmt: skip
    whole = 0
    for a, b, bit in crossing:
        if a <= begin and b >= end:
            whole |= bit
    crossing = [stretch for stretch in crossing if not whole & stretch[2]]
    if not crossing or not run.edges:
        yield Piece(run.text, look | whole, run.colour)
        return
    start, before = 0, -1
    for index in range(len(run.text)):
        middle = (run.edges[index] + run.edges[index + 1]) / 2
        now = whole
        for a, b, bit in crossing:
            if a <= middle <= b:
                now |= bit
        if now != before and index > start:
            yield Piece(run.text[start:index], look | before, run.colour)
            start = index
        before = now
    yield Piece(run.text[start:], look | before, run.colour)
