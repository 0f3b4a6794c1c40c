"""Turning the sealing key: all values, while a service runs, whoever is killed in between; letting go of old keys."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary, update
from typer.testing import CliRunner

from digests.readers import keyring
from digests.readers.sealing import Keys, Unsealable, sealed_by
from tracker.app import Services
from tracker.cli import app
from tracker.model import Account, Cadence, Filter, Role, SavedSearch, Subscription, Topic
from tracker.settings import Settings
from tracker.store import schema as t
from tracker.store.resealing import SEALED

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2031, 5, 6, tzinfo=UTC)
WISH = Filter(topics=(Topic.WORKER_RIGHTS,), words="lantern")


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """Twenty readers with a public key, a private feed and an account, each with something sealed by the first key."""
    database = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    monkeypatch.setenv("BILLWATCH_HOME", str(tmp_path))
    monkeypatch.setenv("BILLWATCH_DATABASE", database)
    with Services(Settings(home=tmp_path, database=database)) as services:
        for number in range(20):
            add(services, f"s{number:02}")
        services.saved.add(SavedSearch("f1", b"token", WISH, NOW.date()))
        services.accounts.add(Account("ada", (Role.EDITOR,), NOW, totp_sealed=services.keys.seal("KEY", "totp:ada")))
        yield services


def add(services: Services, identity: str) -> None:
    keys = services.keys
    services.ledger.add(Subscription(
        identity, keys.seal(f"{identity}@reader.example", identity), keys.blind_index(identity), WISH, Cadence.DAILY,
        "UTC", 8, 0, 0, NOW, NOW, None, keys.stored_token(identity),
        openpgp_sealed=keys.seal("a public key", identity, "openpgp")))


def run(*words: str) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(app, ["keys", *words, "--json"])
    return done.exit_code, json.loads(done.stdout) if done.stdout else {"problem": str(done.exception)}


def addresses(services: Services) -> set[str]:
    return {services.keys.open(row.address_sealed, row.id) for row in services.ledger.confirmed()}


EVERYBODY = {f"s{n:02}@reader.example" for n in range(20)}


def test_every_value_is_sealed_anew_and_a_running_service_goes_on(house: Services) -> None:
    code, said = run("rotate")
    assert (code, said["made"], said["resealed"], said["by_key"]) == (0, "k2", 62, {"k2": 62})
    # `house` read the key file before the turn.
    assert addresses(house) == EVERYBODY and {row.filter for row in house.ledger.confirmed()} == {WISH}
    assert {house.keys.open(row.openpgp_sealed or b"", row.id, "openpgp") for row in house.ledger.confirmed()} == {
        "a public key"}
    saved, account = house.saved.by_token(b"token"), house.accounts.get("ada")
    assert saved and saved.filter == WISH and account and account.totp_sealed
    assert house.keys.open(account.totp_sealed, "totp:ada") == "KEY"
    assert sealed_by(house.keys.seal("new@reader.example", "s99")) == "k2"
    assert run("check") == (0, {**said, "made": None, "resealed": 0})


def test_nothing_that_the_old_key_sealed_stays_in_the_database(house: Services) -> None:
    head = house.keys.seal("x", "r")
    run("rotate")
    old = re.compile(rb"S\x02k1|UwJrM[Q-Za-f]")  # the head of a value, and the same in base64
    assert old.match(head) and old.match(b64encode(head))
    for path in house.settings.home.glob("billwatch.db*"):
        assert not old.search(path.read_bytes())
    for sealed in SEALED:
        with house.store.engine.connect() as connection:
            column = sealed.table.c[sealed.column]
            for (value,) in connection.execute(
                    sealed.table.select().with_only_columns(column).where(column.is_not(None))):  # none: nothing sealed
                raw = value.encode() if isinstance(value, str) else bytes(value)
                assert not old.match(raw)


KILLED = """
import os, signal, sys
from tracker.store import resealing
from tracker import cli
resealing.CHUNK = 3
done, update = 0, resealing.update
def die(*args):
    global done
    done += 1
    if done > 10:
        os.kill(os.getpid(), signal.SIGKILL)
    return update(*args)
