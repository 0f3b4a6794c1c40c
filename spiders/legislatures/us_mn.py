"""The Minnesota Legislature: the Revisor's search as a listing, bills as XML, texts as HTML.

Facts: the Revisor's page on its web service (www.revisor.mn.gov/bills/service.php) and public clients of it. Traps: a
chamber's list repeats the other's bills; a step's words stand in up to three elements, and may hold its date; a number
of a session's other year answers with an empty record, a text that is not there with a page that says so.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import ClassVar

from spiders.bills import HTML, PDF, by_day, chamber_of, first_day, links, mentioned, ordinal, outcome, sponsors
from spiders.fronts import ABSENT
from spiders.labels import Labels
from spiders.listed import Due, Found, ListedSpider
from spiders.listings import newest
from spiders.records import Xml
from spiders.selectors import digest, options, read_html, said, written_day
from tracker.errors import LayoutChanged
from tracker.model import Action, Bill, Link, Version, VoteEvent

SITE, API = "https://www.revisor.mn.gov", "https://api.revisor.mn.gov"
SEARCH = f"{SITE}/bills/status_result.php?body={{body}}&search=advanced&session={{session}}&submit_advanced=GO" \
         "&search_type=andor&keyword_type=all&size=9999"
CAP = 500  # rows of a search that does not give all
STATUS = re.compile(r"/bills/(\d+/\d{4}/\d+)/([HS][FRC])/0*(\d+)")
NO_TEXT = re.compile(r"No Text File Found|Document [A-Z]+\d+ was not found", re.IGNORECASE)
EXECUTIVE = re.compile(r"(?:Presented to|Presentment|Governor)", re.IGNORECASE)


class MinnesotaSpider(ListedSpider):
    name = "us-mn"
    title = "Minnesota"
    site = SITE
    hosts = (API,)
    zone = "America/Chicago"
    terms = f"The Revisor describes this web service for developers, {SITE}/bills/service.php"
    robots = "obeyed"
    format = "HTML listing with action counts and dates; XML records; texts HTML, PDF"
    proven = "our own pages"
    floor = 3
    kinds: ClassVar = {"C": "concurrent resolution"}
    cadence: ClassVar = {"session": 360, "recess": 1440}
    actions = Labels.beside(__file__)

    async def listed(self) -> AsyncIterator[Due]:
        """Sessions: special or 0, legislature, year. A row tells how many actions, when the last was, by whom."""
        form = await self.listing(f"{SITE}/bills/status_search.php?body=House")
        known = options(form.body, form.url, r"\d{7,8}", ".//select[@name='session']/option")
        sessions = {SEARCH.format(body=body, session=code): words.partition(", ")[2] for code, words in newest(
            known, lambda it: int(it[0][1:-4])) for body in ("House", "Senate")}
        async for page in self.listings(sessions):
            cells = [row.findall("td") for row in read_html(page.body, page.url).iterfind(".//table//tr")]
            listed = [(link.get("href", ""), [said(cell) or "" for cell in row[2:]]) for row in cells
                      if len(row) > 3 and (link := row[1].find(".//a")) is not None]
            for href, words in listed:
                bill = STATUS.search(href)
                if bill is None or not any(written_day(word, page.url) for word in words):
                    raise LayoutChanged("expected a bill's link and the date of its last action, got "
                                        f"{href[:60]!r} and {' | '.join(words)[:80]!r}", url=page.url)
                if bill[2][0] == page.url.partition("body=")[2][0]:
                    yield Due(sessions[page.url], f"{bill[2]} {bill[3]}",
                              f"{API}/bills/v1/{bill[1]}/{bill[2]}/{bill[3]}/", digest(words))
            if len(listed) == CAP:
                raise LayoutChanged(f"expected the whole list, got the {CAP} rows that a search gives", url=page.url)

    def read(self, body: bytes, due: Due) -> Found | None:
        row = Xml.read(body, due.url, "BILL")
        letters, number = self.numbered(row["FILE_TYPE"] + row["FILE_NUMBER"], due.url)
        told = [(step, self.step_of(step)) for step in row.each("ACTIONS/*/ACTION")]
        if row.get("DESCRIPTION") is None and not told:
            return None
        of = "/{}/{}/".format(*map(row.get, ("SESSION_NUMBER", "SESSION_YEAR")))
        if "None" not in of and of not in due.url:
            raise LayoutChanged(f"expected a bill of this address, got one of {of}", url=due.url)
        steps = by_day((action for _, action in told), undated_last=True)
        authors = sorted(row.each("AUTHORS/*"), key=lambda house: str(house.it.tag)[:1].upper() != letters[0])
        bill = self.bill(
            due.session, f"{letters} {number}", row["DESCRIPTION"], steps, due.url,
            introduced_on=first_day(steps, "introduction"), sponsorships=(s for house in authors for s in sponsors(
                house.each("AUTHOR"), "MEMBER_NAME", "AUTHOR_NAME", "COMMITTEE_NAME")),
            versions=map(version, row.each("TEXT_VERSION_LIST/DOCUMENT")),
            votes=(VoteEvent(f"{chamber_of(r.within)} {a.date} {a.description}", a.date, chamber_of(r.within),
                             f"{a.description} ({r['ROLL_CALL']})", outcome(a))
                   for r, a in told if re.search(r"\d+\s*-\s*\d+", r.get("ROLL_CALL") or "")),
            related_bills=mentioned("{}{}".format(*map(row.get, ("COMPANION_TYPE", "COMPANION_NUMBER"))), due.session,
                                    "companion"),
            sources=(due.url.replace(f"{API}/bills/v1/", f"{SITE}/bills/"),))
        return Found(bill, issued={link.url: str(v.date) for v in bill.versions for link in v.links if v.date})

    def step_of(self, row: Xml) -> Action:
        """The words of a step stand in up to three elements, of which one may repeat another."""
        words, committee = "", row.get("COMMITTEE_NAME")
        for part in filter(None, (row.get("ACTION_TEXT"), row.get("ACTION_DESCRIPTION"))):
            words = part if words in part else words if part in words else f"{words} {part}"
        if committee and committee not in words and words.endswith(" to"):
            words = f"{words} {committee}"
        on = row.day("ACTION_DATE") or written_day(words, row.url)
        chamber = "executive" if EXECUTIVE.match(words) else chamber_of(row.within)
        return self.step(words or row["ACTION_TEXT"], on, chamber, committees=(committee,) if committee else ())

    def names(self, words: str, bill: Bill) -> bool:
        return bool(NO_TEXT.search(words)) or super().names(words, bill)

    def lacking(self, words: str, body: bytes, link: Link) -> str | None:
        return ABSENT if NO_TEXT.search(words) else None


def version(node: Xml) -> Version:
    """Official engrossments are numbered from 0, the bill as introduced; others keep their own name."""
    number, kind = node.get("DOCUMENT_ENGROSSMENT") or "", node.get("DOCUMENT_TYPE") or "official"
    official = kind == "official" and number.isdigit()
    note = f"{ordinal(int(number))} Engrossment" if official else f"{kind} {number}".strip().capitalize()
    note = "Introduction" if official and not int(number) else note
    return Version(number if official else node["DOCUMENT_NAME"], note, node.day("DATE_INSERT"),
                   links((node.get("HTML_URI"), HTML), (node.get("PDF_URI"), PDF)))
