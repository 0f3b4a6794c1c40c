"""The General Assembly of Vermont: its official API (list, histories) and a page a bill (texts, sponsors), to harvests.

The site's own lists (/bill/load...) are closed to robots, so the API is asked, with the operator's key. It tells of
bills, not of resolutions, and its list shows no dates: each bill's record is asked for, its page only if the record
has changed. The API's fields are known from public clients; sessions come from the site's form.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import ClassVar
from urllib.parse import quote, unquote

from lxml import etree

from spiders.access import Key
from spiders.bills import PDF, by_day, chamber_of, links, vote
from spiders.labels import Labels
from spiders.listed import Due, ListedSpider
from spiders.records import Json
from spiders.selectors import options, plain, read_html, said
from tracker.errors import LayoutChanged
from tracker.model import Action, Bill, Document, Sponsorship, Version

SITE = "https://legislature.vermont.gov"
FORM = f"{SITE}/bill/search/2016"  # any session's search page has the form with all sessions; this one stays
TEXT = re.compile(r"/Documents/[\d.]+/Docs/(?:BILLS|RESOLUTN|ACTS)/[^/]+/[A-Z]+-?R?\d+[A-Z]*\s+([^/]+)\.pdf$")
ROLL_CALL = re.compile(r"\b(Passed|Failed)\s*--\s*Needed\b.*\bYeas\b", re.IGNORECASE)
EXECUTIVE = re.compile(r"Signed by|Vetoed by|Governor\b|Allowed to")


class VermontSpider(ListedSpider):
    name = "us-vt"
    title = "Vermont"
    site = "https://legislature.vermont.gov"
    zone = "America/New_York"
    terms = ("The General Assembly's API, with a key of one's own by mail from its IT (set it as \"Bearer ...\"): "
             "https://legislature.vermont.gov/docs/api/v1/index.html")
    robots = "obeyed; a public client of October 2026 read there: /bill/load* closed, 30 seconds between requests"
    format = "JSON and a HTML page a bill; texts PDF"
    proven = "our own pages"  # and 23 recorded texts and their bills' actions, as others had taken them from the site
    floor = 2
    cadence: ClassVar = {"session": 1440, "recess": 10080}
    pause, unstamped = 30.0, True
    key = Key(where="https://legislature.vermont.gov/docs/api/v1/index.html", header="Authorization")
    actions = Labels.beside(__file__)
    kinds: ClassVar = {"PR": "constitutional amendment"}

    async def listed(self) -> AsyncIterator[Due]:
        form = await self.listing(FORM)
        for code, session in sessions(form.body, form.url):
            answer = await self.listing(f"{SITE}/api/v1/bill/list?Biennium={code}&Body=All&Status=All")
            for row in Json.read(answer.body, answer.url).every("bills"):
                letters, number = self.numbered(row["BillNumber"], answer.url)
                url = f"{SITE}/api/v1/bill/id?Biennium={code}&billId={letters}{number}"
                yield Due(session, f"{letters} {number}", url, row=code)

    async def record(self, due: Due) -> Bill | None:
        record = await self.fresh(due)
        return self.both(record, (await self.ask(page_of(due), "status")).body, due) if record is not None else None

    def both(self, record: bytes, page: bytes, due: Due) -> Bill:
        """The API's record with what the bill's page shows besides: H.190, S.R.3, H.C.R.108, J.R.S.54, PR.5."""
        row, shown_at = Json.read(record, due.url).each("bills", least=1)[0], page_of(due)
        shown = read_html(page, shown_at)
        letters, number = self.numbered(row["BillNumber"], due.url)
        heading = shown.find(".//*[@class='bill-title']//h1")
        if heading is None or self.numbered(heading.text or "", shown_at) != (letters, number):
            raise LayoutChanged(f"expected the page of {letters}.{number}, got {said(shown, './/h1')}", url=shown_at)
        steps = by_day(self.step_of(told) for told in row.each("StatusHistory"))
        calls = [(a, found) for a in steps if (found := ROLL_CALL.search(a.description))]
        texts, others = papers(shown)
        return self.bill(due.session, f"{letters} {number}", row.get("Title"), steps, due.url, versions=texts,
                         sponsorships=sponsors(shown), documents=others, sources=(shown_at,),
                         votes=(vote(a, str(n), found[1].lower() == "passed") for n, (a, found) in enumerate(calls, 1)))

    def step_of(self, row: Json) -> Action:
        words = row["FullStatus"]
        whose = "executive" if EXECUTIVE.match(words) else chamber_of(row.get("Chamber"))
        return self.step(plain(words), row.day("StatusDate"), whose)


def page_of(due: Due) -> str:
    """The bill's own page: H.190, J.R.H.3."""
    letters, _, number = str(due.identifier).partition(" ")
    return f"{SITE}/bill/status/{due.row}/{letters if letters == 'PR' else '.'.join(letters)}.{number}"


def sessions(body: bytes, url: str) -> list[tuple[str, str]]:
    """(its code in addresses, its name) of the newest biennium and of the special sessions within it."""
    known = [(code, words.removesuffix(" Session")) for code, words in options(
        body, url, r"[\d.]+", ".//select[@id='Form_SelectSession_selected_session']//option")]
    bienniums = {name: code for code, name in known if re.fullmatch(r"\d{4}-\d{4}", name)}
    if not bienniums:
        raise LayoutChanged("expected sessions like 2025-2026 in the form, got none", url=url)
    newest = max(bienniums)
    special = [(code, name) for code, name in known if name.endswith(" Special") and name[:4] in newest.split("-")]
    return [(bienniums[newest], newest), *sorted(set(special))]


def sponsors(shown: etree._Element) -> list[Sponsorship]:
    """Those who introduced the bill, then (below a line that says so) the additional ones."""
    told = [dt.getnext() for dt in shown.iter("dt") if (said(dt) or "").startswith("Sponsor")]
    names = [said(li) or "" for dd in told if dd is not None for li in dd.iter("li")]
    leading = next((n for n, name in enumerate(names) if "Additional Sponsors" in name), len(names))
    return [Sponsorship(name, n < leading) for n, name in enumerate(names)
            if re.match(r"(?:Rep|Sen)\. |House |Senate |Committee ", name)]


def papers(shown: etree._Element) -> tuple[list[Version], list[Document]]:
    """Texts by the names of their files, in the page's order; the marked-up copy of an official text is a paper."""
    paths = [unquote(str(a.get("href") or "")) for a in shown.iter("a")]
    found = {SITE + quote(file[0]): str(file[1]) for path in paths if (file := TEXT.search(path))}
    official = {name for name in found.values() if name.endswith("Official")}
    aside = {url: name for url, name in found.items()
             if "Summary" in name or name.replace("Unofficial", "Official") in official - {name}}
    return ([Version(re.sub(r"\W+", "-", name.lower()), name, links=links((url, PDF)))
             for url, name in found.items() if url not in aside], [Document(name, url) for url, name in aside.items()])
