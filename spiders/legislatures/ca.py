"""The Parliament of Canada: LEGISinfo's list (JSON) and records (XML), and parl.ca's bills in XML, to harvests.

The list has had two shapes (NumberCode since August 2026, BillNumberFormatted before); both are read. A record says all
in English and French: the texts that are read are the English ones, the French are linked as documents. A status
freezes when its session ends; nothing is made of it. The list's date of the newest event may be an empty one: what
moves no milestone (a committee's meeting) is noticed by the feed.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import ClassVar

from lxml.etree import _Element

from spiders.bills import PDF, XML, apart, clock, links
from spiders.fronts import COVER_ONLY
from spiders.labels import Labels
from spiders.listed import Due, ListedSpider, step
from spiders.selectors import day, digest, maybe, maybe_day, must_say, need, one, read_json, read_plain_xml, said
from spiders.tallies import tally
from tracker.errors import LayoutChanged
from tracker.model import Action, Bill, Document, Hearing, Link, RelatedBill, Sponsorship, Title, Version, VoteEvent

SITE = "https://www.parl.ca"
FEED = f"{SITE}/legisinfo/en/bills/rss"
ZONE = "America/Toronto"
COUNTS = {"yes": "DivisionVotesYeas", "no": "DivisionVotesNays", "paired": "DivisionVotePaired"}
RESTLESS = {"SearchScore", "Highlight"}  # of a search, not of the bill
CHAMBERS = {"1": "lower", "2": "upper"}
STAGES = {"HouseBillStages": "lower", "SenateBillStages": "upper", "RoyalAssent": "executive",
          "HouseAdditionalInformation": "lower", "SenateAdditionalInformation": "upper"}
# PublicationTypeId -> (code, number in the text's address)
PRINTS = {"80701": ("first-reading", 1), "80702": ("committee", 2), "80703": ("passed", 3),
          "80704": ("royal-assent", 4)}
TITLES = (("ShortTitleEn", "Short title"), ("LongTitleFr", "Titre intégral"), ("ShortTitleFr", "Titre abrégé"))
ACTIONS = Labels.beside(__file__)


class CanadaSpider(ListedSpider):
    name = "ca"
    title = "Canada"
    site = SITE
    zone = ZONE
    terms = "Parliament permits reproduction (Speaker's permission): https://www.ourcommons.ca/en/important-notices"
    robots = "obeyed; not read yet on the live site"
    format = "LEGISinfo: list JSON, records XML; texts parl.ca bill XML (English; French linked)"
    proven = "recordings"  # records and texts; the list is written after public clients
    floor = 2  # a session begins with C-1 and S-1
    cadence: ClassVar = {"session": 240, "recess": 1440}
    actions = ACTIONS
    gap: ClassVar = {"C": 800, "S": 800}  # government from 1, members' from 201, private from 1001
    inert = frozenset({"application/pdf"})  # both languages side by side
    options: ClassVar = {"session": "an earlier one, e.g. 44-1 (default: the current one)"}

    async def listed(self) -> AsyncIterator[Due]:
        wanted = self.option("session", r"\d+-\d+", "a parliament and its session, e.g. 44-1")
        answer = await self.listing(f"{SITE}/legisinfo/en/bills/json" + (f"?parlsession={wanted}" if wanted else ""))
        listed = [*parse_list(answer.body, answer.url)]
        newest = max((due.session for due in listed), key=parts, default="")
        events = {} if wanted else await self._events()
        for due in listed:
            if due.session == newest:  # without a session the list is meant to hold the current one only
                yield replace(due, lastmod=self._stamp(str(due.lastmod), due.url, events))

    async def _events(self) -> dict[str, str]:
        """When the feed last told of each bill. It helps only: without it the list says less, and nothing wrong."""
        return await self.spare(FEED, "listing", lambda page: parse_feed(page.body, page.url)) or {}

    def _stamp(self, row: str, url: str, events: dict[str, str]) -> str:
        """The list's state of a bill, and the feed's; a bill that left the feed keeps what it said last."""
        before = self.memory.get(url)
        if url in events:
            return f"{row} {events[url]}"
        return before.lastmod if before and before.lastmod and before.lastmod.startswith(row) else row

    def read(self, body: bytes, due: Due) -> Bill:
        return parse_bill(body, due.url)

    def lacking(self, words: str, body: bytes, link: Link) -> str | None:
        return COVER_ONLY if read_plain_xml(body, link.url).find("Body") is None else None


def parse_list(body: bytes, url: str) -> Iterator[Due]:
    for row in read_json(body, url, list):
        number = maybe(row, "NumberCode", str, url) or need(row, "BillNumberFormatted", str, url)
        session = f"{need(row, 'ParliamentNumber', int, url)}-{need(row, 'SessionNumber', int, url)}"
        stamp = digest({k: v for k, v in row.items() if k not in RESTLESS})
        yield Due(session, number, record_of(session, number), stamp)


def parse_feed(body: bytes, url: str) -> dict[str, str]:
    """A record's address -> the newest moment at which the feed tells of the bill."""
    found: dict[str, str] = {}
    for item in read_plain_xml(body, url, "rss").iterfind("channel/item"):
        bill = re.search(r"/bill/(\d+-\d+)/([A-Za-z]-\d+)", said(item, "link") or said(item, "guid") or "")
        try:
            at = parsedate_to_datetime(must_say(item, "pubDate", url)).astimezone(UTC).isoformat()
        except ValueError as problem:
            raise LayoutChanged("expected a pubDate of the feed, got another form", url=url) from problem
        if bill:
            record = record_of(bill[1], bill[2])
            found[record] = max(at, found.get(record, at))
    return found


