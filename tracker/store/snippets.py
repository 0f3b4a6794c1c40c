"""Found bills to the places that were meant: a few words around each hit, and the section they stand in."""

from __future__ import annotations

import re
import zlib
from bisect import bisect_right
from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from threading import Lock

from sqlalchemy import Connection, select

from tracker.citations import citations, reaches
from tracker.citations.normal import CONTAINERS, depth_of_root
from tracker.model import MarkedText, Provision, TextStatus
from tracker.query import Tree, fold
from tracker.query.folding import SECTION
from tracker.query.tree import And, Cites, Or, Words
from tracker.store import schema as t
from tracker.store.columns import from_json

AROUND = 110  # characters on each side of a hit
MOST = 2  # a bill
MOST_VERSIONS = 4  # of a bill, the newest first, until one has the words
LONGEST = 1_500_000  # bytes of a stored text, packed: of longer ones nothing is shown
LONGEST_FOR_CITATIONS = 40_000  # characters, where a citation has no number to look for
_RANGE = re.compile(r"\b(\d{1,6})(?: through | to |\s?[-–—]\s?)(\d{1,6})\b", re.ASCII)
BESIDE, MOST_PLACES = 300, 24  # a citation is read around its number: characters on each side, places tried
HELD = 24_000_000  # characters of texts that are kept at hand

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Snippet:
    """`parts`: words in order, and whether they were meant. `path`: of the provision; `None`: before the first."""

    version: str
    path: str | None
    heading: str | None
    parts: tuple[tuple[str, bool], ...]
    cut_before: bool
    cut_after: bool


@dataclass(frozen=True, slots=True)
class _Text:
    text: str
    low: str  # as long as the text, in small letters without accents
    provisions: tuple[Provision, ...]
    starts: tuple[int, ...]


