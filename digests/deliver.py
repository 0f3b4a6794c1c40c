"""The log to messages that are sent: once each, or once more after a crash, and never not at all.

Per subscription: read the events after its cursor, write an outbox row with the range, render that range, send, mark
sent and advance, each in its own transaction. The row fixes the range, so whatever is repeated is the same message.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from digests.builder import build
from digests.filters import matches, query_of
from digests.mail import compose
from digests.mailers import ServerAway
from digests.outages import lines
from digests.schedule import due, next_due
from digests.sealing import Keys
from digests.site import Site
from tracker.errors import DeliveryError, RecipientRefused
from tracker.model import Delivery, Event, Filter, Subscription
from tracker.ports import Ledger, Log, Mailer
from tracker.sources import Outage

PAGE = 1000

# Pause after the first, second, … try that failed; after the last one the message is given up: about three days.
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4),
            timedelta(hours=12), timedelta(hours=24), timedelta(hours=24))


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of the open messages of one round. `waiting` were not tried, as the mail server is away."""

    sent: int = 0
    empty: int = 0
    retried: int = 0
    refused: int = 0
    given_up: int = 0
    waiting: int = 0

    def __str__(self) -> str:
        return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in asdict(self).items()
                         if count or name == "sent")


# --- what is due ------------------------------------------------------------------------------------------------------


def queue_due(ledger: Ledger, log: Log, now: datetime, coalesce: timedelta = timedelta(minutes=10)) -> int:
    """Write an outbox row for every confirmed subscription that has news and whose time has come. How many."""
    last = log.last_seq()
    return sum(_queue(ledger, log, row, last, now, coalesce) for row in ledger.confirmed())


def _queue(ledger: Ledger, log: Log, row: Subscription, last: int, now: datetime, coalesce: timedelta) -> bool:
    if not due(row, now):
        return False
    following = next_due(row.cadence, row.zone, row.hour, row.weekday, now)
    oldest = next(_news(log, row.filter, row.cursor, last), None)
    if oldest is None:
        if row.cursor < last or row.next_due_at != following:
            ledger.advance(row.id, last, following)
        return False
    # An event from the future is left over from a clock that ran ahead: it waits for nothing.
    if following is None and timedelta(0) <= now - oldest.recorded_at < coalesce:
        return False
    return ledger.queue(Delivery(_name(row.id, row.cursor, last), row.id, row.cursor, last, now), following)


def _name(subscription_id: str, from_seq: int, to_seq: int) -> str:
    return hashlib.sha256(f"{subscription_id}|{from_seq}|{to_seq}".encode()).hexdigest()[:32]


def _news(log: Log, wanted: Filter, after: int, until: int) -> Iterator[Event]:
    """In pages, so that a reader who was away for long does not fill the memory. The filter has the last word."""
    query = query_of(wanted)
    size = 1  # often the first one is all that is asked for
    while after < until:
        page = log.events(after, size, query)
        for event in page:
            if event.seq > until:
                return
            if matches(wanted, event):
                yield event
        if len(page) < size:
            return
        after, size = page[-1].seq, PAGE


# --- what is open -----------------------------------------------------------------------------------------------------


def send_open(ledger: Ledger, log: Log, mailer: Mailer, keys: Keys, site: Site, now: datetime,
              outages: Sequence[Outage] = ()) -> Sent:
    """Send what is queued, oldest first. One that fails touches nobody else.

    A message names the sources that we could not read when it was queued: repeated, it says the same.
    """
    counts = asdict(Sent())
    waiting = ledger.open_deliveries(now)
    for done, delivery in enumerate(waiting):
        row = ledger.get(delivery.subscription_id)
        if row is None or row.confirmed_at is None:
            continue  # left meanwhile: the outbox row is gone as well
        ledger.book(delivery, now)
        try:
            outcome = _send(log, mailer, keys, site, row, delivery, outages)
        except ServerAway:
            # Nobody's fault, so nobody's try: all stay open and the next round asks again.
            counts["waiting"] = len(waiting) - done
            break
        except Exception as problem:
            counts[_put_back(ledger, delivery, problem, now)] += 1
            continue
        ledger.mark_sent(delivery, now)
        counts[outcome] += 1
    return Sent(**counts)


def _send(log: Log, mailer: Mailer, keys: Keys, site: Site, row: Subscription, delivery: Delivery,
          outages: Sequence[Outage]) -> str:
    digest = build(_news(log, row.filter, delivery.from_seq, delivery.to_seq))
    if not digest.count:
        return "empty"  # the reader has changed the filter since
    address = keys.open(row.address_sealed, row.id)
    notices = lines(outages, row.filter, delivery.created_at)
    mailer.send(compose(row, digest, delivery, address, site, keys, notices), address)
    return "sent"


def _put_back(ledger: Ledger, delivery: Delivery, problem: Exception, now: datetime) -> str:
    """Any failure of one subscription ends here, a defect of ours included: the others are waiting for their news.

    The stored reason names codes and kinds of failure, never an address.
    """
    reason = f"{type(problem).__name__}: {problem}" if isinstance(problem, DeliveryError) else type(problem).__name__
    pause = BACK_OFF[delivery.attempts] if delivery.attempts < len(BACK_OFF) else None
    if isinstance(problem, RecipientRefused) or pause is None:
        ledger.mark_failed(delivery, reason, None)
        return "refused" if isinstance(problem, RecipientRefused) else "given_up"
    ledger.mark_failed(delivery, reason, now + pause)
    return "retried"
