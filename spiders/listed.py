"""The base most legislatures stand on: bills as a listing names them to harvests, with all that is the same everywhere.

A legislature writes `listed`, which yields one `Due` a bill, and `read`, which turns a bill's page into a `Bill`.
Ids, hashes, counts, texts, absent texts, what is known already, short listings and lost numbers are done here.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from typing import Any, ClassVar

from spiders import fronts
from spiders.bulk import Bulk
from spiders.contract import Answer, LegislatureSpider, _asked
from spiders.distant import Distant
from spiders.fronts import ABSENT, FOREIGN, SCANNED
from spiders.guard import Missing
from spiders.labels import Labels
from spiders.verdict import QuotaSpent
from tracker import ids
from tracker.errors import Blocked, EmptyHarvest, LayoutChanged, SourceError
from tracker.model import Action, Bill, FetchedText, Harvest, Link, Page, PendingText, Version
from tracker.wire import content_hash

SHORT = 0.98  # a whole listing with fewer of the bills we know is a bad listing
WIDEST_GAP = 100  # numbers that may be missing in a row
MOST_PAGES = 20_000  # of one pager
_NUMBER = re.compile(r"([A-Za-z]*)[^A-Za-z0-9]*0*(\d+)[A-Za-z]*$")
_LAST_NUMBER = re.compile(r"\d+(?=\D*$)")


@dataclass(frozen=True, slots=True)
class Due:
    """One bill as a listing names it.

    `url`: the official address of its record, one a bill. `lastmod`: what the listing says of its last change; None if
    it says nothing. `page` with `row` (or with `bill`): the listing holds the record itself, and nothing is asked.
    """

    session: str
    identifier: str | None  # printed form, "HB 2526"; None: only the record says it
    url: str
    lastmod: str | None = None
    row: Any = None  # whatever `read` needs besides the page
    page: Page | None = None
    bill: Bill | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A bill with what is said of its texts: those that came inside the record, and when others were last issued."""

    bill: Bill
    inline: Mapping[str, bytes] = field(default_factory=dict)  # link.url (with a "#") -> the text's bytes
    issued: Mapping[str, str] = field(default_factory=dict)  # link.url -> any stamp that moves when the text does


def step(labels: Labels, description: str, on: date | None, chamber: str | None = None, **more: Any) -> Action:
    """An action with its class; an unknown label stays raw (and is counted by the base)."""
    return Action(description, on, classification=labels.classify(description) or (), chamber=chamber, **more)


