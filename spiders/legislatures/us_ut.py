"""Utah: a list of bill numbers with their update times, one JSON record a bill, texts in XML and PDF.

Facts: the site's own bill page script, and public clients of /data (numbers, field names, session codes).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar
from urllib.parse import quote

from spiders.fronts import FOREIGN, names_bill
from spiders.guard import Missing
from spiders.labels import Labels
from spiders.listed import Due, Found, ListedSpider, step
from spiders.selectors import day, maybe, maybe_day, need, read_html, read_json, rows
from tracker.errors import LayoutChanged
from tracker.model import Action, Bill, Document, Hearing, Link, Sponsorship, Version, VoteEvent

SITE = "https://le.utah.gov"
ZONE = "America/Denver"
CHAMBERS = {"H": "lower", "S": "upper", "G": "executive"}
KINDS = {"B": "bill", "JR": "joint resolution", "CR": "concurrent resolution", "R": "resolution"}
TEXTS = ("introduced", "pubsub", "amended", "public", "enrolled")  # file types that are the bill itself
FLOOR = "(?:House|Senate)/ "
COMM = "(?:House|Senate) Comm - "
ACTIONS = Labels.beside(__file__)


class UsUtSpider(ListedSpider):
    name = "us-ut"
    title = "Utah"
    site = SITE
    zone = ZONE
    terms = ("Public data for programs, https://le.utah.gov/data/developer.htm: credit the Legislature, bills not more "
             "than once an hour, name yourself")
    robots = "obeyed; /asp/ is closed and never asked, /data/, /bills/ and /Session/ are open"
    format = "JSON list with update times, JSON record a bill; texts XML, PDF"
    proven = "our own pages"
    floor = 500  # of two years
    cadence: ClassVar = {"session": 120, "recess": 1440}
    actions = ACTIONS
    gap: ClassVar = {"HB": 400, "SB": 300}  # numbers are kept for base budgets and interim bills
    options: ClassVar = {"sessions": "codes of sessions, e.g. 2025GS+2025S1 (without it: those of the last two years)"}

    async def listed(self) -> AsyncIterator[Due]:
        codes = self.wanted.get("sessions", "").split("+")
        if codes == [""]:
            answer = await self.listing(f"{SITE}/bills/billSearch.jsp")
            codes = parse_sessions(answer.body, answer.url)
        for code in codes:
            try:
                answer = await self.listing(f"{SITE}/data/{code}/billlist.json")
            except Missing:
                if any(url.startswith(f"{SITE}/data/{code}/") for url in self.memory):
                    raise
                continue  # a session that is named, and has no bill yet
            for row in rows(read_json(answer.body, answer.url, list), "", answer.url):
                number = need(row, "number", str, answer.url)
                stamps = (maybe(row, key, str, answer.url) for key in ("updatetime", "lastActionTime"))
                yield Due(code, printed(number, answer.url), f"{SITE}/data/{code}/{number}.json",
                          " / ".join(filter(None, stamps)) or None)

    def read(self, body: bytes, due: Due) -> Found:
        return parse_bill(self.name, body, due.url)

    def names(self, words: str, bill: Bill) -> bool:
        return super().names(words, bill) or "STATE OF UTAH" in words  # `lacking` looks closer

    def lacking(self, words: str, body: bytes, link: Link) -> str | None:
        """XML says its number in an attribute only. A file's name is that of its bill: see `texts_of`."""
        mine = re.search(r"([HS](?:B|JR|CR|R))0*(\d+)", link.url.rpartition("/")[2])
        said = re.search(rb'<leg\b[^>]*\bbillnum="(\w+)"', body[:4000])
        shown = said[1].decode() if said and link.media_type == "text/xml" else words
        return None if mine and names_bill(shown, f"{mine[1]} {mine[2]}") else FOREIGN


