"""Queries to pages of bills with counts by facet: the newest first, or those that fit best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Engine,
    Join,
    any_,
    column,
    func,
    literal,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.ext.compiler import compiles

from tracker.query import Tree
from tracker.query.parser import unpaired
from tracker.store import log
from tracker.store import schema as t
from tracker.store.catalogue import BillRow, read_bill_row
from tracker.store.engine import reading
from tracker.store.indexing import count_stale
from tracker.store.matchings import Dialect, Fts5, TsVector, Unexpanded, Wanted
from tracker.store.movement import read_cursor
from tracker.store.search_schema import search_bill, search_facet
from tracker.store.snippets import Snippet, Snippets

COMMON = 25_000  # bills with these words: beyond, the newest bills are asked for the words, not the words for bills
MOST_RANKED = 4_000  # bills that are put in order of relevance
FIRST_STEP = 3  # times as many of the newest bills as are wanted, then twice as many again and again
MOST_WALKED = 4_000  # of the newest bills; then the words are asked after all: few of the newest have them
MOST_EXPANDED = 40  # words of one beginning
COVERAGE_SECONDS = 60
LONGEST_LIST = 1_000  # of pages by relevance

s, b, f = search_bill.c, t.bill.c, search_facet.c
_VOCABULARY = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_vocabulary USING fts5vocab(main, search_text, row)"
_SQLITE_NUMBERS = "SELECT rowid FROM search_text WHERE search_text MATCH :words "
_POSTGRES_NUMBERS = "SELECT no FROM search_text WHERE part = 0 AND words @@ CAST(:words AS tsquery) "
# A plan made once for any words takes them for rare: five times as slow where they are common.
_BITMAPS_ONLY = ("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off; "
                 "SET LOCAL plan_cache_mode = force_custom_plan")
_AS_EVER = "SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = on; SET LOCAL plan_cache_mode = auto"
Position = tuple[int, int]  # search_bill.moved, and the number of the bill
Named = tuple[tuple[str, str], ...]  # (facet, value)
Pairs = tuple[tuple[str, str], ...]  # (topic, effect) of a flag
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
    """`total` is None where nobody counted: it is more than `COMMON`
    (on PostgreSQL, `MOST_RANKED`). `ranked`: in order of relevance."""

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


class _CrossJoin(Join):
    """SQLite keeps the order of a CROSS JOIN."""

    inherit_cache = True


@compiles(_CrossJoin)
def _compile(join: Any, compiler: Any, **options: Any) -> str:
    if linter := options.get("from_linter"):
        linter.edges.add((join.left, join.right))
    sides = [compiler.process(side, **{**options, "asfrom": True}) for side in (join.left, join.right)]
    return f"{' CROSS JOIN '.join(sides)} ON {compiler.process(join.onclause)}"


_WORDS = table("search_text", column("rowid"))
_WORDS_FIRST = _CrossJoin(_WORDS, search_bill, _WORDS.c.rowid == s.no)


class Search:
    """`engine` is a store's."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sqlite = engine.dialect.name == "sqlite"
        self._dialect: Dialect = Fts5() if self._sqlite else TsVector()
        self._snippets = Snippets()
        self._combinations = Combinations()
        self._coverage: tuple[float, Coverage | None] = (0.0, None)

    def find(self, query: SearchQuery) -> SearchPage:
        """Raises ValueError for a cursor that is none of ours."""
        wanted = self._dialect.wanted(query.tree)
        with reading(self._engine) as connection:
            ask = Asking(connection, self._sqlite, wanted, query.tree)
            facets = ask.facets() if query.facets else None
            nos, cursor, ranked = ask.page(query, facets)
            total = sum(facets.values()) if facets is not None else ask.total()
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