def record_of(session: str, number: str) -> str:
    return f"{SITE}/legisinfo/en/bill/{session}/{number.lower()}/xml"


def parse_bill(body: bytes, url: str) -> Bill:
    row = one(read_plain_xml(body, url, "Bills"), "Bill", url)
    number, session = must_say(row, "NumberCode", url), session_of(row, url)
    chamber = CHAMBERS.get(must_say(row, "OriginatingChamberOrganizationId", url))
    stages = [(stage, STAGES[str(stage.tag)]) for stage in one(row, "BillStages", url) if stage.tag in STAGES]
    first = "PassedHouseFirstReadingDateTime" if chamber == "lower" else "PassedSenateFirstReadingDateTime"
    sponsor = said(row, "SponsorPersonName")
    committees = dict.fromkeys(name for stage, _ in stages if (name := said(stage, "Committee/CommitteeNameEn")))
    versions = tuple(prints(row, number, session, url))
    return Bill(
        "ca", session, number, must_say(row, "LongTitleEn", url), chamber=chamber, committees=tuple(committees),
        titles=tuple(Title(words, kind) for tag, kind in TITLES if (words := said(row, tag))),
        introduced_on=maybe_day(said(row, first), url, ZONE),
        sponsorships=(Sponsorship(sponsor, True, said(row, "SponsorPersonId"), area=said(
            row, "SponsorConstituencyNameEn")),) if sponsor else (),
        actions=tuple(steps(row, stages, chamber, url)), versions=versions,
        documents=tuple(Document(f"French text: {v.note}", v.links[0].url.replace("_E.xml", "_F.xml"))
                        for v in versions if v.links),
        hearings=tuple(meetings(stages, session, url)), votes=tuple(divisions(row, session, url)),
        related_bills=tuple(similar(row, session, url)),
        sources=tuple(f"{SITE}/legisinfo/{tongue}/bill/{session}/{number.lower()}" for tongue in ("en", "fr")))


def parts(session: str) -> list[int]:
    """``45-1`` -> [45, 1]: parliament and session."""
    return [int(part) for part in session.split("-")]


def session_of(row: _Element, url: str) -> str:
    found = f"{must_say(row, 'ParliamentNumber', url)}-{must_say(row, 'SessionNumber', url)}"
    if not re.fullmatch(r"\d+-\d+", found):
        raise LayoutChanged(f"expected a parliament and its session, got {found!r}", url=url)
    return found


