"""The New Jersey Legislature: one zip of tables a session; texts beside it.

Facts: openstates-scrapers (scrapers/nj, as it read the tables) and its output for the 2026-2027 session. Traps: numbers
without a synopsis are reserved; a session's last steps fall into the next one; an agenda's meeting may be missing.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from operator import itemgetter
from typing import ClassVar

from spiders.bills import HTML, PDF, by_day, chamber_of, links, mentioned, standing, vote
from spiders.bulk import Bulk
from spiders.labels import Labels, codes
from spiders.listed import Due, ListedSpider
from spiders.selectors import day, digest, maybe_day, must_match, written_day
from spiders.tables import Row, columns, of_each, read_table
from tracker.model import Action, Bill, Document, Hearing, Sponsorship, Version

SITE, WEB = "https://pub.njleg.state.nj.us", "https://www.njleg.state.nj.us"
WORDS, REFERRALS, PAPERS = (codes(__file__, table) for table in ("steps", "referrals", "papers"))
TEXTS = frozenset({"I", "R", "RS", "ACS", "AS", "SCS", "SS"})  # the papers that are the bill
meeting_of = itemgetter("CommHouse", "Date", "Time")
FILE = re.compile(r"(?:.*\\)?([^\\]+)\\([^\\]+)\.[^.\\]+")  # ...\A1500\1413_I1.DOC
SUBSTITUTE = re.compile(r"\b(ASSEMBLY|SENATE),?\s+Nos?\.?\s+([\d,\s]+(?:and\s+\d+)?)", re.IGNORECASE)


class NewJerseySpider(ListedSpider):
    name = "us-nj"
    title = "New Jersey"
    site = SITE
    hosts = (WEB,)
    zone = "America/New_York"
    terms = "Made public by law (N.J.S. 52:11-78) and offered for download, https://www.njleg.state.nj.us/downloads"
    robots = "obeyed"
    format = "one zip of CSV tables a session; texts HTML, PDF"
    proven = "our own pages"
    floor = 3
    cadence: ClassVar = {"session": 720, "recess": 1440}
    actions = Labels.beside(__file__)

    async def listed(self) -> AsyncIterator[Due]:
        sessions = await self.said_rows(f"{WEB}/api/advancedSearch/sessions", least=1)
        years = sorted({row.number("value") for row in sessions})
        for year in years:
            url = f"{SITE}/leg-databases/{year}data/DB{year}_TEXT.zip"
            if (year == years[-1] or url in self.memory) and (bulk := await self.bulk(url)) is not None:
                for row in bills_of(bulk, year):
                    yield Due(row["session"], row["number"], f"{url}#{row['number']}", digest(row), row, bulk.page)

    def read(self, body: bytes, due: Due) -> Bill:
        row, main, names, url = due.row, due.row["main"], due.row["committees"], due.url
        history = sorted(row["BILLHIST"], key=lambda r: int(n) if (n := r.get("Sequence", "")).isdigit() else 0)
        steps = by_day(self.step_of(r, names, url) for r in history)
        papers = [(r["DocType"], paper(r, row["year"], url)) for r in row["BILLWP"]]
        # The table is in the order of the files' names: reprints before the substitute that they reprint.
        texts = sorted((p for p in papers if p[0] in TEXTS), key=lambda p: (p[0] != "I", str(p[1].date or "9")))
        return self.bill(
            due.session, row["number"], main["Synopsis"], steps, url, introduced_on=maybe_day(main["IntroDate"], url),
            subjects=(r["SubjectKey"] for r in row["BILLSUBJ"]), committees=(),
            sponsorships=(Sponsorship(r["Sponsor"], r["Type"] == "P") for r in row["BILLSPON"]),
            versions=(version for _, version in texts),
            documents=(Document(p.note, p.links[0].url, p.date) for kind, p in papers if kind not in TEXTS),
            hearings={h.key: h for h in (self.hearing(r, names, url) for r in row["BAGENDA"])}.values(),
            votes=(vote(a, f"{a.description} {a.date}", "Passed" in a.description) for a in steps
                   if re.search(r"(?:Passed|Lost) .*\(\d+-\d+", a.description)),
            related_bills=(*mentioned(main["IdenticalBillNumber"], row["session"], "companion", gap=""),
                           *mentioned(main.get("LastSessionFullBillNumber"), row["before"], "prior-session", gap="")),
            sources=(f"{WEB}/bill-search/{row['year']}/{row['number']}",))

    def step_of(self, row: Row, names: Row, url: str) -> Action:
        """Codes as words, with the comment ("(40-0)"); the code itself is kept beside them."""
        begins, _, code = (step := row["Action"]).rpartition(" ")
        known = WORDS.get(step) or (f"{REFERRALS[begins]} {names.get(code, code)}" if begins in REFERRALS else None)
        return self.step(" ".join(filter(None, (known or step, row["Comment"]))), maybe_day(row["DateAction"], url),
                         chamber_of(row["House"]), also=(step,) if known else (),
                         committees=(names[code],) if code in names else ())

    def hearing(self, row: Row, names: Row, url: str) -> Hearing:
        cancelled = row.get("Status", "").lower() in ("canceled", "cancelled", "not meeting")
        committee = names.get(row["CommHouse"], row["CommHouse"])
        return Hearing(f"{row['CommHouse']} {row['Date']}", day(row["Date"], url), f"Meeting of the {committee}",
                       row["Time"] or None, self.zone, row.get("Location") or None, committee, standing(cancelled))

    def names(self, words: str, bill: Bill) -> bool:
        """A substitute for several bills names them in one list: "SENATE, Nos. 1270 and 2566"."""
        house, number = bill.identifier[:1], re.sub(r"\D", "", bill.identifier)
        lists = (found[2] for found in SUBSTITUTE.finditer(words[:2000]) if found[1][0].upper() == house)
        return super().names(words, bill) or any(number in re.findall(r"\d+", numbers) for numbers in lists)


def bills_of(bulk: Bulk, year: int) -> Iterator[Row]:
    """One row a bill, with the rows of all tables that speak of it."""
    rows = {name: read_table(bulk, bulk.find(f"{name}.TXT"), known, head=True, encoding="cp1252")
            for name, known in columns(__file__).items()}
    houses, meetings = {"A": "Assembly", "S": "Senate"}, {meeting_of(row): row for row in rows.pop("AGENDAS")}
    committees = {row["Code"]: " ".join(filter(None, (houses.get(row["House"]), row["Description"], "Committee")))
                  for row in rows.pop("COMMITTEE")}
    bills, told = rows.pop("MAINBILL"), of_each(rows, number_of)
    for row in (row for row in bills if row["Synopsis"]):
        said = {name: told[number_of(row)][name] for name in rows}
        agendas = [{**meetings.get(meeting_of(r), {}), **r} for r in said["BAGENDA"]]
        spoken = {w for r in said["BILLHIST"] for w in r["Action"].split()} | {r["CommHouse"] for r in agendas}
        yield {"session": f"{year}-{year + 1}", "before": f"{year - 2}-{year - 1}", "year": year, "main": row,
               "number": number_of(row), **said, "BAGENDA": agendas,
               "committees": {code: name for code, name in committees.items() if code in spoken}}


def number_of(row: Row) -> str:
    return f"{row['BillType']}{row['BillNumber'].lstrip('0')}"


def paper(row: Row, year: int, url: str) -> Version:
    """The web has it as HTM and as PDF. Its comment tells the committee, the day and the reprint: "SBA 6/24/26 1R"."""
    file = must_match(FILE, row["Document"], "the file of a paper", url)
    base, note = f"{SITE}/Bills/{year}/{file[1]}/{file[2]}", PAPERS.get(row["DocType"], row["DocType"])
    return Version(file[2].partition("_")[2] or file[2], " ".join(filter(None, (note, row["Comment"]))),
                   written_day(row["Comment"], url), links((f"{base}.HTM", HTML), (f"{base}.PDF", PDF)))
