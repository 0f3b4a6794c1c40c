"""Comparisons of what a legislature says with what an aggregator says of it."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "witness_report",
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("told_at", MOMENT),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("jurisdiction", "witness", "at", name="pk_witness_report"),
    )


def downgrade() -> None:
    op.drop_table("witness_report")
