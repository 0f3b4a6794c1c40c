"""Counts to the shapes of charts: bars of one scale, and a map of the states as tiles of one size. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

WIDTH, ROW, BAR = 360, 46, 16  # of bars, in units of the drawing; 360 stays readable on a phone
TILE, STEP = 42, 44
SHADES = (1, 3, 10, 30)  # a tile is one shade darker from each of these on; the number stands in it, too

# One letter pair a tile, rows of eleven, as newsrooms draw it: neighbours stay neighbours, small states stay visible.
_GRID = ("AK . . . . . . . . . ME",
         ". . . . . . . . . VT NH",
         "WA ID MT ND MN IL WI MI NY RI MA",
         "OR NV WY SD IA IN OH PA NJ CT .",
         "CA UT CO NE MO KY WV VA MD DE .",
         ". AZ NM KS AR TN NC SC DC . .",
         ". . . OK LA MS AL GA . . PR",
         "HI . . TX . . . . FL . .")


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    number: int
    length: float
    y: int
    url: str | None = None


@dataclass(frozen=True, slots=True)
class BarChart:
    bars: tuple[Bar, ...]
    height: int


@dataclass(frozen=True, slots=True)
class Tile:
    """`number`: None where nobody watches: not the same as none found. `shade`: 0 to 4."""

    code: str
    source: str
    x: int
    y: int
    number: int | None
    shade: int


@dataclass(frozen=True, slots=True)
class TileMap:
    tiles: tuple[Tile, ...]
    width: int
    height: int


def bars(counts: Iterable[tuple[str, int] | tuple[str, int, str]]) -> BarChart:
    """(label, number) or (label, number, address), in the order to show. The longest takes the whole width."""
    given = [(label, number, rest[0] if rest else None) for label, number, *rest in counts]
    most = max((number for _, number, _ in given), default=0) or 1
    return BarChart(tuple(Bar(label, number, round(number * WIDTH / most, 1), n * ROW, url)
                          for n, (label, number, url) in enumerate(given)), max(1, len(given)) * ROW)


def tile_map(counts: Mapping[str, int], watched: Sequence[str]) -> TileMap:
    """`counts` by legislature: ``{"us-wa": 3}``."""
    tiles = []
    for row, line in enumerate(_GRID):
        for column, code in enumerate(line.split()):
            if code != ".":
                source = f"us-{code.lower()}"
                number = counts.get(source, 0) if source in watched else None
                tiles.append(Tile(code, source, column * STEP + 1, row * STEP + 1, number, shade(number or 0)))
    return TileMap(tuple(tiles), 11 * STEP, len(_GRID) * STEP)


def shade(number: int) -> int:
    return sum(number >= least for least in SHADES)


ON_THE_MAP = tuple(f"us-{code.lower()}" for line in _GRID for code in line.split() if code != ".")
