"""New York: the Senate's Open Legislation API, whole records with their texts, to harvests.

Facts: the docs folder of github.com/nysenate/OpenLegislation. A bill holds all its prints (S1234, S1234A): they are its
versions; one without a text has no links, since its text will change the record. A session is named by its odd year,
and its bills are vetoed when the next one's are filed. Moments are Eastern and name no zone.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import ClassVar

from spiders.access import Key
from spiders.bills import HTML, PDF, PLAIN, chamber_of, links, once, sponsors, titles
from spiders.labels import Labels
from spiders.listed import Due, Found, ListedSpider
from spiders.records import Json
from tracker.errors import LayoutChanged
from tracker.model import Bill, RelatedBill, Sponsorship, Version, VoteEvent

SITE = "https://legislation.nysenate.gov"
API = f"{SITE}/api/3/bills"
TEXTS = "fullTextFormat=HTML&fullTextFormat=PLAIN"
LOOK_BACK = timedelta(days=3)  # a bill that failed is asked again for so long
OFFICES = {"rules": "Rules Committee", "budget": "Budget bill"}
SUBSTITUTED = re.compile(r"substituted for ([a-z]\d+)", re.IGNORECASE)


class NewYorkSpider(ListedSpider):
    name = "us-ny"
    title = "New York"
    site = SITE
    zone = "America/New_York"
    terms = f"the Senate's public API, made for reuse with a free key of one's own, {SITE}"
    robots = "obeyed; not seen by us yet"
    format = "JSON, whole records; texts HTML (plain where there is none)"
    proven = "recordings"
    floor = 3
    cadence: ClassVar = {"session": 60, "recess": 720}
    key = Key(where=SITE, parameter="key")
    whole = False
    inert = frozenset({"application/pdf"})
    actions = Labels.beside(__file__)

    async def listed(self) -> AsyncIterator[Due]:
        newest = await self.listing(f"{API}/search?term=billType.resolution:false&sort=session:DESC&limit=1")
        session = items(newest.body, newest.url)[1][0].number("result.session")
        self.total = (await self.said(f"{API}/{session}?idsOnly=true&limit=1")).number("total")
        held, since, news = self.held(f"{API}/"), f"{session}-01-01T00:00:00", dict[tuple[str, str], str]()
        if held:
            since = (datetime.fromisoformat(max(held.values())) - LOOK_BACK).isoformat(timespec="seconds")
        changes, whole = f"updates/{since}?order=asc&limit=1000", f"{session}?full=true&{TEXTS}&limit=100"
        async for _, _, rows in self.counted(f"{API}/{changes}&offset=1", "offset", items, first=1):
            news.update(((row["id.session"], row["id.basePrintNo"]), row["processedDateTime"]) for row in rows)
        if sum(url.startswith(f"{API}/{session}/") for url in held) >= 0.98 * self.total:
            for (of, number), moment in news.items():
                if int(of) >= session - 2:
                    yield Due(of, number, url := address(of, number), max(moment, held.get(url, "")))
            return
        async for page, _, rows in self.counted(f"{API}/{whole}&offset=1", "offset", items, first=1):
            for row in rows:
                of, number = str(session), row["basePrintNo"]
                moment = max(news.get((of, number), since), held.get(url := address(of, number), ""))
                yield Due(of, number, url, moment, row, page.page)

    def read(self, body: bytes, due: Due) -> Found:
        row: Json = due.row or Json.read(body, due.url).at("result")
        session, number = row["session"], row["basePrintNo"]
        prints = {code: row.at(f"amendments.items.{code}") for code in sorted(row.at("amendments.items").it)}
        active = prints.get(row.get("activeVersion") or "") or Json({}, row.url)
        steps = [self.step(a["text"], a.day("date"), chamber_of(a.get("chamber"))) for a in sorted(
            row.each("actions.items"), key=lambda a: a.it.get("sequenceNo") or 0)]
        texts = {f"{due.url}#{code or 'original'}": one.get("fullTextHtml", "fullText") for code, one in prints.items()}
        return Found(self.bill(
            session, number, row.get("title"), steps, due.url,
            titles=(*titles(row, {"summary": "Summary"}), *titles(active, {"actClause": "Act clause"})),
            classification=("resolution" if row.truth("billType.resolution") else "bill",),
            chamber=chamber_of(row.get("billType.chamber")),
            introduced_on=min((a.date for a in steps if a.date), default=None),
            versions=(Version(code.lower() or "original", f"Amendment {code}" if code else "Original print",
                              one.day("publishDate"), links((f"{SITE}/pdf/bills/{session}/{one.get('printNo')}", PDF), (
                                  url, HTML if one.get("fullTextHtml") else PLAIN)) if texts[url] else ())
                      for url, (code, one) in zip(texts, prints.items(), strict=True)),
            subjects=filter(None, (active.get("lawSection"),)), sponsorships=once(members(row, active)),
            committees=dict.fromkeys(row.all("pastCommittees.items", "name")), votes=map(vote, row.each("votes.items")),
            related_bills=dict.fromkeys(related(row, active)),
            sources=(f"https://www.nysenate.gov/legislation/bills/{session}/{number}",)),
            {url: text.encode() for url, text in texts.items() if text})

    def names(self, words: str, bill: Bill) -> bool:
        """Texts print the number without its letter, resolutions not even that."""
        number = re.sub(r"\D", "", bill.identifier)
        return "resolution" in bill.classification or bool(re.search(rf"(?<!\d)0*{number}(?!\d)", words))


def address(session: str, number: str) -> str:
    return f"{API}/{session}/{number}?{TEXTS}"


def items(body: bytes, url: str) -> tuple[int, list[Json]]:
    said = Json.read(body, url)
    if said.flag("success") is not True:
        raise LayoutChanged(f"expected success, got {said.get('message')!r}", url=url)
    return said.number("total"), said.each("result.items")


def members(row: Json, active: Json) -> Iterator[Sponsorship]:
    """Budget bills and the Rules Committee's have no member."""
    for part, path in ((row, "sponsor.member"), (row, "additionalSponsors.items"), (active, "coSponsors.items"),
                       (active, "multiSponsors.items")):
        yield from sponsors(part.each(path), "fullName", "shortName", person="memberId", area="districtCode",
                            form="District {}", lead=part is row)
        for flag, name in OFFICES.items() if path == "sponsor.member" else ():
            if row.flag(f"sponsor.{flag}"):
                yield Sponsorship(name, not row.at("sponsor.member"))


