"""A bill whose text is not there yet, from the first crawl to the message that its text has come."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest

import spiders.legislatures
from spiders import discovery
from tests.spiders.mirror import Manifest, Mirror, serve
from tracker.app import Services
from tracker.jobs import deliver_now
from tracker.model import Cadence, EventKind, Filter, IngestMode, Run, Subscription, TextStatus
from tracker.polling.crawling import Order, crawl
from tracker.settings import load_settings

SOURCE = '''
from spiders.fronts import COVER_ONLY
from spiders.labels import Labels
from spiders.listed import Due, ListedSpider
from spiders.selectors import maybe, need, read_json, rows
from tracker.model import Bill, Link, Version


class CoverSpider(ListedSpider):
    name, title, site, zone = "xx-cover", "Cover", "https://cover.example", "Europe/Berlin"
    terms = robots = format = "https://cover.example/open"
    proven, floor, actions, cadence = "our own pages", 1, Labels(()), {"session": 60, "recess": 120}

    async def listed(self):
        answer = await self.listing("https://cover.example/list")
        for row in read_json(answer.body, answer.url, list):
            yield Due("7", need(row, "n", str, answer.url), f"https://cover.example/bill/{row['n'][-1]}", "1")

    def read(self, body, due):
        said = read_json(body, due.url)
        link = Link(said["text"], "application/pdf" if said["text"].endswith("pdf") else "text/html")
        return Bill("xx-cover", "7", said["n"], said["title"], versions=(Version("filed", "Filed", links=(link,)),))

    def lacking(self, words, body, link):
        return None if "enacted" in words else COVER_ONLY
'''
TITLE = "An Act concerning lanterns"
TEXT = ("CB 1\n" + TITLE + "\nBe it enacted:\nSection 1. Section 5 of the Lantern Code, which makes "
        "prostitution a crime, is repealed.")
PAGE = f"<html><body>{''.join(f'<p>{line}</p>' for line in TEXT.splitlines())}</body></html>"
BILL = "xx-cover/7/cb-1"


@dataclass
class World:
    mirror: Mirror
    services: Services
    clock: list[datetime] = field(default_factory=list)

    def crawl(self, after: timedelta = timedelta(hours=1)) -> Run:
        self.clock[0] += after
        return crawl(self.services, Order("xx-cover", self.mirror.base_url))

    def put(self, name: str, content: str) -> None:
        (self.mirror.manifest.folder / "day1" / name).write_text(content)

    def status(self) -> tuple[TextStatus, str | None]:
        state = self.services.store.bill(BILL)
        assert state is not None
        return state.versions[0].status, state.versions[0].error

    def mails(self) -> list[str]:
        deliver_now(self.services)
        found = sorted((self.services.settings.home / "mail").glob("*.eml"))
        bodies = (BytesParser(policy=policy.default).parsebytes(p.read_bytes()).get_body(("plain",)) for p in found)
        return [b.get_content() for b in bodies if b is not None]


# how the text is missing on the first day: the text's address, and what lies there
LACKS: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "absent": ("https://cover.example/1.html", {"status": 404}, "1.html", ""),
    "cover only": ("https://cover.example/1.html", {"file": "1.html"}, "1.html",
                   "<html><body><p>CB 1</p><p>Printed for the Lantern House</p></body></html>"),
    "scanned": ("https://cover.example/1.pdf", {"file": "1.txt", "made": "pdf"}, "1.txt", ""),
}


@pytest.fixture(params=sorted(LACKS))
def world(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    url, row, name, content = LACKS[request.param]
    code, day = tmp_path / "code", tmp_path / "pages" / "day1"
    code.mkdir()
    day.mkdir(parents=True)
    (code / "xx_cover.py").write_text(SOURCE)
    (day / "list.json").write_text(json.dumps([{"n": "CB 1"}]))
    (day / "1.json").write_text(json.dumps({"n": "CB 1", "title": TITLE, "text": url}))
    (day / name).write_text(content)
    monkeypatch.setenv("BILLWATCH_LEGISLATURES", str(code))
    monkeypatch.setattr(spiders.legislatures, "__path__", [*spiders.legislatures.__path__, str(code)])
    pages = {"https://cover.example/list": "list.json", "https://cover.example/bill/1": "1.json", url: row}
    clock = [datetime(2026, 3, 2, 8, tzinfo=UTC)]
    with (serve(Mirror(Manifest(tmp_path / "pages", {"pages": pages}), discovery.find("xx-cover"))) as mirror,
          Services(load_settings(home=tmp_path / "home", mail="folder"), lambda: clock[0]) as services):
        yield World(mirror, services, clock)


def subscribe(world: World) -> None:
    keys, now = world.services.keys, world.clock[0]
    world.services.ledger.add(Subscription(
        "reader", keys.seal("r@example.org", "reader"), keys.blind_index("r@example.org"),
        Filter(jurisdictions=("xx-cover",)), Cadence.INSTANT, "UTC", 8, 0, world.services.store.last_seq(), now,
        confirmed_at=now, manage_token=keys.stored_token("reader")))


def arrive(world: World) -> None:
    """The text, whole, at the address at which it was missing."""
    url = next(u for u in world.mirror.manifest.said["pages"] if u.endswith(("1.html", "1.pdf")))
    pdf = url.endswith("pdf")
    world.put("1.txt" if pdf else "1.html", TEXT if pdf else PAGE)
    world.mirror.manifest.said["pages"][url] = {"file": "1.txt", "made": "pdf"} if pdf else {"file": "1.html"}


def test_a_text_that_comes_late_is_asked_for_flagged_and_told(world: World, request: pytest.FixtureRequest) -> None:
    first = world.crawl()
    assert first.mode is IngestMode.BACKFILL and first.verdict and first.verdict.kind == "ok", first.verdict
    status, why = world.status()
    assert status is not TextStatus.AVAILABLE
    assert str(why).startswith(request.node.callspec.params["world"])

    subscribe(world)
    before = world.services.store.last_seq()
    waiting = world.crawl()
    assert waiting.counts["requests_text"] >= 1, "the missing text was not asked for again"
    assert world.services.store.last_seq() == before and world.mails() == []

    arrive(world)
    came = world.crawl()
    assert came.mode is IngestMode.LIVE and world.status() == (TextStatus.AVAILABLE, None)
    told = {e.kind for e in world.services.store.events(before)}
    assert told == {EventKind.TEXT_ARRIVED, EventKind.FLAG_RAISED}

    world.clock[0] += timedelta(hours=1)
    [mail] = world.mails()
    assert TITLE in mail and "CB 1" in mail and "The text “Filed” can now be read" in mail.replace("\n", " ")
    assert world.crawl().counts["events"] == 0 and len(world.mails()) == 1
