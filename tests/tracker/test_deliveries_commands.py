"""`billwatch deliveries` and `billwatch bounces`, as an operator types them."""

from __future__ import annotations

import json
import mailbox
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from digests.delivery.return_path import Returned, return_path
from tests.replay.kill_mail import fill
from tracker.app import Services
from tracker.cli import app
from tracker.jobs import deliver_now
from tracker.model import Cadence, Filter, Subscription
from tracker.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
BASE = "bounces@watch.example.org"
NAMES = ("ada", "ben", "cyd")


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Three readers who were told one thing, into a folder."""
    settings = Settings(home=tmp_path / "home", mail="folder", bounce_address=BASE)
    with Services(settings) as services:
        now = datetime.now(UTC)
        for name in NAMES:
            address = f"{name}@example.org"
            services.ledger.add(Subscription(
                name, services.keys.seal(address, name), services.keys.blind_index(address), Filter(), Cadence.INSTANT,
                "UTC", 8, 0, 0, now, confirmed_at=now))
        fill(services, 1)
        deliver_now(services)
        yield services


def run(services: Services, *words: str, typed: bytes | None = None) -> Result:
    env = {"BILLWATCH_HOME": str(services.settings.home), "BILLWATCH_BOUNCE_ADDRESS": BASE}
    return CliRunner().invoke(app, list(words), input=typed, env=env)


def answer(services: Services, *words: str, status: int = 0, typed: bytes | None = None) -> Any:
    done = run(services, *words, "--json", typed=typed)
    assert done.exit_code == status, done.output
    return json.loads(done.stdout)


def report(services: Services, name: str, status: str = "5.1.1") -> bytes:
    [delivery] = services.ledger.deliveries(name)
    to = return_path(BASE, services.keys, Returned(delivery_id=delivery.id))
    return (f"From: MAILER-DAEMON@mx.example.net\nTo: {to}\nMIME-Version: 1.0\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
            "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
            f"Final-Recipient: rfc822; {name}@example.org\nAction: failed\nStatus: {status}\n\n--b--\n").encode()


def test_messages_are_listed_and_shown_without_addresses(services: Services) -> None:
    listed = answer(services, "deliveries", "list")
    assert listed["counts"] == {"sent": 3} and {row["subscription"] for row in listed["deliveries"]} == set(NAMES)
    assert answer(services, "deliveries", "list", "--state", "queued")["deliveries"] == []
    one = listed["deliveries"][0]["id"]
    for name in (one, f"<digest.{one}@localhost>"):
        shown = answer(services, "deliveries", "show", name)
        assert shown["id"] == one and shown["state"] == "sent" and shown["events_by_the_filter_of_today"] > 0
    words = run(services, "deliveries", "list").stdout + run(services, "deliveries", "show", one).stdout
    assert "@" not in words and "3 sent" in words


def test_a_delivery_that_is_not_there_is_named(services: Services) -> None:
    assert "there is no delivery 'none'" in str(run(services, "deliveries", "show", "none").exception)


def test_a_lost_row_is_found_and_queued_again_and_the_status_says_so(services: Services) -> None:
    assert answer(services, "deliveries", "check")["well"]
    with services.store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM delivery WHERE subscription_id = 'ben'")
    assert answer(services, "deliveries", "check", "--dry-run", status=1)["queued_again"] == 0
    found = answer(services, "deliveries", "check", status=1)
    assert (found["gaps"], found["queued_again"]) == (1, 1)
    deliver_now(services)
    assert answer(services, "deliveries", "check")["sent"] == 3
    assert "All that should have gone went" in run(services, "deliveries", "check").stdout


def test_a_bounce_on_standard_input_is_taken(services: Services) -> None:
    taken = answer(services, "bounces", "take", typed=report(services, "ada"))
    assert taken == {"outcome": "suppressed", "kind": "hard", "code": "5.1.1"}
    listed = answer(services, "bounces", "list")
    assert listed["left_alone"] == {"hard": 1} and listed["bounces"][0]["subscription"] == "ada"
    assert answer(services, "bounces", "lift", "Ada@Example.org") == {"lifted": True}
    assert answer(services, "bounces", "lift", "ada@example.org", status=1) == {"lifted": False}
    shown = answer(services, "deliveries", "show", services.ledger.deliveries("ada")[0].id)
    assert shown["came_back"] == "hard 5.1.1"


@pytest.mark.parametrize("kind", ["maildir", "mbox", "file"])
def test_a_mailbox_is_emptied_as_it_is_taken(services: Services, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "box"
    mails = [report(services, "ada"), report(services, "ben", "5.2.2"), b"Subject: hello\n\nnot for you\n"]
    if kind == "file":
        path.write_bytes(mails[0])
    else:
        box: mailbox.Mailbox[Any] = mailbox.Maildir(path) if kind == "maildir" else mailbox.mbox(path)
        for raw in mails:
            box.add(raw)
        box.close()
    all_of_it = {"suppressed": 1} if kind == "file" else {"suppressed": 1, "counted": 1, "no bounce": 1}
    kept = answer(services, "bounces", "take", str(path), "--keep")
    assert kept == {"taken": sum(all_of_it.values()), "outcomes": all_of_it}
    again = answer(services, "bounces", "take", str(path))
    assert again["outcomes"]["known"] == (1 if kind == "file" else 2)
    # A file with one message is no mailbox: it stays.
    assert answer(services, "bounces", "take", str(path))["taken"] == (1 if kind == "file" else 0)


def test_what_cannot_be_taken_now_stays_with_the_mail_server(services: Services) -> None:
    """Status 75 and no word of the message: the mail server keeps it and tries again."""
    env = {**os.environ, "BILLWATCH_HOME": str(services.settings.home), "BILLWATCH_BOUNCE_ADDRESS": BASE,
           "BILLWATCH_DATABASE": "postgresql://nobody@127.0.0.1:1/none"}
    done = subprocess.run([sys.executable, "-m", "tracker.cli", "bounces", "take"], cwd=ROOT, env=env, check=False,
                          input=report(services, "ada"), capture_output=True)
    assert done.returncode == 75 and b"example.org" not in done.stdout + done.stderr
