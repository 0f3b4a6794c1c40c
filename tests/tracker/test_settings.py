"""What an operator may write, and what the answer is when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.app import Services
from tracker.errors import ConfigError
from tracker.settings import load_settings, unknown_variables


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "billwatch.toml").write_text('port = 9000\nsite_name = "quiet"\n')
    monkeypatch.setenv("BILLWATCH_HOME", str(tmp_path))
    monkeypatch.setenv("BILLWATCH_PORT", "9001")
    settings = load_settings()
    assert (settings.port, settings.site_name, settings.home) == (9001, "quiet", tmp_path)


def test_sources_may_be_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLWATCH_SOURCES", "us, us-wa")
    assert load_settings().sources == ("us", "us-wa")


def test_a_tilde_is_the_users_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLWATCH_HOME", "~/bw")
    assert load_settings().home == Path.home() / "bw"


@pytest.mark.parametrize(("name", "value"), [("PORT", "x"), ("BASE_URL", "example.org"), ("MAIL", "pigeon"),
                                             ("MAIL_FROM", "a@b\nBcc: c@d"), ("MAIL_FROM", "not-an-address"),
                                             ("MAIL_FROM", "Bill <bill@>"), ("SITE_NAME", " "),
                                             ("TAG_AUTHORITY", "http://x y"), ("BASE_URL", "https://a.example/?q=1"),
                                             ("SOURCE_KEYS", "no json")])
def test_a_wrong_setting_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"BILLWATCH_{name}", value)
    with pytest.raises(ConfigError, match=name.lower()):
        load_settings()


def test_what_is_wrong_is_said_without_the_words_of_the_machine_and_without_the_value(
        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLWATCH_BASE_URL", "example.org")
    monkeypatch.setenv("BILLWATCH_SOURCE_KEYS", "sekrit")
    with pytest.raises(ConfigError, match=r"^setting source_keys: expected JSON$"):
        load_settings()
    monkeypatch.delenv("BILLWATCH_SOURCE_KEYS")
    with pytest.raises(ConfigError, match=r"^setting base_url: expected an address"):
        load_settings()


@pytest.mark.parametrize("sender", ["", "news@example.org", "Weekly news <news@example.org>"])
def test_a_sender_may_have_a_name_or_be_left_to_us(sender: str) -> None:
    assert load_settings(mail_from=sender).mail_from == sender


def test_a_misspelt_setting_is_answered_with_the_right_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert unknown_variables(["BILLWATCH_SMPT_HOST", "BILLWATCH_PORT", "BILLWATCH_KEY_US_NY", "PATH"]) == (
        "BILLWATCH_SMPT_HOST (did you mean BILLWATCH_SMTP_HOST?)",)
    (tmp_path / "billwatch.toml").write_text('smpt_host = "mail"\n')
    monkeypatch.setenv("BILLWATCH_HOME", str(tmp_path))
    with pytest.raises(ConfigError, match=r"setting smpt_host: there is no such setting; did you mean smtp_host\?"):
        load_settings()


def test_a_torn_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "billwatch.toml").write_text("port = ")
    monkeypatch.setenv("BILLWATCH_HOME", str(tmp_path))
    with pytest.raises(ConfigError, match=r"billwatch\.toml"):
        load_settings()


def test_only_its_owner_may_look_into_a_new_home(tmp_path: Path) -> None:
    with Services(load_settings(home=tmp_path / "new")):
        assert (tmp_path / "new").stat().st_mode & 0o077 == 0
