"""California: the nightly snapshot of the legislature's tables, read where it lies, to harvests.

Facts: pubinfo_Readme.pdf and capublic.sql (in pubinfo_load.zip) on the site. `pubinfo_daily_Mon.zip` and so on hold the
whole session without the codes. `pubinfo_Mon.zip` hold changed rows, which make no whole bill: they are left alone. A
text's member (`BILL_VERSION_TBL_7.lob`) has its number for one night. A day's file may be weeks old: dates decide.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from operator import itemgetter
from sys import intern
from typing import ClassVar

from spiders.bills import HTML, XML, links
from spiders.bulk import Bulk
from spiders.labels import Labels
from spiders.listed import Due, Found, ListedSpider
from spiders.selectors import day, digest
from spiders.tables import Row, columns, of_each, read_table
from spiders.tallies import tally
from tracker.errors import LayoutChanged
from tracker.model import Bill, Hearing, Sponsorship, Title, Version, VoteEvent

SITE, PEOPLE = "https://downloads.leginfo.legislature.ca.gov", "https://leginfo.legislature.ca.gov/faces"
MANY = 200  # texts that are fetched together, before the bills
FILE = re.compile(r'href="(pubinfo_(?:daily_\w{3}|\d{4})\.zip)"[^\n]*?'
                  r"(\d{4}-\d\d-\d\d|\d\d?-[A-Z][a-z]{2}-\d{4}) (\d\d:\d\d)")
TABLES = columns(__file__)
Tables = dict[str, list[Row]]  # table -> its rows that speak of one bill
OPTIONAL = ("BILL_SUMMARY_VOTE_TBL", "COMMITTEE_HEARING_TBL", "BILL_MOTION_TBL", "LOCATION_CODE_TBL")
PARTS = ("BILL_TBL", "BILL_VERSION_TBL", "BILL_VERSION_AUTHORS_TBL", "BILL_HISTORY_TBL", *OPTIONAL[:2])
HOUSES = {"Assembly": "lower", "Senate": "upper", "Governor": "executive", "Secretary of State": "executive"}


class CaliforniaSpider(ListedSpider):
    name = "us-ca"
    title = "California"
    site = SITE
    zone = "America/Los_Angeles"
    terms = f"the Legislative Counsel's public records, published for download, {SITE}/pubinfo_Readme.pdf"
    robots = "obeyed; the host of downloads has none"
    format = "zip of tables, read in ranges; texts XML (caml)"
    proven = "recordings"
    floor = 3
    cadence: ClassVar = {"session": 360, "recess": 1440}  # one snapshot a night
    inert = frozenset({"text/html"})  # the pages for people, which robots may not ask for
    actions = Labels.beside(__file__)
    kinds: ClassVar = {"CA": "constitutional amendment"}

    async def listed(self) -> AsyncIterator[Due]:
        index = await self.listing(f"{SITE}/")
        bulk = await self.distant(f"{SITE}/{newest(index.body.decode('utf-8', 'replace'), index.url)}")
        if bulk is None:
            return
        await bulk.load(n for n in bulk.names() if n.removesuffix(".dat") in TABLES)
        bills, words = read_tables(bulk)
        dues = [Due(session_of(row), number_of(row), record_url(bill), self._stamp(record_url(bill), row),
                    (bill, row, words, bulk), bulk.page) for bill, row in bills.items()]
        new = [v["lob"] for due in dues if not self._known(due) for v in self._new(due.row[1])]
        if len(new) > MANY and self.limit is None:
            await bulk.load(new)
        for due in dues:
            yield due

    def _stamp(self, url: str, row: Tables) -> str:
        """Moves when a row of the bill does. A night's file that is older than the last one changes nothing."""
        told = {name: [{k: v for k, v in one.items() if k != "lob"} for one in rows] for name, rows in row.items()}
        stamp = max(str(one["updated"]) for rows in row.values() for one in rows) + " " + digest(told)
        before = self.memory.get(url)
        return before.lastmod if before and before.lastmod and before.lastmod[:19] > stamp[:19] else stamp

    def _new(self, row: Tables) -> Iterator[Row]:
        """Versions whose text we do not hold as it is now."""
        for one in row.get("BILL_VERSION_TBL", ()):
            before, url = self.memory.get(text_url(one)), text_url(one)
            if one["lob"] and (before is None or before.lastmod != one["updated"] or url in self.awaited_links):
                yield one

    async def record(self, due: Due) -> Found:
        bill, row, words, bulk = due.row
        new = [one for one in self._new(row) if one["lob"] in bulk]
        await bulk.load(one["lob"] for one in new)
        return Found(self.told(bill, row, words, due.url), {text_url(one): bulk.read(one["lob"]) for one in new},
                     {text_url(one): one["updated"] for one in row.get("BILL_VERSION_TBL", ())})

    def told(self, bill_id: str, row: Tables, words: dict[str, str], url: str) -> Bill:
        """All rows of one bill to its record."""
        bill, versions, authors, history, votes, meetings = (row.get(name, []) for name in PARTS)
        prints = sorted(versions, key=lambda v: -int(v["order"]))  # 99 is the first, 98 the next
        last = next((v for v in prints if v["version"] == bill[0]["latest"]), prints[-1] if prints else None)
        history = sorted(history, key=lambda h: (  # without a sequence (before 2010) later steps come first
            h["on"], int(h["sequence"] or 0), int(h["id"]) if h["sequence"] else -int(h["id"])))
        subjects = dict.fromkeys(v["subject"] for v in prints if v["subject"])
        page = f"{PEOPLE}/billTextClient.xhtml?bill_id={bill_id}"
        return self.bill(
            session_of(row), number_of(row), last["subject"] if last else None,
            (self.step(h["action"], day(h["on"], url), HOUSES.get(h["house"]), committees=tuple(
                words[place] for place in [h["committee"]] if place in words)) for h in history), url,
            titles=(Title(s, "Subject of an earlier version") for s in subjects if last and s != last["subject"]),
            classification=(self.kind(bill[0]["letters"]) or "bill",),
            sponsorships=(Sponsorship(a["name"], a["part"] == "LEAD_AUTHOR") for a in authors
                          if last and a["version"] == last["version"] and a["name"]),
            versions=(Version(v["version"][-5:].lower(), v["action"], day(v["on"], url),
                              links((page, HTML), (text_url(v), XML)) if v["lob"] else ()) for v in prints),
            hearings=(self.hearing(h, words, url) for h in sorted(meetings, key=itemgetter("on", "location"))),
            votes=(vote_of(v, words, url) for v in sorted(votes, key=itemgetter("at"))),
            sources=(f"{PEOPLE}/billNavClient.xhtml?bill_id={bill_id}",))

    def hearing(self, row: Row, words: dict[str, str], url: str) -> Hearing:
        on, committee = day(row["on"], url), words.get(row["location"], row["location"])
        return Hearing(f"{row['location']} {on}", on, f"Hearing in {committee}", zone=self.zone, committee=committee)

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


