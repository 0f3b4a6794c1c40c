"""South Dakota: a JSON list of bills with their steps, a JSON record a bill, texts as HTML in JSON and PDF.

Facts: public clients of the site's /api (field names), and an archive of it (words of the steps, names of sessions).
Traps: some steps have no words; a version without a date is not there yet; a moved hearing is another one, since no
meeting is named. A change costs one request: steps are the list's; what names no texts or steps is asked for them.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import ClassVar

from spiders.bills import HTML, PDF, apart, chamber_of, clock, code_of, first_day, links, sponsors, vote
from spiders.contract import Answer
from spiders.labels import Labels
from spiders.listed import Due, Found, ListedSpider
from spiders.listings import newest
from spiders.records import Json
from spiders.selectors import digest, plain, read_json
from tracker import ids
from tracker.model import Action, Bill, Document, Hearing, Sponsorship, Version

SITE, FILES = "https://sdlegislature.gov", "https://mylrc.sdlegislature.gov/api/Documents"


class UsSdSpider(ListedSpider):
    name = "us-sd"
    title = "South Dakota"
    site = SITE
    hosts = ("https://mylrc.sdlegislature.gov",)
    zone = "America/Chicago"  # Pierre
    terms = "Public records of the Legislative Research Council, https://sdlegislature.gov/; no terms found that forbid"
    robots = "obeyed; nothing that is asked was said to be closed, not seen live"
    format = "JSON lists and records; texts HTML inside JSON, PDF"
    proven = "our own pages"
    floor = 300  # of two years
    cadence: ClassVar = {"session": 120, "recess": 1440}
    actions = Labels.beside(__file__)
    spoken: ClassVar = {"HC": ("House Commemoration",), "SC": ("Senate Commemoration",)}
    kinds: ClassVar = {"C": "commemoration"}
    gap: ClassVar = {letters + kind: 400 for letters in "HS" for kind in ("B", "JR", "CR", "R", "C")}

    async def listed(self) -> AsyncIterator[Due]:
        answer = await self.listing(f"{SITE}/api/Sessions")  # 71: "2026", 70: "2025 Special Session"
        named = [(row["SessionId"], row.get("YearString", "Year") or "") for row in Json.read_all(
            answer.body, answer.url, least=1)]
        for key, session in newest(named, lambda it: int(it[1][:4]), back=1):
            async for page in self.listings([f"{SITE}/api/Bills/BillStatus/{key}"]):
                for row in Json.read_all(page.body, page.url):
                    yield Due(session, f"{row['BillType']} {row['BillNumberOnly']}",
                              f"{SITE}/api/Bills/{row.number('BillId')}", digest(row.it), row)

    async def record(self, due: Due) -> Found:
        row, said = due.row, Json.read((await self.ask(due.url, "status", lastmod=due.lastmod)).body, due.url)
        for part, holder, address in (("ActionLogs", row, "ActionLog"), ("Documents", said, "Versions")):
            if not holder.each(part):
                url = f"{SITE}/api/Bills/{address}/{row['BillId']}"
                holder.it[part] = read_json((await self.ask(url, "status")).body, url, list)
        bill = self.told(due.session, said, row.each("ActionLogs"))
        return Found(bill, inline={url: text async for url, text in self.inline(bill)})

    async def inline(self, bill: Bill) -> AsyncIterator[tuple[str, bytes]]:
        """Texts that we do not hold, out of their JSON. Where there is none, the PDF is asked for by the base."""
        for version in bill.versions:
            url = version.links[0].url
            if self.lacks(bill, version) and (text := await self.spare(url.removesuffix("#text"), "text", html_of)):
                yield url, text.encode()

    def told(self, session: str, said: Json, log: Iterable[Json]) -> Bill:
        steps = [(row, words, self.step_of(row, words)) for row in log if (words := (
            row.get("StatusText", "Description") or "").rstrip(", "))]
        actions = [action for *_, action in steps]
        members = sponsors(said.each("BillSponsor"), "Member.UniqueName", "Name", person="SessionMemberId",
                           lead=lambda row: row.get("SponsorType") == "P")
        committee = plain(said.get("BillCommitteeSponsor") or "")
        return self.bill(
            session, f"{said['BillType']} {said['BillNumber']}", said["Title"], actions, said.url,
            introduced_on=first_day(actions, "introduction", "reading-1"),
            subjects=dict.fromkeys(w for row in said.each("Keywords") if (w := row.get("Keyword.Keyword", "Keyword"))),
            sponsorships=(*members, *([Sponsorship(committee, True)] if committee else [])), versions=versions(said),
            documents=(Document(f"Amendment {row.get('Amendment.Filename') or key}", f"{FILES}/{key}.pdf", action.date)
                       for row, _, action in steps if (key := row.get("Amendment.DocumentId"))),
            hearings=(Hearing(f"{a.date}-{ids.slug(next(iter(a.committees), 'floor'))}", a.date, words, clock(
                row["ActionDate"]), self.zone, committee=next(iter(a.committees), None))
                for row, words, a in steps if words.startswith("Scheduled for") and a.date),
            votes=(vote(a, key, {"P": True, "F": False}.get(row.get("Result") or ""), f"{floor(row)} {words}".strip(),
                        f"{SITE}/Session/Vote/{key}", row.it["Vote"]) for row, words, a in steps
                   if (key := row.get("Vote.VoteId"))),
            sources=(f"{SITE}/Session/Bill/{said['BillId']}", said.url))

    def step_of(self, row: Json, words: str) -> Action:
        """A step as the site prints it: who acted, the motion, where it was sent, whether it passed, the count."""
        here, there = floor(row), row.get("AssignedCommittee.FullName")
        chamber = "executive" if "Governor" in words else chamber_of(row.get("ActionCommittee.Body") or here)
        outcome = {"P": ", Passed", "F": ", Failed"}.get(row.get("Result") or "", "")
        motion = re.match("Do |Tabled|Deferred", words)
        text = f"{here} {words}".strip() if motion else f"{words} {there}" if there and words.endswith(" to") else words
        if count := row.at("Vote"):
            text += f"{outcome}, YEAS {count.get('Yeas')}, NAYS {count.get('Nays')}"
        elif outcome == ", Failed":
            text += outcome
        who = (there,) if there else (here,) if here not in ("", "Senate", "House of Representatives") else ()
        return self.step(text, row.day("ActionDate"), chamber or "legislature", committees=who)


def floor(row: Json) -> str:
    return row.get("ActionCommittee.FullName", "ActionCommittee.Name") or ""


def html_of(answer: Answer) -> str | None:
    return Json.read(answer.body, answer.url).get("DocumentHtml")


def versions(said: Json) -> Iterator[Version]:
    dated = sorted((row for row in said.each("Documents") if row.get("DocumentDate") and row.get("BillVersion")),
                   key=lambda row: row["DocumentDate"])
    for code, row in zip(apart(code_of(row["BillVersion"]) for row in dated), dated, strict=True):
        yield Version(code, row["BillVersion"], row.day("DocumentDate"), links(
            (f"{SITE}/api/Bills/HTML/{row['DocumentId']}#text", HTML), (f"{FILES}/{row['DocumentId']}.pdf", PDF)))
