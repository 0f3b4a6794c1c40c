"""One crawl of one legislature in one process: pages into a WARC, records into a spool, a verdict at the end."""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import os
import resource
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import msgspec
from scrapy import Request, signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.http import Response

from spiders.contract import LegislatureSpider, Memory, discover
from spiders.verdict import judge
from tracker import wire
from tracker.errors import ConfigError, LayoutChanged, TrackerError
from tracker.model import Harvest

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
BACK_OFF = (1.0, 4.0, 15.0)  # seconds before each repetition, where the site names none
LONGEST_WAIT = 300.0  # seconds; a site that asks for more is asked again by the next crawl
TRANSIENT = (429, 500, 502, 503, 504, 522, 524, 408)


class PoliteRetry:
    """Repeats a failed request after the pause that the site asks for, a few times."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.scale = crawler.settings.getfloat("BACK_OFF_SCALE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PoliteRetry:
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        if response.status not in TRANSIENT:
            return response
        return await self._again(request, f"HTTP {response.status}", _retry_after(response)) or response

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        if isinstance(exception, TrackerError) or not isinstance(exception, (OSError, Exception)):
            return None
        if type(exception).__name__ in ("IgnoreRequest", "CloseSpider", "DownloadCancelledError"):
            return None
        return await self._again(request, type(exception).__name__, None)

    async def _again(self, request: Request, reason: str, wait: float | None) -> Request | None:
        attempt = request.meta.get("retry_times", 0)
        if attempt >= len(BACK_OFF) or (wait or 0) > LONGEST_WAIT:
            return None
        spider: Any = self.crawler.spider
        await asyncio.sleep(BACK_OFF[attempt] * self.scale if wait is None else wait)
        again = get_retry_request(request, spider=spider, reason=reason, max_retry_times=len(BACK_OFF))
        return again if isinstance(again, Request) else None


def _retry_after(response: Response) -> float | None:
    value = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    return float(value) if value.isdigit() else None


class Spool:
    """Item pipeline: each harvest one line, after its pages are safe in the WARC."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Spool:
        return cls(Path(crawler.settings["RUN_DIR"]) / "spool.jsonl")

    def open_spider(self) -> None:
        self._stream = self._path.open("ab")

    def close_spider(self) -> None:
        self._stream.close()

    def process_item(self, item: Harvest) -> Harvest:
        self._stream.write(wire.encode(item) + b"\n")
        self._stream.flush()
        return item


