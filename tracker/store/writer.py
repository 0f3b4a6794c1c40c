"""Changes to rows, many in one transaction: new rows wait in memory and go to the database table by table."""

from __future__ import annotations

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, bindparam, case, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.base import Executable

from tracker.desk.review import doubt, key_of_decision, key_of_flag, shown
from tracker.errors import Conflict
from tracker.kinship import named_bills, section_key
from tracker.model import BillState, Change, Decision, Event, MarkedText, Page, ReadText, TextStatus, Version
from tracker.store import schema as t
from tracker.store.columns import plain, to_bytes, to_json
from tracker.store.indexing import index_bills
from tracker.store.keeping import keep_revision, keeping_pages
from tracker.store.movement import moved
from tracker.store.rows import read_decisions, read_state

MAX_WAITING = 5_000  # rows; bounds the memory of a long transaction
SET_BACK = timedelta(hours=1)  # by a time server, a machine that slept, a zone that was set wrong
COMPRESSION = 1  # level 1 is six times as fast as 6 for a tenth more space

Row = dict[str, Any]


@cache
def upserting(dialect: str) -> Callable[[Table], Any]:
    """The INSERT that knows ON CONFLICT; both databases spell it alike, SQLAlchemy keeps two."""
    return sqlite.insert if dialect == "sqlite" else postgresql.insert


@cache
def _inserts(dialect: str) -> tuple[tuple[Table, Executable], ...]:
    """How waiting rows are written, parents before children."""
    upsert = upserting(dialect)
    versions, pages = upsert(t.version), upsert(t.page)
    new = pages.excluded
    same_bytes = t.page.c.sha256 == new.sha256
    return (
        (t.body, upsert(t.body).on_conflict_do_nothing()),
        (t.version, versions.on_conflict_do_update(
            index_elements=["bill_id", "code"],
            set_={"position": versions.excluded.position, "links": versions.excluded.links})),
        (t.related_bill, insert(t.related_bill)),
        (t.flag, insert(t.flag)),
        (t.bill_topic, insert(t.bill_topic)),
        (t.event, insert(t.event)),
        (t.event_topic, insert(t.event_topic)),
        (t.page, pages.on_conflict_do_update(index_elements=["url"], set_={
            "source": func.coalesce(new.source, t.page.c.source),
            "bill_id": func.coalesce(new.bill_id, t.page.c.bill_id),
            # A listing that says nothing today does not unsay what it said.
            "lastmod": func.coalesce(new.lastmod, t.page.c.lastmod),
            # A 304 often repeats no header; other bytes without one have none.
            "last_modified": case((same_bytes, func.coalesce(new.last_modified, t.page.c.last_modified)),
                                  else_=new.last_modified),
            "sha256": new.sha256,
            "fetched_at": new.fetched_at,
            # Equal bytes: the place where they were first kept is as true, and is no mere revisit record.
            "warc": case((same_bytes, func.coalesce(t.page.c.warc, new.warc)), else_=new.warc),
            "offset": case((same_bytes & t.page.c.warc.is_not(None), t.page.c.offset), else_=new.offset),
            "kept_at": case((same_bytes, t.page.c.kept_at), else_=new.kept_at),
            "recorded_at": case((same_bytes, t.page.c.recorded_at), else_=new.recorded_at),
        })),
    )


def inserting_once(dialect: str, table: Table) -> Executable:
    """INSERT that tells by its rowcount (0 or 1) whether the row was new; unasked, PostgreSQL's is not kept."""
    statement: Executable = upserting(dialect)(table).on_conflict_do_nothing().execution_options(
        preserve_rowcount=True)
    return statement


@cache
def _new_bill(dialect: str) -> Executable:
    return inserting_once(dialect, t.bill)


_CHANGED_BILL = update(t.bill).where(t.bill.c.id == bindparam("_id"), t.bill.c.revision == bindparam("_base"))
_CHANGED_TEXT = update(t.version).where(t.version.c.bill_id == bindparam("_bill_id"),
                                        t.version.c.code == bindparam("_code"))
_NEWEST_EVENT = select(t.bill.c.last_seq, t.event.c.recorded_at).outerjoin(
    t.event, t.event.c.seq == t.bill.c.last_seq).where(t.bill.c.id == bindparam("id"))
_OLD_FLAGS = delete(t.flag).where(t.flag.c.bill_id == bindparam("_bill_id"), t.flag.c.version == bindparam("_code"))