class Asking:
    """One query on one snapshot."""

    def __init__(self, connection: Connection, sqlite_: bool, wanted: Wanted, tree: Tree) -> None:
        self.connection, self.sqlite, self.wanted, self.tree = connection, sqlite_, wanted, tree
        self._fitting: list[int] | None = None  # PostgreSQL looks into each bill for a phrase: once is enough
        self.worded = sqlite_ and wanted.match is not None
        self._many = COMMON
        hits = 0
        if sqlite_ and wanted.match is not None:
            hits = connection.scalar(text(f"SELECT count(*) FROM ({_SQLITE_NUMBERS} LIMIT :most)"), {  # noqa: S608
                "words": wanted.match, "most": COMMON + 1}) or 0
        elif not sqlite_ and (rank := TsVector.ranking(tree)):
            self.worded, self._rank = True, rank
            # To send 25,000 numbers costs more than to walk, but less than to look for a phrase in as many bills again.
            self._many = COMMON if "<->" in rank else MOST_RANKED
            with self._through_words():
                hits = self._of_words() if wanted.match is not None and not wanted.rest else 0
                if hits <= self._many:
                    found = list(connection.scalars(self._base(s.no).limit(self._many + 1)))
                    hits = len(found)
                    self._fitting = found if hits <= self._many else None
        self.common = hits > self._many
        self.rankable = self.worded and hits <= MOST_RANKED

    def _numbers(self, more: str, match: str | None, **values: Any) -> list[int]:
        which = _SQLITE_NUMBERS if self.sqlite else _POSTGRES_NUMBERS
        return [row[0] for row in self.connection.execute(text(which + more), {"words": match, **values})]

    def _of_words(self) -> int:
        """How many bills have the words, counted no further than to where they are common."""
        some = f"SELECT count(*) FROM ({_POSTGRES_NUMBERS} LIMIT :most) AS held"  # noqa: S608
        return self.connection.scalar(text(some), {"words": self.wanted.match, "most": self._many + 1}) or 0

    @contextmanager
    def _through_words(self) -> Iterator[None]:
        """PostgreSQL's planner takes a look into a bill's words for cheap, and would look into all, GBs of them. The
        index of words can be read by bitmaps only: so they are all that it is left."""
        if self.sqlite or not self.worded or self._fitting is not None:
            yield
            return
        self.connection.exec_driver_sql(_BITMAPS_ONLY)
        yield
        self.connection.exec_driver_sql(_AS_EVER)

    def _base(self, *columns: Any) -> Any:
        """Bills that fit, words and all."""
        where = list(self.wanted.rest)
        if self._fitting is not None:
            return select(*columns).where(s.no == any_(literal(self._fitting, ARRAY(BigInteger))))
        if self.wanted.match is None:
            return select(*columns).where(*where)
        if self.sqlite:  # the order of the join is told: first the words, then each bill by its number
            return select(*columns).select_from(_WORDS_FIRST).where(
                text("search_text MATCH :words").bindparams(words=self.wanted.match), *where)  # fmt: skip
        return select(*columns).where(s.no.in_(TsVector().numbers(self.wanted.match)), *where)

    # --- counts -------------------------------------------------------------------------------------------------------

    def facets(self) -> Counter[int]:
        counted = self._base(s.facet, func.count()).group_by(s.facet)
        with self._through_words():
            return Counter({row[0]: row[1] for row in self.connection.execute(counted)})

    def total(self) -> int | None:
        if self.common:
            return None
        limited = self._base(s.no).limit(self._many + 1).subquery()
        with self._through_words():
            found = self.connection.scalar(select(func.count()).select_from(limited)) or 0
        return found if found <= self._many else None

    # --- pages --------------------------------------------------------------------------------------------------------

    def page(self, query: SearchQuery, facets: Counter[int] | None) -> tuple[list[int], str | None, bool]:
        """Numbers of bills in order, the cursor of what follows, and whether they are ranked."""
        if query.relevant and self.rankable:
            return self._ranked(query)
        found = self.newest(position(query.cursor), query.limit + 1)
        more = len(found) > query.limit
        found = found[: query.limit]
        return [no for no, _ in found], written(found[-1]) if more and found else None, False

    def newest(self, after: Position | None, limit: int) -> list[tuple[int, int]]:
        """(number, place in the order) of the bills that follow."""
        found = None
        if self.common and self.wanted.match is not None:
            found = self._walk(after, limit)
        return self._listed(after, limit) if found is None else found

    def _listed(self, after: Position | None, limit: int) -> list[tuple[int, int]]:
        with self._through_words():
            rows = self.connection.execute(_newest(self._base(s.no, s.moved), after).limit(limit))
            return [(row[0], row[1]) for row in rows]

    def _walk(self, after: Position | None, limit: int) -> list[tuple[int, int]] | None:
        """From the newest on, until enough have the words; None: too few of the newest do."""
        try:
            match = Fts5(self._expanded).wanted(self.tree).match if self.sqlite else self.wanted.match
        except Unexpanded:
            return None
        found: list[tuple[int, int]] = []
        walked, step = 0, FIRST_STEP * limit
        while walked < MOST_WALKED:
            rows = self.connection.execute(
                _newest(select(s.no, s.moved).where(*self.wanted.rest), after).limit(step)).all()
            have = self._having([row.no for row in rows], match)
            found += [(row.no, row.moved) for row in rows if row.no in have]
            if len(found) >= limit or len(rows) < step:
                return found[:limit]
            after = (rows[-1].moved, rows[-1].no)
            walked, step = walked + step, step * 2
        return None

    def _expanded(self, beginning: str) -> Sequence[str]:
        self.connection.exec_driver_sql(_VOCABULARY)
        words = list(self.connection.scalars(text(
            "SELECT term FROM temp.search_vocabulary WHERE term >= :first AND term < :last LIMIT :most"), {
            "first": beginning, "last": f"{beginning}\U0010ffff", "most": MOST_EXPANDED + 1}))
        if not 0 < len(words) <= MOST_EXPANDED:
            raise Unexpanded
        return words

    def _having(self, nos: Sequence[int], match: str | None) -> set[int]:
        if not nos:
            return set()
        listed = ",".join(map(str, nos))  # numbers of ours
        if self.sqlite:
            return set(self._numbers(f"AND rowid IN ({listed})", match))
        # A GIN index can only be read whole for a word, by a bitmap scan: here each bill is looked at by itself.
        self.connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        found = set(self._numbers(f"AND no IN ({listed})", match))
        self.connection.exec_driver_sql("SET LOCAL enable_bitmapscan = on")
        return found

    def _ranked(self, query: SearchQuery) -> tuple[list[int], str | None, bool]:
        start = _offset(query.cursor)
        if self.sqlite:
            # A word of a title weighs as much as ten of the text.
            ranked, order = self._base(s.no), text("bm25(search_text, 10.0, 1.0, 4.0)")
        else:
            ranked = self._base(s.no).join(text("search_text"), text(
                "search_text.no = search_bill.no AND search_text.part = 0")).params(asked=self._rank)  # fmt: skip
            order = text("ts_rank('{0.1, 0.4, 0.4, 1.0}', search_text.words, CAST(:asked AS tsquery), 1) DESC")
        ranked = ranked.order_by(order, s.moved.desc(), s.no.desc()).offset(start).limit(query.limit + 1)
        nos = list(self.connection.scalars(ranked))
        more = len(nos) > query.limit and start + query.limit < LONGEST_LIST
        return nos[: query.limit], f"r~{start + query.limit}" if more else None, True


