"""Washington: web services answered to GET, three lists a crawl (bills, texts, meetings), two records a bill.

Facts: the services' operation pages as public clients describe them, and one recorded answer of 752 bills. A change
costs one request: for steps, or for hearings where only an agenda was revised; two where a step tells of a meeting, for
they are two services. What did not move is read out of the archive. Steps of all bills in one answer
(GetLegislativeStatusChangesByDateRange) would be tens of megabytes a crawl.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import ClassVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

from lxml import etree

from spiders.guard import Missing
from spiders.labels import Labels
from spiders.listed import Due, Found, ListedSpider, step
from spiders.selectors import day, digest, maybe_day, must_say, read_plain_xml, said
from tracker import model
from tracker.errors import LayoutChanged, Unreachable
from tracker.model import Action, Bill, Hearing, HearingStatus, Link, RelatedBill, Sponsorship, Version, VoteEvent

SITE = "https://wslwebservices.leg.wa.gov"
FILES = "https://lawfilesext.leg.wa.gov"
BILLS, PAPERS, MEETINGS = (f"{SITE}/{name}.asmx" for name in
                           ("LegislationService", "LegislativeDocumentService", "CommitteeMeetingService"))
ZONE = "America/Los_Angeles"
CHAMBERS = {"House": "lower", "Senate": "upper"}
OTHER = {"lower": "upper", "upper": "lower"}
KINDS = {"B": "bill", "JR": "joint resolution", "CR": "concurrent resolution", "R": "resolution", "JM": "memorial"}
ACTIONS = Labels.beside(__file__)
MEETING = re.compile(r"hearing|executive|work session", re.IGNORECASE)  # in the steps of committees
_VERSION = re.compile(r"(\d{4})(?:-S(\d*))?(?:\.E(\d*))?(?:\.(PL|SL))?(?:$|[-\s.].*)", re.DOTALL)
_BILL = re.compile(r"(?:\d?[ES]\d?)*?([HS](?:B|CR|JM|JR|R)) (\d{4})")


@dataclass
class Listed:
    """What the lists say of one bill."""

    rows: list[etree._Element] = field(default_factory=list)  # one a version, the original first
    papers: list[etree._Element] = field(default_factory=list)

    def stamp(self) -> str:
        """Moves with every step and every text of the bill, and not with its companion's."""
        paths = ("BillId", "Active", "IntroducedDate", "LongDescription", "Sponsor", "CurrentStatus/HistoryLine",
                 "CurrentStatus/ActionDate", "CurrentStatus/Status")
        return digest([[[said(row, path) for path in paths] for row in self.rows],
                       [(said(p, "Name"), said(p, "HtmLastModifiedDate")) for p in self.papers]])


