"""Whose wishes are new, for alerts that are open."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "newcomer",
        sa.Column("subscription_id", sa.Text(), sa.ForeignKey("subscription.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("mark", sa.Text(), nullable=False))


def downgrade() -> None:
    op.drop_table("newcomer")
