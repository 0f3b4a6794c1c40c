"""LegiScan's API for a legislature that we do not read itself: whole records by their change_hash, texts in base64.

Facts: LegiScan API User Manual, https://api.legiscan.com/dl/. A legislature has one thin file: where it can be read
itself, that file reads it and no other does. Whatever the list of hashes names as new or changed is taken from the
session's weekly dataset (one query for all bills) as far as its hashes are those of the list, and asked for one by one
where it is not. When the month's queries end, records still come out of the dataset; their texts come later.
Numbers of texts, amendments and supplements are three series that overlap.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from spiders import fronts
from spiders.access import Key, Quota
from spiders.bulk import Bulk
from spiders.contract import Answer
from spiders.guard import Missing
from spiders.listed import Due, Found, ListedSpider, step
from spiders.platforms.state_words import ACTIONS, with_progress
from spiders.platforms.version_order import in_order
from spiders.selectors import day, maybe, maybe_day, need, read_json, rows
from spiders.tallies import tally
from spiders.verdict import QuotaSpent
from tracker.errors import Blocked, LayoutChanged
from tracker.model import (
    Bill,
    Document,
    Harvest,
    Hearing,
    Link,
    Page,
    RelatedBill,
    Sponsorship,
    Title,
    Version,
    VoteEvent,
)

SITE = "https://api.legiscan.com"
KNOWN = 2  # years of sessions whose end is told
FEW = 3  # bills that are asked for one by one
BODIES = {"H": "lower", "A": "lower", "D": "lower", "S": "upper", "L": "legislature", "C": "legislature"}
KINDS = {"B": "bill", "R": "resolution", "CR": "concurrent resolution", "JR": "joint resolution", "M": "memorial",
         "CA": "constitutional amendment", "JM": "joint memorial", "CM": "concurrent memorial"}
MEDIA = ("text/html", "application/pdf", "text/plain", "text/xml")


class LegiScanSpider(ListedSpider):
    """Base of a legislature that LegiScan reads: "us-oh" is OH there."""

    site = SITE
    terms = "LegiScan's public API with a key of one's own, data CC BY 4.0, https://legiscan.com/legiscan"
    robots = "obeyed; an interface for programs"
    format = "LegiScan JSON, whole records; texts HTML and PDF in base64"
    proven = "our own pages"
    key = Key(where="https://legiscan.com/legiscan", parameter="key", platform="legiscan")
    quota = Quota(month=30_000)
    floor = 3
    cadence: ClassVar = {"session": 720, "recess": 4320}
    actions = ACTIONS

    @property
    def state(self) -> str:
        return self.name.removeprefix("us-").upper()

    async def harvests(self) -> AsyncIterator[Harvest]:
        self._left_out = 0
        async for harvest in super().harvests():
            yield harvest
        if self._left_out:
            self.note(QuotaSpent(f"{self._left_out} text(s) wait for the quota", source=self.name, url=SITE))

    async def listed(self) -> AsyncIterator[Due]:
        sessions = rows(said(await self.listing(f"{SITE}/?op=getSessionList&state={self.state}"), "sessions"), "", SITE,
                        least=1)
        current = [s for s in sessions if not maybe(s, "prior", int, SITE)]
        for session in sessions:
            # In the first of two years a legislature adjourns, too, and its bills live on.
            last = maybe(session, "year_end", int, SITE) or 0
            closed = bool(maybe(session, "sine_die", int, SITE)) and last <= datetime.now(UTC).year
            if last + KNOWN >= max(maybe(s, "year_end", int, SITE) or 0 for s in sessions):
                self.tell_session(need(session, "session_name", str, SITE),
                                  over=closed or bool(maybe(session, "prior", int, SITE)))
        listed = 0
        for session in current:
            of, name = need(session, "session_id", str, SITE), need(session, "session_name", str, SITE)
            listing = await self.listing(f"{SITE}/?op=getMasterListRaw&id={of}")
            found = [row for key, row in said(listing, "masterlist").items() if key != "session"]
            dues = [Due(name, need(row, "number", str, listing.url), record_url(need(row, "bill_id", str, listing.url)),
                        need(row, "change_hash", str, listing.url)) for row in rows(found, "", listing.url)]
            listed += len(dues)
            wanted = {due.url: due.lastmod for due in dues if not self._known(due)}
            held = await self._dataset(of, wanted) if len(wanted) > FEW and self.limit is None else {}
            for due in dues:
                row, page = held.get(due.url, (None, None))
                yield Due(due.session, due.identifier, due.url, due.lastmod, row, page)
        if not listed and all(maybe(s, "prefile", int, SITE) or maybe(s, "sine_die", int, SITE) for s in current):
            self.tally.set_value("session_closed", True)

    async def _dataset(self, session: str, wanted: dict[str, str | None]) -> dict[str, tuple[Any, Page | None]]:
        """Address of a record -> the record out of the session's archive, where it is as new as the list says. An
        archive that was read whole is not fetched again: what it could tell is known."""
        listing = await self.listing(f"{SITE}/?op=getDatasetList&state={self.state}")
        for one in rows(said(listing, "datasetlist"), "", listing.url):
            if need(one, "session_id", str, listing.url) != session:
                continue
            told = need(one, "dataset_hash", str, listing.url)
            before = self.memory.get(dataset_url(session))
            if before is not None and before.lastmod == told:
                break
            key = need(one, "access_key", str, listing.url)
            fetched = await self.ask_file(f"{dataset_url(session)}&access_key={key}", "listing")
            if fetched is None:
                break
            with Bulk.open(fetched) as archive:
                bills = [need(read_json(archive.read(n), n), "bill", dict, n) for n in archive.names() if "/bill/" in n]
            self._whole_files.append(replace(fetched.page, url=dataset_url(session), lastmod=told))
            return {url: (row, fetched.page) for row in bills
                    if wanted.get(url := record_url(need(row, "bill_id", str, SITE))) == row.get("change_hash")}
        return {}

    async def record(self, due: Due) -> Found:
        row = due.row or said(await self.ask(due.url, "status", lastmod=due.lastmod), "bill")
        if (state := need(row, "state", str, due.url)) != self.state:
            raise LayoutChanged(f"expected a bill of {self.state}, got one of {state[:20]!r}", source=self.name,
                                url=due.url)
        bill = parse_bill(row, self.name, due.url, self)
        stamps = {text_url(t): stamp(t) for t in rows(row, "texts", due.url) if t.get("mime") in MEDIA}
        inline = {}
        for url, moment in stamps.items():
            before = self.memory.get(url)
            if before is None or before.lastmod != moment:
                try:
                    with contextlib.suppress(LayoutChanged, Missing):  # the bill is told without it
                        inline[url] = decoded(said(await self.ask(url.partition("#")[0], "text"), "text"), url)
                except QuotaSpent:  # the record is told now, and its text is asked for when there is a quota again
                    self._left_out += 1
                    self._whole_files.clear()
        return Found(bill, inline, stamps)

    def names(self, words: str, bill: Bill) -> bool:
        """LegiScan knows which bill a text is of, and each state says so in its own way: the number is enough."""
        number = re.sub(r"\D", "", re.sub(r"^\D*\d+-(?=\d)", "", bill.identifier)).lstrip("0")
        return not number or fronts.names_bill(words, bill.identifier, self.spoken) or (
            re.search(rf"(?<![0-9])0*{number}(?![0-9])", words) is not None)

    def _worth_asking(self, links: tuple[Link, ...]) -> tuple[Link, ...]:
        """The legislature's own addresses are shown and not asked."""
        return tuple(link for link in links if link.url.startswith(f"{SITE}/"))


