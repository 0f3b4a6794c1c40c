"""A query and a moment to the bills that fitted then: most are asked of today's index, the others of one of then.

Bills that have not changed since stand in today's index as they stood then. Of those that have, a small index of the
same form is made in memory from the revisions of then, and asked by the same code. Few changes are of words: where a
bill's titles and texts were those of today, today's index is asked for them.
"""

from __future__ import annotations

import zlib
from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence, Set
from contextlib import ExitStack, contextmanager
from datetime import datetime
from threading import Lock
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    StaticPool,
    and_,
    create_engine,
    func,
    insert,
    or_,
    select,
    true,
    tuple_,
    update,
)

from tracker.errors import StoreAway, TooFarBack
from tracker.query import Tree
from tracker.query.tree import And
from tracker.store import schema as t
from tracker.store.asking import Asking, AskingSqlite, asking, position, written
from tracker.store.catalogue import BillRow
from tracker.store.engine import reading
from tracker.store.indexing import Origin, index_bills
from tracker.store.matchings import Fts5, Wanted
from tracker.store.past_tables import newer_ids, replaced_numbers
from tracker.store.search import (
    Combinations,
    Coverage,
    Hit,
    Search,
    SearchPage,
    SearchQuery,
    ordered,
    rows_of,
)
from tracker.store.search_schema import FTS5, derived, search_bill
from tracker.store.snippets import Snippet, Snippets

MOST_CHANGED = 20_000  # bills of which an index of then is made; of more, the search refuses
MOST_READ = 20_000_000  # characters of texts that are read for it: some seconds of work
WAIT_SECONDS = 10  # for an index that another makes
INDEXES_HELD = 3  # each is of one set of revisions, so that all moments between two crawls share it
BILLS_A_STEP = 100  # bounds the memory while an index is made

b, pb, pt, s = t.bill.c, t.past_bill.c, t.past_topic.c, search_bill.c
_LISTED = tuple(name for name in BillRow.__slots__ if name not in ("id", "topics"))
# (number in the index, bill, revision, what the words of today's index were made from), in order
Revisions = tuple[tuple[int, str, int, str], ...]


class _KeptText(msgspec.Struct):
    code: str
    status: str
    body: str | None


class _Kept(msgspec.Struct):
    """What is needed of a KeptBill to index it."""

    bill: msgspec.Raw
    content_hash: str
    texts: list[_KeptText]


class PastSearches:
    """Searches of any moment. `search` is today's: texts that it cut are shared."""

    def __init__(self, engine: Engine, search: Search) -> None:
        self.engine, self.today = engine, search
        self.snippets = Snippets()
        self.combinations = Combinations()
        self._held: OrderedDict[Revisions, _IndexOfThen | TooFarBack] = OrderedDict()
        self._looking = Lock()
        self._making = Lock()  # one at a time: many would want all the memory and none would end sooner

    def at(self, at: datetime) -> PastSearch:
        return PastSearch(self, at)

    def index(self, connection: Connection, revisions: Revisions) -> _IndexOfThen:
        """Raises TooFarBack, and StoreAway while others are being made."""
        held = self._known(revisions)
        if held is None:
            if not self._making.acquire(timeout=WAIT_SECONDS):
                raise StoreAway("other days are being prepared for a search")
            try:
                held = self._known(revisions) or self._made(connection, revisions)
            finally:
                self._making.release()
        if isinstance(held, TooFarBack):
            raise TooFarBack(str(held))
        return held

    def _known(self, revisions: Revisions) -> _IndexOfThen | TooFarBack | None:
        with self._looking:
            if revisions in self._held:
                self._held.move_to_end(revisions)
            return self._held.get(revisions)

    def _made(self, connection: Connection, revisions: Revisions) -> _IndexOfThen | TooFarBack:
        """A refusal is held, too: to find out again would be as much work."""
        made: _IndexOfThen | TooFarBack
        try:
            made = _IndexOfThen(connection, revisions)
        except TooFarBack as problem:
            made = problem.with_traceback(None)
        with self._looking:
            self._held[revisions] = made
            while len(self._held) > INDEXES_HELD:
                self._held.popitem(last=False)
        return made


