"""The tables of the search index: all derived from bills and texts, so that `billwatch reindex` can make them anew.

The words themselves are in `search_text`: FTS5 on SQLite, a `tsvector` with GIN on PostgreSQL (migration 0009).
"""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text

from tracker.store.columns import BigKey, Words
from tracker.store.schema import metadata

derived = MetaData(naming_convention=metadata.naming_convention)

search_bill = Table(
    "search_bill", derived,  # one small row a bill: what a query may ask besides words
    Column("no", BigKey, primary_key=True, autoincrement=False),  # its number in the index
    Column("bill_id", Words, nullable=False),
    Column("jurisdiction", Words, nullable=False),
    Column("session", Text, nullable=False),  # as in the bill's address
    Column("number", Text, nullable=False),  # likewise: "hr-1865"
    Column("stage", Text, nullable=False),
    Column("introduced_on", Date),
    Column("action_on", Date),
    Column("moved", BigKey, nullable=False),
    Column("facet", Integer, nullable=False),
    Column("source", Text, nullable=False),  # hash of what its words were made from
    Column("names", Text, nullable=False),  # hash of sponsors and committees
    Index("uq_search_bill_bill_id", "bill_id", unique=True),
    Index("ix_search_bill_moved", "moved", "no", "facet"),
    Index("ix_search_bill_jurisdiction", "jurisdiction", "moved", "no", "facet"),
    Index("ix_search_bill_session", "session", "moved", "no", "facet"),
    Index("ix_search_bill_stage", "stage", "moved", "no", "facet"),
    Index("ix_search_bill_introduced_on", "introduced_on", "no"),
    Index("ix_search_bill_action_on", "action_on", "no"),
    Index("ix_search_bill_number", "number", "no"),
)

search_facet = Table(
    "search_facet", derived,  # each combination once: counting is counting of these
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("jurisdiction", Words, nullable=False),
    Column("session", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("year", Integer),
    Column("flags", Text, nullable=False),  # "worker-rights/advances criminalization/reverses"
    Index("ix_search_facet_all", "jurisdiction", "session", "stage", "year", "flags"),
)

search_name = Table(
    "search_name", derived,  # each sponsor's and committee's name once
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("field", Text, nullable=False),
    Column("words", Text, nullable=False),  # folded, between blanks: " dana o hara "
    Index("uq_search_name_field", "field", "words", unique=True),
)

search_named = Table(
    "search_named", derived,
    Column("name", Integer, ForeignKey("search_name.id"), primary_key=True),
    Column("no", BigKey, primary_key=True, autoincrement=False),
    Index("ix_search_named_no", "no"),
)

# As migration 0009 makes it on SQLite. The words come folded; "ascii" parts them at blanks only.
FTS5 = "CREATE VIRTUAL TABLE search_text USING fts5(title, body, cites, content='', tokenize='ascii')"

search_words = Table(
    "search_words", derived,  # SQLite only: FTS5 without content forgets a row only if told all its words again
    Column("no", BigKey, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),  # zlib
)
