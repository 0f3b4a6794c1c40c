"""A BILLSTATUS document (GPO, schemas 1 and 3) to a Bill; keyed on elements, since files do not tell their version."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from lxml import etree

from spiders import guard
from spiders.bills import ordinal
from spiders.platforms.congress_actions import Classifier, Row, merge
from spiders.platforms.congress_texts import SITE, Package, order, package_links, read_package, version_code
from spiders.tallies import counted
from tracker.errors import LayoutChanged
from tracker.model import Action, Bill, Document, Link, RelatedBill, Sponsorship, Title, Version, VoteCount, VoteEvent

EASTERN = ZoneInfo("America/New_York")
PAGES = "https://www.congress.gov/bill"


@dataclass(frozen=True, slots=True)
class BillType:
    """One of the eight kinds of measure; `page` is its word in addresses of congress.gov."""

    letters: str
    classification: str
    chamber: str
    page: str


BILL_TYPES: dict[str, BillType] = {t.letters: t for t in (
    BillType("HR", "bill", "lower", "house-bill"),
    BillType("S", "bill", "upper", "senate-bill"),
    BillType("HJRES", "joint resolution", "lower", "house-joint-resolution"),
    BillType("SJRES", "joint resolution", "upper", "senate-joint-resolution"),
    BillType("HCONRES", "concurrent resolution", "lower", "house-concurrent-resolution"),
    BillType("SCONRES", "concurrent resolution", "upper", "senate-concurrent-resolution"),
    BillType("HRES", "resolution", "lower", "house-resolution"),
    BillType("SRES", "resolution", "upper", "senate-resolution"),
)}
_CHAMBERS = {"House": "lower", "Senate": "upper"}
_PASSED = re.compile(r"(?<!not )\b(?:passed|agreed to|adopted|invoked)\b", re.IGNORECASE)
_FAILED = re.compile(r"\b(?:failed|rejected|not agreed to|not invoked|not sustained)\b", re.IGNORECASE)
_LAW = re.compile(r"/content/pkg/PLAW-\w+/[\w/.-]+$")
_ROLL_CALL = re.compile(r"\bRoll no\. (\d+)|\bRecord Vote Number: (\d+)", re.IGNORECASE)
_OFFICIAL_VOTES = re.compile(r"https?://(?:clerk\.house\.gov|www\.senate\.gov|www\.congress\.gov)/[^\s<>\"]+")


def read_bill(body: bytes, url: str, classify: Classifier) -> Bill:
    """`url` is only told in errors. Raises LayoutChanged if the document is not a bill's status."""
    root = guard.read_xml(body, url)
    bill = root.find("bill")
    if root.tag != "billStatus" or bill is None:
        raise LayoutChanged(f"expected billStatus/bill, got <{root.tag}>", url=url)
    letters = (_text(bill, "type") or _text(bill, "billType") or "").upper()
    number = _text(bill, "number") or _text(bill, "billNumber")
    congress = _text(bill, "congress")
    kind = BILL_TYPES.get(letters)
    if kind is None or not (number and number.isdigit() and congress and congress.isdigit()):
        raise LayoutChanged(f"expected a bill's type, number and congress, got {letters!r:.20} {number!r:.20} "
                            f"{congress!r:.20}", url=url)
    actions = _actions(bill, classify, url)
    own = Package(congress, letters.lower(), number, "")
    versions, documents = _versions(bill, own)
    titles = _titles(bill)
    return Bill(
        jurisdiction="us", session=congress, identifier=f"{letters} {number}", title=_title(bill, titles),
        titles=titles, classification=(kind.classification,), chamber=kind.chamber,
        introduced_on=_day(_text(bill, "introducedDate")), subjects=_subjects(bill), committees=_committees(bill),
        sponsorships=(*_sponsors(bill), *_cosponsors(bill)), actions=actions, versions=versions,
        documents=(*documents, *_estimates(bill)), votes=_votes(bill, actions), related_bills=_related(bill),
        sources=(f"{PAGES}/{ordinal(int(congress))}-congress/{kind.page}/{number}", own.status_url))


# --- elements ---------------------------------------------------------------------------------------------------------


def _text(node: etree._Element | None, path: str) -> str | None:
    found = node.findtext(path) if node is not None else None
    return " ".join(found.split()) or None if found else None


