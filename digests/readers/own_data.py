"""The link in a reader's message to what is stored behind it, and to the end of all of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from digests.readers.reader_key import key_state
from digests.readers.sealing import Keys
from digests.readers.subscriptions import by_manage_token
from tracker.ports import Ledger

MOST = 100_000  # messages; more than fit between two yearly questions


def own_data(ledger: Ledger, keys: Keys, token: str, now: datetime) -> dict[str, Any] | None:
    """All of one subscription but its address: whoever was handed the link would learn it. None: no such link.

    Hashes and seals are left out: they are those of the link and of the words that stand here. Of an OpenPGP key only
    its end is told, as the key, or its whole fingerprint, names its owner.
    """
    row = by_manage_token(ledger, token)
    if row is None:
        return None
    kept = ("id", "filter", "cadence", "zone", "hour", "weekday", "language", "heartbeat", "telling_subject", "alerts",
            "cursor", "created_at", "confirmed_at", "next_due_at", "openpgp_told_at")
    messages = [{"id": d.id, "from": d.from_seq, "to": d.to_seq, "queued_at": d.created_at, "state": d.status,
                 "tries": d.attempts, "sent_at": d.sent_at, "code": d.error} for d in ledger.deliveries(row.id, MOST)]
    key = key_state(keys, row, now)
    return {"subscription": {name: getattr(row, name) for name in kept}, "messages": messages,
            "openpgp": {"stored": key.stored, "ends_in": key.ends_in, "ends_at": key.ends_at}}


def leave_all(ledger: Ledger, token: str) -> int:
    """Delete every subscription of the address behind this link, confirmed or not. How many there were."""
    row = by_manage_token(ledger, token)
    return sum(ledger.delete(one.id) for one in ledger.find(address_index=row.address_index)) if row else 0
