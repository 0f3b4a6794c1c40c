"""Failed requests to later ones: waits as the site asks (Retry-After), or ever longer, and gives up in the end."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.misc import load_object

from spiders.handshake import is_refusal

logger = logging.getLogger(__name__)

RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})


def seconds_to_wait(retry_after: str | None, now: datetime) -> float | None:
    """``Retry-After`` in seconds or as a date; None if the header is absent or means nothing."""
    if not retry_after:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except (TypeError, ValueError):
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())


class Patience:
    """Downloader middleware in place of Scrapy's own retries. A wait holds every request, not only the one refused."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._crawler = crawler
        self._tries = settings.getint("RETRY_TIMES")
        self._base = settings.getfloat("PATIENCE_BACKOFF")
        self._longest = settings.getfloat("PATIENCE_LONGEST")
        self._failures = tuple(load_object(name) for name in settings.getlist("RETRY_EXCEPTIONS"))
        self._resume_at = 0.0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        while (left := self._resume_at - time.monotonic()) > 0:
            await asyncio.sleep(left)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        if response.status not in RETRIED:
            return response
        told = (response.headers.get("Retry-After") or b"").decode("latin-1")
        wait = seconds_to_wait(told, datetime.now(UTC))
        if wait is not None and wait > self._longest:
            logger.warning("told to wait %.0f s, longer than we stay: %s %s", wait, response.status, request.url)
            return response
        return await self._again(request, str(response.status), wait) or response

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        if not isinstance(exception, self._failures) or is_refusal(exception):
            return None
        return await self._again(request, type(exception).__name__, None)

    async def _again(self, request: Request, reason: str, wait: float | None) -> Request | None:
        tried = request.meta.get("retry_times", 0) + 1
        stats = self._crawler.stats
        if stats is None:
            return None
        if tried > self._tries:
            stats.inc_value("retry/max_reached")
            logger.warning("gave up after %d tries: %s %s", tried, reason, request.url)
            return None
        stats.inc_value("retry/count")
        stats.inc_value(f"retry/reason_count/{reason}")
        if "cached" not in request.flags and not self._crawler.settings.getlist("ARCHIVE_REPLAY"):
            pause = self._base * 2 ** (tried - 1) if wait is None else wait
            self._resume_at = max(self._resume_at, time.monotonic() + min(pause, self._longest))
        again = request.replace(dont_filter=True)
        again.meta["retry_times"] = tried
        return again
