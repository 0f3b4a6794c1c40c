"""One query on one snapshot of the index: numbers of the bills that fit, newest first or best first, and counts.

SQLite asks its index of words for each bill; PostgreSQL's can only be read whole for a word, and knows of a phrase no
more than which bills have its words. So each has its own way to few bills out of many.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from itertools import islice
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Connection,
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
from tracker.query.tree import And, Words
from tracker.store import log
from tracker.store.matchings import Condition, Dialect, Fts5, TsVector, Unexpanded, phrased
from tracker.store.movement import read_cursor
from tracker.store.search_schema import search_bill

COMMON = 25_000  # bills with these words: beyond, the newest bills are asked for the words, not the words for bills
MOST_RANKED = 4_000  # bills that are put in order of relevance
FIRST_STEP = 3  # times as many of the newest bills as are wanted, then twice as many again and again
MOST_WALKED = 8_000  # of the newest bills; then the words are asked after all: few of the newest have them
MOST_READ = 1_000  # bills that PostgreSQL looks through for a phrase before it takes the newest first
SURELY = 5  # times MOST_RANKED: so many must be expected before statistics are believed without a count
MOST_EXPANDED = 40  # words of one beginning

s = search_bill.c
_VOCABULARY = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_vocabulary USING fts5vocab(main, search_text, row)"
_COUNTED_SQLITE = text("SELECT count(*) FROM (SELECT rowid FROM search_text WHERE search_text MATCH :words "
                       "LIMIT :most)")
_WORDED = text("SELECT no FROM search_text WHERE part = 0 AND words @@ CAST(:words AS tsquery) LIMIT :most")
_EXPECTED = text("EXPLAIN (FORMAT JSON) SELECT no FROM search_text WHERE part = 0 AND words @@ CAST(:words AS tsquery)")
_PHRASED = text("SELECT DISTINCT no FROM search_text WHERE words @@ CAST(:words AS tsquery) LIMIT :most")
# A plan made once for any words takes them for rare: five times as slow where they are common.
_PLANNED_ANEW = "SET LOCAL plan_cache_mode = force_custom_plan"
_BITMAPS_ONLY = "SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off; SET LOCAL work_mem = '64MB'"
_NO_BITMAPS = "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off"
_AS_EVER = "; ".join(f"SET LOCAL {name} TO DEFAULT" for name in (
    "enable_seqscan", "enable_indexscan", "enable_bitmapscan", "work_mem"))
Position = tuple[int, int]  # search_bill.moved, and the number of the bill
Found = list[tuple[int, int]]  # (number, place in the order), newest first


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


class Asking(ABC):
    """`also`: what must hold beside the query."""

    dialect: Dialect

    def __init__(self, connection: Connection, tree: Tree, also: Sequence[Condition] = ()) -> None:
        self.connection, self.tree, self.also = connection, tree, tuple(also)
        wanted = self.dialect.wanted(tree)
        self.match, self.rest = wanted.match, (*wanted.rest, *self.also)

    @property
    @abstractmethod
    def common(self) -> bool:
        """More bills have the words than are counted."""

    @property
    @abstractmethod
    def rankable(self) -> bool:
        """The query has words, and few enough bills have them to be put in order of relevance."""

    def facets(self) -> Counter[int]:
        """How many bills fit, by `search_facet`."""
        counted = self._fitting(s.facet, func.count()).group_by(s.facet)
        with self._planned():
            return Counter({row[0]: row[1] for row in self.connection.execute(counted)})

    def total(self) -> int | None:
        """None: nobody counted so many."""
        if self.common:
            return None
        limited = self._fitting(s.no).limit(COMMON + 1).subquery()
        with self._planned():
            found = self.connection.scalar(select(func.count()).select_from(limited)) or 0
        return found if found <= COMMON else None

    def newest(self, after: Position | None, limit: int) -> Found:
        """The bills that follow `after`."""
        found = self._walked(after, limit) if limit * FIRST_STEP < MOST_WALKED else None
        if found is not None:
            return found
        with self._planned():
            return self._rows(_newest(self._fitting(s.no, s.moved), after).limit(limit))

    @abstractmethod
    def best(self, start: int, limit: int) -> list[int]:
        """Numbers of bills in order of relevance; only where `rankable`."""

    @abstractmethod
    def _fitting(self, *columns: Any) -> Any:
        """A statement about the bills that fit, words and all."""

    @abstractmethod
    def _walked(self, after: Position | None, limit: int) -> Found | None:
        """The same as `newest`, bill by bill; None: the words had better be asked."""

    @contextmanager
    def _planned(self) -> Iterator[None]:
        yield

    def _rows(self, statement: Any) -> Found:
        return [(row[0], row[1]) for row in self.connection.execute(statement)]

    def _from_newest(self, after: Position | None) -> Callable[[int], Found]:
        """As many more of the newest bills as are wanted, whatever their words."""

        def more(count: int) -> Found:
            nonlocal after
            rows = self._rows(_newest(select(s.no, s.moved).where(*self.rest), after).limit(count))
            after = (rows[-1][1], rows[-1][0]) if rows else after
            return rows

        return more


def _walk(more: Callable[[int], Found], having: Callable[[Sequence[int]], Set[int]], limit: int) -> Found | None:
    """From the newest on, until enough have the words; None: too few of the newest do."""
    found: Found = []
    walked, step = 0, FIRST_STEP * limit
    while walked < MOST_WALKED:
        step = min(step, MOST_WALKED - walked)
        rows = more(step)
        have = having([no for no, _ in rows]) if rows else set()
        found += [row for row in rows if row[0] in have]
        if len(found) >= limit or len(rows) < step:
            return found[:limit]
        walked, step = walked + step, step * 2
    return None


class AskingSqlite(Asking):
    dialect = Fts5()

    @cached_property
    def _hits(self) -> int:
        return 0 if self.match is None else self.connection.scalar(_COUNTED_SQLITE, {
            "words": self.match, "most": COMMON + 1}) or 0

    @property
    def common(self) -> bool:
        return self._hits > COMMON

    @property
    def rankable(self) -> bool:
        return self.match is not None and self._hits <= MOST_RANKED

    def best(self, start: int, limit: int) -> list[int]:
        # A word of a title weighs as much as ten of the text.
        order = text("bm25(search_text, 10.0, 1.0, 4.0)")
        return list(self.connection.scalars(
            self._fitting(s.no).order_by(order, s.moved.desc(), s.no.desc()).offset(start).limit(limit)))

    def _fitting(self, *columns: Any) -> Any:
        if self.match is None:
            return select(*columns).where(*self.rest)
        # The order of the join is told: first the words, then each bill by its number.
        return select(*columns).select_from(_WORDS_FIRST).where(
            text("search_text MATCH :words").bindparams(words=self.match), *self.rest)

    def _walked(self, after: Position | None, limit: int) -> Found | None:
        if not self.common:
            return None
        try:
            match = Fts5(self._expanded).wanted(self.tree).match
        except Unexpanded:
            return None

        def having(nos: Sequence[int]) -> set[int]:
            listed = ",".join(map(str, nos))  # numbers of ours
            which = f"SELECT rowid FROM search_text WHERE search_text MATCH :words AND rowid IN ({listed})"  # noqa: S608
            return set(self.connection.scalars(text(which), {"words": match}))

        return _walk(self._from_newest(after), having, limit)

    def _expanded(self, beginning: str) -> Sequence[str]:
        self.connection.exec_driver_sql(_VOCABULARY)
        words = list(self.connection.scalars(text(
            "SELECT term FROM temp.search_vocabulary WHERE term >= :first AND term < :last LIMIT :most"), {
            "first": beginning, "last": f"{beginning}\U0010ffff", "most": MOST_EXPANDED + 1}))
        if not 0 < len(words) <= MOST_EXPANDED:
            raise Unexpanded
        return words


class AskingPostgres(Asking):
    """Of a phrase the index knows the bills that have its words; each of them must be read, 15 to
    50 µs. Once is enough; and where only the newest are wanted, the newest are enough."""

    dialect = TsVector()

    def __init__(self, connection: Connection, tree: Tree, also: Sequence[Condition] = ()) -> None:
        super().__init__(connection, tree, also)
        connection.exec_driver_sql(_PLANNED_ANEW)
        self._rank = TsVector.ranking(tree)
        self._phrased = phrased(tree)
        self._loose = TsVector.loosened(tree) if self._phrased else None

    @cached_property
    def _worded(self) -> list[int] | None:
        """Bills that have the words, if they are few."""
        if self.match is None or self._phrased or self._surely_common(self.match):
            return None
        with _bitmaps_only(self.connection):
            found = list(self.connection.scalars(_WORDED, {"words": self.match, "most": MOST_RANKED + 1}))
        return found if len(found) <= MOST_RANKED else None

    def _surely_common(self, match: str) -> bool:
        """By the statistics that PostgreSQL keeps, which know common words well: to count them costs 40 ms."""
        plan = self.connection.scalar(_EXPECTED, {"words": match})
        rows: int = plan[0]["Plan"]["Plan Rows"]
        return rows > SURELY * MOST_RANKED

    @cached_property
    def _read(self) -> list[int] | None:
        """Bills that fit, phrases and all, if they are not common."""
        alone = isinstance(self.tree, Words)
        if self._loose is not None and not alone:  # fewer are read than have the phrase's words
            likely = self._likely(None, COMMON + 1)
            if len(likely) <= COMMON:
                return list(self._having([no for no, _ in likely])) if likely else []
        with _bitmaps_only(self.connection):
            found = list(self.connection.scalars(_PHRASED, {"words": self._rank, "most": COMMON + 1}) if alone and
                         not self.also else self.connection.scalars(self._every(s.no).limit(COMMON + 1)))
        return found if len(found) <= COMMON else None

    @property
    def _unread(self) -> bool:
        """Many bills would have to be read for a phrase, and have not been."""
        return "_read" not in self.__dict__ and self._many_likely

    @cached_property
    def _many_likely(self) -> bool:
        return self._loose is not None and (self._loosely is None or len(self._loosely) > MOST_READ)

    @cached_property
    def _loosely(self) -> list[int] | None:
        """Bills that have all words of the phrases, in a row or not, if they are not common."""
        with _bitmaps_only(self.connection):
            found = list(self.connection.scalars(_WORDED, {"words": self._loose, "most": COMMON + 1}))
        return found if len(found) <= COMMON else None

    @cached_property
    def _few(self) -> list[int] | None:
        """Bills that fit, if few enough to be put in order of relevance."""
        if not self._rank or (self.common and not self.rest):
            return None
        with self._planned():
            found = list(self.connection.scalars(self._fitting(s.no).limit(MOST_RANKED + 1)))
        return found if len(found) <= MOST_RANKED else None

    @property
    def common(self) -> bool:
        return self._read is None if self._phrased else self.match is not None and self._worded is None

    @property
    def rankable(self) -> bool:
        return self._few is not None

    def total(self) -> int | None:
        return None if self._unread else super().total()

    def best(self, start: int, limit: int) -> list[int]:
        ranked = select(s.no).where(_among(self._few or [])).join(text("search_text"), text(
            "search_text.no = search_bill.no AND search_text.part = 0")).params(asked=self._rank)
        order = text("ts_rank('{0.1, 0.4, 0.4, 1.0}', search_text.words, CAST(:asked AS tsquery), 1) DESC")
        return list(self.connection.scalars(
            ranked.order_by(order, s.moved.desc(), s.no.desc()).offset(start).limit(limit)))

    def _fitting(self, *columns: Any) -> Any:
        if self._phrased:
            return self._every(*columns) if self._read is None else select(*columns).where(_among(self._read))
        if self._worded is not None:
            return select(*columns).where(_among(self._worded), *self.rest)
        return self._every(*columns)

    def _every(self, *columns: Any) -> Any:
        words = [] if self.match is None else [s.no.in_(text(
            "SELECT no FROM search_text WHERE part = 0 AND words @@ CAST(:all_words AS tsquery)").bindparams(
            all_words=self.match).columns(Column("no")))]  # fmt: skip
        return select(*columns).where(*words, *self.rest)

    def _walked(self, after: Position | None, limit: int) -> Found | None:
        if self._unread:
            likely = iter(self._likely(after, MOST_WALKED))
            return _walk(lambda count: list(islice(likely, count)), self._having, limit)
        if self.common and self.match is not None:
            return _walk(self._from_newest(after), self._having, limit)
        return None

    def _likely(self, after: Position | None, limit: int) -> Found:
        """Bills that have all words of the phrases, newest first."""
        parts = self.tree.parts if isinstance(self.tree, And) else (self.tree,)
        plain = [self.dialect.condition(p) for p in parts if not phrased(p) and self.dialect.match(p) is None]
        if self._loosely is not None:
            return self._rows(_newest(select(s.no, s.moved).where(
                _among(self._loosely), *plain, *self.also), after).limit(limit))
        likely = select(s.no, s.moved).where(s.no.in_(self.dialect.numbers(self._loose or "")), *plain, *self.also)
        with _bitmaps_only(self.connection):
            return self._rows(_newest(likely, after).limit(limit))

    def _having(self, nos: Sequence[int]) -> set[int]:
        """Which of these fit. The index can only be read whole for a word: here each bill is looked at by itself."""
        with _planned(self.connection, _NO_BITMAPS):
            return set(self.connection.scalars(
                select(s.no).where(_among(nos), TsVector(nos).condition(self.tree), *self.also)))

    @contextmanager
    def _planned(self) -> Iterator[None]:
        by_words = bool(self._rank) and (self._read if self._phrased else self._worded) is None
        with _bitmaps_only(self.connection) if by_words else nullcontext():
            yield


def _among(nos: Sequence[int]) -> Condition:
    return s.no == any_(literal(list(nos), ARRAY(BigInteger)))


@contextmanager
def _planned(connection: Connection, how: str) -> Iterator[None]:
    connection.exec_driver_sql(how)
    yield
    connection.exec_driver_sql(_AS_EVER)


def _bitmaps_only(connection: Connection) -> AbstractContextManager[None]:
    """PostgreSQL's planner takes a look into a bill's words for cheap, and would look into all, GBs of them. The index
    of words can be read by bitmaps only: so they are all that it is left."""
    return _planned(connection, _BITMAPS_ONLY)


def asking(connection: Connection, tree: Tree, also: Sequence[Condition] = ()) -> Asking:
    return (AskingSqlite if connection.dialect.name == "sqlite" else AskingPostgres)(connection, tree, also)


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