class Snippets:
    """Keeps the texts that were looked at last."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, _Text | None] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def cut(self, connection: Connection, tree: Tree, bills: Sequence[str],
            origin: Connection | None = None) -> dict[str, tuple[Snippet, ...]]:
        """`origin`: where the texts are, if `connection` knows their digests only."""
        meant = list(_meant(tree))
        if not meant or not bills:
            return {}
        found: dict[str, tuple[Snippet, ...]] = {}
        for bill_id, versions in _versions(connection, bills).items():
            for code, digest in versions[:MOST_VERSIONS]:
                held = self._text(origin or connection, digest)
                if held is not None and (cut := _cut(held, code, meant, bill_id.partition("/")[0])):
                    found[bill_id] = cut
                    break
        return found

    def _text(self, connection: Connection, digest: str) -> _Text | None:
        with self._lock:
            if digest in self._held:
                self._held.move_to_end(digest)
                return self._held[digest]
        made = _load(connection, digest)
        with self._lock:
            if digest not in self._held:
                self._held[digest] = made
                self._size += len(made.text) if made else 0
            while self._size > HELD and self._held:
                _, old = self._held.popitem(last=False)
                self._size -= len(old.text) if old else 0
        return made


def _load(connection: Connection, digest: str) -> _Text | None:
    data = connection.scalar(select(t.body.c.data).where(t.body.c.digest == digest))
    if data is None or len(data) > LONGEST:
        return None
    marked = from_json(zlib.decompress(data), MarkedText)
    return _Text(marked.text, _small(marked.text), marked.provisions, tuple(p.start for p in marked.provisions))


def _small(text: str) -> str:
    low = text.lower()
    if low.isascii():
        return low
    if len(low) != len(text):  # a few letters become two
        low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return low.translate({ord(c): plain for c in set(low) if not c.isascii() and len(plain := fold(c)) == 1})


def _versions(connection: Connection, bills: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """(code, digest) of the texts that are held, newest first."""
    v = t.version.c
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in connection.execute(select(v.bill_id, v.code, v.body).where(
            v.bill_id.in_(bills), v.status == TextStatus.AVAILABLE.value, v.position.is_not(None),
            v.body.is_not(None)).order_by(v.bill_id, v.position.desc())):  # fmt: skip
        found[row.bill_id].append((row.code, row.body))
    return found


def _meant(tree: Tree) -> Iterator[Words | Cites]:
    """What a text has that fits: nothing that was denied, nothing that only a title must have."""
    match tree:
        case Words():
            if not tree.title_only:
                yield tree
        case Cites():
            yield tree
        case And(parts) | Or(parts):
            for part in parts:
                yield from _meant(part)
        case _:
            return


def _cut(held: _Text, code: str, meant: Sequence[Words | Cites], jurisdiction: str) -> tuple[Snippet, ...]:
    firsts: list[Span] = []
    finders = [_pattern(leaf) for leaf in meant if isinstance(leaf, Words)]
    for literal, pattern in finders:
        if hit := next(_hits(held.low, literal, pattern, 0, len(held.low)), None):
            firsts.append(hit)
    cited = _cited(held.text, [leaf.norm for leaf in meant if isinstance(leaf, Cites)], jurisdiction)
    firsts += cited[:1]
    snippets: list[Snippet] = []
    covered = -1
    for start, end in sorted(firsts):
        if start < covered or len(snippets) == MOST:
            continue
        low, high = max(0, start - AROUND), min(len(held.text), end + AROUND)
        provision = _provision(held, start)
        if provision is not None:
            low, high = max(low, provision.start), min(high, max(end, provision.end))
        low, high = _at_blanks(held.text, low, high, start, end)
        spans = [span for literal, pattern in finders for span in _hits(held.low, literal, pattern, low, high)]
        spans += [span for span in cited if low <= span[0] and span[1] <= high]
        snippets.append(Snippet(code, provision.path if provision else None, provision.heading if provision else None,
                                _parts(held.text, low, high, spans), low > 0, high < len(held.text)))  # fmt: skip
        covered = high
    return tuple(snippets)


def _pattern(leaf: Words) -> tuple[str, re.Pattern[str]]:
    said = "[\\W_]+".join("(?:section|§+)" if word == SECTION else re.escape(word) for word in leaf.words)
    ending = "[^\\W_]*" if leaf.prefix else "(?![^\\W_])"
    pattern = re.compile(f"(?<![^\\W_]){said}{ending}")
    return "" if leaf.words[0] == SECTION else leaf.words[0], pattern


def _hits(low: str, literal: str, pattern: re.Pattern[str], start: int, end: int) -> Iterator[Span]:
    """`literal`: what every hit begins with; to find it costs a hundredth of the pattern."""
    if not literal:
        yield from (m.span() for m in pattern.finditer(low, start, end))
        return
    at = low.find(literal, start, end)
    while at >= 0:
        if found := pattern.match(low, at):
            if found.end() <= end:
                yield found.span()
            at = max(found.end(), at + 1)
        else:
            at += 1
        at = low.find(literal, at, end)


def _cited(text: str, norms: Sequence[str], jurisdiction: str) -> list[Span]:
    """The first place where each is cited."""
    found: set[Span] = set()
    for norm in norms:
        for start, end in _near(text, norm):
            spans = [(start + c.start, start + c.end) for c in citations(text[start:end], jurisdiction)
                     if reaches(c, norm)]  # fmt: skip
            if spans:
                found.update(spans[:1])
                break
    return sorted(found)


def _near(text: str, norm: str) -> Iterator[Span]:
    """Where a citation of this can stand: around its section's number. To read all of a long text would cost 20 ms."""
    parts = norm.split("/")
    number = parts[depth_of_root(norm)] if len(parts) > depth_of_root(norm) else ""
    if not number or number.startswith(tuple(CONTAINERS.values())):
        yield 0, min(len(text), LONGEST_FOR_CITATIONS)
        return
    at = text.find(number)
    for _ in range(MOST_PLACES):
        if at < 0:
            break
        yield max(0, at - BESIDE), min(len(text), at + len(number) + BESIDE)
        at = text.find(number, at + BESIDE)
    if number.isdecimal():  # "sections 1581 through 1594" cite 1591, too
        over = (r for r in _RANGE.finditer(text) if int(r[1]) < int(number) <= int(r[2]))
        yield from ((max(0, r.start() - BESIDE), min(len(text), r.end() + BESIDE)) for r in islice(over, MOST_PLACES))


def _provision(held: _Text, at: int) -> Provision | None:
    """The innermost that holds this place."""
    index: int | None = bisect_right(held.starts, at) - 1
    while index is not None and index >= 0:
        provision = held.provisions[index]
        if provision.end > at:
            return provision
        index = provision.parent
    return None


def _at_blanks(text: str, low: int, high: int, start: int, end: int) -> Span:
    if low > 0 and not text[low - 1].isspace():
        gap = text.find(" ", low, start)
        low = gap + 1 if gap >= 0 else low
    if high < len(text) and not text[high].isspace():
        gap = text.rfind(" ", end, high)
        high = gap if gap >= 0 else high
    return low, high


def _parts(text: str, low: int, high: int, spans: Sequence[Span]) -> tuple[tuple[str, bool], ...]:
    parts: list[tuple[str, bool]] = []
    at = low
    for start, end in sorted(spans):
        if start < at:
            continue
        parts += [(text[at:start], False), (text[start:end], True)]
        at = end
    parts.append((text[at:high], False))
    return tuple((" ".join(part.split()) if not part.strip() else re.sub(r"\s+", " ", part), hit)
                 for part, hit in parts if part)  # fmt: skip
