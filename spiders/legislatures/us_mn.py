"""The Minnesota Legislature: the Revisor's search as a listing, bills as XML, texts as HTML.

Facts: the Revisor's page on its web service (www.revisor.mn.gov/bills/service.php) and public clients of it.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import ClassVar

from lxml import etree

from spiders.contract import Answer
from spiders.fronts import ABSENT
from spiders.labels import Labels
from spiders.listed import Due, Found, ListedSpider, step
from spiders.selectors import day, digest, many, maybe_day, must_say, read_html, read_plain_xml, said
from tracker.errors import LayoutChanged
from tracker.model import Action, Bill, Link, RelatedBill, Sponsorship, Version, VoteEvent

SITE, API = "https://www.revisor.mn.gov", "https://api.revisor.mn.gov"
SEARCH = f"{SITE}/bills/status_result.php?body={{body}}&search=advanced&session={{session}}&submit_advanced=GO" \
         "&search_type=andor&keyword_type=all&size=9999"
CAP = 500  # rows of a search that does not give all
BODIES = {"House": "H", "Senate": "S"}
CHAMBERS = {"H": "lower", "S": "upper"}
KINDS = {"F": "bill", "R": "resolution", "C": "concurrent resolution"}
FILES = (("HTML_URI", "text/html"), ("PDF_URI", "application/pdf"))
SESSION = re.compile(r"(\d)(\d{2,3})(\d{4})")  # special session or 0, legislature, year
STATUS = re.compile(r"/bills/(\d+)/(\d{4})/(\d+)/([HS][FRC])/0*(\d+)")
WRITTEN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})\b")
NO_TEXT = re.compile(r"No Text File Found|Document [A-Z]+\d+ was not found", re.IGNORECASE)
EXECUTIVE = re.compile(r"(?:Presented to|Presentment|Governor)", re.IGNORECASE)

ACTIONS = Labels.beside(__file__)


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
    cadence: ClassVar = {"session": 360, "recess": 1440}
    actions = ACTIONS

    async def listed(self) -> AsyncIterator[Due]:
        answer = await self.listing(f"{SITE}/bills/status_search.php?body=House")
        sessions = {SEARCH.format(body=body, session=code): words
                    for code, words in newest(read_html(answer.body, answer.url), answer.url) for body in BODIES}
        async for found in self.listings(sessions):
            for due in parse_listing(found, sessions[found.url]):
                yield due

    def read(self, body: bytes, due: Due) -> Found | None:
        bill = parse_bill(body, due.url, due.session)
        if bill is None:
            return None
        return Found(bill, issued={link.url: str(v.date) for v in bill.versions for link in v.links if v.date})

    def names(self, words: str, bill: Bill) -> bool:
        return bool(NO_TEXT.search(words)) or super().names(words, bill)

    def lacking(self, words: str, body: bytes, link: Link) -> str | None:
        return ABSENT if NO_TEXT.search(words) else None


def newest(page: etree._Element, url: str) -> list[tuple[str, str]]:
    """(code, words) of each session of the newest legislature: ("0942025", "2025-2026") and its special sessions."""
    options: dict[str, tuple[int, str]] = {}
    for option in many(page, ".//select[@name='session']/option", url):
        code, (_, comma, words) = option.get("value", ""), must_say(option, ".", url).partition(", ")
        if (found := SESSION.fullmatch(code)) and comma:
            options[code] = (int(found[2]), words)
    if not options:
        raise LayoutChanged("expected sessions like 0942025, got none", url=url)
    latest = max(legislature for legislature, _ in options.values())
    return sorted((code, words) for code, (legislature, words) in options.items() if legislature == latest)


def parse_listing(answer: Answer, session: str) -> Iterator[Due]:
    """A chamber's own bills. The stamp is what the row says of them: how many actions, when the last was, by whom."""
    house = next(letter for body, letter in BODIES.items() if f"body={body}&" in answer.url)
    found = 0
    for row in read_html(answer.body, answer.url).iterfind(".//table//tr"):
        cells = row.findall("td")
        link = cells[1].find(".//a") if len(cells) > 3 else None
        if link is None:
            continue
        found += 1
        status, words = STATUS.search(link.get("href", "")), [said(cell) or "" for cell in cells[2:]]
        if status is None or not any(WRITTEN.search(word) for word in words):
            raise LayoutChanged("expected a bill's link and the date of its last action, got "
                                f"{link.get('href', '')[:60]!r} and {' | '.join(words)[:80]!r}", url=answer.url)
        *path, letters, number = status.groups()
        if letters.startswith(house):  # a chamber's list repeats the other's bills that it has received
            url = f"{API}/bills/v1/{'/'.join(path)}/{letters}/{number}/"
            yield Due(session, f"{letters} {number}", url, digest(words))
    if found == CAP:
        raise LayoutChanged(f"expected the whole list, got as many rows as a search gives ({CAP})", url=answer.url)


