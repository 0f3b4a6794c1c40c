"""Against a real mail server (Postfix): every answer and every kind of bounce ends in the right state, and the ledger
agrees with the mailboxes one to one."""

from __future__ import annotations

import json
import os
import pwd
import smtplib
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes.postfix import BOX_OWNER, Cutter, Postfix, Unavailable, postfix
from fakes.returns import complaint

from digests.delivery.sending import Sent
from tests.replay.kill_mail import fill
from tracker.app import Services
from tracker.jobs import deliver_now
from tracker.model import Cadence, Delivery, DeliveryStatus, Filter, Subscription
from tracker.post import ReturnKind
from tracker.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
START = datetime.now(UTC).replace(microsecond=0)  # `billwatch bounces take` has no other clock
BOXES = ("ok", "grey", "later", "cut", "complainer", "leaver", "never", "pause")
READERS = (*BOXES, "unknown", "full", "policy")


@dataclass
class Time:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


@dataclass
class House:
    """A service of its own in front of the mail server."""

    services: Services
    time: Time
    server: Postfix
    waves: int = 0
    rounds: list[Sent] = field(default_factory=list)

    def news(self) -> None:
        self.waves += 1
        fill(self.services, self.waves)

    def round(self, *, send: bool = True) -> None:
        sent = deliver_now(self.services, send=send)[2]
        if sent:
            self.rounds.append(sent)

    def rounds_until_nothing_is_open(self) -> None:
        for _ in range(60):
            self.round()
            if not self.services.ledger.open_deliveries(self.time.now + timedelta(days=9)):
                return
            self.time.now += timedelta(minutes=2)
        raise AssertionError("something stays open")

    def take(self) -> dict[str, int]:
        """`billwatch bounces take` on the mailbox of bounces."""
        self.server.wait_until_idle()
        settings = self.services.settings
        done = subprocess.run(
            [sys.executable, "-m", "tracker.cli", "bounces", "take", "--json",
             str(self.server.folder / "boxes/bounces")], cwd=ROOT, check=True, capture_output=True, text=True,
            env={**os.environ, "BILLWATCH_HOME": str(settings.home), "BILLWATCH_BOUNCE_SOFT_LIMIT": "3",
                 "BILLWATCH_BOUNCE_ADDRESS": settings.bounce_address})
        outcomes: dict[str, int] = json.loads(done.stdout)["outcomes"]
        return outcomes

    def deliveries(self, name: str) -> list[Delivery]:
        return self.services.ledger.deliveries(name)

    def alone(self, name: str) -> ReturnKind | None:
        found = self.services.ledger.suppression(self.services.keys.blind_index(f"{name}@good.example"))
        return found.reason if found else None

    def in_mailboxes(self) -> Counter[tuple[str, str]]:
        return Counter((name, str(m["Message-ID"])) for name in BOXES for m in self.server.box(name))

    def in_ledger(self) -> Counter[tuple[str, str]]:
        """What was sent and did not come back."""
        domain, ledger = self.services.site.domain, self.services.ledger
        back = {(b.subscription_id, b.delivery_id) for b in ledger.bounces(limit=9999)}
        return Counter((d.subscription_id, f"<digest.{d.id}@{domain}>") for d in ledger.deliveries(limit=9999)
                       if d.status is DeliveryStatus.SENT and (d.subscription_id, d.id) not in back)


@pytest.fixture(scope="module")
def server() -> Iterator[Postfix]:
    try:
        with postfix(BOXES) as running:
            yield running
    except Unavailable as problem:
        pytest.skip(str(problem))


@pytest.fixture
def house(server: Postfix, tmp_path: Path) -> Iterator[House]:
    for name in (*BOXES, "bounces"):
        for message in list((server.folder / "boxes" / name).glob("*/*")):
            message.unlink()
    server.policy.answers.clear()
    server.policy.greylisted.clear()
    time = Time()
    settings = Settings(home=tmp_path / "home", mail="smtp", smtp_host="127.0.0.1", smtp_port=server.port,
                        smtp_security="off", bounce_address="bounces@watch.example.org", bounce_soft_limit=3)
    with Services(settings, time) as services:
        yield House(services, time, server)


def subscribe(services: Services, *names: str) -> None:
    for name in names:
        address = f"{name}@good.example"
        services.ledger.add(Subscription(
            name, services.keys.seal(address, name), services.keys.blind_index(address), Filter(), Cadence.INSTANT,
            "UTC", 8, 0, services.store.last_seq(), START, confirmed_at=START,
            manage_token=services.keys.stored_token(name)))


def through(house: House, port: int) -> Services:
    """The same service, with another way to the server."""
    changed = Settings(**{**house.services.settings.model_dump(), "smtp_port": port})
    return Services(changed, house.time)


