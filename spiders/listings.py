"""Listings of a source to their pages: one by one, by their own pager, or out of a zip."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, TypeVar

from spiders.bulk import Bulk
from spiders.contract import Answer, LegislatureSpider
from spiders.distant import Distant
from spiders.verdict import QuotaSpent
from tracker.errors import Blocked, LayoutChanged, SourceError
from tracker.model import Page

T = TypeVar("T", str, tuple[str, str])
MOST_PAGES = 20_000  # of one pager


class Listings(LegislatureSpider):
    """What asks for listings. One that fails is noted, and takes nothing away."""

    _whole_files: list[Page]  # zips that were read whole in this crawl

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


def newest(things: Iterable[T], term: Callable[[T], int]) -> list[T]:
    """Those of the newest term (a legislature, a year), in order: a regular session and its special ones."""
    listed = sorted(things)
    latest = max(map(term, listed), default=0)
    return [thing for thing in listed if term(thing) == latest]
