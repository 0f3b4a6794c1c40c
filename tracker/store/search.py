"""Queries to pages of bills with counts by facet: the newest first, or those that fit best."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from time import monotonic

from sqlalchemy import Connection, Engine, select

from tracker.query import Tree
from tracker.query.parser import unpaired
from tracker.store import schema as t
from tracker.store.asking import Asking, asking, position, written
from tracker.store.catalogue import BillRow, read_bill_row
from tracker.store.engine import reading
from tracker.store.indexing import count_stale
from tracker.store.search_schema import search_bill, search_facet
from tracker.store.snippets import Snippet, Snippets

COVERAGE_SECONDS = 60
LONGEST_LIST = 1_000  # of pages by relevance

s, b, f = search_bill.c, t.bill.c, search_facet.c
Named = tuple[tuple[str, str], ...]  # (facet, value)
Pairs = tuple[tuple[str, str], ...]  # (topic, effect) of a flag
_NOTHING: tuple[Named, Pairs, Named] = ((), (), ())
FACETS = ("jurisdiction", "topic", "effect", "stage", "session", "year")


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """`relevant`: best first, where that can be had. `cursor` is SearchPage.next_cursor."""

    tree: Tree
    limit: int = 20
    cursor: str | None = None
    relevant: bool = False
    facets: bool = False
    snippets: bool = True


@dataclass(frozen=True, slots=True)
class Hit:
    row: BillRow
    snippets: tuple[Snippet, ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """`total` is None where nobody counted so many bills. `ranked`: in order of relevance."""

    hits: tuple[Hit, ...]
    total: int | None
    facets: Mapping[str, tuple[tuple[str, int], ...]]  # by name; most first
    next_cursor: str | None
    ranked: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many bills the index does not know as they are."""

    stale: int
    bills: int


class Search:
    """`engine` is a store's."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._snippets = Snippets()
        self._combinations = Combinations()
        self._coverage: tuple[float, Coverage | None] = (0.0, None)

    def find(self, query: SearchQuery) -> SearchPage:
        """Raises ValueError for a cursor that is none of ours."""
        with reading(self._engine) as connection:
            ask = asking(connection, query.tree)
            facets = ask.facets() if query.facets else None
            nos, cursor, ranked = _page(ask, query)
            if facets is not None:
                total: int | None = sum(facets.values())
            elif query.cursor is None and cursor is None:
                total = len(nos)
            else:
                total = ask.total()
            rows = rows_of(connection, nos)
            cut = self._snippets.cut(connection, query.tree, [row.id for row in rows]) if query.snippets else {}
            counted = self._combinations.counted(connection, facets, query.tree) if facets is not None else {}
        return SearchPage(tuple(Hit(row, cut.get(row.id, ())) for row in rows), total, counted, cursor, ranked)

    def coverage(self) -> Coverage:
        """At most a minute old: to count is to look at every bill."""
        at, held = self._coverage
        if held is None or monotonic() - at > COVERAGE_SECONDS:
            with reading(self._engine) as connection:
                held = Coverage(*count_stale(connection))
            self._coverage = monotonic(), held
        return held


def _page(ask: Asking, query: SearchQuery) -> tuple[list[int], str | None, bool]:
    """Numbers of bills in order, the cursor of what follows, and whether they are ranked."""
    if query.relevant and ask.rankable:
        start = _offset(query.cursor)
        nos = ask.best(start, query.limit + 1)
        more = len(nos) > query.limit and start + query.limit < LONGEST_LIST
        return nos[: query.limit], f"r~{start + query.limit}" if more else None, True
    found = ask.newest(position(query.cursor), query.limit + 1)
    more = len(found) > query.limit
    found = found[: query.limit]
    return [no for no, _ in found], written(found[-1]) if more and found else None, False


def _offset(cursor: str | None) -> int:
    if not cursor or not cursor.startswith("r~"):
        return 0
    return max(0, min(int(cursor[2:]), LONGEST_LIST))


def rows_of(connection: Connection, nos: Sequence[int]) -> list[BillRow]:
    """In the order of the numbers."""
    if not nos:
        return []
    found = {row.no: read_bill_row(row) for row in connection.execute(
        select(s.no, *(b[name] for name in BillRow.__slots__)).join(t.bill, b.id == s.bill_id).where(s.no.in_(nos)))}
    return [found[no] for no in nos if no in found]


class Combinations:
    """Rows of `search_facet` by their ids. They never change, so each is read once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Named, Pairs, Named]] = {}  # the last: all that a bill of it counts for

    def counted(self, connection: Connection, facets: Counter[int],
                tree: Tree) -> dict[str, tuple[tuple[str, int], ...]]:
        """Counts of combinations to counts of each value, by facet, most first."""
        return ordered(self.values(connection, facets, tree))

    def values(self, connection: Connection, facets: Counter[int], tree: Tree) -> Counter[tuple[str, str]]:
        """The same by (facet, value). Beside a `topic:` of `tree`, effects are those of its flags: what the query
        would find with that `effect:` beside it. So with topics beside an `effect:`."""
        if missing := facets.keys() - self._known.keys():
            self._learn(connection, missing)
        said = unpaired(tree)
        topics, effects = (said.topics, said.effects) if said else ((), ())
        counts: defaultdict[tuple[str, str], int] = defaultdict(int)
        for combination, bills in facets.items():
            named, pairs, whole = self._known.get(combination, _NOTHING)
            if topics or effects:
                whole = (*named, *{("topic", topic) for topic, effect in pairs if not effects or effect in effects},
                         *{("effect", effect) for topic, effect in pairs if not topics or topic in topics})
            for one in whole:
                counts[one] += bills
        return Counter(counts)

    def _learn(self, connection: Connection, missing: Set[int]) -> None:
        wanted = select(search_facet)
        if len(missing) <= 400:
            wanted = wanted.where(f.id.in_(sorted(missing)))
        for row in connection.execute(wanted):
            named = (("jurisdiction", row.jurisdiction), ("stage", row.stage), ("session", row.session),
                     *([("year", str(row.year))] if row.year is not None else []))
            pairs = tuple((topic, effect) for topic, _, effect in (flag.partition("/") for flag in row.flags.split()))
            whole = (*named, *{("topic", topic) for topic, _ in pairs}, *{("effect", effect) for _, effect in pairs})
            self._known[row.id] = (named, pairs, whole)


def ordered(counts: Mapping[tuple[str, str], int]) -> dict[str, tuple[tuple[str, int], ...]]:
    """Counts by (facet, value) to those of each facet, most first."""
    found: dict[str, list[tuple[str, int]]] = {name: [] for name in FACETS}
    for (name, value), bills in counts.items():
        found[name].append((value, bills))
    return {name: tuple(sorted(held, key=lambda item: (-item[1], item[0]))) for name, held in found.items()}
