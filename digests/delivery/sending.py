"""The outbox to messages that are sent: once each, or once more after a crash, and never not at all.

Rendered ahead in a thread of its own; then claimed, sent, and marked sent with the cursor moved, in that order, each
in its own transaction. A crash between send and mark repeats the messages that were on their way (one a connection),
each with the same Message-ID.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Protocol

from digests.delivery.composer import Composer
from digests.delivery.domains import Pacer
from digests.delivery.mailers import ServerAway
from digests.delivery.return_path import Returned, return_path
from digests.delivery.suppressing import SoftRule, refused_by_server, tells_of_domain
from digests.readers.openpgp import KeyUnusable
from digests.readers.reader_key import for_reader
from digests.readers.sealing import Keys
from digests.site import Site
from tracker.errors import DeliveryError, RecipientRefused, TransientDelivery
from tracker.model import Delivery, Subscription
from tracker.polling.sources import Outage
from tracker.ports import Ledger, Log, Mailer

BATCH = 20  # messages that are rendered, and claimed, together
ROUND = 20_000  # messages; what is due meanwhile is queued before the next ones are sent

# Pause after the first, second, … try that failed; after the last one the message is given up: about three days.
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4),
            timedelta(hours=12), timedelta(hours=24), timedelta(hours=24))
KEY_PAUSE = timedelta(hours=1)  # before a message is tried again whose reader's key does not work
GIVE_UP = timedelta(days=5)  # however few tries there were, because its domain took no mail


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of the open messages of one round. `waiting` were not tried, as the mail server is away or we are
    stopping; `held` wait for their turn at their domain."""

    sent: int = 0
    empty: int = 0
    retried: int = 0
    refused: int = 0
    given_up: int = 0
    waiting: int = 0
    held: int = 0

    def __add__(self, later: Sent) -> Sent:
        return Sent(*(getattr(self, name) + getattr(later, name) for name in Sent.__slots__))

    def __str__(self) -> str:
        return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in asdict(self).items()
                         if count or name == "sent")


@dataclass(frozen=True, slots=True)
class Ready:
    """A message in an envelope, or why there is none. No `message` and no `problem`: nothing is left to say."""

    delivery: Delivery
    row: Subscription
    domain: bytes = b""
    address: str = ""
    sender: str = ""
    message: EmailMessage | bytes | None = None
    problem: Exception | None = None


class Writer(Protocol):
    def write(self, subscription: Subscription, delivery: Delivery, address: str) -> EmailMessage | bytes | None:
        """None: there is nothing (any more) to say."""
        ...


