"""Action alerts, their outbox, offices of members; and a reader's word that no alerts are wanted.

Triggers hold, whoever writes: what was written, released and done stays; nobody releases what they wrote a revision of;
only a releaser releases, only what waits for it; only a released revision is public.
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KEPT = ("alert_revision", "alert_release", "alert_step")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# (name, table, verb, condition that refuses, words)
_RELEASER = ("NOT EXISTS (SELECT 1 FROM account WHERE account.name = NEW.account AND account.disabled_at IS NULL "
             "AND account.roles LIKE '%\"releaser\"%')")
_WROTE = ("EXISTS (SELECT 1 FROM alert_revision WHERE alert_revision.alert_id = NEW.alert_id "
          "AND alert_revision.account = NEW.account)")
_WAITS = ("NOT EXISTS (SELECT 1 FROM alert WHERE alert.id = NEW.alert_id AND alert.state = 'submitted' "
          "AND alert.revision = NEW.revision)")
_NEWEST = "NOT EXISTS (SELECT 1 FROM alert WHERE alert.id = NEW.alert_id AND alert.revision = NEW.revision)"
_UNRELEASED = ("NEW.public IS NOT NULL AND NOT EXISTS (SELECT 1 FROM alert_release "
               "WHERE alert_release.alert_id = NEW.id AND alert_release.revision = NEW.public)")
RULES = (
    ("alert_release_by_releaser", "alert_release", "INSERT", _RELEASER, "only a releaser releases"),
    ("alert_release_second_person", "alert_release", "INSERT", _WROTE, "who wrote an alert cannot release it"),
    ("alert_release_waiting", "alert_release", "INSERT", _WAITS, "only what is submitted is released"),
    ("alert_revision_newest", "alert_revision", "INSERT", _NEWEST, "only the newest revision is added"),
    ("alert_public_insert", "alert", "INSERT", _UNRELEASED, "only a released revision is public"),
    ("alert_public_update", "alert", "UPDATE", _UNRELEASED, "only a released revision is public"),
)


def upgrade() -> None:
    op.add_column("subscription", sa.Column("alerts", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_table(
        "alert",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("public", sa.Integer()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("first_released_at", MOMENT),
        sa.Column("released_at", MOMENT),
        sa.Column("ends_at", MOMENT),
        sa.Column("withdrawn_at", MOMENT),
        sa.Column("queued", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
    )
    op.create_index("ix_alert_released_at", "alert", ["released_at", "id"])
    for name in ("alert_revision", "alert_release"):
        op.create_table(
            name,
            sa.Column("alert_id", sa.Text(), sa.ForeignKey("alert.id", name=f"fk_{name}_alert_id_alert"),
                      nullable=False),
            sa.Column("revision", sa.Integer(), nullable=False, autoincrement=False),
            sa.Column("account", sa.Text(), nullable=False),
            sa.Column("at", MOMENT, nullable=False),
            *([sa.Column("data", sa.Text(), nullable=False)] if name == "alert_revision" else []),
            sa.PrimaryKeyConstraint("alert_id", "revision", name=f"pk_{name}"),
        )
    op.create_table(
        "alert_step",
        sa.Column("seq", SERIAL, nullable=False),
        sa.Column("alert_id", sa.Text(), sa.ForeignKey("alert.id", name="fk_alert_step_alert_id_alert"),
                  nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("account", sa.Text()),
        sa.Column("note", sa.Text()),
        sa.PrimaryKeyConstraint("seq", name="pk_alert_step"),
    )
    op.create_index("ix_alert_step_alert_id", "alert_step", ["alert_id", "seq"])
    op.create_table(
        "alert_delivery",
        sa.Column("subscription_id", sa.Text(), sa.ForeignKey(
            "subscription.id", ondelete="CASCADE", name="fk_alert_delivery_subscription_id_subscription"),
            nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), sa.ForeignKey("alert.id", name="fk_alert_delivery_alert_id_alert"),
                  nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", MOMENT),
        sa.Column("tried_at", MOMENT),
        sa.Column("sent_at", MOMENT),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("subscription_id", "id", name="pk_alert_delivery"),
    )
    waiting = sa.text("status = 'queued'")
    op.create_index("ix_alert_delivery_open", "alert_delivery", ["created_at", "id"], sqlite_where=waiting,
                    postgresql_where=waiting)
    op.create_index("ix_alert_delivery_alert_id", "alert_delivery", ["alert_id", "status"])
    op.create_index("ix_alert_delivery_id", "alert_delivery", ["id"])
    op.create_table(
        "member",
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("jurisdiction", "position", name="pk_member"),
    )
    _guard()


def _guard() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in KEPT:
            for verb in ("UPDATE", "DELETE"):
                op.execute(f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                           "BEGIN SELECT RAISE(ABORT, 'what was written, released and done stays'); END")
        for name, table, verb, refused, words in RULES:
            op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {refused} "
                       f"BEGIN SELECT RAISE(ABORT, '{words}'); END")
        return
    for table in KEPT:
        op.execute(f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                   "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()")
    for name, table, verb, refused, words in RULES:
        # Whoever adds a revision and whoever releases wait for each other at the alert's row.
        lock = "" if table == "alert" else "PERFORM 1 FROM alert WHERE alert.id = NEW.alert_id FOR UPDATE; "
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {lock}"
                   f"IF {refused} THEN RAISE EXCEPTION '{words}'; END IF; RETURN NEW; END $$")
        op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    for table in ("member", "alert_delivery", "alert_step", "alert_release", "alert_revision", "alert"):
        op.drop_table(table)  # and its triggers
    if op.get_bind().dialect.name != "sqlite":
        for name, *_ in RULES:
            op.execute(f"DROP FUNCTION {name}()")
    with op.batch_alter_table("subscription") as table:
        table.drop_column("alerts")
