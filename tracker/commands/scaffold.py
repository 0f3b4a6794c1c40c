"""A legislature's name to the files it begins with, and a crawl's archive to a folder of pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from spiders.recording import Recorded, body_of, members
from tracker.errors import ConfigError


class Style(StrEnum):
    JSON = "json"
    XML = "xml"
    HTML = "html"
    ZIP = "zip"


class Platform(StrEnum):
    LEGISCAN = "legiscan"
    OPENSTATES = "openstates"


_THIN = '''"""{title}, by way of {said}: FILL why it is not read itself."""

from spiders.platforms.{platform} import {base}


class {cls}Spider({base}):
    name = "{name}"
    title = "FILL"
    zone = "FILL"
'''
_BASES = {Platform.LEGISCAN: ("LegiScan", "LegiScanSpider"), Platform.OPENSTATES: ("Open States", "OpenStatesSpider")}


# style -> (imports of the readers, `listed`, `read`)
_BODIES: dict[Style, tuple[str, str, str]] = {
    Style.JSON: ("from spiders.records import Json", '''\
        for row in (await self.said(f"{SITE}/bills.json")).each("bills", least=1):
            yield Due(row["session"], row["number"], f"{SITE}/bills/{row['number']}.json", row["updated"])
''', '''        row = Json.read(body, due.url)
        title = row["title"]
        steps = [self.step(told["what"], told.day("date")) for told in row.each("history")]
        texts = [Version(code_of(one["name"]), one["name"], one.day("date"), links((one["url"], HTML)))
                 for one in row.each("texts")]
'''),
    Style.XML: ("from spiders.records import Xml", '''        page = await self.listing(f"{SITE}/bills.xml")
        for row in Xml.read(page.body, page.url, "bills").each("bill"):
            yield Due(row["session"], row["number"], f"{SITE}/bills/{row['number']}.xml", row["updated"])
''', '''        row = Xml.read(body, due.url, "bill")
        title = row["title"]
        steps = [self.step(told["what"], told.day("date")) for told in row.each("history/step")]
        texts = [Version(code_of(one["name"]), one["name"], one.day("date"), links((one["url"], HTML)))
                 for one in row.each("texts/text")]
'''),
    Style.HTML: ("from spiders.selectors import many, must_say, read_html", '''\
        answer = await self.listing(f"{SITE}/bills.html")
        for row in many(read_html(answer.body, answer.url), ".//table[@id='bills']//a", answer.url):
            number = must_say(row, ".", answer.url)
            yield Due(SESSION, number, f"{SITE}/bills/{number}.html")
''', '''        said = read_html(body, due.url)
        title = must_say(said, ".//h1", due.url)
        steps: list[Action] = []
        texts: list[Version] = []
'''),
    Style.ZIP: ("from spiders.selectors import digest", '''        bulk = await self.bulk(f"{SITE}/session.zip")
        if bulk is None:
            return
        for row in bulk.table(bulk.find("bills.txt")):
            yield Due(row[0], row[1], f"{SITE}/session.zip#{row[0]}-{row[1]}", digest(row), row, bulk.page)
''', '''        title = due.row[2]
        steps: list[Action] = []
        texts: list[Version] = []
'''),
}

_FILE = '''"""FILL whose legislature ({title}), what is read of it, to harvests. Facts: FILL where they stand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import ClassVar

{parts}from spiders.labels import Labels
from spiders.listed import Due, ListedSpider
{readers}
from tracker.model import {model}, Version

SITE = "https://FILL.example"
{session}

class {cls}Spider(ListedSpider):
    name = "{name}"
    title = "FILL: what people call it"
    site = SITE
    zone = "America/New_York"
    terms = "FILL: why we may crawl, with the https:// page that says so"
    robots = "FILL"
    format = "FILL"
    proven = "our own pages"
    floor = 1
    cadence: ClassVar = {{"session": 240, "recess": 1440}}
    actions = Labels((
        (r"Introduced", ("introduction",)),
    ))  # a long table lies beside this file: Labels.beside(__file__)

    async def listed(self) -> AsyncIterator[Due]:
{listed}
    def read(self, body: bytes, due: Due) -> Bill:
{read}        return self.bill(due.session, str(due.identifier), title, steps, due.url, versions=texts,
                         sources=(due.url,))