def send_open(ledger: Ledger, log: Log, mailer: Mailer, keys: Keys, site: Site, now: datetime,
              outages: Sequence[Outage] = (), *, clock: Callable[[], datetime] | None = None,
              pacer: Pacer | None = None, soft: SoftRule | None = None, connections: int = 1,
              stopping: threading.Event | None = None, writer: Writer | None = None) -> Sent:
    """Send what is queued, oldest first. One that fails touches nobody else.

    A message names the sources that we could not read when it was queued: repeated, it says the same.
    `writer`: of other messages than digests.
    `connections` messages are on their way at once. `clock` tells the time while it takes long; else that is `now`.
    """
    desk = _Desk(ledger, keys, site, writer or Composer(log, keys, site, outages), clock or (lambda: now))
    return _Round(ledger, mailer, desk, clock or (lambda: now), pacer or Pacer(ledger.paces()), soft or SoftRule(),
                  stopping or threading.Event()).run(ledger.open_deliveries(now, ROUND), connections)


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where messages are written."""

    ledger: Ledger
    keys: Keys
    site: Site
    composer: Writer
    clock: Callable[[], datetime]

    def batch(self, deliveries: Sequence[Delivery]) -> list[Ready]:
        rows = ((delivery, self._row(delivery)) for delivery in deliveries)
        # Without a row: left meanwhile, and the outbox row is gone as well.
        return [self._write(delivery, row) for delivery, row in rows if row and row.confirmed_at]

    def _row(self, delivery: Delivery) -> Subscription | None:
        """One that this key file does not open stays queued, for the day when the right file is back."""
        try:
            return self.ledger.get(delivery.subscription_id)
        except DeliveryError:
            return None

    def _write(self, delivery: Delivery, row: Subscription) -> Ready:
        """Any failure of one subscription ends here, a defect of ours included: the others wait for their news."""
        try:
            address = self.keys.open(row.address_sealed, row.id)
            message = self.composer.write(row, delivery, address)
            if message is None:
                return Ready(delivery, row)  # the reader has changed the filter since
            message = for_reader(message, self.keys, row, self.clock())
            return Ready(delivery, row, self.keys.domain_index(address.rpartition("@")[2]), address,
                         return_path(self.site.bounces, self.keys, Returned(delivery_id=delivery.id)),
                         message)
        except Exception as problem:
            return Ready(delivery, row, problem=problem)


class _Round:
    def __init__(self, ledger: Ledger, mailer: Mailer, desk: _Desk, clock: Callable[[], datetime], pacer: Pacer,
                 soft: SoftRule, stopping: threading.Event) -> None:
        self._ledger, self._mailer, self._desk, self._clock = ledger, mailer, desk, clock
        self._pacer, self._soft, self._stopping = pacer, soft, stopping
        self._counts = asdict(Sent())
        self._handled = 0
        self._over = threading.Event()
        self._lock = threading.Lock()

    def run(self, waiting: Sequence[Delivery], connections: int) -> Sent:
        batches = [waiting[n:n + BATCH] for n in range(0, len(waiting), BATCH)]
        with ThreadPoolExecutor(1, "render") as press:
            ahead = _ahead(press, self._desk.batch, batches, connections + 1)
            try:
                if connections == 1 or len(batches) < 2:
                    self._carry(ahead)
                else:
                    self._carry_together(ahead, connections)
            finally:
                press.shutdown(wait=False, cancel_futures=True)
        self._ledger.save_paces(self._pacer.changed())
        if self._over.is_set() or self._stopping.is_set():
            self._counts["waiting"] = len(waiting) - self._handled
        return Sent(**self._counts)

    def _carry_together(self, ahead: Iterator[tuple[int, list[Ready]]], connections: int) -> None:
        """The first one that cannot go on, because the database or a defect stops it, stops all."""
        shared = _Shared(ahead)

        def carry() -> None:
            try:
                self._carry(shared)
            except BaseException:
                self._over.set()
                raise

        with ThreadPoolExecutor(connections, "send") as carriers:
            ends = [carriers.submit(carry) for _ in range(connections)]
        for end in ends:
            end.result()

    def _carry(self, ahead: Iterator[tuple[int, list[Ready]]]) -> None:
        for size, batch in ahead:
            if self._over.is_set() or self._stopping.is_set():
                return
            self._count("", size - len(batch))
            mine = self._take_turns(batch)
            self._ledger.save_paces(self._pacer.changed())
            open_ones = {(d.subscription_id, d.id)
                         for d in self._ledger.claim([ready.delivery for ready in mine], self._clock())}
            for ready in mine:
                if self._over.is_set() or self._stopping.is_set():
                    return
                self._count(self._send(ready) if (ready.delivery.subscription_id, ready.delivery.id) in open_ones
                            else "")

    def _take_turns(self, batch: list[Ready]) -> list[Ready]:
        """Those whose domain takes them now; the others are given a later moment, which costs no try."""
        now, mine, later = self._clock(), [], []
        for ready in batch:
            moment = self._pacer.turn(ready.domain, now) if ready.message is not None else None
            if moment is None:
                mine.append(ready)
            elif now - ready.delivery.created_at >= GIVE_UP:
                self._ledger.mark_failed(ready.delivery, "TransientDelivery: its domain took no mail for days", None)
                self._count("given_up")
            else:
                later.append((ready.delivery, moment))
        if later:
            self._ledger.hold(later)
            self._count("held", len(later))
        return mine

    def _send(self, ready: Ready) -> str:
        """What became of it; empty: its reader left a moment ago, or the server is away."""
        delivery, now = ready.delivery, self._clock()
        if ready.problem or ready.message is None:
            if ready.problem:
                return self._put_back(ready, ready.problem, now)
            self._ledger.mark_sent(delivery, now)
            return "empty"
        if not self._ledger.is_open(delivery):
            return ""
        try:
            self._mailer.send(ready.message, ready.address, ready.sender)
        except ServerAway:
            # Nobody's fault, so nobody's try: all stay open and the next round asks again.
            self._over.set()
            with self._lock:
                self._handled -= 1
            return ""
        except Exception as problem:
            return self._put_back(ready, problem, now)
        self._ledger.mark_sent(delivery, self._clock())
        self._pacer.went_well(ready.domain)
        return "sent"

    def _put_back(self, ready: Ready, problem: Exception, now: datetime) -> str:
        """The stored reason names codes and kinds of failure, never an address."""
        delivery = ready.delivery
        if isinstance(problem, KeyUnusable):
            self._ledger.hold([(delivery, now + KEY_PAUSE)])  # costs no try: it may take its reader months
            return "held"
        reason = type(problem).__name__ + (f": {problem}" if isinstance(problem, DeliveryError) else "")
        if isinstance(problem, RecipientRefused):
            self._ledger.mark_failed(delivery, reason, None)
            refused_by_server(self._ledger, ready.row, delivery, problem, self._soft, now)
            self._pacer.went_well(ready.domain)  # it spoke to us
            return "refused"
        if isinstance(problem, TransientDelivery) and tells_of_domain(problem):
            self._pacer.put_off(ready.domain, now)
        if delivery.attempts >= len(BACK_OFF):
            self._ledger.mark_failed(delivery, reason, None)
            return "given_up"
        self._ledger.mark_failed(delivery, reason, now + BACK_OFF[delivery.attempts])
        return "retried"

    def _count(self, outcome: str, number: int = 1) -> None:
        with self._lock:
            self._handled += number
            if outcome:
                self._counts[outcome] += number


def _ahead(press: ThreadPoolExecutor, write: Callable[[Sequence[Delivery]], list[Ready]],
           batches: Sequence[Sequence[Delivery]], depth: int) -> Iterator[tuple[int, list[Ready]]]:
    """(how many were asked for, what was written), in order; `depth` batches are in the making or wait."""
    coming: deque[tuple[int, Future[list[Ready]]]] = deque()
    for batch in batches:
        coming.append((len(batch), press.submit(write, batch)))
        if len(coming) >= depth:
            size, future = coming.popleft()
            yield size, future.result()
    while coming:
        size, future = coming.popleft()
        yield size, future.result()


class _Shared:
    """An iterator that threads may share."""

    def __init__(self, inner: Iterator[tuple[int, list[Ready]]]) -> None:
        self._inner, self._lock = inner, threading.Lock()

    def __iter__(self) -> _Shared:
        return self

    def __next__(self) -> tuple[int, list[Ready]]:
        with self._lock:
            return next(self._inner)
