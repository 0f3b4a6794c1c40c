"""Changed bills to rows of the search index, within the transaction that changes them. What did not change is left."""

from __future__ import annotations

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, text, update

from tracker import wire
from tracker.errors import TooFarBack
from tracker.model import Bill, MarkedText, TextStatus
from tracker.store import schema as t
from tracker.store.columns import from_json
from tracker.store.documents import Document, document, names
from tracker.store.lexemes import lexemes
from tracker.store.rows import AnyRow
from tracker.store.search_schema import search_bill, search_facet, search_name, search_named, search_words

EDITION = "2"  # of what is indexed, and how: a new one makes every bill stale
CHUNK = 100  # bills at a time: bounds the memory
MOST_SAID = 4_000_000  # characters of words in one go
LARGEST = 20_000_000  # characters of a bill's texts; what is beyond is not searchable

b, s = t.bill.c, search_bill.c
_MOVED = update(search_bill).where(s.no == bindparam("_no"))
_FTS = "INSERT INTO search_text ({0}rowid, title, body, cites) VALUES ({1}:no, :title, :body, :cites)"
_ADD = text(_FTS.format("", ""))
_FORGET = text(_FTS.format("search_text, ", "'delete', "))
_LEXEMES = text("INSERT INTO search_text (no, part, words) VALUES (:no, :part, CAST(:words AS tsvector))")

Values = dict[str, Any]


@dataclass(slots=True)
class Origin:
    """The database that has the texts, where the index is made in one that knows only their digests.

    `sources`: by bill, what the words of its own index were made from. A bill of the same titles and texts gets none
    here: they are looked for there. `characters`: how many of the others' texts may still be read."""

    connection: Connection
    sources: Mapping[str, str]
    characters: int
    facets: dict[tuple[Any, ...], int] = field(default_factory=dict)  # nobody else writes such an index


def index_bills(connection: Connection, ids: Sequence[str], anew: bool = False,
                origin: Origin | None = None) -> int:
    """How many of the bills had words to be written. `anew`: write them even if they are what they were. Raises
    TooFarBack where `origin` allows no more."""
    written = 0
    for start in range(0, len(ids), CHUNK):
        written += _Chunk(connection, ids[start : start + CHUNK], anew, origin).write()
    return written


def stale_bills(connection: Connection, after: str, limit: int) -> list[str]:
    """Bills that are not in the index, or by an older edition; in order of their ids."""
    return list(connection.scalars(select(b.id).outerjoin(search_bill, s.bill_id == b.id).where(
        b.id > after, or_(s.no.is_(None), s.source.not_like(f"{EDITION}:%"))).order_by(b.id).limit(limit)))


def count_stale(connection: Connection) -> tuple[int, int]:
    """(bills that are not searchable as they should be, all bills)."""
    every = connection.scalar(select(func.count()).select_from(t.bill)) or 0
    fresh = connection.scalar(select(func.count()).select_from(search_bill).where(s.source.like(f"{EDITION}:%"))) or 0
    return max(0, every - fresh), every