def steps(row: _Element, stages: list[tuple[_Element, str]], origin: str | None, url: str) -> list[Action]:
    found = []
    for stage, chamber in stages:
        for event in stage.findall("SignificantEvents"):
            words, at = must_say(event, "EventNameEn", url), must_say(event, "EventDateTime", url)
            committee = said(stage, "Committee/CommitteeNameEn") if "eferral" in words else None
            action = step(ACTIONS, words, day(at, url, ZONE), chamber, time=clock(at),
                          committees=(committee,) if committee else ())
            if chamber != origin:  # the other chamber may say "Introduction and first reading", too
                action = replace(action, classification=tuple(c for c in action.classification if c != "introduction"))
            found.append((at, action))
    for message in row.findall("BillStages/InterChamberMessages"):
        at, chamber_id = must_say(message, "Date", url), said(message, "ChamberOrganizationId") or ""
        found.append((at, step(ACTIONS, must_say(message, "EventNameEn", url), day(at, url, ZONE),
                               CHAMBERS.get(chamber_id), time=clock(at))))
    return [action for _, action in sorted(found, key=lambda it: it[0][:16])]


def prints(row: _Element, number: str, session: str, url: str) -> Iterator[Version]:
    folder = f"{SITE}/Content/Bills/{session.replace('-', '')}/" + (
        "Government" if said(row, "IsGovernmentBill") == "true" else "Private")
    known = [PRINTS.get(kind, (f"publication-{kind}", 0)) for kind in (
        must_say(publication, "PublicationTypeId", url) for publication in row.findall("Publications"))]
    codes = apart(code for code, _ in known)
    for publication, (plain, nth), code in zip(row.findall("Publications"), known, codes, strict=True):
        stem = f"{folder}/{number}/{number}_{nth}/{number}"
        yield Version(code, must_say(publication, "PublicationTypeNameEn", url), links=links(
            (f"{stem}_E.xml", XML), (f"{stem}_{nth}.PDF", PDF)) if nth and code == plain else ())


def meetings(stages: list[tuple[_Element, str]], session: str, url: str) -> Iterator[Hearing]:
    seen = set()
    for stage, _ in stages:
        for meeting in stage.findall("CommitteeMeetings"):
            nth, name = must_say(meeting, "Number", url), must_say(meeting, "CommitteeNameEn", url)
            key = f"{must_say(meeting, 'CommitteeAcronym', url)}-{session}-{nth}"
            if key not in seen:
                seen.add(key)
                yield Hearing(key, day(must_say(meeting, "Date", url), url, ZONE), f"Meeting {nth}", zone=ZONE,
                              committee=name)


def divisions(row: _Element, session: str, url: str) -> Iterator[VoteEvent]:
    for tag, chamber in (("HouseVoteDetails", "lower"), ("SenateVoteDetails", "upper")):
        for vote in row.findall(tag):
            number = must_say(vote, "DivisionNumber", url)
            page = f"https://www.ourcommons.ca/Members/en/votes/{session.replace('-', '/')}/{number}"
            told = {option: said(vote, field) for option, field in COUNTS.items()}
            yield VoteEvent(number, maybe_day(said(vote, "DecisionDateTime"), url, ZONE), chamber, said(
                vote, "DivisionSubjectEn"), outcome(vote), page if chamber == "lower" else None, tally(told))


def outcome(vote: _Element) -> bool | None:
    return True if said(vote, "IsAgreedTo") == "true" else False if said(vote, "IsNegatived") == "true" else None


def similar(row: _Element, session: str, url: str) -> Iterator[RelatedBill]:
    """Bills that LEGISinfo finds alike: a reintroduction has another number in another session."""
    for other in row.findall("SimilarBills"):
        if said(other) is None:
            continue
        theirs = session_of(other, url)
        before, now = parts(theirs), parts(session)
        relation = "companion" if before == now else "prior-session" if before < now else "later-session"
        yield RelatedBill(theirs, must_say(other, "NumberCode", url), relation, said(other, "LongTitleEn"))
