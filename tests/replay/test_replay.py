"""The whole command on a real Congress while time passes: exactly once, whatever the site or the machine does.

Short forms of the walks that walk.py, faults.py, kill.py and kill_mail.py take at full length.
"""

from __future__ import annotations

import json
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import faults
import kill
import kill_mail
import walk

START = date(2025, 6, 1)


@pytest.fixture(scope="module")
def replay() -> Path:
    shared = walk.shared_folder()
    if shared is None:
        pytest.skip("needs the replay server of the shared folder (BILLWATCH_SHARED)")
    return shared


def test_ten_days_of_congress_are_told_exactly_once(replay: Path, tmp_path: Path) -> None:
    result = walk.walk(tmp_path, replay, "on-topic", START, START + timedelta(days=10))
    assert result.truth > 20
    assert not result.missing
    assert not result.surplus


def test_an_unchanged_day_costs_only_listings_and_tells_nothing(replay: Path, tmp_path: Path) -> None:
    with walk.replay_server(replay, "60", START) as server:
        walk.billwatch(tmp_path, "crawl", "us", "--base-url", server.base_url, "--quiet")
        server.control("reset", {})
        run = json.loads(walk.billwatch(tmp_path, "crawl", "us", "--base-url", server.base_url, "--json").stdout)
        asked = server.requests()["by_kind"]
    assert run["counts"]["events"] == 0
    assert set(asked) <= {"listing", "sitemap", "robots"}


@pytest.mark.parametrize("name", sorted(faults.PLANS))
def test_no_fault_of_the_site_tells_anything_wrong_or_loses_anything(replay: Path, name: str) -> None:
    result = faults.run(name, bills="300")
    assert result.right, f"{result.verdict}: {result.reason}"
    assert not result.wrong
    assert not result.missing
    assert not result.surplus


@pytest.mark.parametrize("what", kill.WHAT)
def test_a_killed_crawl_leaves_the_same_log_after_the_next_one(replay: Path, what: str) -> None:
    result = kill.run(what, times=4, start=START, bills="300", seed=3, step=7)
    assert result.entries > 300
    assert not result.missing
    assert not result.surplus


def test_a_killed_mail_sender_forgets_nobody_and_repeats_at_most_one_message_a_kill() -> None:
    kills, due, missing, repeats = kill_mail.run(times=3)
    assert due > 0
    assert missing == 0
    assert repeats <= kills