def parse_sessions(body: bytes, url: str) -> list[str]:
    """Codes of the newest two years that the page of the bill search offers: 2026GS, 2025S2 (S, X, Y: special)."""
    values = (option.get("value") or "" for option in read_html(body, url).iter("option"))
    found = list(dict.fromkeys(v for v in map(str.strip, values) if re.fullmatch(r"\d{4}(?:GS|[SXY][1-9A-E])", v)))
    if not found:
        raise LayoutChanged("expected sessions like 2026GS among the options, got none", url=url)
    newest = max(int(code[:4]) for code in found)
    return [code for code in found if int(code[:4]) >= newest - 1]


def printed(number: str, url: str) -> str:
    """``HB0001`` -> ``HB 1``."""
    if not (found := re.fullmatch(r"([HS](?:B|JR|CR|R))0*(\d+)", number)):
        raise LayoutChanged(f"expected a number like HB0001, got {number[:20]!r}", url=url)
    return f"{found[1]} {found[2]}"


def parse_bill(name: str, body: bytes, url: str) -> Found:
    said: dict[str, Any] = read_json(body, url)
    number = need(said, "billNumber", str, url)
    identifier, session = printed(number, url), need(said, "sessionID", str, url)
    parts = rows(said, "billVersionList", url)
    docs = [doc for part in parts for doc in rows(part, "billDocs", url)]
    told = [(h, step_of(h, url)) for h in oldest_first(rows(said, "actionHistoryList", url), url)]
    steps = tuple(action for _, action in told)
    texts = tuple(texts_of(docs, number, url))
    subjects = (maybe(s, "description", str, url) for part in parts for s in rows(part, "subjectList", url))
    introduced = next((a.date for a in steps if "introduction" in a.classification), None)
    return Found(
        Bill(name, session, identifier, need(said, "shortTitle", str, url),
             classification=(KINDS[identifier.split()[0][1:]],), chamber=CHAMBERS[number[0]], introduced_on=introduced,
             subjects=tuple(dict.fromkeys(filter(None, subjects))),
             committees=tuple(dict.fromkeys(c for a in steps for c in a.committees)),
             sponsorships=tuple(sponsors_of(said, parts, url)), actions=steps, versions=tuple(v for v, _ in texts),
             documents=tuple(papers_of(docs, url)), hearings=tuple(hearings_of(said, session, url)),
             votes=tuple(votes_of(told, session, url)),
             sources=(f"{SITE}/~{session.removesuffix('GS')}/bills/static/{number}.html", url)),
        issued={v.links[0].url: stamp for v, stamp in texts if stamp})


def oldest_first(history: list[dict[str, Any]], url: str) -> list[dict[str, Any]]:
    """The source lists the newest step first; steps of one moment keep their order."""
    dated = [(day(need(h, "actionDate", str, url), url), need(h, "actionDate", str, url), h) for h in history]
    if dated and dated[0][:2] > dated[-1][:2]:
        dated.reverse()
    return [h for *_, h in sorted(dated, key=lambda d: d[:2])]


def clock(moment: str) -> str | None:
    """``2026-01-20 09:05:00.000`` -> ``09:05``; midnight means that no time was said."""
    found = re.search(r"[ T](\d\d:\d\d)", moment)
    return found[1] if found and found[1] != "00:00" else None


def step_of(said: dict[str, Any], url: str) -> Action:
    when, words = need(said, "actionDate", str, url), need(said, "description", str, url)
    owner = maybe(said, "owner", str, url) or ""
    begins = re.match(r"House|Senate|Governor", words)
    chamber = {"House": "lower", "Senate": "upper", "Governor": "executive"}[begins[0]] if begins else "legislature"
    return step(ACTIONS, words, day(when, url), chamber, time=clock(when),
                committees=(owner,) if "Committee" in owner else ())


def votes_of(told: list[tuple[dict[str, Any], Action]], session: str, url: str) -> Iterator[VoteEvent]:
    for said, action in told:
        if vote := maybe(said, "voteID", str, url):
            house = maybe(said, "voteHouse", str, url) or ""
            words = " ".join((action.description.lower(), *action.classification))
            passed = False if "fail" in words else True if re.search("passage|passed", words) else None
            page = (f"/mtgvotes.jsp?voteid={vote}" if maybe(said, "actionClass", str, url) == "A" else
                    f"/DynaBill/svotes.jsp?sessionid={session}&voteid={vote}&house={house}")
            yield VoteEvent(vote, action.date, CHAMBERS.get(house, action.chamber), action.description, passed,
                            SITE + page)


