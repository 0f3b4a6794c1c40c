"""What is asked how often, where a listing does not say what changed; and what `billwatch sources` tells of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import spiders.legislatures
from spiders import discovery
from tests.spiders.mirror import Manifest, Mirror, serve
from tracker.app import Services
from tracker.cli import app
from tracker.model import IngestMode, Run, RunVerdict, VerdictKind
from tracker.polling.crawling import Order, crawl
from tracker.settings import load_settings

SOURCE = '''
from spiders.labels import Labels
from spiders.listed import Due, ListedSpider, step
from spiders.selectors import need, read_json, rows
from tracker.model import Bill

LABELS = Labels(((r"Became law", ("became-law",)), (r"Filed", ("introduction",))))


class MuteSpider(ListedSpider):
    name, title, site, zone = "xx-mute", "Mute", "https://mute.example", "Europe/Berlin"
    terms = robots = format = "https://mute.example/open"
    proven, floor, actions, cadence = "our own pages", 1, LABELS, {"session": 60, "recess": 120}
    unstamped = True

    async def listed(self):
        answer = await self.listing("https://mute.example/list")
        for row in rows(read_json(answer.body, answer.url, list), "", answer.url):
            yield Due("7", f"MB {row['n']}", f"https://mute.example/bill/{row['n']}")

    def read(self, body, due):
        said = read_json(body, due.url)
        return Bill("xx-mute", "7", said["id"], "Mute", actions=(step(LABELS, said["last"], None),))
'''
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    code, day = tmp_path / "code", tmp_path / "pages" / "day1"
    code.mkdir()
    day.mkdir(parents=True)
    (code / "xx_mute.py").write_text(SOURCE)
    (day / "list.json").write_text(json.dumps([{"n": 1}, {"n": 2}]))
    for number, last in ((1, "Filed"), (2, "Became law")):
        (day / f"{number}.json").write_text(json.dumps({"id": f"MB {number}", "last": last}))
    monkeypatch.setenv("BILLWATCH_LEGISLATURES", str(code))
    monkeypatch.setattr(spiders.legislatures, "__path__", [*spiders.legislatures.__path__, str(code)])
    pages = {"https://mute.example/list": "list.json",
             **{f"https://mute.example/bill/{n}": f"{n}.json" for n in (1, 2)}}
    with serve(Mirror(Manifest(tmp_path / "pages", {"pages": pages}), discovery.find("xx-mute"))) as mirror:
        yield mirror


def test_a_live_bill_is_asked_for_in_each_crawl_and_one_that_became_law_once_a_week(
        mirror: Mirror, tmp_path: Path) -> None:
    clock = [NOW]
    asked: list[list[int]] = []
    with Services(load_settings(home=tmp_path / "home"), lambda: clock[0]) as services:
        for wait in (timedelta(0), timedelta(hours=1), timedelta(days=7), timedelta(hours=1)):
            clock[0] += wait
            mirror.asked.clear()
            done = crawl(services, Order("xx-mute", mirror.base_url))
            assert done.verdict and done.verdict.kind is VerdictKind.OK, done.verdict
            found = Counter(int(url[-1]) for url, _ in mirror.asked if "/bill/" in url)
            asked.append(sorted(found))
    assert asked == [[1, 2], [1], [1, 2], [1]]


def test_the_command_tells_each_sources_plan_and_what_a_change_costs(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    with Services(load_settings(home=tmp_path, sources="us-vt,us")) as services:
        services.store.save_run(Run("us-vt-1", "us-vt", IngestMode.LIVE, now - timedelta(hours=2), now,
                                    RunVerdict(VerdictKind.OK, "."), {"requests": 90, "events": 4}))
    monkeypatch.setenv("BILLWATCH_HOME", str(tmp_path))
    monkeypatch.setenv("BILLWATCH_SOURCES", "us-vt,us")
    done = CliRunner().invoke(app, ["sources", "--json"], catch_exceptions=False)
    rows: dict[str, dict[str, Any]] = {row["source"]: row for row in json.loads(done.stdout)}
    vermont = rows["us-vt"]
    assert set(rows) == {"us", "us-vt"} and done.exit_code == 0
    assert (vermont["requests_30_days"], vermont["changes_30_days"], vermont["requests_per_change"]) == (90, 4, 22.5)
    assert (vermont["pace"], vermont["session_minutes"], vermont["recess_minutes"]) == ("session", 1440, 10080)
    assert vermont["settled_days"] == 7 and rows["us"]["settled_days"] is None
    assert rows["us"]["hot_minutes"] == rows["us"]["session_minutes"] / 2
    shown = CliRunner().invoke(app, ["sources"], catch_exceptions=False).stdout
    assert "22.5" in shown and "us-vt" in shown
