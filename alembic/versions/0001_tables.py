"""All tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
FLAGGED = sa.text("topics <> '[]'")
LIVE = sa.text("mode = 'live'")
OPEN = sa.text("status = 'queued'")
MISSING = sa.text("status <> 'available'")


def upgrade() -> None:
    _bills()
    _log()
    _provenance()
    _readers()


def _index(name: str, table: str, *columns: str, where: sa.TextClause | None = None, unique: bool = False) -> None:
    op.create_index(name, table, list(columns), unique=unique, sqlite_where=where, postgresql_where=where)


def _bills() -> None:
    op.create_table(
        "bill",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("title", sa.Text()),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("introduced_on", sa.Date()),
        sa.Column("latest_action", sa.Text()),
        sa.Column("latest_action_on", sa.Date()),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("last_seq", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bill"),
    )
    _index("ix_bill_last_seq", "bill", "last_seq", "id")
    _index("ix_bill_jurisdiction_last_seq", "bill", "jurisdiction", "last_seq", "id")
    _index("ix_bill_session_last_seq", "bill", "jurisdiction", "session", "last_seq", "id")
    _index("ix_bill_flagged", "bill", "last_seq", "id", where=FLAGGED)
    _index("ix_bill_flagged_session", "bill", "jurisdiction", "session", "last_seq", "id", where=FLAGGED)
    op.create_table(
        "bill_topic",
        sa.Column("bill_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("bill_id", "topic", "effect", name="pk_bill_topic"),
        sa.ForeignKeyConstraint(["bill_id"], ["bill.id"], name="fk_bill_topic_bill_id_bill", ondelete="CASCADE"),
    )
    _index("ix_bill_topic_topic_effect", "bill_topic", "topic", "effect", "bill_id")
    op.create_table(
        "body",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_body"),
    )
    op.create_table(
        "version",
        sa.Column("bill_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer()),
        sa.Column("links", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("sha256", sa.Text()),
        sa.Column("error", sa.Text()),
        sa.Column("body", sa.Text()),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("bill_id", "code", name="pk_version"),
        sa.ForeignKeyConstraint(["bill_id"], ["bill.id"], name="fk_version_bill_id_bill", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["body"], ["body.digest"], name="fk_version_body_body"),
    )
    _index("ix_version_missing", "version", "jurisdiction", "bill_id", "code", where=MISSING)
    _index("ix_version_body", "version", "body")
    op.create_table(
        "flag",
        sa.Column("bill_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("bill_id", "version", "position", name="pk_flag"),
        sa.ForeignKeyConstraint(["bill_id", "version"], ["version.bill_id", "version.code"],
                                name="fk_flag_bill_id_version_version", ondelete="CASCADE"),
    )
    _index("ix_flag_topic_effect", "flag", "topic", "effect", "bill_id")


def _log() -> None:
    op.create_table(
        "event",
        sa.Column("seq", BIG, autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("bill_id", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("occurred_on", sa.Date()),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_event"),
    )
    _index("uq_event_key", "event", "key", unique=True)
    _index("ix_event_bill_id", "event", "bill_id", "seq")
    _index("ix_event_jurisdiction", "event", "jurisdiction", "seq")
    _index("ix_event_live", "event", "seq", where=LIVE)
    _index("ix_event_flagged", "event", "seq", where=FLAGGED)
    _index("ix_event_flagged_jurisdiction", "event", "jurisdiction", "seq", where=FLAGGED)
    op.create_table(
        "event_topic",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("seq", BIG, autoincrement=False, nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "seq", name="pk_event_topic"),
        sa.ForeignKeyConstraint(["seq"], ["event.seq"], name="fk_event_topic_seq_event"),
    )
    _index("ix_event_topic_jurisdiction", "event_topic", "topic", "jurisdiction", "seq")
    _index("ix_event_topic_seq", "event_topic", "seq")


def _provenance() -> None:
    op.create_table(
        "page",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("source", sa.Text()),
        sa.Column("bill_id", sa.Text()),
        sa.Column("lastmod", sa.Text()),
        sa.Column("last_modified", sa.Text()),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("fetched_at", MOMENT, nullable=False),
        sa.Column("warc", sa.Text()),
        sa.Column("offset", BIG),
        sa.PrimaryKeyConstraint("url", name="pk_page"),
    )
    _index("ix_page_source", "page", "source", "url")
    _index("ix_page_bill_id", "page", "bill_id")
    op.create_table(
        "run",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("verdict", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )
    _index("ix_run_started_at", "run", "started_at", "id")
    _index("ix_run_source_started_at", "run", "source", "started_at", "id")
    op.create_table(
        "job",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("last_run_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_job"),
    )


def _readers() -> None:
    op.create_table(
        "subscription",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("address_index", sa.LargeBinary(), nullable=False),
        sa.Column("filter", sa.Text(), nullable=False),
        sa.Column("cadence", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("hour", sa.SmallInteger(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("cursor", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT),
        sa.Column("confirm_token", sa.LargeBinary()),
        sa.Column("manage_token", sa.LargeBinary()),
        sa.Column("next_due_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_subscription"),
        sa.CheckConstraint("hour BETWEEN 0 AND 23", name=op.f("ck_subscription_hour")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_subscription_weekday")),
    )
    _index("ix_subscription_address_index", "subscription", "address_index")
    _index("ix_subscription_confirm_token", "subscription", "confirm_token")
    _index("ix_subscription_manage_token", "subscription", "manage_token")
    op.create_table(
        "delivery",
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("from_seq", BIG, nullable=False),
        sa.Column("to_seq", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", MOMENT),
        sa.Column("sent_at", MOMENT),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("subscription_id", "id", name="pk_delivery"),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscription.id"],
                                name="fk_delivery_subscription_id_subscription", ondelete="CASCADE"),
    )
    _index("uq_delivery_open", "delivery", "subscription_id", where=OPEN, unique=True)
    _index("ix_delivery_open", "delivery", "created_at", "id", where=OPEN)
    _index("ix_delivery_created_at", "delivery", "created_at", "id")


def downgrade() -> None:
    """Back to an empty database: there is no older shape that could hold any of this."""
    for table in ("delivery", "subscription", "job", "run", "page", "event_topic", "event", "flag", "version", "body",
                  "bill_topic", "bill"):
        op.drop_table(table)
