"""The Congress of the United States: govinfo.gov's bulk folders, BILLSTATUS files and bill texts to harvests.

No key is needed. A folder's listing tells which status files changed; the sitemaps of the text collection tell which
texts were issued anew. Congresses are discovered. Facts and their sources: docs of GPO's bulk data repository
(github.com/usgpo/bulk-data, bill-status).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar, TypeVar

from spiders.contract import Answer, LegislatureSpider
from spiders.guard import Missing
from spiders.labels import Labels
from spiders.memory import Trace
from spiders.platforms import billstatus
from spiders.platforms.congress_texts import SITE, Package, check_text, package_links, read_package
from spiders.platforms.govinfo import read_folder, read_sitemap, unchanged
from spiders.tallies import settled
from tracker.errors import ConfigError, EmptyHarvest, LayoutChanged, SourceError
from tracker.model import Bill, FetchedText, Harvest, Link, Page, PendingText
from tracker.wire import content_hash

T = TypeVar("T")

FOLDERS = f"{SITE}/bulkdata/json/BILLSTATUS"
STATUS_SITEMAPS = f"{SITE}/sitemap/bulkdata/BILLSTATUS/sitemapindex.xml"
TEXT_SITEMAPS = f"{SITE}/sitemap/BILLS_sitemap_index.xml"
TYPES = ("hr", "s", "hjres", "sjres", "hconres", "sconres", "hres", "sres")
AFTERLIFE = timedelta(days=120)  # so long after its end a Congress's files still change (enrolled, signed, printed)
SHORT = 0.98  # bills do not leave a folder: a listing with fewer of those we know is a bad listing
_STATUS_FILE = re.compile(rf"BILLSTATUS-(\d+)({'|'.join(sorted(TYPES, key=len, reverse=True))})(\d+)\.xml$")
_STATUS_LEAF = re.compile(r"/BILLSTATUS/(\d+)([a-z]+)/sitemap\.xml$")
_TEXT_LEAF = re.compile(r"/BILLS_(\d{4})_sitemap\.xml$")

ACTIONS = Labels.beside(__file__)


def parse_bill(body: bytes, url: str) -> Bill:
    """A BILLSTATUS document, schema 1 or 3, to a record. Raises LayoutChanged."""
    return billstatus.read_bill(body, url, ACTIONS.classify)


def unknown_labels(bill: Bill) -> int:
    return sum(1 for a in bill.actions if not a.classification and ACTIONS.classify(a.description) is None)


@dataclass(frozen=True, slots=True)
class Due:
    """A status file to be asked for."""

    congress: str
    letters: str
    number: str
    lastmod: str

    @property
    def package(self) -> Package:
        return Package(self.congress, self.letters, self.number, "")

    @property
    def url(self) -> str:
        return self.package.status_url


class CongressSpider(LegislatureSpider):
    name = "us"
    title = "United States Congress"
    site = SITE
    zone = "America/New_York"
    terms = ("Public domain (17 U.S.C. 105); GPO offers these files for bulk download without a key: "
             "https://www.govinfo.gov/bulkdata, https://github.com/usgpo/bulk-data")
    robots = "obeyed; /bulkdata/ and /content/ are open"
    format = "BILLSTATUS XML v1 and v3; texts in bill DTD and USLM XML, .htm where no XML exists"
    proven = "recordings"
    floor = 1  # a new Congress begins with a handful; a listing is also held against what was known (SHORT)
    cadence: ClassVar = {"session": 240, "recess": 720}  # GPO renews the current Congress every four hours
    options: ClassVar = {"congress": "a number, or 'all': crawl this Congress instead of the present one"}

    async def harvests(self) -> AsyncIterator[Harvest]:
        due, listed = [], 0
        self.packages: dict[str, str] = {}  # text package -> lastmod
        self.tried: set[tuple[str, str]] = set()
        congresses = await self._congresses()
        for congress in congresses:
            for letters in await self._types(congress):
                rows = await self._listing(congress, letters)
                listed += len(rows)
                due += [row for row in rows if not self._known(row)]
        self.tally.set_value("listed", listed)
        await self._read_text_sitemaps(congresses)
        if self.limit is not None:
            due = due[:self.limit]
        self.phase, self.expected = "bills", len(due)
        async for harvest in self.in_turn(due, self._bill):
            yield harvest
        self.phase = "texts"
        async for harvest in self.in_turn(self._pending(), self._missing_text):
            yield harvest
        async for harvest in self.in_turn(self._issued_anew(), self._text_again):
            yield harvest

    # --- listings -----------------------------------------------------------------------------------------------------

    async def _congresses(self) -> list[str]:
        """The newest Congress there is, and just after a turnover the one before."""
        def congress(name: str) -> int | None:
            found = _STATUS_LEAF.search(name)
            return int(found[1]) if found else int(name) if name.isdigit() else None

        found = sorted({c for c, _ in await self._rows(FOLDERS, STATUS_SITEMAPS, congress)})
        if not found:
            raise EmptyHarvest("expected folders of Congresses, got none", source=self.name, url=FOLDERS)
        return [str(c) for c in choose_congresses(found, self.wanted.get("congress"), datetime.now(UTC).date())]

    async def _types(self, congress: str) -> list[str]:
        def letters(name: str) -> str | None:
            found = _STATUS_LEAF.search(name)
            return name if not found else found[2] if found[1] == congress else None

        url = f"{FOLDERS}/{congress}"
        names = {name for name, _ in await self._rows(url, STATUS_SITEMAPS, letters)}
        types = [t for t in TYPES if t in names]
        if not types:
            self.note(EmptyHarvest("expected folders of bill types, got none", source=self.name, url=url))
        return types

    async def _listing(self, congress: str, letters: str) -> list[Due]:
        """The status files of one type. A refused, broken or short listing takes nothing away: it is noted.

        The folder's own date is not asked: whether it moves when a file in it is replaced, nobody says.
        """
        def number(name: str) -> str | None:
            found = _STATUS_FILE.search(name)
            return found[3] if found and found.groups()[:2] == (congress, letters) else None

        url = f"{FOLDERS}/{congress}/{letters}"
        leaf = f"{SITE}/sitemap/bulkdata/BILLSTATUS/{congress}{letters}/sitemap.xml"
        before = f"{SITE}/bulkdata/BILLSTATUS/{congress}/{letters}/"
        least = max(1, int(SHORT * sum(1 for seen in self.memory if seen.startswith(before))))
        try:
            rows = await self._rows(url, leaf, number, least)
        except SourceError as problem:
            self.note(problem, listing=True)
            return []
        if len(rows) < least:
            self.note(EmptyHarvest(f"expected {least} or more status files, got {len(rows)}", source=self.name,
                                   url=url))
        return [Due(congress, letters, number, lastmod) for number, lastmod in rows]

    async def _rows(self, folder: str, sitemap: str, pick: Callable[[str], T | None],
                    least: int = 1) -> list[tuple[T, str]]:
        """What `pick` takes of each row's name, with its lastmod: of the JSON folder, or of the sitemap if the folder
        is refused, broken or short. Raises what stood in the folder's way if neither can be had."""
        best: list[tuple[T, str]] = []
        failed: SourceError | None = None
        for url, read, accept in ((folder, read_folder, "application/json"), (sitemap, read_sitemap, None)):
            try:
                body = (await self.ask(url, "listing", accept=accept)).body
                rows = [(it, row.lastmod) for row in read(body, url) if (it := pick(row.name)) is not None]
            except SourceError as problem:
                failed = failed or problem
                self.logger.warning("listing: %s", problem)
            else:
                best = max(best, rows, key=len)
            if len(best) >= least:
                return best
            self.count("listing_fallbacks")
        if failed and not best:
            raise failed
        return best

    async def _read_text_sitemaps(self, congresses: list[str]) -> None:
        """When each text package was last issued; only the years of the Congresses that are crawled."""
        years = {str(first_day(int(c)).year + n) for c in congresses for n in (0, 1, 2)}
        try:
            index = read_sitemap((await self.ask(TEXT_SITEMAPS, "listing")).body, TEXT_SITEMAPS)
            for leaf in [row.name for row in index if (m := _TEXT_LEAF.search(row.name)) and m[1] in years]:
                address = self.official(leaf)
                answer = await self.ask(address, "listing")
                for row in read_sitemap(answer.body, address):
                    if (package := read_package(row.name)) and package.congress in congresses:
                        self.packages[package.name] = row.lastmod
        except SourceError as problem:
            self.note(problem)

    def _known(self, row: Due) -> bool:
        before = self.memory.get(row.url)
        return before is not None and unchanged(before.lastmod, row.lastmod)

    # --- bills --------------------------------------------------------------------------------------------------------

    async def _bill(self, due: Due) -> Harvest | None:
        """One status file and the texts of its versions that are not yet known, as one harvest."""
        before = self.memory.get(due.url)
        self.done += 1
        answer = await self.ask(due.url, "status", lastmod=due.lastmod, since=before.last_modified if before else None)
        if not answer.fresh or (before and before.sha256 == answer.page.sha256):
            return Harvest(None, pages=(answer.page,))
        bill, contradictions = settled(parse_bill(answer.body, due.url))
        expected = (due.congress, f"{due.letters.upper()} {due.number}")
        if (bill.session, bill.identifier) != expected:
            raise LayoutChanged(f"expected the status of {expected[1]}, got that of {bill.identifier}",
                                source=self.name, url=due.url)
        package = due.package
        texts = [await self._text(package.bill_id, Package(*package.bill, version.code), version.links)
                 for version in bill.versions if not any(link.url in self.memory for link in version.links)]
        self.count("bills")
        self.count("unknown_labels", unknown_labels(bill))
        self.count("contradicting_votes", contradictions)
        return Harvest(package.bill_id, bill, content_hash(bill), (answer.page,), tuple(texts))

    # --- texts --------------------------------------------------------------------------------------------------------

    async def _text(self, bill_id: str, package: Package, links: tuple[Link, ...], again: bool = False) -> FetchedText:
        """The first link that gives this version's text, or why none does.

        A text that is not there is looked for at the next link. One that is there and wrong is asked once more in the
        next crawl (`again`) before the next link is taken for it: what is wrong for an hour must not decide for good.
        """
        self.tried.add((bill_id, package.version))
        failed = FetchedText(package.version, links[0].url if links else "", "text/xml", error="no address")
        for link in links:
            page: Page | None = None
            try:
                answer = await self._ask_text(link.url, package, None)
                page = answer.page
                check_text(answer.body, link.media_type, package, link.url)
            except Missing:
                failed = FetchedText(package.version, link.url, link.media_type, error="404")
            except LayoutChanged as problem:
                self.note(problem)
                failed = FetchedText(package.version, link.url, link.media_type, page, _brief(problem))
                if not again:
                    break
            except SourceError as problem:
                self.note(problem)
                return FetchedText(package.version, link.url, link.media_type, error=_brief(problem))
            else:
                self.count("texts")
                return FetchedText(package.version, link.url, link.media_type, page)
        self.count("texts_missing")
        return failed

    async def _ask_text(self, url: str, package: Package, before: Trace | None) -> Answer:
        return await self.ask(url, "text", lastmod=self.packages.get(package.name),
                              since=before.last_modified if before else None)

    def _pending(self) -> Iterator[PendingText]:
        """Texts that are still missing. Lazy: those that came with their bill in this crawl are left out."""
        return (p for p in self.memory.pending if (p.bill_id, p.version) not in self.tried)

    async def _missing_text(self, pending: PendingText) -> Harvest | None:
        package = next((p for link in pending.links if (p := read_package(link.url))), None)
        if package is None or package.bill_id != pending.bill_id:
            return None
        text = await self._text(pending.bill_id, package, pending.links, again=True)
        return Harvest(pending.bill_id, texts=(text,)) if text.error is None else None

    def _issued_anew(self) -> Iterator[tuple[Package, Link]]:
        """Texts that we hold and that the sitemap dates otherwise than when we fetched them."""
        for name, lastmod in self.packages.items():
            package = read_package(name)
            if package is None or (package.bill_id, package.version) in self.tried:
                continue
            for link in package_links(package):
                before = self.memory.get(link.url)
                if before is not None and not unchanged(before.lastmod, lastmod):
                    yield package, link

    async def _text_again(self, again: tuple[Package, Link]) -> Harvest | None:
        package, link = again
        before = self.memory.get(link.url)
        answer = await self._ask_text(link.url, package, before)
        if not answer.fresh or (before and before.sha256 == answer.page.sha256):
            return Harvest(None, pages=(answer.page,))
        check_text(answer.body, link.media_type, package, link.url)
        self.count("texts")
        return Harvest(package.bill_id, texts=(FetchedText(package.version, link.url, link.media_type, answer.page),))


def _brief(problem: SourceError) -> str:
    """An error without its address, which is stored beside it."""
    return str(problem).rpartition(" [")[0] or str(problem)


def first_day(congress: int) -> date:
    """3 January of the odd year in which it begins."""
    return date(1787 + 2 * congress, 1, 3)


def choose_congresses(found: list[int], wanted: str | None, today: date) -> list[int]:
    """Which of the discovered Congresses to crawl, oldest first. Raises ConfigError if the wanted one is not there."""
    if wanted == "all":
        return found
    if wanted is not None:
        if not wanted.isdigit() or int(wanted) not in found:
            raise ConfigError(f"us: option congress={wanted!r}: the site has {found[0]} to {found[-1]}")
        return [int(wanted)]
    turned_over = today < first_day(found[-1]) + AFTERLIFE
    return found[-2:] if turned_over else found[-1:]