class ListedSpider(LegislatureSpider):
    """Base of a legislature whose listings name its bills."""

    actions: ClassVar[Labels]  # the table of action labels
    spoken: ClassVar[Mapping[str, tuple[str, ...]]] = {}  # {"LB": ("Lamp Bill",)}: letters as texts spell them out
    whole: ClassVar[bool] = True  # the listings name every bill; False: only those that changed
    gap: ClassVar[Mapping[str, int]] = {}  # letters -> numbers that may be missing in a row, if not WIDEST_GAP
    total = 0  # set it where a listing of changes says how many bills there are in all
    inert: ClassVar[frozenset[str]] = frozenset()  # media types that are linked but never fetched

    # --- what a legislature writes ---

    def listed(self) -> AsyncIterator[Due]:
        """Every bill that the listings name, changed or not. Sessions are discovered here."""
        raise NotImplementedError

    def read(self, body: bytes, due: Due) -> Bill | Found | None:
        """A bill's page to its record. Pure. None: there is no such bill (a reserved number)."""
        raise NotImplementedError

    async def record(self, due: Due) -> Bill | Found | None:
        """Where one page is not enough, ask for more here (`await self.ask(url, "status")`) and put them together."""
        if due.page is not None:
            return due.bill or self.read(b"", due)
        before = self.memory.get(due.url)
        since = before.last_modified if before and not self._awaited(due) else None
        answer = await self.ask(due.url, "status", lastmod=due.lastmod, since=since)
        if not answer.fresh or (before and before.sha256 == answer.page.sha256 and not self._awaited(due)):
            return None
        return self.read(answer.body, due)

    def names(self, words: str, bill: Bill) -> bool:
        """Whether a text's first words name the bill. `bill` has only its number when a text is asked for again."""
        return fronts.names_bill(words, bill.identifier, self.spoken)

    def lacking(self, words: str, body: bytes, link: Link) -> str | None:
        """Why this is no text though it came whole: fronts.COVER_ONLY, or words of the legislature's own."""
        return None

    # --- help for listings ---

    async def listing(self, url: str, **how: Any) -> Answer:
        """One page of a listing. Raises SourceError."""
        return await self.ask(url, "listing", **how)

    async def listings(self, urls: Iterable[str], **how: Any) -> AsyncIterator[Answer]:
        """Pages of several listings; one that fails is noted, and the others are still read."""
        for url in urls:
            try:
                answer = await self.listing(url, **how)
            except QuotaSpent:
                raise
            except SourceError as problem:
                self.note(problem, listing=True)
                if isinstance(problem, Blocked):
                    return
            else:
                yield answer

    async def bulk(self, url: str) -> Bulk | None:
        """A zip, fetched in parts and open while the crawl runs; None if it did not change since it was last read whole
        (then the crawl has nothing to do, and says so). Its `page` goes into each `Due` that stands in it."""
        before = self.memory.get(url)
        since = before.last_modified if before and self.limit is None else None
        fetched = await self.ask_file(url, "listing", since=since)
        if fetched is None:
            self.tally.set_value("listing_unmodified", True)
            return None
        self._whole_files.append(fetched.page)
        return Bulk.open(fetched)

    async def distant(self, url: str) -> Distant | None:
        """`bulk` for a zip of gigabytes: it stays where it is, and only members that are loaded are fetched."""
        before = self.memory.get(url)
        found = await self.ask_zip(url, since=before.last_modified if before and self.limit is None else None)
        if found is None:
            self.tally.set_value("listing_unmodified", True)
        elif found.page:
            self._whole_files.append(found.page)
        return found

    async def paged(self, url: str, following: Callable[[Answer], str | None], **how: Any) -> AsyncIterator[Answer]:
        """Pages from `url` on. `following` gives the next address, None at the end. A page that was there already
        (capped pagers repeat their last one, cursors come back) raises LayoutChanged instead of going round for ever.
        """
        seen: set[str] = set()
        following_url: str | None = url
        while following_url is not None:
            answer = await self.listing(following_url, **how)
            if {following_url, answer.page.sha256} & seen or len(seen) > 2 * MOST_PAGES:
                raise LayoutChanged("expected another page of the listing, got one again", source=self.name,
                                    url=following_url)
            seen |= {following_url, answer.page.sha256}
            yield answer
            following_url = following(answer)

    # --- the way of a bill ---

    async def harvests(self) -> AsyncIterator[Harvest]:
        self._numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._shapes: dict[str, int] = defaultdict(int)
        self._tried: set[tuple[str, str]] = set()
        self._whole_files: list[Page] = []
        self._missing = {(p.bill_id, p.version) for p in self.memory.pending}
        self._waiting = {p.bill_id for p in self.memory.pending if not any("#" not in k.url for k in p.links)}
        self.phase = "bills"
        async for harvest in self.in_turn(self._due(), self._harvest):
            yield harvest
        self.phase = "texts"
        async for harvest in self.in_turn(self._pending(), self._missing_text):
            yield harvest

        if self._whole_files and self.limit is None and not self._troubled():
            # Only now: a crawl that is killed before must read the file again.
            yield Harvest(None, pages=tuple(self._whole_files))

    def _troubled(self) -> bool:
        return any(name.startswith(("problem/", "spider_exceptions/")) for name in self.tally.get_stats())

    async def _due(self) -> AsyncIterator[Due]:
        """Those that must be looked at. Every listed bill is counted, due or not."""
        taken, listed = 0, 0
        try:
            async for due in self.listed():
                listed += 1
                self.tally.set_value("listed", max(listed, self.total))
                self._see(due)
                if self.limit is not None and taken >= self.limit:
                    if listed >= self.floor:
                        break
                    continue
                if not self._known(due):
                    taken += 1
                    yield due
        except SourceError as problem:
            self.note(problem, listing=True)
        self.expected = taken
        if self.limit is None and self.whole and not self.tally.get_value("listing_failed"):
            self._look_for_losses()

    def _known(self, due: Due) -> bool:
        before = self.memory.get(due.url)
        return (before is not None and due.lastmod is not None and before.lastmod == due.lastmod
                and not self._awaited(due))

    def _awaited(self, due: Due) -> bool:
        """Whether a text is missing that only the record can bring."""
        return bool(due.identifier) and ids.bill_id(self.name, due.session, str(due.identifier)) in self._waiting

    async def _harvest(self, due: Due) -> Harvest | None:
        pages: list[Page] = []
        _asked.set(pages)
        self.done += 1
        result = await self.record(due)
        pages = _with_record(pages, due)
        if result is None:
            return Harvest(None, pages=tuple(pages)) if pages else None
        found = result if isinstance(result, Found) else Found(result)
        bill = found.bill
        self._is_the_one(bill, due)
        bill_id = ids.bill_id(self.name, bill.session, bill.identifier)
        texts = [t for v in bill.versions if v.links and (t := await self._text(bill_id, bill, v, found))]
        self.count("bills")
        for action in bill.actions:
            if self.actions.classify(action.description) is None:
                self.count("unknown_labels")
                self.logger.info("unknown label: %s", action.description[:200])
        return Harvest(bill_id, bill, content_hash(bill), tuple(pages), tuple(texts))

    def _is_the_one(self, bill: Bill, due: Due) -> None:
        asked = (due.session, ids.slug(due.identifier)) if due.identifier else (due.session, ids.slug(bill.identifier))
        if (bill.session, ids.slug(bill.identifier)) != asked or bill.jurisdiction != self.name:
            raise LayoutChanged(f"expected the record of {due.identifier or 'a bill'} of session {due.session}, got "
                                f"{bill.jurisdiction} {bill.session} {bill.identifier}", source=self.name, url=due.url)

    # --- texts ---

    async def _text(self, bill_id: str, bill: Bill, version: Version, found: Found) -> FetchedText | None:
        """None: held, and nothing says that it was issued anew."""
        links = self._worth_asking(version.links)
        before = [(link, self.memory.get(link.url)) for link in links]
        held = [(link, trace) for link, trace in before if trace is not None]
        pending = (bill_id, version.code) in self._missing
        if held and not pending and all(
                link.url not in found.inline and found.issued.get(link.url) in (None, trace.lastmod)
                for link, trace in held):
            return None
        self._tried.add((bill_id, version.code))
        return await self._first_good(bill, version.code, links, found, again=pending)

    def _worth_asking(self, links: tuple[Link, ...]) -> tuple[Link, ...]:
        return tuple(link for link in links if link.media_type not in self.inert)

    async def _first_good(self, bill: Bill, code: str, links: tuple[Link, ...], found: Found,
                          again: bool = False) -> FetchedText | None:
        """The first link that gives this version's text, or why none does.

        A text that is not there is looked for at the next link. One that is there and wrong is asked once more in the
        next crawl (`again`) before the next link is taken for it.
        """
        failed = FetchedText(code, links[0].url if links else "", links[0].media_type if links else "text/html",
                             error=ABSENT)
        for link in links:
            page: Page | None = None
            try:
                page, body = await self._bytes(link, found, again)
                if page is None:
                    return None
                await self._check(body, link, bill)
            except Missing as problem:
                failed = FetchedText(code, link.url, link.media_type, error=f"{ABSENT}: {_brief(problem)}")
            except _NoText as problem:
                failed = FetchedText(code, link.url, link.media_type, page, str(problem))
            except LayoutChanged as problem:
                self.note(problem)
                failed = FetchedText(code, link.url, link.media_type, page, _brief(problem))
                if not again:
                    break
            except SourceError as problem:
                self.note(problem)
                return FetchedText(code, link.url, link.media_type, error=_brief(problem))
            else:
                self.count("texts")
                return FetchedText(code, link.url, link.media_type, page)
        self.count("texts_missing")
        return failed

    async def _bytes(self, link: Link, found: Found, again: bool) -> tuple[Page | None, bytes]:
        """The text's page and bytes; no page if it is the one that we hold."""
        before, stamp = self.memory.get(link.url), found.issued.get(link.url)
        if "#" in link.url:
            body = found.inline.get(link.url)
            if body is None:
                raise Missing("expected the text in the record, got none", source=self.name, url=link.url)
            if before is not None and before.sha256 == hashlib.sha256(body).hexdigest() and not again:
                return None, b""
            page = self.keep(link.url, body, stamp)
        else:
            answer = await self.ask(link.url, "text", lastmod=stamp,
                                    since=before.last_modified if before and not again else None)
            page, body = answer.page, answer.body
            if not answer.fresh:
                return None, b""
        same = before is not None and before.sha256 == page.sha256 and before.lastmod == page.lastmod
        return (None, b"") if same and not again else (page, body)

    async def _check(self, body: bytes, link: Link, bill: Bill) -> None:
        """Raises LayoutChanged if this is not the bill's text, _NoText if it is one without words."""
        if link.media_type == "application/pdf":
            words = await asyncio.to_thread(fronts.front, body, link.media_type, link.url)
        else:
            words = fronts.front(body, link.media_type, link.url)
        if len(words.split()) < 3:
            raise _NoText(SCANNED if link.media_type == "application/pdf" else ABSENT)
        if not self.names(words, bill):
            raise LayoutChanged(f"{FOREIGN}: expected one that names {bill.identifier}", source=self.name, url=link.url)
        if reason := self.lacking(words, body, link):
            raise _NoText(reason)

    def _pending(self) -> Iterator[PendingText]:
        """Texts that are still missing. Lazy: those that came with their bill in this crawl are left out."""
        return (p for p in self.memory.pending if (p.bill_id, p.version) not in self._tried)

    async def _missing_text(self, pending: PendingText) -> Harvest | None:
        links = tuple(k for k in self._worth_asking(pending.links) if "#" not in k.url)
        if not links:
            return None
        _, session, slug = (pending.bill_id + "//").split("/")[:3]
        stub = Bill(self.name, session, slug.upper().replace("-", " "))
        text = await self._first_good(stub, pending.version, links, Found(stub), again=True)
        return Harvest(pending.bill_id, texts=(text,)) if text and text.error is None else None

    # --- losses ---

    def _see(self, due: Due) -> None:
        if due.identifier and (found := _NUMBER.fullmatch(due.identifier.strip())):
            self._numbers[due.session, found[1].upper()].append(int(found[2]))
        self._shapes[_shape(due.url)] += due.url in self.memory

    def _look_for_losses(self) -> None:
        """A listing that lost bills which we know, or the middle of a series of numbers, is told; it takes nothing
        away. Bills do not leave a listing."""
        known: dict[str, int] = defaultdict(int)
        for url in self.memory:
            if (shape := _shape(url)) in self._shapes:
                known[shape] += 1
        for shape, count in known.items():
            if self._shapes[shape] < max(1, int(SHORT * count)):
                self.note(EmptyHarvest(f"expected the {count} bills that we know of {shape}, got {self._shapes[shape]}",
                                       source=self.name, url=self.site))
        for first, last, letters, session in holes(self._numbers, self.gap):
            self.note(EmptyHarvest(f"expected the numbers between {letters} {first} and {letters} {last} of session "
                                   f"{session}, got none of them", source=self.name, url=self.site))


