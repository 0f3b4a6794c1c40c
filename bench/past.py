"""What the past costs on a part of a Congress: bytes kept for replaced states, and pages of another day beside today's.

Peers in the same run: the bytes of the records and texts themselves, and the same page of today.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from litestar.testing import TestClient
from sqlalchemy import func, select

from bench._table import shared_folder, show
from tests.replay import walk
from tracker.app import Services
from tracker.crawling import Order, crawl
from tracker.settings import load_settings
from tracker.store import schema as t
from tracker.store.catalogue import BillQuery
from tracker.web.app import create_app

START, DAYS, PAGES = date(2025, 6, 1), 20, 60
LIMIT_MS = 30  # bill page, p95, warm


def main() -> None:
    shared = shared_folder()
    if shared is None:
        return
    clock = [datetime.now(UTC)]
    with tempfile.TemporaryDirectory() as home, walk.replay_server(shared, "on-topic", START) as server:
        settings = load_settings(home=Path(home), database="", sources=("us",), crawl_base_url=server.base_url)
        with Services(settings, lambda: clock[0]) as services:
            for day in (START + timedelta(days=n) for n in range(DAYS)):
                server.show(day)
                clock[0] = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=6)
                crawl(services, Order("us"))
                print(f"{day}\r", end="", file=sys.stderr, flush=True)
            clock[0] += timedelta(hours=1)
            bytes_kept(services)
            pages(services, clock[0] - timedelta(days=DAYS // 2))


def bytes_kept(services: Services) -> None:
    with services.store.engine.connect() as connection:
        def measure(table: str, column: str) -> tuple[int, int]:
            rows = t.metadata.tables[table]
            count, size = connection.execute(select(func.count(), func.sum(func.length(rows.c[column]))).select_from(
                rows)).one()
            return count, size or 0

        held = {name: measure(*where) for name, where in {
            "bills, records of today": ("bill", "record"), "past states": ("past_bill", "data"),
            "past pages": ("past_page", "sha256"), "texts (zlib)": ("body", "data"),
            "events": ("event", "data")}.items()}
    show(("rows", "count", "MB", "bytes each"), tuple(
        (name, count, f"{size / 1e6:.2f}", size // max(count, 1)) for name, (count, size) in held.items()))


def pages(services: Services, at: datetime) -> None:
    """Of bills that were known by then."""
    bills = [row.id for row in services.as_known(at).catalogue.bills(BillQuery(limit=PAGES)).rows]
    then = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    with TestClient(create_app(services)) as client:
        rows = []
        for name, paths in (("bill, today", [f"/{b}" for b in bills]),
                            ("bill, as of", [f"/{b}?as-of={then}" for b in bills]),
                            ("list, today", ["/bills?show=all"] * 20),
                            ("list, as of", [f"/bills?show=all&as-of={then}"] * 20)):
            spent = [timed(client, path) for path in [*paths[:5], *paths]][5:]
            p95 = statistics.quantiles(spent, n=20)[-1]
            rows.append((name, f"{statistics.median(spent):.1f}", f"{p95:.1f}", LIMIT_MS,
                         "held" if p95 <= LIMIT_MS else "MISSED"))
    show(("page, ms", "median", "p95", "limit", ""), tuple(rows))


def timed(client: TestClient, path: str) -> float:
    """CPU milliseconds: other processes on the machine do not count."""
    start = time.process_time()
    answer = client.get(path)
    assert answer.status_code == 200, path
    return (time.process_time() - start) * 1000
