"""Webhooks, and how far a WebSub hub was told."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("filter", sa.Text(), nullable=False),
        sa.Column("cursor", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failing_since", MOMENT),
        sa.Column("next_attempt_at", MOMENT),
        sa.Column("last_sent_at", MOMENT),
        sa.Column("last_answer", sa.Text()),
        sa.Column("disabled", sa.Text()),
        sa.Column("told_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_webhook"),
    )
    op.create_table(
        "hub_ping",
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("cursor", BIG, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", MOMENT),
        sa.PrimaryKeyConstraint("hub", name="pk_hub_ping"),
    )


def downgrade() -> None:
    op.drop_table("hub_ping")
    op.drop_table("webhook")
