"""The New Jersey Legislature: one zip of tables a session; texts beside it.

Facts: openstates-scrapers (scrapers/nj, as it read the tables) and its output for the 2026-2027 session.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, ClassVar

from spiders.bulk import Bulk
from spiders.labels import Labels
from spiders.listed import Due, ListedSpider, step
from spiders.selectors import day, digest, maybe_day, need, read_json, rows
from tracker.errors import LayoutChanged
from tracker.model import (
    Action,
    Bill,
    Document,
    Hearing,
    HearingStatus,
    Link,
    RelatedBill,
    Sponsorship,
    Version,
    VoteEvent,
)

SITE, WEB = "https://pub.njleg.state.nj.us", "https://www.njleg.state.nj.us"
CHAMBERS = {"A": "lower", "S": "upper", "G": "executive"}
KINDS = {"": "bill", "R": "resolution", "CR": "concurrent resolution", "JR": "joint resolution"}
TABLES = {  # table -> columns that it must have; the first two of the lower ones say the bill
    "MAINBILL": ("BillType", "BillNumber", "Synopsis", "IntroDate", "IdenticalBillNumber"),
    "BILLHIST": ("BillType", "BillNumber", "Action", "DateAction", "House", "Comment"),
    "BILLSPON": ("BillType", "BillNumber", "Sponsor", "Type"),
    "BILLWP": ("BillType", "BillNumber", "DocType", "Document", "Comment"),
    "BILLSUBJ": ("BillType", "BillNumber", "SubjectKey"),
    "BAGENDA": ("BillType", "BillNumber", "CommHouse", "Date", "Time"),
    "COMMITTEE": ("Code", "House", "Description"),
    "AGENDAS": ("CommHouse", "Date", "Time", "Type", "Status", "Location"),
}
PAPERS = {"FE": "Legislative Fiscal Estimate", "I": "Introduced Version", "S": "Statement", "V": "Veto",
          "FN": "Fiscal Note", "F": "Fiscal Note", "R": "Reprint", "FS": "Floor Statement", "TR": "Technical Report",
          "AL": "Advance Law", "PL": "Pamphlet Law", "RS": "Reprint of Substitute", "AS": "Assembly Substitute",
          "ACS": "Assembly Committee Substitute", "SCS": "Senate Committee Substitute", "SS": "Senate Substitute",
          "GS": "Governor's Statement"}
TEXTS = frozenset({"I", "R", "RS", "ACS", "AS", "SCS", "SS"})  # the papers that are the bill
# The database's codes of steps; those of the second list are followed by a committee's code.
WORDS = {code: words for code, _, words in (line.partition(" = ") for line in """\
INT 1RA AWR 2RA = Introduced in the Assembly, 1st Reading without Reference, 2nd Reading
INT 1RS SWR 2RS = Introduced in the Senate, 1st Reading without Reference, 2nd Reading
REP 2RA = Reported out of Assembly Committee, 2nd Reading
REP 2RS = Reported out of Senate Committee, 2nd Reading
REP/ACA 2RA = Reported out of Assembly Committee with Amendments, 2nd Reading
REP/SCA 2RS = Reported out of Senate Committee with Amendments, 2nd Reading
REP/ACS 2RA = Reported from Assembly Committee as a Substitute, 2nd Reading
REP/SCS 2RS = Reported from Senate Committee as a Substitute, 2nd Reading
R/S SWR 2RS = Received in the Senate without Reference, 2nd Reading
R/A AWR 2RA = Received in the Assembly without Reference, 2nd Reading
R/A 2RAC = Received in the Assembly, 2nd Reading on Concurrence
R/S 2RSC = Received in the Senate, 2nd Reading on Concurrence
R/A = Received in the Assembly
R/S = Received in the Senate
R/S 2RSG = Received in the Senate, 2nd Reading on Concurrence with Governor's Recommendations
R/A 2RAG = Received in the Assembly, 2nd Reading on Concurrence with Governor's Recommendations
1RAG = 1st Reading in the Assembly on Governor's Recommendations
2RAG = 2nd Reading in the Assembly on Concurrence with Governor's Recommendations
2RSG = 2nd Reading in the Senate on Concurrence with Governor's Recommendations
AA 2RA = Assembly Floor Amendment Passed
SA 2RS = Senate Amendment
AS 2RA = Assembly Substitution
SS 2RS = Senate Substitution
SUB FOR = Substituted for
SUB BY = Substituted by
COMB/W = Combined with
PA = Passed Assembly
PS = Passed Senate
PA PBH = Passed Assembly (Passed Both Houses)
PS PBH = Passed Senate (Passed Both Houses)
PA FILE = Passed Assembly and Filed
PS FILE = Passed Senate and Filed
CONCUR AA = Concurred in Assembly Amendments
CONCUR SA = Concurred in Senate Amendments
LSTA = Lost in the Assembly
LSTS = Lost in the Senate
APP = Approved
APP W/LIV = Approved with Line Item Veto
AV R/A = Absolute Veto, Received in the Assembly
AV R/S = Absolute Veto, Received in the Senate
CV R/A = Conditional Veto, Received in the Assembly
CV R/S = Conditional Veto, Received in the Senate
CV R/A 1RAG = Conditional Veto, Received in the Assembly, 1st Reading on Governor's Recommendations
CV R/A 2RAG = Conditional Veto, Received in the Assembly, 2nd Reading on Governor's Recommendations
CV R/S 1RSG = Conditional Veto, Received in the Senate, 1st Reading on Governor's Recommendations
CV R/S 2RSG = Conditional Veto, Received in the Senate, 2nd Reading on Governor's Recommendations
PV = Pocket Veto, Bill not acted on by Governor by End of Session
FSS = Filed with Secretary of State
RSND/V = Rescind Vote
RSND/ACT OF = Rescind Action of
RCON/V = Reconsidered Vote
ER = Emergency Resolution
MOTION = Motion
PUBLIC HEARING = Public Hearing Held
PH ON DESK SEN = Public Hearing Placed on Desk, Senate Transcript Placed on Desk
PH ON DESK ASM = Public Hearing Placed on Desk, Assembly Transcript Placed on Desk
SEN COPY ON DESK = Placed on Desk in Senate
ASM COPY ON DESK = Placed on Desk in Assembly
SUTC REVIEWED = Reviewed by the Sales Tax Review Commission
PHBC REVIEWED = Reviewed by the Pension and Health Benefits Commission
W = Withdrawn from Consideration""".splitlines())}
REFERRALS = {code: words for code, _, words in (line.partition(" = ") for line in """\
INT 1RA REF = Introduced in the Assembly, Referred to
INT 1RS REF = Introduced in the Senate, Referred to
R/S REF = Received in the Senate, Referred to
R/A REF = Received in the Assembly, Referred to
REP/ACA REF = Reported out of Assembly Committee with Amendments and Referred to
REP/SCA REF = Reported out of Senate Committee with Amendments and Referred to
REP/ACS REF = Reported from Assembly Committee as a Substitute and Referred to
REP/SCS REF = Reported from Senate Committee as a Substitute and Referred to
REP REF = Reported and Referred to
TRANS = Transferred to
RCM = Recommitted to
REF = Referred to""".splitlines())}

ACTIONS = Labels.beside(__file__)
PAPER_DAY = re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{2})\b")
NUMBER = re.compile(r"\b([AS](?:CR|JR|R)?)-?0*(\d+)\b")
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
    actions = ACTIONS
    spoken: ClassVar = {"ACR": ("Assembly Concurrent Resolution",), "AJR": ("Assembly Joint Resolution",),
                        "AR": ("Assembly Resolution",)}

    async def listed(self) -> AsyncIterator[Due]:
        answer = await self.listing(f"{WEB}/api/advancedSearch/sessions")
        years = sorted({need(row, "value", int, answer.url)
                        for row in rows(read_json(answer.body, answer.url, list), "", answer.url, least=1)})
        for year in years:
            url = f"{SITE}/leg-databases/{year}data/DB{year}_TEXT.zip"
            # The last steps of a session fall into the next one: what was followed is followed on.
            if (year == years[-1] or url in self.memory) and (bulk := await self.bulk(url)) is not None:
                for row in read_tables(bulk, year):
                    yield Due(row["session"], row["number"], f"{url}#{row['number']}", digest(row), row, bulk.page)

    def read(self, body: bytes, due: Due) -> Bill:
        return parse_bill(due.row, due.url)

    def names(self, words: str, bill: Bill) -> bool:
        """A substitute for several bills names them in one list: "SENATE, Nos. 1270 and 2566"."""
        house, number = bill.identifier[:1], re.sub(r"\D", "", bill.identifier)
        return super().names(words, bill) or any(
            found[1][:1].upper() == house and number in re.findall(r"\d+", found[2])
            for found in SUBSTITUTE.finditer(words[:2000]))


def read_table(bulk: Bulk, name: str) -> Iterator[dict[str, str]]:
    """Rows by their columns' names, white space folded. Raises LayoutChanged if a column is missing."""
    lines = bulk.table(bulk.find(f"{name}.TXT"), "cp1252")
    head = [column.strip() for column in next(lines, [])]
    if lacking := [column for column in TABLES[name] if column not in head]:
        raise LayoutChanged(f"expected {name} with {', '.join(lacking)}, got {', '.join(head)[:200]}", url=bulk.url)
    for line in lines:
        if any(line):
            yield {**dict.fromkeys(head, ""), **{c: " ".join(v.split()) for c, v in zip(head, line, strict=False)}}


