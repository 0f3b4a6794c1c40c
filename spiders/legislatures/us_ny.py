"""New York: the Senate's Open Legislation API, whole records with their texts, to harvests.

Facts: docs of github.com/nysenate/OpenLegislation. Prints (S1234, S1234A) are versions; no vote says what carried.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import ClassVar

from spiders.access import Key
from spiders.bills import HTML, PDF, PLAIN, chamber_of, links, mentioned, once, sponsors, tally, titles
from spiders.fronts import has_number
from spiders.labels import Labels
from spiders.listed import Due, Found, ListedSpider
from spiders.records import Json
from tracker.errors import LayoutChanged
from tracker.model import Bill, RelatedBill, Sponsorship, Version, VoteEvent

SITE = "https://legislation.nysenate.gov"
API, TEXTS = f"{SITE}/api/3/bills", "fullTextFormat=HTML&fullTextFormat=PLAIN"
BILL = API + "/{}/{}?" + TEXTS  # session, number


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
        held, news = self.held(f"{API}/"), dict[tuple[str, str], str]()
        since = self.since(f"{API}/", days=3) or f"{session}-01-01T00:00:00"
        changes, whole = f"updates/{since}?order=asc&limit=1000", f"{session}?full=true&{TEXTS}&limit=100"
        async for _, _, rows in self.counted(f"{API}/{changes}&offset=1", "offset", items, first=1):
            news.update(((row["id.session"], row["id.basePrintNo"]), row["processedDateTime"]) for row in rows)
        if sum(url.startswith(f"{API}/{session}/") for url in held) >= 0.98 * self.total:
            for (of, number), moment in news.items():
                if int(of) >= session - 2:  # bills of the last session are vetoed when the next one's are filed
                    yield Due(of, number, url := BILL.format(of, number), max(moment, held.get(url, "")))
            return
        async for page, _, rows in self.counted(f"{API}/{whole}&offset=1", "offset", items, first=1):
            for row in rows:
                of, number = str(session), row["basePrintNo"]
                moment = max(news.get((of, number), since), held.get(url := BILL.format(of, number), ""))
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
            chamber=chamber_of(row.get("billType.chamber")), subjects=active.all("", "lawSection"),
            introduced_on=min((a.date for a in steps if a.date), default=None),
            versions=(Version(code.lower() or "original", f"Amendment {code}" if code else "Original print",
                              one.day("publishDate"), links((f"{SITE}/pdf/bills/{session}/{one.get('printNo')}", PDF), (
                                  url, HTML if one.get("fullTextHtml") else PLAIN)) if texts[url] else ())
                      for url, (code, one) in zip(texts, prints.items(), strict=True)),
            sponsorships=once(self.members(row, active)), votes=map(self.vote, row.each("votes.items")),
            committees=dict.fromkeys(row.all("pastCommittees.items", "name")),
            related_bills=dict.fromkeys(self.related(row, active)),
            sources=(f"https://www.nysenate.gov/legislation/bills/{session}/{number}",)),
            {url: text.encode() for url, text in texts.items() if text})

    def names(self, words: str, bill: Bill) -> bool:
        """Texts print the number without its letter, resolutions not even that."""
        return "resolution" in bill.classification or has_number(words, bill.identifier)

    def members(self, row: Json, active: Json) -> Iterator[Sponsorship]:
        """Budget bills and the Rules Committee's have no member."""
        for part, path in ((row, "sponsor.member"), (row, "additionalSponsors.items"), (active, "coSponsors.items"),
                           (active, "multiSponsors.items")):
            yield from sponsors(part.each(path), "fullName", "shortName", person="memberId", area="districtCode",
                                form="District {}", lead=part is row)
            for flag, name in (("rules", "Rules Committee"), ("budget", "Budget bill")):
                if path == "sponsor.member" and row.flag(f"sponsor.{flag}"):
                    yield Sponsorship(name, not row.at(path))

    def vote(self, row: Json) -> VoteEvent:
        kind, committee, said = row["voteType"], row.get("committee.name"), row.at("memberVotes.items")
        key = " ".join(filter(None, (kind, row["voteDate"], row.get("version"), committee, row.get("sequenceNo"))))
        words, counts = f"{kind.title()} vote", tally((code, len(said.each(f"{code}.items"))) for code in said.it)
        return VoteEvent(key, row.day("voteDate"), chamber_of(row.get("committee.chamber") or "SENATE"),  # floor votes
                         f"{words} in {committee}" if committee else words, counts=counts)

    def related(self, row: Json, active: Json) -> Iterator[RelatedBill]:
        earlier = (("earlier-print" if one["session"] == row["session"] else "prior-session", one)
                   for one in row.each("previousVersions.items"))
        others = [*(("companion", one) for one in active.each("sameAs.items")), *earlier]
        for relation, one in (*others, *(("substituted-by", one) for one in row.each("substitutedBy"))):
            yield RelatedBill(one["session"], one["basePrintNo"], relation)
        words = [w for w in row.all("actions.items", "text") if w.upper().startswith("SUBSTITUTED FOR")]
        yield from mentioned(" ".join(words).upper(), row["session"], "replaces", gap="")


def items(body: bytes, url: str) -> tuple[int, list[Json]]:
    said = Json.read(body, url)
    if said.flag("success") is not True:
        raise LayoutChanged(f"expected success, got {said.get('message')!r}", url=url)
    return said.number("total"), said.each("result.items")
