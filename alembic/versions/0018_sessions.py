"""What sources say of the ends of their sessions."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "session",
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Date()),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("over_since", MOMENT),
        sa.Column("told_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("jurisdiction", "name", name="pk_session"),
    )


def downgrade() -> None:
    op.drop_table("session")
