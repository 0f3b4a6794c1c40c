"""What a legislature file must provide, and what it is given: addresses to documents, documents to harvests.

A legislature is one file `spiders/legislatures/<name>.py` with one class, and one folder of recorded pages. The class
states facts about its source and one coroutine generator, `harvests`, that asks for pages with `ask` and yields
`tracker.model.Harvest`. Everything that all legislatures need (robots, patience, provenance, verdicts) is done around
it; spiders/legislatures/README.md shows a whole one.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlsplit

import scrapy
from scrapy.core.engine import ExecutionEngine
from scrapy.exceptions import CloseSpider, IgnoreRequest
from scrapy.http import Response
from scrapy.statscollectors import StatsCollector

from spiders import bulk, distant, guard, handshake, trust, verdict
from spiders.access import Key, Quota, with_secret, without_secret
from spiders.answers import Answer as Answer
from spiders.answers import Span as Span
from spiders.answers import part_of
from spiders.archive import Kept, WarcStorage
from spiders.distant import Distant
from spiders.labels import Labels as Labels
from spiders.memory import Memory
from spiders.offices import Office
from spiders.recording import read_page
from spiders.verdict import QuotaSpent
from tracker.errors import Blocked, ConfigError, LayoutChanged, SourceError, Unreachable
from tracker.model import Harvest, Page, SessionTold, VerdictKind

T = TypeVar("T")
R = TypeVar("R")
PATIENT_WITH_REFUSALS = 3  # so many, and the crawl ends: a site that says no is left in peace

# The pages that the work under way has asked for; each task of `in_turn` has a list of its own.
_asked: ContextVar[list[Page] | None] = ContextVar("asked", default=None)


async def _stream(things: Iterable[T] | AsyncIterable[T]) -> AsyncIterator[T]:
    if isinstance(things, AsyncIterable):
        async for thing in things:
            yield thing
    else:
        for thing in things:
            yield thing


class LegislatureSpider(scrapy.Spider):
    """Base of every legislature. `name` is the jurisdiction id, and the file's name with "-" for "_"."""

    title: ClassVar[str]  # what people call it: "Washington", "Ireland"
    zone: ClassVar[str]  # IANA; in which the legislature's dates are meant
    terms: ClassVar[str]  # why we may crawl, with the page that says so
    robots: ClassVar[str]  # what the site's robots.txt says of the pages that are asked
    format: ClassVar[str]  # of records and of texts, in a few words
    proven: ClassVar[str]  # discovery.PROOFS: what the reader was held against so far
    floor: ClassVar[int]  # the fewest bills that a healthy listing names
    cadence: ClassVar[Mapping[str, int]]  # minutes between crawls: {"session": ..., "recess": ...}
    site: ClassVar[str]  # official, "https://www.govinfo.gov": in every stored address, whatever mirror was crawled
    hosts: ClassVar[tuple[str, ...]] = ()  # further sites of the same source; on a mirror they lie under /@host/
    key: ClassVar[Key | None] = None  # the operator's own key, if the source wants one
    quota: ClassVar[Quota | None] = None  # the most requests that the source allows
    pause: ClassVar[float] = 0.0  # seconds between two requests, where robots.txt asks for more than we leave anyway
    recalls: ClassVar[bool] = False  # whether pages of earlier crawls are read again (`recall`)
    options: ClassVar[Mapping[str, str]] = {}  # what may be asked for by --option, with its meaning

    def __init__(self, base_url: str = "", memory: Memory | None = None, limit: int | None = None,
                 wanted: Mapping[str, str] | None = None, width: int = 1, secret: str = "", budget: int | None = None,
                 **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.base_url = (base_url or self.site).rstrip("/")
        self.allowed_domains = [urlsplit(url).hostname or "" for url in (self.base_url, *self.hosts)]
        self.archive: WarcStorage | None = None  # set by the archive when it opens
        self._secret, self.budget = secret, budget  # budget: requests that are left of the quota
        self.memory = Memory() if memory is None else memory  # an empty one is false
        self.limit = limit
        self.wanted = dict(wanted or {})
        self.width = width
        self.phase, self.done, self.expected = "listings", 0, None  # type: tuple[str, int, int | None]
        self._refused_certificates: dict[str, str] = {}  # host -> why
        self.sessions_told: dict[str, SessionTold] = {}
        self.misordered: ConfigError | None = None  # what was wanted cannot be had from this site

    # --- what a legislature writes ---

    def harvests(self) -> AsyncIterator[Harvest]:
        """The legislature's own work: ask, parse, yield."""
        raise NotImplementedError

    @classmethod
    def parse_offices(cls, body: bytes, url: str) -> Iterator[Office]:
        """One page of its members or committees to their offices (`billwatch members read`). Raises LayoutChanged."""
        raise ConfigError(f"{cls.name}: how its pages of members are read was not written yet; "
                          "`billwatch members import` takes a CSV file")

    # --- addresses ---

    def official(self, url: str) -> str:
        """The address that is stored and shown: of the site itself, without the key."""
        url = without_secret(url, self.key)
        if self.base_url == self.site or not url.startswith(self.base_url + "/"):
            return url
        path = url[len(self.base_url):]
        for host in self.hosts:
            if path.startswith(f"/@{urlsplit(host).netloc}/"):
                return host + path[len(urlsplit(host).netloc) + 2:]
        return self.site + path

    def actual(self, url: str) -> str:
        """The address that is asked. Only addresses of the site itself and of its `hosts` are ever asked."""
        site = next((s for s in (self.site, *self.hosts) if url.startswith(s + "/")), None)
        if site is None:
            raise LayoutChanged(f"expected an address under {' or '.join((self.site, *self.hosts))}",
                                source=self.name, url=url)
        if site == self.site:
            url = self.base_url + url[len(site):]
        elif self.base_url != self.site:
            url = f"{self.base_url}/@{urlsplit(site).netloc}{url[len(site):]}"
        return with_secret(url, self.key, self._secret)

    # --- asking ---

    async def ask(self, url: str, kind: str, *, lastmod: str | None = None, since: str | None = None,
                  accept: str | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Fetch one official address. `kind`: "listing", "status" or "text", for the run's counts; `since`: a
        Last-Modified to ask with. Raises SourceError (guard.check) and, before the quota is overdrawn, QuotaSpent."""
        response = await self._response(url, kind, {"If-Modified-Since": since, "Accept": accept, **(headers or {})})
        answer = self._answer(url, response, lastmod)
        if (pages := _asked.get()) is not None and kind != "text":
            pages.append(answer.page)
        return answer

    async def ask_file(self, url: str, kind: str, *, lastmod: str | None = None,
                       since: str | None = None) -> bulk.Fetched | None:
        """Fetch a large file onto the disk, part by part; None: it did not change since. See spiders.bulk.

        Each part lies in the archive. Raises SourceError, Unreachable if the file changes while it is fetched.
        """
        path = self.folder / f"bulk-{hashlib.sha256(url.encode()).hexdigest()[:12]}"
        first: Answer | None = None
        size = held = 0
        tag = ""
        with path.open("wb") as out:
            while first is None or held < size:
                asked = {"Range": f"bytes={held}-{held + bulk.PART - 1}", "If-Range": tag,
                         "If-Modified-Since": since if first is None else None}
                response = await self._response(url, kind, asked)
                answer = self._answer(url, response, lastmod, partial=True)
                if first is None and not answer.fresh:
                    return None
                size, tag, whole = part_of(response, held, size, tag, url)
                out.write(response.body)
                held += len(response.body)
                first = first or answer
                if whole or not response.body:
                    break
        if held != size:
            raise Unreachable(f"expected {size} bytes, got {held}", source=self.name, url=url)
        with path.open("rb") as stream:
            page = replace(first.page, sha256=hashlib.file_digest(stream, "sha256").hexdigest())
        if (pages := _asked.get()) is not None:
            pages.append(page)
        return bulk.Fetched(url, path, page)

    async def ask_span(self, url: str, kind: str, first: int, last: int, *, size: int = 0, tag: str = "",
                       since: str | None = None) -> Span | None:
        """Bytes `first` to `last` of a large file that stays where it is; None: it did not change since.

        `size` and `tag` are what an earlier span said: raises Unreachable if the file is another one by now.
        """
        asked = {"Range": f"bytes={first}-{last}", "If-Range": tag, "If-Modified-Since": since}
        response = await self._response(url, kind, asked)
        answer = self._answer(url, response, None, partial=True)
        if not answer.fresh:
            return None
        size, tag, whole = part_of(response, first, size, tag, url)
        return Span(response.body, answer.page, size, tag, whole)

    async def ask_zip(self, url: str, since: str | None = None) -> Distant | None:
        """A zip of gigabytes that stays where it is; None: it did not change since. See spiders.distant."""
        first = await self.ask_span(url, "listing", 0, distant.HEAD - 1, since=since)
        if first is None:
            return None
        size, tag = first.size, first.tag

        async def ask(start: int, last: int) -> Span:
            got = await self.ask_span(url, "listing", start, last, size=size, tag=tag)
            if got is None:
                raise Unreachable("expected a part of the file, got word that it did not change", url=url)
            return got

        path = self.folder / f"distant-{hashlib.sha256(url.encode()).hexdigest()[:12]}"
        return await Distant.begin(path, url, first, ask)

    @property
    def folder(self) -> Path:
        """The run's own, for files that are needed while it lasts."""
        return Path(self.settings["RUN_DIR"])

    async def _response(self, url: str, kind: str, headers: Mapping[str, str | None]) -> Response:
        sent = {name: value for name, value in headers.items() if value}
        if self.key and self.key.header:
            sent[self.key.header] = self._secret
        request = scrapy.Request(self.actual(url), headers=sent)  # filtered: a redirect must not lead elsewhere
        if self.budget is not None and self._spent_so_far() >= self.budget:
            raise QuotaSpent("the source's quota of requests is used up", source=self.name, url=url)
        self.count("asked")
        self.count(f"asked/{kind}")
        try:
            return await self._engine.download_async(request)
        except IgnoreRequest as problem:
            if "robots" in str(problem):
                raise Blocked("robots.txt forbids this page", source=self.name, url=url) from problem
            raise Unreachable("not asked: it is not in the recording, or leads to another host", source=self.name,
                              url=url) from problem
        except Exception as problem:  # every transport failure, of which Twisted knows dozens
            if handshake.is_refusal(problem):
                raise Unreachable(await self._certificate(request.url), source=self.name, url=url) from problem
            raise Unreachable(f"no whole answer after all retries: {type(problem).__name__}", source=self.name,
                              url=url) from problem

    async def _certificate(self, url: str) -> str:
        """What is wrong with a site's certificate, found out by a handshake of its own."""
        site = urlsplit(url)
        if (host := site.hostname or "") not in self._refused_certificates:
            try:
                shown = await asyncio.to_thread(handshake.look, host, site.port or 443,
                                                trust.trusted(handshake.folder_of(self.crawler)))
                fault = shown.fault or "it was not accepted when it was asked for, and is now"
            except OSError:
                fault = "it is not accepted"
            self._refused_certificates[host] = fault
        return (f"the certificate of {host} is refused: {self._refused_certificates[host]} "
                f"(see `billwatch certificates check {host}`)")

    def _spent_so_far(self) -> int:
        """Requests that were made or are under way, with those for robots.txt."""
        under_way = int(self.tally.get_value("asked", 0)) + 1 + len(self.hosts)
        return max(under_way, int(self.tally.get_value("downloader/request_count", 0)))

    def _answer(self, url: str, response: Response, lastmod: str | None, partial: bool = False) -> Answer:
        headers = {k.decode("latin-1").lower(): (v[-1] if v else b"").decode("latin-1")
                   for k, v in response.headers.items()}
        guard.check(200 if partial and response.status == 206 else response.status, headers, response.body, url)
        kept: Kept = response.meta["kept"]
        before = self.memory.get(url)
        fresh = response.status != 304
        page = Page(url, hashlib.sha256(response.body).hexdigest() if fresh else before.sha256 if before else "",
                    kept.at, lastmod, headers.get("last-modified") or (before.last_modified if before else None),
                    kept.warc, kept.offset)
        return Answer(url, response.body, page, fresh)

    def recall(self, url: str) -> bytes | None:
        """A page as we last fetched it, out of the archive, for a part of a record that did not move; None: it is not
        at hand. The record stands on it as if it had been asked for. Only for a class that says that it `recalls`."""
        before = self.memory.get(url)
        if before is None or before.place is None:
            return None
        warc, offset, at = before.place
        try:
            body = read_page(self.folder.parent, warc, offset)
        except SourceError:
            return None  # that run's archive was cleaned away
        if hashlib.sha256(body).hexdigest() != before.sha256:
            return None
        if (pages := _asked.get()) is not None:
            pages.append(Page(url, before.sha256, at, before.lastmod, before.last_modified, warc, offset))
        self.count("recalled")
        return body

    def keep(self, url: str, body: bytes, lastmod: str | None = None) -> Page:
        """A part of a page (a text inside a record, a member of a zip) into the archive, as a page of its own.

        `url` is the page's address with `#` and the part's name: what proves a flag must lie in the archive.
        """
        if self.archive is None:
            raise RuntimeError("a spider keeps pages only while it crawls")
        kept = self.archive.keep(url, body)
        return Page(url, hashlib.sha256(body).hexdigest(), kept.at, lastmod, None, kept.warc, kept.offset)

    # --- many at a time, never all at once ---

    async def in_turn(self, things: Iterable[T] | AsyncIterable[T],
                      work: Callable[[T], Awaitable[R | None]]) -> AsyncIterator[R]:
        """`work` on each thing, a few at a time, results in the order of the things; failures are noted."""
        running: deque[asyncio.Task[R | None]] = deque()
        try:
            async for thing in _stream(things):
                if self.refused or self.spent:
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

    # --- sessions ---

    def tell_session(self, session: str, ends_on: date | None = None, over: bool = False) -> None:
        """What the source says of a session's end: its last day (or the planned one), or that it is over."""
        self.sessions_told[session] = SessionTold(self.name, session, ends_on, over)

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

    @property
    def spent(self) -> bool:
        """Whether the quota is used up."""
        return bool(self.tally.get_value(f"problem/{VerdictKind.LIMITED}/count", 0))

    async def start(self) -> AsyncIterator[Any]:
        try:
            async for harvest in self.harvests():
                yield harvest
        except SourceError as problem:
            self.note(problem, listing=True)
        except ConfigError as problem:
            self.misordered = problem