def said(answer: Answer, part: str) -> Any:
    """What an answer holds; refusals come with status 200."""
    found: dict[str, Any] = read_json(answer.body, answer.url)
    if found.get("status") != "OK" or not isinstance(found.get(part), dict | list):
        told = maybe(found, "alert.message", str, answer.url) or f"no {part}"
        refused = any(word in told.lower() for word in ("api key", "limit", "quota"))
        raise (Blocked if refused else LayoutChanged)(f"expected {part}, got {found.get('status')!r}: {told[:80]}",
                                                      url=answer.url)
    return found[part]


def record_url(bill_id: str) -> str:
    return f"{SITE}/?op=getBill&id={bill_id}"


def dataset_url(session: str) -> str:
    return f"{SITE}/?op=getDatasetRaw&id={session}"


def text_url(text: dict[str, Any]) -> str:
    return f"{SITE}/?op=getBillText&id={need(text, 'doc_id', str, SITE)}#doc"


def stamp(text: dict[str, Any]) -> str:
    """Moves when a text is replaced; old records have no hash."""
    return maybe(text, "text_hash", str, SITE) or f"{text.get('date')} {text.get('text_size')}"


def decoded(text: dict[str, Any], url: str) -> bytes:
    try:
        return base64.b64decode(need(text, "doc", str, url), validate=True)
    except binascii.Error as problem:
        raise LayoutChanged("expected a text in base64, got none", url=url) from problem


