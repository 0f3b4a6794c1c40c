"""Edits of single words to edits that a person reads: whole phrases, at the places where a writer would cut."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from tracker.redline.rows import Edit
from tracker.redline.weave import Span

ISLAND = 4  # equal words between two rewritten phrases that only hinder reading
FAR_ISLAND = 10  # likewise, between phrases that are four times as long
SLIDE = 60  # words by which an insertion may be moved to begin where a line or sentence begins
REWRITTEN = 0.15  # share of words kept, below which a passage is told as one old and one new passage
LONG = 12  # words; a shorter passage is never called rewritten as a whole
_QUOTES = str.maketrans("", "", "\"'")
_LITTLE = frozenset((
    "a", "an", "and", "any", "as", "at", "be", "by", "for", "from", "if", "in", "is", "it", "its", "no", "not", "of",
    "on", "or", "shall", "such", "that", "the", "this", "to", "under", "which", "who", "with"))  # fmt: skip


def tidy(spans: list[Span], a: Sequence[str], b: Sequence[str], a_lines: Sequence[int],
         b_lines: Sequence[int]) -> list[Edit]:
    """`a_lines`, `b_lines`: words that begin a line, in order."""
    if _is_rewritten(spans, len(a), len(b)):
        spans = [(0, len(a), 0, len(b))]
    spans = _slid(_without_islands(spans, a), a, b, a_lines, b_lines)
    return [Edit(*s, layout=is_layout(a[s[0]:s[1]], b[s[2]:s[3]])) for s in spans]


def is_layout(old: Sequence[str], new: Sequence[str]) -> bool:
    """The same letters and signs but for blanks, capitals and quotation marks, as one printer sets them."""
    if not old or not new:
        return False
    was, now = "".join(old), "".join(new)
    if was == now or was.translate(_QUOTES) == now.translate(_QUOTES):
        return True
    if was.isupper() != now.isupper():  # a heading in capitals ends with a full stop, or not
        return _folded(was).rstrip(".,:;—") == _folded(now).rstrip(".,:;—")
    return _folded(was) == _folded(now)


def _folded(letters: str) -> str:
    return letters.translate(_QUOTES).casefold()


def _is_rewritten(spans: list[Span], a_size: int, b_size: int) -> bool:
    kept = a_size - sum(s[1] - s[0] for s in spans)
    return min(a_size, b_size) >= LONG and kept < REWRITTEN * min(a_size, b_size)


def _without_islands(spans: list[Span], a: Sequence[str]) -> list[Span]:
    done: list[Span] = []
    for span in spans:
        while done and _is_island(done[-1], span, a):
            before = done.pop()
            span = (before[0], span[1], before[2], span[3])
        done.append(span)
    return done


def _is_island(one: Span, two: Span, a: Sequence[str]) -> bool:
    gap = two[0] - one[1]
    if gap == 0:
        return True
    sizes = [max(s[1] - s[0], s[3] - s[2]) for s in (one, two)]
    least = min(sizes)
    if not (_replaces(one) or _replaces(two) or _opposite(one, two)):
        return False
    little = gap <= max(sizes) and all(word.casefold() in _LITTLE for word in a[one[1]:two[0]])
    if gap <= ISLAND and (gap <= least or little):
        return True
    return gap <= FAR_ISLAND and 4 * gap <= least


def _replaces(span: Span) -> bool:
    return span[0] < span[1] and span[2] < span[3]


def _opposite(one: Span, two: Span) -> bool:
    """One only takes away, the other only adds."""
    return (one[0] == one[1]) != (two[0] == two[1]) and not (_replaces(one) or _replaces(two))


def _slid(spans: list[Span], a: Sequence[str], b: Sequence[str], a_lines: Sequence[int],
          b_lines: Sequence[int]) -> list[Span]:
    """What is only added or only taken away can often stand at several places: the best is where a line begins."""
    done: list[Span] = []
    for k, (a0, a1, b0, b1) in enumerate(spans):
        low = done[-1][1] if done else 0
        high = spans[k + 1][0] if k + 1 < len(spans) else len(a)
        if b0 == b1 and a0 < a1:
            shift = _best_shift(a, a0, a1, low - a0, high - a1, a_lines)
        elif a0 == a1 and b0 < b1:
            shift = _best_shift(b, b0, b1, low - a0, high - a1, b_lines)
        else:
            shift = 0
        done.append((a0 + shift, a1 + shift, b0 + shift, b1 + shift))
    return done


def _best_shift(words: Sequence[str], start: int, end: int, least: int, most: int, lines: Sequence[int]) -> int:
    best, best_score = 0, _score(words, start, end, lines)
    for step, limit in ((-1, max(least, -SLIDE)), (1, min(most, SLIDE))):
        at, to, shift = start, end, 0
        while shift != limit:
            if step < 0:
                if words[at - 1] != words[to - 1]:
                    break
            elif words[at] != words[to]:
                break
            at, to, shift = at + step, to + step, shift + step
            score = _score(words, at, to, lines)
            if score > best_score:
                best, best_score = shift, score
    return best


def _score(words: Sequence[str], start: int, end: int, lines: Sequence[int]) -> int:
    if _begins(lines, start) or start == 0:
        return 4 + (_begins(lines, end) or end == len(words))
    if words[start - 1].endswith((".", ";", ":", "—")) and words[end - 1].endswith((".", ";", ":", "—")):
        return 3
    if words[start - 1].endswith(",") and words[end - 1].endswith(","):
        return 2
    return 1 if words[end - 1].endswith(",") and not words[start].endswith(",") else 0


def _begins(lines: Sequence[int], word: int) -> bool:
    at = bisect_left(lines, word)
    return at < len(lines) and lines[at] == word
