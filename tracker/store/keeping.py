"""What is about to be overwritten to rows of the past: a bill's revision with its texts and flags, a page's bytes.

A revision is kept when it is replaced, not when it is written: most bills never change, and cost nothing here.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, bindparam, insert, select
from sqlalchemy.sql.base import Executable

from tracker.desk.review import shown, withheld
from tracker.model import Bill, BillState, Flag, MarkedText, TextStatus, VersionState
from tracker.store import schema as t
from tracker.store.columns import Moment, Words, from_json, plain
from tracker.store.engine import reading

_b, _v, _f = t.bill.c, t.version.c, t.flag.c
_id = bindparam("id", type_=Words)
LISTED = ("jurisdiction", "session", "identifier", "title", "stage", "topics", "introduced_on", "latest_action",
          "latest_action_on", "last_seq", "moved")
_BILL = select(_b.revision, _b.record, _b.content_hash, _b.recorded_at, *(_b[name] for name in LISTED)).where(
    _b.id == _id)
_TEXTS = select(_v.code, _v.status, _v.sha256, _v.url, _v.error, _v.body).where(
    _v.bill_id == _id, _v.position.is_not(None)).order_by(_v.position)
_FLAGS = select(_f.version, _f.data).where(_f.bill_id == _id).order_by(_f.version, _f.position)


@dataclass(frozen=True, slots=True)
class KeptText:
    """A version's text as it was held; `body` is a digest of the table of texts, from which nothing is ever taken."""

    code: str
    status: TextStatus
    sha256: str | None
    url: str | None
    error: str | None
    body: str | None
    flags: tuple[Flag, ...]  # withheld ones too


@dataclass(frozen=True, slots=True)
class KeptBill:
    bill: Bill
    content_hash: str
    texts: tuple[KeptText, ...]


@dataclass(frozen=True, slots=True)
class Replaced:
    """A revision that another one followed, with each text that could be read."""

    revision: int
    recorded_at: datetime | None  # None: before this was noted
    replaced_at: datetime
    state: BillState
    texts: dict[str, MarkedText]  # by version code


def replaced(engine: Engine, bill_id: str, before: int) -> Iterator[Replaced]:
    """Its revisions below `before`, oldest first; one is in memory at a time."""
    pb = t.past_bill.c
    with reading(engine) as connection:
        numbers = list(connection.scalars(select(pb.revision).where(
            pb.bill_id == bill_id, pb.revision < before).order_by(pb.revision)))
    for number in numbers:
        with reading(engine) as connection:
            row = connection.execute(select(pb.recorded_at, pb.replaced_at, pb.data).where(
                pb.bill_id == bill_id, pb.revision == number)).one()
            kept = read_kept(row.data)
            texts = {}
            for text in kept.texts:
                held = text.body if text.status is TextStatus.AVAILABLE else None
                data = connection.scalar(select(t.body.c.data).where(t.body.c.digest == held)) if held else None
                if data is not None:
                    texts[text.code] = from_json(zlib.decompress(data), MarkedText)
        yield Replaced(number, row.recorded_at, row.replaced_at, state_of(kept, number), texts)


def keep_revision(connection: Connection, bill_id: str, now: datetime) -> datetime:
    """The bill's rows as they are, into the past. When the revision that replaces it begins: `now`, or, should the
    clock have been set back, no sooner than this one began."""
    which = {"id": bill_id}
    row = connection.execute(_BILL, which).first()
    if row is None:
        return now
    begins = max(now, row.recorded_at) if row.recorded_at else now
    flags: dict[str, list[msgspec.Raw]] = {}
    for found in connection.execute(_FLAGS, which):  # JSON already: copied, not read
        flags.setdefault(found.version, []).append(msgspec.Raw(found.data.encode()))
    texts = [{"code": x.code, "status": x.status, "sha256": x.sha256, "url": x.url, "error": x.error, "body": x.body,
              "flags": flags.get(x.code, [])} for x in connection.execute(_TEXTS, which)]
    data = msgspec.json.encode({"bill": msgspec.Raw(row.record), "content_hash": row.content_hash, "texts": texts})
    connection.execute(insert(t.past_bill), {
        "bill_id": bill_id, "revision": row.revision, "recorded_at": row.recorded_at, "replaced_at": begins,
        "data": zlib.compress(data), "flags": sum(map(len, flags.values())),
        **{name: getattr(row, name) for name in LISTED}})
    if row.topics != "[]":
        topics = select(t.bill_topic.c.bill_id, bindparam("revision", row.revision), t.bill_topic.c.topic,
                        t.bill_topic.c.effect).where(t.bill_topic.c.bill_id == _id)
        connection.execute(insert(t.past_topic).from_select(["bill_id", "revision", "topic", "effect"], topics), which)
    if flags:
        sections = select(_f.section, _f.bill_id, bindparam("revision", row.revision)).distinct().where(
            _f.bill_id == _id, _f.section.is_not(None), t.SHOWN)
        connection.execute(insert(t.past_section).from_select(["section", "bill_id", "revision"], sections), which)
    return begins


def read_kept(data: bytes) -> KeptBill:
    return msgspec.json.decode(zlib.decompress(data), type=KeptBill)


def state_of(kept: KeptBill, revision: int) -> BillState:
    held = {x.code: x for x in kept.texts}
    versions = []
    for version in kept.bill.versions:
        x = held[plain(version.code)]
        versions.append(VersionState(version.code, x.status, x.sha256, shown(x.flags), x.url, x.error,
                                     withheld(x.flags)))
    return BillState(kept.bill, kept.content_hash, revision, tuple(versions))


@cache
def keeping_pages(upsert: Any) -> Executable:
    """INSERT of a bill's page as it is, if `new_sha256` differs: run before the page is overwritten."""
    p = t.page.c
    old = select(p.url, p.recorded_at, bindparam("now", type_=Moment), p.bill_id, p.sha256, p.kept_at,
                 p.last_modified, p.warc, p.offset).where(
        p.url == bindparam("page", type_=Words), p.sha256 != bindparam("new_sha256"), p.bill_id.is_not(None),
        p.recorded_at < bindparam("now", type_=Moment))
    statement: Executable = upsert(t.past_page).from_select(
        ["url", "recorded_at", "replaced_at", "bill_id", "sha256", "kept_at", "last_modified", "warc", "offset"],
        old).on_conflict_do_nothing()
    return statement
