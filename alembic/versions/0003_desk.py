"""The desk: what people decided about flags, who they are, what they did. And for each flag, what it asks of them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
UNDECIDED = sa.text("verdict IS NULL")


def upgrade() -> None:
    op.add_column("flag", sa.Column("key", sa.Text(), nullable=False, server_default=""))
    op.add_column("flag", sa.Column("verdict", sa.Text()))
    op.add_column("flag", sa.Column("doubt", sa.Float(), nullable=False, server_default="0"))
    op.create_index("ix_flag_key", "flag", ["key"])
    op.create_index("ix_flag_undecided", "flag", ["bill_id", "version"], sqlite_where=UNDECIDED,
                    postgresql_where=UNDECIDED)
    op.create_table(
        "decision",
        sa.Column("seq", BIG, autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("bill_id", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_decision"),
    )
    op.create_index("ix_decision_key", "decision", ["key", "seq"])
    op.create_index("ix_decision_bill_id", "decision", ["bill_id", "seq"])
    op.create_table(
        "account",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("password", sa.Text()),
        sa.Column("totp_sealed", sa.LargeBinary()),
        sa.Column("totp_step", BIG),
        sa.Column("disabled_at", MOMENT),
        sa.PrimaryKeyConstraint("name", name="pk_account"),
    )
    op.create_table(
        "desk_session",
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_desk_session"),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name="fk_desk_session_account_account",
                                ondelete="CASCADE"),
    )
    op.create_index("ix_desk_session_account", "desk_session", ["account"])
    op.create_table(
        "audit",
        sa.Column("seq", BIG, autoincrement=True, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("account", sa.Text()),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text()),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
    )
    _fill_keys(op.get_bind())


def downgrade() -> None:
    for table in ("audit", "desk_session", "account", "decision"):
        op.drop_table(table)
    op.drop_index("ix_flag_undecided", "flag")
    op.drop_index("ix_flag_key", "flag")
    for column in ("doubt", "verdict", "key"):
        op.drop_column("flag", column)


def _fill_keys(bind: sa.Connection) -> None:
    """Derived from the text by the code of today, which is what must find them again."""
    from tracker.desk.review import doubt, key_of_flag
    from tracker.model import Flag, MarkedText
    from tracker.wire import decode

    for bill_id, code, body in _flagged_texts(bind):
        text = decode(zlib.decompress(body), MarkedText)
        which = {"bill": bill_id, "code": code}
        rows = bind.execute(sa.text("SELECT position, data FROM flag WHERE bill_id = :bill AND version = :code"), which)
        for position, data in rows.all():
            flag = decode(data, Flag)
            bind.execute(sa.text("UPDATE flag SET key = :key, doubt = :doubt WHERE bill_id = :bill AND "
                                 "version = :code AND position = :position"),
                         {**which, "position": position, "key": key_of_flag(bill_id, flag, text),
                          "doubt": doubt(flag.score)})


def _flagged_texts(bind: sa.Connection) -> Iterator[tuple[str, str, Any]]:
    names = bind.execute(sa.text("SELECT DISTINCT bill_id, version FROM flag ORDER BY bill_id, version")).all()
    for bill_id, code in names:
        body = bind.scalar(sa.text("SELECT body.data FROM version JOIN body ON body.digest = version.body "
                                   "WHERE version.bill_id = :bill AND version.code = :code"),
                           {"bill": bill_id, "code": code})
        if body is not None:
            yield bill_id, code, body
