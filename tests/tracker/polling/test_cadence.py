"""How often a legislature is asked, and how much of its quota is left."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import spiders.legislatures
from tests.tracker.web.sample import NOW as SAMPLED_AT
from tests.tracker.web.sample import open_sample
from tracker.app import Services
from tracker.errors import ConfigError
from tracker.model import IngestMode, Run, RunVerdict, VerdictKind
from tracker.polling import cadence
from tracker.polling.cadence import PLAN, SHORTEST, Pace, allowance, pause
from tracker.polling.crawling import budget
from tracker.polling.pacing import allowance_of, is_hot, pause_of, zone_of
from tracker.polling.poll_plan import read_plan, the_plan
from tracker.settings import load_settings

NOW = datetime(2026, 11, 19, 17, tzinfo=UTC)  # a Thursday, noon in Washington
MOVED_AT = SAMPLED_AT - timedelta(hours=2)  # the newest flagged bill of the sample
HOURLY = {"session": 60, "recess": 720}
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


@pytest.mark.parametrize(("zone", "moment", "pace", "minutes"), [
    ("America/New_York", "2026-11-19T17:00", Pace.SESSION, 60),  # Thursday noon
    ("America/New_York", "2026-11-20T03:00", Pace.SESSION, 120),  # Thursday 22:00 there, Friday in UTC
    ("America/Los_Angeles", "2026-11-21T04:30", Pace.SESSION, 60),  # Friday 20:30 there, Saturday in UTC
    ("America/Los_Angeles", "2026-11-21T05:30", Pace.SESSION, 120),
    ("Pacific/Auckland", "2026-11-22T20:00", Pace.SESSION, 60),  # Monday morning there, Sunday in UTC
    ("America/New_York", "2026-11-21T17:00", Pace.SESSION, 120),  # Saturday noon
    ("America/New_York", "2026-11-21T17:00", Pace.HOT, 30),
    ("America/New_York", "2026-11-21T08:00", Pace.HOT, 60),
    ("America/New_York", "2026-11-21T17:00", Pace.RECESS, 720),
    ("America/New_York", "2026-03-08T06:59", Pace.SESSION, 120),  # clocks go forward in a minute
    ("America/New_York", "2026-11-01T05:30", Pace.SESSION, 120),  # 1:30, the first of two
])
def test_the_plan_follows_the_legislatures_own_clock(zone: str, moment: str, pace: Pace, minutes: int) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert pause(HOURLY, pace, zone, now) == timedelta(minutes=minutes)


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])
def test_every_hour_of_a_year_has_a_pause_that_cannot_make_a_source_stale(zone: str) -> None:
    """Through both changes of the clock."""
    for hour in range(365 * 24):
        now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
        for pace in Pace:
            assert SHORTEST <= pause(HOURLY, pace, zone, now) * 2 < allowance(HOURLY, pace)


def test_the_plan_leaves_no_hour_out_and_is_never_shorter_than_ten_minutes() -> None:
    for pace in Pace:
        last = [slot for slot in PLAN if slot.pace is pace][-1]
        assert (last.days, last.hours) == (range(7), range(24))
    assert pause({"session": 12, "recess": 12}, Pace.HOT, "UTC", NOW) == SHORTEST


def test_a_clock_that_jumps_gives_the_pause_of_where_it_lands() -> None:
    for years in (-20, 30):
        assert pause(HOURLY, Pace.RECESS, "America/New_York", NOW.replace(year=2026 + years)) == timedelta(minutes=720)


def test_a_flagged_bill_that_moved_or_is_heard_makes_its_legislature_hot(tmp_path: Path) -> None:
    with open_sample(tmp_path / "home") as services:
        assert is_hot(services, "xx", MOVED_AT + timedelta(hours=47))
        assert not is_hot(services, "xx", MOVED_AT + timedelta(hours=49))
        assert not is_hot(services, "xx", MOVED_AT - timedelta(days=9))  # a clock that was set back
        assert not is_hot(services, "yy", MOVED_AT)
        assert pause_of(services, "xx", datetime(2031, 5, 7, 10, tzinfo=UTC)) == timedelta(minutes=120)


def test_a_zone_that_a_file_names_by_a_constant_is_found() -> None:
    assert (zone_of("us-ca"), zone_of("us"), zone_of("xx-nobody")) == ("America/Los_Angeles", "America/New_York", "UTC")


def test_two_cadences_and_an_hour_are_allowed_unless_a_setting_says_otherwise(tmp_path: Path) -> None:
    for given, hours in (({}, 17), ({"crawl_every_minutes": 90}, 4), ({"stale_after_hours": 30}, 30)):
        with Services(load_settings(home=tmp_path, **given)) as services:
            assert allowance_of(services, "us", NOW) == timedelta(hours=hours)


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


PLAN_FILE = (Path(cadence.__file__).with_name("poll_plan.toml")).read_text()


@pytest.mark.parametrize(("was", "now", "named"), [
    ('{ pace = "recess", days = [0, 6], hours = [0, 23], share = 1.0 },', "", "at the pace recess"),
    ("hours = [0, 23], share = 2.0", "hours = [0, 22], share = 2.0", "at the pace session"),
    ("share = 0.5", "share = 0", "shares above 0"),
    ("{ every_hours = 168 },", "", "texts"),
    ('"died"', '"dead"', "unknown stage 'dead'"),
    ('pace = "hot"', 'pace = "warm"', "warm"),
    ("recess_after_days = 21", "", "recess_after_days"),
    ("grace_minutes = 60", "grace_minutes = 0", "above 0"),
])
def test_a_plan_with_a_hole_is_refused_by_name(was: str, now: str, named: str) -> None:
    assert was in PLAN_FILE
    with pytest.raises(ConfigError, match=re.escape(named)):
        read_plan(PLAN_FILE.replace(was, now), "poll_plan.toml")


def test_every_hour_of_a_week_has_a_pause_and_every_age_of_a_text_a_rhythm() -> None:
    plan = read_plan(PLAN_FILE, "poll_plan.toml")
    assert plan == the_plan()
    ages = [limit for limit, _ in plan.texts]
    assert ages == sorted(ages) and ages[-1] == timedelta.max
    assert [every for _, every in plan.texts] == sorted(every for _, every in plan.texts)
