"""Utah: a list of bill numbers with their update times, one JSON record a bill, texts in XML and PDF.

Facts: the site's own bill page script, and public clients of /data (numbers, field names, session codes). Traps: steps
come newest first; notes, comparisons and excerpts lie among the texts; amended texts come as two files, PDF and XML.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import ClassVar

from spiders.bills import PDF, XML, chamber_of, clock, code_of, first_day, links, secure
from spiders.fronts import FOREIGN, names_bill
from spiders.guard import Missing
from spiders.labels import Labels
from spiders.listed import Due, Found, ListedSpider
from spiders.listings import newest
from spiders.records import Json
from spiders.selectors import day, maybe_day, options
from spiders.tallies import tally
from tracker.errors import LayoutChanged
from tracker.model import Action, Bill, Document, Hearing, Link, Sponsorship, Version, VoteEvent

SITE = "https://le.utah.gov"
TEXTS = ("introduced", "pubsub", "amended", "public", "enrolled")  # file types that are the bill itself


class UsUtSpider(ListedSpider):
    name = "us-ut"
    title = "Utah"
    site = SITE
    zone = "America/Denver"
    terms = ("Public data for programs, https://le.utah.gov/data/developer.htm: credit the Legislature, bills not more "
             "than once an hour, name yourself")
    robots = "obeyed; /asp/ is closed and never asked, /data/, /bills/ and /Session/ are open"
    format = "JSON list with update times, JSON record a bill; texts XML, PDF"
    proven = "our own pages"
    floor = 500  # of two years
    cadence: ClassVar = {"session": 120, "recess": 1440}
    actions = Labels.beside(__file__)
    gap: ClassVar = {"HB": 400, "SB": 300}  # numbers are kept for base budgets and interim bills
    options: ClassVar = {"sessions": "codes of sessions, e.g. 2025GS+2025S1 (without it: those of the last two years)"}

    async def listed(self) -> AsyncIterator[Due]:
        codes = self.option("sessions", r"\w+(?:\+\w+)*", "codes like 2025GS+2025S1").split("+")
        if codes == [""]:  # 2026GS, 2025S2 (S, X, Y: special)
            page = await self.listing(f"{SITE}/bills/billSearch.jsp")
            known = [code for code, _ in options(page.body, page.url, r"\d{4}(?:GS|[SXY][1-9A-E])")]
            codes = newest(known, lambda code: int(code[:4]), back=1)
        for code in codes:
            try:
                listed = await self.said_rows(f"{SITE}/data/{code}/billlist.json")
            except Missing:
                if any(url.startswith(f"{SITE}/data/{code}/") for url in self.memory):
                    raise
                continue  # a session that is named, and has no bill yet
            for row in listed:
                stamps = filter(None, map(row.get, ("updatetime", "lastActionTime")))
                yield Due(code, " ".join(self.numbered(row["number"], row.url)),
                          f"{SITE}/data/{code}/{row['number']}.json", " / ".join(stamps) or None)

    def read(self, body: bytes, due: Due) -> Found:
        said = Json.read(body, due.url)
        number, session, parts = said["billNumber"], said["sessionID"], said.each("billVersionList")
        docs = [(doc, is_text(doc)) for part in parts for doc in part.each("billDocs")]
        history = said.each("actionHistoryList")
        history = sorted(history[::-1] if history and moment(history[0]) > moment(history[-1]) else history, key=moment)
        steps = [self.step_of(row) for row in history]
        texts = [*texts_of([doc for doc, text in docs if text], number)]
        papers: dict[str, Json] = {}
        for doc in (doc for doc, text in docs if not text):
            papers.setdefault(secure(whole(doc["url"].replace("/lfa/", "https://pf.utleg.gov/public-web/"))), doc)
        bill = self.bill(
            session, " ".join(self.numbered(number, due.url)), said["shortTitle"], steps, due.url,
            introduced_on=first_day(steps, "introduction"),
            subjects=dict.fromkeys(words for part in parts for words in part.all("subjectList", "description")),
            sponsorships=sponsors(said, parts), versions=(version for version, _ in texts),
            documents=(Document(doc["shortDesc"], url, doc.day("fileDate")) for url, doc in papers.items()),
            hearings=(self.hearing(row, session) for row in said.each("agendaList")),
            votes=votes(zip(history, steps, strict=True), session),
            sources=(f"{SITE}/~{session.removesuffix('GS')}/bills/static/{number}.html", due.url))
        return Found(bill, issued={version.links[0].url: stamp for version, stamp in texts if stamp})

    def step_of(self, row: Json) -> Action:
        words, owner = row["description"], row.get("owner") or ""
        chamber = chamber_of(words) if re.match(r"House|Senate|Governor", words) else "legislature"
        return self.step(words, row.day("actionDate"), chamber, time=clock(row["actionDate"]),
                         committees=(owner,) if "Committee" in owner else ())

    def hearing(self, row: Json, session: str) -> Hearing:
        meeting, committee = row["mtgID"], row.get("committeeName")
        page = f"{SITE}/committee/committee.jsp?year={session[:4]}&com={row['committeeID']}&mtgid={meeting}"
        return Hearing(meeting, day(row["mtgDate"], row.url), committee or f"Meeting {meeting}", clock(row["mtgDate"]),
                       self.zone, row.get("mtgPlace"), committee, url=page)

    def names(self, words: str, bill: Bill) -> bool:
        return super().names(words, bill) or "STATE OF UTAH" in words  # `lacking` looks closer

    def lacking(self, words: str, body: bytes, link: Link) -> str | None:
        """XML says its number in an attribute only. A file's name is that of its bill: see `texts_of`."""
        mine = re.search(r"([HS](?:B|JR|CR|R))0*(\d+)", link.url.rpartition("/")[2])
        said = re.search(rb'<leg\b[^>]*\bbillnum="(\w+)"', body[:4000])
        shown = said[1].decode() if said and link.media_type == XML else words
        return None if mine and names_bill(shown, f"{mine[1]} {mine[2]}") else FOREIGN


