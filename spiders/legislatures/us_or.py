"""The legislature of Oregon: its public OData service (whole records in the listing) and OLIS's PDFs, to harvests.

Names of sets, fields (LegislatoreCode and CommitteCode are the service's own) and navigations stand in its $metadata.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from spiders.contract import Answer
from spiders.labels import Labels
from spiders.listed import Due, Found, ListedSpider, step
from spiders.selectors import day, digest, maybe, maybe_day, need, read_json, rows
from tracker.errors import ConfigError, LayoutChanged
from tracker.model import (
    Action,
    Bill,
    Document,
    Hearing,
    HearingStatus,
    Link,
    Sponsorship,
    Title,
    Version,
    VoteEvent,
)

SITE, OLIS = "https://api.oregonlegislature.gov", "https://olis.oregonlegislature.gov"
ODATA = f"{SITE}/odata/odataservice.svc"
EXPAND = "MeasureSponsors,MeasureDocuments,MeasureHistoryActions,CommitteeAgendaItems/CommitteeMeeting"
ROWS = 250  # of a page
AFTERLIFE = timedelta(days=120)  # so long after its end a session's measures are still signed, vetoed, chaptered
CHAMBERS = {"H": "lower", "S": "upper", "J": "legislature"}
KINDS = {"B": "bill", "R": "resolution", "CR": "concurrent resolution", "JR": "joint resolution", "M": "memorial",
         "JM": "joint memorial"}
RESULTS = {"passage": True, "veto-override-passage": True, "failure": False, "veto-override-failure": False}
TEXT = re.compile(r"Introduced|[A-Z]-Engrossed|Enrolled")  # others are amendments to a print and minority reports

ACTIONS = Labels.beside(__file__)


class OregonSpider(ListedSpider):
    name = "us-or"
    title = "Oregon"
    site = "https://api.oregonlegislature.gov"
    hosts = ("https://olis.oregonlegislature.gov",)
    zone = "America/Los_Angeles"
    terms = ("Free for the public by OData; the operator reads the Acceptable Use Agreement and agrees to it by mail: "
             "https://www.oregonlegislature.gov/citizen_engagement/Pages/data.aspx")
    robots = "obeyed; not seen by us yet"
    format = "OData JSON, whole records in the listing; texts PDF"
    proven = "our own pages"  # and 12,553 recorded rows of Measures, without what hangs on them, and 35 recorded PDFs
    floor = 2
    cadence: ClassVar = {"session": 240, "recess": 1440}
    actions = ACTIONS
    spoken: ClassVar = {"HJM": ("House Joint Memorial",), "SJM": ("Senate Joint Memorial",),
                        "HM": ("House Memorial",), "SM": ("Senate Memorial",)}
    gap: ClassVar = {"HB": 9999, "SB": 9999}  # budget bills begin at 5001, 5201, 5501 ...; the service counts for us
    options: ClassVar = {"session": "one by its key, e.g. 2021R1 (default: the newest ones)"}

    async def listed(self) -> AsyncIterator[Due]:
        answer = await self.listing(f"{ODATA}/LegislativeSessions", accept="application/json")
        for key in chosen(rows(read_json(answer.body, answer.url), "value", answer.url, least=1),
                          self.wanted.get("session"), answer.url):
            within = f"{ODATA}/LegislativeSessions('{key}')"
            named = await self.listing(f"{within}/Committees", accept="application/json")
            names = {need(c, "CommitteeCode", str, named.url): need(c, "CommitteeName", str, named.url)
                     for c in rows(read_json(named.body, named.url), "value", named.url)}
            first = f"{within}/Measures?$expand={EXPAND}&$inlinecount=allpages&$top={ROWS}&$skip=0"
            async for page in self.paged(first, following, accept="application/json"):
                for row in rows(read_json(page.body, page.url), "value", page.url):
                    letters, number = (need(row, f"Measure{k}", str, page.url) for k in ("Prefix", "Number"))
                    url = f"{ODATA}/Measures(SessionKey='{key}',MeasurePrefix='{letters}',MeasureNumber={number})"
                    yield Due(key, f"{letters} {number}", url, digest(row), (row, names), page.page)

    def read(self, body: bytes, due: Due) -> Found:
        return parse_measure(due.row[0], due.row[1], due.url)


def chosen(listed: list[dict[str, Any]], wanted: str | None, url: str) -> list[str]:
    """Keys of the newest session and of those that had just ended when it began, newest first; or the wanted one."""
    known = {need(row, "SessionKey", str, url): row for row in listed}
    if wanted is not None:
        if wanted not in known:
            raise ConfigError(f"us-or: option session={wanted!r}: the service has {', '.join(sorted(known))}")
        return [wanted]
    begins = {key: day(need(row, "BeginDate", str, url), url) for key, row in known.items()}
    newest = max(begins.values())
    ends = {key: maybe_day(maybe(row, "EndDate", str, url), url) or newest for key, row in known.items()}
    return sorted((k for k in known if ends[k] + AFTERLIFE >= newest), key=lambda k: (begins[k], k), reverse=True)


def following(answer: Answer) -> str | None:
    """The next page. The service says how many rows there are in all; one that ends before them raises."""
    said: dict[str, Any] = read_json(answer.body, answer.url)
    base, _, skipped = answer.url.rpartition("=")
    seen = int(skipped) + len(rows(said, "value", answer.url))
    in_all = int(need({"count": said.get("odata.count")}, "count", str, answer.url))
    if int(skipped) == seen < in_all:
        raise LayoutChanged(f"expected {in_all} measures, got {seen} and an empty page", url=answer.url)
    return f"{base}={seen}" if seen < in_all else None


def parse_measure(row: dict[str, Any], names: Mapping[str, str], url: str) -> Found:
    """A measure with all that hangs on it. `names`: committee code to name."""
    letters, number = (need(row, f"Measure{k}", str, url) for k in ("Prefix", "Number"))
    session, relating = need(row, "SessionKey", str, url), maybe(row, "RelatingTo", str, url)
    history = sorted(hung(row, "MeasureHistoryActions", url),  # the ids alone contradict the times
                     key=lambda h: (need(h, "ActionDate", str, url), need(h, "MeasureHistoryId", int, url)))
    steps = tuple(step(ACTIONS, need(h, "ActionText", str, url), day(need(h, "ActionDate", str, url), url),
                       whose(h, url)) for h in history)
    papers = sorted(hung(row, "MeasureDocuments", url), key=lambda d: need(d, "CreatedDate", str, url))
    texts = [d for d in papers if TEXT.fullmatch(need(d, "VersionDescription", str, url))]
    others = [d for d in papers if d not in texts and d.get("DocumentUrl")]
    committee = maybe(row, "CurrentCommitteeCode", str, url)
    bill = Bill("us-or", session, f"{letters} {number}", maybe(row, "CatchLine", str, url) or relating,
                titles=(Title(relating, "Relating to"),) if relating else (),
                classification=(KINDS.get(letters[1:], "bill"),), chamber=CHAMBERS[letters[0]],
                introduced_on=steps[0].date if steps else None,
                committees=(names.get(committee, committee),) if committee else (),
                sponsorships=tuple(sponsors(hung(row, "MeasureSponsors", url), names, url)), actions=steps,
                versions=tuple(version(d, url) for d in texts),
                documents=tuple(Document(need(d, "VersionDescription", str, url), paper(d, url), on(d, url))
                                for d in others),
                hearings=tuple(hearing(h, names, url) for h in hung(row, "CommitteeAgendaItems", url)),
                votes=tuple(vote(h, s, url) for h, s in zip(history, steps, strict=True) if h.get("VoteText")),
                sources=(f"{OLIS}/liz/{session}/Measures/Overview/{letters}{number}",))
    return Found(bill, issued={paper(d, url): maybe(d, "ModifiedDate", str, url) or need(d, "CreatedDate", str, url)
                               for d in texts if d.get("DocumentUrl")})


def hung(row: dict[str, Any], name: str, url: str) -> list[dict[str, Any]]:
    """A list that the service was asked to expand: empty perhaps, never absent."""
    need(row, name, list, url)
    return rows(row, name, url)


def whose(row: dict[str, Any], url: str) -> str | None:
    by_governor = need(row, "ActionText", str, url).startswith("Governor ")
    return "executive" if by_governor else CHAMBERS.get(need(row, "Chamber", str, url))


def sponsors(listed: list[dict[str, Any]], names: Mapping[str, str], url: str) -> Iterator[Sponsorship]:
    """Members by the names that the service gives them ("Rep Ash"); who filed a measure by request has none."""
    for row in sorted(listed, key=lambda s: (s.get("SponsorLevel") != "Chief", float(s.get("PrintOrder") or 0))):
        member = maybe(row, "LegislatoreCode", str, url)
        committee = maybe(row, "CommitteeCode", str, url)
        if name := member or (names.get(committee, committee) if committee else None):
            yield Sponsorship(name, row.get("SponsorLevel") == "Chief", member or committee)


def paper(row: dict[str, Any], url: str) -> str:
    return quote(need(row, "DocumentUrl", str, url).replace("http://", "https://"), safe=":/%?=&")


def on(row: dict[str, Any], url: str) -> date:
    return day(need(row, "CreatedDate", str, url), url)


def version(row: dict[str, Any], url: str) -> Version:
    note = need(row, "VersionDescription", str, url)
    links = (Link(paper(row, url), "application/pdf"),) if row.get("DocumentUrl") else ()
    return Version(note.lower(), note, on(row, url), links)


def hearing(row: dict[str, Any], names: Mapping[str, str], url: str) -> Hearing:
    """An item of a committee's agenda; its meeting says where, and whether it is cancelled."""
    moment, code = need(row, "MeetingDate", str, url), need(row, "CommitteCode", str, url)
    cancelled = "cancel" in (maybe(row, "CommitteeMeeting.MeetingStatus", str, url) or "").lower()
    return Hearing(need(row, "CommitteeAgendaItemId", str, url), day(moment, url),
                   maybe(row, "MeetingType", str, url) or "Committee meeting", moment[11:16] or None, OregonSpider.zone,
                   maybe(row, "CommitteeMeeting.Location", str, url), names.get(code, code),
                   HearingStatus.CANCELLED if cancelled else HearingStatus.SCHEDULED,
                   maybe(row, "CommitteeMeeting.AgendaUrl", str, url))


def vote(row: dict[str, Any], said: Action, url: str) -> VoteEvent:
    passed = next((RESULTS[c] for c in said.classification if c in RESULTS), None)
    return VoteEvent(need(row, "MeasureHistoryId", str, url), said.date, said.chamber, said.description, passed)
