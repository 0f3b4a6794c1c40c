"""The base most legislatures stand on: bills as a listing names them to harvests, with all that is the same everywhere.

A legislature writes `listed`, which yields one `Due` a bill, and `read`, which turns a bill's page into a `Bill`.
Ids, hashes, counts, texts, absent texts, what is known already, short listings and lost numbers are done here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar

from spiders.bills import Bills
from spiders.contract import _asked
from spiders.labels import Labels
from spiders.listings import Listings
from spiders.losses import holes, last_number, left_behind, shape
from spiders.tallies import settled
from spiders.texts import Found as Found
from spiders.texts import Texts
from tracker import ids
from tracker.errors import EmptyHarvest, LayoutChanged, SourceError
from tracker.model import Action, Bill, Harvest, Page
from tracker.wire import content_hash

SHORT = 0.98  # a whole listing with fewer of the bills we know is a bad listing
_NUMBER = re.compile(r"([A-Za-z]*)[^A-Za-z0-9]*0*(\d+)[A-Za-z]*$")


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


def step(labels: Labels, description: str, on: date | None, chamber: str | None = None, **more: Any) -> Action:
    """An action with its class; an unknown label stays raw (and is counted by the base)."""
    return Action(description, on, classification=labels.classify(description) or (), chamber=chamber, **more)


class ListedSpider(Bills, Listings, Texts):
    """Base of a legislature whose listings name its bills."""

    whole: ClassVar[bool] = True  # the listings name every bill; False: only those that changed
    unstamped: ClassVar[bool] = False  # no listing says what changed: bills are asked for until their final disposition
    gap: ClassVar[Mapping[str, int]] = {}  # letters -> numbers that may be missing in a row, if not WIDEST_GAP

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
        body = await self.fresh(due)
        return self.read(body, due) if body is not None else None

    async def fresh(self, due: Due) -> bytes | None:
        """The page at the bill's address; None: it is what we read last, and no text is awaited from it."""
        before, awaited = self.memory.get(due.url), self._awaited(due)
        answer = await self.ask(due.url, "status", lastmod=due.lastmod,
                                since=before.last_modified if before and not awaited else None)
        same = not answer.fresh or (before and before.sha256 == answer.page.sha256 and not awaited)
        return None if same else answer.body

    # --- the way of a bill ---

    async def harvests(self) -> AsyncIterator[Harvest]:
        self._numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._shapes: dict[str, list[tuple[int, bool]]] = defaultdict(list)  # (number, whether it is known)
        self._tried = set()
        self._whole_files = []
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
        taken, listed, seen = 0, 0, set[str]()
        try:
            async for due in self.listed():
                if due.url in seen:  # a bill that moves up while the list is read stands in it twice
                    continue
                seen.add(due.url)
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
        if before is None or self._awaited(due):
            return False
        if due.lastmod is None:
            return self.unstamped and self._id(due) in self.memory.resting
        return before.lastmod == due.lastmod

    def _awaited(self, due: Due) -> bool:
        """Whether a text is missing that only the record can bring."""
        return self._id(due) in self._waiting

    def _id(self, due: Due) -> str | None:
        return ids.bill_id(self.name, due.session, due.identifier) if due.identifier else None

    async def _harvest(self, due: Due) -> Harvest | None:
        pages: list[Page] = []
        _asked.set(pages)
        self.done += 1
        result = await self.record(due)
        pages = _with_record(pages, due)
        if result is None:
            return Harvest(None, pages=tuple(pages)) if pages else None
        found = result if isinstance(result, Found) else Found(result)
        bill, contradictions = settled(found.bill)
        self._is_the_one(bill, due)
        self.count("contradicting_votes", contradictions)
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

    # --- losses ---

    def _see(self, due: Due) -> None:
        if due.identifier and (found := _NUMBER.fullmatch(due.identifier.strip())):
            self._numbers[due.session, found[1].upper()].append(int(found[2]))
        self._shapes[shape(due.url)].append((last_number(due.url), due.url in self.memory))

    def _look_for_losses(self) -> None:
        """A listing that lost bills which we know, or the middle of a series of numbers, is told; it takes nothing
        away. Bills do not leave a listing."""
        known: dict[str, list[int]] = defaultdict(list)
        for url in self.memory:
            if (form := shape(url)) in self._shapes:
                known[form].append(last_number(url))
        for form, numbers in known.items():
            listed = self._shapes[form]
            count = len(numbers) - left_behind(numbers, [number for number, _ in listed])
            if count and (got := sum(held for _, held in listed)) < max(1, int(SHORT * count)):
                self.note(EmptyHarvest(f"expected the {count} bills that we know of {form}, got {got}",
                                       source=self.name, url=self.site))
        for first, last, letters, session in holes(self._numbers, self.gap):
            self.note(EmptyHarvest(f"expected the numbers between {letters} {first} and {letters} {last} of session "
                                   f"{session}, got none of them", source=self.name, url=self.site))


def _with_record(pages: list[Page], due: Due) -> list[Page]:
    """The pages that a record stands on; the one at its own address carries what the listing said."""
    if due.page is not None and due.lastmod is None:
        return [due.page, *pages]
    first = due.page or (pages[0] if pages else None)
    if first is None:
        return []
    own = next((p for p in pages if p.url == due.url), first)
    return [replace(own, url=due.url, lastmod=due.lastmod or own.lastmod), *(p for p in pages if p.url != due.url)]
