"""US Congress from govinfo.gov: bulk listings -> BILLSTATUS XML (v1 and v3) and bill texts -> records.

Facts: github.com/usgpo/bill-status and usgpo/bulk-data. Proven on recordings and a replay, not yet on the live site.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from lxml import etree
from scrapy import Request
from scrapy.http import Response

from spiders.contract import Draft, LegislatureSpider
from spiders.guard import parse_xml
from tracker.errors import LayoutChanged
from tracker.ids import bill_id
from tracker.model import (
    Action,
    Bill,
    Document,
    Harvest,
    Link,
    PendingText,
    RelatedBill,
    Sponsorship,
    Title,
    Version,
    VoteEvent,
)

HOME = "https://www.govinfo.gov"
BULK = f"{HOME}/bulkdata/json/BILLSTATUS"
EASTERN = ZoneInfo("America/New_York")
TYPES: dict[str, tuple[str, str, str]] = {  # code: classification, chamber, path on congress.gov
    "hr": ("bill", "lower", "house-bill"), "s": ("bill", "upper", "senate-bill"),
    "hjres": ("joint resolution", "lower", "house-joint-resolution"),
    "sjres": ("joint resolution", "upper", "senate-joint-resolution"),
    "hconres": ("concurrent resolution", "lower", "house-concurrent-resolution"),
    "sconres": ("concurrent resolution", "upper", "senate-concurrent-resolution"),
    "hres": ("resolution", "lower", "house-resolution"),
    "sres": ("resolution", "upper", "senate-resolution"),
}
_TYPE = "hconres|sconres|hjres|sjres|hres|sres|hr|s"
PACKAGE = re.compile(rf"BILLS-(\d+)({_TYPE})(\d+)([a-z][a-z0-9]*)")
STATUS = re.compile(rf"BILLSTATUS-(\d+)({_TYPE})(\d+)\.xml$")

# Wording of an action (lower case, ordered: the first that is found counts) -> Open Civic Data classification, chamber.
ACTIONS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple((re.compile(p), c) for p, c in (
    (r"^became (public|private) law", ("became-law",)),
    (r"^signed by president", ("executive-signature",)),
    (r"^presented to president", ("executive-receipt",)),
    (r"^(pocket )?vetoed by president", ("executive-veto",)),
    (r"passed (house|senate) over veto|veto overridden", ("veto-override-passage",)),
    (r"^(failed of passage|failed of passage/not agreed to|on passage failed)|motion to suspend the rules.* failed",
     ("failure",)),
    (r"^passed/agreed to in (house|senate)|^passed (house|senate)|^on passage passed|^(resolution )?agreed to in senate"
     r"|^on agreeing to the resolution.*agreed to|on motion to suspend the rules and (pass|agree to) the .*agreed to",
     ("passage",)),
    (r"^introduced in (the )?(house|senate)|^submitted in (the )?(house|senate)", ("introduction",)),
    (r"^read twice and referred to|^referred to|^rereferred to|^read the second time and referred",
     ("referral-committee",)),
    (r"^(ordered to be reported|reported (\(|by|to|from)|.*\breported (by|to) |committee on .* reported)|^reported",
     ("committee-passage",)),
    (r"discharged", ("committee-passage",)),
    (r"^committee (consideration|hearings)|^(subcommittee )?hearings? (held|by)|mark-?up session", ("reading-1",)),
    (r"placed on .*calendar", ("reading-2",)),
    (r"^received in the (house|senate)|^message on (house|senate) action|^held at the desk", ("receipt",)),
    (r"^considered|^debate|^measure laid before|^rule h\. ?res|^rule provides|moved to suspend the rules"
     r"|^motion to proceed|^postponed proceedings|^at the conclusion of debate|^the previous question", ("reading-3",)),
    (r"^motion to reconsider", ("other",)),
    (r"^forwarded by subcommittee", ("committee-passage-favorable",)),
    (r"withdrawn", ("withdrawal",)),
))


class UnitedStates(LegislatureSpider):
    """Congresses are discovered; the newest is crawled, others on `-o congress=118` or `-o congress=all`."""

    name = jurisdiction = "us"
    zone = "America/New_York"
    home = HOME
    terms = "Works of the US Government, public domain; bulk data offered for reuse by GPO without a key."
    floor = 1

    text_lastmods: dict[str, str]

    async def start(self) -> AsyncIterator[Any]:
        self.phase, self.text_lastmods = "reading listings", {}
        asked: list[tuple[str, str]] = []
        for congress in await self._congresses():
            asked += await self._changed(congress)
        await self._read_text_sitemaps()
        reissued = list(self._reissued())
        self.expected = len(asked) + len(reissued) + len(self.memory.pending)
        self.phase = "reading bills"
        async for request in self.lazily(self._requests(asked, reissued)):
            yield request

    # --- listings -----------------------------------------------------------------------------------------------------

    async def _rows(self, url: str) -> list[tuple[str, str]] | None:
        """(name, lastmod) of a bulk listing; None if it could not be had. 404 means: nothing of that kind yet."""
        response = await self.fetch(url, "listing", accept="application/json")
        if response is None:
            return None
        try:
            return list(listing_rows(response.body, url))
        except LayoutChanged as problem:
            self.count("listing_odd", str(problem))
            return None

    async def _congresses(self) -> list[int]:
        rows = await self._rows(BULK) or []
        found = sorted((int(name) for name, _ in rows if name.isdigit()), reverse=True)
        wanted = self.options.get("congress", "")
        if wanted == "all":
            return found
        if wanted.isdigit():
            return [int(wanted)]
        return found[:1]

    async def _changed(self, congress: int) -> list[tuple[str, str]]:
        """(status address, lastmod) of the bills whose listing moved since they were read."""
        folders = await self._rows(f"{BULK}/{congress}")
        names = [name for name, _ in folders if name in TYPES] if folders else list(TYPES)
        changed = []
        for kind in names:
            for name, lastmod in await self._listed(congress, kind):
                url = f"{HOME}/bulkdata/BILLSTATUS/{congress}/{kind}/{name}"
                self.count("listed")
                if self.memory.pages.get(url, (None, None, None))[0] != lastmod:
                    changed.append((url, lastmod))
        return changed

    async def _listed(self, congress: int, kind: str) -> list[tuple[str, str]]:
        rows = await self._rows(f"{BULK}/{congress}/{kind}")
        if rows is None:  # refused or odd: the sitemap names the same files
            url = f"{HOME}/sitemap/bulkdata/BILLSTATUS/{congress}{kind}/sitemap.xml"
            response = await self.fetch(url, "listing")
            found = sitemap_rows(response.body) if response else ()
            rows = [(loc.rsplit("/", 1)[1], lastmod) for loc, lastmod in found]
        return [(name, lastmod) for name, lastmod in rows if STATUS.match(name)]

    async def _read_text_sitemaps(self) -> None:
        index = await self.fetch(f"{HOME}/sitemap/BILLS_sitemap_index.xml", "listing")
        for loc, _ in sitemap_rows(index.body) if index else ():
            leaf = await self.fetch(self.canonical(loc), "listing")
            for page, lastmod in sitemap_rows(leaf.body) if leaf else ():
                self.text_lastmods[page.rsplit("/", 1)[1]] = lastmod

    def text_lastmod(self, url: str) -> str | None:
        package = PACKAGE.search(url)
        return self.text_lastmods.get(package[0]) if package else None

    def _reissued(self) -> Iterator[PendingText]:
        """Texts that we hold and that the sitemap says were published again."""
        for url, (lastmod, _, _) in self.memory.pages.items():
            package = PACKAGE.search(url)
            now = self.text_lastmods.get(package[0]) if package else None
            if package and lastmod and now and now != lastmod:
                yield PendingText(bill_id("us", package[1], f"{package[2]} {package[3]}"), package[4],
                                  (Link(url, "text/xml" if url.endswith(".xml") else "text/html"),))

    def _requests(self, asked: Iterable[tuple[str, str]], reissued: Iterable[PendingText]) -> Iterator[Request]:
        first = set()
        for number, (url, lastmod) in enumerate(asked):
            if self.limit is not None and number >= self.limit:
                return
            found = STATUS.search(url)
            if found:
                first.add(bill_id("us", found[1], f"{found[2]} {found[3]}"))
            yield self.ask(url, "status", self.parse_status, lastmod=lastmod)
        for text in (*self.memory.pending, *reissued):
            if text.bill_id not in first:
                for request in self.harvest_texts(text):
                    if isinstance(request, Request):
                        yield request

    # --- pages --------------------------------------------------------------------------------------------------------

    def parse_status(self, response: Response) -> Iterator[Request | Harvest]:
        self._failed_in_a_row = 0
        if response.status == 304:
            self.done += 1
            yield Harvest(None, pages=(self.page(response),))
            return
        url = self.canonical(response.url)
        if response.status != 200:
            raise LayoutChanged(f"expected a listed file, got HTTP {response.status}", source=self.name, url=url)
        bill = parse_bill(response.body, url)
        for action in bill.actions:
            if not action.classification:
                self.count("unknown_labels")
        pending = {(p.bill_id, p.version) for p in self.memory.pending}
        name = bill_id(bill.jurisdiction, bill.session, bill.identifier)
        wanted = [v for v in bill.versions if (name, v.code) in pending
                  or not any(link.url in self.memory.pages for link in v.links)]
        yield from self.harvest(bill, self.page(response), wanted)

    def names_its_bill(self, response: Response, draft: Draft) -> str | None:
        return foreign_text(response.body, self.canonical(response.url))


# --- pure: bytes -> records -------------------------------------------------------------------------------------------


class _Row(msgspec.Struct):
    name: str = ""
    formattedLastModifiedTime: str = ""


_row = msgspec.json.Decoder(_Row)


def listing_rows(body: bytes, url: str) -> Iterator[tuple[str, str]]:
    """Rows of a bulk listing, one at a time: (name, "13-Jul-2026 23:36"). Rows hold no nested objects."""
    if not body.lstrip().startswith(b'{"files"'):
        raise LayoutChanged(f'expected {{"files": [...]}}, got {body[:60]!r}', source="us", url=url)
    try:
        for match in re.finditer(rb"\{[^{}]*\}", body):
            row = _row.decode(match[0])
            yield row.name, row.formattedLastModifiedTime
        if not body.rstrip().endswith(b"]}"):
            raise LayoutChanged("expected a whole listing, got a torn one", source="us", url=url)
    except msgspec.DecodeError as problem:
        raise LayoutChanged(f"expected a listing, got {problem}", source="us", url=url) from None


def sitemap_rows(body: bytes) -> Iterator[tuple[str, str]]:
    """(address, lastmod) of a sitemap or sitemap index, one at a time."""
    for match in re.finditer(rb"<loc>\s*([^<]+?)\s*</loc>\s*(?:<lastmod>\s*([^<]*?)\s*</lastmod>)?", body):
        yield match[1].decode(), (match[2] or b"").decode()


def foreign_text(body: bytes, url: str) -> str | None:
    """None if the text names the bill of its address, else what is wrong with it."""
    package = PACKAGE.search(url)
    if package is None:
        return "expected a package name in the address"
    wanted = f"{package[2]}{package[3]}"
    if url.endswith(".xml"):
        try:
            parse_xml(body, source="us", url=url)
        except LayoutChanged as problem:
            return str(problem)
    head = body[:20_000]
    names = [found for pattern in _OWN_NAMES for found in pattern.findall(head)]
    said = {re.sub(r"[^a-z0-9]", "", name.decode("utf-8", "replace").lower()) for name in names}
    if wanted in said:
        return None
    return f"expected the text of {wanted}, got " + (f"one of {', '.join(sorted(said))}" if said else "no bill number")


_OWN_NAMES = (
    re.compile(rb"<dc:title>\s*\d+\s+([A-Za-z]+\s+\d+)\s"),
    re.compile(rb"<(?:legis-num|docNumber|currentChamber)[^>]*>\s*([^<]+?)\s*<"),
    re.compile(rb"\[((?:H|S)\.[\w. ]*?\d+) "),
    re.compile(rb"<dc:title>\s*((?:H|S)\.?\s?[A-Za-z. ]*\d+)"),
)


@lru_cache(4096)
def _day(value: str | None) -> date | None:
    """``2026-03-02``, with or without a time of day behind it."""
    try:
        return date.fromisoformat(value[:10]) if value else None
    except ValueError:
        return None


@lru_cache(4096)
def _eastern_day(value: str | None) -> date | None:
    """Version dates are midnight Eastern told in UTC: 2021-02-12T05:00:00Z is the 12th."""
    if value and "T" in value:
        try:
            return datetime.fromisoformat(value).astimezone(EASTERN).date()
        except ValueError:
            return None
    return _day(value)


def _text(element: etree._Element | None, name: str) -> str | None:
    found = element.findtext(name) if element is not None else None
    return found.strip() or None if found else None


def parse_bill(body: bytes, url: str) -> Bill:
    """One BILLSTATUS file, version 1 or 3. Raises LayoutChanged; Blocked for a refusal with status 200."""
    root = parse_xml(body, source="us", url=url)
    bill = root.find("bill") if root.tag == "billStatus" else None
    if bill is None:
        raise LayoutChanged(f"expected billStatus/bill, got {root.tag}", source="us", url=url)
    kind = (_text(bill, "type") or _text(bill, "billType") or "").lower()
    number = _text(bill, "number") or _text(bill, "billNumber")
    congress = _text(bill, "congress")
    if kind not in TYPES or not number or not congress:
        raise LayoutChanged(f"expected type, number and congress, got {kind!r}, {number!r}, {congress!r}",
                            source="us", url=url)
    named = STATUS.search(url)
    if named and named.groups() != (congress, kind, number):
        raise LayoutChanged(f"expected {kind}{number} of the {congress}th Congress's address, got another bill",
                            source="us", url=url)
    classification, chamber, path = TYPES[kind]
    versions, documents = _versions(bill, congress, kind, number)
    actions_root = bill.find("actions")
    rows = actions_root.findall("item") if actions_root is not None else []
    return Bill(
        jurisdiction="us", session=congress, identifier=f"{kind.upper()} {number}", title=_text(bill, "title"),
        titles=_titles(bill), classification=(classification,), chamber=chamber,
        introduced_on=_day(_text(bill, "introducedDate")), subjects=_subjects(bill), committees=_committees(bill),
        sponsorships=_sponsors(bill), actions=merge_actions(rows), versions=versions, documents=documents,
        votes=_votes(rows), related_bills=_related(bill),
        sources=(f"https://www.congress.gov/bill/{ordinal(int(congress))}-congress/{path}/{number}",
                 f"{HOME}/bulkdata/BILLSTATUS/{congress}/{kind}/BILLSTATUS-{congress}{kind}{number}.xml"))


def ordinal(number: int) -> str:
    """119 -> 119th, 121 -> 121st, 112 -> 112th."""
    suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def _titles(bill: etree._Element) -> tuple[Title, ...]:
    found = ((_text(item, "title"), _text(item, "titleType")) for item in bill.iterfind("titles/item"))
    return tuple(dict.fromkeys(Title(title, kind) for title, kind in found if title))


def _subjects(bill: etree._Element) -> tuple[str, ...]:
    names = [e.text for e in bill.iterfind("subjects/legislativeSubjects/item/name")]
    names += [e.text for e in bill.iterfind("subjects/billSubjects/legislativeSubjects/item/name")]
    names += [e.text for e in bill.iterfind("policyArea/name")]
    return tuple(sorted({name.strip() for name in names if name}))


def _committees(bill: etree._Element) -> tuple[str, ...]:
    names = [e.text for e in bill.iterfind("committees/item/name")]
    names += [e.text for e in bill.iterfind("committees/billCommittees/item/name")]
    return tuple(dict.fromkeys(name.strip() for name in names if name))


def _sponsors(bill: etree._Element) -> tuple[Sponsorship, ...]:
    found: dict[str, Sponsorship] = {}
    for group, primary in (("sponsors", True), ("cosponsors", False)):
        for item in bill.iterfind(f"{group}/item"):
            name = _text(item, "fullName")
            if not name:
                continue
            state, district = _text(item, "state"), _text(item, "district")
            person = _text(item, "bioguideId")
            sponsor = Sponsorship(
                name, primary, person, _text(item, "party"), f"{state}-{district}" if state and district else state,
                _day(_text(item, "sponsorshipDate")), _day(_text(item, "sponsorshipWithdrawnDate")))
            found.setdefault(person or name, sponsor)
    return tuple(found.values())


def _related(bill: etree._Element) -> tuple[RelatedBill, ...]:
    rows = []
    for item in bill.iterfind("relatedBills/item"):
        kind, number, congress = _text(item, "type"), _text(item, "number"), _text(item, "congress")
        if kind and number and congress:
            rows.append(RelatedBill(congress, f"{kind.replace('.', '').upper()} {number}",
                                    item.findtext("relationshipDetails/item/type"), _text(item, "title")))
    return tuple(sorted(set(rows), key=lambda r: (r.session, r.identifier, r.relation or "", r.title or "")))


def _votes(rows: Iterable[etree._Element]) -> tuple[VoteEvent, ...]:
    found: dict[str, VoteEvent] = {}
    for row in rows:
        for vote in row.iterfind("recordedVotes/recordedVote"):
            chamber, roll = _text(vote, "chamber"), _text(vote, "rollNumber")
            key = f"{chamber} {_text(vote, 'sessionNumber')}-{roll}"
            found.setdefault(key, VoteEvent(key, _eastern_day(_text(vote, "date")),
                                            "lower" if chamber == "House" else "upper", _text(row, "text"),
                                            url=_text(vote, "url")))
    return tuple(found[key] for key in sorted(found))


# --- versions ---------------------------------------------------------------------------------------------------------

# Stage of a version code, for the order of versions; unknown codes go by their date among the middle ones.
STAGES: dict[str, int] = {
    **dict.fromkeys(("ih", "is", "ips", "iph"), 10), **dict.fromkeys(("rih", "ris", "rch", "rcs", "sc", "hdh"), 15),
    **dict.fromkeys(("lth", "lts"), 20), **dict.fromkeys(("rh", "rs", "rhuc", "cdh", "cds", "rth", "rts"), 25),
    **dict.fromkeys(("pcs", "pch"), 30), **dict.fromkeys(("ath", "ats", "cph", "cps", "eh", "es", "eph", "eps"), 40),
    **dict.fromkeys(("rfs", "rfh", "rds", "rdh"), 50), **dict.fromkeys(("eas", "eah", "as", "ash"), 60),
    **dict.fromkeys(("enr", "renr"), 90),
}
NAMES: dict[str, str] = {
    "introduced in house": "ih", "introduced in senate": "is", "engrossed in house": "eh", "engrossed in senate": "es",
    "reported in house": "rh", "reported in senate": "rs", "referred in senate": "rfs", "referred in house": "rfh",
    "received in senate": "rds", "received in house": "rdh", "agreed to senate": "ats", "agreed to house": "ath",
    "placed on calendar senate": "pcs", "placed on calendar house": "pch", "considered and passed senate": "cps",
    "considered and passed house": "cph", "enrolled bill": "enr", "engrossed amendment senate": "eas",
    "engrossed amendment house": "eah", "reference change senate": "rcs", "reference change house": "rch",
}


def _versions(bill: etree._Element, congress: str, kind: str,
              number: str) -> tuple[tuple[Version, ...], tuple[Document, ...]]:
    versions: dict[str, Version] = {}
    documents = []
    for item in bill.iterfind("textVersions/item"):
        note, day = _text(item, "type") or "", _eastern_day(_text(item, "date"))
        urls = [u.text.strip() for u in item.iterfind("formats/item/url") if u.text]
        package = next((m for m in map(PACKAGE.search, urls) if m), None)
        if package is None and urls:
            documents.append(Document(note or "Public law", _canonical(urls[0]), day))
            continue
        code = package[4] if package else NAMES.get(note.lower())
        if code is None:
            continue
        if code not in versions:
            name = f"BILLS-{congress}{kind}{number}{code}"
            base = f"{HOME}/content/pkg/{name}"
            versions[code] = Version(code, note or code, day, (
                Link(f"{base}/xml/{name}.xml", "text/xml"), Link(f"{base}/html/{name}.htm", "text/html")))
    ordered = sorted(versions.values(), key=lambda v: (STAGES.get(re.sub(r"\d+s?$", "", v.code), 35),
                                                       v.date or date.max, v.code))
    return tuple(ordered), tuple(documents)


def _canonical(url: str) -> str:
    return re.sub(r"^https?://[^/]+", HOME, url)


# --- actions ----------------------------------------------------------------------------------------------------------

LIBRARY = "Library of Congress"
_ASIDE = re.compile(r"\((?:text|consideration|sponsor)[^)]*\)")
_SPACE_OR_DOT = re.compile(r"[\s.]+")


class _Step:
    """Rows of one step, while they are gathered."""

    __slots__ = ("also", "committees", "day", "sources", "text", "time")

    def __init__(self, day: str, time: str, text: str) -> None:
        self.day, self.time, self.text = day, time, text
        self.sources: list[str] = []
        self.also: list[str] = []
        self.committees: list[str] = []


def merge_actions(rows: Iterable[etree._Element]) -> tuple[Action, ...]:
    """Rows, newest first -> steps, oldest first.

    The chambers and the Library of Congress each tell a step: rows of one day in equal words are one step, and a
    Library row that repeats a chamber's in other words joins it.
    """
    steps: dict[tuple[str, str], list[_Step]] = {}
    ordered: list[_Step] = []
    for row in rows:
        day, time, text = (row.findtext(name) or "" for name in ("actionDate", "actionTime", "text"))
        same = steps.setdefault((day, text), [])
        step = next((s for s in same if s.time == time or not s.time or not time), None)
        if step is None:
            step = _Step(day, time, text)
            same.append(step)
            ordered.append(step)
        step.time = step.time or time
        source = row.findtext("sourceSystem/name")
        if source and source not in step.sources:
            step.sources.append(source)
        for committee in row.iterfind("committees/item/name"):
            if committee.text and committee.text not in step.committees:
                step.committees.append(committee.text)
    return tuple(_action(step) for step in reversed(_join_library_rows(ordered)))


def _join_library_rows(steps: list[_Step]) -> list[_Step]:
    library = [s for s in steps if s.sources == [LIBRARY]]
    if not library:
        return steps
    chamber: dict[tuple[str, str], _Step] = {}
    for step in steps:
        if step.sources != [LIBRARY]:
            chamber.setdefault((step.day, _plain(step.text)), step)
    joined = set()
    for step in library:
        mine = _plain(step.text)
        told = chamber.get((step.day, mine)) or chamber.get((step.day, mine.split(": ", 1)[-1]))
        if told is not None:
            told.also.append(step.text)
            told.sources += [s for s in step.sources if s not in told.sources]
            joined.add(id(step))
    return [s for s in steps if id(s) not in joined]


def _plain(text: str) -> str:
    """Wording without asides to the Record, full stops and case."""
    return _SPACE_OR_DOT.sub(" ", _ASIDE.sub("", text.lower())).strip()


def _action(step: _Step) -> Action:
    classification, chamber = _classify(step.text, tuple(step.sources))
    return Action(step.text, _day(step.day), step.time or None, classification, chamber, tuple(step.sources),
                  tuple(step.also), tuple(step.committees))


@lru_cache(16384)
def _classify(text: str, sources: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    lower = text.lower()
    labels = next((labels for pattern, labels in ACTIONS if pattern.search(lower)), ())
    keeper = sources[0] if sources else ""
    if keeper.startswith("House") or "in house" in lower or "in the house" in lower:
        return labels, "lower"
    if keeper.startswith("Senate") or "senate" in lower:
        return labels, "upper"
    return labels, "executive" if "president" in lower else None
