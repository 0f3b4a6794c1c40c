"""Readers: what they ask for, what is on its way to them, and whom we leave alone."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    false,
    true,
)

from tracker.store.columns import BigKey, Moment, Words
from tracker.store.schema.base import OPEN, metadata, partial

subscription = Table(
    "subscription", metadata,
    Column("id", Text, primary_key=True),
    Column("address_sealed", LargeBinary, nullable=False),
    Column("address_index", LargeBinary, nullable=False),
    Column("filter", Text, nullable=False),  # sealed as the address is, in base64 (tracker.store.rows)
    Column("cadence", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("hour", SmallInteger, nullable=False),
    Column("weekday", SmallInteger, nullable=False),
    Column("cursor", BigKey, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("confirmed_at", Moment),
    Column("confirm_token", LargeBinary),
    Column("manage_token", LargeBinary),
    Column("next_due_at", Moment),
    Column("language", Text, nullable=False, server_default="en"),
    Column("heartbeat", Boolean, nullable=False, server_default=false()),
    Column("telling_subject", Boolean, nullable=False, server_default=false()),
    Column("alerts", Boolean, nullable=False, server_default=true()),
    Column("openpgp_sealed", LargeBinary),
    Column("openpgp_told_at", Moment),
    CheckConstraint("hour BETWEEN 0 AND 23", name="hour"),
    CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
    Index("ix_subscription_address_index", "address_index"),
    Index("ix_subscription_confirm_token", "confirm_token"),
    Index("ix_subscription_manage_token", "manage_token"),
    Index("ix_subscription_due", "cadence", "next_due_at"),
    Index("ix_subscription_cursor", "cadence", "cursor"),
)

delivery = Table(
    "delivery", metadata,
    Column("subscription_id", Text, ForeignKey("subscription.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("from_seq", BigKey, nullable=False),
    Column("to_seq", BigKey, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Moment),
    Column("sent_at", Moment),
    Column("error", Words),
    partial("uq_delivery_open", "subscription_id", where=OPEN, unique=True),
    partial("ix_delivery_open", "created_at", "id", where=OPEN),
    Index("ix_delivery_created_at", "created_at", "id"),
    Index("ix_delivery_id", "id"),
)

bounce = Table(
    "bounce", metadata,  # each message that came back, once
    Column("subscription_id", Text, ForeignKey("subscription.id", ondelete="CASCADE"), primary_key=True),
    Column("delivery_id", Text, primary_key=True),  # empty: a question to confirm
    Column("kind", Text, primary_key=True),
    Column("code", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_bounce_at", "at"),
)

suppression = Table(
    "suppression", metadata,  # while the row is there, nothing is sent to the address
    Column("address_index", LargeBinary, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("until", Moment),
)

mail_domain = Table(
    "mail_domain", metadata,
    Column("domain_index", LargeBinary, primary_key=True),  # keyed hash: a small domain names its owner
    Column("next_at", Moment, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("paused_until", Moment),
)

standing = Table(
    "standing", metadata,
    Column("subscription_id", Text, ForeignKey("subscription.id", ondelete="CASCADE"), primary_key=True),
    Column("since_seq", BigKey, nullable=False),  # from here on the wishes of today decided what was told
    Column("ends_at", Moment),  # the yearly question was put: without an answer it ends then
    Index("ix_standing_ends_at", "ends_at"),
)

newcomer = Table(
    "newcomer", metadata,  # whose wishes are new since the last round: alerts that are open may be for them
    Column("subscription_id", Text, ForeignKey("subscription.id", ondelete="CASCADE"), primary_key=True),
    Column("mark", Text, nullable=False),  # random, another one at each change
)

saved_search = Table(
    "saved_search", metadata,  # a private feed and calendar; of whom, nobody knows
    Column("id", Text, primary_key=True),
    Column("token", LargeBinary, nullable=False),  # SHA-256 of the one in its address
    Column("filter", Text, nullable=False),  # sealed as a subscription's is
    Column("created_on", Date, nullable=False),
    Index("uq_saved_search_token", "token", unique=True),
)

webhook = Table(
    "webhook", metadata,  # an operator's or a partner's program that gets events pushed
    Column("id", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),  # JSON of its address and its secret
    Column("filter", Text, nullable=False),  # sealed as a subscription's is
    Column("cursor", BigKey, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("sent", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failing_since", Moment),
    Column("next_attempt_at", Moment),
    Column("last_sent_at", Moment),
    Column("last_answer", Words),
    Column("disabled", Words),
    Column("told_at", Moment),
    Column("alerts", Text),  # JSON: what it was told of each alert; NULL: it gets none
)

hub_ping = Table(
    "hub_ping", metadata,  # how far the WebSub hub was told of news
    Column("hub", Words, primary_key=True),
    Column("cursor", BigKey, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Moment),
)
