"""The Parliament of the United Kingdom: its Bills API, and the prints that it links, to harvests.

A bill has a new print number in each house and session, so that the API's own number (that of its page) names it; its
session is the one in which it was introduced, whatever it is carried over to. A sitting that lies after the record's
last update is a hearing to come, not a step. Split HTML prints and papers of amendments are never taken for the bill.
A change costs three requests: the API says when a bill was last updated and not what, and its record, its stages and
its publications are documents without a stamp of their own.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any, ClassVar

from spiders.bills import sponsors, titles
from spiders.fronts import FOREIGN
from spiders.labels import Labels
from spiders.listed import Due, ListedSpider, step
from spiders.records import Json
from spiders.selectors import day, maybe, maybe_day, need, read_json, rows
from tracker.errors import LayoutChanged
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
    actions = ACTIONS
    nameless = True  # the XML says its title in an attribute only
    whole = False  # the newest session's bills, and whatever changed last
    options: ClassVar = {"session": "the API's number of an earlier one, e.g. 38 (default: the newest)"}

    async def listed(self) -> AsyncIterator[Due]:
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
        told = await self._object(due.url)
        papers = await self._object(f"{due.url}/Publications")
        stages: list[dict[str, Any]] = []
        total = 1
        while len(stages) < total:
            url = f"{due.url}/Stages?Take={TAKE}&Skip={len(stages)}"
            page = await self._object(url)
            total = need(page, "totalResults", int, url)
            stages += rows(page, "items", url, least=min(total, 1))
        bill = parse_bill(told, stages, papers, due.url)
        for link in (link for version in bill.versions for link in version.links):
            self._titles[link.url] = [str(bill.title), *(t.title for t in bill.titles if "short" in str(t.kind))]
        return bill

    async def _object(self, url: str) -> dict[str, Any]:
        return read_json((await self.ask(url, "status")).body, url)

    def lacking(self, words: str, body: bytes, link: Link) -> str | None:
        text = bare(body.decode("utf-8", "replace") if link.media_type == "text/xml" else words)
        titles = self._titles.get(link.url, ["Bill"])  # one that is asked for again may stand on no list
        if not any(bare(title) in text for title in titles):
            raise LayoutChanged(f"{FOREIGN}: expected one that says {titles[0]!r}", url=link.url)
        return None


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
    return Due(need(row, "introducedSessionId", str, url), f"Bill {number}", f"{BILLS}/{number}",
               need(row, "lastUpdate", str, url))


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
