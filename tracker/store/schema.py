"""The tables: what is kept, what may exist only once, and an index for every question that is asked often.

The log (`event`) is append-only by triggers, which the migrations set; `seq` comes from no sequence (see writer.py).
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    false,
    text,
    true,
)

from tracker.store.columns import BigKey, Moment, Words

metadata = MetaData(naming_convention={
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
})

# Conditions of partial indexes. Queries must use these very words, never bound values: a planner takes a partial index
# only if it can see that the condition holds.
FLAGGED = text("topics <> '[]'")
LIVE = text("mode = 'live'")
HEARINGS = text("kind IN ('hearing-cancelled', 'hearing-changed', 'hearing-scheduled')")
OPEN = text("status = 'queued'")
MISSING = text("status <> 'available'")
UNDECIDED = text("verdict IS NULL")
SHOWN = text("(verdict IS NULL OR verdict <> 'reject')")


def _partial(name: str, *columns: str, where: object, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


# --- bills and their texts --------------------------------------------------------------------------------------------

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
    Index("ix_bill_last_seq", "last_seq", "id"),
    Index("ix_bill_jurisdiction_last_seq", "jurisdiction", "last_seq", "id"),
    Index("ix_bill_session_last_seq", "jurisdiction", "session", "last_seq", "id"),
    _partial("ix_bill_flagged", "last_seq", "id", where=FLAGGED),
    _partial("ix_bill_flagged_session", "jurisdiction", "session", "last_seq", "id", where=FLAGGED),
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
    _partial("ix_version_missing", "jurisdiction", "bill_id", "code", where=MISSING),
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
    Column("key", Text, nullable=False, server_default=""),  # tracker.review.key_of_flag
    Column("verdict", Text),  # of its review; NULL: nobody decided. "reject": shown nowhere but at the desk
    Column("doubt", Float, nullable=False, server_default="0"),  # tracker.review.doubt
    ForeignKeyConstraint(["bill_id", "version"], ["version.bill_id", "version.code"], ondelete="CASCADE"),
    Index("ix_flag_topic_effect", "topic", "effect", "bill_id"),
    Index("ix_flag_key", "key"),
    _partial("ix_flag_undecided", "bill_id", "version", where=UNDECIDED),
)

# --- the log ----------------------------------------------------------------------------------------------------------

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
    _partial("ix_event_live", "seq", where=LIVE),
    _partial("ix_event_flagged", "seq", where=FLAGGED),
    _partial("ix_event_hearing", "seq", where=HEARINGS),
    _partial("ix_event_flagged_jurisdiction", "jurisdiction", "seq", where=FLAGGED),
)

event_topic = Table(
    "event_topic", metadata,
    Column("topic", Text, primary_key=True),
    Column("seq", BigKey, ForeignKey("event.seq"), primary_key=True, autoincrement=False),
    Column("jurisdiction", Words, nullable=False),
    Index("ix_event_topic_jurisdiction", "topic", "jurisdiction", "seq"),
    Index("ix_event_topic_seq", "seq"),
)

# --- provenance and runs ----------------------------------------------------------------------------------------------

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

# --- the past: what is overwritten above is kept here first, and refuses changes as the log does ----------------------

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
    Index("ix_past_bill_last_seq", "last_seq", "bill_id"),
    Index("ix_past_bill_jurisdiction", "jurisdiction", "session", "last_seq", "bill_id"),
)

past_topic = Table(
    "past_topic", metadata,
    Column("bill_id", Words, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("effect", Text, primary_key=True),
    Index("ix_past_topic_topic_effect", "topic", "effect", "bill_id", "revision"),
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

# --- readers ----------------------------------------------------------------------------------------------------------

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
    _partial("uq_delivery_open", "subscription_id", where=OPEN, unique=True),
    _partial("ix_delivery_open", "created_at", "id", where=OPEN),
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

# --- the desk ---------------------------------------------------------------------------------------------------------

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

# --- action alerts ----------------------------------------------------------------------------------------------------
# Who may release is held by triggers of the migration, too: never anybody who wrote a revision.

alert = Table(
    "alert", metadata,
    Column("id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),  # the newest
    Column("public", Integer),  # the one that was released last
    Column("created_at", Moment, nullable=False),
    Column("first_released_at", Moment),
    Column("released_at", Moment),
    Column("ends_at", Moment),  # of the public revision
    Column("withdrawn_at", Moment),
    Column("queued", Integer, nullable=False, server_default="0"),
    Index("ix_alert_released_at", "released_at", "id"),
)

alert_revision = Table(
    "alert_revision", metadata,
    Column("alert_id", Text, ForeignKey("alert.id"), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("account", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("data", Text, nullable=False),  # JSON of the whole AlertText
)

alert_release = Table(
    "alert_release", metadata,
    Column("alert_id", Text, ForeignKey("alert.id"), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("account", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

alert_step = Table(
    "alert_step", metadata,
    Column("seq", BigKey, primary_key=True),
    Column("alert_id", Text, ForeignKey("alert.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("step", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("account", Text),
    Column("note", Words),
    Index("ix_alert_step_alert_id", "alert_id", "seq"),
)

alert_delivery = Table(
    "alert_delivery", metadata,
    Column("subscription_id", Text, ForeignKey("subscription.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("alert_id", Text, ForeignKey("alert.id"), nullable=False),
    Column("notice", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("status", Text, nullable=False),  # of DeliveryStatus, or "dropped": its window had passed
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Moment),
    Column("tried_at", Moment),  # handed to the mail server, and its answer not noted yet
    Column("sent_at", Moment),
    Column("error", Words),
    _partial("ix_alert_delivery_open", "created_at", "id", where=OPEN),
    Index("ix_alert_delivery_alert_id", "alert_id", "status"),
    Index("ix_alert_delivery_id", "id"),
)

member = Table(
    "member", metadata,
    Column("jurisdiction", Words, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("id", Words, nullable=False),
    Column("data", Text, nullable=False),  # JSON of an Addressee
)

# --- keys to the API --------------------------------------------------------------------------------------------------

api_key = Table(
    "api_key", metadata,
    Column("name", Text, primary_key=True),  # the operator's word for its holder
    Column("digest", LargeBinary, nullable=False),  # SHA-256 of the key
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Index("uq_api_key_digest", "digest", unique=True),
)