class Watchman:
    """Extension: says how far the crawl is, counts what Scrapy alone would swallow, ends an orphan."""

    PAUSE: ClassVar[float] = 0.4

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.folder = Path(crawler.settings["RUN_DIR"])
        self.parent = crawler.settings.getint("PARENT_PID")
        crawler.signals.connect(self.opened, signals.spider_opened)
        crawler.signals.connect(self.stumbled, signals.spider_error)
        crawler.signals.connect(self.received, signals.response_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Watchman:
        return cls(crawler)

    def opened(self) -> None:
        self.task = asyncio.ensure_future(self._watch())

    def received(self, response: Response, request: Request) -> None:
        kind = request.meta.get("kind", "robots")
        self.crawler.stats.inc_value(f"billwatch/requests/{kind}")

    def stumbled(self, failure: Any, response: Response) -> None:
        spider: Any = self.crawler.spider
        if isinstance(failure.value, LayoutChanged):
            spider.drifted(failure.value)
        else:
            spider.count("crashed", f"{response.url}: {type(failure.value).__name__}: {failure.getErrorMessage()}")

    async def _watch(self) -> None:
        while True:
            self.write()
            if self.parent and os.getppid() != self.parent:
                os._exit(1)
            await asyncio.sleep(self.PAUSE)

    def write(self) -> None:
        spider: Any = self.crawler.spider
        if spider is not None:
            replace_file(self.folder / "progress.json",
                         {"phase": spider.phase, "done": spider.done, "expected": spider.expected})


def replace_file(path: Path, value: Any) -> None:
    """Whole or not at all."""
    draft = path.with_suffix(".tmp")
    draft.write_bytes(msgspec.json.encode(value))
    draft.replace(path)


def settings(args: argparse.Namespace, base_url: str) -> dict[str, Any]:
    """Scrapy's defaults are rude; these are not."""
    loopback = urlsplit(base_url).hostname in LOOPBACK
    if not loopback and not args.contact and not args.replay_warc:
        raise ConfigError("setting contact: expected a mail address or page where site owners reach you, got nothing")
    delay = args.delay if args.delay is not None else 0.0 if loopback else 0.5
    contact = f" (+{args.contact})" if args.contact else ""
    return {
        "RUN_DIR": str(args.run_dir), "PARENT_PID": args.parent_pid or 0,
        "WARC_FILE": str(args.run_dir / "pages.warc.gz"), "REPLAY_WARCS": [str(p) for p in args.replay_warc],
        "BACK_OFF_SCALE": 0.02 if loopback else 1.0,
        "USER_AGENT": f"billwatch/0.1{contact}", "ROBOTSTXT_OBEY": True, "COOKIES_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False, "RETRY_ENABLED": False, "REDIRECT_MAX_TIMES": 5, "DOWNLOAD_TIMEOUT": 120,
        "DOWNLOAD_MAXSIZE": 64 << 20, "DOWNLOAD_WARNSIZE": 16 << 20, "DOWNLOAD_FAIL_ON_DATALOSS": True,
        "DOWNLOAD_DELAY": delay, "RANDOMIZE_DOWNLOAD_DELAY": False,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 8 if loopback and not delay else 1, "CONCURRENT_REQUESTS": 8,
        "HTTPCACHE_ENABLED": True, "HTTPCACHE_STORAGE": "spiders.archive.WarcStorage",
        "HTTPCACHE_POLICY": "spiders.archive.RecordEverything", "HTTPCACHE_IGNORE_MISSING": bool(args.replay_warc),
        "DOWNLOADER_MIDDLEWARES": {PoliteRetry: 550}, "ITEM_PIPELINES": {Spool: 100}, "EXTENSIONS": {Watchman: 100},
        "LOG_FILE": str(args.run_dir / "crawl.log"), "LOG_LEVEL": "INFO", "LOGSTATS_INTERVAL": 60.0,
        "MEMUSAGE_ENABLED": False, "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
    }


def main() -> int:
    args = _arguments()
    _die_with_parent()
    started = datetime.now(UTC)
    try:
        known = discover()
        if args.source not in known:
            raise ConfigError(f"source: expected one of {', '.join(known)}, got {args.source}")
        kind = known[args.source]
        args.run_dir.mkdir(parents=True, exist_ok=True)
        process = AsyncCrawlerProcess(settings(args, args.base_url or kind.home))
    except ConfigError as problem:
        print(f"ConfigError: {problem}", file=sys.stderr)
        return 2
    crawler = process.create_crawler(kind)
    options = dict(text.split("=", 1) for text in args.option)
    process.crawl(crawler, memory=Memory.read(args.seen), base_url=args.base_url, limit=args.limit, options=options)
    process.start()
    _conclude(crawler, kind, args, started)
    return 0


def _conclude(crawler: Crawler, kind: type[LegislatureSpider], args: argparse.Namespace, started: datetime) -> None:
    stats: dict[str, Any] = crawler.stats.get_stats() if crawler.stats else {}
    counts = {name.removeprefix("billwatch/").replace("/", "_"): int(value) for name, value in stats.items()
              if name.startswith("billwatch/")}
    counts["requests"] = int(stats.get("downloader/request_count", 0))
    counts["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if args.limit or args.option:
        counts["partial"] = 1
    if stats.get("finish_reason") not in ("finished", "refused", "unreachable"):
        counts["interrupted"] = 1
    spider: Any = crawler.spider
    verdict = judge(counts, 1 if counts.get("partial") else kind.floor, spider.notes if spider else {})
    replace_file(args.run_dir / "result.json", {"verdict": verdict, "counts": counts, "started_at": started,
                                                "finished_at": datetime.now(UTC)})


def _die_with_parent() -> None:
    """On Linux the kernel ends us with our parent; elsewhere the watchman does."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m spiders.crawl", description=__doc__)
    parser.add_argument("source")
    parser.add_argument("--run-dir", type=Path, required=True)
    parser.add_argument("--seen", type=Path)
    parser.add_argument("--base-url", default="")
    parser.add_argument("--delay", type=float)
    parser.add_argument("--contact", default="")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--option", action="append", default=[])
    parser.add_argument("--replay-warc", type=Path, nargs="*", default=[])
    parser.add_argument("--parent-pid", type=int)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
