"""How often a legislature is asked, and how much of its quota is left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import spiders.legislatures
from tracker.app import Services
from tracker.crawling import budget
from tracker.jobs import pause_of
from tracker.model import IngestMode, Run, RunVerdict, VerdictKind
from tracker.settings import load_settings

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
QUOTED = '''
from spiders.access import Quota
from spiders.contract import LegislatureSpider


class QuotedSpider(LegislatureSpider):
    name, title, site, zone = "xx-quoted", "Quoted", "https://quoted.example", "UTC"
    terms = robots = format = "https://quoted.example/open"
    proven, floor, cadence, quota = "our own pages", 1, {"session": 60, "recess": 120}, Quota(day=100, month=1000)
'''


def run(source: str, days: float, **counts: int) -> Run:
    began = NOW - timedelta(days=days)
    return Run(f"{source}-{days}", source, IngestMode.LIVE, began, began + timedelta(minutes=5),
               RunVerdict(VerdictKind.OK, "."), counts)


@pytest.mark.parametrize(("runs", "minutes"), [
    ([], 240), ([run("us", 1, events=0)], 240), ([run("us", 30, events=5)], 720),
    ([run("us", 30, events=0), run("us", 2, events=0)], 720), ([run("us", 30, events=0), run("us", 2, events=1)], 240)])
def test_a_legislature_is_asked_as_often_as_its_bills_move(tmp_path: Path, runs: list[Run], minutes: int) -> None:
    with Services(load_settings(home=tmp_path)) as services:
        for one in runs:
            services.store.save_run(one)
        assert pause_of(services, "us", NOW) == timedelta(minutes=minutes)


def test_the_setting_overrides_every_cadence(tmp_path: Path) -> None:
    with Services(load_settings(home=tmp_path, crawl_every_minutes=77)) as services:
        assert pause_of(services, "us", NOW) == timedelta(minutes=77)


@pytest.mark.parametrize(("runs", "left"), [
    ([], 100), ([run("xx-quoted", 0.5, requests=30), run("xx-quoted", 0.2, requests=20)], 50),
    ([run("xx-quoted", 0.5, requests=130)], 0), ([run("xx-quoted", 9, requests=950)], 50),
    ([run("xx-quoted", 40, requests=950)], 100)])
def test_what_is_left_of_a_quota_is_counted_from_our_own_runs(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runs: list[Run], left: int) -> None:
    (tmp_path / "xx_quoted.py").write_text(QUOTED)
    monkeypatch.setattr(spiders.legislatures, "__path__", [*spiders.legislatures.__path__, str(tmp_path)])
    with Services(load_settings(home=tmp_path / "home")) as services:
        for one in runs:
            services.store.save_run(one)
        assert budget(services, "xx-quoted", NOW) == left
        assert budget(services, "us", NOW) is None