def read_tables(bulk: Bulk, year: int) -> Iterator[dict[str, Any]]:
    """One row a bill, with the rows of all tables that speak of it. Numbers without a synopsis are reserved."""
    more: dict[str, dict[str, list[dict[str, str]]]] = {}
    for name in ("BILLHIST", "BILLSPON", "BILLWP", "BILLSUBJ", "BAGENDA"):
        more[name] = defaultdict(list)
        for row in read_table(bulk, name):
            more[name][number_of(row)].append(row)
    committees = {row["Code"]: " ".join(filter(None, ({"A": "Assembly", "S": "Senate"}.get(row["House"]),
                                                      row["Description"], "Committee")))
                  for row in read_table(bulk, "COMMITTEE")}
    meetings = {meeting_of(row): row for row in read_table(bulk, "AGENDAS")}
    for row in read_table(bulk, "MAINBILL"):
        number = number_of(row)
        if not row["Synopsis"]:
            continue
        said = {name: more[name].get(number, []) for name in more}
        agendas = [{**meetings.get(meeting_of(r), {}), **r} for r in said["BAGENDA"]]
        yield {"session": f"{year}-{year + 1}", "before": f"{year - 2}-{year - 1}", "year": year, "number": number,
               "main": row, **said, "BAGENDA": agendas,
               "committees": {code: name for code, name in committees.items()
                              if any(code in r["Action"].split() for r in said["BILLHIST"])
                              or any(code == a["CommHouse"] for a in agendas)}}


