"""Beacon Reef (fictional; bench/_beacon.py makes its site): listings with dates, a record and a text a bill."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import ClassVar

from spiders.contract import Answer
from spiders.labels import Labels
from spiders.listed import Due, Found, ListedSpider, step
from spiders.selectors import day, maybe, need, read_json, rows
from tracker.model import Bill, Link, Sponsorship, Version

SITE = "https://bills.beacon.example"
ACTIONS = Labels(((r"Filed", ("introduction",)), (r"Referred", ("referral-committee",)), (r"Passed", ("passage",)),
                  (r"Read a (?:first|second) time", ("reading-1",))))


class BeaconSpider(ListedSpider):
    name = "xx-beacon"
    title = "Beacon Reef"
    site = SITE
    zone = "Europe/Berlin"
    terms = f"Open licence, {SITE}/terms"
    robots = "obeyed; everything is open"
    format = "JSON listings and records; texts HTML"
    proven = "our own pages"
    floor = 3
    cadence: ClassVar = {"session": 240, "recess": 1440}
    actions = ACTIONS

    async def listed(self) -> AsyncIterator[Due]:
        async for page in self.paged(f"{SITE}/list/0.json", _following):
            for row in rows(read_json(page.body, page.url), "bills", page.url, least=1):
                path = need(row, "path", str, page.url)
                yield Due(need(row, "session", str, page.url), need(row, "number", str, page.url), f"{SITE}{path}",
                          need(row, "updated", str, page.url))

    def read(self, body: bytes, due: Due) -> Found:
        said, url = read_json(body, due.url), due.url
        steps = tuple(step(ACTIONS, need(h, "what", str, url), day(need(h, "date", str, url), url),
                           maybe(h, "chamber", str, url)) for h in rows(said, "history", url, least=1))
        texts = rows(said, "texts", url)
        versions = tuple(Version(f"v{n}", need(t, "name", str, url), links=(Link(_address(t, url), "text/html"),))
                         for n, t in enumerate(texts))
        sponsors = tuple(Sponsorship(need(s, "name", str, url), bool(maybe(s, "chief", bool, url)))
                         for s in rows(said, "sponsors", url))
        bill = Bill(self.name, need(said, "session", str, url), need(said, "number", str, url),
                    need(said, "title", str, url), chamber=maybe(said, "chamber", str, url),
                    introduced_on=steps[0].date, sponsorships=sponsors, actions=steps, versions=versions,
                    sources=(url,))
        return Found(bill, issued={_address(t, url): need(t, "issued", str, url) for t in texts})


def _address(text: object, url: str) -> str:
    return f"{SITE}{need(text, 'path', str, url)}"


def _following(answer: Answer) -> str | None:
    path = maybe(read_json(answer.body, answer.url), "next", str, answer.url)
    return f"{SITE}{path}" if path else None