def test_every_answer_and_every_bounce_ends_in_the_right_state(house: House) -> None:
    services, policy = house.services, house.server.policy
    subscribe(services, *READERS)
    policy.answers = {"later@good.example": ["450 4.2.1 busy", "451 4.3.0 busy"],
                      "never@good.example": ["550 5.1.1 nobody here"]}
    policy.greylisted = {"grey@good.example"}
    house.news()
    house.round(send=False)
    services.ledger.delete("leaver")  # after its message was queued
    house.rounds_until_nothing_is_open()
    assert house.take() == {"suppressed": 1, "counted": 2}

    states = {name: [d.status for d in house.deliveries(name)] for name in READERS}
    assert {name for name, found in states.items() if found == [DeliveryStatus.FAILED]} == {"never"}
    assert states["leaver"] == [] and sum(found == [DeliveryStatus.SENT] for found in states.values()) == 9
    assert {name: house.deliveries(name)[0].attempts for name in ("ok", "grey", "later", "never")} == {
        "ok": 1, "grey": 2, "later": 3, "never": 1}
    assert {name: house.alone(name) for name in READERS if house.alone(name)} == {
        "never": ReturnKind.HARD, "unknown": ReturnKind.HARD}
    assert {(b.subscription_id, b.kind, b.code) for b in services.ledger.bounces()} == {
        ("never", ReturnKind.HARD, "5.1.1"), ("unknown", ReturnKind.HARD, "5.1.1"),
        ("full", ReturnKind.SOFT, "5.2.2"), ("policy", ReturnKind.SOFT, "5.7.1")}
    assert house.in_mailboxes() == house.in_ledger() and len(house.in_ledger()) == 6

    [message] = house.server.box("complainer")
    returned = str(message["Return-Path"]).strip("<>")
    with smtplib.SMTP("127.0.0.1", house.server.port) as post:
        post.sendmail("", [returned], complaint(mail_from=returned))
    assert house.take() == {"unsubscribed": 1}
    assert services.ledger.get("complainer") is None and house.alone("complainer") is ReturnKind.COMPLAINT

    house.news()
    house.rounds_until_nothing_is_open()
    house.take()
    told = Counter(name for name, _ in house.in_mailboxes())
    assert told == {"ok": 2, "grey": 2, "later": 2, "cut": 2, "pause": 2, "complainer": 1}
    assert len(house.deliveries("never")) == len(house.deliveries("unknown")) == 1

    house.news()
    house.rounds_until_nothing_is_open()
    assert house.take() == {"paused": 2}  # the third time that it was full
    house.news()
    house.rounds_until_nothing_is_open()
    assert house.alone("full") is ReturnKind.SOFT and len(house.deliveries("full")) == 3
    house.time.now += timedelta(days=15)
    house.news()
    house.rounds_until_nothing_is_open()
    assert house.alone("full") is None
    after, before = house.deliveries("full")[:2]
    assert after.from_seq == before.to_seq  # the news of the pause came with it


def test_a_wire_that_is_cut_in_the_middle_of_data_brings_the_same_message_once(house: House) -> None:
    subscribe(house.services, "ok", "cut", "pause")
    house.news()
    with closing(Cutter(house.server.port, cuts=2)) as wire, through(house, wire.port) as services:
        wired = House(services, house.time, house.server)
        wired.rounds_until_nothing_is_open()
        assert wire.cuts == 0
    house.server.wait_until_idle()
    assert sum(sent.retried for sent in wired.rounds) == 2
    assert sorted(d.attempts for d in house.services.ledger.deliveries()) == [1, 2, 2]
    assert house.in_mailboxes() == house.in_ledger() and set(house.in_mailboxes().values()) == {1}


def test_what_a_server_returns_through_a_pipe_is_taken_at_once(house: House) -> None:
    """As docs/operating.md says: Postfix runs `billwatch bounces take` itself, as another user."""
    home = house.server.folder / "home"
    settings = Settings(**{**house.services.settings.model_dump(), "home": home,
                           "bounce_address": "bounces@pipe.example"})
    command = house.server.folder / "take"
    python = _python_for_all()
    command.write_text(
        f"#!/bin/sh\ncd {ROOT} && BILLWATCH_HOME={home} BILLWATCH_BOUNCE_ADDRESS=bounces@pipe.example "
        f"PYTHONPATH={':'.join(path for path in sys.path if path)} PYTHONDONTWRITEBYTECODE=1 "
        f"exec {python} -m tracker.cli bounces take --recipient \"$1\"\n")
    command.chmod(0o755)
    with Services(settings, house.time) as services:
        piped = House(services, house.time, house.server)
        subscribe(services, "ok", "unknown")
        piped.news()
        for path in (home, *home.rglob("*")):
            os.chown(path, _owner(), -1)
        piped.round()
        house.server.wait_until_idle()
        assert piped.alone("unknown") is ReturnKind.HARD and piped.alone("ok") is None, house.server.log[-2000:]
        assert len(house.server.box("ok")) == 1


def _python_for_all() -> str:
    """Postfix runs pipes as anybody but root, who may be unable to read root's Python."""
    wanted = f"import sys, pydantic_core; assert sys.version_info[:2] == {sys.version_info[:2]}"
    for python in (sys.executable, "/usr/bin/python3"):
        env = {"PYTHONPATH": ":".join(path for path in sys.path if path)}
        try:
            subprocess.run([python, "-c", wanted], user=BOX_OWNER, env=env, cwd=ROOT, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    pytest.skip("the user that Postfix runs a pipe as can use no Python with our libraries")


def _owner() -> int:
    return pwd.getpwnam(BOX_OWNER).pw_uid
