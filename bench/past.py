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
from tracker.polling.crawling import Order, crawl
from tracker.settings import load_settings
from tracker.store import schema as t
from tracker.store.catalogue import BillQuery
from tracker.web.app import create_app

START, DAYS, PAGES, WARM = date(2025, 6, 1), 20, 60, 5
LIMIT_MS = 30  # bill page, p95, warm


def main() -> None:
    shared = shared_folder()
    if shared is None:
        return
    clock = [datetime.now(UTC)]
    with tempfile.TemporaryDirectory() as home, walk.replay_server(shared, "on-topic", START) as server:
        settings = load_settings(home=Path(home), database="", sources=("us",), crawl_base_url=server.base_url,
                                 api_per_minute=10**6)
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
    """Of bills that were known by then. Each address is asked once: nothing comes from answers that are kept."""
    bills = [row.id for row in services.as_known(at).catalogue.bills(BillQuery(limit=PAGES)).rows]
    then = f"as-of={at:%Y-%m-%dT%H:%M:%SZ}"
    moments = [f"as-of={at + timedelta(seconds=n):%Y-%m-%dT%H:%M:%SZ}" for n in range(WARM + PAGES)]
    lists = {"list": "/bills?show=all", "overview": "/overview?", "legislature": "/us?", "week": "/week?",
             "calendar": "/calendar?", "flags (API)": "/api/v1/flags?topic=", "sources": "/sources?"}
    with TestClient(create_app(services)) as client:
        rows = [told(client, "bill, today", [f"/{b}" for b in bills]),
                told(client, "bill, as of", [f"/{b}?{then}" for b in bills])]
        for name, path in lists.items():
            rows += [told(client, f"{name}, today", [f"{path}&{'limit' if 'api' in path else 'n'}={n + 1}"
                                                     for n in range(len(moments))]),
                     told(client, f"{name}, as of", [f"{path}&{moment}" for moment in moments])]
    show(("page, ms", "median", "p95", "limit", ""), tuple(rows))


def told(client: TestClient, name: str, paths: list[str]) -> tuple[object, ...]:
    spent = [timed(client, path) for path in paths][WARM:]
    p95 = statistics.quantiles(spent, n=20)[-1]
    return name, f"{statistics.median(spent):.1f}", f"{p95:.1f}", LIMIT_MS, "held" if p95 <= LIMIT_MS else "MISSED"


def timed(client: TestClient, path: str) -> float:
    """CPU milliseconds: other processes on the machine do not count."""
    start = time.process_time()
    answer = client.get(path)
    assert answer.status_code == 200, path
    return (time.process_time() - start) * 1000
