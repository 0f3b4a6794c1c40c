"""What is overwritten in other tables is kept here first, and refuses changes as the log does."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, LargeBinary, Table, Text

from tracker.store.columns import BigKey, Moment, Words
from tracker.store.schema.base import metadata

past_bill = Table(
    "past_bill", metadata,  # revisions that were replaced; what was known at a moment lies between these two
    Column("bill_id", Words, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("jurisdiction", Words, nullable=False),
    Column("session", Words, nullable=False),
    Column("identifier", Words, nullable=False),
    Column("title", Words),
    Column("stage", Text, nullable=False),
    Column("topics", Text, nullable=False),
    Column("introduced_on", Date),
    Column("latest_action", Words),
    Column("latest_action_on", Date),
    Column("last_seq", BigKey, nullable=False),
    Column("recorded_at", Moment),
    Column("replaced_at", Moment, nullable=False),
    Column("data", LargeBinary, nullable=False),  # tracker.store.keeping
    Column("moved", BigKey, nullable=False, server_default="0"),
    Column("flags", Integer, nullable=False, server_default="0"),  # how many, withheld ones too
    Index("ix_past_bill_moved", "moved", "bill_id"),
    Index("ix_past_bill_replaced_at", "replaced_at", "recorded_at", "flags", "bill_id", "revision"),
    Index("ix_past_bill_jurisdiction", "jurisdiction", "session", "moved", "bill_id"),
)

past_topic = Table(
    "past_topic", metadata,
    Column("bill_id", Words, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("effect", Text, primary_key=True),
    Index("ix_past_topic_topic_effect", "topic", "effect", "bill_id", "revision"),
)

past_section = Table(
    "past_section", metadata,  # flag.section of the revisions in past_bill
    Column("section", Text, primary_key=True),
    Column("bill_id", Words, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Index("ix_past_section_bill_id", "bill_id", "revision"),
)

past_page = Table(
    "past_page", metadata,  # bytes that a bill's page no longer has
    Column("url", Words, primary_key=True),
    Column("recorded_at", Moment, primary_key=True),
    Column("replaced_at", Moment, nullable=False),
    Column("bill_id", Words, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("kept_at", Moment, nullable=False),
    Column("last_modified", Words),
    Column("warc", Words),
    Column("offset", BigKey),
    Index("ix_past_page_bill_id", "bill_id"),
)
