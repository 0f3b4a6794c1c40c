"""Who may sit at the desk, on SQLite and PostgreSQL alike: passwords, codes that work once, sessions that end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from digests.readers.sealing import Keys
from tracker.desk import accounts
from tracker.desk.accounts import (
    IDLE,
    LONGEST,
    STEP_SECONDS,
    Entrance,
    code_step,
    hash_password,
    is_open,
    new_secret,
    provisioning_uri,
    token_hash,
)
from tracker.errors import AccountError
from tracker.model import Account, Role
from tracker.store import schema
from tracker.store.accounts import SqlAccounts
from tracker.store.store import SqlStore

NOW = datetime(2031, 3, 4, 5, 6, 0, tzinfo=UTC)
PASSWORD = "seven lanterns at dusk"
STEP = timedelta(seconds=STEP_SECONDS)
Meanwhile = Callable[[Entrance], None]


LIGHT = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real argon2id, a thousandth of the memory."""
    monkeypatch.setattr(accounts, "_hasher", lambda: LIGHT)


@pytest.fixture
def entrance(store: SqlStore, tmp_path: Path) -> Entrance:
    return Entrance(SqlAccounts(store.engine), Keys.load_or_create(tmp_path / "keys.json"))


@pytest.fixture
def ada(entrance: Entrance) -> Account:
    return entrance.add("ada", [Role.EDITOR], PASSWORD, NOW)


def code(secret: str, at: datetime = NOW) -> str:
    return pyotp.TOTP(secret).at(at)


def test_the_right_password_opens_a_session_and_a_wrong_one_does_not(entrance: Entrance, ada: Account) -> None:
    token = entrance.log_in("ada", PASSWORD, "", NOW)
    assert token is not None
    visitor = entrance.visitor(token, NOW)
    assert visitor is not None and (visitor.name, visitor.roles) == ("ada", (Role.EDITOR,))
    for name, password in (("ada", "wrong"), ("ada", ""), ("bo", PASSWORD), ("", PASSWORD), ("ada\0", PASSWORD)):
        assert entrance.log_in(name, password, "", NOW) is None
    assert entrance.visitor("nonsense", NOW) is None


def test_neither_password_nor_token_nor_secret_is_stored(entrance: Entrance, store: SqlStore, ada: Account) -> None:
    secret = new_secret()
    token = entrance.log_in("ada", PASSWORD, "", NOW)
    entrance.set_totp("ada", secret)
    token = entrance.log_in("ada", PASSWORD, code(secret), NOW)
    assert token is not None
    with store.engine.connect() as connection:
        rows = [repr(tuple(row)) for table in (schema.account, schema.desk_session, schema.audit)
                for row in connection.execute(select(table))]
    assert "$argon2id$" in "".join(rows)
    assert not any(word in row for row in rows for word in (PASSWORD, token, secret))


