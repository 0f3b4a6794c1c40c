"""Who is due, and who has not seen the newest event, by index."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_subscription_due", "subscription", ["cadence", "next_due_at"])
    op.create_index("ix_subscription_cursor", "subscription", ["cadence", "cursor"])


def downgrade() -> None:
    op.drop_index("ix_subscription_cursor", table_name="subscription")
    op.drop_index("ix_subscription_due", table_name="subscription")
