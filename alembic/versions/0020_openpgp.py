"""Readers' OpenPGP keys, sealed."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscription", sa.Column("openpgp_sealed", sa.LargeBinary()))
    op.add_column("subscription", sa.Column("openpgp_told_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    with op.batch_alter_table("subscription") as table:
        table.drop_column("openpgp_told_at")
        table.drop_column("openpgp_sealed")