class _Chunk:
    """Some bills: what the index has of them, and what it should have."""

    def __init__(self, connection: Connection, ids: Sequence[str], anew: bool, origin: Origin | None) -> None:
        self.connection, self.anew, self.origin = connection, anew, origin
        self.sqlite = connection.dialect.name == "sqlite"
        self.bills = connection.execute(select(
            b.id, b.jurisdiction, b.stage, b.introduced_on, b.latest_action_on, b.moved, b.record,
        ).where(b.id.in_(ids)).order_by(b.id)).all()  # fmt: skip
        self.known = {row.bill_id: row for row in connection.execute(select(search_bill).where(s.bill_id.in_(ids)))}
        self.flags = self._flags(ids)
        self.bodies = self._bodies(ids)
        self.facets: dict[tuple[Any, ...], int] = origin.facets if origin else {}
        self.said: list[Values] = []  # words on their way to PostgreSQL
        self.said_size = 0

    def _flags(self, ids: Sequence[str]) -> dict[str, str]:
        found: dict[str, list[str]] = defaultdict(list)
        bt = t.bill_topic.c
        for row in self.connection.execute(select(bt.bill_id, bt.topic, bt.effect).where(bt.bill_id.in_(ids))):
            found[row.bill_id].append(f"{row.topic}/{row.effect}")
        return {bill_id: " ".join(sorted(flags)) for bill_id, flags in found.items()}

    def _bodies(self, ids: Sequence[str]) -> dict[str, list[str]]:
        """Digests of the texts of the versions that are listed, newest first."""
        found: dict[str, list[str]] = defaultdict(list)
        v = t.version.c
        for row in self.connection.execute(select(v.bill_id, v.body).where(
                v.bill_id.in_(ids), v.status == TextStatus.AVAILABLE.value, v.position.is_not(None),
                v.body.is_not(None)).order_by(v.bill_id, v.position.desc())):  # fmt: skip
            found[row.bill_id].append(row.body)
        return found

    def write(self) -> int:
        new: list[Values] = []
        moved: list[Values] = []
        worded: list[tuple[int, str, str, Bill, bool]] = []
        named: list[tuple[int, Bill, bool]] = []
        next_no = (self.connection.scalar(select(func.max(s.no))) or 0) + 1
        for row in self.bills:
            bill = wire.decode_bill(row.record)
            held = self.known.get(row.id)
            values = self._values(row, bill)
            if held is None:
                no, next_no = next_no, next_no + 1
                new.append({"no": no, "bill_id": row.id, **values})
            else:
                no = held.no
                if any(getattr(held, name) != value for name, value in values.items()):
                    moved.append({"_no": no, **values})
            if held is None or self.anew or held.source != values["source"]:
                worded.append((no, row.id, values["source"], bill, held is None))
            if held is None or self.anew or held.names != values["names"]:
                named.append((no, bill, held is None))
        if new:
            self.connection.execute(insert(search_bill), new)
        if moved:
            self.connection.execute(_MOVED, moved)
        for no, bill_id, source, bill, fresh in worded:
            if self.origin is None or self.origin.sources.get(bill_id) != source:
                self._write_words(no, document(bill, self._texts(self.bodies.get(bill_id, []))), fresh)
        self._say()
        self._write_names(named)
        return len(worded)

    def _values(self, row: AnyRow, bill: Bill) -> Values:
        _, session, number = row.id.split("/", 2)
        flags = self.flags.get(row.id, "")
        titles = [bill.identifier, bill.title, *(title.title for title in bill.titles)]
        year = row.introduced_on.year if row.introduced_on else None
        return {
            "jurisdiction": row.jurisdiction, "session": session, "number": number, "stage": row.stage,
            "introduced_on": row.introduced_on, "action_on": row.latest_action_on, "moved": row.moved,
            "facet": self._facet(row.jurisdiction, session, row.stage, year, flags),
            "source": f"{EDITION}:{_hash([titles, self.bodies.get(row.id, [])])}", "names": _hash(names(bill)),
        }  # fmt: skip

    def _facet(self, jurisdiction: str, session: str, stage: str, year: int | None, flags: str) -> int:
        key = (jurisdiction, session, stage, year, flags)
        if key not in self.facets:
            c = search_facet.c
            found = None if self.origin else self.connection.scalar(select(c.id).where(
                c.jurisdiction == jurisdiction, c.session == session, c.stage == stage,
                c.year.is_not_distinct_from(year), c.flags == flags))  # fmt: skip
            if found is None:
                found = 1 + (len(self.facets) if self.origin else
                             self.connection.scalar(select(func.max(c.id))) or 0)
                self.connection.execute(insert(search_facet), {
                    "id": found, "jurisdiction": jurisdiction, "session": session, "stage": stage, "year": year,
                    "flags": flags})  # fmt: skip
            self.facets[key] = found
        return self.facets[key]

    def _texts(self, digests: Sequence[str]) -> Iterator[MarkedText]:
        size, once = 0, list(dict.fromkeys(digests))
        origin = self.origin.connection if self.origin else self.connection
        packed: dict[str, bytes] = {row.digest: row.data for row in origin.execute(
            select(t.body.c.digest, t.body.c.data).where(t.body.c.digest.in_(once)))} if once else {}
        for digest in once:
            if digest not in packed:
                continue
            marked = from_json(zlib.decompress(packed.pop(digest)), MarkedText)
            size += len(marked.text)
            if self.origin is not None:
                self.origin.characters -= len(marked.text)
                if self.origin.characters < 0:
                    raise TooFarBack("too many texts have changed since then; expected a later date")
            if size > LARGEST:
                return
            yield marked

    def _write_words(self, no: int, made: Document, fresh: bool) -> None:
        if not self.sqlite:
            if not fresh:
                self.connection.execute(text("DELETE FROM search_text WHERE no = :no"), {"no": no})
            for part, said in enumerate(lexemes(made)):
                self.said.append({"no": no, "part": part, "words": said})
                self.said_size += len(said)
            if self.said_size > MOST_SAID:
                self._say()
            return
        columns = {"title": " ".join(made.title), "body": " ".join(made.body), "cites": " ".join(made.cites)}
        if not fresh:
            old = self.connection.scalar(select(search_words.c.data).where(search_words.c.no == no))
            if old is not None:
                self.connection.execute(_FORGET, {"no": no, **msgspec.json.decode(zlib.decompress(old))})
                self.connection.execute(delete(search_words).where(search_words.c.no == no))
        self.connection.execute(_ADD, {"no": no, **columns})
        if self.origin is None:  # what is only for a while forgets nothing
            self.connection.execute(insert(search_words), {
                "no": no, "data": zlib.compress(msgspec.json.encode(columns), 1)})  # fmt: skip

    def _say(self) -> None:
        """Many bills' words in one go: each round trip to PostgreSQL costs as much as some of them."""
        if self.said:
            self.connection.execute(_LEXEMES, self.said)
        self.said, self.said_size = [], 0

    def _write_names(self, named: Sequence[tuple[int, Bill, bool]]) -> None:
        old = [no for no, _, fresh in named if not fresh]
        if old:
            self.connection.execute(delete(search_named).where(search_named.c.no.in_(old)))
        wanted = {name for _, bill, _ in named for name in names(bill)}
        known: dict[tuple[str, str], int] = {}
        c = search_name.c
        every = sorted({words for _, words in wanted})
        for start in range(0, len(every), 500):
            for row in self.connection.execute(select(search_name).where(c.words.in_(every[start : start + 500]))):
                known[row.field, row.words] = row.id
        missing = sorted(wanted - known.keys())
        if missing:
            first = (self.connection.scalar(select(func.max(c.id))) or 0) + 1
            known.update({name: first + n for n, name in enumerate(missing)})
            self.connection.execute(insert(search_name), [
                {"id": known[name], "field": name[0], "words": name[1]} for name in missing])  # fmt: skip
        links = [{"name": known[name], "no": no} for no, bill, _ in named for name in names(bill)]
        if links:
            self.connection.execute(insert(search_named), links)


def _hash(value: object) -> str:
    return hashlib.blake2b(msgspec.json.encode(value), digest_size=12).hexdigest()
