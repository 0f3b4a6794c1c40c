"""The Texas Legislature: folders of bill histories (XML) on a public file server, texts beside them.

Facts: the clients of openstates-scrapers (scrapers/tx) and what they recorded of the 89th Legislature.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from typing import ClassVar
from urllib.parse import quote

from lxml import etree

from spiders.contract import Answer
from spiders.ftp import read_listing
from spiders.labels import Labels
from spiders.listed import Due, ListedSpider, step
from spiders.selectors import maybe_day, must_say, read_plain_xml, said
from tracker.errors import LayoutChanged
from tracker.model import Action, Bill, Document, Hearing, Link, RelatedBill, Sponsorship, Version, VoteEvent

SITE, WEB = "ftp://ftp.legis.state.tx.us", "https://capitol.texas.gov"
CHAMBERS = {"H": "lower", "S": "upper", "E": "executive"}
KINDS = {"B": "bill", "R": "resolution", "CR": "concurrent resolution", "JR": "joint resolution"}
# (element of the list of names, whether they lead): authors are of the first chamber, sponsors of the second
SPONSORS = (("authors", True), ("coauthors", False), ("sponsors", True), ("cosponsors", False))
PAPERS = (("analysis", "Analysis"), ("fiscalNote", "Fiscal Note"))
COUNTS = (("ayeVotes", "ayes"), ("nayVotes", "nays"), ("presentNotVotingVotes", "present"), ("absentVotes", "absent"))
SESSION = re.compile(r"\d{2,3}[R1-9]", re.IGNORECASE)
FILE = re.compile(r"([HS](?:B|R|CR|JR)) (\d+)\.xml", re.IGNORECASE)
NAMED = re.compile(r"(\d+)\((\w)\) ([HS])(B|R|CR|JR) +0*(\d+)")
COMPANION = re.compile(r"\b([HS](?:B|R|CR|JR)) *0*(\d+)")
MEETING = re.compile(r"Scheduled for (public hearing|formal meeting|work session)", re.IGNORECASE)

ACTIONS = Labels.beside(__file__)


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
    actions = ACTIONS
    inert: ClassVar = frozenset({"application/pdf"})  # lie on the web site, for people

    async def listed(self) -> AsyncIterator[Due]:
        async for group in self._folders():
            for entry in read_listing(group.body, group.url):
                if found := FILE.fullmatch(entry.name):
                    session = group.url.removeprefix(f"{SITE}/bills/").split("/")[0].upper()
                    yield Due(session, f"{found[1].upper()} {int(found[2])}", group.url + quote(entry.name),
                              f"{entry.moment} {entry.size}")

    async def _folders(self) -> AsyncIterator[Answer]:
        """Every folder of a hundred bills: bills/89R/billhistory/house_bills/HB00001_HB00099/."""
        top = await self.listing(f"{SITE}/bills/")
        sessions = [f"{top.url}{code}/" for code in newest(e.name for e in read_listing(top.body, top.url))]
        begun = [f"{a.url}billhistory/" async for a in self.listings(sessions) if "billhistory" in inner(a)]
        kinds = [f"{a.url}{kind}/" async for a in self.listings(begun) for kind in inner(a)]
        groups = [f"{a.url}{group}/" async for a in self.listings(kinds) for group in inner(a)]
        async for answer in self.listings(groups):
            yield answer

    def read(self, body: bytes, due: Due) -> Bill | None:
        return parse_history(body, due.url)


def newest(names: Iterable[str]) -> list[str]:
    """The folders of the newest legislature's sessions, regular and called: 89R, 891, 892."""
    codes = sorted(n for n in names if SESSION.fullmatch(n))
    latest = max((int(c[:-1]) for c in codes), default=0)
    return [c for c in codes if int(c[:-1]) == latest]


def inner(answer: Answer) -> list[str]:
    """The folders in a folder."""
    return [e.name for e in read_listing(answer.body, answer.url) if e.folder]


