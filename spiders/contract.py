"""What a legislature file must provide, and what it gets: requests that remember, whole harvests, honest failures."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import msgspec
from scrapy import Request, Spider, signals
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

import spiders.legislatures
from spiders.guard import refuse_block_page
from tracker import wire
from tracker.errors import Blocked, LayoutChanged
from tracker.ids import bill_id
from tracker.model import Bill, FetchedText, Harvest, Link, Page, PendingText, SeenPage, Version

REFUSALS = (401, 403, 429, 451)
NO_ANSWER_LIMIT = 5  # requests in a row that failed after all retries: the site is down, stop asking


class SeenLine(msgspec.Struct):
    """One line of the `seen` file."""

    seen: SeenPage | None = None
    pending: PendingText | None = None


@dataclass(slots=True)
class Memory:
    """What the crawl knows of the past."""

    pages: dict[str, tuple[str | None, str | None, str | None]] = field(default_factory=dict)
    # url -> what its listing said, Last-Modified, SHA-256
    pending: list[PendingText] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path | None) -> Memory:
        memory = cls()
        if path is None:
            return memory
        decoder = msgspec.json.Decoder(SeenLine)
        with path.open("rb") as lines:
            for line in lines:
                entry = decoder.decode(line)
                if entry.seen:
                    memory.pages[entry.seen.url] = (entry.seen.lastmod, entry.seen.last_modified,
                                                        entry.seen.sha256)
                if entry.pending:
                    memory.pending.append(entry.pending)
        return memory


@dataclass(slots=True)
class Draft:
    """A harvest that still waits for texts."""

    bill_id: str
    bill: Bill | None
    page: Page | None
    wanted: list[tuple[str, tuple[Link, ...]]]  # version code, links still to be tried
    texts: list[FetchedText] = field(default_factory=list)


class LegislatureSpider(Spider):
    """Base of every legislature. A subclass states the facts below and writes pure `parse_*` generators."""

    jurisdiction: ClassVar[str]  # "us", "us-wa"
    zone: ClassVar[str]  # IANA zone of the venue
    home: ClassVar[str]  # canonical scheme and host; what records hold whatever mirror is crawled
    terms: ClassVar[str]  # why we may crawl
    floor: ClassVar[int]  # the fewest bills a healthy listing names

    def __init__(self, *, memory: Memory | None = None, base_url: str = "", limit: int | None = None,
                 options: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(self.jurisdiction, **kwargs)
        self.memory = memory or Memory()
        self.base_url = (base_url or self.home).rstrip("/")
        self.limit = limit
        self.options = dict(options or {})
        self.notes: dict[str, str] = {}
        self.phase = "starting"
        self.expected: int | None = None
        self.done = 0
        self._failed_in_a_row = 0

    # --- addresses ----------------------------------------------------------------------------------------------------

    def fetch_url(self, canonical: str) -> str:
        return self.base_url + canonical.removeprefix(self.home) if canonical.startswith(self.home) else canonical

    def canonical(self, url: str) -> str:
        return self.home + url.removeprefix(self.base_url) if url.startswith(self.base_url) else url

    # --- asking -------------------------------------------------------------------------------------------------------

    def ask(self, canonical: str, kind: str, callback: Callable[..., Any], *, lastmod: str | None = None,
            accept: str = "", conditional: bool = True, **kwargs: Any) -> Request:
        """A request for a page; conditional if the page was seen before."""
        headers = {"Accept": accept} if accept else {}
        last_modified = self.memory.pages.get(canonical, (None, None, None))[1]
        if conditional and last_modified:
            headers["If-Modified-Since"] = last_modified
        return Request(self.fetch_url(canonical), callback, headers=headers, errback=self.failed, cb_kwargs=kwargs,
                       dont_filter=True, meta={"kind": kind, "lastmod": lastmod,
                                               "handle_httpstatus_list": [304, 404], "download_slot": self.name})

    async def fetch(self, canonical: str, kind: str, *, accept: str = "") -> Response | None:
        """A listing, now. None if it could not be had (counted)."""
        request = self.ask(canonical, kind, self.unused, accept=accept, conditional=False)
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as problem:
            self.count("unreachable", f"{canonical}: {problem}")
            return None
        if response.status in REFUSALS:
            self.refused(f"{canonical}: HTTP {response.status}")
        if response.status != 200:
            if response.status != 404:
                self.count("unreachable", f"{canonical}: HTTP {response.status}")
            return None
        try:
            refuse_block_page(response.body, source=self.name, url=canonical)
        except Blocked as problem:
            self.refused(str(problem))
        return response

    def unused(self, response: Response) -> None:
        """Callback of requests whose answer is awaited."""

    async def lazily(self, requests: Iterable[Request]) -> Any:
        """As many requests as the engine can work on; the others stay where they come from."""
        for request in requests:
            while self.crawler.engine.needs_backout():
                await self.crawler.signals.wait_for(signals.scheduler_empty)
            yield request

    # --- harvests -----------------------------------------------------------------------------------------------------

    def page(self, response: Response, lastmod: str | None = None) -> Page:
        """Where and when these bytes were fetched, for provenance and for the next crawl."""
        warc, offset = response.meta.get("kept", (None, None))
        last_modified = response.headers.get("Last-Modified")
        url = self.canonical(response.url)
        digest = hashlib.sha256(response.body).hexdigest()
        if response.status == 304:  # the bytes that we hold still stand
            warc, offset, digest = None, None, self.memory.pages.get(url, (None, None, None))[2] or digest
        return Page(url, digest,
                    datetime.now(UTC).replace(microsecond=0), lastmod or response.meta.get("lastmod"),
                    last_modified.decode("latin-1") if last_modified else None, warc, offset)

    def harvest(self, bill: Bill, page: Page, versions: Iterable[Version]) -> Iterator[Request | Harvest]:
        """The bill with the texts of `versions`, fetched one after the other."""
        name = bill_id(bill.jurisdiction, bill.session, bill.identifier)
        yield from self._next(Draft(name, bill, page, [(v.code, v.links) for v in versions if v.links]))

    def harvest_texts(self, pending: PendingText) -> Iterator[Request | Harvest]:
        yield from self._next(Draft(pending.bill_id, None, None, [(pending.version, pending.links)]))

    def _next(self, draft: Draft) -> Iterator[Request | Harvest]:
        if draft.wanted:
            version, links = draft.wanted[0]
            yield self.ask(links[0].url, "text", self.take_text, conditional=False, draft=draft, version=version,
                           link=links[0], lastmod=self.text_lastmod(links[0].url))
            return
        self.done += 1
        if draft.bill is not None:
            self.count("bills")
            assert draft.page is not None  # noqa: S101 a draft with a bill has its page
            yield Harvest(draft.bill_id, draft.bill, wire.content_hash(draft.bill), (draft.page,), tuple(draft.texts))
        elif any(t.page for t in draft.texts):
            yield Harvest(draft.bill_id, texts=tuple(draft.texts))

    def text_lastmod(self, url: str) -> str | None:
        """What a listing says of this text, if the legislature has one."""
        return None

    def names_its_bill(self, response: Response, draft: Draft) -> str | None:
        """None if the text is that of its bill, else what it is. A legislature file knows where to look."""
        return None

    def take_text(self, response: Response, draft: Draft, version: str, link: Link) -> Iterator[Request | Harvest]:
        self._failed_in_a_row = 0
        if response.status == 404:
            yield from self._give_up(draft, version, link, "404")
            return
        try:
            refuse_block_page(response.body, source=self.name, url=link.url)
        except Blocked as problem:
            self.refused(str(problem))
        foreign = self.names_its_bill(response, draft)
        if foreign:
            self.count("drifted", f"{link.url}: {foreign}")
        self.count("texts")
        draft.texts.append(FetchedText(version, link.url, link.media_type, self.page(response), foreign))
        draft.wanted.pop(0)
        yield from self._next(draft)

    def _give_up(self, draft: Draft, version: str, link: Link, error: str) -> Iterator[Request | Harvest]:
        """Try the version's next link, or note that it could not be had."""
        _, links = draft.wanted[0]
        if len(links) > 1:
            draft.wanted[0] = (version, links[1:])
        else:
            draft.texts.append(FetchedText(version, link.url, link.media_type, error=error))
            draft.wanted.pop(0)
        yield from self._next(draft)

    # --- what goes wrong ----------------------------------------------------------------------------------------------

    def count(self, name: str, note: str = "") -> None:
        self.crawler.stats.inc_value(f"billwatch/{name}")
        if note:
            self.notes.setdefault(name, note)

    def refused(self, note: str) -> None:
        """The site says no: stop."""
        self.count("refused", note)
        raise CloseSpider("refused")

    def drifted(self, problem: LayoutChanged) -> None:
        self.done += 1
        self.count("drifted", str(problem))

    def failed(self, failure: Failure) -> Iterator[Request | Harvest]:
        """A request that failed after all retries."""
        request: Request = failure.request  # type: ignore[attr-defined]
        note = f"{request.url}: {failure.getErrorMessage()}"
        if isinstance(failure.value, HttpError) and failure.value.response.status in REFUSALS:
            self.refused(note)
        self.count("unreachable", note)
        self._failed_in_a_row += 1
        if self._failed_in_a_row >= NO_ANSWER_LIMIT:
            raise CloseSpider("unreachable")
        draft = request.cb_kwargs.get("draft")
        if draft is not None:
            yield from self._give_up(draft, request.cb_kwargs["version"], request.cb_kwargs["link"], note)
        else:
            self.done += 1


def discover() -> dict[str, type[LegislatureSpider]]:
    """Every legislature by its id: one file each, found by scanning the folder."""
    found = {}
    for module in pkgutil.iter_modules(spiders.legislatures.__path__):
        content = importlib.import_module(f"spiders.legislatures.{module.name}")
        for value in vars(content).values():
            if (isinstance(value, type) and issubclass(value, LegislatureSpider)
                    and value.__module__ == content.__name__ and hasattr(value, "jurisdiction")):
                found[value.jurisdiction] = value
    return dict(sorted(found.items()))
