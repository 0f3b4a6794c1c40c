"""The flags of two versions to those that came, went and stayed, wherever their sections stand now."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import Indel

from tracker.model import Flag
from tracker.redline.rows import Redline

SIMILAR = 0.6  # share of equal words: a lightly edited quote is the same finding (as in tracker.differ)
_NOT_WORD = re.compile(r"\W+")


class Turn(StrEnum):
    CAME = "came"
    WENT = "went"
    STAYED = "stayed"


@dataclass(frozen=True, slots=True)
class FlagTurn:
    """`before`, `after`: the flag in each version; `row`: of the redline, where the newer of them stands."""

    turn: Turn
    before: Flag | None
    after: Flag | None
    row: int

    @property
    def flag(self) -> Flag:
        found = self.after or self.before
        if found is None:
            raise ValueError("expected a flag of one version at least")
        return found


@dataclass(frozen=True, slots=True)
class _Placed:
    flag: Flag
    row: int
    words: tuple[str, ...]


def flag_turns(redline: Redline, before: Sequence[Flag], after: Sequence[Flag]) -> tuple[FlagTurn, ...]:
    """What came first, then what went, then what stayed; each in the order of its text."""
    old = _placed(before, redline, earlier=True)
    new = _placed(after, redline, earlier=False)
    pairs: list[tuple[_Placed, _Placed]] = []
    for alike in (_same_words_and_row, _same_words, _same_row, _same_gist):
        old, new, found = _pair_off(old, new, alike)
        pairs += found
    pairs.sort(key=lambda p: (p[1].flag.start, p[1].flag.end, p[1].flag.topic))
    return (*(FlagTurn(Turn.CAME, None, p.flag, p.row) for p in new),
            *(FlagTurn(Turn.WENT, p.flag, None, p.row) for p in old),
            *(FlagTurn(Turn.STAYED, p.flag, q.flag, q.row) for p, q in pairs))


def _placed(flags: Sequence[Flag], redline: Redline, *, earlier: bool) -> list[_Placed]:
    reading = redline.a if earlier else redline.b
    row_of = {(row.before if earlier else row.after): n for n, row in enumerate(redline.rows)}
    starts = [unit.start for unit in reading.units]
    ordered = sorted(flags, key=lambda f: (f.start, f.end, f.topic, f.effect, f.rule))
    return [_Placed(f, row_of.get(bisect_right(starts, reading.at(f.start)) - 1, 0),
                    tuple(_NOT_WORD.sub(" ", f.quote).casefold().split())) for f in ordered]


def _kind(placed: _Placed) -> tuple[object, ...]:
    return placed.flag.topic, placed.flag.subtopic, placed.flag.effect


def _same_words_and_row(a: _Placed, b: _Placed) -> bool:
    return a.row == b.row and a.words == b.words


def _same_words(a: _Placed, b: _Placed) -> bool:
    return a.words == b.words


def _same_row(a: _Placed, b: _Placed) -> bool:
    return a.row == b.row


def _same_gist(a: _Placed, b: _Placed) -> bool:
    return Indel.normalized_similarity(a.words, b.words) >= SIMILAR


def _pair_off(old: list[_Placed], new: list[_Placed], alike: Callable[[_Placed, _Placed], bool],
              ) -> tuple[list[_Placed], list[_Placed], list[tuple[_Placed, _Placed]]]:
    """Only flags that say the same are ever the same: topic, subtopic and effect."""
    waiting: dict[tuple[object, ...], list[_Placed]] = {}
    for item in new:
        waiting.setdefault(_kind(item), []).append(item)
    gone, pairs = [], []
    for item in old:
        of_kind = waiting.get(_kind(item), [])
        twin = next((k for k, other in enumerate(of_kind) if alike(item, other)), None)
        if twin is None:
            gone.append(item)
        else:
            pairs.append((item, of_kind.pop(twin)))
    left = {id(item) for items in waiting.values() for item in items}
    return gone, [item for item in new if id(item) in left], pairs


def of_turn(turns: Sequence[FlagTurn], turn: Turn) -> Iterator[FlagTurn]:
    return (t for t in turns if t.turn is turn)
