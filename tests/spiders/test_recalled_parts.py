"""Parts of a record that did not move are read out of the archive: what is asked, and what comes of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spiders import discovery
from spiders.legislatures.gb import covers
from spiders.legislatures.us_wa import told_meetings
from tests.spiders.mirror import Manifest, Mirror, serve
from tracker.app import Services
from tracker.model import EventKind, VerdictKind
from tracker.polling import crawling
from tracker.settings import load_settings

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
BILL = "https://bills-api.parliament.uk/api/v1/Bills/9101"
Edit = Callable[[dict[str, Any]], None]


class Site:
    """The United Kingdom's pages, crawled once; its files may be changed between crawls."""

    def __init__(self, folder: Path, services: Services, mirror: Mirror) -> None:
        self.folder, self.services, self.mirror = folder, services, mirror
        self.crawl()

    def crawl(self) -> list[str]:
        """What was asked of bills, beyond listings."""
        self.mirror.asked.clear()
        run = crawling.crawl(self.services, crawling.Order("gb", self.mirror.base_url, floor=2))
        assert run.verdict is not None and run.verdict.kind is VerdictKind.OK, run.verdict
        assert self.mirror.unknown == []
        return sorted(url.removeprefix(BILL) for url, _ in self.mirror.asked if url.startswith(BILL))

    def edit(self, name: str, change: Edit) -> None:
        path = self.folder / "day1" / name
        said = json.loads(path.read_text())
        change(said)
        path.write_text(json.dumps(said))

    def touch(self, change: Edit = lambda row: None) -> None:
        """The bill's row everywhere: updated, and changed."""
        def every(said: dict[str, Any]) -> None:
            for row in said.get("items", [said]):
                if row["billId"] == 9101:
                    row["lastUpdate"] = "2026-02-28T09:00:00"
                    change(row)
        for name in ("9101.json", "session2.json", "newest.json"):
            self.edit(name, every)

    def kinds(self, after: int) -> list[EventKind]:
        return [e.kind for e in self.services.store.events(after)]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    folder = tmp_path / "gb"
    shutil.copytree(FIXTURES / "gb", folder)
    spider = discovery.find("gb")
    with (Services(load_settings(home=tmp_path / "home", contact="")) as services,
          serve(Mirror(Manifest.read(folder), spider)) as mirror):
        yield Site(folder, services, mirror)


def new_paper(said: dict[str, Any]) -> None:
    said["publications"].append({"house": "Lords", "id": 3199, "title": "HL Bill 21 Amendment paper", "links": [],
                                 "files": [{"id": 1, "filename": "a", "contentType": "application/pdf"}],
                                 "publicationType": {"id": 7, "name": "Amendment Paper"},
                                 "displayDate": "2026-02-28T00:00:00"})


def test_a_new_paper_costs_one_request(site: Site) -> None:
    site.edit("9101-papers.json", new_paper)
    site.touch()
    assert site.crawl() == ["/Publications"]
    state = site.services.store.bill("gb/77/bill-9101")
    assert state and "Amendment Paper" in state.bill.documents[-1].note and len(state.bill.hearings) == 1
    assert site.crawl() == []


def test_a_sitting_that_is_moved_to_another_day_is_seen_in_the_list_of_sittings(site: Site) -> None:
    def moved(said: dict[str, Any]) -> None:
        for row in said["items"]:
            for one in (row, *row.get("stageSittings", ())):
                if one["id"] == 2020:
                    one["date"] = "2026-03-09T00:00:00"

    site.edit("9101-stages.json", moved)
    site.edit("sittings.json", moved)
    site.touch(lambda row: row["currentStage"]["stageSittings"][0].update(date="2026-03-09T00:00:00"))
    last = site.services.store.last_seq()
    assert site.crawl() == ["/Publications", "/Stages?Take=100&Skip=0"]
    assert site.kinds(last) == [EventKind.HEARING_CHANGED]


def test_a_row_that_moved_costs_the_record(site: Site) -> None:
    site.touch(lambda row: row.update(shortTitle="Sex Work (Safety) Bill [HL]"))
    last = site.services.store.last_seq()
    assert site.crawl() == ["", "/Publications"]
    assert site.kinds(last) == [EventKind.TITLE_CHANGED]


def test_an_update_that_nothing_explains_is_looked_for_everywhere(site: Site) -> None:
    site.edit("9101.json", lambda said: said["sponsors"][0]["member"].update(name="Lord Elsewhere", memberId=1))
    site.touch()
    last = site.services.store.last_seq()
    assert site.crawl() == ["", "/Publications", "/Stages?Take=100&Skip=0"]
    assert site.kinds(last) == [EventKind.SPONSOR_ADDED, EventKind.SPONSOR_REMOVED]


def test_without_the_archive_or_the_list_of_sittings_all_is_asked_for(site: Site) -> None:
    site.edit("9101-papers.json", new_paper)
    site.touch()
    for archive in site.services.settings.archive.rglob("*.warc.gz"):
        archive.unlink()
    assert site.crawl() == ["", "/Publications", "/Stages?Take=100&Skip=0"]


def test_stages_that_lack_a_sitting_or_hold_one_too_many_are_not_those_of_today() -> None:
    current = {"id": 2, "description": "2nd reading", "house": "Lords", "sortOrder": 2,
               "stageSittings": [{"id": 20, "date": "2026-03-06T00:00:00"}]}
    held = [{"id": 1, "stageSittings": [{"id": 10, "date": "2026-01-01T00:00:00"}]}, current]
    told = {"20": "2026-03-06"}
    assert covers(held, current, told, "2026-02-01", "u")
    assert not covers(held, current, {**told, "21": "2026-03-07"}, "2026-02-01", "u")
    assert not covers(held, current, {}, "2026-02-01", "u")
    assert not covers(held, {**current, "house": "Commons"}, told, "2026-02-01", "u")
    assert not covers(held, None, told, "2026-02-01", "u")
    assert not covers(held, current, told, "2025-12-01", "u")


def test_a_meeting_of_washington_that_is_put_off_by_a_day_is_another_one() -> None:
    def page(on: str, words: str = "Public hearing at 1:30 PM.") -> bytes:
        return (f"<ArrayOfLegislativeStatus><LegislativeStatus><HistoryLine>{words}</HistoryLine><ActionDate>{on}"
                "</ActionDate></LegislativeStatus></ArrayOfLegislativeStatus>").encode()

    assert told_meetings(page("2099-01-20"), "u") != told_meetings(page("2099-01-21"), "u")
    assert told_meetings(page("2099-01-20", "First reading."), "u") == []
