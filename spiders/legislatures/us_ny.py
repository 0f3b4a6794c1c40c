"""New York: the Senate's Open Legislation API, whole records with their texts, to harvests.

Facts: the docs folder of github.com/nysenate/OpenLegislation. A bill holds all its prints (S1234, S1234A): they are its
versions. A session is two years and named by the odd one; moments are Eastern and name no zone.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import Any, ClassVar

from spiders.access import Key
from spiders.contract import Answer
from spiders.labels import Labels
from spiders.listed import Due, Found, ListedSpider, step
from spiders.selectors import maybe, maybe_day, need, read_json, rows
from tracker.errors import LayoutChanged
from tracker.model import Bill, Link, RelatedBill, Sponsorship, Title, Version, VoteEvent

SITE = "https://legislation.nysenate.gov"
API = f"{SITE}/api/3/bills"
TEXTS = "fullTextFormat=HTML&fullTextFormat=PLAIN"
LOOK_BACK = timedelta(days=3)  # a bill that failed is asked again for so long
CHAMBERS = {"SENATE": "upper", "ASSEMBLY": "lower"}
SUBSTITUTED = re.compile(r"substituted for ([a-z]\d+)", re.IGNORECASE)

ACTIONS = Labels.beside(__file__)


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
    actions = ACTIONS

    async def listed(self) -> AsyncIterator[Due]:
        found = await self.listing(f"{API}/search?term=billType.resolution:false&sort=session:DESC&limit=1")
        session = need(items(found, least=1)[0], "result.session", int, found.url)
        count = await self.listing(f"{API}/{session}?idsOnly=true&limit=1")
        self.total = need(read_json(count.body, count.url), "total", int, count.url)
        held = {url: str(trace.lastmod) for url in self.memory if url.startswith(f"{API}/")
                and (trace := self.memory.get(url)) and trace.lastmod}
        since = f"{session}-01-01T00:00:00"
        if held:
            since = (datetime.fromisoformat(max(held.values())) - LOOK_BACK).isoformat(timespec="seconds")
        stamps: dict[str, tuple[str, str, str]] = {}
        async for answer in self.paged(f"{API}/updates/{since}?order=asc&limit=1000&offset=1", following):
            for row in items(answer):
                of, number = need(row, "id.session", str, answer.url), need(row, "id.basePrintNo", str, answer.url)
                stamps[address(of, number)] = (of, number, need(row, "processedDateTime", str, answer.url))
        if sum(url.startswith(f"{API}/{session}/") for url in held) >= 0.98 * self.total:
            for url, (of, number, moment) in stamps.items():
                if int(of) >= session - 2:  # the last session's bills are vetoed when the next one's are filed
                    yield Due(of, number, url, max(moment, held.get(url, "")))
            return
        async for answer in self.paged(f"{API}/{session}?full=true&{TEXTS}&limit=100&offset=1", following):
            for row in items(answer, least=1):
                number = need(row, "basePrintNo", str, answer.url)
                url = address(str(session), number)
                moment = stamps.get(url, ("", "", since))[2]
                yield Due(str(session), number, url, max(moment, held.get(url, "")), row, answer.page)

    def read(self, body: bytes, due: Due) -> Found:
        return parse_bill(due.row or need(read_json(body, due.url), "result", dict, due.url), due.url)

    def names(self, words: str, bill: Bill) -> bool:
        """Texts print the number without its letter, resolutions not even that."""
        number = re.sub(r"\D", "", bill.identifier)
        return "resolution" in bill.classification or bool(re.search(rf"(?<!\d)0*{number}(?!\d)", words))


def address(session: str, number: str) -> str:
    return f"{API}/{session}/{number}?{TEXTS}"


def items(answer: Answer, least: int = 0) -> list[dict[str, Any]]:
    said: dict[str, Any] = read_json(answer.body, answer.url)
    if said.get("success") is not True:
        raise LayoutChanged(f"expected success, got {said.get('message')!r}", url=answer.url)
    return rows(said, "result.items", answer.url, least)


def following(answer: Answer) -> str | None:
    """The listing's next page by what it says of itself."""
    said: dict[str, Any] = read_json(answer.body, answer.url)
    end, total = (need(said, key, int, answer.url) for key in ("offsetEnd", "total"))
    return None if end >= total else re.sub(r"offset=\d+", f"offset={end + 1}", answer.url)


