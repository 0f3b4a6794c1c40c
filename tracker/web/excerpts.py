"""Marked text and its flags to safe HTML: inserted words in <ins>, struck words in <del>, quotes in <mark>."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

from tracker.model import Flag, Mark, MarkedText, MarkKind

CONTEXT = 280  # characters of the provision shown on each side of a quote
_TAGS = {MarkKind.INSERTED: "ins", MarkKind.STRUCK: "del"}
_NOT_SLUG = re.compile(r"[^a-z0-9]+")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A flag's quote where it stands. `cut_before`, `cut_after`: the provision goes on beyond the excerpt."""

    html: Markup
    cut_before: bool
    cut_after: bool
    heading: str | None


@dataclass(frozen=True, slots=True)
class Block:
    """A provision's own words, up to its first child: `anchor` is unique in the text."""

    anchor: str
    path: str
    heading: str | None
    level: str
    depth: int
    html: Markup
    flags: tuple[Flag, ...]


def mark_up(text: str, start: int, end: int, marks: Sequence[Mark], quotes: Sequence[Span]) -> Markup:
    """`text[start:end]` with its marks and quotes; every character of the text is escaped here and only here."""
    inside = _touching(marks, start, end)
    lit = merge(quotes)
    cuts = {start, end}
    for a, b in [*((m.start, m.end) for m in inside), *lit]:
        cuts.update(p for p in (a, b) if start < p < end)
    edges = sorted(cuts)
    out: list[str] = []
    at_mark = at_quote = 0
    for a, b in pairwise(edges):
        while at_mark < len(inside) and inside[at_mark].end <= a:
            at_mark += 1
        while at_quote < len(lit) and lit[at_quote][1] <= a:
            at_quote += 1
        piece = str(escape(text[a:b]))
        if at_mark < len(inside) and inside[at_mark].start <= a:
            tag = _TAGS[inside[at_mark].kind]
            piece = f"<{tag}>{piece}</{tag}>"
        if at_quote < len(lit) and lit[at_quote][0] <= a:
            piece = f"<mark>{piece}</mark>"
        out.append(piece)
    return Markup("".join(out))  # noqa: S704  (built from escaped pieces above)


def merge(spans: Iterable[Span]) -> list[Span]:
    """Sorted, non-overlapping; touching spans become one."""
    merged: list[Span] = []
    for a, b in sorted(spans):
        if merged and a <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(b, merged[-1][1]))
        elif a < b:
            merged.append((a, b))
    return merged


def excerpt(marked: MarkedText, flag: Flag, context: int = CONTEXT) -> Excerpt:
    """The flag's quote within its provision, at most `context` characters more on each side, cut between words."""
    provision = next((p for p in marked.provisions
                      if p.path == flag.provision and p.start <= flag.start and flag.end <= p.end), None)
    low, high = (provision.start, provision.end) if provision else (0, len(marked.text))
    start, end = max(low, flag.start - context), min(high, flag.end + context)
    if start > low:
        gap = marked.text.find(" ", start, flag.start)
        start = gap + 1 if gap >= 0 else start
    if end < high:
        gap = marked.text.rfind(" ", flag.end, end)
        end = gap if gap >= 0 else end
    html = mark_up(marked.text, start, end, marked.marks, [(flag.start, flag.end)])
    return Excerpt(html, start > low, end < high, provision.heading if provision else None)


def anchor_of(path: str) -> str:
    return _NOT_SLUG.sub("-", path.lower()).strip("-") or "text"


def anchors(marked: MarkedText) -> list[str]:
    """One id for each provision, from its path, so that a link to it outlives a re-reading of the text."""
    seen: dict[str, int] = {}
    names: list[str] = []
    for provision in marked.provisions:
        name = anchor_of(provision.path)
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}--{seen[name]}")
    return names


def blocks(marked: MarkedText, flags: Sequence[Flag]) -> list[Block]:
    """The whole text, in order, nothing lost: each provision's words up to the next provision, marked up."""
    quotes = [(f.start, f.end) for f in flags]
    names, depths = anchors(marked), _depths(marked)
    starts = [p.start for p in marked.provisions]
    out: list[Block] = []
    if not starts or starts[0] > 0:
        out.append(_block(marked, "start", "", None, "preamble", 0, (0, starts[0] if starts else len(marked.text)),
                          flags, quotes))
    for i, p in enumerate(marked.provisions):
        end = starts[i + 1] if i + 1 < len(starts) else len(marked.text)
        out.append(_block(marked, names[i], p.path, p.heading, p.level, depths[i], (p.start, end), flags, quotes))
    return out


def _block(marked: MarkedText, anchor: str, path: str, heading: str | None, level: str, depth: int, span: Span,
           flags: Sequence[Flag], quotes: Sequence[Span]) -> Block:
    here = tuple(f for f in flags if span[0] <= f.start < span[1])
    near = [q for q in quotes if q[0] < span[1] and q[1] > span[0]]
    return Block(anchor, path, heading, level, depth, mark_up(marked.text, *span, marked.marks, near), here)


def _touching(marks: Sequence[Mark], start: int, end: int) -> Sequence[Mark]:
    """Marks are sorted and do not overlap, so that a long text with many of them costs no walk for each block."""
    return marks[bisect_right(marks, start, key=lambda m: m.end):bisect_left(marks, end, key=lambda m: m.start)]


def _depths(marked: MarkedText) -> list[int]:
    depths: list[int] = []
    for provision in marked.provisions:
        depths.append(0 if provision.parent is None else min(depths[provision.parent] + 1, 6))
    return depths
