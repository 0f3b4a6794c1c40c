"""Saved searches as private feeds, and an index of what happened to hearings."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

HEARINGS = sa.text("kind IN ('hearing-cancelled', 'hearing-changed', 'hearing-scheduled')")


def upgrade() -> None:
    op.create_table(
        "saved_search",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("filter", sa.Text(), nullable=False),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_search"),
    )
    op.create_index("uq_saved_search_token", "saved_search", ["token"], unique=True)
    op.create_index("ix_event_hearing", "event", ["seq"], sqlite_where=HEARINGS, postgresql_where=HEARINGS)


def downgrade() -> None:
    op.drop_index("ix_event_hearing", "event")
    op.drop_table("saved_search")