def parse_bill(row: dict[str, Any], jurisdiction: str, url: str, spider: Any) -> Bill:
    """One record of getBill, or of a dataset."""
    steps = rows(row, "history", url)
    actions = tuple(step(spider.actions, need(h, "action", str, url), maybe_day(maybe(h, "date", str, url), url),
                         BODIES.get(maybe(h, "chamber", str, url) or "")) for h in steps)
    marks = [(on, need(m, "event", int, url)) for m in rows(row, "progress", url)
             if (on := maybe_day(maybe(m, "date", str, url), url)) is not None]
    actions = with_progress(actions, [h.get("importance") == 1 for h in steps], marks)
    title, more = need(row, "title", str, url), maybe(row, "description", str, url)
    session = need(row, "session.session_name", str, url)
    return Bill(
        jurisdiction, session, need(row, "bill_number", str, url), title,
        (Title(more, "Description"),) if more and more != title else (),
        (KINDS.get(need(row, "bill_type", str, url), "bill"),), BODIES.get(maybe(row, "body", str, url) or ""),
        actions[0].date if actions else None,
        subjects=tuple(need(s, "subject_name", str, url) for s in rows(row, "subjects", url)),
        committees=tuple(n for n in (maybe(row, "committee.name", str, url),) if n),
        sponsorships=tuple(Sponsorship(
            need(s, "name", str, url), s.get("sponsor_type_id") != 2, f"legiscan:{need(s, 'people_id', str, url)}",
            maybe(s, "party", str, url), maybe(s, "district", str, url)) for s in rows(row, "sponsors", url)),
        actions=actions, versions=in_order([version(t, url) for t in rows(row, "texts", url)],
                                          BODIES.get(maybe(row, "body", str, url) or "")),
        documents=tuple(documents(row, url)), hearings=tuple(hearings(row, spider.zone, url)),
        votes=tuple(vote(v, url) for v in rows(row, "votes", url)),
        related_bills=tuple(RelatedBill(session, need(s, "sast_bill_number", str, url), relation(s, url))
                            for s in rows(row, "sasts", url)),
        sources=tuple(s for s in (maybe(row, "state_link", str, url), maybe(row, "url", str, url)) if s))


def version(text: dict[str, Any], url: str) -> Version:
    media = need(text, "mime", str, url)
    own = maybe(text, "state_link", str, url)
    links = (*((Link(own, media),) if own else ()), Link(text_url(text), media)) if media in MEDIA else ()
    return Version(f"d{need(text, 'doc_id', str, url)}", need(text, "type", str, url),
                   maybe_day(maybe(text, "date", str, url), url), links)


def documents(row: dict[str, Any], url: str) -> Iterator[Document]:
    for part in ("amendments", "supplements"):
        for one in rows(row, part, url):
            if link := maybe(one, "state_link", str, url) or maybe(one, "url", str, url):
                yield Document(maybe(one, "title", str, url) or part[:-1].title(), link,
                               maybe_day(maybe(one, "date", str, url), url))


def hearings(row: dict[str, Any], zone: str, url: str) -> Iterator[Hearing]:
    for one in rows(row, "calendar", url):
        on = day(need(one, "date", str, url), url)
        told = maybe(one, "description", str, url) or need(one, "type", str, url)
        yield Hearing(f"{on} {told}", on, told, maybe(one, "time", str, url), zone, maybe(one, "location", str, url))


def relation(row: dict[str, Any], url: str) -> str:
    told = need(row, "type", str, url).lower()
    return {"same as": "companion", "crossfiled": "companion", "carry over": "prior-session"}.get(told, told)


def vote(row: dict[str, Any], url: str) -> VoteEvent:
    told = {key: maybe(row, key, int, url) for key in ("yea", "nay", "nv", "absent")}
    passed = maybe(row, "passed", int, url)
    return VoteEvent(need(row, "roll_call_id", str, url), maybe_day(maybe(row, "date", str, url), url),
                     BODIES.get(maybe(row, "chamber", str, url) or ""),
                     need(row, "desc", str, url), None if passed is None else bool(passed),
                     maybe(row, "state_link", str, url) or maybe(row, "url", str, url), tally(told))
