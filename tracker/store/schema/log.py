"""The log. Append-only by triggers, which the migrations set; `seq` comes from no sequence (see writer.py)."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Table, Text

from tracker.store.columns import BigKey, Moment, Words
from tracker.store.schema.base import FLAGGED, HEARINGS, LIVE, metadata, partial

event = Table(
    "event", metadata,
    Column("seq", BigKey, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("bill_id", Words, nullable=False),
    Column("jurisdiction", Words, nullable=False),
    Column("occurred_on", Date),
    Column("recorded_at", Moment, nullable=False),
    Column("mode", Text, nullable=False),
    Column("topics", Text, nullable=False),  # JSON list
    Column("data", Text, nullable=False),  # JSON
    Index("uq_event_key", "key", unique=True),
    Index("ix_event_bill_id", "bill_id", "seq"),
    Index("ix_event_jurisdiction", "jurisdiction", "seq"),
    partial("ix_event_live", "seq", where=LIVE),
    partial("ix_event_flagged", "seq", where=FLAGGED),
    partial("ix_event_hearing", "seq", where=HEARINGS),
    partial("ix_event_flagged_jurisdiction", "jurisdiction", "seq", where=FLAGGED),
)

event_topic = Table(
    "event_topic", metadata,
    Column("topic", Text, primary_key=True),
    Column("seq", BigKey, ForeignKey("event.seq"), primary_key=True, autoincrement=False),
    Column("jurisdiction", Words, nullable=False),
    Index("ix_event_topic_jurisdiction", "topic", "jurisdiction", "seq"),
    Index("ix_event_topic_seq", "seq"),
)