class UsWaSpider(ListedSpider):
    name = "us-wa"
    title = "Washington"
    site = SITE
    hosts = (FILES,)
    zone = ZONE
    terms = "Public web services of the Legislative Service Center for programs, https://wslwebservices.leg.wa.gov/"
    robots = "obeyed; neither host closes what is asked"
    format = "XML web services over GET; texts XML, HTML, PDF"
    proven = "recordings"
    floor = 150  # prefiled for the first day of a biennium
    cadence: ClassVar = {"session": 180, "recess": 1440}
    actions, recalls = ACTIONS, True
    gap: ClassVar = {letters + kind: 900 for letters in "HS" for kind in KINDS}  # each year begins at a round number

    async def listed(self) -> AsyncIterator[Due]:
        today = datetime.now(ZoneInfo(ZONE)).date()
        begun = today.year - 1 + today.year % 2
        bills: dict[tuple[str, int], Listed] = defaultdict(Listed)
        answer = await self.listing(f"{BILLS}/GetLegislationIntroducedSince?sinceDate={begun - 1}-12-01")
        for key, row in parse_bills(answer.body, answer.url):
            bills[key].rows.append(row)
        for term in sorted({term for term, _ in bills} | {biennium(today), biennium(today + timedelta(31))}):
            try:
                answer = await self.listing(f"{PAPERS}/GetAllDocumentsByClass?biennium={term}&documentClass=Bills")
            except (Missing, Unreachable):
                if term == biennium(today) or any(known == term for known, _ in bills):
                    raise
                continue  # the coming biennium has not begun
            for number, paper in parse_papers(answer.body, answer.url):
                bills[term, number].papers.append(paper)
        news, meetings = await self.meetings(today)
        for (term, number), bill in sorted(bills.items()):
            if identifier := identity(bill):
                year = int(term[:4])
                url = (f"{BILLS}/GetLegislativeStatusChangesByBillNumber?beginDate={year - 1}-12-01&endDate={year + 2}"
                       f"-01-31&biennium={term}&billNumber={number}")
                yield Due(term, identifier, url, None if (term, number) in news else bill.stamp(), bill)
        for meeting in meetings:
            yield meeting

    async def meetings(self, today: date) -> tuple[set[tuple[str, int]], list[Due]]:
        """(bills that stand on a new or revised agenda, those agendas: to be remembered)."""
        news: set[tuple[str, int]] = set()
        found: list[Due] = []
        span = f"beginDate={today - timedelta(1)}&endDate={today + timedelta(30)}"
        async for answer in self.listings([f"{MEETINGS}/GetCommitteeMeetings?{span}"]):
            for url, stamp in parse_meetings(answer.body, answer.url):
                before = self.memory.get(f"{url}#0")
                if before is None or before.lastmod != stamp:
                    async for items in self.listings([url]):
                        news |= parse_items(items.body, url)
                        found.append(Due("meetings", None, f"{url}#0", stamp, page=items.page))
        return news, found

    async def record(self, due: Due) -> Found | None:
        if due.row is None:
            return None  # a meeting: its bills are told, and its page is remembered
        bill: Listed = due.row
        term = due.session
        number = str(due.identifier).split()[1]
        before, known = self.recall(due.url), self.memory.get(due.url)
        history = before if before and known and known.lastmod == bill.stamp() else (
            await self.ask(due.url, "status", lastmod=bill.stamp())).body
        meetings = f"{BILLS}/GetHearings?biennium={term}&billNumber={number}"
        told, quiet = told_meetings(history, due.url), due.lastmod is not None  # quiet: no agenda was revised
        hearings: Iterable[Hearing] = ()
        if told or meetings in self.memory or not quiet:
            same = quiet and before is not None and told_meetings(before, due.url) == told
            body = self.recall(meetings) if same else None
            hearings = parse_hearings(body or (await self.ask(meetings, "status")).body, meetings)
        rows = bill.rows
        if not rows:  # prefiled: its text is there before it is introduced
            answer = await self.ask(f"{BILLS}/GetLegislation?biennium={term}&billNumber={number}", "status")
            rows = [row for key, row in parse_bills(answer.body, answer.url) if key == (term, int(number))]
            if not rows:
                raise LayoutChanged(f"expected {due.identifier} of {term}, got other bills", url=answer.url)
        return parse_bill(self.name, due, rows, bill.papers, tuple(parse_steps(history, due.url, rows[0])),
                          tuple(hearings))


def biennium(on: date) -> str:
    """Two years that begin with an odd one: ``2025-26``."""
    first = on.year - 1 + on.year % 2
    return f"{first}-{(first + 1) % 100:02d}"


def identity(bill: Listed) -> str | None:
    """``2E2SHB 1000`` -> ``HB 1000``: substitutes and engrossments are versions. None: no bill."""
    for node in (*bill.rows, *bill.papers):
        if found := _BILL.match(said(node, "BillId") or ""):
            return f"{found[1]} {found[2]}"
    return None


def parse_bills(body: bytes, url: str) -> Iterator[tuple[tuple[str, int], etree._Element]]:
    """((biennium, number), row) of each version; appointments, initiatives and tests in production are left out."""
    for row in read_plain_xml(body, url).iter("Legislation"):
        words = said(row, "LongDescription") or said(row, "ShortDescription") or ""
        if _BILL.fullmatch(must_say(row, "BillId", url)) and not re.fullmatch(r"(?i)test(?: bill)?[\s\d.]*", words):
            yield (must_say(row, "Biennium", url), int(must_say(row, "BillNumber", url))), row


