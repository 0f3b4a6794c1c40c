"""Listings of a source to their pages: one by one, by their own pager, or out of a zip."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar

from spiders.bulk import Bulk
from spiders.contract import Answer, LegislatureSpider
from spiders.distant import Distant
from spiders.records import Json
from spiders.verdict import QuotaSpent
from tracker.errors import Blocked, ConfigError, LayoutChanged, SourceError
from tracker.model import Page

R = TypeVar("R")
S = TypeVar("S")
T = TypeVar("T", str, tuple[str, str])
MOST_PAGES = 20_000  # of one pager


class Listings(LegislatureSpider):
    """What asks for listings. One that fails is noted, and takes nothing away."""

    total = 0  # how many bills there are in all, where a listing of changes says it
    accept: ClassVar[str | None] = None  # what listings are asked for as, where the site gives several forms
    _whole_files: list[Page]  # zips that were read whole in this crawl

    async def listing(self, url: str, **how: Any) -> Answer:
        """One page of a listing. Raises SourceError."""
        return await self.ask(url, "listing", **{"accept": self.accept, **how})

    async def said(self, url: str, **how: Any) -> Json:
        """A listing that is a JSON object."""
        answer = await self.listing(url, **how)
        return Json.read(answer.body, answer.url)

    async def said_rows(self, url: str, least: int = 0, **how: Any) -> list[Json]:
        """A listing that is a JSON list of objects."""
        answer = await self.listing(url, **how)
        return Json.read_all(answer.body, answer.url, least)

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

    async def counted(self, url: str, name: str, read: Callable[[bytes, str], tuple[int, list[S]]], first: int = 0
                      ) -> AsyncIterator[tuple[Answer, int, list[S]]]:
        """Pages of a list that says how many rows it has, each with that number and its rows (`read`); see `skip_on`.
        `first`: the number of the first row."""
        last: list[tuple[int, list[S]]] = []
        async for page in self.paged(url, lambda page: skip_on(page.url, name, len(last[0][1]), last[0][0] + first)):
            last[:] = [read(page.body, page.url)]
            yield page, *last[0]

    def held(self, prefix: str) -> dict[str, str]:
        """The address and the stamp of each record that we know under an address."""
        return {url: trace.lastmod for url in self.memory if url.startswith(prefix)
                and (trace := self.memory.get(url)) and trace.lastmod}

    def since(self, prefix: str, days: int) -> str | None:
        """What a listing of changes is asked from: the newest stamp of what we know under an address, and some days
        back: a bill that failed is asked again for so long. None: nothing is known."""
        newest = max(self.held(prefix).values(), default=None)
        return (datetime.fromisoformat(newest) - timedelta(days)).isoformat(timespec="seconds") if newest else None

    def option(self, name: str, form: str, expected: str) -> str:
        """What was wanted by `--option`, "" for nothing. Raises ConfigError if it has another form."""
        if (wanted := self.wanted.get(name, "")) and not re.fullmatch(form, wanted):
            raise ConfigError(f"{name}: expected {expected}, got {wanted!r}")
        return wanted

    async def spare(self, url: str, kind: str, read: Callable[[Answer], R], **how: Any) -> R | None:
        """What `read` takes from a page that helps only: None if it cannot be had or read (counted, and logged). A
        refusal and a spent quota raise."""
        try:
            return read(await self.ask(url, kind, **how))
        except (Blocked, QuotaSpent):
            raise
        except SourceError as problem:
            self.count("spared")
            self.logger.warning("left out: %s", problem)
            return None

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


def newest(things: Iterable[T], term: Callable[[T], int], back: int = 0) -> list[T]:
    """Those of the newest term (a legislature, a year) and of `back` before it, in order: regular and special sessions.

    Raises LayoutChanged if `term` finds no number in one.
    """
    listed = sorted(things)
    try:
        latest = max(map(term, listed), default=0)
        return [thing for thing in listed if term(thing) >= latest - back]
    except ValueError as problem:
        raise LayoutChanged(f"expected sessions with numbers: {problem}") from problem


def skip_on(url: str, name: str, here: int, total: int) -> str | None:
    """The next page of a list that says how many rows it has, or None. `name`: the part of the address ("Skip") that
    tells how many came before; `here`: those of this page. Raises LayoutChanged for an end that comes too early."""
    before = re.search(rf"(?<={re.escape(name)}=)\d+", url)
    seen = here + (int(before[0]) if before else 0)
    if not here and seen < total:
        raise LayoutChanged(f"expected {total} rows, got {seen} and an empty page", url=url)
    return url.replace(f"{name}={before[0]}", f"{name}={seen}") if before and seen < total else None
