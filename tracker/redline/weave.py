"""Two lists of words to the edits that turn one into the other, in time that grows with their length.

Words and phrases that are rare on both sides hold the two together (patience); only what is small between them is
compared word by word.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Sequence

from rapidfuzz.distance import LCSseq

Span = tuple[int, int, int, int]  # a0, a1, b0, b1
Block = tuple[int, int, int]  # a, b, length
Words = Sequence[str]

SMALL = 4_000_000  # pairs of words up to which a stretch is compared word by word: a few milliseconds
DEEPEST = 40


def weave(a: Words, b: Words) -> list[Span]:
    """Half-open, in order, apart from each other: all else is equal and in the same order."""
    blocks: list[Block] = []
    todo = [(0, len(a), 0, len(b), 0)]
    while todo:
        a0, a1, b0, b1, depth = todo.pop()
        head = _common(a, a0, a1, b, b0, b1)
        if head:
            blocks.append((a0, b0, head))
            a0, b0 = a0 + head, b0 + head
        tail = _common_end(a, a0, a1, b, b0, b1)
        if tail:
            a1, b1 = a1 - tail, b1 - tail
            blocks.append((a1, b1, tail))
        if a0 == a1 or b0 == b1:
            continue
        anchors = _anchors(a[a0:a1], b[b0:b1]) if depth < DEEPEST else []
        if anchors:
            last_a, last_b = a0, b0
            for i, j, size in anchors:
                blocks.append((a0 + i, b0 + j, size))
                if last_a < a0 + i or last_b < b0 + j:
                    todo.append((last_a, a0 + i, last_b, b0 + j, depth + 1))
                last_a, last_b = a0 + i + size, b0 + j + size
            todo.append((last_a, a1, last_b, b1, depth + 1))
        elif (a1 - a0) * (b1 - b0) <= SMALL:
            blocks += [(a0 + op.src_start, b0 + op.dest_start, op.src_end - op.src_start)
                       for op in LCSseq.opcodes(a[a0:a1], b[b0:b1]) if op.tag == "equal"]
    return _between(blocks, len(a), len(b))


def _between(blocks: list[Block], a_size: int, b_size: int) -> list[Span]:
    edits: list[Span] = []
    at, bt = 0, 0
    for i, j, size in (*sorted(blocks), (a_size, b_size, 0)):
        if at < i or bt < j:
            edits.append((at, i, bt, j))
        at, bt = i + size, j + size
    return edits


def _common(a: Words, a0: int, a1: int, b: Words, b0: int, b1: int) -> int:
    """How many words both begin with. Slices are compared, doubling and then halving: no step of Python a word."""
    most, done, step = min(a1 - a0, b1 - b0), 0, 8
    while done < most and a[a0 + done:a0 + min(done + step, most)] == b[b0 + done:b0 + min(done + step, most)]:
        done, step = min(done + step, most), 2 * step
    most = min(most, done + step)
    while done < most:
        middle = (done + most + 1) // 2
        if a[a0 + done:a0 + middle] == b[b0 + done:b0 + middle]:
            done = middle
        else:
            most = middle - 1
    return done


def _common_end(a: Words, a0: int, a1: int, b: Words, b0: int, b1: int) -> int:
    most, done, step = min(a1 - a0, b1 - b0), 0, 8
    while done < most and (a[a1 - min(done + step, most):a1 - done] == b[b1 - min(done + step, most):b1 - done]):
        done, step = min(done + step, most), 2 * step
    most = min(most, done + step)
    while done < most:
        middle = (done + most + 1) // 2
        if a[a1 - middle:a1 - done] == b[b1 - middle:b1 - done]:
            done = middle
        else:
            most = middle - 1
    return done


def _anchors(a: Words, b: Words) -> list[Block]:
    """Phrases of three words that each side has once; else words that it has once; else words that both have as often.

    Each kind is asked only where the one before found nothing: a phrase misleads less than a word.
    """
    if min(len(a), len(b)) >= 3:
        found = _in_order(_unique(list(zip(a, a[1:], a[2:], strict=False)), list(zip(b, b[1:], b[2:], strict=False))))
        if found:
            return _joined(found, 3)
    found = _in_order(_unique(a, b))
    if not found and len(a) * len(b) > SMALL:
        found = _in_order(_as_often(a, b))
    return _joined(found, 1)


def _unique(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[tuple[int, int]]:
    in_a, in_b = Counter(a), Counter(b)
    where = {word: j for j, word in enumerate(b) if in_b[word] == 1}
    return [(i, where[word]) for i, word in enumerate(a) if word in where and in_a[word] == 1]


def _as_often(a: Words, b: Words) -> list[tuple[int, int]]:
    in_a, in_b = Counter(a), Counter(b)
    where: dict[str, list[int]] = {}
    for j, word in enumerate(b):
        if in_a.get(word) == in_b[word]:
            where.setdefault(word, []).append(j)
    places = {word: iter(at) for word, at in where.items()}
    return [(i, next(places[word])) for i, word in enumerate(a) if word in places]


def _in_order(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs that rises on both sides; `pairs` rise on the first."""
    ends: list[int] = []  # the least end of a run of each length
    last: list[int] = []  # its pair
    before: list[int] = []
    for k, (_, j) in enumerate(pairs):
        place = bisect_left(ends, j)
        before.append(last[place - 1] if place else -1)
        if place == len(ends):
            ends.append(j)
            last.append(k)
        else:
            ends[place], last[place] = j, k
    found: list[tuple[int, int]] = []
    k = last[-1] if last else -1
    while k >= 0:
        found.append(pairs[k])
        k = before[k]
    return found[::-1]


def _joined(pairs: list[tuple[int, int]], size: int) -> list[Block]:
    """Anchors that overlap or touch on the same diagonal are one block; one that overlaps on another is dropped."""
    blocks: list[Block] = []
    for i, j in pairs:
        if not blocks:
            blocks.append((i, j, size))
            continue
        at, bt, length = blocks[-1]
        if i - at == j - bt and i <= at + length:
            blocks[-1] = (at, bt, i - at + size)
        elif i >= at + length and j >= bt + length:
            blocks.append((i, j, size))
    return blocks