def moment(row: Json) -> tuple[str, str]:
    return str(row.day("actionDate")), row["actionDate"]


def whole(path: str) -> str:
    return path if "://" in path else SITE + path


def is_text(doc: Json) -> bool:
    """Whether a file is the bill: no note, report, amendment alone, comparison (CP) or excerpt (AP)."""
    return doc["fileType"].lower() in TEXTS and not re.search(r"/[AC]P[ _][^/]*$", doc["url"])


def texts_of(docs: list[Json], number: str) -> Iterator[tuple[Version, str | None]]:
    """Introduced first, enrolled last, each text once; with its stamp. A PDF lies beside each XML."""
    files: dict[tuple[str, str], list[Json]] = defaultdict(list)
    for doc in docs:
        stem = doc.tail("url").rpartition(".")[0]
        if number not in stem:
            raise LayoutChanged(f"expected a text of {number}, got {stem[:60]!r}", url=doc.url)
        files[doc["fileType"].lower(), code_of(stem.partition(number)[2])].append(doc)
    found = []
    for (kind, tail), same in files.items():
        stamp, paths = max(doc.get("fileDate") or "" for doc in same), {whole(doc["url"]) for doc in same}
        paths |= {f"{path[:-3]}pdf" for path in paths if path.endswith("xml")}
        prints = ((path, XML if path.endswith("xml") else PDF) for path in sorted(
            paths, key=lambda path: (not path.endswith("xml"), path)))
        version = Version("-".join(filter(None, (kind, tail))), same[0]["shortDesc"], maybe_day(stamp, same[0].url),
                          links(*prints))
        found.append(({"introduced": 0, "enrolled": 2}.get(kind, 1), stamp, tail, version))
    yield from ((version, stamp or None) for _, stamp, _, version in sorted(found, key=lambda it: it[:3]))


def sponsors(said: Json, parts: list[Json]) -> list[Sponsorship]:
    current = [part for part in parts if part.flag("activeVersion")] or parts[-1:]
    members = [(said.get(f"{role}Name"), said.get(role)) for role in ("primeSponsor", "floorSponsor")]
    members += [(row.get("name"), row.get("lid")) for part in current for row in part.each("coSponsorList")]
    named: dict[str, Sponsorship] = {}
    for place, (member, key) in enumerate(members):
        if member:
            named.setdefault(key or member, Sponsorship(re.sub(r"^(?:Rep|Sen)\. ", "", member), place == 0, key))
    return [*named.values()]


def votes(history: Iterable[tuple[Json, Action]], session: str) -> Iterator[VoteEvent]:
    for row, action in history:
        if key := row.get("voteID"):
            house, words = row.get("voteHouse") or "", " ".join((action.description.lower(), *action.classification))
            passed = False if "fail" in words else True if re.search("passage|passed", words) else None
            page = (f"/mtgvotes.jsp?voteid={key}" if row.get("actionClass") == "A" else
                    f"/DynaBill/svotes.jsp?sessionid={session}&voteid={key}&house={house}")
            told = zip(("yes", "no", "not voting"), (row.get("voteStr") or "").split(), strict=False)  # "70 0 5"
            yield VoteEvent(key, action.date, chamber_of(house) or action.chamber, action.description, passed,
                            SITE + page, tally(told))
