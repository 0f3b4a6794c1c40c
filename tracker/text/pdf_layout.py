"""A PDF's pages to the lines of its text: line numbers, running heads and feet taken away, in reading order."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tracker.text.pdf_page import Page, Run

BLANK = 0.14  # of the size: a wider gap between two runs is a blank, whatever PDFium says
_NUMBER = re.compile(r"\d{1,4}[a-z]?")
_DIGITS = re.compile(r"\d+")
# What stands at the edge of a page even where there is one page only, so that nothing repeats.
_FURNITURE = re.compile(
    r"[-–—\[\s]*(?:Page\s+)?\d{1,4}(?:\s+of\s+\d{1,4})?[-–—\]\s]*"  # - 3 -, [4], Page 3 of 17
    r"|(?:CODING: )?Words stricken are deletions.*|CODING: Words.*|hb\d+-\d\d|F L O R I D A .*"
    r"|VT LEG #.*|LC\s?\d{3,6}(?: - Page \d+.*)?|Req\. No\. .*|Enrolled .{4,60} Page \d+"
    r"|NOTE: Matter in boldfaced type .*|New sections are in boldfaced type\.?"
)
_BILL = re.compile(r"[HS]\.?\s?(?:[BRM]|[CJ]\.?\s?[RM])\.?\s?\d{1,5}(?:-[A-Z])?")  # over each page but the first
_RULED = re.compile(r"[=_\-–—.\s]{4,}")  # ======== and ________ separate, and say nothing
_EDGE = 8  # lines at the top, and at the bottom, that may be furniture


@dataclass(slots=True)
class Line:
    """Runs of one baseline, left to right."""

    page: int
    x0: float
    x1: float
    y: float
    size: float
    runs: list[Run]

    def text(self) -> str:
        parts: list[str] = []
        for run, gap in zip(self.runs, gaps(self), strict=True):
            parts.append(" " + run.text if gap else run.text)
        return " ".join("".join(parts).split())


def gaps(line: Line) -> list[bool]:
    """For each run, whether a blank stands before it."""
    sure, narrow = BLANK * line.size, 0.04 * line.size
    return [False, *(right.x0 - left.x1 > (narrow if right.spaced else sure) for left, right in pairwise(line.runs))]


def read_lines(pages: Sequence[Page]) -> list[Line]:
    """The text lines of all pages in order, without what belongs to the paper."""
    column = number_column(pages)
    by_page = [_lines(page, number, column) for number, page in enumerate(pages)]
    return [line for lines in _without_furniture(by_page) for line in lines]


def number_column(pages: Sequence[Page]) -> tuple[float, float] | None:
    """Left and right edge of the printed line numbers, if there are any: numbers that stand exactly under each other
    at a margin, grow down the page, and have no words below or above them."""
    found = [(number, run) for number, page in enumerate(pages) for run in page.runs
             if _NUMBER.fullmatch(run.text) and (run.x1 < 0.25 * page.width or run.x0 > 0.85 * page.width)]  # fmt: skip
    best: list[tuple[int, Run]] = []
    places: tuple[Callable[[Run], float], ...] = (
        lambda run: run.x1, lambda run: run.x0, lambda run: (run.x0 + run.x1) / 2)  # fmt: skip
    for place in places:
        buckets: dict[int, list[tuple[int, Run]]] = defaultdict(list)
        for number, run in found:
            buckets[round(place(run) / 2)].append((number, run))
        for key in buckets:
            members = buckets[key] + buckets.get(key + 1, [])
            if len(members) > len(best):
                best = members
    if len(best) < 4 or not _grow(best):
        return None
    low, high = min(run.x0 for _, run in best) - 1, max(run.x1 for _, run in best) + 1
    strangers = sum(low <= run.x0 < high for page in pages for run in page.runs if not _NUMBER.fullmatch(run.text))
    return (low, high) if strangers < 0.5 * len(best) else None


def _grow(members: Iterable[tuple[int, Run]]) -> bool:
    by_page: dict[int, list[Run]] = defaultdict(list)
    for number, run in members:
        by_page[number].append(run)
    steps: list[bool] = []
    for runs in by_page.values():
        values = [int(_DIGITS.findall(run.text)[0]) for run in sorted(runs, key=lambda run: -run.y)]
        steps += [0 <= right - left <= 12 for left, right in pairwise(values)]
    return sum(steps) >= max(3, 0.6 * len(steps))


def _lines(page: Page, number: int, column: tuple[float, float] | None) -> list[Line]:
    runs = sorted(page.runs, key=lambda run: -run.y)
    if column is not None:
        low, high = column[0] - 1, column[1] + 8  # "1854a" is wider than its neighbours
        runs = [run for run in runs
                if run.x0 < low or run.x1 > high or not _NUMBER.fullmatch(run.text) or _touched(run, runs)]  # fmt: skip
    lines: list[Line] = []
    for run in runs:
        last = lines[-1] if lines else None
        if last is not None and last.y - run.y < 0.45 * max(last.size, run.size) and _fits(last, run):
            last.runs.append(run)
            if run.size > last.size:
                last.size, last.y = run.size, run.y
        else:
            lines.append(Line(number, 0, 0, run.y, run.size, [run]))
    for line in lines:
        line.runs.sort(key=lambda run: run.x0)
        line.x0, line.x1 = line.runs[0].x0, max(run.x1 for run in line.runs)
        line.y, line.size = _baseline(line)
    return [line for line in lines if not _RULED.fullmatch(line.text())]


def _fits(line: Line, run: Run) -> bool:
    """A run on the same baseline fits; a raised or lowered one must not lie on top of what is there."""
    if abs(line.y - run.y) < 0.2 * run.size:
        return True
    return all(run.x1 <= other.x0 + 0.5 or run.x0 >= other.x1 - 0.5 for other in line.runs)


def _baseline(line: Line) -> tuple[float, float]:
    """Where most of the line's words stand, and their size: raised letters have their own."""
    if len(line.runs) == 1:
        return line.runs[0].y, line.runs[0].size
    widths: Counter[tuple[float, float]] = Counter()
    for run in line.runs:
        widths[run.y, run.size] += len(run.text)
    return max(widths, key=lambda place: (widths[place], place))


