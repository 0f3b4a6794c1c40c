"""South Dakota: a JSON list of bills with their steps, two or three JSON records a bill, texts as HTML in JSON and PDF.

Facts: public clients of the site's /api (field names), and an archive of it (words of the steps, names of sessions).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar

from spiders.labels import Labels
from spiders.listed import Due, Found, ListedSpider, step
from spiders.selectors import day, digest, maybe, maybe_day, need, read_json, rows
from tracker import ids
from tracker.errors import Blocked, SourceError
from tracker.model import Action, Bill, Document, Hearing, Link, Sponsorship, Version, VoteEvent

SITE = "https://sdlegislature.gov"
FILES = "https://mylrc.sdlegislature.gov/api/Documents"
ZONE = "America/Chicago"  # Pierre
CHAMBERS = {"H": "lower", "S": "upper"}
KINDS = {"B": "bill", "JR": "joint resolution", "CR": "concurrent resolution", "R": "resolution", "C": "commemoration"}
FLOOR, COMMITTEE = "(?:House of Representatives|Senate) ", "(?:House|Senate|Joint) .+? "
ACTIONS = Labels.beside(__file__)


class UsSdSpider(ListedSpider):
    name = "us-sd"
    title = "South Dakota"
    site = SITE
    hosts = ("https://mylrc.sdlegislature.gov",)
    zone = ZONE
    terms = "Public records of the Legislative Research Council, https://sdlegislature.gov/; no terms found that forbid"
    robots = "obeyed; nothing that is asked was said to be closed, not seen live"
    format = "JSON lists and records; texts HTML inside JSON, PDF"
    proven = "our own pages"
    floor = 300  # of two years
    cadence: ClassVar = {"session": 120, "recess": 1440}
    actions = ACTIONS
    spoken: ClassVar = {"HC": ("House Commemoration",), "SC": ("Senate Commemoration",)}
    gap: ClassVar = {letters + kind: 400 for letters in "HS" for kind in KINDS}

    async def listed(self) -> AsyncIterator[Due]:
        answer = await self.listing(f"{SITE}/api/Sessions")
        for key, session in parse_sessions(answer.body, answer.url):
            async for listing in self.listings([f"{SITE}/api/Bills/BillStatus/{key}"]):
                for row in rows(read_json(listing.body, listing.url, list), "", listing.url):
                    yield Due(session, printed(row, "BillNumberOnly", listing.url),
                              f"{SITE}/api/Bills/{need(row, 'BillId', int, listing.url)}", digest(row), row)

    async def record(self, due: Due) -> Found:
        key = need(due.row, "BillId", str, due.url)
        answer = await self.ask(due.url, "status", lastmod=due.lastmod)
        steps = await self.ask(f"{SITE}/api/Bills/ActionLog/{key}", "status")
        said: dict[str, Any] = read_json(answer.body, due.url)
        if not rows(said, "Documents", due.url):
            versions = await self.ask(f"{SITE}/api/Bills/Versions/{key}", "status")
            said["Documents"] = read_json(versions.body, versions.url, list)
        bill = parse_bill(self.name, due.session, said, read_json(steps.body, steps.url, list), due.url)
        return Found(bill, inline={k: v async for k, v in self.inline(bill)})

    async def inline(self, bill: Bill) -> AsyncIterator[tuple[str, bytes]]:
        """Texts that we do not hold, out of their JSON. Where there is none, the PDF is asked for by the base."""
        bill_id = ids.bill_id(self.name, bill.session, bill.identifier)
        waiting = {p.version for p in self.memory.pending if p.bill_id == bill_id}
        for version in bill.versions:
            link = version.links[0].url
            if version.code in waiting or not any(known.url in self.memory for known in version.links):
                try:
                    answer = await self.ask(link.removesuffix("#text"), "text")
                    if text := maybe(read_json(answer.body, answer.url), "DocumentHtml", str, answer.url):
                        yield link, text.encode()
                except Blocked:
                    raise
                except SourceError as problem:
                    self.logger.info("no text in JSON: %s", problem)


def parse_sessions(body: bytes, url: str) -> list[tuple[str, str]]:
    """(id in addresses, name) of the newest two years' sessions: ("71", "2026"), ("70", "2025 Special Session")."""
    listed = rows(read_json(body, url, list), "", url, least=1)
    named = [(need(r, "SessionId", str, url), maybe(r, "YearString", str, url) or need(r, "Year", str, url))
             for r in listed]
    newest = max(day(f"{name[:4]}-01-01", url).year for _, name in named)
    return [(key, name) for key, name in named if int(name[:4]) >= newest - 1]


def printed(row: dict[str, Any], field: str, url: str) -> str:
    return f"{need(row, 'BillType', str, url)} {need(row, field, str, url)}"


