"""Open States' API v3 for a legislature that cannot be read itself: pages of whole records, texts where they lie.

Facts: https://docs.openstates.org/api-v3/ and github.com/openstates/api-v3. A legislature has one file here: where it
can be read itself, that file reads it and no other does. Steps are classified by Open States. `updated_since` is
compared as words with "2026-07-21 19:31:17": only a bare day may be asked for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import quote

from spiders.access import Key, Quota
from spiders.contract import Answer
from spiders.labels import Labels
from spiders.listed import Due, ListedSpider
from spiders.platforms.version_order import in_order
from spiders.selectors import maybe, maybe_day, need, read_json, rows
from spiders.tallies import tally
from tracker.errors import LayoutChanged
from tracker.model import Action, Bill, Document, Link, RelatedBill, Sponsorship, Title, Version, VoteEvent

SITE = "https://v3.openstates.org"
PARTS = ("sponsorships", "abstracts", "other_titles", "actions", "sources", "versions", "documents", "votes",
         "related_bills")
PER_PAGE = 20  # the most that it gives
LOOK_BACK = 2  # days: a bill that failed is asked again for so long
DIVISIONS = {"dc": "district", "pr": "territory"}
CHAMBERS = {"lower": "lower", "upper": "upper", "legislature": "legislature", "executive": "executive"}
RESULTS = {"pass": True, "fail": False}


class OpenStatesSpider(ListedSpider):
    """Base of a legislature that Open States reads. `hosts` are those from which its texts may be fetched."""

    site = SITE
    terms = "Open States' API with a free key of one's own, data CC0, https://open.pluralpolicy.com/tos/"
    robots = "obeyed; an interface for programs"
    format = "Open States JSON, whole records; texts are linked, and read where the file names their host"
    proven = "our own pages"
    key = Key(where="https://open.pluralpolicy.com/accounts/profile/", header="X-API-KEY", platform="openstates")
    quota = Quota(day=500)
    floor = 3
    cadence: ClassVar = {"session": 720, "recess": 4320}
    whole = False
    actions = Labels(((r"", ()),))  # none is unknown: the source classifies them

    @property
    def state(self) -> str:
        return self.name.removeprefix("us-")

    async def listed(self) -> AsyncIterator[Due]:
        place = place_of(self.name)
        home = await self.listing(f"{SITE}/jurisdictions/{place}?include=legislative_sessions")
        base = f"{SITE}/bills?jurisdiction={place}"
        full = f"per_page={PER_PAGE}&{'&'.join(f'include={part}' for part in PARTS)}&page=1"
        behind, current = [], sessions(found := read_json(home.body, home.url), home.url)
        for row in rows(found, "legislative_sessions", home.url):
            if ends_on := maybe_day(maybe(row, "end_date", str, home.url), home.url):
                self.tell_session(need(row, "identifier", str, home.url), ends_on)
        for session in current:
            count = await self.listing(f"{base}&session={quote(session)}&per_page=1&page=1")
            total = need(read_json(count.body, count.url), "pagination.total_items", int, count.url)
            self.total += total
            if sum(url.startswith(record_url(self.state, session, "")) for url in self.memory) < 0.98 * total:
                behind.append(session)
        addresses = [f"{base}&session={quote(session)}&sort=updated_asc&{full}" for session in behind]
        since = self.since(f"{SITE}/bills/", days=LOOK_BACK)
        if since and len(behind) < len(current):
            addresses.append(f"{base}&updated_since={since[:10]}&sort=updated_asc&{full}")
        for address in addresses:
            async for answer in self.paged(address, following):
                for row in rows(read_json(answer.body, answer.url), "results", answer.url):
                    session, number = (need(row, key, str, answer.url) for key in ("session", "identifier"))
                    if session in current:
                        yield Due(session, number, record_url(self.state, session, number),
                                  need(row, "updated_at", str, answer.url), row, answer.page)

    def read(self, body: bytes, due: Due) -> Bill:
        return parse_bill(due.row, self.name, due.url)

    def _worth_asking(self, links: tuple[Link, ...]) -> tuple[Link, ...]:
        """Texts lie with the legislature: those hosts are asked which its file names."""
        return tuple(link for link in links if link.url.startswith(tuple(f"{host}/" for host in self.hosts)))


def place_of(jurisdiction: str) -> str:
    """``us-ri`` -> ``ocd-jurisdiction/country:us/state:ri/government``; the District and Puerto Rico are no states."""
    state = jurisdiction.removeprefix("us-")
    return f"ocd-jurisdiction/country:us/{DIVISIONS.get(state, 'state')}:{state}/government"


def record_url(state: str, session: str, number: str) -> str:
    return f"{SITE}/bills/{state}/{quote(session)}/{quote(number)}"


def sessions(said: dict[str, Any], url: str) -> list[str]:
    """The newest session, and all that last as long as it or are younger."""
    found = rows(said, "legislative_sessions", url, least=1)
    newest = max(maybe(s, "start_date", str, url) or "" for s in found)
    if not newest:
        raise LayoutChanged("expected sessions with dates, got none", url=url)
    return [need(s, "identifier", str, url) for s in found
            if (maybe(s, "end_date", str, url) or maybe(s, "start_date", str, url) or "") >= newest]


def following(answer: Answer) -> str | None:
    said: dict[str, Any] = read_json(answer.body, answer.url)
    page, last = (need(said, f"pagination.{key}", int, answer.url) for key in ("page", "max_page"))
    return None if page >= last else re.sub(r"&page=\d+", f"&page={page + 1}", answer.url)


def parse_bill(row: dict[str, Any], jurisdiction: str, url: str) -> Bill:
    """One record with all its parts."""
    place = need(row, "jurisdiction.id", str, url)
    if place != place_of(jurisdiction):
        raise LayoutChanged(f"expected a bill of {jurisdiction}, got one of {place[:60]!r}", url=url)
    title = need(row, "title", str, url)
    actions = tuple(action(a, url) for a in sorted(rows(row, "actions", url), key=lambda a: a.get("order") or 0))
    more = [Title(need(t, key, str, url), maybe(t, "note", str, url) or key) for part, key in (
        ("other_titles", "title"), ("abstracts", "abstract")) for t in rows(row, part, url)]
    return Bill(
        jurisdiction, need(row, "session", str, url), need(row, "identifier", str, url), title, tuple(more),
        tuple(map(str, need(row, "classification", list, url))) or ("bill",),
        CHAMBERS.get(maybe(row, "from_organization.classification", str, url) or ""),
        maybe_day(maybe(row, "first_action_date", str, url), url), subjects=tuple(map(str, row.get("subject") or ())),
        sponsorships=tuple(Sponsorship(need(s, "name", str, url), need(s, "primary", bool, url),
                                       maybe(s, "person.id", str, url), maybe(s, "person.party", str, url))
                           for s in rows(row, "sponsorships", url)),
        actions=actions, versions=tuple(versions(row, url)),
        documents=tuple(Document(maybe(d, "note", str, url) or "Document", need(link, "url", str, url),
                                 maybe_day(maybe(d, "date", str, url), url))
                        for d in rows(row, "documents", url) for link in rows(d, "links", url)[:1]),
        votes=tuple(vote(v, url) for v in rows(row, "votes", url)),
        related_bills=tuple(RelatedBill(need(r, "legislative_session", str, url), need(r, "identifier", str, url),
                                        maybe(r, "relation_type", str, url)) for r in rows(row, "related_bills", url)),
        sources=tuple(s for s in (*(need(s, "url", str, url) for s in rows(row, "sources", url)),
                                  maybe(row, "openstates_url", str, url)) if s))


def action(row: dict[str, Any], url: str) -> Action:
    classes = tuple(map(str, row.get("classification") or ()))
    if "executive-signature" in classes and "became-law" not in classes:
        classes += ("became-law",)  # what a governor signs is law in every state
    return Action(need(row, "description", str, url), maybe_day(maybe(row, "date", str, url), url),
                  classification=classes,
                  chamber=CHAMBERS.get(maybe(row, "organization.classification", str, url) or ""))


def versions(row: dict[str, Any], url: str) -> Iterator[Version]:
    """A version has no number of its own: its note is its code, and a later one of that name is told apart."""
    listed = []
    for one in rows(row, "versions", url):
        note = maybe(one, "note", str, url) or "Version"
        code = re.sub(r"[^a-z0-9]+", "-", note.lower()).strip("-") or "version"
        listed.append(Version(code, note, maybe_day(maybe(one, "date", str, url), url),
                              tuple(Link(need(k, "url", str, url), need(k, "media_type", str, url))
                                    for k in rows(one, "links", url) if maybe(k, "media_type", str, url))))
    seen: Counter[str] = Counter()
    for version in in_order(listed, CHAMBERS.get(maybe(row, "from_organization.classification", str, url) or "")):
        seen[version.code] += 1
        nth = seen[version.code]
        yield version if nth == 1 else replace(version, code=f"{version.code}-{nth}")


def vote(row: dict[str, Any], url: str) -> VoteEvent:
    counts = ((maybe(c, "option", str, url) or "other", maybe(c, "value", int, url)) for c in rows(row, "counts", url))
    return VoteEvent(need(row, "id", str, url), maybe_day(maybe(row, "start_date", str, url), url),
                     CHAMBERS.get(maybe(row, "organization.classification", str, url) or ""),
                     need(row, "motion_text", str, url), RESULTS.get(maybe(row, "result", str, url) or ""),
                     counts=tally(counts))