def _touched(number: Run, runs: Sequence[Run]) -> bool:
    """Words follow the number at once, so it is one of them."""
    return any(-0.2 < run.x0 - number.x1 < 0.5 * number.size and abs(run.y - number.y) < 2 for run in runs)


# --- running heads and feet -------------------------------------------------------------------------------------------


def _without_furniture(by_page: Sequence[list[Line]]) -> list[list[Line]]:
    tops = _repeated([lines[:_EDGE] for lines in by_page])
    feet = _repeated([lines[-_EDGE:] for lines in by_page])
    kept: list[list[Line]] = []
    for lines in by_page:
        start, end = 0, len(lines)
        while start < end and start < _EDGE and _is_furniture(lines[start], tops):
            start += 1
        while end > start and len(lines) - end < _EDGE and _is_furniture(lines[end - 1], feet):
            end -= 1
        kept.append(lines[start:end])
    return kept if any(kept) else list(by_page)


def _is_furniture(line: Line, repeated: dict[str, float]) -> bool:
    text = line.text()
    if _FURNITURE.fullmatch(text) or (line.page and _BILL.fullmatch(text)):
        return True
    y = repeated.get(_DIGITS.sub("#", text))
    return y is not None and abs(y - line.y) < 4


def _repeated(edges: Sequence[Sequence[Line]]) -> dict[str, float]:
    """Words, numbers apart, that stand at one height on many pages; and that height."""
    heights: dict[str, list[float]] = defaultdict(list)
    for lines in edges:
        for line in lines:
            heights[_DIGITS.sub("#", line.text())].append(line.y)
    enough = max(2, 0.3 * sum(bool(lines) for lines in edges))
    found = {}
    for words, ys in heights.items():
        middle = sorted(ys)[len(ys) // 2]
        if sum(abs(y - middle) < 4 for y in ys) >= enough:
            found[words] = middle
    return found