class _NoText(Exception):
    """What came is right, and holds no text."""


def holes(numbers: Mapping[tuple[str, str], Iterable[int]],
          allowed: Mapping[str, int]) -> list[tuple[int, int, str, str]]:
    """(number before, number after, letters, session) of each hole that is wider than its series may have."""
    found = []
    for (session, letters), series in sorted(numbers.items()):
        ordered = sorted(set(series))
        widest = allowed.get(letters, WIDEST_GAP)
        found += [(a, b, letters, session) for a, b in pairwise(ordered) if b - a - 1 > widest]
    return found


def _shape(url: str) -> str:
    """An address without its last number: the bills of one session and kind have one shape."""
    return _LAST_NUMBER.sub("*", url)


def _with_record(pages: list[Page], due: Due) -> list[Page]:
    """The pages that a record stands on; the one at its own address carries what the listing said."""
    if due.page is not None and due.lastmod is None:
        return [due.page, *pages]
    first = due.page or (pages[0] if pages else None)
    if first is None:
        return []
    own = next((p for p in pages if p.url == due.url), first)
    return [replace(own, url=due.url, lastmod=due.lastmod or own.lastmod), *(p for p in pages if p.url != due.url)]


def _brief(problem: SourceError) -> str:
    """An error without its address, which is stored beside it."""
    return str(problem).rpartition(" [")[0] or str(problem)