def vote(row: Json) -> VoteEvent:
    """The source counts, and does not say whether the motion carried. Floor votes are the Senate's."""
    kind, on, committee = row["voteType"], row["voteDate"], row.get("committee.name")
    counts = sorted(row.at("memberVotes.items").it)
    told = ", ".join(f"{code} {len(row.each(f'memberVotes.items.{code}.items'))}" for code in counts)
    key = " ".join(filter(None, (kind, on, row.get("version"), committee, row.get("sequenceNo"))))
    return VoteEvent(key, row.day("voteDate"), chamber_of(row.get("committee.chamber") or "SENATE"),
                     f"{kind.title()} vote{f' in {committee}' if committee else ''}: {told}")


def related(row: Json, active: Json) -> Iterator[RelatedBill]:
    mine = row["session"]
    others = [*((other, "companion") for other in active.each("sameAs.items")),
              *((other, "prior-session" if other["session"] != mine else "earlier-print")
                for other in row.each("previousVersions.items")), (row.at("substitutedBy"), "substituted-by")]
    yield from (RelatedBill(other["session"], other["basePrintNo"], relation) for other, relation in others if other)
    yield from (RelatedBill(mine, found[1].upper(), "replaces") for words in row.all("actions.items", "text")
                if (found := SUBSTITUTED.match(words)))
