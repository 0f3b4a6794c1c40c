"""The Houses of the Oireachtas (Ireland): their API's list of whole records, newest activity first, to harvests.

A bill is known by its year and number; the year is its session. The list is read back to the beginning of the year
before its newest row. Texts are PDF, or Akoma Ntoso where the record links one; an Act's is the last version.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any, ClassVar

from spiders.contract import Answer
from spiders.fronts import FOREIGN
from spiders.labels import Labels
from spiders.listed import Due, ListedSpider, step
from spiders.selectors import day, digest, maybe, maybe_day, need, read_json, rows
from tracker.errors import ConfigError, LayoutChanged
from tracker.model import Action, Bill, Document, Link, Sponsorship, Title, Version

SITE = "https://api.oireachtas.ie"
DATA = "https://data.oireachtas.ie"
PAGE = 200
CHAMBERS = {"dail": "lower", "seanad": "upper"}
MEDIA = (("xml", "text/xml"), ("pdf", "application/pdf"))
TITLES = (("longTitleEn", "Long title"), ("shortTitleGa", "Gearrtheideal"), ("longTitleGa", "Teideal fada"))
ACTIONS = Labels.beside(__file__)


class IrelandSpider(ListedSpider):
    name = "ie"
    title = "Ireland"
    site = SITE
    hosts = (DATA,)
    zone = "Europe/Dublin"
    terms = "Oireachtas (Open Data) PSI Licence: https://www.oireachtas.ie/en/open-data/license/"
    robots = "obeyed; not read yet on the live site"
    format = "JSON list of whole records; texts PDF, Akoma Ntoso where linked"
    proven = "recordings"  # one page of the list of 2019
    floor = 1000
    cadence: ClassVar = {"session": 360, "recess": 1440}
    actions = ACTIONS
    whole = False  # bills on which nothing happens leave the window
    options: ClassVar = {"since": "activity from this day on, e.g. 2016-01-01 (default: about two years)"}

    async def listed(self) -> AsyncIterator[Due]:
        since, seen = self.wanted.get("since", ""), set[str]()
        following: list[str | None] = [None]
        if since and not re.fullmatch(r"\d{4}-\d\d-\d\d", since):
            raise ConfigError(f"since: expected a day, e.g. 2016-01-01, got {since!r}")
        async for answer in self.paged(page_at(0), lambda _: following[0]):
            self.total, listed = parse_page(answer.body, answer.url)
            since = since or f"{int(activity(listed[0], answer.url)[:4]) - 1}-01-01"
            recent = [row for row in listed if activity(row, answer.url) >= since]
            for due in (due_of(row, answer) for row in recent):
                if due.url not in seen:  # a bill that moves up while the list is read stands in it twice
                    seen.add(due.url)
                    yield due
            skipped = int(answer.url.rpartition("skip=")[2]) + len(listed)
            following[0] = page_at(skipped) if len(recent) == len(listed) and skipped < self.total else None

    def read(self, body: bytes, due: Due) -> Bill:
        return parse_bill(due.row, due.url)

    def names(self, words: str, bill: Bill) -> bool:
        return True  # a text of an Act does not name the bill: `lacking` goes by the address

    def lacking(self, words: str, body: bytes, link: Link) -> str | None:
        found = re.search(r"/(?:bill|act)/(\d{4})/(\w+)/", link.url)
        proof = r"(?!)"  # an address without a number proves nothing
        if found:
            proof = rf"\b(?:No\.?|Number|Uimh(?:ir)?\.?)\s*{found[2]}[a-z]?\s+(?:of|de)\s+{found[1]}\b"
        if found and not found[2].isdigit():  # an amendment of the constitution has its number in words
            proof = rf"\bAct\b.*{found[1]}"
        if link.media_type == "text/xml" and found:
            words, proof = body[:20_000].decode("utf-8", "replace"), re.escape(found[0])
        if not re.search(proof, words, re.IGNORECASE):
            raise LayoutChanged(f"{FOREIGN}: expected one that names its number and year", url=link.url)
        return None


def page_at(skip: int) -> str:
    return f"{SITE}/v1/legislation?lang=en&limit={PAGE}&skip={skip}"


def parse_page(body: bytes, url: str) -> tuple[int, list[dict[str, Any]]]:
    """How many bills there are in all, and those of this page, which must come by their newest activity."""
    said: dict[str, Any] = read_json(body, url)
    listed = rows(said, "results", url, least=1)
    days = [activity(row, url) for row in listed]
    if days != sorted(days, reverse=True):
        raise LayoutChanged("expected bills by their newest activity", url=url)
    return need(said, "head.counts.resultCount", int, url), listed


def activity(row: dict[str, Any], url: str) -> str:
    return day(need(row, "contextDate", str, url), url).isoformat()


def due_of(row: dict[str, Any], answer: Answer) -> Due:
    bill, url = need(row, "bill", dict, answer.url), answer.url
    year, number = need(bill, "billYear", str, url), need(bill, "billNo", str, url)
    return Due(year, f"Bill {number}", f"{SITE}/v1/legislation#{year}/{number}", digest(bill), bill, answer.page)


def parse_bill(row: dict[str, Any], url: str) -> Bill:
    year, number = need(row, "billYear", str, url), need(row, "billNo", str, url)
    stages = sorted(events(row, url), key=lambda it: (it[0].date or date.max, it[1]))
    return Bill(
        "ie", year, f"Bill {number}", plain(need(row, "shortTitleEn", str, url)),
        chamber=CHAMBERS.get(tail(maybe(row, "originHouse.uri", str, url))), introduced_on=next(
            (action.date for action, _ in stages), None),
        titles=tuple(Title(plain(words), kind) for key, kind in TITLES if (words := maybe(row, key, str, url))),
        sponsorships=tuple(sponsors(row, url)), actions=tuple(action for action, _ in stages),
        versions=tuple(texts(row, url)), documents=tuple(papers(row, url)),
        sources=(f"https://www.oireachtas.ie/en/bills/bill/{year}/{number}/",))


def plain(words: str) -> str:
    return " ".join(re.sub(r"<[^<>]*>", " ", words).split())


def tail(uri: str | None) -> str:
    return (uri or "").rpartition("/")[2]


def sponsors(row: dict[str, Any], url: str) -> Iterator[Sponsorship]:
    """A minister sponsors by office: then there is no name, or there are both."""
    for n, sponsor in enumerate(rows(row, "sponsors", url)):
        name, office = (maybe(sponsor, f"sponsor.{key}.showAs", str, url) for key in ("by", "as"))
        primary = maybe(sponsor, "sponsor.isPrimary", bool, url)
        if name or office:
            yield Sponsorship(name or office or "", n == 0 if primary is None else primary,
                              tail(maybe(sponsor, "sponsor.by.uri", str, url)) or None)


def events(row: dict[str, Any], url: str) -> Iterator[tuple[Action, int]]:
    """Each day of each stage, with the stage's number; a day is often named several times."""
    for stage in rows(row, "stages", url):
        words, at = need(stage, "event.showAs", str, url), maybe(stage, "event.progressStage", int, url) or 0
        chamber = CHAMBERS.get(maybe(stage, "event.house.chamberCode", str, url) or "")
        days = sorted({day(need(it, "date", str, url), url) for it in rows(stage, "event.dates", url)})
        complete = maybe(stage, "event.stageCompleted", bool, url) and maybe(
            stage, "event.stageOutcome", str, url) in (None, "Enacted", "Current")
        for on in days:
            known = ACTIONS.classify(words) or () if complete and on == days[-1] else ()
            yield Action(words, on, classification=known, chamber="executive" if words == "Enacted" else chamber), at
    status = need(row, "status", str, url)
    told = status == "Current" or any(maybe(stage, "event.showAs", str, url) == status for stage in rows(
        row, "stages", url))
    if not told:  # some Acts have no such stage; for what lapsed no day is said
        yield step(ACTIONS, f"Status: {status}", maybe_day(maybe(row, "act.dateSigned", str, url), url),
                   "executive" if status == "Enacted" else None), 99


