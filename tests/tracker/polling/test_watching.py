"""From runs in the database to outages and to the operator's mailbox, over a real mail server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from litestar.testing import TestClient
from typer.testing import CliRunner

from tests.digests.fakes.postoffice import Clerk, PostOffice
from tracker.app import Services
from tracker.cli import app
from tracker.commands.output import out
from tracker.errors import ConfigError, StoreError, TransientDelivery
from tracker.model import IngestMode, Run, RunVerdict, VerdictKind
from tracker.polling.sources import SourceState
from tracker.polling.watching import health_of, survey, watch
from tracker.settings import load_settings
from tracker.web.app import create_app

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
KILLED = """
import os, signal, sys
from datetime import datetime
from tracker.app import Services
from tracker.settings import load_settings
from tracker.polling.watching import watch

services = Services(load_settings(), clock=lambda: datetime.fromisoformat(sys.argv[1]))
send = services.mailer.send

def send_and_die(message, recipient):
    send(message, recipient)
    os.kill(os.getpid(), signal.SIGKILL)

services.mailer.send = send_and_die
watch(services)
"""


@pytest.fixture
def clerk() -> Clerk:
    return Clerk()


@pytest.fixture
def office(clerk: Clerk) -> Iterator[PostOffice]:
    with PostOffice(clerk) as made:
        yield made


@pytest.fixture
def house(office: PostOffice, tmp_path: Path) -> Iterator[Services]:
    settings = load_settings(home=tmp_path / "home", sources=("xx", "us"), mail="smtp", smtp_host="127.0.0.1",
                             smtp_port=office.port, smtp_security="off", operator="op@example.org",
                             mail_from="noreply@example.org", base_url="https://watch.example.org")
    with Services(settings, clock=lambda: NOW) as made:
        yield made
        if "mailer" in made.__dict__:
            made.mailer.close()


def at(house: Services, now: datetime) -> Services:
    return replace(house, clock=lambda: now)


def ran(house: Services, when: datetime, kind: VerdictKind, source: str = "xx", **counts: int) -> None:
    house.store.save_run(Run(f"{source}-{when:%Y%m%d%H%M}", source, IngestMode.LIVE, when, when,
                             RunVerdict(kind, "The site refused us 1 time(s); first: https://law.example/a."), counts))


def subjects(clerk: Clerk) -> list[str]:
    return [str(message["Subject"]) for message in clerk.messages]


def test_one_mail_when_a_source_turns_blind_one_a_week_one_when_it_recovers(house: Services, clerk: Clerk) -> None:
    ran(house, NOW - DAY / 4, VerdictKind.OK)
    watch(house)
    assert clerk.received == [] and house.outages.recent() == []
    ran(house, NOW, VerdictKind.BLOCKED)
    for minute in range(0, 60, 5):
        watch(at(house, NOW + timedelta(minutes=minute)))
    for days in range(1, 9):
        ran(house, NOW + days * DAY, VerdictKind.UNREACHABLE)
        watch(at(house, NOW + days * DAY))
    assert subjects(clerk) == ["A source needs care", "A source still needs care"]
    ran(house, NOW + 9 * DAY, VerdictKind.OK)
    for minute in range(0, 60, 5):
        watch(at(house, NOW + 9 * DAY + timedelta(minutes=minute)))
    assert subjects(clerk)[2:] == ["A source can be read again"]
    assert {tuple(to) for _, to in clerk.envelopes} == {("op@example.org",)}
    [outage] = house.outages.recent()
    assert (outage.began_at, outage.ended_at) == (NOW, NOW + 9 * DAY)


def test_a_source_that_nothing_crawls_any_more_turns_stale(house: Services, clerk: Clerk) -> None:
    ran(house, NOW, VerdictKind.OK)
    watch(at(house, NOW + timedelta(hours=17)))
    assert house.outages.recent() == []
    watch(at(house, NOW + timedelta(hours=18)))
    [outage] = house.outages.recent()
    assert (outage.state, outage.began_at) == (SourceState.STALE, NOW + timedelta(hours=17))
    assert "not checked for too long" in str(clerk.messages[0].get_content())


def test_the_mail_holds_the_source_the_verdict_and_nothing_of_readers(house: Services, clerk: Clerk) -> None:
    ran(house, NOW, VerdictKind.BLOCKED)
    watch(house)
    words = str(clerk.messages[0].get_content())
    assert "We could not read XX since 6 May 2031, 12:00 UTC: the site refuses us; no complete check yet." in words
    assert "first: https://law.example/a." in words and "Source: xx" in words and "List-Unsubscribe" not in words


def test_kill_9_between_sending_and_noting_repeats_that_one_mail_with_its_message_id(
        house: Services, clerk: Clerk, office: PostOffice) -> None:
    ran(house, NOW, VerdictKind.BLOCKED)
    setting = {"BILLWATCH_HOME": str(house.settings.home), "BILLWATCH_MAIL": "smtp", "BILLWATCH_SOURCES": "xx,us",
               "BILLWATCH_SMTP_HOST": "127.0.0.1", "BILLWATCH_SMTP_PORT": str(office.port), "PATH": "/usr/bin:/bin",
               "BILLWATCH_SMTP_SECURITY": "off", "BILLWATCH_OPERATOR": "op@example.org",
               "BILLWATCH_MAIL_FROM": "noreply@example.org", "BILLWATCH_BASE_URL": "https://watch.example.org"}
    for _ in range(2):
        ended = subprocess.run([sys.executable, "-c", KILLED, NOW.isoformat()], cwd=ROOT, env=setting, check=False)
        assert ended.returncode == -9
    for minutes in (5, 10):
        watch(at(house, NOW + timedelta(minutes=minutes)))
    assert len(clerk.received) == 3 and len(set(clerk.received)) == 1
    assert len(house.outages.recent()) == 1


def test_while_the_mail_server_is_away_the_notice_stays_due(house: Services, clerk: Clerk) -> None:
    ran(house, NOW, VerdictKind.BLOCKED)
    clerk.data = lambda _: "451 come again"
    with pytest.raises(TransientDelivery):
        watch(house)
    clerk.data = lambda _: None
    watch(house)
    watch(house)
    assert subjects(clerk) == ["A source needs care"]


def test_a_refused_address_is_not_asked_every_five_minutes(house: Services, clerk: Clerk) -> None:
    asked: list[str] = []
    clerk.rcpt = lambda address: asked.append(address) or "550 5.1.1 no such person"  # type: ignore[func-returns-value]
    ran(house, NOW, VerdictKind.BLOCKED)
    for _ in range(3):
        watch(house)
    assert len(asked) == 1 and house.outages.recent()[0].ended_at is None


def test_what_cannot_be_noted_is_not_sent(house: Services, clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    ran(house, NOW, VerdictKind.BLOCKED)
    watch(replace(house, settings=house.settings.model_copy(update={"operator": ""})))

    def full(_: object) -> None:
        raise StoreError("database or disk is full")

    monkeypatch.setattr(house.outages, "save", full)
    with pytest.raises(StoreError):
        watch(house)
    assert clerk.received == []


@pytest.mark.parametrize("change", [{"operator": ""}, {"mail": "off"}])
def test_without_operator_or_mail_outages_are_noted_and_nobody_is_written_to(
        house: Services, clerk: Clerk, change: dict[str, str]) -> None:
    ran(house, NOW, VerdictKind.BLOCKED)
    watch(replace(house, settings=house.settings.model_copy(update=change)))
    assert len(house.outages.recent()) == 1 and clerk.received == []


@pytest.mark.parametrize("wrong", ["me", "a@b.example, c@d.example", "a@b.example\nBcc: c@d.example", "@"])
def test_an_operator_that_is_no_address_is_refused_by_name(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="setting operator"):
        load_settings(home=tmp_path, operator=wrong)


def test_a_streak_of_failures_longer_than_a_page_still_knows_the_last_good_run(house: Services) -> None:
    ran(house, NOW - 60 * DAY, VerdictKind.OK)
    for hour in range(1, 30):
        ran(house, NOW - timedelta(hours=hour), VerdictKind.BLOCKED)
    health = next(h for h in survey(house) if h.source == "xx")
    assert (health.well_at, health.since) == (NOW - 60 * DAY, NOW - timedelta(hours=29))


def test_pages_api_and_command_say_the_same(house: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    ran(house, NOW - timedelta(hours=1), VerdictKind.OK, "us", requests=90, events=4)
    ran(house, NOW, VerdictKind.BLOCKED)
    watch(house)
    with TestClient(create_app(house)) as client:
        front, page = client.get("/").text, client.get("/sources").text
        assert "We could not read XX since 6 May 2031" in front and "United States Congress" not in front
        assert "22.5 requests a change" in page
        sources = {s["source"]: s for s in client.get("/api/v1/sources").json()}
        assert (sources["xx"]["state"], sources["us"]["state"]) == ("blind", "fresh")
        assert sources["us"]["cost"] == {"requests": 90, "changes": 4, "per_change": 22.5}
        assert "We could not read XX" in client.get("/feeds/jurisdiction/xx.atom").text
        assert "We could not read XX" not in client.get("/feeds/jurisdiction/us.atom").text
    monkeypatch.setenv("BILLWATCH_HOME", str(house.settings.home))
    shown = CliRunner().invoke(app, ["health", "--json"])
    assert shown.exit_code == 1 and '"state": "blind"' in shown.stdout and '"requests_per_change"' in shown.stdout


def test_a_narrow_terminal_still_shows_the_day_of_the_last_crawl(
        house: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    ran(house, NOW, VerdictKind.BLOCKED, requests=90, events=4)
    monkeypatch.setenv("BILLWATCH_HOME", str(house.settings.home))
    monkeypatch.setattr(out, "width", 80)
    shown = CliRunner().invoke(app, ["health"])
    assert f"{NOW:%Y-%m-%d %H:%M}" in shown.stdout


def test_a_run_of_a_clock_that_ran_ahead_does_not_hide_the_good_ones_after_it(house: Services) -> None:
    ran(house, NOW + timedelta(days=365), VerdictKind.OK)
    assert health_of(house, "xx", NOW).state is SourceState.STALE
    ran(house, NOW, VerdictKind.OK)
    assert health_of(house, "xx", NOW).state is SourceState.FRESH
