"""The General Assembly of Vermont: its official API (list, histories) and a page a bill (texts, sponsors), to harvests.

The site's own lists (/bill/load...) are closed to robots, so the API is asked, with the operator's key. It tells of
bills, not of resolutions, and its list shows no dates: each bill's record is asked for, its page only if the record
has changed. The API's fields are known from public clients; sessions come from the site's form.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import date
from html import unescape
from typing import Any, ClassVar
from urllib.parse import quote, unquote

from lxml import etree

from spiders.access import Key
from spiders.labels import Labels
from spiders.listed import Due, ListedSpider, step
from spiders.selectors import day, maybe, need, read_html, read_json, rows, said
from tracker.errors import LayoutChanged
from tracker.model import Action, Bill, Document, Link, Sponsorship, Version, VoteEvent

SITE = "https://legislature.vermont.gov"
FORM = f"{SITE}/bill/search/2016"  # any session's search page has the form with all sessions; this one stays
CHAMBERS = {"H": "lower", "S": "upper"}
KINDS = {"": "bill", "R": "resolution", "CR": "concurrent resolution", "JR": "joint resolution",
         "PR": "constitutional amendment"}  # H.190, S.R.3, H.C.R.108, J.R.S.54, PR.5
NUMBER = re.compile(r"([A-Z][A-Z.]*?)\.?\s?0*(\d+)")
TEXT = re.compile(r"/Documents/[\d.]+/Docs/(?:BILLS|RESOLUTN|ACTS)/[^/]+/[A-Z]+-?R?\d+[A-Z]*\s+([^/]+)\.pdf$")
ROLL_CALL = re.compile(r"\b(Passed|Failed)\s*--\s*Needed\b.*\bYeas\b", re.IGNORECASE)

ACTIONS = Labels.beside(__file__)


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
    pause = 30.0
    key = Key(where="https://legislature.vermont.gov/docs/api/v1/index.html", header="Authorization")
    actions = ACTIONS

    async def listed(self) -> AsyncIterator[Due]:
        form = await self.listing(FORM)
        for code, session in sessions(form.body, form.url):
            answer = await self.listing(f"{SITE}/api/v1/bill/list?Biennium={code}&Body=All&Status=All")
            for row in flat(need(read_json(answer.body, answer.url), "bills", list, answer.url)):
                letters, number = numbered(need(row, "BillNumber", str, answer.url), answer.url)
                url = f"{SITE}/api/v1/bill/id?Biennium={code}&billId={letters}{number}"
                yield Due(session, f"{letters} {number}", url, row=(code, row))

    async def record(self, due: Due) -> Bill | None:
        before = self.memory.get(due.url)
        answer = await self.ask(due.url, "status")
        if before and before.sha256 == answer.page.sha256 and not self._awaited(due):
            return None
        page = await self.ask(page_of(due), "status")
        return parse_bill(answer.body, page.body, due)


def flat(listed: list[Any]) -> Iterator[dict[str, Any]]:
    """The list's rows, which may come in lists of their own (one a chamber)."""
    for row in listed:
        if isinstance(row, list):
            yield from flat(row)
        else:
            yield row


def numbered(text: str, url: str) -> tuple[str, str]:
    """``"J.R.H.3"``, ``"H. 190"`` or ``"H190"`` -> ``("H", "190")``."""
    found = NUMBER.fullmatch(text.strip().upper())
    if not found or re.sub("[HS]", "", found[1].replace(".", "")) not in KINDS:
        raise LayoutChanged(f"expected a bill's number, got {text[:40]!r}", url=url)
    return found[1].replace(".", ""), found[2]


def page_of(due: Due) -> str:
    """The bill's own page: H.190, J.R.H.3."""
    letters, _, number = str(due.identifier).partition(" ")
    return f"{SITE}/bill/status/{due.row[0]}/{letters if letters == 'PR' else '.'.join(letters)}.{number}"


