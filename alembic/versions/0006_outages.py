"""Outages of sources: since when we could not read them, until when, and what the operator was told."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "outage",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("well_at", MOMENT),
        sa.Column("noticed_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("told_at", MOMENT),
        sa.Column("end_told_at", MOMENT),
        sa.PrimaryKeyConstraint("source", "began_at", name="pk_outage"),
    )
    op.create_index("ix_outage_noticed_at", "outage", ["noticed_at"])


def downgrade() -> None:
    op.drop_table("outage")
