"""The Parliament of the United Kingdom: its Bills API, and the prints that it links, to harvests.

A bill has a new print number in each house and session, so that the API's own number (that of its page) names it; its
session is the one in which it was introduced, whatever it is carried over to. A sitting that lies after the record's
last update is a hearing to come, not a step. Split HTML prints and papers of amendments are never taken for the bill.
The API says when a bill was last updated and not what. A change costs one request, for its publications, of which no
list tells. Its stages are asked for if the list of sittings or the row shows more than those that we hold and the
current one, its record if the row moved; else both come out of the archive. If nothing explains an update, all is
asked for.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from typing import Any, ClassVar

from spiders.bills import sponsors, titles
from spiders.fronts import FOREIGN
from spiders.labels import Labels
from spiders.listed import Due, ListedSpider, step
from spiders.records import Json
from spiders.selectors import day, digest, maybe, maybe_day, need, read_json, rows
from tracker.errors import Blocked, LayoutChanged, SourceError
from tracker.model import Action, Bill, Document, Hearing, Link, Sponsorship, Version

SITE = "https://bills-api.parliament.uk"
PRINTS = "https://publications.parliament.uk"
BILLS = f"{SITE}/api/v1/Bills"
TAKE = 100
ZONE = "Europe/London"
CHAMBERS = {"Commons": "lower", "Lords": "upper"}
LAWMAKER = re.compile(rf"({PRINTS}/pa/bills/[cl]bill/\d\d-\d\d/\d+/\w+)\.pdf")  # its XML lies beside it
PARTIAL = re.compile(r"\bAmendments? (?:to|in lieu|and)\b|\b(?:Lords|Commons) (?:Amendments?|Reasons)\b", re.IGNORECASE)
ENDINGS = {"committee-passage", "passage"}  # of a stage after which another one sits
ACTIONS = Labels.beside(__file__)
APART = ("lastUpdate", "currentStage")  # what moves in a row without the record
LOOK_BACK = timedelta(days=14)  # a sitting may be entered late


class UnitedKingdomSpider(ListedSpider):
    name = "gb"
    title = "United Kingdom"
    site = SITE
    hosts = (PRINTS,)
    zone = ZONE
    terms = "Open Parliament Licence v3.0: https://www.parliament.uk/site-information/copyright-parliament/open-parliament-licence/"
    robots = "obeyed; not read yet on the live site"
    format = "Bills API JSON; texts Akoma Ntoso of Lawmaker, HTML files, PDF"
    proven = "recordings"  # one list row, two records, one list of stages; texts
    floor = 2
    cadence: ClassVar = {"session": 240, "recess": 1440}
    actions, recalls = ACTIONS, True
    nameless = True  # the XML says its title in an attribute only
    whole = False  # the newest session's bills, and whatever changed last
    options: ClassVar = {"session": "the API's number of an earlier one, e.g. 38 (default: the newest)"}

    async def listed(self) -> AsyncIterator[Due]:
        self._sittings = await self.sittings()
        self._titles: dict[str, list[str]] = {}
        wanted = self.option("session", r"\d+", "the API's number of one, e.g. 38")
        newest = await self.listing(f"{BILLS}?SortOrder=DateUpdatedDescending&Take={TAKE}")
        _, recent = parse_list(newest.body, newest.url)
        session = int(wanted) if wanted else max((s for _, among in recent for s in among), default=0)
        whole = f"{BILLS}?Session={session}&SortOrder=DateUpdatedDescending&Skip=0&Take={TAKE}"
        async for page, total, listed in self.counted(whole, "Skip", parse_list):
            self.total = total
            if not all(session in among for _, among in listed):
                raise LayoutChanged(f"expected bills of session {session} only", url=page.url)
            for due, _ in listed:
                yield due
        for due, _ in recent if not wanted else ():
            yield due

    async def record(self, due: Due) -> Bill:
        before, where = self.memory.get(due.url), f"{due.url}/Publications"
        same_row = bool(before and before.lastmod and before.lastmod.split()[-1] == str(due.lastmod).split()[-1])
        told, stages = self._recalled(due.url), self._recalled_stages(due)
        known, papers = self.memory.get(where), await self.ask(where, "status")
        if not told or any(told.get(key) != value for key, value in due.row.items() if key not in APART):
            told = None
        if same_row and stages and known and known.sha256 == papers.page.sha256:
            told = stages = None  # nothing that we see explains the update
        told = {**(told or await self._object(due.url)), **due.row}
        bill = parse_bill(told, stages or await self._stages(due.url), read_json(papers.body, where), due.url)
        for link in (link for version in bill.versions for link in version.links):
            self._titles[link.url] = [str(bill.title), *(t.title for t in bill.titles if "short" in str(t.kind))]
        return bill

    async def _stages(self, where: str) -> list[dict[str, Any]]:
        stages: list[dict[str, Any]] = []
        total = 1
        while len(stages) < total:
            url = stages_url(where, len(stages))
            page = await self._object(url)
            total = need(page, "totalResults", int, url)
            stages += rows(page, "items", url, least=min(total, 1))
        return stages

    def _recalled(self, url: str) -> dict[str, Any] | None:
        body = self.recall(url)
        return read_json(body, url) if body else None

    def _recalled_stages(self, due: Due) -> list[dict[str, Any]] | None:
        """Those that we hold, if they are all and hold every sitting that the lists tell."""
        page = self._recalled(url := stages_url(due.url, 0)) if self._sittings is not None else None
        held = rows(page, "items", url) if page else []
        told = (self._sittings or {}).get(due.url, {})
        whole = page is not None and len(held) == need(page, "totalResults", int, url)
        current = due.row.get("currentStage")
        if current and all(s.get("id") != current.get("id") for s in held):
            held = [*held, current]  # its row is what the list of stages would say of it
        return held if whole and covers(held, current, told, self._since, url) else None

    async def sittings(self) -> dict[str, dict[str, str]] | None:
        """A bill's address -> its sittings (id -> day) from some days before the newest update that we know; None: they
        cannot be had, or nothing is known yet."""
        self._since = max((stamp[:10] for stamp in self.held(f"{BILLS}/").values()), default="")
        if not self._since:
            return None
        self._since = str(date.fromisoformat(self._since) - LOOK_BACK)
        found: dict[str, dict[str, str]] = {}
        try:
            async for _, _, listed in self.counted(
                    f"{SITE}/api/v1/Sittings?DateFrom={self._since}&Skip=0&Take={TAKE}", "Skip", parse_sittings):
                for bill, sitting, on in listed:
                    found.setdefault(f"{BILLS}/{bill}", {})[sitting] = on
        except Blocked:
            raise
        except SourceError as problem:  # it helps only: without it, stages are asked for
            self.count("spared")
            self.logger.warning("left out: %s", problem)
            return None
        return found

    async def _object(self, url: str) -> dict[str, Any]:
        return read_json((await self.ask(url, "status")).body, url)

    def lacking(self, words: str, body: bytes, link: Link) -> str | None:
        text = bare(body.decode("utf-8", "replace") if link.media_type == "text/xml" else words)
        titles = self._titles.get(link.url, ["Bill"])  # one that is asked for again may stand on no list
        if not any(bare(title) in text for title in titles):
            raise LayoutChanged(f"{FOREIGN}: expected one that says {titles[0]!r}", url=link.url)
        return None


def stages_url(where: str, skip: int) -> str:
    return f"{where}/Stages?Take={TAKE}&Skip={skip}"


def parse_sittings(body: bytes, url: str) -> tuple[int, list[tuple[str, str, str]]]:
    """How many there are, and (bill, sitting, day) of those of this page."""
    page: dict[str, Any] = read_json(body, url)
    return need(page, "totalResults", int, url), [
        (need(row, "billId", str, url), need(row, "id", str, url), need(row, "date", str, url)[:10])
        for row in rows(page, "items", url)]


def covers(stages: list[dict[str, Any]], current: dict[str, Any] | None, told: dict[str, str], since: str,
           url: str) -> bool:
    """Whether stages that we hold are those of today: the current one is among them as it is, and from `since` on they
    hold the sittings that are told, and no others."""
    facts = ("id", "description", "house", "sortOrder", "stageSittings")
    if not current or [current.get(key) for key in facts] not in [[s.get(key) for key in facts] for s in stages]:
        return False
    held = {need(s, "id", str, url): need(s, "date", str, url)[:10] for stage in stages
            for s in rows(stage, "stageSittings", url)}
    return {key: on for key, on in held.items() if on >= since} == {k: on for k, on in told.items() if on >= since}


def parse_list(body: bytes, url: str) -> tuple[int, list[tuple[Due, list[int]]]]:
    """How many bills there are in all, and those of this page with their sessions."""
    page: dict[str, Any] = read_json(body, url)
    listed = rows(page, "items", url, least=1)
    among = [need(row, "includedSessionIds", list, url) for row in listed]
    if not all(type(session) is int for sessions in among for session in sessions):
        raise LayoutChanged("expected sessions as numbers", url=url)
    return need(page, "totalResults", int, url), list(zip([due_of(row, url) for row in listed], among, strict=True))


def due_of(row: dict[str, Any], url: str) -> Due:
    number = need(row, "billId", str, url)
    stamp = f"{need(row, 'lastUpdate', str, url)} {digest({**row, 'lastUpdate': None})}"
    return Due(need(row, "introducedSessionId", str, url), f"Bill {number}", f"{BILLS}/{number}", stamp, row)


def bare(title: str) -> str:
    """Letters and digits only, without what changes on the way: "X Bill [HL]" and "X Act 2026" -> "x"."""
    return re.sub(r"[\W_]+", "", re.sub(r"\s(?:Bill|Act(?: \d{4})?)(?:\s*\[(?:HL|Lords)\])?\s*$", "", title)).casefold()


def parse_bill(told: dict[str, Any], stages: list[dict[str, Any]], papers: dict[str, Any], url: str) -> Bill:
    number = need(told, "billId", str, url)
    if need(papers, "billId", str, url) != number:
        raise LayoutChanged(f"expected the papers of bill {number}", url=url)
    actions, hearings = sittings(told, stages, url)
    prints = [*publications(papers, url)]
    return Bill(
        "gb", need(told, "introducedSessionId", str, url), f"Bill {number}", need(told, "shortTitle", str, url),
        chamber=CHAMBERS.get(need(told, "originatingHouse", str, url)), introduced_on=next(
            (a.date for a in actions), None),
        titles=tuple(titles(Json(told, url), {"longTitle": "Long title", "formerShortTitle": "Former short title"})),
        committees=tuple(dict.fromkeys(c for s in stages if (c := maybe(s, "committee.name", str, url)))),
        sponsorships=tuple(members(told, url)), actions=tuple(actions), hearings=tuple(hearings),
        versions=tuple(p for p in prints if isinstance(p, Version)),
        documents=tuple(p for p in prints if isinstance(p, Document)),
        sources=(f"https://bills.parliament.uk/bills/{number}",))


def sittings(told: dict[str, Any], stages: list[dict[str, Any]], url: str) -> tuple[list[Action], list[Hearing]]:
    known_until = day(need(told, "lastUpdate", str, url), url)
    origin = need(told, "originatingHouse", str, url)
    done: list[tuple[date, int, Action]] = []
    hearings = []
    order = sorted(stages, key=lambda stage: need(stage, "sortOrder", int, url))
    begun = [n for n, stage in enumerate(order) if rows(stage, "stageSittings", url)]
    for n, stage in enumerate(order):
        words, house = need(stage, "description", str, url), need(stage, "house", str, url)
        chamber = "executive" if words == "Royal Assent" else CHAMBERS.get(house)
        days = sorted((day(need(s, "date", str, url), url), need(s, "id", str, url))
                      for s in rows(stage, "stageSittings", url))
        for on, sitting in days:
            if on > known_until:
                hearings.append(Hearing(f"sitting-{sitting}", on, f"{words}, House of {house}", zone=ZONE,
                                        committee=maybe(stage, "committee.name", str, url)))
                continue
            classes = ACTIONS.classify(words) or ()
            if on != days[-1][0] or (ENDINGS & set(classes) and not any(m > n for m in begun)):
                classes = ()  # it goes on, or may
            if words == "1st reading" and house == origin:
                classes = ("introduction", *classes)
            done.append((on, n, Action(words, on, classification=classes, chamber=chamber)))
    if withdrawn := maybe_day(maybe(told, "billWithdrawn", str, url), url):
        done.append((withdrawn, 999, step(ACTIONS, "Withdrawn", withdrawn, CHAMBERS.get(origin))))
    actions = [action for _, _, action in sorted(done, key=lambda it: it[:2])]
    if maybe(told, "isDefeated", bool, url):  # on what day, it does not say
        actions.append(step(ACTIONS, "Defeated", None, CHAMBERS.get(need(told, "currentHouse", str, url))))
    return actions, hearings


def members(told: dict[str, Any], url: str) -> Iterator[Sponsorship]:
    listed = sorted(Json(told, url).each("sponsors"), key=lambda s: int(s.get("sortOrder") or 0))
    return sponsors(listed, "member.name", "organisation.name", person="member.memberId", party="member.party",
                    area="member.memberFrom")


def publications(papers: dict[str, Any], url: str) -> Iterator[Version | Document]:
    """Prints of the bill as versions, oldest first; all else as documents."""
    def age(paper: dict[str, Any]) -> tuple[str, int]:
        return maybe(paper, "displayDate", str, url) or "", need(paper, "id", int, url)

    for paper in sorted(rows(papers, "publications", url), key=age):
        title, number = need(paper, "title", str, url), need(paper, "id", str, url)
        on = maybe_day(maybe(paper, "displayDate", str, url), url)
        if need(paper, "publicationType.name", str, url) == "Bill" and not PARTIAL.search(title):
            yield Version(f"p{number}", title, on, tuple(print_links(paper, number, url)))
        elif where := next(iter(addresses(paper, number, url)), None):
            yield Document(f"{need(paper, 'publicationType.name', str, url)}: {title}", where[0], on)


def addresses(paper: dict[str, Any], number: str, url: str) -> list[tuple[str, str, bool]]:
    """(address, media type, whether it is a file of the API's own)."""
    files = [(f"{SITE}/api/v1/Publications/{number}/Documents/{need(f, 'id', str, url)}/Download",
              maybe(f, "contentType", str, url) or "", True) for f in rows(paper, "files", url)]
    links = [(re.sub(r"^https?://(?:www\.)?publications\.parliament\.uk/", f"{PRINTS}/", need(k, "url", str, url)),
              maybe(k, "contentType", str, url) or "", False) for k in rows(paper, "links", url)]
    return links + files


def print_links(paper: dict[str, Any], number: str, url: str) -> Iterator[Link]:
    """XML first (Lawmaker's lies beside the PDF), then one whole HTML file, then PDF. A linked HTML page is a part."""
    found = [a for a in addresses(paper, number, url) if a[0].startswith((f"{SITE}/", f"{PRINTS}/"))]
    for where, media, _ in found:
        if beside := LAWMAKER.fullmatch(where):
            yield Link(f"{beside[1]}.xml", "text/xml")
        elif media in ("application/xml", "text/xml"):
            yield Link(where, "text/xml")
    yield from (Link(where, media) for where, media, own in found if own and media == "text/html")
    yield from (Link(where, media) for where, media, _ in found if media == "application/pdf")
