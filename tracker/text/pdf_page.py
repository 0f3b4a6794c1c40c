"""What a page of a PDF holds for a reader: runs of characters with place and face, and thin horizontal lines.

Lengths are points, the origin is at the lower left; a page whose words run up or down is turned so that they run to
the right.
"""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_OBJECTS = 60_000  # on one page; a dense page has 400
_PALE = 0xC4  # all of red, green and blue above this: a watermark, or white on white


@dataclass(slots=True)
class Run:
    """Characters that one drawing command set on one baseline. `edges`: where each begins, then where the last ends,
    known only if a drawn line ends inside the run."""

    text: str
    x0: float
    x1: float
    y: float  # of the baseline
    size: float
    bold: bool
    italic: bool
    colour: int  # 0xRRGGBB
    first: int
    spaced: bool = False  # a blank was set, or guessed by PDFium, before it
    edges: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A thin horizontal line as drawn; `y` is its middle."""

    x0: float
    x1: float
    y: float
    colour: int


@dataclass(slots=True)
class Page:
    width: float
    height: float
    runs: list[Run] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    pictured: float = 0.0  # share of the page that pictures cover
    unseen: int = 0  # characters that are not painted: the hidden words of a scan
    pencilled: int = 0  # strike-outs and underlines that are annotations, which nothing here reads


def pale(colour: int) -> bool:
    return min(colour >> 16, colour >> 8 & 255, colour & 255) > _PALE


def rotate(x: float, y: float, turn: int) -> tuple[float, float]:
    """`turn`: quarter turns to the left that the words take."""
    return ((x, y), (y, -x), (-x, -y), (-y, x))[turn]
