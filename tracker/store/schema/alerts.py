"""Action alerts. Who may release is held by triggers of the migration, too: never anybody who wrote a revision."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from tracker.store.columns import BigKey, Moment, Words
from tracker.store.schema.base import OPEN, metadata, partial

# Who may release is held by triggers of the migration, too: never anybody who wrote a revision.

alert = Table(
    "alert", metadata,
    Column("id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),  # the newest
    Column("public", Integer),  # the one that was released last
    Column("created_at", Moment, nullable=False),
    Column("first_released_at", Moment),
    Column("released_at", Moment),
    Column("ends_at", Moment),  # of the public revision
    Column("withdrawn_at", Moment),
    Column("queued", Integer, nullable=False, server_default="0"),
    Index("ix_alert_released_at", "released_at", "id"),
)

alert_revision = Table(
    "alert_revision", metadata,
    Column("alert_id", Text, ForeignKey("alert.id"), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("account", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("data", Text, nullable=False),  # JSON of the whole AlertText
)

alert_release = Table(
    "alert_release", metadata,
    Column("alert_id", Text, ForeignKey("alert.id"), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("account", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

alert_step = Table(
    "alert_step", metadata,
    Column("seq", BigKey, primary_key=True),
    Column("alert_id", Text, ForeignKey("alert.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("step", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("account", Text),
    Column("note", Words),
    Index("ix_alert_step_alert_id", "alert_id", "seq"),
)

alert_delivery = Table(
    "alert_delivery", metadata,
    Column("subscription_id", Text, ForeignKey("subscription.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("alert_id", Text, ForeignKey("alert.id"), nullable=False),
    Column("notice", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("status", Text, nullable=False),  # of DeliveryStatus, or "dropped": its window had passed
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Moment),
    Column("tried_at", Moment),  # handed to the mail server, and its answer not noted yet
    Column("sent_at", Moment),
    Column("error", Words),
    partial("ix_alert_delivery_open", "created_at", "id", where=OPEN),
    Index("ix_alert_delivery_alert_id", "alert_id", "status"),
    Index("ix_alert_delivery_id", "id"),
)

member = Table(
    "member", metadata,
    Column("jurisdiction", Words, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("id", Words, nullable=False),
    Column("data", Text, nullable=False),  # JSON of an Addressee
)
