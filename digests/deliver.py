"""The log to the outbox: per subscription, the events after its cursor become one row with their range.

The row fixes the range, so whatever is repeated is the same message. digests/sending.py takes it from there.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from itertools import islice

from digests.first_news import first_news
from digests.schedule import due, next_due
from tracker.model import Delivery, Event, Subscription
from tracker.ports import Ledger, Log

TOGETHER = 50_000  # readers who are matched against one reading of the log

# --- what is due ------------------------------------------------------------------------------------------------------


def queue_due(ledger: Ledger, log: Log, now: datetime, coalesce: timedelta = timedelta(minutes=10)) -> int:
    """Write an outbox row for every confirmed subscription that has news and whose time has come. How many."""
    last = log.last_seq()
    busy = ledger.with_open()  # whose last message is still to go: the next one follows it
    waiting = (row for row in ledger.confirmed() if row.id not in busy and due(row, now))
    queued = 0
    while rows := list(islice(waiting, TOGETHER)):
        oldest = first_news(log, rows, last)
        queued += sum(_queue(ledger, row, oldest.get(row.id), last, now, coalesce) for row in rows)
    return queued


def _queue(ledger: Ledger, row: Subscription, oldest: Event | None, last: int, now: datetime,
           coalesce: timedelta) -> bool:
    following = next_due(row.cadence, row.zone, row.hour, row.weekday, now)
    if oldest is None and row.heartbeat and following and row.next_due_at:
        # The range may be empty, and then it is the same every time: the due time keeps the names apart.
        name = name_of(f"{row.id}|{row.next_due_at.isoformat()}", row.cursor, last)
        return ledger.queue(Delivery(name, row.id, row.cursor, last, now), following)
    if oldest is None:
        if row.cursor < last or row.next_due_at != following:
            ledger.advance(row.id, last, following)
        return False
    # An event from the future is left over from a clock that ran ahead: it waits for nothing.
    if following is None and timedelta(0) <= now - oldest.recorded_at < coalesce:
        return False
    return ledger.queue(Delivery(name_of(row.id, row.cursor, last), row.id, row.cursor, last, now), following)


def name_of(subscription_id: str, from_seq: int, to_seq: int) -> str:
    return hashlib.sha256(f"{subscription_id}|{from_seq}|{to_seq}".encode()).hexdigest()[:32]
