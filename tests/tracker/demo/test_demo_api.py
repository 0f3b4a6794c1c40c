"""docs/api.md does what it says, line by line and as it stands, against the site of `make demo`."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.tracker.web.serving import running
from tracker.app import Services
from tracker.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/api.md").read_text("utf-8")
LINES = [line for block in re.findall("```sh\n(.*?)```", PAGE, re.S) for line in block.splitlines() if "curl" in line]
EMPTY = ("hearings",)  # the demo's legislature announces none
pytestmark = pytest.mark.skipif(shutil.which("curl") is None or shutil.which("bash") is None, reason="needs curl, bash")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("demo")
    subprocess.run([sys.executable, "-m", "tracker.cli", "demo", "--no-serve", "--json"], cwd=folder, check=True,
                   capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    with Services(Settings(home=folder / "demo-out", sources=("us",))) as services, running(services) as address:
        yield address, folder


def test_two_bills_of_the_demo_are_tied_by_name_and_by_words(site: tuple[str, Path]):
    """S 201 names HR 104, which does not name it; one section of both says the same in two formats."""
    bills = {number: httpx.get(f"{site[0]}/api/v1/bills/us/999/{number}").json() for number in ("s-201", "hr-104")}
    assert [(r["id"], r["relations"], r["naming"]) for r in bills["s-201"]["related"]] == [
        ("us/999/hr-104", ["Related bill"], False)]
    assert [(r["id"], r["relations_there"], r["named"]) for r in bills["hr-104"]["related"]] == [
        ("us/999/s-201", ["Related bill"], False)]
    assert [[b["id"] for b in x["same_words"]["bills"]] for x in bills.values()] == [
        ["us/999/hr-104"], ["us/999/s-201"]]
    assert bills["s-201"]["related"][0]["held"]["stage"] == bills["hr-104"]["stage"] == "reported"


def test_the_vote_of_the_demo_is_told_with_its_counts(site: tuple[str, Path]):
    """In the record, on the page and with the step that tells of it."""
    address, _ = site
    (vote,) = httpx.get(f"{address}/api/v1/bills/us/999/hr-101").json()["bill"]["votes"]
    assert {c["option"]: c["value"] for c in vote["counts"]} == {"yes": 218, "no": 199}
    page = " ".join(httpx.get(f"{address}/us/999/hr-101").text.split())
    assert '<span class="badge">passed 218 to 199</span>' in page and "; passed 218 to 199; the bill now" in page


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_each_line_is_answered(line: str, site: tuple[str, Path]):
    """In order: the second line about copies rests on the first."""
    address, folder = site
    script = f'curl() {{ command curl --silent --show-error --fail-with-body "$@"; }}\nS={address}\n'
    done = subprocess.run(["bash", "-e", "-c", script + line], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr + done.stdout
    answers = list(values(done.stdout))
    assert answers or "--output" in line or "--remote-name" in line
    for answer in answers:
        lists = [v for v in answer.values() if isinstance(v, list)] if isinstance(answer, dict) else [answer]
        assert any(lists) or any(name in line for name in EMPTY), answer


def values(printed: str) -> Iterator[Any]:
    """Two calls of one line print one value after the other."""
    while printed := printed.strip():
        value, end = json.JSONDecoder().raw_decode(printed)
        yield value
        printed = printed[end:]


def test_what_the_lines_left_behind_is_whole(site: tuple[str, Path]):
    _, folder = site
    assert len(json.loads((folder / "topics.json").read_text())) > 5
    with sqlite3.connect(folder / "billwatch.db") as copied:
        assert copied.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copied.execute("SELECT count(*) FROM bills").fetchone()[0] > 10


def test_the_lines_name_the_address_of_the_demo():
    assert "S=http://127.0.0.1:8080\n" in PAGE and 'Client("http://127.0.0.1:8080")' in PAGE and len(LINES) > 15
