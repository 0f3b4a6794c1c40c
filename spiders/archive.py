"""Scrapy's cache storage on WARC files: every exchange of a crawl is recorded, or replayed strictly from a record."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import quote

from scrapy import Request, Spider
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from scrapy.settings import BaseSettings

from spiders.access import HIDDEN
from spiders.recording import Recorder, member, members
from tracker.errors import SourceError


@dataclass(frozen=True, slots=True)
class Kept:
    """Where an exchange lies; found in `request.meta["kept"]`."""

    warc: str
    offset: int
    at: datetime


class KeepEverything:
    """HTTPCACHE_POLICY: our own conditional requests decide what is asked; the storage decides what is replayed."""

    def __init__(self, settings: BaseSettings) -> None:
        pass

    def should_cache_request(self, request: Request) -> bool:
        return True

    def should_cache_response(self, response: Response, request: Request) -> bool:
        return True

    def is_cached_response_fresh(self, response: Response, request: Request) -> bool:
        return True

    def is_cached_response_valid(self, cached: Response, response: Response, request: Request) -> bool:
        return False


class WarcStorage:
    """HTTPCACHE_STORAGE. Records into ARCHIVE_FILE, or, if ARCHIVE_REPLAY names files, answers from these alone."""

    def __init__(self, settings: BaseSettings) -> None:
        self._settings = settings
        self._path = Path(settings["ARCHIVE_FILE"])
        self._recorder: Recorder | None = None
        self._recorded: dict[str, deque[tuple[Path, int]]] = defaultdict(deque)
        self._replays = [Path(p) for p in settings.getlist("ARCHIVE_REPLAY")]

    def open_spider(self, spider: Spider) -> None:
        spider.archive = self  # type: ignore[attr-defined]
        for path in self._replays:
            for found in members(path):
                self._recorded[found.url].append((path, found.offset))
        if not self._replays:
            self._recorder = Recorder(self._path, str(self._settings["USER_AGENT"]))

    def close_spider(self, spider: Spider) -> None:
        if self._recorder:
            self._recorder.close()

    def retrieve_response(self, spider: Spider, request: Request) -> Response | None:
        """None: ask the site. In a replay None is refused by Scrapy itself (HTTPCACHE_IGNORE_MISSING).

        Answers to one address are given in the order in which they were recorded: first the refusal, then the page.
        """
        waiting = self._recorded.get(_target(spider, request))
        if not self._replays or not waiting:
            return None
        path, offset = waiting.popleft()
        found = member(path, offset)
        request.meta["kept"] = Kept(_name(path), offset, found.fetched_at)
        headers = Headers()
        for name, value in found.headers:
            headers.appendlist(name, value)
        kind = responsetypes.from_args(headers=headers, url=request.url, body=found.body[:5000])
        return kind(url=request.url, status=found.status, headers=headers, body=found.body)

    def store_response(self, spider: Spider, request: Request, response: Response) -> None:
        if self._recorder is None:
            return
        now = datetime.now(UTC).replace(microsecond=0)
        headers = [(name.decode("latin-1"), value.decode("latin-1"))
                   for name, values in response.headers.items() for value in values]
        offset = self._recorder.write(_target(spider, request), _discreet(spider, request.url), now, response.status,
                                      "", [(name, _discreet(spider, value)) for name, value in headers], response.body)
        request.meta["kept"] = Kept(_name(self._path), offset, now)

    def keep(self, url: str, body: bytes) -> Kept:
        """A part of a page as a member of its own; in a replay, the member that was recorded of it.

        Raises SourceError if a replay holds none.
        """
        if self._recorder:
            now = datetime.now(UTC).replace(microsecond=0)
            return Kept(_name(self._path), self._recorder.write_part(url, now, body), now)
        for path, offset in self._recorded.get(url, ()):
            return Kept(_name(path), offset, member(path, offset).fetched_at)
        raise SourceError("expected this part in the recording, got none", url=url)


def _target(spider: Spider, request: Request) -> str:
    """The official address; a part of a file that is asked for in ranges is a page of its own."""
    official = getattr(spider, "official", None)
    span = (request.headers.get("Range") or b"").decode("latin-1")
    return (str(official(request.url)) if official else request.url) + (f"#{span}" if span else "")


def _discreet(spider: Spider, text: str) -> str:
    """Without the operator's key."""
    secret = getattr(spider, "_secret", "")
    return text.replace(secret, HIDDEN).replace(quote(secret, safe=""), HIDDEN) if secret else text


@cache  # asked once a page, and the answer walks the disk
def _name(path: Path) -> str:
    """The path relative to the archive folder, which holds one folder a run."""
    return f"{path.resolve().parent.name}/{path.name}"
