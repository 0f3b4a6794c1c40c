"""California: the nightly snapshot of the legislature's tables, read where it lies, to harvests.

Facts: pubinfo_Readme.pdf and capublic.sql (in pubinfo_load.zip) on the site. `pubinfo_daily_Mon.zip` and so on hold the
whole session without the codes. `pubinfo_Mon.zip` hold changed rows, which make no whole bill: they are left alone. A
text's member (`BILL_VERSION_TBL_7.lob`) has its number for one night. A day's file may be weeks old: dates decide.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime
from operator import itemgetter
from sys import intern
from typing import Any, ClassVar

from spiders.bulk import Bulk
from spiders.labels import Labels
from spiders.listed import Due, Found, ListedSpider, step
from spiders.selectors import day, digest
from tracker.errors import LayoutChanged
from tracker.model import Action, Bill, Hearing, Link, Sponsorship, Title, Version, VoteEvent

SITE = "https://downloads.leginfo.legislature.ca.gov"
PEOPLE = "https://leginfo.legislature.ca.gov/faces"
ZONE = "America/Los_Angeles"
MANY = 200  # texts that are fetched together, before the bills
FILE = re.compile(r'href="(pubinfo_(?:daily_\w{3}|\d{4})\.zip)"[^\n]*?'
                  r"(\d{4}-\d\d-\d\d|\d\d?-[A-Z][a-z]{2}-\d{4}) (\d\d:\d\d)")

# The columns of each table in their order; "." is not read. Those of `lob` are not compared from night to night.
TABLES = {name: columns.split() for name, columns in {
    "BILL_TBL": "bill session special letters number . . . . . latest . . updated . . . . .",
    "BILL_VERSION_TBL": "version bill order on action . subject . . . . . . . lob . . updated",
    "BILL_VERSION_AUTHORS_TBL": "version kind house name part . . . updated .",
    "BILL_HISTORY_TBL": "bill id on action . updated sequence . . house place committee .",
    "BILL_SUMMARY_VOTE_TBL": "bill location at sequence motion ayes noes abstain result . updated . . . .",
    "COMMITTEE_HEARING_TBL": "bill . number on location . updated",
    "BILL_MOTION_TBL": "motion text . .",
    "LOCATION_CODE_TBL": "session location . . short long . . . .",
}.items()}
OPTIONAL = ("BILL_SUMMARY_VOTE_TBL", "COMMITTEE_HEARING_TBL", "BILL_MOTION_TBL", "LOCATION_CODE_TBL")
KINDS = {"B": "bill", "CR": "concurrent resolution", "JR": "joint resolution", "CA": "constitutional amendment",
         "R": "resolution"}
HOUSES = {"Assembly": "lower", "Senate": "upper", "Governor": "executive", "Secretary of State": "executive"}

ACTIONS = Labels.beside(__file__)


class CaliforniaSpider(ListedSpider):
    name = "us-ca"
    title = "California"
    site = SITE
    zone = ZONE
    terms = f"the Legislative Counsel's public records, published for download, {SITE}/pubinfo_Readme.pdf"
    robots = "obeyed; the host of downloads has none"
    format = "zip of tables, read in ranges; texts XML (caml)"
    proven = "recordings"
    floor = 3
    cadence: ClassVar = {"session": 360, "recess": 1440}  # one snapshot a night
    inert = frozenset({"text/html"})  # the pages for people, which robots may not ask for
    actions = ACTIONS

    async def listed(self) -> AsyncIterator[Due]:
        index = await self.listing(f"{SITE}/")
        bulk = await self.distant(f"{SITE}/{newest(index.body.decode('utf-8', 'replace'), index.url)}")
        if bulk is None:
            return
        await bulk.load(n for n in bulk.names() if n.removesuffix(".dat") in TABLES)
        bills, words = read_tables(bulk)
        dues = [Due(session_of(row["BILL_TBL"][0]), number_of(row["BILL_TBL"][0]), record_url(bill),
                    self._stamp(record_url(bill), row), (bill, row, words, bulk), bulk.page)
                for bill, row in bills.items()]
        new = [v["lob"] for due in dues if not self._known(due) for v in self._new(due.row[1])]
        if len(new) > MANY and self.limit is None:
            await bulk.load(new)
        for due in dues:
            yield due

    def _stamp(self, url: str, row: dict[str, list[Any]]) -> str:
        """Moves when a row of the bill does. A night's file that is older than the last one changes nothing."""
        told = {name: [{k: v for k, v in one.items() if k != "lob"} for one in rows] for name, rows in row.items()}
        stamp = max(str(one["updated"]) for rows in row.values() for one in rows) + " " + digest(told)
        before = self.memory.get(url)
        return before.lastmod if before and before.lastmod and before.lastmod[:19] > stamp[:19] else stamp

    def _new(self, row: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
        """Versions whose text we do not hold as it is now."""
        awaited = {link.url for pending in self.memory.pending for link in pending.links}
        for one in row.get("BILL_VERSION_TBL", ()):
            before, url = self.memory.get(text_url(one)), text_url(one)
            if one["lob"] and (before is None or before.lastmod != one["updated"] or url in awaited):
                yield one

    async def record(self, due: Due) -> Found:
        bill, row, words, bulk = due.row
        new = [one for one in self._new(row) if one["lob"] in bulk]
        await bulk.load(one["lob"] for one in new)
        return Found(parse_bill(bill, row, words, due.url), {text_url(one): bulk.read(one["lob"]) for one in new},
                     {text_url(one): one["updated"] for one in row.get("BILL_VERSION_TBL", ())})

    def names(self, words: str, bill: Bill) -> bool:
        """The text's own description: year, special session, letters, number."""
        letters, number = re.sub(r"X\d+ ", " ", bill.identifier).split()
        special = bill.session.partition("-")[2] or "0"
        return f" {bill.session[:4]} {special} {letters} {number} " in words


def newest(index: str, url: str) -> str:
    """The snapshot with the latest date; the session's own weekly file if there is no snapshot."""
    try:
        found = [(datetime.strptime(f"{on} {at}", "%Y-%m-%d %H:%M" if on[4] == "-" else "%d-%b-%Y %H:%M"), name)  # noqa: DTZ007
                 for name, on, at in FILE.findall(index)]
    except ValueError as problem:
        raise LayoutChanged(f"expected dates of files, got {problem}", url=url) from problem
    daily = [row for row in found if "daily" in row[1]] or [row for row in found if row[1] == max(n for _, n in found)]
    if not daily:
        raise LayoutChanged("expected pubinfo_daily_*.zip with dates, got none", url=url)
    return str(max(daily)[1])


def record_url(name: str) -> str:
    """A bill or a text of it, in the file that holds the whole session: snapshots take turns under seven names."""
    return f"{SITE}/pubinfo_{name[:4]}.zip#{name}"


def text_url(version: dict[str, Any]) -> str:
    return record_url(version["version"])


def session_of(bill: dict[str, Any]) -> str:
    return str(bill["session"]) + ("" if bill["special"] == "0" else f"-{bill['special']}")


def number_of(bill: dict[str, Any]) -> str:
    special = "" if bill["special"] == "0" else f"X{bill['special']}"
    return f"{bill['letters']}{special} {bill['number']}"


def rows(bulk: Bulk, name: str) -> Iterator[dict[str, Any]]:
    if f"{name}.dat" not in bulk and name in OPTIONAL:
        return
    for row in bulk.table(f"{name}.dat", delimiter="\t", quote="`"):
        if len(row) != len(TABLES[name]):
            raise LayoutChanged(f"expected {len(TABLES[name])} columns in {name}, got {len(row)}", url=bulk.url)
        yield {key: None if value in ("NULL", "") else intern(" ".join(value.replace("\\n", " ").split()))
               for key, value in zip(TABLES[name], row, strict=True) if key != "."}


def read_tables(bulk: Bulk) -> tuple[dict[str, dict[str, list[Any]]], dict[str, str]]:
    """(bill -> table -> rows, motion or place -> its words)."""
    bills: dict[str, dict[str, list[Any]]] = {}
    for one in rows(bulk, "BILL_TBL"):
        bills[one["bill"]] = defaultdict(list, BILL_TBL=[one])
    owners: dict[str, str] = {}
    for name in ("BILL_VERSION_TBL", "BILL_VERSION_AUTHORS_TBL", "BILL_HISTORY_TBL", *OPTIONAL[:2]):
        for one in rows(bulk, name):
            if "AUTHORS" not in name and "version" in one:
                owners[one["version"]] = one["bill"]
            bill = one["bill"] if "bill" in one else owners.get(one["version"])
            if bill not in bills:
                continue
            if "AUTHORS" not in name or bills[bill]["BILL_TBL"][0]["latest"] in (one["version"], None):
                bills[bill][name].append(one)
    words = {one["motion"]: one["text"] for one in rows(bulk, "BILL_MOTION_TBL")}
    words.update((one["location"], one["long"] or one["short"]) for one in rows(bulk, "LOCATION_CODE_TBL"))
    return bills, words


def parse_bill(bill_id: str, row: dict[str, list[Any]], words: dict[str, str], url: str) -> Bill:
    """All rows of one bill to its record."""
    bill = row["BILL_TBL"][0]
    prints = sorted(row["BILL_VERSION_TBL"], key=lambda v: -int(v["order"]))  # 99 is the first, 98 the next
    last = next((v for v in prints if v["version"] == bill["latest"]), prints[-1] if prints else None)
    history = sorted(row["BILL_HISTORY_TBL"], key=lambda h: (  # without a sequence (before 2010) later steps come first
        h["on"], int(h["sequence"] or 0), int(h["id"]) if h["sequence"] else -int(h["id"])))
    actions = tuple(action(h, words, url) for h in history)
    subjects = list(dict.fromkeys(v["subject"] for v in prints if v["subject"]))
    return Bill(
        "us-ca", session_of(bill), number_of(bill), last and last["subject"],
        tuple(Title(s, "Subject of an earlier version") for s in subjects if last and s != last["subject"]),
        (KINDS.get(bill["letters"][1:], "bill"),),
        "upper" if bill["letters"][0] == "S" else "lower", actions[0].date if actions else None,
        committees=tuple(dict.fromkeys(words[h["committee"]] for h in history if h["committee"] in words)),
        sponsorships=tuple(Sponsorship(a["name"], a["part"] == "LEAD_AUTHOR") for a in row["BILL_VERSION_AUTHORS_TBL"]
                           if last and a["version"] == last["version"] and a["name"]),
        actions=actions, versions=tuple(version(v, bill_id, url) for v in prints),
        hearings=tuple(hearings(row["COMMITTEE_HEARING_TBL"], words, url)),
        votes=tuple(vote(v, words, url) for v in sorted(row["BILL_SUMMARY_VOTE_TBL"], key=itemgetter("at"))),
        sources=(f"{PEOPLE}/billNavClient.xhtml?bill_id={bill_id}",))


def action(row: dict[str, Any], words: dict[str, str], url: str) -> Action:
    place = words.get(row["committee"])
    return step(ACTIONS, row["action"], day(row["on"], url), HOUSES.get(row["house"]),
                committees=(place,) if place else ())


def version(row: dict[str, Any], bill_id: str, url: str) -> Version:
    page = Link(f"{PEOPLE}/billTextClient.xhtml?bill_id={bill_id}", "text/html")
    return Version(row["version"][-5:].lower(), row["action"], day(row["on"], url),
                   (page, Link(text_url(row), "text/xml")) if row["lob"] else ())


def hearings(found: Iterable[dict[str, Any]], words: dict[str, str], url: str) -> Iterator[Hearing]:
    for row in sorted(found, key=lambda h: (h["on"], h["location"])):
        on, committee = day(row["on"], url), words.get(row["location"], row["location"])
        yield Hearing(f"{row['location']} {on}", on, f"Hearing in {committee}", zone=ZONE, committee=committee)


def vote(row: dict[str, Any], words: dict[str, str], url: str) -> VoteEvent:
    place = row["location"]
    told = f"ayes {row['ayes']}, noes {row['noes']}, not voting {row['abstain']}"
    return VoteEvent(f"{place} {row['at']} {row['sequence']}", day(row["at"], url),
                     {"S": "upper", "A": "lower"}.get(place.removeprefix("C").replace("X", "A")[:1]),
                     f"{words.get(row['motion']) or 'Vote'} ({told})",
                     {"(PASS)": True, "(FAIL)": False}.get(row["result"]))