class SqlWriter:
    """One write transaction; `connection` already holds the lock that keeps every other writer out."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name
        self._waiting: dict[Table, list[Row]] = defaultdict(list)
        self._last_seq: int | None = None
        self._newest: datetime | None = None  # when the newest entry of the log was recorded
        self._touched: dict[str, None] = {}

    def state(self, bill_id: str) -> BillState | None:
        self.flush()
        return read_state(self._connection, bill_id)

    def apply(self, change: Change, recorded_at: datetime) -> tuple[Event, ...]:
        """Raises Conflict if the bill's revision has moved; a repeated event key raises it at the end of `write`."""
        self._touched[change.bill_id] = None
        recorded_at = self._after_the_last(recorded_at)
        events = self._number(change, recorded_at)
        begins = recorded_at
        if change.base_revision:
            self.flush()
            begins = keep_revision(self._connection, change.bill_id, recorded_at)
        self._save_bill(change, events, begins)
        self._relate(change, begins)
        if change.base_revision:
            self._replace_texts(change, recorded_at)
        else:
            self._add_texts(change, recorded_at)
        self._log(events)
        self._keep_pages((*change.pages, *(x.page for x in change.texts if x.page)),
                         change.bill.jurisdiction, change.bill_id, recorded_at)
        if sum(map(len, self._waiting.values())) > MAX_WAITING:
            self.flush()
        return events

    def remember(self, pages: Sequence[Page], source: str | None = None, at: datetime | None = None) -> None:
        """A page that no record brought before is listed by `Store.seen` only if its `source` is named."""
        self._keep_pages(pages, source, None, at)

    def decisions(self, bill_id: str) -> tuple[Decision, ...]:
        return read_decisions(self._connection, t.decision.c.bill_id == bill_id)

    def note_tagged(self, bill_id: str, codes: Sequence[str], tagged_by: str) -> None:
        """These texts were tagged anew and say what they said: nothing else changes."""
        self.flush()
        self._connection.execute(update(t.version).where(
            t.version.c.bill_id == bill_id, t.version.c.code.in_([plain(code) for code in codes])).values(
            tagged_by=tagged_by))

    def decide(self, decision: Decision) -> None:
        last = self._connection.scalar(select(func.max(t.decision.c.seq))) or 0
        self._connection.execute(insert(t.decision), {
            "seq": last + 1, "key": key_of_decision(decision), "bill_id": decision.bill_id, "at": decision.at,
            "data": to_json(decision)})

    def flush(self) -> None:
        for table, statement in _inserts(self._dialect):
            if rows := self._waiting.pop(table, None):
                if table is t.page:
                    self._keep_old_pages(rows)
                self._connection.execute(statement, rows)

    def finish(self) -> None:
        """Before the commit: all rows written, and the search index as current as they are."""
        self.flush()
        index_bills(self._connection, list(self._touched))
        self._touched.clear()

    def index(self, bill_ids: Sequence[str], anew: bool = False) -> None:
        """These bills as they are, whether they changed or not."""
        index_bills(self._connection, bill_ids, anew)

    def _after_the_last(self, now: datetime) -> datetime:
        """`now`, but not before the newest entry of the log if the clock was set back by a little: what is known as of
        a moment would else hold what came after it. A clock that ran far ahead is not followed: its time is wrong."""
        if self._newest is None:
            said = self._connection.scalar(select(t.event.c.recorded_at).order_by(t.event.c.seq.desc()).limit(1))
            self._newest = said or now
        if now < self._newest <= now + SET_BACK:
            return self._newest
        self._newest = now
        return now

    # --- the log ------------------------------------------------------------------------------------------------------

    def _number(self, change: Change, recorded_at: datetime) -> tuple[Event, ...]:
        """`seq` is the highest one plus 1, read under the writers' lock and not from a sequence: a sequence numbers
        before the commit, so a reader could pass a number that appears only later, and miss that event for good."""
        if self._last_seq is None:
            self._last_seq = self._connection.scalar(select(func.max(t.event.c.seq))) or 0
        first = self._last_seq + 1
        self._last_seq += len(change.events)
        return tuple(Event(seq, e.key, e.kind, e.bill_id, e.jurisdiction, e.occurred_on, recorded_at, e.mode, e.topics,
                           e.data) for seq, e in enumerate(change.events, first))

    def _log(self, events: Sequence[Event]) -> None:
        self._waiting[t.event] += [
            {"seq": e.seq, "key": e.key, "kind": e.kind.value, "bill_id": e.bill_id, "jurisdiction": e.jurisdiction,
             "occurred_on": e.occurred_on, "recorded_at": e.recorded_at, "mode": e.mode.value,
             "topics": to_json(e.topics), "data": to_json(e.data)} for e in events]
        self._waiting[t.event_topic] += [{"topic": topic.value, "seq": e.seq, "jurisdiction": e.jurisdiction}
                                         for e in events for topic in dict.fromkeys(e.topics)]

    # --- the bill -----------------------------------------------------------------------------------------------------

    def _save_bill(self, change: Change, events: Sequence[Event], begins: datetime) -> None:
        bill = change.bill
        action = bill.actions[-1] if bill.actions else None
        row: Row = {
            "jurisdiction": bill.jurisdiction, "session": bill.session, "identifier": bill.identifier,
            "title": bill.title, "stage": change.stage, "topics": to_json(change.topics),
            "introduced_on": bill.introduced_on, "latest_action": action.description if action else None,
            "latest_action_on": action.date if action else None, "record": to_bytes(bill),
            "content_hash": change.content_hash, "revision": change.base_revision + 1,
            "recorded_at": begins,
        }
        seq, noticed = (events[-1].seq, events[-1].recorded_at) if events else self._newest_event(change, begins)
        row |= {"last_seq": seq, "moved": moved(row["latest_action_on"], bill.introduced_on, noticed.date(), seq)}
        if change.base_revision:
            done = self._connection.execute(_CHANGED_BILL,
                                            {**row, "_id": change.bill_id, "_base": change.base_revision})
        else:
            done = self._connection.execute(_new_bill(self._dialect), {**row, "id": change.bill_id})
        if done.rowcount != 1:
            raise Conflict(f"{change.bill_id}: expected revision {change.base_revision}, another writer was here")

    def _newest_event(self, change: Change, begins: datetime) -> tuple[int, datetime]:
        """Of a bill that is written without one: its number and moment; without any, 0 and `begins`."""
        held = self._connection.execute(_NEWEST_EVENT, {"id": change.bill_id}).first() if change.base_revision else None
        return (held.last_seq, held.recorded_at or begins) if held else (0, begins)

    def _relate(self, change: Change, begins: datetime) -> None:
        """What the record says no more ends where its last revision that did ends."""
        r, wanted = t.related_bill.c, {other: to_json(said) for other, said in named_bills(change.bill).items()}
        today = (r.bill_id == change.bill_id) & r.until.is_(None)
        held = self._connection.execute(select(r.other, r.since, r.relations).where(today)).all() \
            if change.base_revision else []
        kept = {row.other for row in held if wanted.get(row.other) == row.relations}
        ended = [row.other for row in held if row.other not in kept and row.since < begins]
        unseen = [row.other for row in held if row.other not in kept and row.since >= begins]  # began this moment
        if ended:
            self._connection.execute(update(t.related_bill).where(today, r.other.in_(ended)).values(until=begins))
        if unseen:
            self._connection.execute(delete(t.related_bill).where(today, r.other.in_(unseen)))
        self._waiting[t.related_bill] += [
            {"other": other, "bill_id": change.bill_id, "since": begins, "until": None, "relations": said}
            for other, said in wanted.items() if other not in kept]

    # --- its texts ----------------------------------------------------------------------------------------------------

    def _add_texts(self, change: Change, now: datetime) -> None:
        """A new bill: only new rows."""
        texts = _by_listed_version(change)
        for position, version in enumerate(change.bill.versions):
            self._waiting[t.version].append(self._version_row(change, position, version, texts.get(version.code), now))
        for text in texts.values():
            self._add_flags(change.bill_id, text)
        held = [texts[v.code] for v in change.bill.versions
                if v.code in texts and texts[v.code].status is TextStatus.AVAILABLE]
        if held:
            self._waiting[t.bill_topic] += [
                {"bill_id": change.bill_id, "topic": topic, "effect": effect}
                for topic, effect in dict.fromkeys((f.topic.value, f.effect.value) for f in shown(held[-1].flags))]

    def _replace_texts(self, change: Change, now: datetime) -> None:
        self.flush()
        self._unlist(change)
        texts = [(x, self._text_columns(x)) for x in _by_listed_version(change).values()]
        for position, version in enumerate(change.bill.versions):
            self._waiting[t.version].append(self._version_row(change, position, version, None, now))
        self.flush()
        for text, columns in texts:
            which = {"_bill_id": change.bill_id, "_code": text.version}
            self._connection.execute(_OLD_FLAGS, which)
            if text.tagged_by is None:
                del columns["tagged_by"]
            self._connection.execute(_CHANGED_TEXT, {**which, **columns})
            self._add_flags(change.bill_id, text)
        self.flush()
        self._refresh_topics(change.bill_id)

    def _unlist(self, change: Change) -> None:
        """A version that the legislature withdrew is held no more: should it come back, its text arrives again."""
        listed = [v.code for v in change.bill.versions]
        v = t.version.c
        gone = list(self._connection.scalars(
            select(v.code).where(v.bill_id == change.bill_id, v.position.is_not(None), v.code.not_in(listed))))
        if gone:
            self._connection.execute(delete(t.flag).where(t.flag.c.bill_id == change.bill_id,
                                                          t.flag.c.version.in_(gone)))
            self._connection.execute(
                update(t.version).where(v.bill_id == change.bill_id, v.code.in_(gone)).values(
                    position=None, status=TextStatus.PENDING.value, url=None, sha256=None, error=None))

    def _version_row(self, change: Change, position: int, version: Version, text: ReadText | None,
                     now: datetime) -> Row:
        return {"bill_id": change.bill_id, "code": version.code, "jurisdiction": change.bill.jurisdiction,
                "position": position, "links": to_json(version.links), "first_seen_at": now,
                **(self._text_columns(text) if text else _NO_TEXT)}

    def _text_columns(self, text: ReadText) -> Row:
        digest = self._keep_body(text.text) if text.text is not None else None
        return {"status": text.status.value, "url": text.url, "sha256": text.sha256, "error": text.error,
                "body": digest, "tagged_by": text.tagged_by}

    def _keep_body(self, text: MarkedText) -> str:
        data = to_bytes(text)
        digest = hashlib.blake2b(data, digest_size=16).hexdigest()
        self._waiting[t.body].append({"digest": digest, "data": zlib.compress(data, COMPRESSION)})
        return digest

    def _add_flags(self, bill_id: str, text: ReadText) -> None:
        self._waiting[t.flag] += [
            {"bill_id": bill_id, "version": text.version, "position": position, "topic": flag.topic.value,
             "effect": flag.effect.value, "data": to_json(flag), "doubt": doubt(flag.score),
             "key": key_of_flag(bill_id, flag, text.text) if text.text else "",
             "verdict": flag.review.verdict.value if flag.review else None,
             "section": section_key(text.text, flag) if text.text else None}
            for position, flag in enumerate(text.flags)]

    def _refresh_topics(self, bill_id: str) -> None:
        v, f = t.version.c, t.flag.c
        newest = (select(v.code).where(v.bill_id == bill_id, v.status == TextStatus.AVAILABLE.value,
                                       v.position.is_not(None)).order_by(v.position.desc()).limit(1))
        flags = (select(f.bill_id, f.topic, f.effect).distinct()
                 .where(f.bill_id == bill_id, f.version == newest.scalar_subquery(), t.SHOWN))
        self._connection.execute(delete(t.bill_topic).where(t.bill_topic.c.bill_id == bill_id))
        self._connection.execute(insert(t.bill_topic).from_select(["bill_id", "topic", "effect"], flags))

    # --- provenance ---------------------------------------------------------------------------------------------------

    def _keep_pages(self, pages: Sequence[Page], source: str | None, bill_id: str | None,
                    at: datetime | None) -> None:
        self._waiting[t.page] += [
            {"url": p.url, "source": source, "bill_id": bill_id, "lastmod": p.lastmod,
             "last_modified": p.last_modified, "sha256": p.sha256, "fetched_at": p.fetched_at, "warc": p.warc,
             "offset": p.offset, "kept_at": p.fetched_at, "recorded_at": at or p.fetched_at}
            for p in dict.fromkeys(pages)]

    def _keep_old_pages(self, rows: Sequence[Row]) -> None:
        self._connection.execute(keeping_pages(upserting(self._dialect)), [
            {"page": row["url"], "new_sha256": row["sha256"], "now": row["recorded_at"]} for row in rows])


_NO_TEXT: Row = {"status": TextStatus.PENDING.value, "url": None, "sha256": None, "error": None, "body": None,
                 "tagged_by": None}


def _by_listed_version(change: Change) -> dict[str, ReadText]:
    """A text of a version that the record does not list belongs to nothing that could be shown."""
    listed = {plain(v.code) for v in change.bill.versions}
    return {x.version: x for x in change.texts if plain(x.version) in listed}
