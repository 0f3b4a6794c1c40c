"""One crawl: start it as its own process, follow its spool into the store, keep its verdict.

A crawl writes pages and records to its run folder and nothing else, so whatever dies, and wherever, the folder holds
what was fetched; the next crawl of the source first takes in what an earlier one left behind.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from spiders.discovery import find
from spiders.recording import read_page
from tracker import wire
from tracker.errors import ConfigError
from tracker.ingest import CHUNK, Counts, Ingester
from tracker.model import Harvest, IngestMode, Page, Run, RunVerdict, SessionTold, VerdictKind
from tracker.polling.quotas import environment, pool_of, rations_of, spendable

if TYPE_CHECKING:
    from tracker.app import Services

log = structlog.get_logger()

IDLE_SECONDS = 0.2
SILENT_LIMIT = timedelta(minutes=20)  # a crawl that neither asks nor writes for so long hangs
ODD_SHARE = 0.02  # of the listed bills may be odd pages, and the source still counts as walked whole


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be crawled, and how."""

    source: str
    base_url: str = ""
    delay: float | None = None
    limit: int | None = None
    options: tuple[tuple[str, str], ...] = ()
    mode: IngestMode | None = None  # None: backfill until the source was once walked whole, then live
    floor: int | None = None  # the fewest bills of a mirror on this machine; a live site's stands in its file


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a running crawl is. `expected` is None until the listings are read."""

    phase: str
    done: int
    expected: int | None
    ingested: int
    events: int


Watcher = Callable[[Progress], None]


def crawl(services: Services, order: Order, watch: Watcher | None = None) -> Run:
    """Crawl one source and take in what it brings. Returns the finished run with its verdict.

    Raises Busy if the source is being crawled already, ConfigError if it is unknown, StoreError if the
    database refuses (nothing is lost: the next crawl takes the spool in).
    """
    busy = f"{order.source} is being crawled right now by another process: wait for it, or stop it"
    pool = pool_of(services.settings, order.source)
    drawn = f"another legislature is being asked by way of {pool} right now, and they share its quota: wait for it"
    with (services.only_one(f"crawl-{order.source}", busy),
          services.only_one(f"quota-{pool}", drawn)):
        for leftover in unfinished_runs(services, order.source):
            _finish(services, leftover, _take_in(services, leftover, None, watch))
        run = _open_run(services, order)
        folder = services.settings.archive / run.id
        _write_seen(services, order.source, folder / "seen.jsonl")
        process = _start(services, order, folder, run.mode)
        try:
            counts = _take_in(services, run, process, watch)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
        done = _finish(services, run, counts)
        _raise_refusal(folder, done)
        return done


def unfinished_runs(services: Services, source: str) -> list[Run]:
    """Runs that ended without being taken in whole (killed, power cut, full disk), oldest first."""
    runs = [r for r in services.store.runs(source, limit=50) if r.finished_at is None]
    return sorted(runs, key=lambda r: r.started_at)


# --- the run ----------------------------------------------------------------------------------------------------------


def _open_run(services: Services, order: Order) -> Run:
    now = services.clock()
    run_id = f"{order.source}-{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    run = Run(run_id, order.source, order.mode or _mode(services, order), now)
    (services.settings.archive / run_id).mkdir(parents=True)
    services.store.save_run(run)
    return run


def _walked_mark(source: str) -> str:
    return f"walked:{source}"


def _mode(services: Services, order: Order) -> IngestMode:
    """Asked-for old sessions and a source that was never walked whole are history, not news."""
    if order.options or services.store.job_last_run(_walked_mark(order.source)) is None:
        return IngestMode.BACKFILL
    return IngestMode.LIVE


def _write_seen(services: Services, source: str, path: Path) -> None:
    with path.open("wb") as out:
        for page in services.store.seen(source, places=getattr(find(source), "recalls", False)):
            out.write(b'{"seen":' + wire.encode(page) + b"}\n")
        for text in services.store.pending_texts(source, services.clock()):
            out.write(b'{"pending":' + wire.encode(text) + b"}\n")
        if getattr(find(source), "unstamped", False):
            for bill in services.store.resting(source, services.clock()):
                out.write(b'{"resting":' + msgspec.json.encode(bill) + b"}\n")


def _start(services: Services, order: Order, folder: Path, mode: IngestMode) -> subprocess.Popen[bytes]:
    settings = services.settings
    base_url = order.base_url or settings.crawl_base_url
    delay = order.delay if order.delay is not None else settings.crawl_delay
    command = [sys.executable, "-m", "spiders.crawl", order.source, "--run-dir", str(folder),
               "--seen", str(folder / "seen.jsonl"), "--parent-pid", str(os.getpid())]
    for name, value in (("--base-url", base_url), ("--contact", settings.contact),
                        ("--certificates", str(settings.certificates)),
                        ("--floor", None if order.floor is None else str(order.floor)),
                        ("--delay", None if delay is None else str(delay)),
                        ("--limit", None if order.limit is None else str(order.limit))):
        if value:
            command += [name, value]
    for key, value in order.options:
        command += ["--option", f"{key}={value}"]
    if (left := budget(services, order.source, services.clock(), mode)) is not None:
        command += ["--budget", str(left)]
    with (folder / "process.log").open("wb") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,  # noqa: S603 fixed argv
                                env={**os.environ, **environment(settings, order.source)})


def budget(services: Services, source: str, now: datetime, mode: IngestMode = IngestMode.LIVE) -> int | None:
    """Requests that this crawl may make of the quota that its source draws on; None: it has none."""
    shared = pool_of(services.settings, source) != source
    return spendable(rations_of(services, source, now), mode, shared)


def _finish(services: Services, run: Run, counts: Counts) -> Run:
    folder = services.settings.archive / run.id
    result = _read_json(folder / "result.json")
    verdict = _verdict(result)
    if "counts" not in result:  # a killed crawl asked, too, and its quota was used
        result["counts"] = {"requests": int(_read_json(folder / "progress.json").get("requests") or 0)}
    numbers = {**{k: v for k, v in result.get("counts", {}).items() if isinstance(v, int)}, **asdict(counts)}
    done = replace(run, finished_at=services.clock(), verdict=verdict, counts=numbers)
    # The mark before the run: killed in between, the run is taken in once more, and no change is told too quietly.
    if _walked_whole(done):
        services.store.set_job_last_run(_walked_mark(run.source), services.clock())
    services.store.save_run(done)
    if verdict is not None and verdict.kind is VerdictKind.OK:
        services.sessions.save(msgspec.convert(result.get("sessions") or [], list[SessionTold]), services.clock())
    (folder / "seen.jsonl").unlink(missing_ok=True)
    return done


def _walked_whole(run: Run) -> bool:
    """Whether all that the source lists has been seen once, but for a few odd pages: from now on changes are news.

    A crawl that was only asked for a part (an old session, a sample) says nothing of the whole.
    """
    counts = run.counts
    if run.verdict is None or counts.get("partial"):
        return False
    if run.verdict.kind is VerdictKind.OK:
        return True
    odd = counts.get("pages_drifted", 0) + counts.get("errors", 0)
    return (run.verdict.kind is VerdictKind.DRIFTED and not counts.get("errors")
            and counts.get("listed", 0) > 0 and odd <= counts["listed"] * ODD_SHARE)


def _verdict(result: Mapping[str, Any]) -> RunVerdict | None:
    """None: the crawl was interrupted."""
    if "verdict" not in result:
        return None
    return RunVerdict(VerdictKind(result["verdict"]["kind"]), str(result["verdict"]["reason"]))


def _raise_refusal(folder: Path, run: Run) -> None:
    """A crawl that refused to start says why in its log."""
    log = folder / "process.log"
    lines = log.read_text(errors="replace").splitlines() if run.verdict is None and log.exists() else []
    refused = next((line for line in reversed(lines) if line.startswith("ConfigError: ")), None)
    if refused:
        raise ConfigError(refused.removeprefix("ConfigError: "))


# --- the spool --------------------------------------------------------------------------------------------------------


def _take_in(services: Services, run: Run, process: subprocess.Popen[bytes] | None, watch: Watcher | None) -> Counts:
    """Follow the spool until its writer has ended; ingest what is complete."""
    folder = services.settings.archive / run.id
    archive = services.settings.archive

    def fetch(page: Page) -> bytes:
        return read_page(archive, page.warc or "", page.offset or 0)

    ingester = Ingester(services.store, services.rules, fetch, services.clock, run.mode, run.source, Counts())
    batch: list[Harvest] = []
    for harvest in follow(folder / "spool.jsonl", _alive(services, process, folder)):
        if harvest is not None:
            batch.append(harvest)
        if len(batch) >= CHUNK or (harvest is None and batch):
            ingester.ingest_chunk(batch)
            batch.clear()
        if watch and (harvest is None or not batch):
            watch(_progress(folder, ingester.counts))
    if batch:
        ingester.ingest_chunk(batch)
    if watch:
        watch(_progress(folder, ingester.counts))
    return ingester.counts


def follow(spool: Path, alive: Callable[[], bool]) -> Iterator[Harvest | None]:
    """Complete lines as they are written; None whenever there is nothing new yet. A torn last line is dropped."""
    rest = b""
    position = 0
    while True:
        living = alive()  # asked before reading: what was written before the end is still read
        block = _read_block(spool, position)
        position += len(block)
        rest += block
        *lines, rest = rest.split(b"\n")
        for line in lines:
            try:
                yield wire.decode_harvest(line)
            except ValueError:  # a hole that a power cut left: the page was not remembered, so it is asked for again
                log.warning("damaged line in a spool", spool=str(spool))
        if not block:
            if not living:
                return
            yield None
            time.sleep(IDLE_SECONDS)


def _read_block(path: Path, position: int, size: int = 1 << 20) -> bytes:
    if not path.exists():
        return b""
    with path.open("rb") as stream:
        stream.seek(position)
        return stream.read(size)


def _alive(services: Services, process: subprocess.Popen[bytes] | None, folder: Path) -> Callable[[], bool]:
    """Whether the writer still writes. A crawl that hangs is ended, and so is one whose service stops."""
    started = time.time()

    def alive() -> bool:
        if process is None or process.poll() is not None:
            return False
        last = max([started, *(p.stat().st_mtime for p in _signs_of_life(folder) if p.exists())])
        if services.stopping.is_set() or time.time() - last > SILENT_LIMIT.total_seconds():
            process.kill()
        return True

    return alive


def _signs_of_life(folder: Path) -> Sequence[Path]:
    return folder / "spool.jsonl", folder / "pages.warc.gz", folder / "crawl.log"


def _progress(folder: Path, counts: Counts) -> Progress:
    now = _read_json(folder / "progress.json")
    return Progress(str(now.get("phase", "starting")), int(now.get("done") or 0), now.get("expected"),
                    counts.harvests, counts.events)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
