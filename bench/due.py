"""The minute's question "whose digest is due?" among 100,000 subscriptions: what it costs, by how many are due.

Beside it, what it was before: every confirmed row read and its filter opened, to look at its due time.
BILLWATCH_BENCH_READERS changes the 100,000. On SQLite; filters are sealed as always.
"""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import update

from bench._table import show
from digests.delivery.deliver import queue_due
from digests.delivery.schedule import due
from digests.readers.sealing import Keys
from tests.replay.kill_mail import fill
from tracker.app import Services
from tracker.model import Cadence, Filter, Subscription, Topic
from tracker.settings import load_settings
from tracker.store import schema as t
from tracker.store.engine import writing
from tracker.store.rows import subscription_row

READERS = int(os.environ.get("BILLWATCH_BENCH_READERS", "100000"))
NOW = datetime.now(UTC).replace(microsecond=0)
LATER = NOW + timedelta(hours=9)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Services(load_settings(home=Path(folder), mail="off")) as services:
        fill(services, 30)
        _readers(services)
        rows = [("every row opened (as it was)", 0, 0, f"{_seconds(lambda: _naive(services)):.2f}", "")]
        cases = (("nothing due, half are told at once", lambda: None),
                 ("100 daily ones due", lambda: _make_due(services, 100)),
                 ("all daily ones due", lambda: _make_due(services, READERS // 2)),
                 ("one event for whoever is told at once", lambda: fill(services, 1)),
                 ("a minute later: nothing new", lambda: None))
        for name, prepare in cases:
            prepare()
            services.ledger._engine.dispose()
            queued, seconds = 0, time.perf_counter()
            queued = queue_due(services.ledger, services.store, datetime.now(UTC), timedelta(0))
            took = time.perf_counter() - seconds
            rows.append((name, READERS, queued, f"{took:.3f}", f"{queued / took:.0f}" if queued else ""))
            _send_all(services)
    show(("round", "subscriptions", "queued", "seconds", "queued/s"), rows)


def _readers(services: Services) -> None:
    keys, last = services.keys, services.store.last_seq()
    topics = tuple(Topic)
    rows = [subscription_row(_reader(n, keys, last, topics[n % len(topics)]), keys) for n in range(READERS)]
    for start in range(0, READERS, 5000):
        with writing(services.store.engine) as connection:
            connection.execute(t.subscription.insert(), rows[start:start + 5000])


def _reader(n: int, keys: Keys, cursor: int, topic: Topic) -> Subscription:
    name, address = f"r{n:07}", f"r{n}@example.org"
    row = Subscription(name, keys.seal(address, name), keys.blind_index(address), Filter(topics=(topic,)),
                       Cadence.INSTANT, "UTC", LATER.hour, 0, cursor, NOW, NOW, manage_token=name.encode())
    return row if n % 2 else replace(row, cadence=Cadence.DAILY, next_due_at=LATER.replace(minute=0, second=0))


def _naive(services: Services) -> int:
    return sum(due(row, NOW) for row in services.ledger.confirmed())


def _make_due(services: Services, count: int) -> None:
    """Their due time has come, and they have not seen the log."""
    with writing(services.store.engine) as connection:
        connection.execute(update(t.subscription).where(
            t.subscription.c.cadence == "daily", t.subscription.c.id < f"r{2 * count:07}").values(
            next_due_at=NOW - timedelta(minutes=1), cursor=0))


def _send_all(services: Services) -> None:
    with writing(services.store.engine) as connection:
        connection.execute(update(t.delivery).values(status="sent"))
        connection.execute(update(t.subscription).values(cursor=services.store.last_seq()))


def _seconds(work: object) -> float:
    began = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
