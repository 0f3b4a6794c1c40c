"""The desk, and keys to the API."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, Text

from tracker.store.columns import BigKey, Moment, Words
from tracker.store.schema.base import metadata

decision = Table(
    "decision", metadata,  # every one ever made; the last of a key is in force
    Column("seq", BigKey, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False),
    Column("bill_id", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("data", Text, nullable=False),  # JSON of the whole Decision
    Index("ix_decision_key", "key", "seq"),
    Index("ix_decision_bill_id", "bill_id", "seq"),
)

account = Table(
    "account", metadata,
    Column("name", Text, primary_key=True),
    Column("roles", Text, nullable=False),  # JSON list
    Column("created_at", Moment, nullable=False),
    Column("password", Text),  # argon2id; NULL: cannot log in
    Column("totp_sealed", LargeBinary),
    Column("totp_step", BigKey),
    Column("disabled_at", Moment),
)

desk_session = Table(
    "desk_session", metadata,
    Column("token", LargeBinary, primary_key=True),  # SHA-256 of the cookie's
    Column("account", Text, ForeignKey("account.name", ondelete="CASCADE"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Index("ix_desk_session_account", "account"),
)

audit = Table(
    "audit", metadata,  # who, what, when; never from where
    Column("seq", BigKey, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("account", Text),
    Column("action", Text, nullable=False),
    Column("subject", Words),
)

api_key = Table(
    "api_key", metadata,
    Column("name", Text, primary_key=True),  # the operator's word for its holder
    Column("digest", LargeBinary, nullable=False),  # SHA-256 of the key
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Index("uq_api_key_digest", "digest", unique=True),
)
