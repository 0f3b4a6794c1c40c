"""`billwatch alerts` and `members`: the same rules as at the desk, for programs and people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.tracker.alerts.sample import people
from tests.tracker.web.sample import NASTY, fill
from tracker.alerts.members import read_members
from tracker.app import Services
from tracker.cli import app
from tracker.errors import AlertError
from tracker.settings import Settings

CSV = ("name,role,district,phone,mail,url,source,fetched\n"
       "Rep. Ada Sample,Representative,XX-1,+1 555 0100,sample@house.example.org,https://l.example/1,"
       "https://l.example/members,2031-05-01\n")
TOML = f"""jurisdiction = "xx"
topics = ["decriminalization"]
bills = ["{NASTY}"]
zone = "America/Los_Angeles"
deadline = "2099-05-08T17:00"
deadline_words = "Friday 5 pm"
addressees = ["all"]
headline = "Ask the committee"
happens = "It votes."
why = "It matters."
decides = "The committee."
reach = "Call."
script = "Hello."
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    services = Services(Settings(home=tmp_path / "home"))
    fill(services.store)
    people(services)
    services.store.close()
    monkeypatch.setenv("BILLWATCH_HOME", str(tmp_path / "home"))
    return tmp_path


def run(*words: str, status: int = 0):
    done = CliRunner().invoke(app, [*words, "--json"])
    if status:
        assert done.exit_code, done.output
        return str(done.exception)
    assert done.exit_code == 0, (done.output, done.exception)
    return json.loads(done.stdout)


def test_two_people_bring_an_alert_from_a_file_to_the_public_and_take_it_back(home: Path) -> None:
    (home / "members.csv").write_text(CSV)
    (home / "alert.toml").write_text(TOML)
    assert run("members", "import", "xx", str(home / "members.csv"))["members"] == 1
    assert run("members", "list", "xx")[0]["contact"]["fetched_on"] == "2031-05-01"
    made = run("alerts", "write", str(home / "alert.toml"), "--by", "ada")
    assert made["standing"] == "draft"
    assert run("alerts", "submit", made["id"][:6], "--by", "ada")["standing"] == "submitted"
    assert "role releaser" in run("alerts", "release", made["id"], "--by", "ada", status=2)
    assert run("alerts", "release", made["id"], "--by", "bo")["standing"] == "open"
    shown = run("alerts", "show", made["id"])
    assert [s["step"] for s in shown["steps"]] == ["written", "submitted", "released"]
    assert shown["text"]["addressees"][0]["phone"] == "+1 555 0100"
    assert run("alerts", "withdraw", made["id"], "--by", "ada", "--note", "wrong")["standing"] == "withdrawn"
    assert [row["standing"] for row in run("alerts", "list")] == ["withdrawn"]


@pytest.mark.parametrize("kind", ["text", "html", "feed", "page", "ics"])
def test_the_preview_is_there_in_each_form_before_anything_is_released(home: Path, kind: str) -> None:
    (home / "alert.toml").write_text(TOML)
    made = run("alerts", "write", str(home / "alert.toml"), "--by", "ada")
    shown = run("alerts", "preview", made["id"], "--as", kind)
    assert ("Deadline" if kind == "ics" else "Hello.") in json.dumps(shown)
    plain = CliRunner().invoke(app, ["alerts", "preview", made["id"], "--as", kind])
    assert plain.exit_code == 0 and len(plain.stdout) > 100


def test_a_misspelt_field_is_refused_and_not_dropped(home: Path) -> None:
    (home / "alert.toml").write_text(TOML + 'not_befor = "2031-05-06T09:00"\n')
    assert "not_befor" in run("alerts", "write", str(home / "alert.toml"), "--by", "ada", status=2)
    assert run("alerts", "list") == []


@pytest.mark.parametrize(("row", "words"), [
    ("Rep. X,,,,rep.x@gmail.com,,https://l.example/m,2031-05-01", "private"),
    ("Rep. X,,,,not a mail,,https://l.example/m,2031-05-01", "office"),
    ("Rep. X,,,,,,,2031-05-01", "source"), ("Rep. X,,,,,javascript:alert(1),https://l.example/m,2031-05-01", "url"),
    ("Rep. X,,,,,,https://l.example/m,May", "fetched"), ("Rep. X,,,call me,,,https://l.example/m,2031-05-01", "phone"),
    (",,,,,,https://l.example/m,2031-05-01", "name")])
def test_a_list_with_a_doubtful_row_is_refused_whole(row: str, words: str) -> None:
    with pytest.raises(AlertError, match=f"line 3.*{words}"):
        read_members("xx", CSV + row + "\n")