'''

_CANARY = '''"""The real {title}, three bills, politely: ``pytest -m live`` with BILLWATCH_CONTACT set. Never in CI."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.live.canary import three_bills

pytestmark = pytest.mark.live


def test_three_bills_come_with_their_actions(tmp_path: Path) -> None:
    for bill in three_bills("{name}", tmp_path):
        assert bill.title and bill.actions and bill.versions
'''


def begin(name: str, style: Style, root: Path) -> Iterator[Path]:
    """Write what is not there yet, and tell each path. Raises ConfigError on a bad name or an existing file."""
    _look(name, root)
    file = name.replace("-", "_")
    readers, listed, read = _BODIES[style]
    title = name.upper()
    written = {
        root / "spiders/legislatures" / f"{file}.py": _FILE.format(
            title=title, name=name, cls="".join(p.title() for p in name.split("-")), readers=readers, listed=listed,
            read=read, model="Action, Bill" if "Action" in read else "Bill",
            parts="from spiders.bills import HTML, code_of, links\n" if "links(" in read else "",
            session='SESSION = "FILL: sessions are discovered, never written down"\n' if style is Style.HTML else ""),
        root / "tests/fixtures" / file / "pages.json": json.dumps(
            {"about": "", "pages": {}, "unknown_labels": [], "day2": {"pages": {}, "events": {}}}, indent=1) + "\n",
        root / "tests/fixtures" / file / "README": "Written by us; its bills and people are fictional.\n",
        root / "tests/live" / f"test_{file}_canary.py": _CANARY.format(title=title, name=name),
    }
    if there := next((p for p in written if p.exists()), None):
        raise ConfigError(f"{there} is there already; nothing was written")
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        yield path


def begin_thin(name: str, platform: Platform, root: Path) -> Path:
    """The one file of a legislature that an aggregator reads. Raises ConfigError as `begin` does."""
    _look(name, root)
    if not name.startswith("us-"):
        raise ConfigError(f"expected a state like us-xx: {platform} reads the United States, got {name!r}")
    path = root / "spiders/legislatures" / f"{name.replace('-', '_')}.py"
    if path.exists():
        raise ConfigError(f"{path} is there already; nothing was written")
    said, base = _BASES[platform]
    path.write_text(_THIN.format(title=name.upper(), said=said, platform=platform, base=base, name=name,
                                 cls="".join(p.title() for p in name.split("-"))))
    return path


def _look(name: str, root: Path) -> None:
    if not re.fullmatch(r"[a-z]{2}(-[a-z0-9]{2,12})?", name):
        raise ConfigError(f"expected a jurisdiction like us-xx, got {name!r}")
    if not (root / "spiders" / "legislatures").is_dir():
        raise ConfigError(f"--root: expected a checkout of billwatch, got {root.resolve()}")


def save_pages(warc: Path, into: Path, limit: int) -> int:
    """The last good answer to each address into `into`/day1 with a manifest. Raises ConfigError if `into` exists."""
    if into.exists():
        raise ConfigError(f"--into: expected a new folder, got {into}")
    latest = {m.url: m for m in members(warc) if m.status == 200 and m.headers and not m.url.endswith("/robots.txt")}
    (into / "day1").mkdir(parents=True)
    pages = {}
    for number, (url, found) in enumerate(list(latest.items())[:limit]):
        name = f"{number:03}-{_file_name(url)}"
        (into / "day1" / name).write_bytes(body_of(found))
        pages[url] = _row(name, found)
    (into / "pages.json").write_text(json.dumps({"about": "REAL PAGES: not to be committed", "pages": pages}, indent=1))
    return len(pages)


def _row(name: str, found: Recorded) -> dict[str, str]:
    headers = {n.lower(): v for n, v in found.headers}
    row = {"file": name, "type": headers.get("content-type", "")}
    return {**row, "modified": headers["last-modified"]} if "last-modified" in headers else row


def _file_name(url: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", urlsplit(url).path.rpartition("/")[2])[-60:] or "page"
