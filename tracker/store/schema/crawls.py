"""Pages, crawls and outages."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Table, Text

from tracker.store.columns import BigKey, Moment, Words
from tracker.store.schema.base import metadata

page = Table(
    "page", metadata,
    Column("url", Words, primary_key=True),
    Column("source", Words),  # NULL: fetched, but no record rests on it yet
    Column("bill_id", Words),
    Column("lastmod", Words),
    Column("last_modified", Words),
    Column("sha256", Text, nullable=False),
    Column("fetched_at", Moment, nullable=False),
    Column("warc", Words),
    Column("offset", BigKey),
    Column("kept_at", Moment),  # when these bytes were first fetched; `fetched_at` is when they were last
    Column("recorded_at", Moment),  # when we first knew these bytes
    Index("ix_page_source", "source", "url"),
    Index("ix_page_bill_id", "bill_id"),
)

run = Table(
    "run", metadata,
    Column("id", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("verdict", Text),
    Column("reason", Words),
    Column("counts", Text, nullable=False),  # JSON
    Index("ix_run_started_at", "started_at", "id"),
    Index("ix_run_source_started_at", "source", "started_at", "id"),
)

job = Table(
    "job", metadata,
    Column("name", Text, primary_key=True),
    Column("last_run_at", Moment, nullable=False),
)

session = Table(
    "session", metadata,  # what sources say of the ends of their sessions
    Column("jurisdiction", Text, primary_key=True),
    Column("name", Words, primary_key=True),
    Column("ends_on", Date),
    Column("over", Boolean, nullable=False),
    Column("over_since", Moment),
    Column("told_at", Moment, nullable=False),
)

outage = Table(
    "outage", metadata,
    Column("source", Text, primary_key=True),
    Column("began_at", Moment, primary_key=True),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("verdict", Text),
    Column("reason", Words),
    Column("well_at", Moment),
    Column("noticed_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("told_at", Moment),
    Column("end_told_at", Moment),
    Index("ix_outage_noticed_at", "noticed_at"),
)

witness_report = Table(
    "witness_report", metadata,  # what an aggregator says otherwise; the newest few of each pair
    Column("jurisdiction", Text, primary_key=True),
    Column("witness", Text, primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("told_at", Moment),
    Column("data", Text, nullable=False),  # JSON: counts, and some of the disagreements
)
