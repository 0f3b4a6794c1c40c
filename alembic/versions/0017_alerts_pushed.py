"""What each webhook was told of action alerts."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("webhook", sa.Column("alerts", sa.Text()))


def downgrade() -> None:
    op.drop_column("webhook", "alerts")
