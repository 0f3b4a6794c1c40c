"""Webhooks in the database, their addresses, secrets and filters sealed; and how far a hub was told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import msgspec
from sqlalchemy import Engine, delete, select, update

from tracker.hooks import ToldAlert, Webhook
from tracker.ports import Sealer
from tracker.store import schema as t
from tracker.store.engine import reading, writing
from tracker.store.rows import AnyRow, read_filter, sealed_filter
from tracker.store.writer import upserting

c = t.webhook.c
_PROGRESS = ("cursor", "sent", "attempts", "failing_since", "next_attempt_at", "last_sent_at", "last_answer",
             "disabled", "told_at")
_ALERTS = dict[str, ToldAlert] | None


class SqlHooks:
    """`engine` is a store's. All but `add` and `remove` leave address, secret and filter alone."""

    def __init__(self, engine: Engine, keys: Sealer) -> None:
        self._engine, self._keys = engine, keys

    def add(self, hook: Webhook) -> None:
        sealed = self._keys.seal(msgspec.json.encode([hook.address, hook.secret]).decode(), hook.id, "webhook")
        with writing(self._engine) as connection:
            connection.execute(t.webhook.insert(), {
                "id": hook.id, "sealed": sealed, "filter": sealed_filter(hook.filter, hook.id, self._keys),
                "created_at": hook.created_at, **_progress(hook)})

    def all(self) -> list[Webhook]:
        """Raises DeliveryError if the key file does not open one."""
        with reading(self._engine) as connection:
            return [self._read(row) for row in connection.execute(select(t.webhook).order_by(c.id))]

    def get(self, identity: str) -> Webhook | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(t.webhook).where(c.id == identity)).first()
        return self._read(row) if row else None

    def note(self, hook: Webhook) -> bool:
        with writing(self._engine) as connection:
            return connection.execute(update(t.webhook).where(c.id == hook.id, c.disabled.is_(None)).values(
                **_progress(hook))).rowcount > 0

    def switch(self, hook: Webhook) -> None:
        """On or off, and what the operator was told; how far it has come stays."""
        with writing(self._engine) as connection:
            kept = {k: v for k, v in _progress(hook).items() if k not in ("cursor", "sent", "last_sent_at", "alerts")}
            connection.execute(update(t.webhook).where(c.id == hook.id).values(**kept))

    def remove(self, identity: str) -> bool:
        with writing(self._engine) as connection:
            return connection.execute(delete(t.webhook).where(c.id == identity)).rowcount > 0

    def _read(self, row: AnyRow) -> Webhook:
        address, secret = msgspec.json.decode(self._keys.open(row.sealed, row.id, "webhook"), type=tuple[str, str])
        found = Webhook(row.id, address, secret, read_filter(row.filter, row.id, self._keys), row.cursor,
                        row.created_at)
        alerts: _ALERTS = msgspec.json.decode(row.alerts or "null", type=_ALERTS)
        return replace(found, **{name: getattr(row, name) for name in _PROGRESS}, alerts=alerts)

    # --- the hub ------------------------------------------------------------------------------------------------------

    def hub(self, hub: str) -> tuple[int, int, datetime | None] | None:
        """(cursor, attempts that failed, when to try again); None: it was never told anything."""
        h = t.hub_ping.c
        with reading(self._engine) as connection:
            row = connection.execute(select(h.cursor, h.attempts, h.next_attempt_at).where(h.hub == hub)).first()
        return (row.cursor, row.attempts, row.next_attempt_at) if row else None

    def note_hub(self, hub: str, cursor: int, attempts: int, next_attempt_at: datetime | None) -> None:
        insert = upserting(self._engine.dialect.name)(t.hub_ping)
        values = {"cursor": cursor, "attempts": attempts, "next_attempt_at": next_attempt_at}
        with writing(self._engine) as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["hub"], set_=values),
                               {"hub": hub, **values})


def _progress(hook: Webhook) -> dict[str, object]:
    alerts = None if hook.alerts is None else msgspec.json.encode(hook.alerts, order="sorted").decode()
    return {**{name: getattr(hook, name) for name in _PROGRESS}, "alerts": alerts}