def _items(node: etree._Element | None, *paths: str) -> Iterator[etree._Element]:
    """The `item` children at the first of the paths that holds any."""
    for path in paths:
        holder = node.find(path) if node is not None else None
        found = holder.findall("item") if holder is not None else []
        if found:
            return iter(found)
    return iter(())


def _leaves(node: etree._Element) -> dict[str, str]:
    return {child.tag: child.text.strip() for child in node if child.text}


def _day(stamp: str | None) -> date | None:
    """A date, or the date in Washington of a moment: midnight there is written as 04:00Z or 05:00Z."""
    if not stamp:
        return None
    try:
        if len(stamp) == 10:
            return date.fromisoformat(stamp)
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(EASTERN).date()


def _unique(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v for v in values if v))


# --- parts ------------------------------------------------------------------------------------------------------------


def _titles(bill: etree._Element) -> tuple[Title, ...]:
    found = ((_text(item, "title"), _text(item, "titleType")) for item in _items(bill, "titles"))
    return tuple(dict.fromkeys(Title(title, kind) for title, kind in found if title))


def _title(bill: etree._Element, titles: tuple[Title, ...]) -> str | None:
    shown = next((t.title for t in titles if t.kind == "Display Title"), None)
    return _text(bill, "title") or shown or (titles[0].title if titles else None)


def _subjects(bill: etree._Element) -> tuple[str, ...]:
    area = (_text(bill, "policyArea/name") or _text(bill, "subjects/policyArea/name")
            or _text(bill, "subjects/billSubjects/policyArea/name") or _text(bill, "primarySubject/name"))
    names = [_text(item, "name") for path in ("legislativeSubjects", "billSubjects/legislativeSubjects",
                                              "billSubjects/otherSubjects")
             for item in _items(bill, f"subjects/{path}")]
    return _unique((area, *sorted(n for n in names if n)))


def _committees(bill: etree._Element) -> tuple[str, ...]:
    names: list[str | None] = []
    for item in _items(bill, "committees", "committees/billCommittees"):
        names.append(_text(item, "name"))
        names += [_text(sub, "name") for sub in _items(item, "subcommittees")]
    return _unique(names)


def _sponsors(bill: etree._Element) -> list[Sponsorship]:
    return [_member(item, primary=True) for item in _items(bill, "sponsors")]


def _cosponsors(bill: etree._Element) -> list[Sponsorship]:
    found = (_member(item, primary=False) for item in _items(bill, "cosponsors"))
    return sorted(dict.fromkeys(s for s in found if s.name),
                  key=lambda s: (s.sponsored_on or date.max, s.name, s.person_id or ""))


def _member(item: etree._Element, primary: bool) -> Sponsorship:
    said = _leaves(item)
    name = said.get("fullName") or said.get("name") or f"{said.get('firstName', '')} {said.get('lastName', '')}"
    state, district = said.get("state"), said.get("district")
    return Sponsorship(
        name=" ".join(name.split()), primary=primary, person_id=said.get("bioguideId") or None,
        party=said.get("party") or None, area=f"{state}-{district}" if state and district else state or None,
        sponsored_on=_day(said.get("sponsorshipDate")), withdrawn_on=_day(said.get("sponsorshipWithdrawnDate")))


def _actions(bill: etree._Element, classify: Classifier, url: str) -> tuple[Action, ...]:
    rows = []
    for item in _items(bill, "actions"):
        said, keeper, committees = {}, "", []
        for child in item:
            if child.tag == "sourceSystem":
                keeper = child.findtext("name") or ""
            elif child.tag in ("committee", "committees"):
                committees += [c.text for c in child.iter("name") if c.text]
            elif child.text:
                said[child.tag] = child.text
        # Without a date a row is no step yet; it comes back when it has one.
        if said.get("actionDate"):
            rows.append(Row(said["actionDate"], said.get("text", "").strip(), said.get("actionTime", ""),
                            said.get("actionCode", ""), keeper, tuple(committees)))
    try:
        return merge(rows, classify)
    except ValueError as problem:
        raise LayoutChanged("expected ISO dates of actions", url=url) from problem