def parse_bill(name: str, session: str, said: dict[str, Any], log: list[Any], url: str) -> Bill:
    identifier = printed(said, "BillNumber", url)
    told = [(r, words, composed(r, words, url)) for r in rows(log, "", url) if (words := words_of(r, url))]
    steps = tuple(action for *_, action in told)
    begun = (a.date for a in steps if {"introduction", "reading-1"} & {*a.classification})
    keywords = [maybe(k, "Keyword.Keyword" if isinstance(k.get("Keyword"), dict) else "Keyword", str, url)
                for k in rows(said, "Keywords", url)]
    return Bill(
        name, session, identifier, need(said, "Title", str, url), classification=(KINDS[identifier.split()[0][1:]],),
        chamber=CHAMBERS[identifier[0]], introduced_on=next(begun, None),
        subjects=tuple(dict.fromkeys(filter(None, keywords))),
        committees=tuple(dict.fromkeys(c for a in steps for c in a.committees)),
        sponsorships=tuple(sponsors(said, url)), actions=steps, versions=tuple(versions(said, url)),
        documents=tuple(amendments(told, url)), hearings=tuple(hearings(told, url)), votes=tuple(votes(told, url)),
        sources=(f"{SITE}/Session/Bill/{need(said, 'BillId', str, url)}", url))


def words_of(row: dict[str, Any], url: str) -> str:
    """What the source says of a step; some steps have no words at all."""
    return (maybe(row, "StatusText", str, url) or maybe(row, "Description", str, url) or "").rstrip(", ")


def floor(row: dict[str, Any], url: str) -> str:
    return maybe(row, "ActionCommittee.FullName", str, url) or maybe(row, "ActionCommittee.Name", str, url) or ""


def composed(row: dict[str, Any], words: str, url: str) -> Action:
    """A step as the site prints it: who acted, the motion, where it was sent, whether it passed, the count."""
    here, there = floor(row, url), maybe(row, "AssignedCommittee.FullName", str, url)
    body = maybe(row, "ActionCommittee.Body", str, url) or here[:1]
    chamber = "executive" if "Governor" in words else CHAMBERS.get(body, "legislature")
    outcome = {"P": ", Passed", "F": ", Failed"}.get(maybe(row, "Result", str, url) or "", "")
    motion = re.match("Do |Tabled|Deferred", words)
    text = f"{here} {words}".strip() if motion else f"{words} {there}" if there and words.endswith(" to") else words
    if maybe(row, "Vote", dict, url):
        text += f"{outcome}, YEAS {maybe(row, 'Vote.Yeas', int, url)}, NAYS {maybe(row, 'Vote.Nays', int, url)}"
    elif outcome == ", Failed":
        text += outcome
    who = (there,) if there else (here,) if here not in ("", "Senate", "House of Representatives") else ()
    return step(ACTIONS, text, day(need(row, "ActionDate", str, url), url), chamber, committees=who)


def hearings(told: list[tuple[dict[str, Any], str, Action]], url: str) -> Iterator[Hearing]:
    """Steps that are dated on the day of the hearing. The source names no meeting: a moved one is another one."""
    for row, words, action in told:
        if words.startswith("Scheduled for") and action.date:
            committee = next(iter(action.committees), None)
            clock = need(row, "ActionDate", str, url)[11:16].replace("00:00", "")
            yield Hearing(f"{action.date}-{ids.slug(committee or 'floor')}", action.date, words, clock or None, ZONE,
                          committee=committee)


def votes(told: list[tuple[dict[str, Any], str, Action]], url: str) -> Iterator[VoteEvent]:
    for row, words, action in told:
        if maybe(row, "Vote", dict, url):
            key = need(row, "Vote.VoteId", str, url)
            passed = {"P": True, "F": False}.get(maybe(row, "Result", str, url) or "")
            yield VoteEvent(key, action.date, action.chamber, f"{floor(row, url)} {words}".strip(), passed,
                            f"{SITE}/Session/Vote/{key}")


def amendments(told: list[tuple[dict[str, Any], str, Action]], url: str) -> Iterator[Document]:
    for row, _, action in told:
        key = maybe(row, "Amendment.DocumentId", str, url) if isinstance(row.get("Amendment"), dict) else None
        if key:
            yield Document(f"Amendment {maybe(row, 'Amendment.Filename', str, url) or key}", f"{FILES}/{key}.pdf",
                           action.date)


def sponsors(said: dict[str, Any], url: str) -> Iterator[Sponsorship]:
    for row in rows(said, "BillSponsor", url):
        member = maybe(row, "Member.UniqueName", str, url) or need(row, "Name", str, url)
        yield Sponsorship(member, maybe(row, "SponsorType", str, url) == "P", maybe(row, "SessionMemberId", str, url))
    if committee := re.sub(r"<[^<>]*>", "", maybe(said, "BillCommitteeSponsor", str, url) or "").strip():
        yield Sponsorship(committee, True)


def versions(said: dict[str, Any], url: str) -> Iterator[Version]:
    seen: Counter[str] = Counter()
    dated = [r for r in rows(said, "Documents", url)  # a version without a date is not there yet
             if maybe(r, "DocumentDate", str, url) and maybe(r, "BillVersion", str, url)]
    for row in sorted(dated, key=lambda r: need(r, "DocumentDate", str, url)):
        key, note = need(row, "DocumentId", str, url), need(row, "BillVersion", str, url)
        code = re.sub(r"[^a-z0-9]+", "-", note.lower()).strip("-")
        seen[code] += 1
        yield Version(code if seen[code] == 1 else f"{code}-{seen[code]}", note,
                      maybe_day(maybe(row, "DocumentDate", str, url), url),
                      (Link(f"{SITE}/api/Bills/HTML/{key}#text", "text/html"), Link(f"{FILES}/{key}.pdf",
                                                                                   "application/pdf")))
