"""A feed that the database has no index for: the first request after a start, later ones, and asking each event anew.

The log is an SQLite file of invented events. The peer is what a feed without a sieve would do for every request: read
the live events of flagged bills and ask the filter of each. All must give the same entries.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from typing import TypeVar

from bench._events import invented_events
from bench._table import show
from digests.channels.archive import SIZE
from digests.channels.feeds import FeedSpec, render_feed
from digests.channels.sieve import Sieve
from digests.following.filters import matches
from digests.site import Site
from tracker.model import Bill, Change, Filter, NewEvent
from tracker.ports import EventQuery
from tracker.store.store import SqlStore

T = TypeVar("T")
EVENTS = 60_000
SITE = Site("https://watch.example.org", "billwatch", "ops@example.org", "example.org")
SPECS = (FeedSpec("stage", "became-law"), FeedSpec("effect", "advances"),
         FeedSpec("saved", "x" * 43, Filter(words="lantern"), "row"))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = SqlStore.open(f"sqlite:///{folder}/log.db")
        _fill(store)
        flagged = len(store.events(0, EVENTS, EventQuery(flagged=True, alerting=True)))
        print(f"{store.last_seq():,} events, {flagged:,} of them live and of flagged bills")
        sieve, rows = Sieve(store), []
        for spec in SPECS:
            first, body = _timed(lambda spec=spec: render_feed(spec, "json", sieve, SITE).body)  # type: ignore[misc]
            again, same = _timed(lambda spec=spec: render_feed(spec, "json", sieve, SITE).body)  # type: ignore[misc]
            naive, expected = _timed(lambda spec=spec: _naive(store, spec))  # type: ignore[misc]
            found = [int(item["id"].rpartition("/")[2]) for item in json.loads(body)["items"]]
            assert found == expected and same == body
            rows.append((spec.kind, len(found), f"{first * 1000:,.0f}", f"{again * 1000:.1f}", f"{naive * 1000:,.0f}"))
        show(("feed", "entries", "first ms", "later ms", "asking each event ms"), rows)
        store.close()


def _fill(store: SqlStore) -> None:
    bills: dict[str, list[NewEvent]] = {}
    for e in invented_events(EVENTS):
        new = NewEvent(e.key, e.kind, e.bill_id, e.jurisdiction, e.occurred_on, e.mode, e.topics, e.data)
        bills.setdefault(e.bill_id, []).append(new)
        moment = e.recorded_at
    with store.write() as writer:
        for bill_id, events in bills.items():
            place, session, number = bill_id.split("/")
            writer.apply(Change(bill_id, Bill(place, session, number), "h", 0, "introduced", (), events=tuple(events)),
                         moment)


def _naive(store: SqlStore, spec: FeedSpec) -> list[int]:
    query = EventQuery(flagged=not spec.filter.words, alerting=True)
    return [e.seq for e in store.events(0, EVENTS, query) if matches(spec.filter, e)][::-1][:SIZE]


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.process_time()
    made = work()
    return time.process_time() - start, made


if __name__ == "__main__":
    main()