def parse_papers(body: bytes, url: str) -> Iterator[tuple[int, etree._Element]]:
    for paper in read_plain_xml(body, url, "ArrayOfLegislativeDocument").iter("LegislativeDocument"):
        if found := _VERSION.fullmatch(must_say(paper, "Name", url)):
            yield int(found[1]), paper


def parse_meetings(body: bytes, url: str) -> Iterator[tuple[str, str]]:
    """(address of its items, stamp that moves when it is revised) of each meeting."""
    for meeting in read_plain_xml(body, url, "ArrayOfCommitteeMeeting").iter("CommitteeMeeting"):
        stamp = " ".join(said(meeting, path) or "" for path in ("RevisedDate", "Date", "Cancelled"))
        yield f"{MEETINGS}/GetCommitteeMeetingItems?agendaId={must_say(meeting, 'AgendaId', url)}", stamp


def parse_items(body: bytes, url: str) -> set[tuple[str, int]]:
    items = read_plain_xml(body, url, "ArrayOfCommitteeMeetingItem").iter("CommitteeMeetingItem")
    found = ((said(item, "Biennium"), _BILL.fullmatch(said(item, "BillId") or "")) for item in items)
    return {(term, int(bill[2])) for term, bill in found if term and bill}


def parse_steps(body: bytes, url: str, row: etree._Element) -> Iterator[Action]:
    """Oldest first. The source says no chamber: bills begin in their own, cross with passage, and some lines tell."""
    now = CHAMBERS.get(must_say(row, "OriginalAgency", url), "legislature")
    lines = [(day(must_say(s, "ActionDate", url), url), must_say(s, "HistoryLine", url)) for s in
             read_plain_xml(body, url, "ArrayOfLegislativeStatus").iter("LegislativeStatus")]
    for on, words in sorted(lines, key=lambda line: line[0]):
        if told := re.search(r"\b(House|Senate) (?:Committee|Rules|concurred|refuses|insists|recedes|asks)", words):
            now = CHAMBERS[told[1]]
        here = "executive" if re.match("Governor|Chapter|Effective", words) else {
            "Speaker signed": "lower", "President signed": "upper"}.get(words[:16].rstrip(". "), now)
        sent = re.search(r"refer(?:red)? to ((?!Rules)[^.(;]+)", words)
        yield step(ACTIONS, words, on, here, committees=(sent[1].strip(),) if sent else ())
        if words.startswith(("Third reading, passed", "Third reading, adopted")):
            now = OTHER.get(now, now)


def told_meetings(body: bytes, url: str) -> list[tuple[str | None, str]]:
    """(day, words) of the steps that tell of a committee's meeting."""
    return [(said(s, "ActionDate"), words) for s in read_plain_xml(body, url, "ArrayOfLegislativeStatus").iter(
        "LegislativeStatus") if MEETING.search(words := said(s, "HistoryLine") or "")]


def parse_hearings(body: bytes, url: str) -> Iterator[Hearing]:
    for row in read_plain_xml(body, url, "ArrayOfHearing").iter("Hearing"):
        when, kind = must_say(row, "CommitteeMeeting/Date", url), must_say(row, "HearingType", url)
        committees = [name for c in row.findall("CommitteeMeeting/Committees/Committee")
                      if (name := said(c, "LongName") or said(c, "Name"))]
        place = ", ".join(filter(None, (said(row, f"CommitteeMeeting/{part}") for part in ("Room", "Building"))))
        cancelled = said(row, "CommitteeMeeting/Cancelled") == "true"
        yield Hearing(f"{must_say(row, 'CommitteeMeeting/AgendaId', url)}-{kind.lower()}", day(when, url),
                      said(row, "HearingTypeDescription") or kind, when[11:16].replace("00:00", "") or None, ZONE,
                      place or None, ", ".join(committees) or None,
                      HearingStatus.CANCELLED if cancelled else HearingStatus.SCHEDULED)


