"""Keys to the API: names and hashes."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.PrimaryKeyConstraint("name", name="pk_api_key"),
    )
    op.create_index("uq_api_key_digest", "api_key", ["digest"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_api_key_digest", table_name="api_key")
    op.drop_table("api_key")