def number_of(row: Mapping[str, str]) -> str:
    return f"{row['BillType']}{row['BillNumber'].lstrip('0')}"


def meeting_of(row: Mapping[str, str]) -> tuple[str, str, str]:
    return row["CommHouse"], row["Date"], row["Time"]


def parse_bill(row: Mapping[str, Any], url: str) -> Bill:
    main, number, names = row["main"], row["number"], row["committees"]
    history = sorted(row["BILLHIST"], key=lambda r: int(n) if (n := r.get("Sequence", "")).isdigit() else 0)
    actions = sorted((parse_action(r, names, url) for r in history), key=lambda a: str(a.date or ""))
    papers = [(r["DocType"], parse_paper(r, row["year"], url)) for r in row["BILLWP"]]
    # The table is in the order of the files' names: reprints before the substitute that they reprint.
    texts = sorted((p for p in papers if p[0] in TEXTS), key=lambda p: (p[0] != "I", str(p[1].date or "9")))
    meetings = {m.key: m for m in (parse_hearing(r, names, url) for r in row["BAGENDA"])}
    return Bill(
        "us-nj", row["session"], number, main["Synopsis"], classification=(kind_of(main["BillType"], url),),
        chamber=CHAMBERS.get(number[:1]), introduced_on=maybe_day(main["IntroDate"], url),
        subjects=tuple(r["SubjectKey"] for r in row["BILLSUBJ"]), actions=tuple(actions),
        sponsorships=tuple(Sponsorship(r["Sponsor"], r["Type"] == "P") for r in row["BILLSPON"]),
        versions=tuple(paper for _, paper in texts),
        documents=tuple(Document(p.note, p.links[0].url, p.date) for kind, p in papers if kind not in TEXTS),
        hearings=tuple(meetings.values()),
        votes=tuple(VoteEvent(f"{a.description} {a.date}", a.date, a.chamber, a.description, "Passed" in a.description)
                    for a in actions if re.search(r"(?:Passed|Lost) .*\(\d+-\d+", a.description)),
        related_bills=(*related(main["IdenticalBillNumber"], row["session"], "companion"),
                       *related(main.get("LastSessionFullBillNumber", ""), row["before"], "prior-session")),
        sources=(f"{WEB}/bill-search/{row['year']}/{number}",))


