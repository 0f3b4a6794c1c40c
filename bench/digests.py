"""Ten thousand personal digests of thirty items, HTML and text, to bytes: spliced, against the straightforward way.

The peer is this project's own `compose`: Jinja2 and the standard library's EmailMessage, a whole message a reader.
Who follow the same share a body; who follow other bills share the parts of those bills that both follow.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

from bench._table import cpu, show
from digests.delivery.builder import bill_news, build
from digests.delivery.composer import Composer
from digests.delivery.mail import compose
from digests.following.filters import matches
from digests.readers.sealing import Keys
from digests.site import Site
from digests.speech import speech_of
from digests.wording.changed_words import Changed, Found
from tracker.model import Cadence, Delivery, Effect, Event, EventKind, Filter, IngestMode, Subscription, Topic
from tracker.ports import EventQuery

READERS, ITEMS, SAMPLE = 10_000, 30, 200
BILLS, FOLLOWED = 200, 10  # three items each
NOW = datetime(2031, 3, 6, 12, tzinfo=UTC)
KEYS = Keys("k1", {"k1": bytes(range(32))}, bytes(32), b"t" * 32)
SITE = Site("https://watch.example.org", "billwatch", "ops@example.org", "example.org")
LIMIT = 1000  # a second on one core


def changes(event: Event) -> Changed:
    one = Found(Topic.WORKER_RIGHTS, Effect.ADVANCES, "Sec. 4")
    said = "Whoever lights a lantern shall be paid for it. " * 4
    return Changed("Introduced in House", (one, one), (one,), 3, (4, 1, 1, 12), ((True, said), (False, said)),
                   f"{event.bill_id}/compare/ih..rh")


class Lists:
    """A log in memory, which finds the events of a bill at once, as a database does."""

    def __init__(self, events: list[Event]) -> None:
        self._events = events
        self._of: dict[str, list[Event]] = {}
        for event in events:
            self._of.setdefault(event.bill_id, []).append(event)

    def events(self, after: int = 0, limit: int = 1000, query: EventQuery | None = None) -> list[Event]:
        bills = query.filter.bills if query else ()
        found = (e for bill in bills for e in self._of.get(bill, ())) if bills else self._events
        return sorted((e for e in found if e.seq > after), key=lambda e: e.seq)[:limit]

    def latest_events(self, before: int | None, limit: int, query: EventQuery | None = None) -> list[Event]:
        return self._events[::-1][:limit]

    def last_seq(self) -> int:
        return len(self._events)


def happenings() -> Iterator[Event]:
    """Of each bill two steps and a finding with a quote."""
    for n in range(1, 3 * BILLS + 1):
        bill = f"xx/31/hb-{n % BILLS}"
        title = "An Act concerning the lighting of lanterns and the sale of wicks"
        card = {"identifier": f"HB {n % BILLS}", "title": title, "session": "31", "url": f"https://law.example/{bill}",
                "stage": "in-committee"}
        found = {"topic": "worker-rights", "effect": "advances", "provision": f"Sec. {n}", "version": "ih",
                 "note": "Introduced in House", "mark": "inserted",
                 "quote": "Whoever lights a lantern shall be paid for it. " * 5}
        step = {"description": "Referred to the Committee on Light and reported without recommendation",
                "stage": "in-committee", "chamber": "lower", "also": []}
        is_found = n > 2 * BILLS
        kind = EventKind.FLAG_RAISED if is_found else EventKind.ACTION_RECORDED
        if not is_found and n > BILLS:  # the other step is a new text, told with what changed in its words
            kind, step = EventKind.VERSION_PUBLISHED, {"version": "rh", "note": "Reported in House", "date": None,
                                                       "url": None, "media_type": None}
        yield Event(n, f"k{n}", kind, bill, "xx", date(2031, 3, 5), NOW - timedelta(hours=1), IngestMode.LIVE,
                    (Topic.WORKER_RIGHTS,), {"bill": card, **(found if is_found else step)})


def readers(filters: int) -> list[tuple[Subscription, Delivery, str]]:
    """`filters`: how many different ones; each lets thirty events of ten bills through."""
    out = []
    for n in range(READERS):
        identity, address = f"s{n}", f"reader{n}@mail{n % 7}.example.org"
        followed = random.Random(n % filters).sample(range(BILLS), FOLLOWED)
        wanted = Filter(bills=tuple(f"xx/31/hb-{b}" for b in followed))
        row = Subscription(identity, KEYS.seal(address, identity), KEYS.blind_index(address), wanted, Cadence.DAILY,
                           "UTC", 8, 0, 0, NOW - timedelta(days=n % 700), NOW - timedelta(days=n % 700), None,
                           KEYS.stored_token(identity), language=("en", "es")[n % 2])
        out.append((row, Delivery(f"d{n}", identity, 0, 3 * BILLS, NOW), address))
    return out


def main() -> None:
    events = list(happenings())
    log = Lists(events)
    people = {filters: readers(filters) for filters in (20, 1000, READERS)}

    def straight(row: Subscription, delivery: Delivery, address: str) -> bytes:
        speech = speech_of(row.language)
        digest = build((e for e in events if matches(row.filter, e)), speech=speech, today=NOW.date(),
                       tell=lambda found, total, spoken: bill_news(found, total, spoken, changes))
        assert digest.count == ITEMS
        return compose(row, digest, delivery, address, SITE, KEYS).as_bytes()

    sample = people[READERS][:SAMPLE]
    spliced = Composer(log, KEYS, SITE, changes=changes)
    assert all(spliced.write(*one) == straight(*one) for one in sample), "the bytes differ"
    size = len(straight(*sample[0]))
    floor = SAMPLE / cpu(lambda: [straight(*one) for one in sample], 1)

    def ours(filters: int, most: int) -> Callable[[], object]:
        composer = Composer(log, KEYS, SITE, changes=changes)
        return lambda: [composer.write(*one) for one in people[filters][:most]]

    rows = [("Jinja2 + EmailMessage, a message a reader", f"{SAMPLE}", f"{floor:.0f}", "1.0", "")]
    for filters, most in ((20, READERS), (1000, READERS), (READERS, READERS)):
        rate = most / cpu(ours(filters, most), 1)
        rows.append((f"spliced, {most:,} readers", f"{min(filters, most):,}", f"{rate:.0f}",
                     f"{rate / floor:.1f}", "yes" if rate >= LIMIT else "NO"))
    print(f"{ITEMS} items, {size / 1000:.0f} kB a message, equal bytes for {SAMPLE} readers; limit {LIMIT} a second")
    show(("what", "different bodies", "messages a CPU second", "times the peer", f"over {LIMIT}"), rows)


if __name__ == "__main__":
    main()