def text_url(version: Row) -> str:
    return record_url(version["version"])


def session_of(row: Tables) -> str:
    bill = row["BILL_TBL"][0]
    return str(bill["session"]) + ("" if bill["special"] == "0" else f"-{bill['special']}")


def number_of(row: Tables) -> str:
    bill = row["BILL_TBL"][0]
    special = "" if bill["special"] == "0" else f"X{bill['special']}"
    return f"{bill['letters']}{special} {bill['number']}"


def rows(bulk: Bulk, name: str) -> Iterator[Row]:
    if f"{name}.dat" in bulk or name not in OPTIONAL:
        for row in read_table(bulk, f"{name}.dat", TABLES[name], head=False, delimiter="\t", quote="`"):
            yield {key: None if value in ("NULL", "") else intern(
                " ".join(value.replace("\\n", " ").split()) if "\\n" in value else value) for key, value in row.items()}


def read_tables(bulk: Bulk) -> tuple[dict[str, Tables], dict[str, str]]:
    """(bill -> table -> rows, motion or place -> its words). Authors are those of the latest version."""
    told = {name: rows(bulk, name) for name in PARTS}
    bills, versions = [*told["BILL_TBL"]], [*told["BILL_VERSION_TBL"]]
    latest, owners = {b["bill"]: b["latest"] for b in bills}, {v["version"]: v["bill"] for v in versions}
    authors = (a for a in told["BILL_VERSION_AUTHORS_TBL"]
               if latest.get(owners.get(a["version"]), "") in (a["version"], None))
    told |= {"BILL_TBL": iter(bills), "BILL_VERSION_TBL": iter(versions), "BILL_VERSION_AUTHORS_TBL": authors}

    def owner(row: Row) -> str | None:
        bill = row["bill"] if "bill" in row else owners.get(row["version"])
        return bill if bill in latest else None

    words = {one["motion"]: one["text"] for one in rows(bulk, "BILL_MOTION_TBL")}
    words.update((one["location"], one["long"] or one["short"]) for one in rows(bulk, "LOCATION_CODE_TBL"))
    return of_each(told, owner), words


def vote_of(row: Row, words: dict[str, str], url: str) -> VoteEvent:
    place, told = row["location"], {"yes": row["ayes"], "no": row["noes"], "not voting": row["abstain"]}
    return VoteEvent(f"{place} {row['at']} {row['sequence']}", day(row["at"], url),
                     {"S": "upper", "A": "lower"}.get(place.removeprefix("C").replace("X", "A")[:1]),
                     words.get(row["motion"]) or "Vote", {"(PASS)": True, "(FAIL)": False}.get(row["result"]),
                     counts=tally(told))
