"""`billwatch bills`, as a clerk types it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.tracker.web.sample import DULL, NASTY, PLAIN, open_sample
from tracker.cli import app
from tracker.errors import ConfigError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    open_sample(tmp_path / "home").store.close()
    return tmp_path / "home"


def run(home: Path, *words: str) -> str:
    done = CliRunner().invoke(app, ["bills", *words], env={"BILLWATCH_HOME": str(home)}, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def ids(home: Path, *words: str) -> list[str]:
    return [bill["id"] for bill in json.loads(run(home, *words, "--json"))["bills"]]


def test_bills_are_listed_by_what_is_asked_and_flagged_ones_only(home: Path) -> None:
    assert set(ids(home)) == {NASTY, PLAIN}
    assert set(ids(home, "--all", "-j", "XX")) == {NASTY, PLAIN, DULL}
    assert ids(home, "--topic", "decriminalization", "--words", "fair") == [PLAIN]
    assert ids(home, "--all", "--as-of", "2026-01-01") == []
    told = run(home, "--words", "fair")
    assert told.startswith("1 bill, newest movement first") and "Fair Streets Act" in told and "In committee" in told
    assert "--all takes all" in run(home, "--stage", "vetoed")


def test_the_pages_of_a_list_follow_each_other(home: Path) -> None:
    found, cursor = [], ()
    while True:
        page: Any = json.loads(run(home, "--all", "-n", "1", *cursor, "--json"))
        found += [bill["id"] for bill in page["bills"]]
        if page["next"] is None:
            break
        cursor = ("--cursor", page["next"])
    assert found == ids(home, "--all")


@pytest.mark.parametrize("words", [("-j", "wa"), ("-j", "us-uk"), ("--as-of", "soon"), ("--cursor", "nonsense")])
def test_what_cannot_be_meant_is_refused(home: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError):
        run(home, *words)