def parse_history(body: bytes, url: str) -> Bill | None:
    """One file of bill history. None: a number that no bill has (yet)."""
    root = read_plain_xml(body, url, "billhistory")
    caption = said(root, "caption")
    if (caption is None and root.find("actions/action") is None) or "does not exist" in (caption or ""):
        return None
    named = NAMED.fullmatch(root.get("bill", "").strip())
    if not named:
        raise LayoutChanged(f"expected a bill like 89(R) HB 1, got {root.get('bill', '')[:40]!r}", url=url)
    legislature, called, house, letters, number = named.groups()
    session, identifier = f"{legislature}{called}", f"{house}{letters} {number}"
    rows = root.findall("actions/action")
    actions = tuple(sorted((parse_action(row, url) for row in rows), key=lambda a: str(a.date or "")))
    return Bill(
        "us-tx", session, identifier, must_say(root, "caption", url), classification=(KINDS[letters],),
        chamber=CHAMBERS[house], introduced_on=actions[0].date if actions else None,
        subjects=tuple(filter(None, (said(s) for s in root.iterfind("subjects/subject")))),
        committees=tuple(dict.fromkeys(c.get("name", "") for c in committees(root))), actions=actions,
        sponsorships=tuple(Sponsorship(name.strip(), primary) for tag, primary in SPONSORS
                           for name in (said(root, tag) or "").split("|") if name.strip()),
        versions=tuple(parse_version(v, url) for v in root.iterfind("billtext/docTypes/bill/versions/version")),
        documents=tuple(Document(f"{note} ({said(v, 'versionDescription')})", secure(link)) for tag, note in PAPERS
                        for v in root.iterfind(f"billtext/docTypes/{tag}/versions/version")
                        if (link := said(v, "WebHTMLURL") or said(v, "WebPDFURL"))),
        hearings=tuple(h for row in rows if (h := parse_hearing(row, url))),
        votes=tuple(filter(None, (*(parse_vote(row, url) for row in rows), *map(committee_vote, committees(root))))),
        related_bills=tuple(RelatedBill(session, f"{kind} {n}", "companion")
                            for kind, n in COMPANION.findall(said(root, "companions") or "")),
        sources=(f"{WEB}/BillLookup/History.aspx?LegSess={session}&Bill={identifier.replace(' ', '')}",))


def parse_action(row: etree._Element, url: str) -> Action:
    """The comment ("RV#12", "1-Miller", "9/1/25") belongs to the words."""
    words = " ".join(filter(None, (must_say(row, "description", url), said(row, "comment"))))
    return step(ACTIONS, words, maybe_day(said(row, "date"), url), chamber_of(row), time=said(row, "actionTimestamp"))


def parse_version(node: etree._Element, url: str) -> Version:
    """The text lies on the file server, beside the history; where the record does not say so, by the server's order."""
    note, page = must_say(node, "versionDescription", url), said(node, "WebHTMLURL")
    text, paper = said(node, "FTPHTMLURL"), said(node, "WebPDFURL")
    if text is None and page is not None:
        text = url.rpartition("/")[0].replace("/billhistory/", "/billtext/html/") + "/" + page.rpartition("/")[2]
    links = ((Link(text.replace(" ", "%20"), "text/html"),) if text else ()) + (
        (Link(secure(paper), "application/pdf"),) if paper else ())
    return Version(note.lower().replace(" ", "-"), note, links=links)


def parse_hearing(row: etree._Element, url: str) -> Hearing | None:
    """A meeting that the history announces; its date is that of the meeting."""
    words, on = must_say(row, "description", url), maybe_day(said(row, "date"), url)
    found = MEETING.match(words)
    if not found or on is None:
        return None
    kind, number = found[1].capitalize(), said(row, "actionNumber") or ""
    return Hearing(f"{number} {on}", on, kind, time=said(row, "actionTimestamp"), zone=TexasSpider.zone,
                   committee=referred(row, number[:1]))


def referred(row: etree._Element, house: str) -> str | None:
    """The committee that had the bill when this row was written: of the last referral before it, in the same house."""
    for earlier in row.itersiblings("action", preceding=True):
        words = said(earlier, "description") or ""
        if (said(earlier, "actionNumber") or "").startswith(house) and words.startswith("Referred to "):
            return words.removeprefix("Referred to ")
    return None


def parse_vote(row: etree._Element, url: str) -> VoteEvent | None:
    record = said(row, "comment")
    if said(row, "description") != "Record vote" or not record:
        return None
    house = {"lower": "House ", "upper": "Senate "}.get(chamber_of(row) or "", "")
    return VoteEvent(f"{house}{record}", maybe_day(said(row, "date"), url), chamber_of(row))


def committees(root: etree._Element) -> list[etree._Element]:
    return [c for c in root.iterfind("committees/*") if c.get("name")]


def committee_vote(node: etree._Element) -> VoteEvent | None:
    """Its date is not said. None: no vote was taken."""
    if not any((node.get(name) or "0") != "0" for name, _ in COUNTS):
        return None
    counts = ", ".join(f"{node.get(name) or 0} {option}" for name, option in COUNTS)
    return VoteEvent(f"{node.tag} committee {node.get('name')}", None, CHAMBERS.get(node.tag[:1].upper()),
                     f"{node.get('name')} ({node.get('status') or 'no status'}): {counts}")


def chamber_of(row: etree._Element) -> str | None:
    return CHAMBERS.get((said(row, "actionNumber") or "")[:1])


def secure(link: str) -> str:
    return link.replace("http://", "https://", 1)
