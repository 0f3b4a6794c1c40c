"""The Texas Legislature: folders of bill histories (XML) on a public file server, texts beside them.

Facts: the clients of openstates-scrapers (scrapers/tx) and what they recorded of the 89th Legislature. Traps: a number
that no bill has is a file, too; the web site's addresses are for people; a committee's vote has no date.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import ClassVar
from urllib.parse import quote

from spiders.bills import HTML, PDF, by_day, chamber_of, links, mentioned, secure
from spiders.ftp import read_listing
from spiders.labels import Labels
from spiders.listed import Due, ListedSpider
from spiders.listings import newest
from spiders.records import Xml
from spiders.selectors import must_match
from spiders.tallies import tally
from tracker.model import Action, Bill, Document, Hearing, Sponsorship, Version, VoteEvent

SITE, WEB = "ftp://ftp.legis.state.tx.us", "https://capitol.texas.gov"
# (element of the list of names, whether they lead): authors are of the first chamber, sponsors of the second
SPONSORS = (("authors", True), ("coauthors", False), ("sponsors", True), ("cosponsors", False))
PAPERS = (("analysis", "Analysis"), ("fiscalNote", "Fiscal Note"))
COUNTS = {"yes": "ayeVotes", "no": "nayVotes", "not voting": "presentNotVotingVotes", "absent": "absentVotes"}
SESSION = re.compile(r"\d{2,3}[R1-9]", re.IGNORECASE)
FILE = re.compile(r"([HS](?:B|R|CR|JR)) (\d+)\.xml", re.IGNORECASE)
NAMED = re.compile(r"(\d+)\((\w)\) ([HS](?:B|R|CR|JR)) +0*(\d+)")
MEETING = re.compile(r"Scheduled for (public hearing|formal meeting|work session)", re.IGNORECASE)


class TexasSpider(ListedSpider):
    name = "us-tx"
    title = "Texas"
    site = SITE
    zone = "America/Chicago"
    terms = ("The Legislative Council offers this file server to data services and asks them to leave its web site to "
             "the public, https://capitol.texas.gov/billlookup/filedownloads.aspx")
    robots = "a file server has none; the web site is linked and never asked"
    format = "FTP folders of XML histories; texts HTML"
    proven = "our own pages"
    floor = 5
    cadence: ClassVar = {"session": 720, "recess": 1440}
    actions = Labels.beside(__file__)
    inert: ClassVar = frozenset({"application/pdf"})  # lie on the web site, for people

    async def listed(self) -> AsyncIterator[Due]:
        """Files like bills/89R/billhistory/house_bills/HB00001_HB00099/HB 1.xml; called sessions are 891, 892."""
        top = await self.listing(f"{SITE}/bills/")
        codes = (e.name for e in read_listing(top.body, top.url) if SESSION.fullmatch(e.name))
        level = [f"{top.url}{code}/" for code in newest(codes, lambda code: int(code[:-1]))]
        for wanted in ("billhistory", "", ""):
            level = [f"{a.url}{e.name}/" async for a in self.listings(level) for e in read_listing(a.body, a.url)
                     if e.folder and wanted in ("", e.name)]
        async for group in self.listings(level):
            for entry in read_listing(group.body, group.url):
                if found := FILE.fullmatch(entry.name):
                    session = group.url.removeprefix(f"{SITE}/bills/").split("/")[0].upper()
                    yield Due(session, f"{found[1].upper()} {int(found[2])}", group.url + quote(entry.name),
                              f"{entry.moment} {entry.size}")

    def read(self, body: bytes, due: Due) -> Bill | None:
        root = Xml.read(body, due.url, "billhistory")
        rows, caption = root.each("actions/action"), root.get("caption")
        if (caption is None and not rows) or "does not exist" in (caption or ""):
            return None  # a number that no bill has (yet)
        named = must_match(NAMED, root.it.get("bill", "").strip(), "a bill like 89(R) HB 1", due.url)
        session, identifier = f"{named[1]}{named[2]}", f"{named[3]} {named[4]}"
        committees = [c for c in root.each("committees/*") if c.it.get("name")]
        calls = [r for r in rows if r.get("description") == "Record vote" and r.get("comment")]
        floor = (VoteEvent({"H": "House ", "S": "Senate "}.get((r.get("actionNumber") or "")[:1], "") + r["comment"],
                           r.day("date"), chamber_of(r.get("actionNumber"))) for r in calls)
        return self.bill(
            session, identifier, root["caption"], by_day(self.step_of(row) for row in rows), due.url,
            subjects=root.all("subjects/subject", "."), committees=dict.fromkeys(c.it.get("name") for c in committees),
            sponsorships=(Sponsorship(name.strip(), leads) for tag, leads in SPONSORS
                          for name in (root.get(tag) or "").split("|") if name.strip()),
            versions=(version(v) for v in root.each("billtext/docTypes/bill/versions/version")),
            documents=(Document(f"{note} ({v.get('versionDescription')})", secure(link)) for tag, note in PAPERS
                       for v in root.each(f"billtext/docTypes/{tag}/versions/version")
                       if (link := v.get("WebHTMLURL", "WebPDFURL"))),
            hearings=self.hearings(rows), votes=(*floor, *filter(None, map(committee_vote, committees))),
            related_bills=mentioned(root.get("companions"), session, "companion"),
            sources=(f"{WEB}/BillLookup/History.aspx?LegSess={session}&Bill={identifier.replace(' ', '')}",))

    def step_of(self, row: Xml) -> Action:
        """The comment ("RV#12", "1-Miller", "9/1/25") belongs to the words."""
        words = " ".join(filter(None, (row["description"], row.get("comment"))))
        return self.step(words, row.day("date"), chamber_of(row.get("actionNumber")), time=row.get("actionTimestamp"))

    def hearings(self, rows: list[Xml]) -> Iterator[Hearing]:
        """Meetings that the history announces, dated by the meeting, of the committee that has the bill then."""
        sent: dict[str, str] = {}
        for row in rows:
            words, number, on = row["description"], row.get("actionNumber") or "", row.day("date")
            if words.startswith("Referred to "):
                sent[number[:1]] = words.removeprefix("Referred to ")
            elif on and (found := MEETING.match(words)):
                yield Hearing(f"{number} {on}", on, found[1].capitalize(), row.get("actionTimestamp"), self.zone,
                              committee=sent.get(number[:1]))


def version(node: Xml) -> Version:
    """The text lies on the file server, beside the history; where the record does not say so, by the server's order."""
    note, page, text, paper = node["versionDescription"], *map(node.get, ("WebHTMLURL", "FTPHTMLURL", "WebPDFURL"))
    if text is None and page is not None:
        text = node.url.rpartition("/")[0].replace("/billhistory/", "/billtext/html/") + "/" + page.rpartition("/")[2]
    return Version(note.lower().replace(" ", "-"), note, links=links((text, HTML), (paper, PDF)))


def committee_vote(node: Xml) -> VoteEvent | None:
    """Its date is not said. None: no vote was taken."""
    name, counts = node.it.get("name"), tally((option, node.it.get(field)) for option, field in COUNTS.items())
    return VoteEvent(f"{node.it.tag} committee {name}", None, chamber_of(str(node.it.tag)),
                     f"{name} ({node.it.get('status') or 'no status'})", counts=counts) if any(
                         count.value for count in counts or ()) else None
