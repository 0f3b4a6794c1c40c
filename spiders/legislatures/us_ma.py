"""The General Court of Massachusetts: its public API (JSON, a bill's text inside its record) to harvests.

Facts: the API's swagger page. The list of documents tells of no changes. What does, for a request each: the committees
(what lies before them, what they reported) and the newest hearings; every new event also renews a hundredth of the
bills, so that steps on the floor are seen in time. A bill whose place moved costs one request, its history; the
document is read out of the archive. One whose row moved, or whose turn it is, costs two: nothing says what moved.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any, ClassVar

from spiders import fronts
from spiders.bills import PDF, PLAIN, links, vote
from spiders.labels import Labels
from spiders.listed import Due, Found, ListedSpider, step
from spiders.offices import Office
from spiders.records import Json
from spiders.selectors import day, digest, maybe, maybe_day, need, read_json, rows
from tracker.model import Action, Bill, Document, Hearing, HearingStatus, RelatedBill, Sponsorship, Version, VoteEvent

SITE, ZONE = "https://malegislature.gov", "America/New_York"
API = f"{SITE}/api"
YOUNG = 2000  # documents; while the newest court has fewer, the one before it is still at work
NEWEST = 60  # hearings that are looked at; they are announced some days or weeks ahead
ROUND = 100  # new events until every bill was asked for again
BRANCHES = {"House": "lower", "Senate": "upper", "Joint": "legislature", "Executive": "executive"}
Places = dict[tuple[int, str], set[str]]  # (court, "H119") -> what is said of it
NUMBER = re.compile(r"([HS]D?)\.?\s?0*(\d+)", re.IGNORECASE)
HEARING = re.compile(r"(Location Changed - )?Hearing (re)?scheduled (?:for|to|from) (\d+/\d+/\d{4}) (?:from|@) (.+?)"
                     r" in (.+)", re.IGNORECASE)
ROLL_CALL = re.compile(r"Roll Call\s*#?\s*(\d+)|\(\s*See YEA and NAY\D*(\d+)", re.IGNORECASE)
# What a step says of other bills. A petition is most often taken up under another number.
RELATIONS = tuple((re.compile(pattern, re.IGNORECASE), relation) for pattern, relation in (
    (r"Accompanied a study order", "study-order"),
    (r"Accompanied a new draft|(?:New draft|Text) .*see|(?:Reprinted|Published|Amended|Committee recommended) .*"
     r"(?:substitut|see)|Pending new draft", "replaced-by"),
    (r"(?:Recommended )?new (?:draft|text)|Substituted|Also based on", "replaces"),
    (r"Accompanied by|Reported (?:on|in part)", "accompanied-by"),
    (r"Accompanied", "accompanies"),
))  # fmt: skip

ACTIONS = Labels.beside(__file__)


class MassachusettsSpider(ListedSpider):
    name = "us-ma"
    title = "Massachusetts"
    site = "https://malegislature.gov"
    zone = "America/New_York"
    terms = "The General Court's public API, without a key: https://malegislature.gov/api/swagger/index.html"
    robots = "obeyed; not seen by us yet"
    format = "JSON, a list of documents and two records a bill; texts in the record, else PDF"
    proven = "our own pages"  # and 50 recorded records (without text) and 45,472 recorded actions
    accept = "application/json"
    floor = 1500  # a young court is read with the one before it
    cadence: ClassVar = {"session": 720, "recess": 1440}
    actions, recalls = ACTIONS, True
    gap: ClassVar = {"HD": 99999, "SD": 99999}  # of dockets only those without a number are listed

    @classmethod
    def parse_offices(cls, body: bytes, url: str) -> Iterator[Office]:
        """A JSON list of what the profile pages of malegislature.gov print, as a public project publishes it."""
        for row in read_json(body, url, list):
            profile = need(row, "url", str, url)
            yield Office(need(row, "full_name", str, url), need(row, "title", str, url),
                         maybe(row, "district", str, url) or "", maybe(row, "phone", str, url) or "",
                         maybe(row, "email", str, url) or "", profile, profile.rpartition("/")[2])

    async def listed(self) -> AsyncIterator[Due]:
        courts = [row.number("Number") for row in await self.said_rows(f"{API}/GeneralCourts/Documents")]
        places, newest = await self.called()
        for court in sorted(courts, reverse=True)[:2]:
            page = await self.listing(f"{API}/GeneralCourts/{court}/Documents")
            documents = Json.read_all(page.body, page.url)
            await self.placed(court, places)
            for row in documents:
                letters, number = numbered(row.get("BillNumber") or row["DocketNumber"])
                # A docket leaves the list when it becomes a bill: the "#" keeps that from looking like a loss.
                url = f"{API}/GeneralCourts/{court}/Documents/{letters}{number}" + "#1" * ("D" in letters)
                stamp = (f"{digest(row.it)} {(newest + int(number)) // ROUND} "
                         f"{digest(sorted(places[court, letters + number]))}")
                hidden = bool(row.flag("IsDocketBookOnly")) or not row.get("Details")
                yield Due(str(court), f"{letters} {number}", url, stamp, row.it, page.page if hidden else None)
            if len(documents) >= YOUNG:
                break

    async def placed(self, court: int, found: Places) -> None:
        """Which bills lie before each committee, and which it has reported."""
        for summary in await self.said_rows(f"{API}/GeneralCourts/{court}/Committees"):
            committee = await self.said(f"{API}/GeneralCourts/{court}/Committees/{summary['CommitteeCode']}")
            for what in ("DocumentsBeforeCommittee", "ReportedOutDocuments"):
                tell(found, committee.each(what), f"{committee.url} {what}")

    async def called(self) -> tuple[Places, int]:
        """(which bills the newest hearings are about, the newest event's number). One hearing of fourteen cannot be
        had; it is a sign of change, no record."""
        found: Places = defaultdict(set)
        events = sorted(row.number("EventId") for row in await self.said_rows(f"{API}/Hearings"))
        for event in events[-NEWEST:]:
            hearing = await self.spare(f"{API}/Hearings/{event}", "listing",
                                       lambda page: Json.read(page.body, page.url), accept=self.accept)
            if hearing:
                for agenda in hearing.each("HearingAgendas"):
                    told = f"{hearing.url} {agenda.it.get('StartTime')} {hearing.it.get('Status')}"
                    tell(found, agenda.each("DocumentsInAgenda"), told)
        return found, max(events, default=0)

    async def record(self, due: Due) -> Found:
        if due.page is not None:
            return parse_document(due.row, [], due.url)
        url = due.url.partition("#")[0]
        before, document = self.memory.get(due.url), None
        if before and before.lastmod and before.lastmod.rpartition(" ")[0] == str(due.lastmod).rpartition(" ")[0]:
            document = self.recall(due.url)  # only its place moved: that is a step, and the document is the same
        document = document or (await self.ask(url, "status", lastmod=due.lastmod, accept=self.accept)).body
        history = await self.ask(f"{url}/DocumentHistoryActions", "status", accept=self.accept)
        return parse_document(read_json(document, url), rows(read_json(history.body, history.url, list), "",
                                                                history.url), due.url)  # fmt: skip

    def names(self, words: str, bill: Bill) -> bool:
        """The printed bill leads from "HOUSE" to "No. 119" by a row of dots."""
        return fronts.names_bill(re.sub(r"(?:\.\s*){2,}", " ", words), bill.identifier, self.spoken)


def tell(found: Places, documents: list[Json], what: str) -> None:
    for row in documents:  # numbers come again with every court
        code = "".join(numbered(row.get("BillNumber", "DocketNumber") or ""))
        found[int(row.get("GeneralCourtNumber") or 0), code].add(what)


def numbered(code: str) -> tuple[str, str]:
    """``"H119"`` -> ``("H", "119")``."""
    found = NUMBER.fullmatch(code.strip())
    return (found[1].upper(), found[2]) if found else (code, "0")


def parse_document(said: dict[str, Any], history: list[dict[str, Any]], url: str) -> Found:
    """A document of the API (or, for one that only the docket book shows, its row of the list) with its history."""
    docket, court = maybe(said, "DocketNumber", str, url), need(said, "GeneralCourtNumber", str, url)
    letters, number = numbered(maybe(said, "BillNumber", str, url) or need(said, "DocketNumber", str, url))
    steps = tuple(step(ACTIONS, need(h, "Action", str, url), day(need(h, "Date", str, url), url, ZONE),
                       BRANCHES.get(maybe(h, "Branch", str, url) or ""))
                  for h in sorted(history, key=lambda h: need(h, "Date", str, url)))
    related = dict.fromkeys(relations(steps, court))
    if docket and "D" not in letters:
        related[RelatedBill(court, " ".join(numbered(docket)), "docket")] = None
    words, inline = maybe(said, "DocumentText", str, url), f"{url.partition('#')[0]}#DocumentText"
    whole = "BillHistory" in said  # a document, not a row of the list
    texts = links((inline if words else None, PLAIN), (
        f"{SITE}/Bills/{court}/{letters}{number}.pdf" if whole else None, PDF))
    bill = Bill("us-ma", court, f"{letters} {number}", maybe(said, "Title", str, url),
                classification=((maybe(said, "LegislationTypeName", str, url) or "Bill").lower(),),
                chamber=BRANCHES["House" if letters[0] == "H" else "Senate"],
                introduced_on=steps[0].date if steps else None, sponsorships=tuple(sponsors(said, url)), actions=steps,
                versions=(Version("text", "Text", links=texts),) if texts else (),
                documents=tuple(Document(maybe(a, "Description", str, url) or "Attachment", link)
                                for a in rows(said, "Attachments", url) if (link := maybe(a, "DownloadUrl", str, url))),
                hearings=hearings(steps, url), votes=tuple({v.identifier: v for v in votes(steps)}.values()),
                related_bills=tuple(related), sources=(f"{SITE}/Bills/{court}/{letters}{number}",))
    front = f"{'House' if letters[0] == 'H' else 'Senate'}{' Docket' * ('D' in letters)}, No. {number}"
    front_and_words = (front, bill.title, maybe(said, "EmergencyPreamble", str, url), words)
    return Found(bill, inline={inline: "\n\n".join(filter(None, front_and_words)).encode()} if words else {})


def sponsors(said: dict[str, Any], url: str) -> Iterator[Sponsorship]:
    """The presenter first; the API lists him among the others once more."""
    seen = set()
    for key in ("PrimarySponsor", "JointSponsor", "Cosponsors"):
        for row in rows(said, key, url):
            who = (maybe(row, "Id", str, url), need(row, "Name", str, url).strip("* "))
            if who not in seen:
                seen.add(who)
                yield Sponsorship(who[1], key != "Cosponsors", who[0],
                                  sponsored_on=maybe_day(maybe(row, "ResponseDate", str, url), url, ZONE))


def relations(steps: tuple[Action, ...], court: str) -> Iterator[RelatedBill]:
    for action in steps:
        relation = next((name for pattern, name in RELATIONS if pattern.match(action.description)), "see")
        for letters, number in re.findall(rf"\b{NUMBER.pattern}\b", action.description, re.IGNORECASE):
            yield RelatedBill(court, f"{letters.upper()} {number}", relation)


def hearings(steps: tuple[Action, ...], url: str) -> tuple[Hearing, ...]:
    """Hearings as the history announces them: one that is moved, or called off, is the last that was scheduled."""
    found: list[Hearing] = []
    for action in steps:
        if said := HEARING.match(action.description):
            moved = bool((said[1] or said[2]) and found)
            key = found.pop().key if moved else str(len(found) + 1)
            told = Hearing(key, day(said[3], url), "Hearing", said[4], ZONE, said[5])
            if replace(told, key="") not in [replace(h, key="") for h in found]:  # the source says some things twice
                found.append(told)
        elif found and action.description.lower().startswith("hearing cancel"):
            found[-1] = replace(found[-1], status=HearingStatus.CANCELLED)
    return tuple(found)


def votes(steps: tuple[Action, ...]) -> Iterator[VoteEvent]:
    for action in steps:
        if said := ROLL_CALL.search(action.description):
            lost = re.search(r"\b(?:rejected|negatived|sustained|failed)\b", action.description, re.IGNORECASE)
            won = re.search(r"\b(?:passed|enacted|adopted|accepted|concurred)\b", action.description, re.IGNORECASE)
            yield vote(action, f"{action.chamber} {said[1] or said[2]}", False if lost else True if won else None)