def parse_bill(name: str, due: Due, rows: list[etree._Element], papers: list[etree._Element],
               steps: tuple[Action, ...], hearings: tuple[Hearing, ...]) -> Found:
    url, row = due.url, min(rows, key=lambda r: (len(said(r, "BillId") or ""), said(r, "BillId") or ""))
    newest = max(rows, key=lambda r: (said(r, "SubstituteVersion") or "", said(r, "EngrossedVersion") or ""))
    kind, number = str(due.identifier).split()
    titles = (model.Title(words, label) for path, label in (("ShortDescription", "Brief description"),
              ("LegalTitle", "Legal title")) if (words := said(newest, path)))
    title = said(newest, "LongDescription") or said(newest, "ShortDescription")
    inner = re.search(r"\((.+)\)", said(row, "Sponsor") or "")
    mates = {(must_say(c, "Biennium", url), found[1] + " " + found[2]) for r in rows for c in r.iter("Companion")
             if (found := _BILL.fullmatch(must_say(c, "BillId", url)))}
    texts = sorted((version(paper, url) for paper in papers), key=lambda v: stage(v[0].code))
    return Found(
        Bill(name, due.session, str(due.identifier), title, tuple(titles), (KINDS[kind[1:]],),
             CHAMBERS[must_say(row, "OriginalAgency", url)], maybe_day(said(row, "IntroducedDate"), url),
             committees=tuple(dict.fromkeys(c for a in steps for c in a.committees)),
             sponsorships=(Sponsorship(inner[1], True, said(row, "PrimeSponsorID")),) if inner else (), actions=steps,
             versions=tuple(v for v, _ in texts), hearings=hearings, votes=tuple(votes(steps)),
             related_bills=tuple(RelatedBill(term, mate, "companion") for term, mate in sorted(mates)),
             sources=(f"https://app.leg.wa.gov/billsummary/?BillNumber={number}&Year={due.session[:4]}", url)),
        issued={link.url: stamp for v, stamp in texts for link in v.links if stamp})


def votes(steps: tuple[Action, ...]) -> Iterator[VoteEvent]:
    """Roll calls are not asked for; their outcome stands in the steps."""
    for place, action in enumerate(steps):
        if "; yeas, " in action.description:
            yield VoteEvent(f"{action.date}-{place}", action.date, action.chamber, action.description,
                            "passage" in action.classification)


def stage(code: str) -> tuple[int, str]:
    """Original, engrossed, substitutes in their order, as passed, as law."""
    law = 2 if code.endswith("sl") else 1 if code.endswith("pl") else 0
    return law, "" if code == "original" else code.replace("pl", "").replace("sl", "")


def version(paper: etree._Element, url: str) -> tuple[Version, str | None]:
    """``1163-S2.E`` -> code ``s2-e``. The service names no XML; it lies beside the HTML."""
    found = _VERSION.fullmatch(must_say(paper, "Name", url))
    s, e, law = (found[2], found[3], found[4]) if found else (None, None, None)
    parts = ("" if s is None else f"s{s}", "" if e is None else f"e{e}", (law or "").lower())
    code = "-".join(filter(None, parts)) or "original"
    page = re.sub(r"(?i)^https?://[^/]+", "", must_say(paper, "HtmUrl", url))
    links = [Link(FILES + quote(re.sub("(?i)/htm/", "/Xml/", page)[:-3] + "xml"), "text/xml"),
             Link(FILES + quote(page), "text/html")]
    if print_ := said(paper, "PdfUrl"):
        links.append(Link(FILES + quote(re.sub(r"(?i)^https?://[^/]+", "", print_)), "application/pdf"))
    created = maybe_day(said(paper, "HtmCreateDate"), url)
    return (Version(code, must_say(paper, "ShortFriendlyName", url), created, tuple(links)),
            said(paper, "HtmLastModifiedDate"))