class PastSearch:
    """Answers as `Search` did then, always the newest first: what fits best depends on all bills that are held."""

    def __init__(self, searches: PastSearches, at: datetime) -> None:
        self._searches, self._at = searches, at

    def find(self, query: SearchQuery) -> SearchPage:
        """Raises ValueError for a cursor that is none of ours, TooFarBack where too many bills have changed since."""
        if query.cursor and query.cursor.startswith("r~"):
            raise ValueError("this cursor is of an order that is not known of the past")
        with reading(self._searches.engine) as connection, ExitStack() as stack:
            halves = [self._unchanged(connection, query)]
            if revisions := self._revisions(connection):
                index = self._searches.index(connection, revisions)
                halves.append(stack.enter_context(index.asked(query, connection, self._at)))
            return self._joined(connection, query, halves)

    def coverage(self) -> Coverage:
        """Of today's index: what is missing in it cannot be found in the past either."""
        return self._searches.today.coverage()

    def _joined(self, connection: Connection, query: SearchQuery, halves: Sequence[_Half]) -> SearchPage:
        after = position(query.cursor)
        found = sorted(((moved, no, half) for half in halves for no, moved in half.ask.newest(after, query.limit + 1)),
                       key=lambda item: item[:2], reverse=True)
        listed = found[: query.limit]
        rows: dict[int, BillRow] = {}
        cut: dict[str, tuple[Snippet, ...]] = {}
        for half in halves:
            mine = rows_of(half.connection, [no for _, no, of in listed if of is half])
            numbers = [no for _, no, of in listed if of is half]
            rows.update(zip(numbers, mine, strict=True))
            if query.snippets:
                cut |= self._searches.snippets.cut(half.connection, query.tree, [row.id for row in mine], connection)
        counts: Counter[tuple[str, str]] = Counter()
        total: int | None = 0
        for half in halves:
            if query.facets:
                facets = half.ask.facets()
                counts.update(half.combinations.values(half.connection, facets, query.tree))
                counted: int | None = sum(facets.values())
            else:
                counted = half.ask.total()
            total = None if total is None or counted is None else total + counted
        cursor = written((listed[-1][1], listed[-1][0])) if len(found) > query.limit else None
        hits = tuple(Hit(rows[no], cut.get(rows[no].id, ())) for _, no, _ in listed)
        return SearchPage(hits, total, ordered(counts) if query.facets else {}, cursor, False)

    def _unchanged(self, connection: Connection, query: SearchQuery) -> _Half:
        return _Half(connection, asking(connection, query.tree, [s.no.not_in(_newer(self._at))]),
                     self._searches.combinations)

    def _revisions(self, connection: Connection) -> Revisions:
        """Those that held then and were replaced since."""
        held = replaced_numbers(self._at).c
        rows = connection.execute(select(s.no, held.id, held.revision, s.source).join(
            search_bill, s.bill_id == held.id).limit(MOST_CHANGED + 1)).all()
        if len(rows) > MOST_CHANGED:
            raise TooFarBack(f"more than {MOST_CHANGED:,} bills have changed since then; expected a later date")
        return tuple(sorted((row.no, row.id, row.revision, row.source) for row in rows))


def _newer(at: datetime) -> Select[tuple[int]]:
    """Numbers of the bills that changed since."""
    return select(s.no).where(s.bill_id.in_(select(newer_ids(at).c.id)))


class _Borrowing(Fts5):
    """How an index of then is asked for words: by itself, and for bills that it has no words of, by today's index."""

    def __init__(self, today: Connection, at: datetime, borrowers: Set[int]) -> None:
        super().__init__()
        self._today, self._at, self._borrowers = today, at, borrowers

    def wanted(self, tree: Tree) -> Wanted:
        """No question to the words is left: each is answered by numbers. Words that stand side by side are asked for
        together."""
        parts = tree.parts if isinstance(tree, And) and self.match(tree) is None else (tree,)
        worded = tuple(part for part in parts if self.match(part) is not None)
        rest = [self.condition(part) for part in parts if self.match(part) is None]
        if worded:
            rest.insert(0, self.condition(And(worded) if len(worded) > 1 else worded[0]))
        return Wanted(None, tuple(rest))

    def condition(self, tree: Tree) -> ColumnElement[bool]:
        match = self.match(tree)
        if match is None:
            return and_(true(), *self.wanted(tree).rest) if isinstance(tree, And) else super().condition(tree)
        said = asking(self._today, tree, [s.no.in_(_newer(self._at))]).newest(None, MOST_CHANGED + 1)
        borrowed = ",".join(str(no) for no, _ in said if no in self._borrowers)
        listed = func.json_each(f"[{borrowed}]").table_valued("value")  # more than SQLite has places for values
        return or_(s.no.in_(self.numbers(match)), s.no.in_(select(listed.c.value)))


