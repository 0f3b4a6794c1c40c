"""Overlapping spans of inserted and struck words to sorted marks that do not overlap."""

from __future__ import annotations

from itertools import pairwise

from tracker.model import Mark, MarkKind

Span = tuple[int, int, MarkKind, int]  # start, end, kind, weight

# What wins where two spans overlap.
WHOLE_ADDED = 0  # a committee's substitute: the whole text is new, whatever it strikes
QUOTED = 1  # a quoted block, or quoted words, that law is to gain or lose
INLINE = 2  # <del>, <ins>, ((...)): words of the law itself
WHOLE_DELETED = 3  # text that a committee struck: nothing in it acts any more


def paint(spans: list[Span], text: str) -> tuple[Mark, ...]:
    """Higher weight wins; of equal weight, the later one. Neighbours of one kind become one mark."""
    if not spans:
        return ()
    size = len(text)
    spans = [(max(0, a), min(b, size), kind, weight) for a, b, kind, weight in spans if a < min(b, size)]
    edges = sorted({edge for a, b, _, _ in spans for edge in (a, b)})
    starts = sorted(range(len(spans)), key=lambda i: spans[i][0])
    marks: list[Mark] = []
    active: list[int] = []
    upcoming = 0
    for left, right in pairwise(edges):
        active = [i for i in active if spans[i][1] > left]
        while upcoming < len(starts) and spans[starts[upcoming]][0] <= left:
            active.append(starts[upcoming])
            upcoming += 1
        if not active:
            continue
        kind = spans[max(active, key=lambda i: (spans[i][3], spans[i][0], i))][2]
        if marks and marks[-1].end == left and marks[-1].kind is kind:
            marks[-1] = Mark(kind, marks[-1].start, right)
        else:
            marks.append(Mark(kind, left, right))
    return tuple(trimmed for mark in marks if (trimmed := _trim(mark, text)) is not None)


def _trim(mark: Mark, text: str) -> Mark | None:
    start, end = mark.start, mark.end
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    if (start, end) == (mark.start, mark.end):
        return mark
    return Mark(mark.kind, start, end) if start < end else None