def texts(row: dict[str, Any], url: str) -> Iterator[Version]:
    for version in reversed(rows(row, "versions", url)):
        code, tongue = tail(need(version, "version.uri", str, url)), need(version, "version.lang", str, url)
        yield Version(code if tongue in ("eng", "mul") else f"{code}-{tongue}",
                      plain(need(version, "version.showAs", str, url)),
                      maybe_day(maybe(version, "version.date", str, url), url),
                      tuple(links(need(version, "version", dict, url), url)))


def links(paper: dict[str, Any], url: str) -> Iterator[Link]:
    for form, media in MEDIA:
        if uri := maybe(paper, f"formats.{form}.uri", str, url):
            yield Link(uri.replace("http://", "https://", 1), media)


def papers(row: dict[str, Any], url: str) -> Iterator[Document]:
    for key, name in (("relatedDocs", "relatedDoc"), ("amendmentLists", "amendmentList")):
        for paper in rows(row, key, url):
            stage = maybe(paper, f"{name}.stage.showAs", str, url)
            for link in [*links(need(paper, name, dict, url), url)][-1:]:
                yield Document(need(paper, f"{name}.showAs", str, url) + (f", {stage}" if stage else ""), link.url,
                               maybe_day(maybe(paper, f"{name}.date", str, url), url))
    if statute := maybe(row, "act.statutebookURI", str, url):
        yield Document(f"Irish Statute Book: {plain(need(row, 'act.shortTitleEn', str, url))}", statute,
                       maybe_day(maybe(row, "act.dateSigned", str, url), url))
