"""The legislature of Oregon: its public OData service (whole records in the listing) and OLIS's PDFs, to harvests.

Names of sets, fields (LegislatoreCode and CommitteCode are the service's own) and navigations stand in its $metadata.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import ClassVar

from spiders.bills import PDF, chamber_of, links, outcome, secure, standing, titles, vote
from spiders.contract import Answer
from spiders.labels import Labels
from spiders.listed import Due, Found, ListedSpider
from spiders.listings import skip_on
from spiders.records import Json
from spiders.selectors import day, digest
from tracker.errors import ConfigError
from tracker.model import Document, Hearing, Sponsorship, Version

SITE, OLIS = "https://api.oregonlegislature.gov", "https://olis.oregonlegislature.gov"
ODATA = f"{SITE}/odata/odataservice.svc"
QUERY = ("$expand=MeasureSponsors,MeasureDocuments,MeasureHistoryActions,CommitteeAgendaItems/CommitteeMeeting"
         "&$inlinecount=allpages&$top=250&$skip=0")
AFTERLIFE = timedelta(days=120)  # so long after its end a session's measures are still signed, vetoed, chaptered
TEXT = re.compile(r"Introduced|[A-Z]-Engrossed|Enrolled")  # others are amendments to a print and minority reports


class OregonSpider(ListedSpider):
    name = "us-or"
    title = "Oregon"
    site = SITE
    hosts = (OLIS,)
    zone = "America/Los_Angeles"
    terms = ("Free for the public by OData; the operator reads the Acceptable Use Agreement and agrees to it by mail: "
             "https://www.oregonlegislature.gov/citizen_engagement/Pages/data.aspx")
    robots = "obeyed; not seen by us yet"
    format = "OData JSON, whole records in the listing; texts PDF"
    proven = "our own pages"  # and 12,553 recorded rows of Measures, without what hangs on them, and 35 recorded PDFs
    floor = 2
    accept = "application/json"
    cadence: ClassVar = {"session": 240, "recess": 1440}
    actions = Labels.beside(__file__)
    kinds: ClassVar = {"M": "memorial", "JM": "joint memorial"}
    gap: ClassVar = {"HB": 9999, "SB": 9999}  # budget bills begin at 5001, 5201, 5501 ...; the service counts for us
    options: ClassVar = {"session": "one by its key, e.g. 2021R1 (default: the newest ones)"}

    async def listed(self) -> AsyncIterator[Due]:
        sessions = await self.said(f"{ODATA}/LegislativeSessions")
        for row in sessions.each("value", least=1):
            self.tell_session(row["SessionKey"], row.day("EndDate"))
        for key in chosen(sessions.each("value", least=1), self.wanted.get("session")):
            within = f"{ODATA}/LegislativeSessions('{key}')"
            named = await self.said(f"{within}/Committees")
            names = {row["CommitteeCode"]: row["CommitteeName"] for row in named.each("value")}
            async for page in self.paged(f"{within}/Measures?{QUERY}", following):
                for row in Json.read(page.body, page.url).each("value"):
                    letters, number = row["MeasurePrefix"], row["MeasureNumber"]
                    url = f"{ODATA}/Measures(SessionKey='{key}',MeasurePrefix='{letters}',MeasureNumber={number})"
                    yield Due(key, f"{letters} {number}", url, digest(row.it), (row, names), page.page)

    def read(self, body: bytes, due: Due) -> Found:
        """A measure with all that hangs on it, and the names of committees by their codes."""
        row, names = due.row
        number, session = f"{row['MeasurePrefix']} {row['MeasureNumber']}", row["SessionKey"]
        history = sorted(row.every("MeasureHistoryActions"),  # the ids alone contradict the times
                         key=lambda h: (h["ActionDate"], h.number("MeasureHistoryId")))
        steps = [self.step(h["ActionText"], h.day("ActionDate"), "executive" if h["ActionText"].startswith("Governor ")
                           else chamber_of(h["Chamber"])) for h in history]
        papers = sorted(row.every("MeasureDocuments"), key=lambda d: d["CreatedDate"])
        texts = [d for d in papers if TEXT.fullmatch(d["VersionDescription"])]
        bill = self.bill(
            session, number, row.get("CatchLine", "RelatingTo"), steps, row.url,
            titles=titles(row, {"RelatingTo": "Relating to"}),
            committees=(names.get(code, code) for code in [row.get("CurrentCommitteeCode")] if code),
            sponsorships=(Sponsorship(names.get(code, code), s.get("SponsorLevel") == "Chief", code)
                          for s in sorted(row.every("MeasureSponsors"), key=rank)
                          if (code := s.get("LegislatoreCode", "CommitteeCode"))),  # "Rep Ash"; by request: nobody
            versions=(Version(d["VersionDescription"].lower(), d["VersionDescription"], d.day("CreatedDate"),
                              links((d.get("DocumentUrl"), PDF))) for d in texts),
            documents=(Document(d["VersionDescription"], secure(url), d.day("CreatedDate")) for d in papers
                       if d not in texts and (url := d.get("DocumentUrl"))),
            hearings=(self.hearing(h, names) for h in row.every("CommitteeAgendaItems")),
            votes=(vote(a, h["MeasureHistoryId"], outcome(a), told=words)
                   for h, a in zip(history, steps, strict=True) if (words := h.get("VoteText"))),
            sources=(f"{OLIS}/liz/{session}/Measures/Overview/{number.replace(' ', '')}",))
        return Found(bill, issued={link.url: d.get("ModifiedDate") or d["CreatedDate"]
                                   for d, version in zip(texts, bill.versions, strict=True) for link in version.links})

    def hearing(self, row: Json, names: Mapping[str, str]) -> Hearing:
        """An item of a committee's agenda; its meeting says where, and whether it is cancelled."""
        moment, code, at = row["MeetingDate"], row["CommitteCode"], row.at("CommitteeMeeting")
        return Hearing(
            row["CommitteeAgendaItemId"], day(moment, row.url), row.get("MeetingType") or "Committee meeting",
            moment[11:16] or None, self.zone, at.get("Location"), names.get(code, code),
            standing("cancel" in (at.get("MeetingStatus") or "").lower()), at.get("AgendaUrl"))


def chosen(sessions: list[Json], wanted: str | None) -> list[str]:
    """Keys of the newest session and of those that had just ended when it began, newest first; or the wanted one."""
    known = {row["SessionKey"]: row for row in sessions}
    if wanted is not None:
        if wanted not in known:
            raise ConfigError(f"us-or: option session={wanted!r}: the service has {', '.join(sorted(known))}")
        return [wanted]
    begins = {key: day(row["BeginDate"], row.url) for key, row in known.items()}
    newest = max(begins.values())
    return sorted((key for key, row in known.items() if (row.day("EndDate") or newest) + AFTERLIFE >= newest),
                  key=lambda key: (begins[key], key), reverse=True)


def rank(sponsor: Json) -> tuple[bool, float]:
    return sponsor.get("SponsorLevel") != "Chief", float(sponsor.get("PrintOrder") or 0)


def following(page: Answer) -> str | None:
    said = Json.read(page.body, page.url)
    return skip_on(page.url, "$skip", len(said.each("value")), int(said["odata.count"]))
