"""Harvests to lines of a run's spool, and a crawl's counters to the files that tell how far it is and how it ended."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from scrapy.crawler import Crawler

from tracker import wire
from tracker.model import Harvest, RunVerdict


class Spool:
    """Item pipeline: one line a harvest, whole on its way to the disk before the next. The pages it names lie in the
    archive already, so a reader may follow."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._path = Path(crawler.settings["RUN_DIR"]) / "spool.jsonl"

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Spool:
        return cls(crawler)

    def open_spider(self) -> None:
        self._stream = self._path.open("ab")

    def close_spider(self) -> None:
        self._stream.close()

    async def process_item(self, item: Harvest) -> Harvest:
        try:
            self._stream.write(wire.encode(item) + b"\n")
            self._stream.flush()
        except OSError:
            # A full disk: nothing that follows could be kept either. Without a verdict the run counts as interrupted.
            if self._crawler.engine:
                await self._crawler.engine.close_spider_async(reason="the spool cannot be written")
            raise
        return item


def write_whole(path: Path, record: Mapping[str, Any]) -> None:
    """The file is the old one or the new one, never half of it."""
    draft = path.with_name(f".{path.name}.new")
    draft.write_bytes(msgspec.json.encode(record))
    draft.replace(path)


def progress(spider: Any, stats: Mapping[str, Any]) -> dict[str, Any]:
    return {"phase": spider.phase, "done": spider.done, "expected": spider.expected, "bills": stats.get("bills", 0),
            "texts": stats.get("texts", 0), "requests": stats.get("downloader/request_count", 0)}


# What is told of a run -> where Scrapy or the spider counted it.
COUNTS: tuple[tuple[str, str], ...] = (
    ("requests", "downloader/request_count"),
    ("requests_listing", "asked/listing"),
    ("requests_status", "asked/status"),
    ("requests_text", "asked/text"),
    ("bytes", "downloader/response_bytes"),
    ("not_modified", "downloader/response_status_count/304"),
    ("retries", "retry/count"),
    ("given_up", "retry/max_reached"),
    ("listed", "listed"),
    ("listing_fallbacks", "listing_fallbacks"),
    ("bills", "bills"),
    ("texts", "texts"),
    ("texts_missing", "texts_missing"),
    ("unknown_labels", "unknown_labels"),
    ("contradicting_votes", "contradicting_votes"),
    ("pages_drifted", "problem/drifted/count"),
    ("pages_blocked", "problem/blocked/count"),
    ("pages_unreachable", "problem/unreachable/count"),
    ("errors", "spider_exceptions/count"),
    ("memory_peak", "memory_peak"),
)


def result(verdict: RunVerdict | None, stats: Mapping[str, Any], started: datetime, finished: datetime,
           partial: bool) -> dict[str, Any]:
    """Without a verdict: the crawl was interrupted, and what it would have found nobody knows."""
    counts = {name: int(stats.get(key, 0) or 0) for name, key in COUNTS} | {"partial": int(partial)}
    told: dict[str, Any] = {"counts": counts, "started": started, "finished": finished}
    if verdict:
        told["verdict"] = {"kind": str(verdict.kind), "reason": verdict.reason}
    return told


def self_identity(version: str, contact: str) -> str:
    """The honest User-Agent. A mail address becomes one that a log reader can write to."""
    return f"billwatch/{version} (+{f'mailto:{contact}' if '@' in contact and ':' not in contact else contact})"


def parent_is_gone(parent: int | None) -> bool:
    return parent is not None and os.getppid() != parent
