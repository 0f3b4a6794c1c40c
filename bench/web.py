"""Requests a second of one server process on one core: a warm page, a made page, 304, beside a page of nothing.

``python -m bench web``: the server is pinned to one core, wrk (Debian) asks from another. The limit in the same run is
the framework's own "hello". ``made``: something is committed before each request, so nothing that was kept can be used.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psutil

from bench._table import show

SECONDS = int(os.environ.get("BENCH_SECONDS", "4"))
SERVER = """
import sys, uvicorn
from pathlib import Path
from tests.tracker.web.serving import rich_services
from tracker.web import serve
def tell(address): print(address, flush=True)
if sys.argv[1] == "hello":
    from litestar import Litestar, get
    @get("/", sync_to_thread=False)
    def hello() -> str: return "hello"
    print("http://127.0.0.1:18099", flush=True)
    uvicorn.run(Litestar([hello], logging_config=None), port=18099, access_log=False, log_level="warning")
else:
    serve.run(rich_services(Path(sys.argv[1]), api_per_minute=10**9), "127.0.0.1", 0, tell)
"""


def main() -> None:
    if shutil.which("wrk") is None:
        print("needs wrk (apt-get install wrk): skipped")
        return
    load = psutil.getloadavg()[0]
    rows = [_ask("hello", "hello of the framework (limit)", "/", None)]
    with tempfile.TemporaryDirectory() as home:
        rows.append(_ask(home, "bill page, kept", "/xx/7/hb-12", 400))
        rows.append(_ask(home, "the same, 304", "/xx/7/hb-12", 2000, known=True))
        rows.append(_ask(home, "bill as JSON, 304", "/api/v1/bills/xx/7/hb-12", 2000, known=True))
        rows.append(_made(home, "/xx/7/hb-12"))
    show(("what", "requests/s", "limit", "p50 ms", "p95 ms", "p99 ms"), rows)
    print(f"load average {load:.1f} to {psutil.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def _server(which: str) -> tuple[subprocess.Popen[str], str]:
    server = subprocess.Popen([sys.executable, "-c", SERVER, which], stdout=subprocess.PIPE, text=True)
    psutil.Process(server.pid).cpu_affinity([0])
    assert server.stdout is not None
    address = server.stdout.readline().strip()
    for _ in range(100):
        try:
            httpx.get(address + "/")
            return server, address
        except httpx.TransportError:
            time.sleep(0.1)
    raise SystemExit("the server did not come up")


def _ask(which: str, what: str, path: str, limit: int | None, *, known: bool = False) -> tuple[object, ...]:
    server, address = _server(which)
    try:
        etag = httpx.get(address + path).headers.get("etag", "")
        header = ["-H", f"If-None-Match: {etag}"] if known else []
        out = subprocess.run(["wrk", "-t1", "-c8", f"-d{SECONDS}s", "--latency", *header, address + path],
                             capture_output=True, text=True, check=True).stdout
    finally:
        server.terminate()
        server.wait()
    found = re.search(r"Requests/sec:\s+([0-9.]+)", out)
    assert found is not None, out
    at = dict(re.findall(r"^\s+(50|75|90|99)%\s+(\S+)", out, re.M))
    return what, f"{float(found[1]):.0f}", limit or "", at.get("50"), f"(p90 {at.get('90')})", at.get("99")


def _made(home: str, path: str) -> tuple[object, ...]:
    from datetime import UTC, datetime

    from tracker.store.store import SqlStore

    server, address = _server(home)
    store, times = SqlStore.open(Path(home) / "billwatch.db"), []
    try:
        with httpx.Client(base_url=address) as client:
            for _ in range(150):
                store.set_job_last_run("bench", datetime.now(UTC))
                begun = time.perf_counter()
                client.get(path)
                times.append((time.perf_counter() - begun) * 1000)
    finally:
        server.terminate()
        server.wait()
        store.close()
    times.sort()
    return ("bill page, made anew", f"{1000 * len(times) / sum(times):.0f}", "p95 30 ms", f"{times[75]:.1f}",
            f"{times[142]:.1f}", f"{times[148]:.1f}")


if __name__ == "__main__":
    main()