def _votes(bill: etree._Element, actions: tuple[Action, ...]) -> tuple[VoteEvent, ...]:
    """Schema 1 lists votes once for the bill, schema 3 inside the actions, there once for each record keeper. Counts
    stand in the words of an action, which names the roll call by its number."""
    called = _called(actions)
    votes: dict[str, VoteEvent] = {}
    for action in bill.iterfind("actions/item"):
        for vote in action.iterfind("recordedVotes/recordedVote"):
            _add_vote(votes, vote, action.findtext("text"))
    for vote in bill.iterfind("recordedVotes/recordedVote"):
        _add_vote(votes, vote, vote.findtext("fullActionName"))
    found = (replace(v, counts=called.get((v.chamber, v.identifier.rpartition("-")[2], v.date.year)))
             if v.counts is None and v.date else v for v in votes.values())
    return tuple(sorted(found, key=lambda v: (v.date or date.max, v.identifier)))


def _called(actions: tuple[Action, ...]) -> dict[tuple[str | None, str, int], tuple[VoteCount, ...] | None]:
    """(chamber, number of the roll call, year) -> counts; None: two actions differ about them. Numbers begin anew each
    year."""
    found: dict[tuple[str | None, str, int], tuple[VoteCount, ...] | None] = {}
    for action in (a for a in actions if a.date):
        for words in (action.description, *action.also):
            if (named := _ROLL_CALL.search(words)) and (counts := counted(words)) and action.date:
                key = "lower" if named[1] else "upper", named[1] or named[2], action.date.year
                found[key] = counts if found.setdefault(key, counts) == counts else None
    return found


def _add_vote(votes: dict[str, VoteEvent], vote: etree._Element, motion: str | None) -> None:
    said = _leaves(vote)
    if not said.get("rollNumber"):
        return
    parts = (said.get("chamber"), said.get("congress"), said.get("sessionNumber"), said["rollNumber"])
    identifier = "-".join(p.lower() for p in parts if p)
    words = motion or ""
    passed = False if _FAILED.search(words) else True if _PASSED.search(words) else None
    url = said.get("url", "")
    held = votes.setdefault(identifier, VoteEvent(
        identifier, _day(said.get("date")), _CHAMBERS.get(said.get("chamber", "")), motion=words.strip() or None,
        passed=passed, url=url if _OFFICIAL_VOTES.fullmatch(url) else None))
    if held.counts is None:  # the first record keeper may leave out what the second one says
        votes[identifier] = replace(held, counts=counted(words))


def _related(bill: etree._Element) -> tuple[RelatedBill, ...]:
    found = []
    for item in _items(bill, "relatedBills"):
        congress, letters, number = (_text(item, tag) for tag in ("congress", "type", "number"))
        if congress and letters and number:
            relations = sorted({r for d in _items(item, "relationshipDetails") if (r := _text(d, "type"))})
            found.append(RelatedBill(congress, f"{letters.upper()} {number}", "; ".join(relations) or None,
                                     _text(item, "title") or _text(item, "latestTitle")))
    return tuple(sorted(dict.fromkeys(found), key=lambda r: (r.session, r.identifier, r.relation or "")))


def _estimates(bill: etree._Element) -> list[Document]:
    return [Document(_text(item, "title") or "Cost estimate", url, _day(_text(item, "pubDate")))
            for item in _items(bill, "cboCostEstimates")
            if (url := _text(item, "url")) and re.match(r"https?://(?:www\.)?cbo\.gov/", url)]


def _versions(bill: etree._Element, own: Package) -> tuple[tuple[Version, ...], list[Document]]:
    """Texts of this bill, earliest stage first; a public law's slip is a document."""
    versions: dict[str, Version] = {}
    documents: list[Document] = []
    for item in _items(bill, "textVersions"):
        note, day = _text(item, "type") or "", _day(_text(item, "date"))
        addresses = [u for f in _items(item, "formats") if (u := _text(f, "url"))]
        package = next((p for p in map(read_package, addresses) if p), None)
        if package is None and (law := next((m for a in addresses if (m := _LAW.search(a))), None)):
            documents.append(Document(note or "Public Law", f"{SITE}{law[0]}", day))
            continue
        code = package.version if package else version_code(note)
        if not code or (package and package.bill != own.bill):
            continue
        links: tuple[Link, ...] = package_links(Package(own.congress, own.letters, own.number, code))
        before = versions.get(code)
        versions[code] = Version(code, note or code.upper(), day or (before.date if before else None), links)
    return order(versions.values(), own.letters), documents
