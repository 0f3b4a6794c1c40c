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

# What an action's words mean, in the classes of Open Civic Data; the first row that fits decides.
ACTIONS = Labels((
    # the Library's headlines
    (r"Failed of passage/not agreed to in (?:House|Senate) over veto", ("veto-override-failure",)),
    (r"Passed (?:House|Senate) over veto|Passed/agreed to in (?:House|Senate) over veto", ("veto-override-passage",)),
    (r"Failed of passage/not agreed to in (?:House|Senate)", ("failure",)),
    (r"Passed/agreed to in Senate: (?:Introduced|Submitted) in the Senate", ("introduction", "passage")),
    (r"Passed/agreed to in (?:House|Senate)", ("passage",)),
    (r"Became (?:Public|Private) Law", ("became-law",)),
    (r"Signed by President|Approved by President", ("executive-signature",)),
    (r"Presented to President", ("executive-receipt",)),
    (r"(?:Pocket )?[Vv]etoed by President", ("executive-veto",)),
    # the chambers: introduction
    (r"(?:Introduced|Submitted) in the Senate,? read twice, considered, read the third time, and passed",
     ("introduction", "reading-1", "reading-2", "reading-3", "passage")),
    (r"Submitted in the Senate, considered, and agreed to", ("introduction", "passage")),
    (r"Introduced in the Senate\.? Read the first time", ("introduction", "reading-1")),
    (r"Introduced in the Senate,? read twice", ("introduction", "reading-1", "reading-2")),
    (r"(?:Introduced|Submitted) in (?:the )?(?:House|Senate)", ("introduction",)),
    # referral
    (r"Received in the Senate,? (?:and )?read twice,? considered, read the third time,? and passed",
     ("receipt", "reading-1", "reading-2", "reading-3", "passage")),
    (r"Received in the Senate,? considered,? and agreed to", ("receipt", "passage")),
    (r"Received in the Senate[., ]+(?:and )?read twice and referred",
     ("receipt", "reading-1", "reading-2", "referral-committee")),
    (r"Received in the Senate[., ]+(?:and )?read twice", ("receipt", "reading-1", "reading-2")),
    (r"Received in the Senate[., ]+(?:and )?read the first time", ("receipt", "reading-1")),
    (r"Received in the Senate[., ]+(?:and )?referred", ("receipt", "referral-committee")),
    (r"Received in the (?:House|Senate)", ("receipt",)),
    (r"Read twice and (?:referred|ordered)", ("reading-1", "reading-2", "referral-committee")),
    (r"Read twice", ("reading-1", "reading-2")),
    (r"Read the first time", ("reading-1",)),
    (r"Read (?:the|a) second time", ("reading-2",)),
    (r"Read the third time", ("reading-3",)),
    (r"(?:Re-?)?[Rr]eferred (?:sequentially |jointly |concurrently )*to", ("referral-committee",)),
    (r"House Committee on .{0,80} Granted an extension", ()),
    # committees
    (r"Ordered to be Reported.{0,60}(?:Unfavorably|Adversely)", ("committee-passage-unfavorable",)),
    (r"Ordered to be Reported|Ordered Reported", ("committee-passage",)),
    (r"Reported adversely by", ("committee-passage-unfavorable",)),
    (r"Supplemental report", ()),
    (r"Reported (?:\(Amended\) )?(?:by|with|without|to|original|in)", ("committee-passage",)),
    (r"The House Committee on .{0,100}? reported an original measure", ("introduction", "committee-passage")),
    (r"Committee on .{0,120}?[.] (?:Original measure reported|Reported .{0,40}an original)",
     ("introduction", "committee-passage")),
    (r"Committee on .{0,120}?[.] (?:Reported|Ordered to be reported) .{0,80}(?:unfavorabl|adverse)",
     ("committee-passage-unfavorable",)),
    (r"Committee on .{0,120}?[.] (?:Reported by|Ordered to be reported|Reported)", ("committee-passage",)),
    (r"(?:Committee|Subcommittee) on .{0,160}(?:Hearings? held|Hearings|discharged|Discharged|Ordered|filed|Failed)",
     ()),
    (r"(?:Senate )?(?:Committee|Subcommittee)s? (?:on|Consideration|Hearings).*", ()),
    (r"Forwarded by Subcommittee", ("committee-passage",)),
    (r"Rules Committee Resolution|Rule H\. ?Res|Rule provides|The resolution provides", ()),
    # passage and failure on the floor
    (r"Passed (?:House|Senate) over veto|On passage, the objections of the President.{0,60}Passed",
     ("veto-override-passage",)),
    (r"On passage, the objections of the President|Failed of passage in Senate over veto", ("veto-override-failure",)),
    (r"On motion to suspend the rules and (?:pass|agree).{0,200}?(?<!not )(?:Agreed to|Passed)", ("passage",)),
    (r"On motion to suspend the rules and (?:pass|agree).{0,200}?Failed", ("failure",)),
    (r"On passage.{0,40}?Passed", ("passage",)),
    (r"On passage.{0,40}?(?:Failed|Rejected)", ("failure",)),
    (r"On agreeing to the (?:resolution|concurrent resolution|preamble).{0,60}?(?<!not )(?:Agreed to|Passed)",
     ("passage",)),
    (r"On agreeing to the (?:resolution|concurrent resolution).{0,60}?(?:Failed|Rejected|Not agreed)", ("failure",)),
    (r"Passed (?:House|Senate)|(?:Resolution|Concurrent resolution|Joint resolution) agreed to in (?:House|Senate)",
     ("passage",)),
    (r"Failed of passage in (?:House|Senate)|(?:Resolution|Concurrent resolution) not agreed to in Senate",
     ("failure",)),
    (r"Measure (?:passed|agreed to) in (?:House|Senate)", ("passage",)),
    (r"(?:Bill|Measure|Resolution|Joint resolution) (?:was )?withdrawn|Sponsor withdr", ("withdrawal",)),
    # amendments between the houses, and on the floor
    (r"(?:On motion|Mr|Mrs|Ms|Miss).{0,160}agree (?:to|with an amendment to) the Senate amendments?.{0,80}Agreed to",
     ("amendment-passage",)),
    (r"Senate (?:agreed to|concurred in) the House amendment|House agreed to Senate amendment", ("amendment-passage",)),
    (r"Resolving differences -- (?:House|Senate) actions:.{0,200}[Aa]greed", ("amendment-passage",)),
    (r"Resolving differences", ()),
    (r"Conference report .{0,40}agreed to in (?:House|Senate)", ("passage",)),
    (r"On agreeing to the .{0,80}amendments?.{0,120}?(?<!not )Agreed to", ("amendment-passage",)),
    (r"On agreeing to the .{0,80}amendments?.{0,120}?(?:Failed|Not agreed|Rejected)", ("amendment-failure",)),
    (r"Amendment SA \d+ (?:not agreed to|ruled|fell|failed)", ("amendment-failure",)),
    (r"Amendment SA \d+ (?:as modified )?agreed to", ("amendment-passage",)),
    (r"Amendment SA \d+ .{0,60}withdrawn", ("amendment-withdrawal",)),
    (r"Amendment SA \d+ proposed|Amendment \(.{0,10}\) offered by|An amendment .{0,60} offered by",
     ("amendment-introduction",)),
    (r"(?:Proposed )?(?:amendment|Amendment)|S\.Amdt|H\.Amdt", ()),
    (r"The House adopted the amendments? en (?:gros|bloc)", ("amendment-passage",)),
    # procedure: known, and no step of the bill
    (r"(?:Motion|Mr|Mrs|Ms|Miss|Considered|DEBATE|GENERAL DEBATE|POSTPONED|ORDER OF|ASSUMING|NOTIFICATION|WORDS TAKEN|"
     r"UNFINISHED|VACATING|MOMENT|CONDUCT|At the conclusion|The previous question|On ordering|On motion|On question|"
     r"Pursuant|PURSUANT|The House (?:rose|resolved|proceeded|resumed|received)|House (?:resolved|agreed)|"
     r"Committee of the Whole|The Committee of the Whole|The Speaker|The Chair|Placed on|Held at the desk|Message|"
     r"Cloture|Measure laid|Star [Pp]rint|The title|Sponsor introductory|Consideration|Consideration initiated|"
     r"By unanimous|Unanimous|Laid (?:on|before)|The bill|The resolution|The measure|Objection|Point of order|"
     r"Discharge|Petition|Hearing|Held|Printed|Filed|Senate (?:insisted|ordered|appointed|receded|requested)|"
     r"The Speaker|Conference|Conferees|Chair|Indefinitely|Veto|Upon reconsideration|Rule|A motion|A similar|An errant|"
     r"Ordered|Quorum|The Clerk|Reconsider|Returned|Papers|Title|Pending|Star|Assumed|Star|Sent|Time|Union Calendar|"
     r"The Senate|The yeas|Text|Preamble|Resolution|Enacted|See|For Further)", ()),
    (r"$", ()),
))


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
        bill = parse_bill(answer.body, due.url)
        expected = (due.congress, f"{due.letters.upper()} {due.number}")
        if (bill.session, bill.identifier) != expected:
            raise LayoutChanged(f"expected the status of {expected[1]}, got that of {bill.identifier}",
                                source=self.name, url=due.url)
        package = due.package
        texts = [await self._text(package.bill_id, Package(*package.bill, version.code), version.links)
                 for version in bill.versions if not any(link.url in self.memory for link in version.links)]
        self.count("bills")
        self.count("unknown_labels", unknown_labels(bill))
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
