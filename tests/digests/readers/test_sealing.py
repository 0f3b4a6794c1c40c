"""Addresses at rest and the tokens of links."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from fakes.happenings import KEYS
from hypothesis import given
from hypothesis import strategies as st

from digests.readers import sealing
from digests.readers.sealing import Keys, Unsealable, leave_token, new_token, token_hash
from tracker.errors import ConfigError


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=254), st.text("abc123", min_size=1))
def test_what_was_sealed_opens_in_its_row_and_in_no_other(address: str, row: str) -> None:
    sealed = KEYS.seal(address, row)
    assert KEYS.open(sealed, row) == address
    assert address.encode() not in sealed or len(address) < 4
    with pytest.raises(Unsealable):
        KEYS.open(sealed, row + "x")


def test_equal_addresses_are_sealed_to_different_bytes_of_equal_length() -> None:
    one, two = KEYS.seal("a@example.org", "r"), KEYS.seal("a@example.org", "r")
    assert one != two
    assert len(one) == len(KEYS.seal("somebody.else@long.example.org", "r"))


@given(st.binary(max_size=120))
def test_foreign_bytes_are_refused_and_never_crash(raw: bytes) -> None:
    with pytest.raises(Unsealable):
        KEYS.open(raw, "r")


def test_every_changed_byte_is_noticed() -> None:
    sealed = KEYS.seal("a@example.org", "r")
    for n in range(len(sealed)):
        with pytest.raises(Unsealable):
            KEYS.open(sealed[:n] + bytes([sealed[n] ^ 1]) + sealed[n + 1:], "r")


def test_old_keys_open_what_new_keys_no_longer_seal() -> None:
    sealed = KEYS.seal("a@example.org", "r")
    turned = Keys("k2", {**KEYS.sealing, "k2": b"2" * 32}, KEYS.index, KEYS.token)
    assert turned.open(sealed, "r") == "a@example.org"
    with pytest.raises(Unsealable):
        KEYS.open(turned.seal("a@example.org", "r"), "r")


def test_without_siv_the_value_says_so_and_still_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    assert KEYS.seal("a@example.org", "r")[:1] == sealing.SIV
    monkeypatch.setattr(sealing, "_has_siv", lambda: False)
    sealed = KEYS.seal("a@example.org", "r")
    assert sealed[:1] == sealing.GCM and KEYS.open(sealed, "r") == "a@example.org"


def test_the_index_finds_an_address_whatever_its_capitals_and_only_with_the_key() -> None:
    assert KEYS.blind_index("A@Example.ORG ") == KEYS.blind_index("a@example.org")
    assert KEYS.blind_index("a@example.org") != KEYS.blind_index("b@example.org")
    other = Keys("k1", KEYS.sealing, b"9" * 32, KEYS.token)
    assert other.blind_index("a@example.org") != KEYS.blind_index("a@example.org")


def test_the_manage_token_gives_the_leave_token_and_not_the_other_way() -> None:
    manage, leave = KEYS.manage_token("s1"), KEYS.unsubscribe_token("s1")
    assert leave_token(manage) == leave != manage
    assert token_hash(leave) == KEYS.stored_token("s1") != KEYS.stored_token("s2")
    assert len({manage, KEYS.manage_token("s2"), leave, new_token(), new_token()}) == 5
    assert all(len(t) == 43 for t in (manage, leave, new_token()))


def test_keys_are_made_once_for_their_owner_only_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    made = Keys.load_or_create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Keys.load_or_create(path) == made
    assert [p.name for p in tmp_path.iterdir()] == ["keys.json"]
    assert made.sealing["k1"].hex() not in repr(made)


def test_two_processes_that_start_at_once_get_the_same_keys(tmp_path: Path) -> None:
    found: list[Keys] = []
    threads = [threading.Thread(target=lambda: found.append(Keys.load_or_create(tmp_path / "keys.json")))
               for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and all(keys == found[0] for keys in found)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "keys.json"
    Keys.load_or_create(path)
    path.chmod(mode)
    with pytest.raises(ConfigError, match="0600"):
        Keys.load_or_create(path)


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", '{"version": 2}', "\x00"])
def test_a_torn_key_file_is_refused_and_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(ConfigError):
        Keys.load_or_create(path)
    assert path.read_text() == content


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    Keys.load_or_create(path)
    path.write_text(json.dumps({**json.loads(path.read_text()), "index": "00"}))
    with pytest.raises(ConfigError):
        Keys.load_or_create(path)


def test_a_folder_that_is_not_there_gets_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be made"):
        Keys.load_or_create(tmp_path / "none" / "keys.json")