class _AskingThen(AskingSqlite):
    def __init__(self, connection: Connection, tree: Tree, dialect: _Borrowing) -> None:
        self.dialect = dialect
        super().__init__(connection, tree)


class _Half:
    """Bills that are asked of one index."""

    def __init__(self, connection: Connection, ask: Asking, combinations: Combinations) -> None:
        self.connection, self.ask, self.combinations = connection, ask, combinations


class _IndexOfThen:
    """The tables that a search reads, in memory, with bills as they were. It is never changed."""

    def __init__(self, origin: Connection, revisions: Revisions) -> None:
        self._engine = create_engine("sqlite://", poolclass=StaticPool, hide_parameters=True,
                                     connect_args={"check_same_thread": False})
        self._combinations = Combinations()
        self._turn = Lock()  # it is one connection
        with self._engine.begin() as connection:
            t.metadata.create_all(connection, [t.bill, t.bill_topic, t.version])
            derived.create_all(connection)
            connection.exec_driver_sql(FTS5)
            texts = Origin(origin, {bill: source for _, bill, _, source in revisions}, MOST_READ)
            for start in range(0, len(revisions), BILLS_A_STEP):
                _fill(connection, texts, revisions[start : start + BILLS_A_STEP])
            made = {row.bill_id: row.source for row in connection.execute(select(s.bill_id, s.source))}
        self._borrowers = {no for no, bill, _, source in revisions if made.get(bill) == source}

    @contextmanager
    def asked(self, query: SearchQuery, today: Connection, at: datetime) -> Iterator[_Half]:
        with self._turn, reading(self._engine) as connection:
            words = _Borrowing(today, at, self._borrowers)
            yield _Half(connection, _AskingThen(connection, query.tree, words), self._combinations)


def _fill(connection: Connection, texts: Origin, revisions: Revisions) -> None:
    """Each bill keeps its number: it decides between bills without an event, and cursors lead on with it."""
    origin = texts.connection
    numbers = {bill_id: (no, revision) for no, bill_id, revision, _ in revisions}
    bills: list[dict[str, Any]] = []
    stubs: list[dict[str, Any]] = []
    versions: list[dict[str, Any]] = []
    which = [(bill_id, revision) for _, bill_id, revision, _ in revisions]
    for row in origin.execute(select(t.past_bill).where(tuple_(pb.bill_id, pb.revision).in_(which))):
        no, _ = numbers[row.bill_id]
        kept = msgspec.json.decode(zlib.decompress(row.data), type=_Kept)
        listed = {name: getattr(row, name) for name in _LISTED}
        bills.append({"id": row.bill_id, **listed, "topics": row.topics, "record": bytes(kept.bill),
                      "content_hash": kept.content_hash, "recorded_at": row.recorded_at})
        stubs.append({"no": no, "bill_id": row.bill_id, "jurisdiction": row.jurisdiction, "session": row.session,
                      "number": "", "stage": row.stage, "moved": row.moved, "facet": 0, "source": "",
                      "names": ""})
        versions += [{"bill_id": row.bill_id, "code": text.code, "jurisdiction": row.jurisdiction, "position": place,
                      "links": "[]", "status": text.status, "body": text.body, "first_seen_at": row.replaced_at}
                     for place, text in enumerate(kept.texts)]
    topics = [{"bill_id": row.bill_id, "topic": row.topic, "effect": row.effect} for row in origin.execute(
        select(t.past_topic).where(pt.bill_id.in_([*numbers]))) if numbers[row.bill_id][1] == row.revision]
    for table, rows in ((t.bill, bills), (search_bill, stubs), (t.version, versions), (t.bill_topic, topics)):
        if rows:
            connection.execute(insert(table), rows)
    index_bills(connection, [*numbers], origin=texts)
    connection.execute(update(t.bill).where(b.id.in_([*numbers])).values(record=b""))  # which is most of the memory