resealing.update = die
sys.argv = ["billwatch", "keys", "rotate"]
cli.main()
"""


def test_a_turn_that_was_killed_goes_on_where_it_was_without_another_key(house: Services) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED], cwd=ROOT, env={**os.environ}, check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    _, between = run("check")
    assert between["by_key"] == {"k1": 53, "k2": 9} and between["lost"] == {} and addresses(house) == EVERYBODY
    assert run("retire")[0] != 0
    code, said = run("rotate")
    assert (code, said["made"], said["held"], said["by_key"]) == (0, None, ["k1", "k2"], {"k2": 62})
    assert addresses(house) == EVERYBODY


def test_old_keys_go_only_when_nothing_needs_them_and_no_process_may_still_write_with_them(
        house: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    before = house.settings.key_file.read_text()
    assert run("retire") == (0, {"retired": [], "current": "k1"})
    run("rotate")
    assert "younger than ten minutes" in run("retire")[1]["problem"]
    monkeypatch.setattr(keyring, "SETTLES", timedelta(0))
    stale = Keys("k1", {"k1": house.keys.sealing["k1"]}, house.keys.index, house.keys.token)
    with house.store.engine.begin() as connection:  # a process that had taken the old key before the turn
        connection.execute(update(t.subscription).where(t.subscription.c.id == "s07").values(
            address_sealed=stale.seal("s07@reader.example", "s07")))
    assert "1 values still need an old key" in run("retire")[1]["problem"]
    assert run("rotate")[1]["resealed"] == 1
    assert run("retire") == (0, {"retired": ["k1"], "current": "k2"})
    now = house.settings.key_file.read_text()
    assert json.loads(before)["sealing"]["k1"] not in now and house.settings.key_file.stat().st_mode & 0o777 == 0o600
    assert json.loads(before)["index"] in now and json.loads(before)["token"] in now
    assert run("check")[1]["by_key"] == {"k2": 62}
    with Services(house.settings) as fresh:
        assert addresses(fresh) == EVERYBODY


def test_a_change_that_was_read_before_the_turn_does_not_bring_the_old_seal_back(house: Services) -> None:
    read = house.ledger.get("s03")
    assert read
    run("rotate")
    house.ledger.update(replace(read, hour=9))
    assert run("check")[1]["by_key"] == {"k2": 62}
    now = house.ledger.get("s03")
    assert now and now.hour == 9 and house.keys.open(now.address_sealed, "s03") == "s03@reader.example"


def test_a_value_that_no_key_opens_is_told_and_left(house: Services) -> None:
    with house.store.engine.begin() as connection:  # moved from another row
        value = house.ledger.get("s01")
        assert value
        connection.execute(update(t.subscription).where(t.subscription.c.id == "s02").values(
            address_sealed=value.address_sealed))
    code, said = run("check")
    assert code == 1 and said["lost"] == {"subscription.address_sealed": 1}
    code, said = run("rotate")
    assert code == 1 and said["resealed"] == 61 and said["by_key"] == {"k1": 1, "k2": 61}
    assert run("retire")[0] != 0


def test_another_turn_makes_another_key(house: Services) -> None:
    run("rotate")
    assert run("rotate")[1]["made"] == "k3" and run("check")[1]["held"] == ["k1", "k2", "k3"]


def test_every_sealed_column_of_the_schema_is_turned() -> None:
    public = {"data", "record", "token", "digest", "address_index", "domain_index", "confirm_token", "manage_token"}
    sealed = {(table.name, column.name) for table in t.metadata.sorted_tables for column in table.columns
              if column.name.endswith("_sealed") or column.name == "filter"
              or (isinstance(column.type, LargeBinary) and column.name not in public)}
    assert sealed == {(s.table.name, s.column) for s in SEALED}


def test_a_new_key_opens_nothing_of_the_old_one(tmp_path: Path) -> None:
    keys = Keys.load_or_create(tmp_path / "keys.json")
    sealed = keys.seal("a@example.org", "r")
    assert keyring.add_key(tmp_path / "keys.json", NOW) == "k2"
    now = Keys.load_or_create(tmp_path / "keys.json")
    assert now.open(sealed, "r") == "a@example.org" and sealed_by(now.seal("a@example.org", "r")) == "k2"
    keyring.drop_keys(tmp_path / "keys.json", {"k1"}, NOW + timedelta(hours=1))
    with pytest.raises(Unsealable):
        Keys.load_or_create(tmp_path / "keys.json").open(sealed, "r")


def test_a_key_file_that_is_torn_for_now_does_not_stop_a_running_service(tmp_path: Path) -> None:
    keys = Keys.load_or_create(tmp_path / "keys.json")
    (tmp_path / "keys.json").write_text("{")
    assert keys.open(keys.seal("a@example.org", "r"), "r") == "a@example.org"
