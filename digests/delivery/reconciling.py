"""Ledger, outbox and log held against each other: what should have gone, what went, and what is to be queued again.

Between two outbox rows of a subscription, and up to its cursor, the log must hold nothing that its filter wants. What
it does hold there was never told: a gap. Wishes of before their last change are not known any more, so that is where
the look back ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digests.delivery.deliver import name_of
from digests.delivery.sending import BACK_OFF
from digests.following.news import news
from tracker.model import Delivery, DeliveryStatus, Subscription
from tracker.ports import Books, Log

LOOK_BACK = timedelta(days=30)
LONGEST_WAIT = max(BACK_OFF) + timedelta(hours=1)
TOGETHER = 500  # subscriptions


@dataclass(frozen=True, slots=True)
class Checked:
    """Counts. `events` are those in gaps; a gap that is not queued again waits for an open message of its reader."""

    subscriptions: int = 0
    sent: int = 0
    open: int = 0
    failed: int = 0
    gaps: int = 0
    events: int = 0
    queued_again: int = 0
    reopened: int = 0  # were given up, and are tried once more
    stuck: int = 0  # were to be tried later than any pause is long: a clock that ran ahead
    ahead: int = 0  # cursors beyond the end of the log: another log was restored

    @property
    def well(self) -> bool:
        return not (self.gaps or self.stuck or self.ahead)


def check(books: Books, log: Log, now: datetime, *, repair: bool = True, failed: bool = False,
          look_back: timedelta = LOOK_BACK, progress: Callable[[int], None] = lambda _: None) -> Checked:
    """`repair`: queue gaps again, and free what is stuck. `failed`: also try again what was given up or refused.

    `progress` hears how many subscriptions are done.
    """
    counts = dict.fromkeys(Checked.__slots__, 0)
    last = log.last_seq()
    for rows in _together(books.confirmed()):
        since = books.since([row.id for row in rows])
        for row in rows:
            after = since.get(row.id, row.cursor)
            outbox = [d for d in books.ranges(row.id, after) if now - d.created_at < look_back]
            counts["subscriptions"] += 1
            counts["ahead"] += row.cursor > last
            _count_outbox(counts, books, outbox, now, repair, failed)
            for start, end in _untold(outbox, after, min(row.cursor, last)):
                _mend(counts, books, log, row, start, end, now, repair, look_back)
        progress(counts["subscriptions"])
    return Checked(**counts)


def _count_outbox(counts: dict[str, int], books: Books, outbox: Sequence[Delivery], now: datetime, repair: bool,
                  failed: bool) -> None:
    for delivery in outbox:
        counts[{DeliveryStatus.SENT: "sent", DeliveryStatus.FAILED: "failed"}.get(delivery.status, "open")] += 1
        if delivery.status is DeliveryStatus.FAILED and failed and repair:
            counts["reopened"] += books.reopen(delivery)
        if delivery.next_attempt_at and delivery.next_attempt_at - now > LONGEST_WAIT:
            counts["stuck"] += 1
            if repair:
                books.hold([(delivery, now)])


def _untold(outbox: Sequence[Delivery], after: int, cursor: int) -> Iterator[tuple[int, int]]:
    """Stretches of (after, cursor] that no row covers. Rows are in the order of the log."""
    for delivery in outbox:
        if delivery.from_seq > after:
            yield after, min(delivery.from_seq, cursor)
        after = max(after, delivery.to_seq)
    if after < cursor:
        yield after, cursor


def _mend(counts: dict[str, int], books: Books, log: Log, row: Subscription, start: int, end: int, now: datetime,
          repair: bool, look_back: timedelta) -> None:
    missing = [e for e in news(log, row.filter, start, end) if now - e.recorded_at < look_back]
    if not missing:
        return
    counts["gaps"] += 1
    counts["events"] += len(missing)
    start = missing[0].seq - 1  # what is older than the look back is history
    if repair:
        again = Delivery(name_of(row.id, start, end), row.id, start, end, now)
        counts["queued_again"] += books.queue(again, row.next_due_at)


def _together(rows: Iterator[Subscription]) -> Iterator[list[Subscription]]:
    batch: list[Subscription] = []
    for row in rows:
        batch.append(row)
        if len(batch) == TOGETHER:
            yield batch
            batch = []
    if batch:
        yield batch
