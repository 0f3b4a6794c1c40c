"""Bills, their texts and flags."""

from __future__ import annotations

from sqlalchemy import Column, Date, Float, ForeignKey, ForeignKeyConstraint, Index, Integer, LargeBinary, Table, Text

from tracker.store.columns import BigKey, Moment, Words
from tracker.store.schema.base import FLAGGED, MISSING, UNDECIDED, metadata, partial

bill = Table(
    "bill", metadata,
    Column("id", Words, primary_key=True),  # "us/119/hr-1865"
    Column("jurisdiction", Words, nullable=False),
    Column("session", Words, nullable=False),
    Column("identifier", Words, nullable=False),
    Column("title", Words),
    Column("stage", Text, nullable=False),
    Column("topics", Text, nullable=False),  # JSON list, of the newest version with text
    Column("introduced_on", Date),
    Column("latest_action", Words),
    Column("latest_action_on", Date),
    Column("record", LargeBinary, nullable=False),  # tracker.wire of the whole Bill
    Column("content_hash", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("last_seq", BigKey, nullable=False),  # its newest event; 0: none
    Column("recorded_at", Moment),  # when this revision was written
    Column("moved", BigKey, nullable=False, server_default="0"),  # tracker.store.movement: the order of lists
    Index("ix_bill_moved", "moved", "id"),
    Index("ix_bill_jurisdiction_moved", "jurisdiction", "moved", "id"),
    Index("ix_bill_session_moved", "jurisdiction", "session", "moved", "id"),
    Index("ix_bill_recorded_at", "recorded_at", "id"),
    partial("ix_bill_flagged", "moved", "id", where=FLAGGED),
    partial("ix_bill_flagged_session", "jurisdiction", "session", "moved", "id", where=FLAGGED),
)

bill_topic = Table(
    "bill_topic", metadata,  # what a bill would do as it stands: flags of its newest version with text
    Column("bill_id", Words, ForeignKey("bill.id", ondelete="CASCADE"), primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("effect", Text, primary_key=True),
    Index("ix_bill_topic_topic_effect", "topic", "effect", "bill_id"),
)

body = Table(
    "body", metadata,  # each distinct text once; kept when a version is published anew
    Column("digest", Text, primary_key=True),  # of the uncompressed data
    Column("data", LargeBinary, nullable=False),  # zlib of tracker.wire of MarkedText
)

version = Table(
    "version", metadata,
    Column("bill_id", Words, ForeignKey("bill.id", ondelete="CASCADE"), primary_key=True),
    Column("code", Words, primary_key=True),
    Column("jurisdiction", Words, nullable=False),
    Column("position", Integer),  # in bill.versions; NULL: no longer listed by the legislature
    Column("links", Text, nullable=False),  # JSON
    Column("status", Text, nullable=False),
    Column("url", Words),
    Column("sha256", Text),
    Column("error", Words),
    Column("body", Text, ForeignKey("body.digest")),
    Column("first_seen_at", Moment, nullable=False),
    Column("tagged_by", Text),  # tracker.tagger.stamp of the tagger that its flags, or its silence, come from
    partial("ix_version_missing", "jurisdiction", "bill_id", "code", where=MISSING),
    Index("ix_version_body", "body"),
)

flag = Table(
    "flag", metadata,
    Column("bill_id", Words, primary_key=True),
    Column("version", Words, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("effect", Text, nullable=False),
    Column("data", Text, nullable=False),  # JSON of the whole Flag: a quote must stay verbatim, NUL and all
    Column("key", Text, nullable=False, server_default=""),  # tracker.desk.review.key_of_flag
    Column("verdict", Text),  # of its review; NULL: nobody decided. "reject": shown nowhere but at the desk
    Column("doubt", Float, nullable=False, server_default="0"),  # tracker.desk.review.doubt
    Column("section", Text),  # tracker.kinship.section_key
    ForeignKeyConstraint(["bill_id", "version"], ["version.bill_id", "version.code"], ondelete="CASCADE"),
    Index("ix_flag_topic_effect", "topic", "effect", "bill_id"),
    Index("ix_flag_key", "key"),
    Index("ix_flag_section", "section", "bill_id"),
    partial("ix_flag_undecided", "bill_id", "version", where=UNDECIDED),
)

related_bill = Table(
    "related_bill", metadata,  # which bill's record names which other bill, held or not, and when it did
    Column("other", Words, primary_key=True),  # the bill that is named
    Column("bill_id", Words, ForeignKey("bill.id", ondelete="CASCADE"), primary_key=True),
    Column("since", Moment, primary_key=True),  # bill.recorded_at of the first revision that says so
    Column("until", Moment),  # and of the first that does not; NULL: it does today
    Column("relations", Text, nullable=False),  # JSON list, in the source's words
    Index("ix_related_bill_bill_id", "bill_id", "until"),
)