def sponsors_of(said: dict[str, Any], parts: list[dict[str, Any]], url: str) -> Iterator[Sponsorship]:
    current = [part for part in parts if maybe(part, "activeVersion", bool, url)] or parts[-1:]
    members = [(maybe(said, f"{role}Name", str, url), maybe(said, role, str, url)) for role in
               ("primeSponsor", "floorSponsor")]
    members += [(maybe(m, "name", str, url), maybe(m, "lid", str, url)) for p in current
                for m in rows(p, "coSponsorList", url)]
    named: dict[str, Sponsorship] = {}
    for place, (member, key) in enumerate(members):
        if member:
            named.setdefault(key or member, Sponsorship(re.sub(r"^(?:Rep|Sen)\. ", "", member), place == 0, key))
    yield from named.values()


def address(path: str) -> str:
    return path.replace(" ", "%20") if "://" in path else SITE + quote(path)


def is_text(doc: dict[str, Any], url: str) -> bool:
    """Whether a file is the bill: no note, report, amendment alone, comparison (CP) or excerpt (AP)."""
    return need(doc, "fileType", str, url).lower() in TEXTS and not re.search(r"/[AC]P[ _][^/]*$", doc["url"])


def texts_of(docs: list[dict[str, Any]], number: str, url: str) -> Iterator[tuple[Version, str | None]]:
    """Introduced first, enrolled last, each text once; with its stamp. Amended texts come as two files, PDF and XML."""
    seen: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for doc in docs:
        if is_text(doc, url):
            stem = need(doc, "url", str, url).rpartition("/")[2].rpartition(".")[0]
            if number not in stem:
                raise LayoutChanged(f"expected a text of {number}, got {stem[:60]!r}", url=url)
            tail = re.sub(r"[^a-z0-9]+", "-", stem.partition(number)[2].lower()).strip("-")
            seen.setdefault((need(doc, "fileType", str, url).lower(), tail), []).append(doc)
    ordered = []
    for (kind, tail), files in seen.items():
        stamp = max(maybe(doc, "fileDate", str, url) or "" for doc in files)
        found = {form for doc in files for form in forms(address(need(doc, "url", str, url)))}
        links = tuple(Link(file, "text/xml" if file.endswith("xml") else "application/pdf")
                      for file in sorted(found, key=lambda file: (not file.endswith("xml"), file)))
        version = Version(f"{kind}-{tail}" if tail else kind, need(files[0], "shortDesc", str, url),
                          maybe_day(stamp, url), links)
        ordered.append(({"introduced": 0, "enrolled": 2}.get(kind, 1), stamp, tail, version))
    for _, stamp, _, version in sorted(ordered, key=lambda it: it[:3]):
        yield version, stamp or None


def forms(file: str) -> tuple[str, ...]:
    return (file, file[:-3] + "pdf") if file.endswith("xml") else (file,)


def papers_of(docs: list[dict[str, Any]], url: str) -> Iterator[Document]:
    papers: dict[str, Document] = {}
    for doc in docs:
        if not is_text(doc, url):
            path = address(need(doc, "url", str, url).replace("/lfa/", "https://pf.utleg.gov/public-web/"))
            papers.setdefault(path, Document(need(doc, "shortDesc", str, url), path,
                                             maybe_day(maybe(doc, "fileDate", str, url), url)))
    yield from papers.values()


def hearings_of(said: dict[str, Any], session: str, url: str) -> Iterator[Hearing]:
    for row in rows(said, "agendaList", url):
        when, meeting = need(row, "mtgDate", str, url), need(row, "mtgID", str, url)
        committee = maybe(row, "committeeName", str, url)
        yield Hearing(meeting, day(when, url), committee or f"Meeting {meeting}", clock(when), ZONE,
                      maybe(row, "mtgPlace", str, url), committee, url=f"{SITE}/committee/committee.jsp?year="
                      f"{session[:4]}&com={need(row, 'committeeID', str, url)}&mtgid={meeting}")
