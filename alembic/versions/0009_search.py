"""The search index: derived tables, filled by what comes in from now on and by `billwatch reindex`."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "search_bill",
        sa.Column("no", BIG, autoincrement=False, nullable=False),
        sa.Column("bill_id", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("introduced_on", sa.Date()),
        sa.Column("action_on", sa.Date()),
        sa.Column("last_seq", BIG, nullable=False),
        sa.Column("facet", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("no", name="pk_search_bill"),
    )
    op.create_index("uq_search_bill_bill_id", "search_bill", ["bill_id"], unique=True)
    op.create_index("ix_search_bill_last_seq", "search_bill", ["last_seq", "no", "facet"])
    for column in ("jurisdiction", "session", "stage"):
        op.create_index(f"ix_search_bill_{column}", "search_bill", [column, "last_seq", "no", "facet"])
    for column in ("introduced_on", "action_on", "number"):
        op.create_index(f"ix_search_bill_{column}", "search_bill", [column, "no"])
    op.create_table(
        "search_facet",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer()),
        sa.Column("flags", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_facet"),
    )
    op.create_index("ix_search_facet_all", "search_facet", ["jurisdiction", "session", "stage", "year", "flags"])
    op.create_table(
        "search_name",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_name"),
    )
    op.create_index("uq_search_name_field", "search_name", ["field", "words"], unique=True)
    op.create_table(
        "search_named",
        sa.Column("name", sa.Integer(), nullable=False),
        sa.Column("no", BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("name", "no", name="pk_search_named"),
        sa.ForeignKeyConstraint(["name"], ["search_name.id"], name="fk_search_named_name_search_name"),
    )
    op.create_index("ix_search_named_no", "search_named", ["no"])
    op.create_table(
        "search_words",
        sa.Column("no", BIG, autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("no", name="pk_search_words"),
    )
    if op.get_bind().dialect.name == "sqlite":
        # The words come folded; "ascii" parts them at blanks and takes every other sign for a letter.
        op.execute("CREATE VIRTUAL TABLE search_text USING fts5(title, body, cites, content='', tokenize='ascii')")
    else:
        op.execute("CREATE TABLE search_text (no BIGINT NOT NULL, part INTEGER NOT NULL, words TSVECTOR NOT NULL, "
                   "CONSTRAINT pk_search_text PRIMARY KEY (no, part))")
        op.execute("CREATE INDEX ix_search_text_words ON search_text USING gin (words) WITH (fastupdate = off)")


def downgrade() -> None:
    for table in ("search_text", "search_words", "search_named", "search_name", "search_facet", "search_bill"):
        op.execute(f"DROP TABLE {table}")
