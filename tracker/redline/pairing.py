"""Sections of two texts to pairs: by equal words, by phrases they share, by heading and number; wherever they stand."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from rapidfuzz.distance import Indel

from tracker.redline.words import Unit

PHRASE = 4  # words of which two sections that say the same share many
COMMON = 12  # sections with the same phrase, above which it tells nothing
ALIKE = 0.30  # phrases shared, of all phrases of both: the same section, edited
HEADING, NUMBER = 0.35, 0.10  # what an equal heading, an equal number is worth beside that
NEAR = 0.55  # share of equal words of two short leftovers between the same neighbours
SHORT = 400  # words of such a leftover
_NOT_WORD = re.compile(r"\W+")

Pairs = dict[int, int]  # index after -> index before


def pair(a: Sequence[Unit], b: Sequence[Unit]) -> Pairs:
    pairs = _equal(a, b)
    left_a, left_b = _left(a, b, pairs)
    if left_a and left_b:
        pairs |= _alike(a, b, left_a, left_b)
        _by_place(a, b, pairs)
    return pairs


def _left(a: Sequence[Unit], b: Sequence[Unit], pairs: Pairs) -> tuple[list[int], list[int]]:
    taken = set(pairs.values())
    return [i for i in range(len(a)) if i not in taken], [j for j in range(len(b)) if j not in pairs]


def _equal(a: Sequence[Unit], b: Sequence[Unit]) -> Pairs:
    """The same words, whatever the number; of several alike the one with the same path, then the next in order."""
    waiting: dict[str, list[int]] = defaultdict(list)
    for i, unit in enumerate(a):
        waiting[unit.words].append(i)
    pairs: Pairs = {}
    again: list[int] = []
    for j, unit in enumerate(b):
        found = waiting.get(unit.words)
        if not found:
            continue
        if len(found) == 1 or a[found[0]].path == unit.path:
            pairs[j] = found.pop(0)
        else:
            again.append(j)
    for j in again:
        if found := waiting[b[j].words]:
            pairs[j] = found.pop(0)
    return pairs


def _alike(a: Sequence[Unit], b: Sequence[Unit], left_a: list[int], left_b: list[int]) -> Pairs:
    phrases_a = {i: _phrases(a[i].words) for i in left_a}
    phrases_b = {j: _phrases(b[j].words) for j in left_b}
    where: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, phrases in phrases_a.items():
        for phrase in phrases:
            where[phrase].append(i)
    seen = Counter(phrase for phrases in phrases_b.values() for phrase in phrases)
    headings_a, headings_b = _headings(a, left_a), _headings(b, left_b)
    numbers = {a[i].path: i for i in left_a if a[i].num}
    scores: list[tuple[float, int, int, int]] = []
    for j in left_b:
        shared: Counter[int] = Counter()
        for phrase in phrases_b[j]:
            if (found := where.get(phrase)) and len(found) <= COMMON and seen[phrase] <= COMMON:
                shared.update(found)
        twins = headings_a.get(_key(b[j].heading), [])
        near = set(shared) | set(twins if len(twins) <= COMMON else ())
        if b[j].num and b[j].path in numbers:
            near.add(numbers[b[j].path])
        for i in near:
            score = _score(a[i], b[j], shared[i], len(phrases_a[i]), len(phrases_b[j]),
                           len(twins) == len(headings_b.get(_key(b[j].heading), ())) == 1)
            if score >= ALIKE:
                scores.append((-score, abs(i - j), j, i))
    pairs: Pairs = {}
    taken: set[int] = set()
    for _, _, j, i in sorted(scores):
        if j not in pairs and i not in taken:
            pairs[j] = i
            taken.add(i)
    return pairs


def _phrases(words: str) -> set[tuple[str, ...]]:
    split = words.split()
    return set(zip(*(split[k:] for k in range(PHRASE)), strict=False)) or {tuple(split)}


def _score(a: Unit, b: Unit, shared: int, size_a: int, size_b: int, only_ones: bool) -> float:
    """A heading counts for more where no other leftover has it; the words between sections pair only among them."""
    if bool(a.num) != bool(b.num):
        return 0.0
    alike = 2 * shared / (size_a + size_b)
    contained = shared / min(size_a, size_b) if min(size_a, size_b) >= 30 else 0.0
    score = max(alike, 0.6 * contained)
    heading = _key(a.heading)
    if heading and heading == _key(b.heading):
        score += HEADING if only_ones or score > 0.05 else HEADING / 2
    if a.num and a.path == b.path:
        score += NUMBER
    return score


def _key(heading: str | None) -> str:
    return _NOT_WORD.sub(" ", heading or "").strip().casefold()


def _headings(units: Sequence[Unit], left: Iterable[int]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for i in left:
        if key := _key(units[i].heading):
            found[key].append(i)
    return found


def _by_place(a: Sequence[Unit], b: Sequence[Unit], pairs: Pairs) -> None:
    """A short section that stayed between the same neighbours, and most of its words with it."""
    left_a, left_b = map(set, _left(a, b, pairs))
    for j in sorted(left_b):
        i = pairs[j - 1] + 1 if j - 1 in pairs else (0 if j == 0 else -1)
        if i not in left_a or bool(a[i].num) != bool(b[j].num):
            continue
        if j == 0 and not b[j].num:  # what stands before the first section is the head of the bill, however changed
            pairs[j] = i
            left_a.discard(i)
            continue
        old, new = a[i].words.split(), b[j].words.split()
        if len(old) <= SHORT and len(new) <= SHORT and Indel.normalized_similarity(old, new) >= NEAR:
            pairs[j] = i
            left_a.discard(i)


def stayed(pairs: Pairs, a: Sequence[Unit]) -> set[int]:
    """Of the later text's paired sections, those that kept their order: the heaviest run that rises on both sides."""
    order = sorted(pairs)
    ranks = sorted(pairs.values())
    tree: list[tuple[int, int]] = [(0, -1)] * (len(ranks) + 1)  # best weight of a run that ends up to a rank
    before: dict[int, int] = {}
    for j in order:
        rank = bisect_left(ranks, pairs[j])
        weight, last = _best(tree, rank)
        before[j] = last
        unit = a[pairs[j]]
        _raise(tree, rank + 1, (weight + unit.end - unit.start, j))
    found: set[int] = set()
    j = _best(tree, len(ranks))[1]
    while j >= 0:
        found.add(j)
        j = before[j]
    return found


def _best(tree: list[tuple[int, int]], upto: int) -> tuple[int, int]:
    best = (0, -1)
    while upto > 0:
        if tree[upto][0] > best[0]:
            best = tree[upto]
        upto -= upto & -upto
    return best


def _raise(tree: list[tuple[int, int]], at: int, value: tuple[int, int]) -> None:
    while at < len(tree):
        if value[0] > tree[at][0]:
            tree[at] = value
        at += at & -at
