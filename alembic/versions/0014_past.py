"""Revisions of bills and bytes of pages that were replaced. Of what was replaced before, nothing is known any more."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("past_bill", "past_topic", "past_page")


def upgrade() -> None:
    op.create_table(
        "past_bill",
        sa.Column("bill_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("title", sa.Text()),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("introduced_on", sa.Date()),
        sa.Column("latest_action", sa.Text()),
        sa.Column("latest_action_on", sa.Date()),
        sa.Column("last_seq", BIG, nullable=False),
        sa.Column("recorded_at", MOMENT),
        sa.Column("replaced_at", MOMENT, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("bill_id", "revision", name="pk_past_bill"),
    )
    op.create_index("ix_past_bill_last_seq", "past_bill", ["last_seq", "bill_id"])
    op.create_index("ix_past_bill_jurisdiction", "past_bill", ["jurisdiction", "session", "last_seq", "bill_id"])
    op.create_table(
        "past_topic",
        sa.Column("bill_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("bill_id", "revision", "topic", "effect", name="pk_past_topic"),
    )
    op.create_index("ix_past_topic_topic_effect", "past_topic", ["topic", "effect", "bill_id", "revision"])
    op.create_table(
        "past_page",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("replaced_at", MOMENT, nullable=False),
        sa.Column("bill_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("kept_at", MOMENT, nullable=False),
        sa.Column("last_modified", sa.Text()),
        sa.Column("warc", sa.Text()),
        sa.Column("offset", BIG),
        sa.PrimaryKeyConstraint("url", "recorded_at", name="pk_past_page"),
    )
    op.create_index("ix_past_page_bill_id", "past_page", ["bill_id"])
    op.add_column("bill", sa.Column("recorded_at", MOMENT))
    op.add_column("page", sa.Column("kept_at", MOMENT))
    op.add_column("page", sa.Column("recorded_at", MOMENT))
    _begin()
    _refuse_changes()


def _begin() -> None:
    """A bill that never changed is as it was when it came. Of others only today's revision is known: from now on."""
    bill = sa.table("bill", sa.column("id", sa.Text), sa.column("revision", sa.Integer),
                    sa.column("recorded_at", MOMENT))
    event = sa.table("event", sa.column("bill_id", sa.Text), sa.column("recorded_at", MOMENT))
    page = sa.table("page", sa.column("fetched_at", MOMENT), sa.column("kept_at", MOMENT),
                    sa.column("recorded_at", MOMENT))
    now = sa.literal(datetime.now(UTC), MOMENT)
    first = sa.select(sa.func.min(event.c.recorded_at)).where(event.c.bill_id == bill.c.id).scalar_subquery()
    op.execute(bill.update().values(recorded_at=sa.case((bill.c.revision == 1, sa.func.coalesce(first, now)),
                                                        else_=now)))
    op.execute(page.update().values(kept_at=page.c.fetched_at, recorded_at=page.c.fetched_at))


def _refuse_changes() -> None:
    for table in TABLES:
        if op.get_bind().dialect.name == "sqlite":
            for verb in ("UPDATE", "DELETE"):
                op.execute(f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                           "BEGIN SELECT RAISE(ABORT, 'the past is append-only'); END")
        else:
            op.execute(f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                       "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.drop_column("bill", "recorded_at")
    op.drop_column("page", "kept_at")
    op.drop_column("page", "recorded_at")
