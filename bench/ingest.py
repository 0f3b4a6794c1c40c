"""Records with texts into SQLite: first ingest and unchanged re-ingest, bills per CPU second."""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lxml import etree

from bench._table import shared_folder, show
from spiders.legislatures.us import parse_bill
from tracker import wire
from tracker.ids import bill_id
from tracker.ingest import Counts, Ingester
from tracker.model import FetchedText, Harvest, IngestMode, Page
from tracker.store.store import SqlStore
from tracker.tagger import load_rules

BILLS = 2000
AS_OF = "2025-12-31"


def documents(shared: Path) -> tuple[list[tuple[str, bytes]], dict[str, bytes]]:
    """Status files and texts of a seeded sample of the 119th Congress as of a day."""
    sys.path.insert(0, str(shared / "replay"))
    import render  # type: ignore[import-not-found]
    from world import World  # type: ignore[import-not-found]

    world: Any = World(bills=str(BILLS))
    statuses, texts = [], {}
    for bill in world.bills.values():
        if bill.introduced <= AS_OF:
            statuses.append((bill.id, render.status_xml(bill, AS_OF)))
    for package in world.packages.values():
        if package.day <= AS_OF and package.bill.introduced <= AS_OF:
            url = f"https://www.govinfo.gov/content/pkg/{package.name}/xml/{package.name}.xml"
            texts[url] = render.bill_xml(world, package)
    return statuses, texts


def harvests(statuses: list[tuple[str, bytes]], texts: dict[str, bytes]) -> list[bytes]:
    """Spool lines as a crawl writes them."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    lines = []
    for name, body in statuses:
        url = f"https://www.govinfo.gov/bulkdata/BILLSTATUS/119/x/BILLSTATUS-{name}.xml"
        bill = parse_bill(body, url)
        found = []
        for version in bill.versions:
            link = version.links[0]
            if link.url in texts:
                page = Page(link.url, hashlib.sha256(texts[link.url]).hexdigest(), now)
                found.append(FetchedText(version.code, link.url, link.media_type, page))
        page = Page(url, hashlib.sha256(body).hexdigest(), now, lastmod="2026-01-01")
        lines.append(wire.encode(Harvest(bill_id(bill.jurisdiction, bill.session, bill.identifier), bill,
                                         wire.content_hash(bill), (page,), tuple(found))))
    return lines


def main() -> None:
    shared = shared_folder()
    if shared is None:
        return
    statuses, texts = documents(shared)
    begun = time.process_time()
    for _, body in statuses:
        etree.fromstring(body)
    for body in texts.values():
        etree.fromstring(body)
    floor = time.process_time() - begun
    lines = harvests(statuses, texts)
    again = [wire.encode(Harvest(h.bill_id, h.bill, h.content_hash, h.pages)) for h in map(wire.decode_harvest, lines)]
    rules = load_rules()
    with tempfile.TemporaryDirectory() as folder:
        store = SqlStore.open(f"sqlite:///{folder}/bench.db")

        def ingest(spool: list[bytes]) -> tuple[Counts, float]:
            ingester = Ingester(store, rules, lambda page: texts[page.url], lambda: datetime.now(UTC),
                                IngestMode.BACKFILL, "us", Counts())
            start = time.process_time()
            counts = ingester.ingest(map(wire.decode_harvest, spool))
            return counts, time.process_time() - start

        first, seconds = ingest(lines)
        second, unchanged = ingest(again)
    show(("what", "bills/s of CPU", "note"), [
        (f"lxml parse of the same pages ({len(lines)} bills, {len(texts)} texts)", f"{len(lines) / floor:.0f}",
         "floor"),
        ("first ingest with text and flags", f"{len(lines) / seconds:.0f}",
         f"{seconds / floor:.1f} times the floor; {first.events} events, {first.flags} flags"),
        ("unchanged re-ingest", f"{len(again) / unchanged:.0f}", f"{second.events} events"),
        ("openstates-core, as published: first, again", "45, 46", "no content hash"),
    ])