def parse_bill(row: dict[str, Any], url: str) -> Found:
    """One record of the API, with texts."""
    session, number = need(row, "session", str, url), need(row, "basePrintNo", str, url)
    chamber = CHAMBERS.get(maybe(row, "billType.chamber", str, url) or "")
    kind = "resolution" if need(row, "billType.resolution", bool, url) else "bill"
    prints = need(row, "amendments.items", dict, url)
    active = prints.get(maybe(row, "activeVersion", str, url) or "") or {}
    actions = tuple(step(ACTIONS, need(a, "text", str, url), maybe_day(maybe(a, "date", str, url), url),
                         CHAMBERS.get(maybe(a, "chamber", str, url) or ""))
                    for a in sorted(rows(row, "actions.items", url), key=lambda a: a.get("sequenceNo") or 0))
    texts: dict[str, bytes] = {}
    found = Bill(
        "us-ny", session, number, maybe(row, "title", str, url),
        tuple(Title(said, label) for path, label in (("summary", "Summary"), ("actClause", "Act clause"))
              if (said := maybe(row if path == "summary" else active, path, str, url))),
        (kind,), chamber, min((a.date for a in actions if a.date), default=None),
        subjects=tuple(s for s in (maybe(active, "lawSection", str, url),) if s),
        committees=tuple(dict.fromkeys(need(c, "name", str, url) for c in rows(row, "pastCommittees.items", url))),
        sponsorships=sponsors(row, active, url), actions=actions,
        versions=tuple(version(code, one, session, url, texts) for code, one in sorted(prints.items())),
        votes=tuple(vote(v, url) for v in rows(row, "votes.items", url)),
        related_bills=tuple(dict.fromkeys(related(row, active, session, url))),
        sources=(f"https://www.nysenate.gov/legislation/bills/{session}/{number}",))
    return Found(found, texts)


def version(code: str, one: dict[str, Any], session: str, url: str, texts: dict[str, bytes]) -> Version:
    """A print; its text goes into `texts`. One without a text has no links: its text will change the record."""
    links: list[Link] = []
    for media, path in (("text/html", "fullTextHtml"), ("text/plain", "fullText")):
        if not links and (text := maybe(one, path, str, url)):
            paper = f"{SITE}/pdf/bills/{session}/{need(one, 'printNo', str, url)}"
            links = [Link(paper, "application/pdf"), Link(f"{url}#{code or 'original'}", media)]
            texts[links[1].url] = text.encode()
    return Version(code.lower() or "original", f"Amendment {code}" if code else "Original print",
                   maybe_day(maybe(one, "publishDate", str, url), url), tuple(links))


def sponsors(row: dict[str, Any], active: dict[str, Any], url: str) -> tuple[Sponsorship, ...]:
    """Each name once, as what it is first. Budget bills and the Rules Committee's have no member."""
    member = maybe(row, "sponsor.member", dict, url)
    found = [person(member, True, url)] if member else []
    found += [Sponsorship(name, not member) for flag, name in (("rules", "Rules Committee"), ("budget", "Budget bill"))
              if maybe(row, f"sponsor.{flag}", bool, url)]
    found += [person(m, part is row, url) for part, path in ((row, "additionalSponsors"), (active, "coSponsors"),
                                                             (active, "multiSponsors"))
              for m in rows(part, f"{path}.items", url)]
    return tuple({one.name: one for one in reversed(found)}.values())[::-1]


def person(member: dict[str, Any], primary: bool, url: str) -> Sponsorship:
    district = maybe(member, "districtCode", str, url)
    name = maybe(member, "fullName", str, url) or need(member, "shortName", str, url)
    return Sponsorship(name, primary, maybe(member, "memberId", str, url), area=district and f"District {district}")


def vote(row: dict[str, Any], url: str) -> VoteEvent:
    """The source counts, and does not say whether the motion carried."""
    kind, on = need(row, "voteType", str, url), need(row, "voteDate", str, url)
    committee, letter = maybe(row, "committee.name", str, url), maybe(row, "version", str, url) or ""
    counts = {code: len(rows(said, "items", url)) for code, said in need(row, "memberVotes.items", dict, url).items()}
    told = ", ".join(f"{code} {count}" for code, count in sorted(counts.items()))
    chamber = CHAMBERS.get(maybe(row, "committee.chamber", str, url) or "SENATE")  # floor votes are the Senate's
    parts = (kind, on, letter, committee or "", maybe(row, "sequenceNo", str, url) or "")
    return VoteEvent(" ".join(filter(None, parts)), maybe_day(on, url), chamber,
                     f"{kind.title()} vote{f' in {committee}' if committee else ''}: {told}")


def related(row: dict[str, Any], active: dict[str, Any], session: str, url: str) -> Iterator[RelatedBill]:
    for one, path, relation in ((active, "sameAs", "companion"), (row, "previousVersions", "prior-session")):
        for other in rows(one, f"{path}.items", url):
            of = need(other, "session", str, url)
            yield RelatedBill(of, need(other, "basePrintNo", str, url), relation if path == "sameAs" or of != session
                              else "earlier-print")
    if by := maybe(row, "substitutedBy.basePrintNo", str, url):
        yield RelatedBill(need(row, "substitutedBy.session", str, url), by, "substituted-by")
    for action in rows(row, "actions.items", url):
        if found := SUBSTITUTED.match(need(action, "text", str, url)):
            yield RelatedBill(session, found[1].upper(), "replaces")
