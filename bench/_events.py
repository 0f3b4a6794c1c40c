"""Events for benches: real ones, as ingest writes them for the replayed Congress, or invented ones."""

from __future__ import annotations

import random
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bench.ingest import harvests
from tracker import wire
from tracker.ingest import Counts, Ingester
from tracker.model import TOPIC_NAMES, Event, EventKind, IngestMode, Topic
from tracker.store.store import SqlStore
from tracker.tagger import load_rules

AS_OF = "2026-12-31"
DULL = 250  # bills without a topic beside those that have one


def replayed_events(shared: Path, count: int, seed: int = 5) -> list[Event]:
    """A seeded sample of the live events of bills with a topic and of some without."""
    sys.path.insert(0, str(shared / "replay"))
    import render  # type: ignore[import-not-found]
    from world import World  # type: ignore[import-not-found]

    statuses, texts = dict[str, bytes](), dict[str, bytes]()
    for bills in ("on-topic", str(DULL)):
        world: Any = World(bills=bills)
        statuses |= {b.id: render.status_xml(b, AS_OF) for b in world.bills.values()}
        texts |= {f"https://www.govinfo.gov/content/pkg/{p.name}/xml/{p.name}.xml": render.bill_xml(world, p)
                  for p in world.packages.values()}
    with tempfile.TemporaryDirectory() as folder:
        store = SqlStore.open(f"sqlite:///{folder}/events.db")
        ingester = Ingester(store, load_rules(), lambda page: texts[page.url], lambda: datetime.now(UTC),
                            IngestMode.LIVE, "us", Counts())
        ingester.ingest(map(wire.decode_harvest, harvests(sorted(statuses.items()), texts)))
        numbers = random.Random(seed).sample(range(1, store.last_seq() + 1), min(count, store.last_seq()))
        events = [store.events(number - 1, 1)[0] for number in sorted(numbers)]
        store.close()
    return events


def invented_events(count: int, seed: int = 5) -> list[Event]:
    """Of 400 bills in 20 legislatures; one in five has a topic."""
    dice = random.Random(seed)
    vocabulary = [f"{a}{b}" for a in ("lan", "mar", "tor", "pel", "vin", "sar", "cor", "del", "fen", "gri") for b in (
        "tern", "ket", "ch", "low", "der", "min", "ton", "gate", "ward", "ling")]
    events = []
    for seq in range(1, count + 1):
        number = dice.randrange(400)
        place = f"us-{'acimnow'[number % 7]}{'adehkty'[number % 3]}"
        of_bill = random.Random(number)
        topics = tuple(of_bill.sample(list(TOPIC_NAMES), of_bill.randint(1, 2))) if number % 5 == 0 else ()
        card = {"identifier": f"HB {number}", "title": " ".join(of_bill.choices(vocabulary, k=12)), "session": "31",
                "url": None, "stage": of_bill.choice(("introduced", "in-committee", "passed-one", "became-law")),
                "introduced": "2031-01-10", "committees": [f"Committee on {of_bill.choice(vocabulary)}"],
                "sponsors": [[f"Rep. {of_bill.choice(vocabulary)} {of_bill.choice(vocabulary)}"] for _ in range(5)],
                "findings": [[t.value, "advances", None] for t in topics]}
        events.append(Event(
            seq, f"k{seq}", EventKind.ACTION_RECORDED, f"{place}/31/hb-{number}", place, date(2031, 3, 5),
            datetime(2031, 3, 6, tzinfo=UTC), IngestMode.LIVE, tuple(t for t in Topic if t in topics),
            {"bill": card, "description": " ".join(dice.choices(vocabulary, k=25))}))
    return events
