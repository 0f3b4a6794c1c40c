"""Each column that holds something of a reader, or of who works at the desk, to what it is, why and in what form.

The privacy page and docs/privacy.md are made from this table, and a test holds it against the database: a column
without a statement cannot be added. What is in no table is not stored.
"""

from __future__ import annotations

from dataclasses import dataclass

from digests.speech import N_


@dataclass(frozen=True, slots=True)
class Statement:
    """`columns` of one table that are told in one breath."""

    table: str
    columns: tuple[str, ...]
    what: str
    why: str
    how: str


# Bills, texts, events, runs: what legislatures publish, and how our reading of it went. Nobody's reading is in them.
PUBLIC_TABLES = frozenset({"bill", "bill_topic", "body", "version", "flag", "event", "event_topic", "page", "run",
                           "job", "session", "outage", "hub_ping", "witness_report", "member",
                           "past_bill", "past_topic", "past_section", "past_page", "related_bill"})

SEALED = N_("Encrypted (AES-GCM-SIV) and bound to this row. The key is in a file outside the database.")
HASHED = N_("A hash (SHA-256). The secret itself is not stored.")
KEYED = N_("A keyed hash. Without the key file it cannot be tried out.")
PLAIN = N_("As it is, not encrypted.")

GROUPS: dict[str, tuple[str, ...]] = {
    N_("For each subscription"): ("subscription", "standing", "newcomer"),
    N_("For each message"): ("delivery", "alert_delivery", "bounce"),
    N_("For each private feed"): ("saved_search",),
    N_("For addresses that get no mail, and for mail providers"): ("suppression", "mail_domain"),
    N_("Of programs that have a key to our data"): ("api_key",),
    N_("For each program that gets news pushed; only the operator adds one"): ("webhook",),
    N_("Of who works at the desk, not of readers"): (
        "account", "desk_session", "audit", "decision", "alert", "alert_revision", "alert_release", "alert_step"),
}

