"""The Houses of the Oireachtas (Ireland): their API's list of whole records, newest activity first, to harvests.

A bill is known by its year, which is its session, and number. The list is read back to the year before its newest row.
The last text is an Act's, and does not name the bill: its address does. A minister sponsors by office.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import ClassVar

from spiders.bills import PDF, XML, by_day, links, titles
from spiders.fronts import FOREIGN
from spiders.labels import Labels
from spiders.listed import Due, ListedSpider
from spiders.records import Json
from spiders.selectors import day, digest, plain
from tracker.errors import LayoutChanged
from tracker.model import Action, Bill, Document, Link, Sponsorship, Title, Version

SITE, DATA = "https://api.oireachtas.ie", "https://data.oireachtas.ie"
CHAMBERS = {"dail": "lower", "seanad": "upper"}
TITLES = {"longTitleEn": "Long title", "shortTitleGa": "Gearrtheideal", "longTitleGa": "Teideal fada"}


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
    actions = Labels.beside(__file__)
    nameless = True
    whole = False  # bills on which nothing happens leave the window
    options: ClassVar = {"since": "activity from this day on, e.g. 2016-01-01 (default: about two years)"}

    async def listed(self) -> AsyncIterator[Due]:
        since = self.option("since", r"\d{4}-\d\d-\d\d", "a day, e.g. 2016-01-01")
        first = f"{SITE}/v1/legislation?lang=en&limit=200&skip=0"
        async for page, total, listed in self.counted(first, "skip", parse_page):
            self.total = total
            since = since or f"{int(listed[0]['contextDate'][:4]) - 1}-01-01"
            for row in listed:
                if row["contextDate"][:10] < since:
                    return
                year, number = (row[f"bill.{key}"] for key in ("billYear", "billNo"))
                yield Due(year, f"Bill {number}", f"{SITE}/v1/legislation#{year}/{number}", digest(row.it["bill"]),
                          row.at("bill"), page.page)

    def read(self, body: bytes, due: Due) -> Bill:
        row, steps = due.row, by_day(self.events(due.row), undated_last=True)
        return self.bill(
            row["billYear"], f"Bill {row['billNo']}", plain(row["shortTitleEn"], " "), steps, due.url,
            chamber=CHAMBERS.get(row.tail("originHouse.uri")),
            titles=(Title(plain(it.title, " "), it.kind) for it in titles(row, TITLES)),
            sponsorships=(Sponsorship(name, n == 0 if lead is None else lead, s.tail("sponsor.by.uri") or None)
                          for n, s in enumerate(row.each("sponsors")) for lead in [s.flag("sponsor.isPrimary")]
                          if (name := s.get("sponsor.by.showAs", "sponsor.as.showAs"))),
            versions=(version(it.at("version")) for it in reversed(row.each("versions"))), documents=papers(row),
            sources=(f"https://www.oireachtas.ie/en/bills/bill/{due.url.partition('#')[2]}/",))

    def events(self, row: Json) -> Iterator[Action]:
        """Each day of each stage. A stage is classified when it is complete, on its last day."""
        stages = sorted((it.at("event") for it in row.each("stages")), key=lambda it: int(it.get("progressStage") or 0))
        for stage in stages:
            words, house = stage["showAs"], CHAMBERS.get(stage.get("house.chamberCode") or "")
            days = sorted({day(it["date"], row.url) for it in stage.each("dates")})
            complete = stage.flag("stageCompleted") and stage.get("stageOutcome") in (None, "Enacted", "Current")
            known = self.actions.classify(words) or () if complete else ()
            yield from (Action(words, on, classification=known if on == days[-1] else (),
                               chamber="executive" if words == "Enacted" else house) for on in days)
        if (status := row["status"]) not in ("Current", *(stage["showAs"] for stage in stages)):  # so of some Acts
            yield self.step(f"Status: {status}", row.day("act.dateSigned"),  # for what lapsed no day is said
                            "executive" if status == "Enacted" else None)

    def lacking(self, words: str, body: bytes, link: Link) -> str | None:
        found = re.search(r"/(?:bill|act)/(\d{4})/(\w+)/", link.url)
        proof = rf"\bAct\b.*{found[1]}" if found else r"(?!)"  # an address without a number proves nothing
        if found and link.media_type == XML:
            words, proof = body[:20_000].decode("utf-8", "replace"), re.escape(found[0])
        elif found and found[2].isdigit():  # an amendment of the constitution has its number in words
            proof = rf"\b(?:No\.?|Number|Uimh(?:ir)?\.?)\s*{found[2]}[a-z]?\s+(?:of|de)\s+{found[1]}\b"
        if not re.search(proof, words, re.IGNORECASE):
            raise LayoutChanged(f"{FOREIGN}: expected one that names its number and year", url=link.url)
        return None


def parse_page(body: bytes, url: str) -> tuple[int, list[Json]]:
    """How many bills there are in all, and those of this page, which must come by their newest activity."""
    said = Json.read(body, url)
    listed = said.each("results", least=1)
    if (days := [day(row["contextDate"], url) for row in listed]) != sorted(days, reverse=True):
        raise LayoutChanged("expected bills by their newest activity", url=url)
    return said.number("head.counts.resultCount"), listed


def files(paper: Json) -> tuple[Link, ...]:
    return links((paper.get("formats.xml.uri"), XML), (paper.get("formats.pdf.uri"), PDF))


def version(paper: Json) -> Version:
    code, tongue = paper.tail("uri"), paper["lang"]
    return Version(code if tongue in ("eng", "mul") else f"{code}-{tongue}", plain(paper["showAs"], " "),
                   paper.day("date"), files(paper))


def papers(row: Json) -> Iterator[Document]:
    for key, name in (("relatedDocs", "relatedDoc"), ("amendmentLists", "amendmentList")):
        for paper in (it.at(name) for it in row.each(key)):
            note = ", ".join(filter(None, (paper["showAs"], paper.get("stage.showAs"))))
            yield from (Document(note, link.url, paper.day("date")) for link in files(paper)[-1:])
    if statute := row.get("act.statutebookURI"):
        yield Document(f"Irish Statute Book: {plain(row['act.shortTitleEn'], ' ')}", statute, row.day("act.dateSigned"))