def kind_of(letters: str, url: str) -> str:
    if letters[1:] not in KINDS or letters[:1] not in ("A", "S"):
        raise LayoutChanged(f"expected a bill's letters, got {letters[:10]!r}", url=url)
    return KINDS[letters[1:]]


def parse_action(row: Mapping[str, str], names: Mapping[str, str], url: str) -> Action:
    """Codes as words, with the comment ("(40-0)"); the code itself is kept beside them."""
    code = row["Action"]
    begins, _, committee = code.rpartition(" ")
    referred = f"{REFERRALS[begins]} {names.get(committee, committee)}" if begins in REFERRALS else None
    known = WORDS.get(code) or referred
    words = " ".join(filter(None, (known or code, row["Comment"])))
    return step(ACTIONS, words, maybe_day(row["DateAction"], url), CHAMBERS.get(row["House"]),
                also=(code,) if known else (), committees=(names[committee],) if committee in names else ())


def parse_paper(row: Mapping[str, str], year: int, url: str) -> Version:
    """A paper whose file is like ``...\\A1500\\1413_I1.DOC``; the web has it as HTM and as PDF. Its comment tells the
    committee, the day and the reprint: "SBA 6/24/26 1R"."""
    folder, _, file = "/".join(row["Document"].split("\\")[-2:]).rpartition("/")
    stem, _, ending = file.rpartition(".")
    if not (folder and stem and ending):
        raise LayoutChanged(f"expected the file of a paper, got {row['Document'][-60:]!r}", url=url)
    base = f"{SITE}/Bills/{year}/{folder}/{stem}"
    note = " ".join(filter(None, (PAPERS.get(row["DocType"], row["DocType"]), row["Comment"])))
    said = PAPER_DAY.search(row["Comment"])
    on = day(f"{said[1]}/{said[2]}/20{said[3]}", url) if said else None
    return Version(stem.partition("_")[2] or stem, note, on,
                   (Link(f"{base}.HTM", "text/html"), Link(f"{base}.PDF", "application/pdf")))


def parse_hearing(row: Mapping[str, str], names: Mapping[str, str], url: str) -> Hearing:
    """The bill's place on a committee's agenda; the meeting itself may be missing from the table of meetings."""
    cancelled = row.get("Status", "").lower() in ("canceled", "cancelled", "not meeting")
    committee = names.get(row["CommHouse"], row["CommHouse"])
    return Hearing(f"{row['CommHouse']} {row['Date']}", day(row["Date"], url), f"Meeting of the {committee}",
                   row["Time"] or None, NewJerseySpider.zone, row.get("Location") or None, committee,
                   HearingStatus.CANCELLED if cancelled else HearingStatus.SCHEDULED)


def related(numbers: str, session: str, relation: str) -> tuple[RelatedBill, ...]:
    return tuple(RelatedBill(session, f"{letters}{n}", relation) for letters, n in NUMBER.findall(numbers))