STATEMENTS: tuple[Statement, ...] = (
    Statement("subscription", ("id",), N_("A random name of the row"), N_("To tell rows apart."),
              N_("It says nothing about anybody.")),
    Statement("subscription", ("address_sealed",), N_("The address"), N_("To send mail to it."), SEALED),
    Statement("subscription", ("address_index",), N_("An index of the address"),
              N_("To notice that somebody signs up twice, and to leave dead addresses alone."), KEYED),
    Statement("subscription", ("filter",),
              N_("What you follow: topics, effects, legislatures, bills, people, committees, stages, words"),
              N_("To send what you asked for, and nothing else."),
              N_("Encrypted as the address is, and padded, so that its length tells little.")),
    Statement("subscription", ("cadence", "zone", "hour", "weekday", "language", "heartbeat", "telling_subject",
                               "alerts"),
              N_("How often, time zone, hour, weekday, language; whether mail comes when nothing happened; whether the "
                 "subject may name topics; whether calls to act may come"),
              N_("To send at the right time, in the right words."), PLAIN),
    Statement("subscription", ("cursor", "next_due_at"),
              N_("Up to where in our log you were told, and when the next message is due"),
              N_("To tell each piece of news once."), PLAIN),
    Statement("subscription", ("created_at", "confirmed_at"), N_("When the sign-up was made and confirmed"),
              N_("Nothing is sent before its owner agreed; once a year we ask again."), PLAIN),
    Statement("subscription", ("confirm_token", "manage_token"), N_("Hashes of the secrets in your links"),
              N_("To know a link when it comes back."), HASHED),
    Statement("subscription", ("openpgp_sealed",), N_("Your public OpenPGP key, if you gave one"),
              N_("To encrypt your mail with it."), SEALED),
    Statement("subscription", ("openpgp_told_at",), N_("When you were told that your key no longer works"),
              N_("To tell you once, and to send nothing in the clear."), PLAIN),
    Statement("standing", ("subscription_id", "since_seq", "ends_at"),
              N_("Since where in our log these choices hold; when the subscription ends if the yearly question stays "
                 "unanswered"),
              N_("To check that nothing was left out, and to end what nobody wants."), PLAIN),
    Statement("newcomer", ("subscription_id", "mark"),
              N_("That you made or changed these choices a moment ago, until our next round of mail"),
              N_("To send you calls to act that are open already."), PLAIN),
    Statement("delivery", ("subscription_id", "id", "from_seq", "to_seq"),
              N_("Which stretch of our public log a message told"),
              N_("To repeat or check it. Never the message itself: it is made again from the log."), PLAIN),
    Statement("delivery", ("created_at", "status", "attempts", "next_attempt_at", "sent_at", "error"),
              N_("When it was queued and sent, how many tries, and the mail server’s error code"),
              N_("So that no message is lost and none comes twice."), PLAIN),
    Statement("alert_delivery", ("subscription_id", "id", "alert_id", "notice", "revision"),
              N_("Which call to act, or which notice about one, a message told"),
              N_("To tell of corrections exactly those who got the call."), PLAIN),
    Statement("alert_delivery", ("created_at", "status", "attempts", "next_attempt_at", "tried_at", "sent_at",
                                 "error"),
              N_("When it was queued and sent, how many tries, and the mail server’s error code"),
              N_("So that no message is lost and none comes twice."), PLAIN),
    Statement("saved_search", ("id", "created_on"), N_("A random name of the row, and the day it was made"),
              N_("To tell rows apart."), N_("It says nothing about anybody.")),
    Statement("saved_search", ("token",), N_("A hash of the secret in the feed’s address"),
              N_("To know the address when a feed reader asks for it. Of whom the feed is, nobody knows."), HASHED),
    Statement("saved_search", ("filter",), N_("What the feed is about"),
              N_("To send what you asked for, and nothing else."),
              N_("Encrypted as the address is, and padded, so that its length tells little.")),
    Statement("webhook", ("id", "created_at"), N_("A random name of the row, and when it was made"),
              N_("To tell rows apart."), N_("It says nothing about anybody.")),
    Statement("webhook", ("sealed", "filter"), N_("The program’s address and secret, and what it gets"),
              N_("To send what was asked for, signed."), SEALED),
    Statement("webhook", ("cursor", "sent", "attempts", "failing_since", "next_attempt_at", "last_sent_at",
                          "last_answer", "disabled", "told_at", "alerts"),
              N_("Up to where in our log it was told, how many tries, what it last answered, whether it is off"),
              N_("So that nothing is lost and a dead program is left alone."), PLAIN),
    Statement("bounce", ("subscription_id", "delivery_id", "kind", "code", "at"),
              N_("That a message came back, for good or for now, its code, and when"),
              N_("To leave mailboxes alone that do not exist."), PLAIN),
    Statement("suppression", ("address_index", "reason", "at", "until"),
              N_("That an address is left alone, why, and since when"),
              N_("To send nothing to who complained, or to a mailbox that is gone."), KEYED),
    Statement("mail_domain", ("domain_index", "next_at", "failures", "paused_until"),
              N_("How fast a mail provider takes mail from us"), N_("To flood nobody."), KEYED),
    Statement("api_key", ("name", "created_at", "revoked_at"),
              N_("A name that the operator chose, and when the key was made and revoked"),
              N_("To tell keys apart, and to end one."), PLAIN),
    Statement("api_key", ("digest",), N_("The key of a program"), N_("To let a program ask more often."), HASHED),
    Statement("account", ("name", "roles", "created_at", "disabled_at"), N_("A name, roles, and since when"),
              N_("To tell accounts apart. Better not a person’s name."), PLAIN),
    Statement("account", ("password",), N_("The password"), N_("To sign in."), N_("A slow hash (argon2id).")),
    Statement("account", ("totp_sealed", "totp_step"), N_("The key of one-time codes, and which was used last"),
              N_("A second proof; no code works twice."), SEALED),
    Statement("desk_session", ("token", "account", "created_at", "seen_at"),
              N_("Open visits: when each began and was last used"), N_("To stay signed in."), HASHED),
    Statement("audit", ("seq", "at", "account", "action", "subject"),
              N_("Who did what at the desk, and when; never from where"), N_("To notice misuse."), PLAIN),
    Statement("decision", ("seq", "key", "bill_id", "at", "data"),
              N_("Each decision about a flag: verdict, reason, account, time"),
              N_("To undo it and to answer for it. The name leaves the desk nowhere."), PLAIN),
    Statement("alert", ("id", "state", "revision", "public", "created_at", "first_released_at", "released_at",
                        "ends_at", "withdrawn_at", "queued"),
              N_("Each call to act: its state, its times, and which of its revisions are public and queued"),
              N_("To send it within its time, and never after."), PLAIN),
    Statement("alert_revision", ("alert_id", "revision", "account", "at", "data"),
              N_("Who wrote which words of a call, and when"), N_("So that a second person must release it."), PLAIN),
    Statement("alert_release", ("alert_id", "revision", "account", "at"), N_("Who released a call, and when"),
              N_("So that a second person must release it."), PLAIN),
    Statement("alert_step", ("seq", "alert_id", "revision", "step", "at", "account", "note"),
              N_("Each step of a call, by whom and when"), N_("To answer for it."), PLAIN),
)

NOT_STORED: tuple[str, ...] = (
    N_("Your name, a password, your network address, your browser."),
    N_("Which pages or feeds anybody read, and what anybody searched for."),
    N_("Whether you opened a message, or which link you followed: there is no pixel and no redirect, so we could not."),
    N_("Copies of the mail that was sent."),
)


def grouped() -> list[tuple[str, list[Statement]]]:
    return [(title, [s for s in STATEMENTS if s.table in tables]) for title, tables in GROUPS.items()]


def as_markdown() -> str:
    """For docs/privacy.md."""
    parts = []
    for title, statements in grouped():
        rows = [f"| {s.what} | {s.why} | {s.how} | {', '.join(f'`{s.table}.{c}`' for c in s.columns)} |"
                for s in statements]
        parts.append("\n".join([f"### {title}", "", "| what | why | how | columns |", "|---|---|---|---|", *rows]))
    return "\n\n".join(parts)
