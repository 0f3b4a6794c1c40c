"""By which rules each text was tagged, flags or no flags; NULL: before anybody noted it."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("version", sa.Column("tagged_by", sa.Text()))


def downgrade() -> None:
    op.drop_column("version", "tagged_by")
