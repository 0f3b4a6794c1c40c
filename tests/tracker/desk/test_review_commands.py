"""`billwatch review` and `billwatch accounts`, as an operator types them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyotp
import pytest
from typer.testing import CliRunner

from tests.tracker.web.sample import FLAGS, NASTY, PLAIN, open_sample
from tracker.app import Services
from tracker.cli import app
from tracker.errors import TrackerError
from tracker.model import Role
from tracker.settings import Settings

PASSWORD = "seven lanterns at dusk"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    services = open_sample(tmp_path / "home")
    services.entrance.add("ada", [Role.EDITOR], None, services.clock())
    services.store.close()
    return tmp_path / "home"


def run(home: Path, *words: str, typed: str = "") -> str:
    """What the command prints. Its errors are raised."""
    done = CliRunner().invoke(app, list(words), input=typed, env={"BILLWATCH_HOME": str(home)}, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def answer(home: Path, *words: str, **more: Any) -> Any:
    return json.loads(run(home, *words, "--json", **more))


def first(home: Path, bill: str = NASTY) -> str:
    found = answer(home, "review", "list", "--state", "all")
    return next(row["key"] for row in found["flags"] if row["bill"] == bill)


def test_a_flag_is_listed_shown_rejected_and_taken_back(home: Path) -> None:
    listed = answer(home, "review", "list")
    assert listed["total"] == 3 and listed["flags"][0]["flag"]["quote"] == FLAGS[0].quote
    key = first(home)
    shown = run(home, "review", "show", key[:8])
    assert "Sec. 2 of the text ih" in shown and "<b>90</b>" in shown
    judged = answer(home, "review", "reject", key[:8], "--by", "ada", "--reason", "It only names streets.")
    assert judged["kept"] and judged["event"]
    assert answer(home, "review", "reject", key, "--by", "ada", "--reason", "It only names streets.") == {
        "kept": False, "event": None}
    assert answer(home, "review", "list")["total"] == 2
    assert answer(home, "review", "list", "--state", "rejected")["flags"][0]["key"] == key
    told = run(home, "events", "--kind", "flag-rejected")
    assert "We flagged this by mistake" in told and "ada" not in told
    assert "rejected by ada: It only names streets." in run(home, "review", "show", key)
    answer(home, "review", "withdraw", key, "--by", "ada")
    assert answer(home, "review", "list")["total"] == 3
    assert [d["verdict"] for d in answer(home, "review", "show", key)["decisions"]] == ["reject", "withdraw"]
    assert "taken back by ada" in run(home, "review", "show", key)


def test_a_correction_keeps_what_is_not_named(home: Path) -> None:
    key = first(home)
    run(home, "review", "correct", key, "--by", "ada", "--reason", "Other way.", "--effect", "reverses")
    flag = answer(home, "review", "list", "--state", "corrected")["flags"][0]["flag"]
    assert (flag["topic"], flag["effect"], flag["subtopic"], flag["rule"]) == (
        "decriminalization", "reverses", "loitering", "review")
    run(home, "review", "correct", key, "--by", "ada", "--reason", "Other topic.", "--topic", "worker-rights")
    flag = answer(home, "review", "list", "--state", "corrected")["flags"][0]["flag"]
    assert (flag["topic"], flag["effect"], flag["subtopic"]) == ("worker-rights", "advances", None)


def test_the_export_is_one_line_a_section_and_input_of_the_tagger(home: Path) -> None:
    run(home, "review", "confirm", first(home, PLAIN), "--by", "ada")
    run(home, "review", "reject", first(home), "--by", "ada", "--reason", "No.")
    lines = run(home, "review", "export", "--jurisdiction", "xx")
    units = [json.loads(line) for line in lines.split("\n") if line]
    assert [len(unit["labels"]) for unit in units] == [1, 0]
    tagged = [json.loads(line) for line in run(home, "tag", "--jsonl", typed=lines).splitlines()]
    assert [row["id"] for row in tagged] == [unit["id"] for unit in units]
    assert run(home, "review", "export", "--jurisdiction", "yy") == ""


@pytest.mark.parametrize(("words", "said"), [
    (("review", "confirm", "000000", "--by", "ada"), "fits none or several"),
    (("review", "confirm", "KEY", "--by", "bo"), "no account 'bo'"),
    (("review", "reject", "KEY", "--by", "ada", "--reason", " "), "expected a reason"),
    (("review", "correct", "KEY", "--by", "ada", "--reason", "x"), "expected another topic or effect"),
    (("review", "reject", "KEY", "--by", "ada", "--reason", "Only streets. -- Ada"), "leave the name of your account"),
    (("review", "confirm", "KEY", "--by", "ada", "--reason", "ADA's view"), "leave the name of your account"),
    (("review", "list", "--state", "odd"), "expected one of open, confirmed"),
    (("accounts", "add", "ada", "--role", "editor"), "already"),
    (("accounts", "add", "bo", "--role", "editor"), "expected a password of 12"),
    (("accounts", "password", "bo"), "no account"),
    (("accounts", "totp", "bo"), "no account"),
    (("accounts", "totp", "ada", "--json"), "expected --no-check or --off with --json"),
])
def test_what_cannot_be_done_is_said_in_one_line(home: Path, words: tuple[str, ...], said: str) -> None:
    typed = "short\n" if "bo" in words else PASSWORD + "\n"
    with pytest.raises(TrackerError, match=re.escape(said)):
        run(home, *(first(home) if word == "KEY" else word for word in words), typed=typed)


def test_an_error_is_one_line_on_a_terminal(home: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "tracker.cli", "review", "show", "000000"], capture_output=True,
                          text=True, env={**os.environ, "BILLWATCH_HOME": str(home)}, check=False)
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1


def scan(home: Path, *typed: str) -> tuple[int, str]:
    """`billwatch accounts totp bo` by somebody who types these; "right" is a code of what was shown. Status, errors."""
    with subprocess.Popen([sys.executable, "-m", "tracker.cli", "accounts", "totp", "bo"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env={**os.environ, "BILLWATCH_HOME": str(home)}) as command:
        assert command.stdin and command.stdout and command.stderr
        secret = next(line.split()[-1] for line in command.stdout if "type the key" in line)
        assert not has_totp(home)
        codes = [pyotp.TOTP(secret).now() if word == "right" else word for word in typed]
        _, said = command.communicate("".join(f"{code}\n" for code in codes), timeout=60)
    return command.returncode, said


def has_totp(home: Path) -> bool:
    return bool(next(a["totp"] for a in answer(home, "accounts", "list") if a["name"] == "bo"))


@pytest.mark.parametrize(("typed", "status", "said"), [
    (("right",), 0, "A code is asked for at each log-in from now on"), (("000000", "", "right"), 0, "not right"),
    (("000000", "111111", "222222", "right"), 2, "nothing was changed"), ((), 2, "nothing was changed")])
def test_one_time_codes_are_asked_for_once_a_code_was_right(
        home: Path, typed: tuple[str, ...], status: int, said: str) -> None:
    run(home, "accounts", "add", "bo", "--role", "editor", typed=PASSWORD + "\n")
    found, words = scan(home, *typed)
    assert (found, has_totp(home)) == (status, status == 0) and said in words


def test_a_code_that_armed_is_used_up(home: Path) -> None:
    run(home, "accounts", "add", "bo", "--role", "editor", typed=PASSWORD + "\n")
    scan(home, "right")
    with Services(Settings(home=home)) as services:
        account = services.entrance.get("bo")
    assert account.totp_sealed is not None and account.totp_step is not None


def test_accounts_are_made_listed_changed_and_disabled_and_no_password_is_an_argument(home: Path) -> None:
    made = answer(home, "accounts", "add", "bo", "--role", "releaser", "--role", "editor", typed=PASSWORD + "\n")
    assert (made["roles"], made["password"], made["totp"]) == (["editor", "releaser"], True, False)
    assert {a["name"]: a["password"] for a in answer(home, "accounts", "list")} == {"ada": False, "bo": True}
    assert PASSWORD not in run(home, "accounts", "list")
    made = answer(home, "accounts", "totp", "bo", "--no-check")
    assert made["uri"].startswith("otpauth://totp/billwatch:bo?")
    shown = run(home, "accounts", "totp", "bo", "--no-check")
    assert "█" in shown or "▄" in shown
    assert answer(home, "accounts", "totp", "bo", "--off")["totp"] is False
    run(home, "accounts", "password", "bo", typed="twelve more lanterns\n")
    assert answer(home, "accounts", "disable", "bo")["disabled"] is True
    with pytest.raises(TrackerError, match="disabled"):
        run(home, "review", "confirm", first(home), "--by", "bo")
    assert answer(home, "accounts", "disable", "bo", "--undo")["disabled"] is False
    actions = [entry["action"] for entry in answer(home, "accounts", "log")]
    assert actions == ["account-enabled", "account-disabled", "password-set", "totp-off", "totp-on", "totp-on",
                       "account-added"]
