"""A platform's fixture folder, read for one of its legislatures, to crawls without a process, a socket or a store.

`tests/fixtures/_legiscan` and `_openstates` hold the platform's real envelopes with {{ST}}, {{st}}, {{place}} and
{{title}} where a legislature's own letters stand, so that a new thin file needs no folder of its own.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import scrapy
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from spiders.archive import Kept
from spiders.contract import LegislatureSpider
from spiders.memory import Memory
from spiders.platforms.openstates import place_of
from tests.spiders.mirror import Manifest
from tracker import wire
from tracker.model import Harvest, SeenPage

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
SECRET = "s3cret&#"
NOON = datetime(2185, 3, 2, 12, tzinfo=UTC)


def own_words(spider: type[LegislatureSpider]) -> dict[str, str]:
    state = spider.name.removeprefix("us-")
    return {"{{ST}}": state.upper(), "{{st}}": state, "{{place}}": place_of(spider.name), "{{title}}": spider.title,
            "{{zone}}": spider.zone}


def blanked(text: str, spider: type[LegislatureSpider]) -> str:
    """A legislature's harvests as the platform's: what Template.filled undoes."""
    own = own_words(spider)
    for word in ("us-{{st}}", "/{{ST}}/", ".org/{{st}}/", ".{{st}}.example", "{{zone}}"):
        said = word
        for blank, value in own.items():
            said = said.replace(blank, value)
        text = text.replace(said, word)
    return text


@dataclass
class Template:
    """One legislature's reading of a platform's folder. `asked` holds official addresses in their order."""

    spider: type[LegislatureSpider]
    manifest: Manifest
    asked: list[str] = field(default_factory=list)
    sent: list[scrapy.Request] = field(default_factory=list)
    refusal: bytes | None = None

    @classmethod
    def read(cls, spider: type[LegislatureSpider], platform: str) -> Template:
        return cls(spider, Manifest.read(FIXTURES / f"_{platform}"))

    def filled(self, text: str) -> str:
        for word, own in own_words(self.spider).items():
            text = text.replace(word, own)
        return text

    def rows(self) -> dict[str, dict[str, Any]]:
        return {unquote(self.filled(url)): row for url, row in self.manifest.pages.items()}

    def body(self, row: Mapping[str, Any]) -> bytes:
        if row.get("made") == "zip":
            base = self.manifest.folder / "day1" / row["file"]
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as packed:
                for path in sorted(p for p in base.rglob("*") if p.is_file()):
                    packed.writestr(self.filled(str(path.relative_to(base))), self.filled(path.read_text()))
            return out.getvalue()
        return self.filled(self.manifest.path(row["file"]).read_text()).encode()

    async def download_async(self, request: scrapy.Request) -> Response:
        """What Scrapy's engine does, out of the folder."""
        self.sent.append(request)
        url = unquote(self.spider().official(request.url))
        self.asked.append(url)
        row = self.rows().get(url)
        assert row is not None, f"asked for a page that is not in the folder: {url}"
        body = self.refusal if self.refusal is not None else self.body(row)
        request.meta["kept"] = Kept("pages.warc.gz", len(self.asked), NOON)
        return Response(request.url, headers={"Content-Type": "application/json"}, body=body, request=request)

    def keep(self, url: str, body: bytes) -> Kept:
        return Kept("pages.warc.gz", len(self.asked), NOON)

    def crawl(self, folder: Path, memory: Memory | None = None, budget: int | None = None
              ) -> tuple[list[Harvest], dict[str, Any]]:
        """(harvests, counters) of one crawl."""
        self.asked.clear()
        crawler = get_crawler(self.spider, {"RUN_DIR": str(folder), "STATS_DUMP": False})
        spider = self.spider(memory=memory, secret=SECRET, budget=budget)
        spider._set_crawler(crawler)
        crawler.engine = self  # type: ignore[assignment]
        spider.archive = SimpleNamespace(keep=self.keep)  # type: ignore[assignment]

        async def all_of_them() -> list[Harvest]:
            return [harvest async for harvest in spider.start()]

        return asyncio.run(all_of_them()), dict(crawler.stats.get_stats())  # type: ignore[union-attr]


def remembered(harvests: list[Harvest], folder: Path) -> Memory:
    """What a store would tell the next crawl."""
    pages = [p for h in harvests for p in (*h.pages, *(t.page for t in h.texts if t.page))]
    path = folder / f"seen-{hashlib.sha256(json.dumps([p.url for p in pages]).encode()).hexdigest()[:8]}.jsonl"
    path.write_bytes(b"".join(b'{"seen":' + wire.encode(SeenPage(p.url, p.lastmod, p.last_modified, p.sha256)) + b"}\n"
                              for p in pages))
    return Memory.read(path)