def _newest(statement: Any, after: Position | None) -> Any:
    if after is not None:
        moved, no = after
        statement = statement.where(s.moved <= moved, or_(s.moved < moved, s.no < no))
    return statement.order_by(s.moved.desc(), s.no.desc())


def position(cursor: str | None) -> Position | None:
    if not cursor or cursor.startswith("r~"):
        return None
    moved, no = read_cursor(cursor)
    return moved, max(0, min(int(no), log.HIGHEST))


def written(last: tuple[int, int]) -> str:
    """The cursor after this bill, given as (number, place in the order)."""
    return f"{last[1]}~{last[0]}"


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
        self._known: dict[int, tuple[Named, Pairs]] = {}

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
        counts: Counter[tuple[str, str]] = Counter()
        for combination, bills in facets.items():
            named, pairs = self._known.get(combination, ((), ()))
            for one in (*named, *{("topic", topic) for topic, effect in pairs if not effects or effect in effects},
                        *{("effect", effect) for topic, effect in pairs if not topics or topic in topics}):
                counts[one] += bills
        return counts

    def _learn(self, connection: Connection, missing: Set[int]) -> None:
        wanted = select(search_facet)
        if len(missing) <= 400:
            wanted = wanted.where(f.id.in_(sorted(missing)))
        for row in connection.execute(wanted):
            self._known[row.id] = ((
                ("jurisdiction", row.jurisdiction), ("stage", row.stage), ("session", row.session),
                *([("year", str(row.year))] if row.year is not None else [])),
                tuple((topic, effect) for topic, _, effect in (flag.partition("/") for flag in row.flags.split())))


def ordered(counts: Mapping[tuple[str, str], int]) -> dict[str, tuple[tuple[str, int], ...]]:
    """Counts by (facet, value) to those of each facet, most first."""
    found: dict[str, list[tuple[str, int]]] = {name: [] for name in FACETS}
    for (name, value), bills in counts.items():
        found[name].append((value, bills))
    return {name: tuple(sorted(held, key=lambda item: (-item[1], item[0]))) for name, held in found.items()}
