"""What a legislature file must provide, and what it is given: addresses to documents, documents to harvests.

A legislature is one file `spiders/legislatures/<name>.py` with one class, and one folder of recorded pages. The class
states facts about its source and one coroutine generator, `harvests`, that asks for pages with `ask` and yields
`tracker.model.Harvest`. Everything that all legislatures need (robots, patience, provenance, verdicts) is done around
it; spiders/legislatures/README.md shows a whole one.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import pkgutil
import re
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import scrapy
from lxml import etree
from scrapy.core.engine import ExecutionEngine
from scrapy.exceptions import CloseSpider, IgnoreRequest
from scrapy.http import Response
from scrapy.statscollectors import StatsCollector

from spiders import guard, verdict
from spiders.archive import Kept
from spiders.memory import Memory
from tracker.errors import Blocked, ConfigError, LayoutChanged, SourceError, Unreachable
from tracker.model import Harvest, Page, VerdictKind

T = TypeVar("T")
R = TypeVar("R")
PATIENT_WITH_REFUSALS = 3  # so many, and the crawl ends: a site that says no is left in peace


# --- selectors that state what they expect ----------------------------------------------------------------------------


def many(node: etree._Element, path: str, url: str, least: int = 1) -> list[etree._Element]:
    """All elements at an ElementPath; raises LayoutChanged if there are fewer than `least`."""
    found: list[etree._Element] = node.findall(path)
    if len(found) < least:
        raise LayoutChanged(f"expected {least} or more of {path!r} in <{node.tag}>, got {len(found)}", url=url)
    return found


def one(node: etree._Element, path: str, url: str) -> etree._Element:
    """The one element at an ElementPath; raises LayoutChanged if there is none, or more than one."""
    found = many(node, path, url)
    if len(found) > 1:
        raise LayoutChanged(f"expected one {path!r} in <{node.tag}>, got {len(found)}", url=url)
    return found[0]


# --- labels -----------------------------------------------------------------------------------------------------------


class Labels:
    """An ordered table of (pattern, classifications): the first pattern that matches a label's beginning decides.

    A row with no classifications names a label that is known and means no step. Patterns know no case; groups in them
    must not capture.
    """

    def __init__(self, table: Iterable[tuple[str, tuple[str, ...]]]) -> None:
        rows = list(table)
        self._classes = [classes for _, classes in rows]
        self._pattern = re.compile("|".join(f"({pattern})" for pattern, _ in rows), re.IGNORECASE | re.DOTALL)
        if self._pattern.groups != len(rows):
            raise ConfigError("a pattern of a table of labels captures a group: write (?:...)")
        self.classify = lru_cache(maxsize=8192)(self._classify)

    def _classify(self, label: str) -> tuple[str, ...] | None:
        """None: a label that the table does not know."""
        found = self._pattern.match(label)
        return self._classes[found.lastindex - 1] if found and found.lastindex else None


# --- pages ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """One page as it came, safe to parse; `fresh` is False for a 304 (then the body is empty)."""

    url: str  # official
    body: bytes
    page: Page
    fresh: bool


class LegislatureSpider(scrapy.Spider):
    """Base of every legislature. `name` is the jurisdiction id, and the file's name with "-" for "_"."""

    zone: ClassVar[str]  # IANA; in which the legislature's dates are meant
    terms: ClassVar[str]  # why we may crawl, with the page that says so
    floor: ClassVar[int]  # the fewest bills that a healthy listing names
    cadence: ClassVar[Mapping[str, int]]  # minutes between crawls: {"session": ..., "recess": ...}
    site: ClassVar[str]  # official, "https://www.govinfo.gov": in every stored address, whatever mirror was crawled
    options: ClassVar[Mapping[str, str]] = {}  # what may be asked for by --option, with its meaning

    def __init__(self, base_url: str = "", memory: Memory | None = None, limit: int | None = None,
                 wanted: Mapping[str, str] | None = None, width: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.base_url = (base_url or self.site).rstrip("/")
        self.allowed_domains = [urlsplit(self.base_url).hostname or ""]
        self.memory = memory or Memory()
        self.limit = limit
        self.wanted = dict(wanted or {})
        self.width = width
        self.phase, self.done, self.expected = "listings", 0, None  # type: tuple[str, int, int | None]
        self.misordered: ConfigError | None = None  # what was wanted cannot be had from this site

    # --- what a legislature writes ---

    def harvests(self) -> AsyncIterator[Harvest]:
        """The legislature's own work: ask, parse, yield."""
        raise NotImplementedError

    # --- addresses ---

    def official(self, url: str) -> str:
        """The address that is stored and shown."""
        return self.site + url[len(self.base_url):] if url.startswith(self.base_url + "/") else url

    def actual(self, url: str) -> str:
        """The address that is asked. Only addresses of the site itself are ever asked."""
        if not url.startswith(self.site + "/"):
            raise LayoutChanged(f"expected an address under {self.site}", source=self.name, url=url)
        return self.base_url + url[len(self.site):]

    # --- asking ---

    async def ask(self, url: str, kind: str, *, lastmod: str | None = None, since: str | None = None,
                  accept: str | None = None) -> Answer:
        """Fetch one official address. `since`: a Last-Modified to ask with. Raises SourceError (guard.check)."""
        headers = {k: v for k, v in (("If-Modified-Since", since), ("Accept", accept)) if v}
        request = scrapy.Request(self.actual(url), headers=headers, dont_filter=True)
        self.count("asked")
        self.count(f"asked/{kind}")
        try:
            response = await self._engine.download_async(request)
        except IgnoreRequest as problem:
            if "robots" in str(problem):
                raise Blocked("robots.txt forbids this page", source=self.name, url=url) from problem
            raise Unreachable("not asked: it is not in the recording, or leads to another host", source=self.name,
                              url=url) from problem
        except Exception as problem:  # every transport failure, of which Twisted knows dozens
            raise Unreachable(f"no whole answer after all retries: {type(problem).__name__}", source=self.name,
                              url=url) from problem
        return self._answer(url, response, lastmod)

    def _answer(self, url: str, response: Response, lastmod: str | None) -> Answer:
        headers = {k.decode("latin-1").lower(): (v[-1] if v else b"").decode("latin-1")
                   for k, v in response.headers.items()}
        guard.check(response.status, headers, response.body, url)
        kept: Kept = response.meta["kept"]
        before = self.memory.get(url)
        fresh = response.status != 304
        page = Page(url, hashlib.sha256(response.body).hexdigest() if fresh else before.sha256 if before else "",
                    kept.at, lastmod, headers.get("last-modified") or (before.last_modified if before else None),
                    kept.warc, kept.offset)
        return Answer(url, response.body, page, fresh)

    # --- many at a time, never all at once ---

    async def in_turn(self, things: Iterable[T], work: Callable[[T], Awaitable[R | None]]) -> AsyncIterator[R]:
        """`work` on each thing, a few at a time, results in the order of the things; failures are noted."""
        running: deque[asyncio.Task[R | None]] = deque()
        try:
            for thing in things:
                if self.refused:
                    break
                running.append(asyncio.ensure_future(self._safely(work, thing)))
                if len(running) >= 2 * self.width and (result := await running.popleft()) is not None:
                    yield result
            while running:
                if (result := await running.popleft()) is not None:
                    yield result
        finally:
            for task in running:
                task.cancel()

    async def _safely(self, work: Callable[[T], Awaitable[R | None]], thing: T) -> R | None:
        try:
            return await work(thing)
        except SourceError as problem:
            self.note(problem)
        except (asyncio.CancelledError, CloseSpider):
            raise
        except Exception as problem:
            self.crash(problem)
        return None

    # --- judging ---

    @property
    def tally(self) -> StatsCollector:
        if self.crawler.stats is None:
            raise RuntimeError("a spider counts only while it crawls")
        return self.crawler.stats

    @property
    def _engine(self) -> ExecutionEngine:
        if self.crawler.engine is None:
            raise RuntimeError("a spider asks only while it crawls")
        return self.crawler.engine

    def count(self, name: str, by: int = 1) -> None:
        self.tally.inc_value(name, by)

    def note(self, problem: SourceError, listing: bool = False) -> None:
        """Keep a failure for the verdict; too many refusals end the crawl."""
        kind = verdict.kind_of(problem)
        stats = self.tally
        self.count(f"problem/{kind}/count")
        if not stats.get_value(f"problem/{kind}/first"):
            stats.set_value(f"problem/{kind}/first", self._told(problem))
        if listing and not stats.get_value("listing_failed"):
            stats.set_value("listing_failed", str(kind))
        self.logger.warning("%s: %s", kind, problem)

    def _told(self, problem: SourceError) -> str:
        """The message with our name and official addresses; pure modules know neither."""
        return str(problem).replace("[source ", f"[{self.name} ").replace(f"{self.base_url}/", f"{self.site}/")

    def crash(self, problem: Exception) -> None:
        """An error of ours: loud, but the other bills are still taken in."""
        stats = self.tally
        self.count("spider_exceptions/count")
        if not stats.get_value("problem/crash/first"):
            stats.set_value("problem/crash/first", f"{type(problem).__name__} (see the crawl's log)")
        self.logger.error("error in the spider", exc_info=problem)

    @property
    def refused(self) -> bool:
        """Whether the site has said no often enough."""
        return int(self.tally.get_value(f"problem/{VerdictKind.BLOCKED}/count", 0)) >= PATIENT_WITH_REFUSALS

    async def start(self) -> AsyncIterator[Any]:
        try:
            async for harvest in self.harvests():
                yield harvest
        except SourceError as problem:
            self.note(problem, listing=True)
        except ConfigError as problem:
            self.misordered = problem


def names() -> tuple[str, ...]:
    """The id of every legislature: the files of spiders/legislatures."""
    import spiders.legislatures as folder

    return tuple(sorted(info.name.replace("_", "-") for info in pkgutil.iter_modules(folder.__path__)))


def find(source: str) -> type[LegislatureSpider]:
    """The one class in a legislature's file; nobody else's file is opened, so a broken one stops only itself.

    Raises ConfigError: unknown name, a file that cannot be loaded, a fact that is missing.
    """
    if source not in names():
        raise ConfigError(f"unknown source {source!r}; known: {', '.join(names())}")
    file = source.replace("-", "_")
    try:
        module = importlib.import_module(f"spiders.legislatures.{file}")
    except Exception as problem:
        raise ConfigError(f"{file}.py cannot be loaded: {type(problem).__name__}: {problem}") from problem
    classes = [c for c in vars(module).values() if isinstance(c, type) and issubclass(c, LegislatureSpider)
               and c.__module__ == module.__name__]
    if len(classes) != 1:
        raise ConfigError(f"{file}.py: expected one LegislatureSpider, got {len(classes)}")
    return _checked(classes[0], file)


def discover() -> dict[str, type[LegislatureSpider]]:
    """Every legislature by its id. Raises ConfigError on a bad file."""
    return {name: find(name) for name in names()}


def _checked(spider: type[LegislatureSpider], module: str) -> type[LegislatureSpider]:
    for fact in ("name", "zone", "terms", "floor", "cadence", "site"):
        if not getattr(spider, fact, None):
            raise ConfigError(f"{module}.py: {spider.__name__} does not state its {fact}")
    if spider.site.endswith("/"):
        raise ConfigError(f"{module}.py: site must not end in a slash, got {spider.site!r}")
    try:
        ZoneInfo(spider.zone)
    except (ValueError, ZoneInfoNotFoundError):
        raise ConfigError(f"{module}.py: expected an IANA time zone, got {spider.zone!r}") from None
    if spider.name != module.replace("_", "-"):
        raise ConfigError(f"{module}.py: expected name {module.replace('_', '-')!r}, got {spider.name!r}")
    return spider