def parse_bill(body: bytes, url: str, session: str) -> Bill | None:
    """One status record. None: one of the other year of the session, or of a number that no bill has yet."""
    root = read_plain_xml(body, url, "BILL")
    letters, number = must_say(root, "FILE_TYPE", url).upper(), must_say(root, "FILE_NUMBER", url).lstrip("0")
    rows = [(CHAMBERS.get(house.tag[:1].upper()), row)
            for house in root.iterfind("ACTIONS/*") for row in house.iterfind("ACTION")]
    title = said(root, "DESCRIPTION")
    if title is None and not rows:
        return None
    if letters[1:] not in KINDS or letters[:1] not in CHAMBERS:
        raise LayoutChanged(f"expected a file type like HF, got {letters[:10]!r}", url=url)
    legislature, year = said(root, "SESSION_NUMBER"), said(root, "SESSION_YEAR")
    if legislature and year and f"/{legislature}/{year}/" not in url:
        raise LayoutChanged(f"expected a bill of this address, got one of {legislature} {year}", url=url)
    actions = sorted((parse_action(row, chamber, url) for chamber, row in rows), key=lambda a: str(a.date or "9"))
    companion, other = said(root, "COMPANION_TYPE"), (said(root, "COMPANION_NUMBER") or "").lstrip("0")
    page = url.replace(f"{API}/bills/v1/", f"{SITE}/bills/")
    return Bill(
        "us-mn", session, f"{letters} {number}", must_say(root, "DESCRIPTION", url),
        classification=(KINDS[letters[1:]],), chamber=CHAMBERS[letters[0]], actions=tuple(actions),
        introduced_on=next((a.date for a in actions if "introduction" in a.classification), None),
        committees=tuple(dict.fromkeys(c for a in actions for c in a.committees)),
        sponsorships=tuple(Sponsorship(name, place == 0) for house in sorted(
                               root.iterfind("AUTHORS/*"), key=lambda h: h.tag[:1].upper() != letters[0])
                           for place, author in enumerate(house.iterfind("AUTHOR"))
                           if (name := said(author, "MEMBER_NAME") or said(author, "AUTHOR_NAME")
                               or said(author, "COMMITTEE_NAME"))),
        versions=tuple(parse_version(node, url) for node in root.iterfind("TEXT_VERSION_LIST/DOCUMENT")),
        votes=tuple(vote for chamber, row in rows if (vote := parse_vote(row, chamber, url))),
        related_bills=(RelatedBill(session, f"{companion} {other}", "companion"),) if companion and other else (),
        sources=(page,))


def parse_action(row: etree._Element, chamber: str | None, url: str) -> Action:
    """The words of a step stand in up to three elements, of which one may repeat another."""
    words, committee = "", said(row, "COMMITTEE_NAME")
    for part in filter(None, (said(row, "ACTION_TEXT"), said(row, "ACTION_DESCRIPTION"))):
        words = part if words in part else words if part in words else f"{words} {part}"
    if committee and committee not in words and words.endswith(" to"):
        words = f"{words} {committee}"
    on = maybe_day(said(row, "ACTION_DATE"), url) or written_day(words)
    return step(ACTIONS, words or must_say(row, "ACTION_TEXT", url), on,
                "executive" if EXECUTIVE.match(words) else chamber, committees=(committee,) if committee else ())


def written_day(words: str) -> date | None:
    """Of a step that has its date in its words alone: "Presented to Governor 05/16/25"."""
    found = WRITTEN.search(words)
    return day(f"{found[1]}/{found[2]}/{found[3] if len(found[3]) == 4 else '20' + found[3]}", words) if found else None


def parse_vote(row: etree._Element, chamber: str | None, url: str) -> VoteEvent | None:
    counts, action = said(row, "ROLL_CALL"), parse_action(row, chamber, url)
    if not counts or not re.search(r"\d+\s*-\s*\d+", counts):
        return None
    passed = next((label == "passage" for label in action.classification if label in ("passage", "failure")), None)
    return VoteEvent(f"{chamber} {action.date} {action.description}", action.date, chamber,
                     f"{action.description} ({counts})", passed)


def parse_version(node: etree._Element, url: str) -> Version:
    """Official engrossments are numbered from 0, the bill as introduced; others keep their own name."""
    number, kind = said(node, "DOCUMENT_ENGROSSMENT") or "", said(node, "DOCUMENT_TYPE") or "official"
    official = kind == "official" and number.isdigit()
    note = f"{kind} {number}".strip().capitalize()
    if official:
        note = "Introduction" if int(number) == 0 else f"{ordinal(int(number))} Engrossment"
    links = tuple(Link(whole(address), media) for tag, media in FILES if (address := said(node, tag)))
    return Version(number if official else must_say(node, "DOCUMENT_NAME", url), note,
                   maybe_day(said(node, "DATE_INSERT"), url), links)


def whole(address: str) -> str:
    """Addresses come as ``www.revisor.mn.gov/...``, with the protocol left out."""
    return "https://" + re.sub(r"^https?://", "", address)


def ordinal(number: int) -> str:
    teens = 10 <= number % 100 <= 20
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
