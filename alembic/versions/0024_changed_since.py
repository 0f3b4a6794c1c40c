"""When bills changed, by index; and how many flags a state of the past had."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import msgspec
import sqlalchemy as sa

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

CHUNK = 500
_past = sa.table("past_bill", *(sa.column(name) for name in ("bill_id", "revision", "data", "flags")))


def upgrade() -> None:
    op.add_column("past_bill", sa.Column("flags", sa.Integer(), nullable=False, server_default="0"))
    _allow_updates()
    bind = op.get_bind()
    update = sa.update(_past).where(_past.c.bill_id == sa.bindparam("bill"),
                                    _past.c.revision == sa.bindparam("number")).values(flags=sa.bindparam("counted"))
    for rows in _chunks(bind):
        counted = [(row, _count(row.data)) for row in rows]
        if some := [{"bill": row.bill_id, "number": row.revision, "counted": n} for row, n in counted if n]:
            bind.execute(update, some)
    _refuse_updates()
    op.create_index("ix_bill_recorded_at", "bill", ["recorded_at", "id"])
    op.create_index("ix_past_bill_replaced_at", "past_bill",
                    ["replaced_at", "recorded_at", "flags", "bill_id", "revision"])


def downgrade() -> None:
    op.drop_index("ix_past_bill_replaced_at", "past_bill")
    op.drop_index("ix_bill_recorded_at", "bill")
    op.drop_column("past_bill", "flags")


def _chunks(bind: sa.Connection) -> Iterator[list[sa.Row[tuple[object, ...]]]]:
    place = sa.tuple_(_past.c.bill_id, _past.c.revision)
    every = sa.select(_past.c.bill_id, _past.c.revision, _past.c.data).order_by(
        _past.c.bill_id, _past.c.revision).limit(CHUNK)
    found = bind.execute(every).all()
    while found:
        yield list(found)
        last = found[-1]
        found = bind.execute(every.where(place > sa.tuple_(sa.literal(last.bill_id), sa.literal(last.revision)))).all()


def _count(data: bytes) -> int:
    """Of a KeptBill as tracker.store.keeping writes it."""
    return sum(len(text["flags"]) for text in msgspec.json.decode(zlib.decompress(data))["texts"])


def _allow_updates() -> None:
    """The past refuses changes: the refusal is taken away while its rows learn their number, and put back."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute("DROP TRIGGER past_bill_no_update" if sqlite else "DROP TRIGGER past_bill_append_only ON past_bill")


def _refuse_updates() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute("CREATE TRIGGER past_bill_no_update BEFORE UPDATE ON past_bill "
               "BEGIN SELECT RAISE(ABORT, 'the past is append-only'); END" if sqlite else
               "CREATE TRIGGER past_bill_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON past_bill "
               "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()")
