"""A subscription's language, and two wishes: a message when nothing happened, a subject that names topics."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscription", sa.Column("language", sa.Text(), nullable=False, server_default="en"))
    for name in ("heartbeat", "telling_subject"):
        op.add_column("subscription", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("subscription") as table:
        for name in ("telling_subject", "heartbeat", "language"):
            table.drop_column(name)
