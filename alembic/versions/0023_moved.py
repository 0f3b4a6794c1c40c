"""Lists in the order of the day of the last step, instead of the order of the log."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FLAGGED = sa.text("topics <> '[]'")
# tracker.store.movement as it was when this was written, in both databases' words.
DAY = 10**10
SQLITE = "CAST(replace(min({step}, coalesce({noticed}, {step})), '-', '') AS INTEGER)"
POSTGRESQL = "CAST(to_char(CASE WHEN {noticed} < {step} THEN {noticed} ELSE {step} END, 'YYYYMMDD') AS BIGINT)"
INDEXES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], sa.TextClause | None], ...] = (
    # table, name by the log, name by the day, columns before and after
    ("bill", "ix_bill_last_seq", "ix_bill_moved", (), ("id",), None),
    ("bill", "ix_bill_jurisdiction_last_seq", "ix_bill_jurisdiction_moved", ("jurisdiction",), ("id",), None),
    ("bill", "ix_bill_session_last_seq", "ix_bill_session_moved", ("jurisdiction", "session"), ("id",), None),
    ("bill", "ix_bill_flagged", "ix_bill_flagged", (), ("id",), FLAGGED),
    ("bill", "ix_bill_flagged_session", "ix_bill_flagged_session", ("jurisdiction", "session"), ("id",), FLAGGED),
    ("past_bill", "ix_past_bill_last_seq", "ix_past_bill_moved", (), ("bill_id",), None),
    ("past_bill", "ix_past_bill_jurisdiction", "ix_past_bill_jurisdiction", ("jurisdiction", "session"), ("bill_id",),
     None),
    ("search_bill", "ix_search_bill_last_seq", "ix_search_bill_moved", (), ("no", "facet"), None),
    *(("search_bill", f"ix_search_bill_{column}", f"ix_search_bill_{column}", (column,), ("no", "facet"), None)
      for column in ("jurisdiction", "session", "stage")),
)


def upgrade() -> None:
    for table, old, _, _, _, _ in INDEXES:
        op.drop_index(old, table)
    for table in ("bill", "past_bill"):
        op.add_column(table, sa.Column("moved", BIG, nullable=False, server_default="0"))
        _fill(table)
    op.alter_column("search_bill", "last_seq", new_column_name="moved")
    op.execute("UPDATE search_bill SET moved = (SELECT bill.moved FROM bill WHERE bill.id = search_bill.bill_id)")
    for table, _, new, before, after, where in INDEXES:
        _index(new, table, (*before, "moved", *after), where)


def downgrade() -> None:
    for table, _, new, _, _, _ in INDEXES:
        op.drop_index(new, table)
    op.alter_column("search_bill", "moved", new_column_name="last_seq")
    op.execute("UPDATE search_bill SET last_seq = (SELECT bill.last_seq FROM bill WHERE bill.id = search_bill.bill_id)")
    for table in ("bill", "past_bill"):
        op.drop_column(table, "moved")
    for table, old, _, before, after, where in INDEXES:
        _index(old, table, (*before, "last_seq", *after), where)


def _index(name: str, table: str, columns: tuple[str, ...], where: sa.TextClause | None) -> None:
    op.create_index(name, table, list(columns), sqlite_where=where, postgresql_where=where)


def _fill(table: str) -> None:
    """The past refuses changes, so the refusal is taken away while its rows learn their place, and put back."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    event = (f"coalesce((SELECT event.recorded_at FROM event WHERE event.seq = {table}.last_seq), "  # noqa: S608
             f"{table}.recorded_at)")
    number = (SQLITE if sqlite else POSTGRESQL).format(
        step=f"coalesce({table}.latest_action_on, {table}.introduced_on)",
        noticed=f"substr({event}, 1, 10)" if sqlite else f"({event} AT TIME ZONE 'UTC')::date")
    if table == "past_bill":
        op.execute(f"DROP TRIGGER {table}_no_update" if sqlite else f"DROP TRIGGER {table}_append_only ON {table}")
    op.execute(f"UPDATE {table} SET moved = coalesce({number}, 1) * {DAY} + last_seq")  # noqa: S608
    if table == "past_bill":
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
                   "BEGIN SELECT RAISE(ABORT, 'the past is append-only'); END" if sqlite else
                   f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                   "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()")