def test_the_same_work_is_done_for_a_name_that_does_not_exist(
        entrance: Entrance, ada: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    entrance.add("cy", [Role.EDITOR], None, NOW)
    entrance.add("di", [Role.EDITOR], PASSWORD, NOW)
    entrance.disable("di", NOW)
    entrance.log_in("nobody", "x", "", NOW)
    checked: list[int] = []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, *given: bytes) -> bool:
        checked.append(1)
        return verify(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    for name in ("ada", "bo", "cy", "di"):
        before, noted = len(checked), len(entrance.registry.audit())
        assert entrance.log_in(name, "wrong password", "", NOW) is None
        assert (len(checked) - before, len(entrance.registry.audit()) - noted) == (1, 1), name


def test_a_code_works_once_and_never_an_older_one(entrance: Entrance, ada: Account) -> None:
    secret = new_secret()
    entrance.set_totp("ada", secret)
    assert entrance.log_in("ada", PASSWORD, "", NOW) is None
    assert entrance.log_in("ada", PASSWORD, "000000", NOW) is None
    assert entrance.log_in("ada", PASSWORD, code(secret), NOW) is not None
    assert entrance.log_in("ada", PASSWORD, code(secret), NOW) is None
    assert entrance.log_in("ada", PASSWORD, code(secret, NOW - STEP), NOW) is None
    assert entrance.log_in("ada", PASSWORD, code(secret, NOW + STEP), NOW + STEP) is not None


def test_a_clock_that_ran_a_year_ahead_locks_nobody_out_and_leaves_no_session_that_never_ends(
        entrance: Entrance, ada: Account) -> None:
    secret, ahead = new_secret(), NOW + timedelta(days=365)
    entrance.set_totp("ada", secret)
    token = entrance.log_in("ada", PASSWORD, code(secret, ahead), ahead)
    assert token is not None
    assert entrance.visitor(token, NOW) is None
    assert entrance.log_in("ada", PASSWORD, code(secret), NOW) is not None
    assert entrance.log_in("ada", PASSWORD, code(secret), NOW) is None


def test_a_code_is_not_used_up_by_a_wrong_password(entrance: Entrance, ada: Account) -> None:
    secret = new_secret()
    entrance.set_totp("ada", secret)
    assert entrance.log_in("ada", "wrong password", code(secret), NOW) is None
    assert entrance.log_in("ada", PASSWORD, code(secret), NOW) is not None


def test_of_two_who_send_one_code_at_once_one_gets_in(entrance: Entrance, ada: Account) -> None:
    secret = new_secret()
    entrance.set_totp("ada", secret)
    got: list[str | None] = []
    threads = [threading.Thread(target=lambda: got.append(entrance.log_in("ada", PASSWORD, code(secret), NOW)))
               for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([token for token in got if token]) == 1


@pytest.mark.parametrize(("off", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(off: int, fits: bool) -> None:
    secret = new_secret()
    step = code_step(secret, code(secret, NOW + off * STEP), NOW)
    assert (step is not None) is fits
    assert step is None or step == int(NOW.timestamp()) // STEP_SECONDS + off


@pytest.mark.parametrize("given", ["", "１２３４５６", "12345", "abcdef", "\ud800", "1" * 5000])
def test_what_is_no_code_is_refused(given: str) -> None:
    assert code_step(new_secret(), given.replace("\ud800", "\ufffd"), NOW) is None


def test_a_session_ends_after_eight_idle_hours_and_after_a_week_however_busy(entrance: Entrance, ada: Account) -> None:
    token = entrance.log_in("ada", PASSWORD, "", NOW)
    assert token is not None
    at = NOW
    while at - NOW <= LONGEST - IDLE:
        at += IDLE
        assert entrance.visitor(token, at) is not None
    assert entrance.visitor(token, NOW + LONGEST + timedelta(seconds=1)) is None
    idle = entrance.log_in("ada", PASSWORD, "", NOW)
    assert idle is not None
    assert entrance.visitor(idle, NOW + IDLE + timedelta(seconds=1)) is None
    assert entrance.registry.session(token_hash(idle)) is None


@pytest.mark.parametrize("end", [
    lambda e, t: e.log_out(t), lambda e, t: e.set_password("ada", "another good one"),
    lambda e, t: e.set_totp("ada", new_secret()), lambda e, t: e.disable("ada", NOW)])
def test_what_ends_a_session(entrance: Entrance, ada: Account, end: object) -> None:
    token = entrance.log_in("ada", PASSWORD, "", NOW)
    assert token is not None and callable(end)
    end(entrance, token)
    assert entrance.visitor(token, NOW) is None


def test_a_disabled_account_neither_logs_in_nor_acts_until_it_is_enabled(entrance: Entrance, ada: Account) -> None:
    entrance.disable("ada", NOW)
    assert entrance.log_in("ada", PASSWORD, "", NOW) is None and not is_open(entrance.registry)
    with pytest.raises(AccountError, match="disabled"):
        entrance.acting("ada")
    entrance.enable("ada")
    assert entrance.log_in("ada", PASSWORD, "", NOW) is not None and is_open(entrance.registry)


def test_without_anybody_who_can_log_in_there_is_no_desk(entrance: Entrance) -> None:
    assert not is_open(entrance.registry)
    entrance.add("quiet", [Role.OPERATOR], None, NOW)
    assert not is_open(entrance.registry)
    assert entrance.acting("quiet").roles == (Role.OPERATOR,)


def test_a_hash_of_older_settings_is_renewed_at_log_in(entrance: Entrance, ada: Account) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=32, parallelism=1).hash(PASSWORD)
    assert entrance.registry.change(ada, replace(ada, password=old))
    assert entrance.log_in("ada", PASSWORD, "", NOW) is not None
    renewed = entrance.get("ada").password
    assert renewed is not None and renewed != old and not LIGHT.check_needs_rehash(renewed)


@pytest.mark.parametrize("meanwhile", [
    lambda e: e.disable("ada", NOW), lambda e: e.set_password("ada", "another good one"),
    lambda e: e.set_totp("ada", "A" * 32)])
def test_what_is_changed_while_a_password_is_checked_stays_and_lets_nobody_in(
        entrance: Entrance, ada: Account, monkeypatch: pytest.MonkeyPatch, meanwhile: Meanwhile) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=32, parallelism=1).hash(PASSWORD)
    entrance.registry.change(ada, replace(ada, password=old))
    verify, after = accounts._verify, list[Account]()

    def slow(stored: str, password: str) -> bool:
        right = verify(stored, password)
        if not after:
            meanwhile(entrance)
            after.append(entrance.get("ada"))
        return right

    monkeypatch.setattr(accounts, "_verify", slow)
    assert entrance.log_in("ada", PASSWORD, "", NOW) is None
    assert [entrance.get("ada")] == after
    assert [e.action for e in entrance.registry.audit()] == ["login-refused"]


@pytest.mark.parametrize("meanwhile", [
    lambda e: e.disable("ada", NOW), lambda e: e.set_password("ada", "another good one")])
def test_a_new_hash_of_the_same_password_undoes_nothing(
        entrance: Entrance, ada: Account, monkeypatch: pytest.MonkeyPatch, meanwhile: Meanwhile) -> None:
    entrance.registry.change(ada, replace(ada, password=PasswordHasher(1, 32, 1).hash(PASSWORD)))
    make, after = accounts._hash, list[Account]()

    def slow(password: str) -> str:
        if password == PASSWORD and not after:
            meanwhile(entrance)
            after.append(entrance.get("ada"))
        return make(password)

    monkeypatch.setattr(accounts, "_hash", slow)
    entrance.log_in("ada", PASSWORD, "", NOW)
    assert [entrance.get("ada")] == after
    with entrance.registry._engine.connect() as connection:  # type: ignore[attr-defined]
        assert connection.execute(select(schema.desk_session)).all() == []


def test_log_ins_that_race_with_a_new_password_leave_no_session(entrance: Entrance, ada: Account) -> None:
    tokens, start = list[str | None](), threading.Barrier(9)

    def come() -> None:
        start.wait()
        for _ in range(5):
            tokens.append(entrance.log_in("ada", PASSWORD, "", NOW))

    threads = [threading.Thread(target=come) for _ in range(8)]
    for thread in threads:
        thread.start()
    start.wait()
    entrance.set_password("ada", "another good one")
    for thread in threads:
        thread.join()
    assert len(tokens) == 40 and not [t for t in tokens if t and entrance.visitor(t, NOW)]


def test_changes_at_once_undo_nothing_of_one_another(entrance: Entrance, ada: Account) -> None:
    names = ("password", "totp", "disable")
    start = threading.Barrier(len(names))
    deeds = {"password": lambda: entrance.set_password("ada", "another good one"),
             "totp": lambda: entrance.set_totp("ada", "A" * 32), "disable": lambda: entrance.disable("ada", NOW)}

    def do(name: str) -> None:
        start.wait()
        deeds[name]()

    threads = [threading.Thread(target=do, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    now = entrance.get("ada")
    assert now.disabled_at == NOW and now.totp_sealed and entrance.password_is(now, "another good one")


def test_who_proved_an_older_password_changes_nothing(entrance: Entrance, ada: Account) -> None:
    entrance.set_password("ada", "set by the operator")
    with pytest.raises(AccountError, match="meanwhile"):
        entrance.set_password("ada", "set by a thief", ada)
    with pytest.raises(AccountError, match="meanwhile"):
        entrance.set_totp("ada", "A" * 32, ada)
    assert entrance.password_is(entrance.get("ada"), "set by the operator")


def test_passwords_are_hashed_as_rfc_9106_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert hash_password("ada", PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_the_audit_log_says_who_did_what_and_when_newest_first(entrance: Entrance, ada: Account) -> None:
    entrance.log_in("ada", "wrong password", "", NOW)
    entrance.log_in("somebody else's password", "x", "", NOW)
    entrance.log_in("ada", PASSWORD, "", NOW + STEP)
    entries = entrance.registry.audit()
    assert [(e.account, e.action) for e in entries] == [
        ("ada", "login"), (None, "login-refused"), ("ada", "login-refused")]
    assert "somebody" not in repr(entries)
    assert [e.action for e in entrance.registry.audit(account="ada", limit=1)] == ["login"]


@pytest.mark.parametrize(("name", "password"), [
    ("Ada", PASSWORD), ("", PASSWORD), ("a" * 41, PASSWORD), ("ada lovelace", PASSWORD), ("-x", PASSWORD),
    ("bo", "short"), ("bo", "x" * 2000), ("bo-lantern", "bo-lantern-2031"), ("bo", "aaaaaaaaaaaaaaaa")])
def test_bad_names_and_easy_passwords_are_refused(entrance: Entrance, name: str, password: str) -> None:
    with pytest.raises(AccountError):
        entrance.add(name, [Role.EDITOR], password, NOW)
    assert entrance.registry.all() == []


def test_a_name_is_taken_once(entrance: Entrance, ada: Account) -> None:
    with pytest.raises(AccountError, match="already"):
        entrance.add("ada", [Role.OPERATOR], PASSWORD, NOW)
    with pytest.raises(AccountError, match="role"):
        entrance.add("bo", [], PASSWORD, NOW)
    with pytest.raises(AccountError, match="no account"):
        entrance.set_password("bo", PASSWORD)


def test_one_password_typed_in_two_ways_is_one(entrance: Entrance) -> None:
    entrance.add("cafe", [Role.EDITOR], "un café sous la lanterne", NOW)
    assert entrance.log_in("cafe", "un cafe\u0301 sous la lanterne", "", NOW) is not None


def test_what_a_code_generator_is_told_is_neutral() -> None:
    assert provisioning_uri("A" * 32, "ada", "billwatch").startswith("otpauth://totp/billwatch:ada?secret=AAAA")


def test_hashes_differ_though_passwords_do_not() -> None:
    assert hash_password("ada", PASSWORD) != hash_password("ada", PASSWORD)
