"""Which bills name which others, and which flagged sections have the same words; both of the past, too."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from alembic import op
from tracker.desk.review import shown
from tracker.kinship import named_bills, section_key
from tracker.model import Bill, Flag, MarkedText, TextStatus
from tracker.store.columns import Moment, from_json, to_json
from tracker.store.keeping import read_kept

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
CHUNK = 100  # bills at a time: bounds the memory
Row = dict[str, Any]

_related = sa.table("related_bill", *(sa.column(name) for name in ("other", "bill_id", "relations")),
                    sa.column("since", Moment), sa.column("until", Moment))
_flag = sa.table("flag", *(sa.column(name) for name in ("bill_id", "version", "position", "data", "section")))
_past_section = sa.table("past_section", *(sa.column(name) for name in ("section", "bill_id", "revision")))
_bill = sa.table("bill", sa.column("id"), sa.column("record"), sa.column("recorded_at", Moment))
_past_bill = sa.table("past_bill", *(sa.column(name) for name in ("bill_id", "revision", "data")),
                      sa.column("recorded_at", Moment), sa.column("replaced_at", Moment))
_version = sa.table("version", *(sa.column(name) for name in ("bill_id", "code", "status", "body")))
_body = sa.table("body", sa.column("digest"), sa.column("data"))


def upgrade() -> None:
    op.create_table(
        "related_bill",
        sa.Column("other", sa.Text(), nullable=False),
        sa.Column("bill_id", sa.Text(), sa.ForeignKey("bill.id", ondelete="CASCADE"), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT),
        sa.Column("relations", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("other", "bill_id", "since", name="pk_related_bill"))
    op.create_table(
        "past_section",
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("bill_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("section", "bill_id", "revision", name="pk_past_section"))
    op.add_column("flag", sa.Column("section", sa.Text()))
    bind = op.get_bind()
    for bills in _chunks(bind):
        _fill(bind, bills)
    op.create_index("ix_related_bill_bill_id", "related_bill", ["bill_id", "until"])
    op.create_index("ix_past_section_bill_id", "past_section", ["bill_id", "revision"])
    op.create_index("ix_flag_section", "flag", ["section", "bill_id"])
    if bind.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(f"CREATE TRIGGER past_section_no_{verb.lower()} BEFORE {verb} ON past_section "
                       "BEGIN SELECT RAISE(ABORT, 'the past is append-only'); END")
    else:
        op.execute("CREATE TRIGGER past_section_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON past_section "
                   "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()")


def _chunks(bind: sa.Connection) -> Iterator[list[Any]]:
    last = ""
    while found := bind.execute(sa.select(_bill).where(_bill.c.id > last).order_by(_bill.c.id).limit(CHUNK)).all():
        yield list(found)
        last = found[-1].id


def _fill(bind: sa.Connection, bills: list[Any]) -> None:
    related: list[Row] = []
    sections: list[Row] = []
    ids = [row.id for row in bills]
    flagged = set(bind.scalars(sa.select(_flag.c.bill_id).where(_flag.c.bill_id.in_(ids)).distinct()))
    changed = set(bind.scalars(sa.select(_past_bill.c.bill_id).where(_past_bill.c.bill_id.in_(ids)).distinct()))
    for bill in bills:
        texts: dict[str, MarkedText | None] = {}
        said: list[tuple[datetime, datetime | None, dict[str, str]]] = []
        for row in _past(bind, bill.id) if bill.id in changed else ():
            kept = read_kept(row.data)
            if row.recorded_at and row.recorded_at < row.replaced_at:
                said.append((row.recorded_at, row.replaced_at, _relations(kept.bill)))
            keys = {key for text in kept.texts for flag in shown(text.flags) if text.status is TextStatus.AVAILABLE
                    and (held := _text(bind, texts, text.body)) and (key := section_key(held, flag))}
            sections += [{"section": key, "bill_id": bill.id, "revision": row.revision} for key in sorted(keys)]
        if bill.recorded_at:
            said.append((bill.recorded_at, None, _relations(from_json(bill.record, Bill))))
        related += _spans(bill.id, said)
        if bill.id in flagged:
            _mark_flags(bind, bill.id, texts)
    for table, rows in ((_related, related), (_past_section, sections)):
        if rows:
            bind.execute(table.insert(), rows)


def _past(bind: sa.Connection, bill_id: str) -> Iterator[Any]:
    yield from bind.execute(sa.select(_past_bill).where(_past_bill.c.bill_id == bill_id)
                            .order_by(_past_bill.c.revision))


def _relations(bill: Bill) -> dict[str, str]:
    return {other: to_json(said) for other, said in named_bills(bill).items()}


def _spans(bill_id: str, said: list[tuple[datetime, datetime | None, dict[str, str]]]) -> list[Row]:
    """Revisions in order to a row for each stretch of them that says the same of another bill."""
    rows: list[Row] = []
    open_rows: dict[str, Row] = {}
    for since, until, relations in said:
        going = {}
        for other, words in relations.items():
            before = open_rows.get(other)
            if before is None or before["relations"] != words or before["until"] != since:
                before = {"other": other, "bill_id": bill_id, "relations": words, "since": since}
                rows.append(before)
            before["until"] = until
            going[other] = before
        open_rows = going
    return rows


def _mark_flags(bind: sa.Connection, bill_id: str, texts: dict[str, MarkedText | None]) -> None:
    f, v = _flag.c, _version.c
    rows = bind.execute(sa.select(f.version, f.position, f.data, v.body).join(
        _version, (v.bill_id == f.bill_id) & (v.code == f.version)).where(f.bill_id == bill_id)).all()
    for row in rows:
        text = _text(bind, texts, row.body)
        if text is not None:
            bind.execute(_flag.update().where(f.bill_id == bill_id, f.version == row.version,
                                              f.position == row.position)
                         .values(section=section_key(text, from_json(row.data, Flag))))


def _text(bind: sa.Connection, texts: dict[str, MarkedText | None], digest: str | None) -> MarkedText | None:
    if digest is None:
        return None
    if digest not in texts:
        data = bind.scalar(sa.select(_body.c.data).where(_body.c.digest == digest))
        texts[digest] = from_json(zlib.decompress(data), MarkedText) if data is not None else None
    return texts[digest]


def downgrade() -> None:
    op.drop_table("related_bill")
    op.drop_table("past_section")
    op.drop_index("ix_flag_section", "flag")
    op.drop_column("flag", "section")