def sessions(body: bytes, url: str) -> list[tuple[str, str]]:
    """(its code in addresses, its name) of the newest biennium and of the special sessions within it."""
    options = [(str(o.get("value")), " ".join("".join(map(str, o.itertext())).split()).removesuffix(" Session"))
               for o in read_html(body, url).iter("option") if "selected_session" in str(_select(o).get("id"))]
    bienniums = {name: code for code, name in options if re.fullmatch(r"\d{4}-\d{4}", name)}
    if not bienniums:
        raise LayoutChanged("expected sessions like 2025-2026 in the form, got none", url=url)
    newest = max(bienniums)
    special = [(code, name) for code, name in options if name.endswith(" Special") and name[:4] in newest.split("-")]
    return [(bienniums[newest], newest), *sorted(set(special))]


def _select(option: etree._Element) -> etree._Element:
    parent = option.getparent()
    return _select(parent) if parent is not None and parent.tag == "optgroup" else option if parent is None else parent


def parse_bill(record: bytes, page: bytes, due: Due) -> Bill:
    """The API's record with what the bill's page shows besides."""
    row = rows(read_json(record, due.url), "bills", due.url, least=1)[0]
    letters, number = numbered(need(row, "BillNumber", str, due.url), due.url)
    shown = read_html(page, page_of(due))
    title = shown.find(".//*[@class='bill-title']")
    heading = title.find(".//h1") if title is not None else None
    if heading is None or numbered((heading.text or "").strip(), page_of(due)) != (letters, number):
        raise LayoutChanged(f"expected the page of {letters}.{number}, got {said(shown, './/h1')}", url=page_of(due))
    steps = tuple(sorted((step(ACTIONS, words(need(h, "FullStatus", str, due.url)),
                               day(need(h, "StatusDate", str, due.url), due.url), whose(h, due.url))
                          for h in rows(row, "StatusHistory", due.url)), key=lambda a: a.date or date.min))
    texts, others = papers(shown)
    return Bill("us-vt", due.session, f"{letters} {number}", maybe(row, "Title", str, due.url),
                classification=(KINDS[re.sub("[HS]", "", letters)],),
                chamber=next((CHAMBERS[c] for c in letters if c in CHAMBERS), None),
                introduced_on=steps[0].date if steps else None, sponsorships=tuple(sponsors(shown)), actions=steps,
                versions=texts, documents=others, votes=tuple(votes(steps)), sources=(page_of(due),))


def words(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", "", re.sub(r"<br[^>]*>", " ", text))).split())


def whose(row: dict[str, Any], url: str) -> str | None:
    if re.match(r"Signed by|Vetoed by|Governor\b|Allowed to", need(row, "FullStatus", str, url)):
        return "executive"
    return CHAMBERS.get((maybe(row, "Chamber", str, url) or " ")[0].upper())


def sponsors(shown: etree._Element) -> Iterator[Sponsorship]:
    """Those who introduced the bill, then (below a line that says so) the additional ones."""
    primary = True
    for label in shown.iter("dt"):
        if (said(label) or "").startswith("Sponsor") and (told := label.getnext()) is not None:
            for item in told.iter("li"):
                name = said(item) or ""
                primary = primary and "Additional Sponsors" not in name
                if re.match(r"(?:Rep|Sen)\. |House |Senate |Committee ", name):
                    yield Sponsorship(name, primary)


def papers(shown: etree._Element) -> tuple[tuple[Version, ...], tuple[Document, ...]]:
    """Texts by the names of their files, in the page's order; the marked-up copy of an official text is a paper."""
    paths = [unquote(str(a.get("href") or "")) for a in shown.iter("a")]
    found = {SITE + quote(file[0]): str(file[1]) for path in paths if (file := TEXT.search(path))}
    official = {name for name in found.values() if name.endswith("Official")}
    versions, others = [], []
    for url, name in found.items():
        if "Summary" in name or name.replace("Unofficial", "Official") in official - {name}:
            others.append(Document(name, url))
        else:
            versions.append(Version(re.sub(r"\W+", "-", name.lower()), name, links=(Link(url, "application/pdf"),)))
    return tuple(versions), tuple(others)


def votes(steps: tuple[Action, ...]) -> Iterator[VoteEvent]:
    """Roll calls, as the history tells them."""
    for number, action in enumerate((a for a in steps if ROLL_CALL.search(a.description)), 1):
        result = ROLL_CALL.search(action.description)
        yield VoteEvent(str(number), action.date, action.chamber, action.description,
                        result is not None and result[1].lower() == "passed")
