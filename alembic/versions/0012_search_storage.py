"""Words of the search index unpacked on PostgreSQL: a phrase looks into each bill that has its words."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE search_text ALTER COLUMN words SET STORAGE EXTERNAL")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE search_text ALTER COLUMN words SET STORAGE EXTENDED")
