"""Rows to records of the model: bill states, events, runs, pages, subscriptions, deliveries."""

from __future__ import annotations

import base64
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, select

from tracker import wire, wishes
from tracker.desk.review import shown, withheld
from tracker.model import (
    BillState,
    Cadence,
    Decision,
    Delivery,
    DeliveryStatus,
    Event,
    EventKind,
    Filter,
    Flag,
    IngestMode,
    Page,
    Run,
    RunVerdict,
    Subscription,
    TextStatus,
    Topic,
    VerdictKind,
    VersionState,
)
from tracker.ports import Sealer
from tracker.store import schema as t
from tracker.store.columns import Words, from_json, plain, to_json

AnyRow = Row[*tuple[Any, ...]]
PLAIN_FILTER = "{"  # base64 never begins so


_v, _f, _id = t.version.c, t.flag.c, bindparam("id", type_=Words)
_RECORD = select(t.bill.c.record, t.bill.c.content_hash, t.bill.c.revision).where(t.bill.c.id == _id)
_VERSIONS = select(_v.code, _v.status, _v.sha256, _v.url, _v.error).where(_v.bill_id == _id, _v.position.is_not(None))
_FLAGS = select(_f.version, _f.data).where(_f.bill_id == _id).order_by(_f.version, _f.position)


def read_state(connection: Connection, bill_id: str) -> BillState | None:
    which = {"id": bill_id}
    found = connection.execute(_RECORD, which).first()
    if found is None:
        return None
    held = {row.code: row for row in connection.execute(_VERSIONS, which)}
    flags: dict[str, list[Flag]] = {}
    for row in connection.execute(_FLAGS, which):
        flags.setdefault(row.version, []).append(from_json(row.data, Flag))
    bill = wire.decode_bill(found.record)
    versions = tuple(_version_state(v.code, held[plain(v.code)], flags.get(plain(v.code), []))
                     for v in bill.versions)
    return BillState(bill, found.content_hash, found.revision, versions)


def _version_state(code: str, row: AnyRow, flags: list[Flag]) -> VersionState:
    return VersionState(code, TextStatus(row.status), row.sha256, shown(flags), row.url, row.error, withheld(flags))


def read_decisions(connection: Connection, which: ColumnElement[bool]) -> tuple[Decision, ...]:
    """In the order in which they were made."""
    rows = connection.execute(select(t.decision.c.data).where(which).order_by(t.decision.c.seq))
    return tuple(from_json(row.data, Decision) for row in rows)


def read_event(row: AnyRow) -> Event:
    return Event(row.seq, row.key, EventKind(row.kind), row.bill_id, row.jurisdiction, row.occurred_on,
                 row.recorded_at, IngestMode(row.mode), topics(row.topics), from_json(row.data, dict[str, Any]))


def topics(stored: str) -> tuple[Topic, ...]:
    return from_json(stored, tuple[Topic, ...]) if stored != "[]" else ()


def read_page(row: AnyRow) -> Page:
    return Page(row.url, row.sha256, row.fetched_at, row.lastmod, row.last_modified, row.warc, row.offset)


def read_run(row: AnyRow) -> Run:
    verdict = RunVerdict(VerdictKind(row.verdict), row.reason or "") if row.verdict else None
    return Run(row.id, row.source, IngestMode(row.mode), row.started_at, row.finished_at, verdict,
               from_json(row.counts, dict[str, int]))


def run_row(run: Run) -> dict[str, Any]:
    return {"id": run.id, "source": run.source, "mode": run.mode.value, "started_at": run.started_at,
            "finished_at": run.finished_at, "verdict": run.verdict.kind.value if run.verdict else None,
            "reason": run.verdict.reason if run.verdict else None, "counts": to_json(run.counts)}


def read_subscription(row: AnyRow, keys: Sealer) -> Subscription:
    return Subscription(row.id, row.address_sealed, row.address_index, read_filter(row.filter, row.id, keys),
                        Cadence(row.cadence), row.zone, row.hour, row.weekday, row.cursor, row.created_at,
                        row.confirmed_at, row.confirm_token, row.manage_token, row.next_due_at, row.language,
                        row.heartbeat, row.telling_subject, row.alerts, row.openpgp_sealed, row.openpgp_told_at)


def read_filter(stored: str, subscription_id: str, keys: Sealer) -> Filter:
    """What was stored before filters were sealed is plain JSON. Raises DeliveryError."""
    if stored.startswith(PLAIN_FILTER):
        return wishes.read(stored)
    return wishes.read(keys.open(base64.b64decode(stored), subscription_id, "filter"))


def sealed_filter(wanted: Filter, subscription_id: str, keys: Sealer) -> str:
    """What a reader follows is as dangerous as the address: nobody reads it without the key file."""
    return base64.b64encode(keys.seal(wishes.written(wanted), subscription_id, "filter")).decode()


def subscription_row(subscription: Subscription, keys: Sealer) -> dict[str, Any]:
    return {name: getattr(subscription, name) for name in (
        "id", "address_sealed", "address_index", "zone", "hour", "weekday", "cursor", "created_at", "confirmed_at",
        "confirm_token", "manage_token", "next_due_at", "language", "heartbeat", "telling_subject", "alerts",
        "openpgp_sealed", "openpgp_told_at")} | {
        "filter": sealed_filter(subscription.filter, subscription.id, keys), "cadence": subscription.cadence.value}


def read_delivery(row: AnyRow) -> Delivery:
    return Delivery(row.id, row.subscription_id, row.from_seq, row.to_seq, row.created_at,
                    DeliveryStatus(row.status), row.attempts, row.next_attempt_at, row.sent_at, row.error)


def delivery_row(delivery: Delivery) -> dict[str, Any]:
    return {name: getattr(delivery, name) for name in (
        "id", "subscription_id", "from_seq", "to_seq", "created_at", "attempts", "next_attempt_at", "sent_at",
        "error")} | {"status": delivery.status.value}
