"""What comes back from the world of mail: bounces, suppressed addresses, paces of domains, standings."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bounce",
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("subscription_id", "delivery_id", "kind", name="pk_bounce"),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscription.id"], ondelete="CASCADE",
                                name="fk_bounce_subscription_id_subscription"),
    )
    op.create_index("ix_bounce_at", "bounce", ["at"])
    op.create_table(
        "suppression",
        sa.Column("address_index", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("until", MOMENT),
        sa.PrimaryKeyConstraint("address_index", name="pk_suppression"),
    )
    op.create_table(
        "mail_domain",
        sa.Column("domain_index", sa.LargeBinary(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("paused_until", MOMENT),
        sa.PrimaryKeyConstraint("domain_index", name="pk_mail_domain"),
    )
    op.create_table(
        "standing",
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("since_seq", BIG, nullable=False),
        sa.Column("ends_at", MOMENT),
        sa.PrimaryKeyConstraint("subscription_id", name="pk_standing"),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscription.id"], ondelete="CASCADE",
                                name="fk_standing_subscription_id_subscription"),
    )
    op.create_index("ix_standing_ends_at", "standing", ["ends_at"])
    # What older wishes were told is not known: the ledger is held against the log from here on.
    op.execute('INSERT INTO standing (subscription_id, since_seq) SELECT id, "cursor" FROM subscription')
    op.create_index("ix_delivery_id", "delivery", ["id"])


def downgrade() -> None:
    op.drop_index("ix_delivery_id", "delivery")
    for table in ("standing", "mail_domain", "suppression", "bounce"):
        op.drop_table(table)
