"""An aggregator's list of a legislature's bills to what it says of each: a witness beside the spider that reads the
legislature itself.

`of(spider, platform)` gives a spider of the same name that asks the platform's lists only and yields one Harvest a
bill with a bare Bill: identifier, titles, last action. What the platform calls the bill's state stands among the titles
under the kind STAGE. Nothing of this is ever taken in (tracker.polling.witnessing).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

from spiders.contract import LegislatureSpider
from spiders.platforms.legiscan import SITE as LEGISCAN
from spiders.platforms.legiscan import LegiScanSpider, record_url, said
from spiders.platforms.openstates import PER_PAGE, OpenStatesSpider, following, place_of, sessions
from spiders.platforms.openstates import SITE as OPENSTATES
from spiders.platforms.openstates import record_url as openstates_url
from spiders.selectors import maybe, maybe_day, need, read_json, rows
from tracker import ids
from tracker.errors import ConfigError
from tracker.model import Action, Bill, Harvest, Title

STAGE = "stage"
# LegiScan's number of a state -> a stage of tracker.stage. 4, "passed", is of bills and of resolutions.
STATES = {1: "introduced", 2: "passed-one", 3: "passed-both", 4: "became-law", 5: "vetoed", 6: "failed"}


class LegiScanWitness(LegiScanSpider):
    """One query for the sessions, and one a session."""

    async def harvests(self) -> AsyncIterator[Harvest]:
        self.phase = "bills"
        found = said(await self.listing(f"{LEGISCAN}/?op=getSessionList&state={self.state}"), "sessions")
        for session in rows(found, "", LEGISCAN, least=1):
            if maybe(session, "prior", int, LEGISCAN):
                continue
            of, name = need(session, "session_id", str, LEGISCAN), need(session, "session_name", str, LEGISCAN)
            listing = await self.listing(f"{LEGISCAN}/?op=getMasterList&id={of}")
            listed = [row for key, row in said(listing, "masterlist").items() if key != "session"]
            for row in rows(listed, "", listing.url):
                url = record_url(need(row, "bill_id", str, listing.url))
                yield tell(self, name, need(row, "number", str, url), url, row, "last_action_date", "last_action",
                           STATES.get(maybe(row, "status", int, url) or 0), maybe(row, "description", str, url))


class OpenStatesWitness(OpenStatesSpider):
    """One query for the sessions, and one for each twenty bills."""

    async def harvests(self) -> AsyncIterator[Harvest]:
        self.phase = "bills"
        place = place_of(self.name)
        home = await self.listing(f"{OPENSTATES}/jurisdictions/{place}?include=legislative_sessions")
        for session in sessions(read_json(home.body, home.url), home.url):
            first = (f"{OPENSTATES}/bills?jurisdiction={place}&session={quote(session)}&sort=updated_asc"
                     f"&per_page={PER_PAGE}&page=1")
            async for answer in self.paged(first, following):
                for row in rows(read_json(answer.body, answer.url), "results", answer.url):
                    number = need(row, "identifier", str, answer.url)
                    yield tell(self, session, number, openstates_url(self.state, session, number), row,
                               "latest_action_date", "latest_action_description", None, None)


def tell(spider: LegislatureSpider, session: str, number: str, url: str, row: dict[str, Any], on: str, step: str,
         stage: str | None, more: str | None) -> Harvest:
    spider.done += 1
    spider.tally.set_value("listed", spider.done)
    title = need(row, "title", str, url)
    titles = [Title(more, "description")] if more and more != title else []
    titles += [Title(stage, STAGE)] if stage else []
    last = maybe(row, step, str, url)
    bill = Bill(spider.name, session, number, title, tuple(titles), sources=(url,),
                actions=(Action(last, maybe_day(maybe(row, on, str, url), url)),) if last else ())
    return Harvest(ids.bill_id(spider.name, session, number), bill)


WITNESSES: dict[str, type[LegislatureSpider]] = {"legiscan": LegiScanWitness, "openstates": OpenStatesWitness}


def of(spider: type[LegislatureSpider], platform: str) -> type[LegislatureSpider]:
    """Raises ConfigError if the platform is unknown or has not this legislature."""
    base = WITNESSES.get(platform)
    if base is None:
        raise ConfigError(f"unknown witness {platform!r}; known: {', '.join(WITNESSES)}")
    if not spider.name.startswith("us-") or issubclass(spider, LegiScanSpider | OpenStatesSpider):
        raise ConfigError(f"{platform} is no witness of {spider.name}: it needs a state that we read ourselves")
    return type(f"{spider.__name__}By{platform.title()}", (base,),
                {"name": spider.name, "title": spider.title, "zone": spider.zone, "floor": spider.floor})
