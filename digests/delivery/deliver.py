"""The log to the outbox: per subscription, the events after its cursor become one row with their range.

The row fixes the range, so whatever is repeated is the same message. digests/delivery/sending.py takes it from there.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from digests.delivery.schedule import next_due
from digests.following.first_news import first_news
from tracker.model import Delivery, Event, Subscription
from tracker.ports import EventQuery, Ledger, Log

TOGETHER = 50_000  # readers who are matched against one reading of the log

# --- what is due ------------------------------------------------------------------------------------------------------


def queue_due(ledger: Ledger, log: Log, now: datetime, coalesce: timedelta = timedelta(minutes=10)) -> int:
    """Write an outbox row for every confirmed subscription that has news and whose time has come. How many."""
    last = log.last_seq()
    heard = 0
    if ledger.lags(last):
        heard = _heard(log)
        ledger.carry(heard, last)
    waiting = ledger.waiting(now, heard)
    queued = 0
    while rows := list(islice(waiting, TOGETHER)):
        oldest = first_news(log, rows, last)
        decided = [(row, _decided(row, oldest.get(row.id), last, now, coalesce)) for row in rows]
        ledger.advance_all([(row.id, what.next_due_at) for row, what in decided if what and not what.delivery], last)
        queued += ledger.queue_all([(what.delivery, what.next_due_at) for _, what in decided if what and what.delivery])
    return queued


def _heard(log: Log) -> int:
    """The last event that could be told to anybody. Read after `last_seq`: else an event between the two could be
    carried over."""
    newest = log.latest_events(None, 1, EventQuery(alerting=True))
    return newest[0].seq if newest else 0


@dataclass(frozen=True, slots=True)
class Decided:
    """`delivery=None`: there is nothing to tell up to here."""

    delivery: Delivery | None
    next_due_at: datetime | None


def _decided(row: Subscription, oldest: Event | None, last: int, now: datetime, coalesce: timedelta) -> Decided | None:
    """None: leave it as it is."""
    following = next_due(row.cadence, row.zone, row.hour, row.weekday, now)
    if oldest is None and row.heartbeat and following and row.next_due_at:
        # The range may be empty, and then it is the same every time: the due time keeps the names apart.
        name = name_of(f"{row.id}|{row.next_due_at.isoformat()}", row.cursor, last)
        return Decided(Delivery(name, row.id, row.cursor, last, now), following)
    if oldest is None:
        return Decided(None, following) if row.cursor < last or row.next_due_at != following else None
    # An event from the future is left over from a clock that ran ahead: it waits for nothing.
    if following is None and timedelta(0) <= now - oldest.recorded_at < coalesce:
        return None
    return Decided(Delivery(name_of(row.id, row.cursor, last), row.id, row.cursor, last, now), following)


def name_of(subscription_id: str, from_seq: int, to_seq: int) -> str:
    return hashlib.sha256(f"{subscription_id}|{from_seq}|{to_seq}".encode()).hexdigest()[:32]
