"""The command `python -m spiders.crawl SOURCE --run-dir DIR`: one crawl, one process, one folder of pages and records.

The folder receives pages.warc.gz, spool.jsonl, progress.json, crawl.log and, at the end, result.json.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import logging
import os
import resource
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler

from spiders import witness
from spiders.access import hush, secret_of
from spiders.contract import LegislatureSpider
from spiders.discovery import find
from spiders.memory import Memory
from spiders.spool import parent_is_gone, progress, result, self_identity, write_whole
from spiders.verdict import judge
from tracker.errors import ConfigError

POLITE_DELAY = 0.5  # seconds between two requests to a public site, one at a time
LOOPBACK_WIDTH = 8
LARGEST, LARGE = 64 << 20, 16 << 20
TICK = 0.3
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """One crawl, as it was ordered."""

    source: str
    run_dir: Path
    seen: Path | None = None
    base_url: str = ""
    delay: float | None = None
    contact: str = ""
    limit: int | None = None
    options: tuple[tuple[str, str], ...] = ()
    replay: tuple[Path, ...] = ()
    parent: int | None = None
    budget: int | None = None
    certificates: Path | None = None
    floor: int | None = None
    witness: str = ""

    @property
    def partial(self) -> bool:
        return self.limit is not None or bool(self.options)


def read_arguments(arguments: Sequence[str] | None = None) -> Plan:
    parser = argparse.ArgumentParser(prog="python -m spiders.crawl", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", help="a legislature's id, e.g. us")
    parser.add_argument("--run-dir", type=Path, required=True, help="an existing or new folder without an earlier run")
    parser.add_argument("--seen", type=Path, help="what is known: JSON lines {'seen': ...} and {'pending': ...}")
    parser.add_argument("--base-url", default="", help="a mirror of the source")
    parser.add_argument("--delay", type=float, help=f"seconds between requests (default {POLITE_DELAY}; loopback 0)")
    parser.add_argument("--contact", default="", help="mail address or URL for the User-Agent; needed for public sites")
    parser.add_argument("--limit", type=int, help="at most so many bills")
    parser.add_argument("--option", action="append", default=[], metavar="KEY=VALUE", help="of the legislature")
    parser.add_argument("--replay-warc", type=Path, nargs="+", default=[], help="answer from recordings alone")
    parser.add_argument("--budget", type=int, help="requests that are left of the source's quota")
    parser.add_argument("--certificates", type=Path, help="a folder of intermediate certificates (*.pem)")
    parser.add_argument("--floor", type=int, help="the fewest bills of a mirror on this machine")
    parser.add_argument("--witness", default="", help="an aggregator whose list is asked instead, to compare with")
    parser.add_argument("--parent-pid", type=int, help="end when this process does")
    given = parser.parse_args(arguments)
    options = tuple((key, value) for key, _, value in (o.partition("=") for o in given.option))
    return Plan(given.source, given.run_dir, given.seen, given.base_url, given.delay, given.contact, given.limit,
                options, tuple(given.replay_warc), given.parent_pid, given.budget,
                given.certificates, given.floor, given.witness)


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_local(plan: Plan, spider: type[LegislatureSpider]) -> bool:
    return is_loopback(plan.base_url or spider.site) or bool(plan.replay)


def settings_for(plan: Plan, spider: type[LegislatureSpider]) -> dict[str, Any]:
    """Good manners as settings. Raises ConfigError on a wrong order, and on one that asks a public site nameless."""
    if unknown := sorted({key for key, _ in plan.options} - set(spider.options)):
        raise ConfigError(f"{plan.source}: unknown option {unknown[0]!r}; known: {', '.join(spider.options) or 'none'}")
    local = is_local(plan, spider)
    if not local and plan.floor is not None:
        raise ConfigError("--floor is for mirrors on this machine: what a live site must name stands in its file")
    if not local and not plan.contact:
        raise ConfigError("contact is not set: a public site must be able to reach whoever crawls it; set "
                          "BILLWATCH_CONTACT=you@example.org, or contact in billwatch.toml")
    width = LOOPBACK_WIDTH if local else 1
    delay = plan.delay if plan.delay is not None else 0.0 if local else POLITE_DELAY
    delay = delay if local else max(delay, spider.pause)
    return {
        "RUN_DIR": str(plan.run_dir), "ARCHIVE_FILE": str(plan.run_dir / "pages.warc.gz"),
        "ARCHIVE_REPLAY": [str(p) for p in plan.replay],
        "USER_AGENT": self_identity(metadata.version("billwatch"), plan.contact or "loopback"),
        "ROBOTSTXT_OBEY": True, "ROBOTSTXT_USER_AGENT": "billwatch",
        "CONCURRENT_REQUESTS": width, "CONCURRENT_REQUESTS_PER_DOMAIN": width,
        "DOWNLOAD_DELAY": delay, "RANDOMIZE_DOWNLOAD_DELAY": False, "AUTOTHROTTLE_ENABLED": not local,
        "AUTOTHROTTLE_START_DELAY": delay, "AUTOTHROTTLE_TARGET_CONCURRENCY": 1.0, "AUTOTHROTTLE_MAX_DELAY": 30.0,
        "DOWNLOAD_TIMEOUT": 60, "DOWNLOAD_MAXSIZE": LARGEST, "DOWNLOAD_WARNSIZE": LARGE,
        "DOWNLOAD_FAIL_ON_DATALOSS": True,
        "RETRY_TIMES": 4, "PATIENCE_BACKOFF": 0.05 if local else 5.0, "PATIENCE_LONGEST": 300.0,
        "DOWNLOADER_MIDDLEWARES": {"scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
                                   "spiders.patience.Patience": 550},
        "ITEM_PIPELINES": {"spiders.spool.Spool": 100},
        "HTTPCACHE_ENABLED": True, "HTTPCACHE_POLICY": "spiders.archive.KeepEverything",
        "HTTPCACHE_STORAGE": "spiders.archive.WarcStorage", "HTTPCACHE_IGNORE_MISSING": bool(plan.replay),
        # Encodings that the archive's readers can undo with the standard library alone.
        "DEFAULT_REQUEST_HEADERS": {"Accept": "*/*", "Accept-Encoding": "gzip, deflate"},
        "DOWNLOAD_VERIFY_CERTIFICATES": True, "CERTIFICATES": str(plan.certificates or ""),
        # Only the web is ever asked, and file servers by those legislatures that say so.
        "DOWNLOAD_HANDLERS": {**dict.fromkeys(("file", "ftp", "s3", "data")), "https": "spiders.handshake.Handler", **(
            {"ftp": "spiders.ftp.FileServer"} if any(
                s.startswith("ftp:") for s in (spider.site, *spider.hosts)) else {})},
        "COOKIES_ENABLED": False, "TELNETCONSOLE_ENABLED": False, "REFERER_ENABLED": False,
        "LOG_LEVEL": "INFO", "LOG_FILE": str(plan.run_dir / "crawl.log"), "LOGSTATS_INTERVAL": 60.0,
    }


async def watch(crawler: Crawler, plan: Plan) -> None:
    """Tell how far the crawl is, and end with the parent."""
    while True:
        if parent_is_gone(plan.parent):
            os._exit(3)
        if isinstance(crawler.spider, LegislatureSpider) and crawler.stats:
            write_whole(plan.run_dir / "progress.json", progress(crawler.spider, crawler.stats.get_stats()))
        await asyncio.sleep(TICK)


def crawl(plan: Plan) -> None:
    """Raises ConfigError if the order cannot be carried out; whatever else happens is the verdict in result.json."""
    spider: type[LegislatureSpider] = find(plan.source)
    if plan.witness:
        spider = witness.of(spider, plan.witness)
    plan.run_dir.mkdir(parents=True, exist_ok=True)
    if (plan.run_dir / "pages.warc.gz").exists():
        raise ConfigError(f"{plan.run_dir.name}: this folder holds an earlier run; each crawl needs its own")
    settings = settings_for(plan, spider)
    secret = secret_of(plan.witness or plan.source, spider.key, is_local(plan, spider))
    started = datetime.now(UTC)
    process = AsyncCrawlerProcess(settings)
    logging.getLogger("scrapy.core.scraper").setLevel(logging.WARNING)  # or every harvest is in the log, text and all
    crawler = process.create_crawler(spider)
    # Scrapy makes its log's handler when the crawl starts; no address was asked before.
    crawler.signals.connect(lambda: hush(secret), signals.spider_opened, weak=False)
    ended: list[str] = []
    tasks: list[asyncio.Task[None]] = []
    crawler.signals.connect(lambda: tasks.append(asyncio.ensure_future(watch(crawler, plan))), signals.spider_opened,
                            weak=False)

    def close(spider: LegislatureSpider, reason: str) -> None:
        ended.append(reason)
        for task in tasks:
            task.cancel()

    crawler.signals.connect(close, signals.spider_closed, weak=False)
    task = process.crawl(crawler, base_url=plan.base_url, memory=Memory.read(plan.seen), limit=plan.limit,
                  wanted=dict(plan.options), width=settings["CONCURRENT_REQUESTS"], secret=secret, budget=plan.budget)
    process.start()
    if task.done() and (failed := task.exception()):
        raise failed
    if isinstance(crawler.spider, LegislatureSpider) and crawler.spider.misordered:
        raise crawler.spider.misordered
    conclude(plan, spider, crawler, started, interrupted=ended != ["finished"])


def conclude(plan: Plan, spider: type[LegislatureSpider], crawler: Crawler, started: datetime,
             interrupted: bool) -> None:
    for leftover in plan.run_dir.glob("bulk-*"):  # its parts lie in the archive
        leftover.unlink()
    stats = dict(crawler.stats.get_stats()) if crawler.stats else {}
    stats["memory_peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if isinstance(crawler.spider, LegislatureSpider):
        write_whole(plan.run_dir / "progress.json", progress(crawler.spider, stats) | {"phase": "finished"})
    floor = spider.floor if plan.floor is None else plan.floor
    verdict = None if interrupted else judge(stats, floor)
    told = result(verdict, stats, started, datetime.now(UTC), plan.partial)
    if isinstance(crawler.spider, LegislatureSpider) and crawler.spider.sessions_told:
        told["sessions"] = [*crawler.spider.sessions_told.values()]
    write_whole(plan.run_dir / "result.json", told)


def die_with_parent(parent: int | None) -> None:
    """The kernel ends us when whoever started us ends, however that happens (Linux; elsewhere `watch` does)."""
    if parent is None or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent_is_gone(parent):
        raise SystemExit(3)


def main(arguments: Sequence[str] | None = None) -> int:
    plan = read_arguments(arguments)
    die_with_parent(plan.parent)
    try:
        crawl(plan)
    except ConfigError as problem:
        print(f"ConfigError: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
