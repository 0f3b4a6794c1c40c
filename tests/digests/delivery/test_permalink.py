"""An address that shows exactly one digest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from fakes.happenings import KEYS, NOW, letter, reader
from hypothesis import given
from hypothesis import strategies as st

from digests.delivery.permalink import read_token, token_of, told_of
from tracker.model import Cadence, Filter, Topic

ROW = reader(wanted=Filter(topics=(Topic.WORKER_RIGHTS,), words="“lantern*” OR wick"), cadence=Cadence.WEEKLY)
TOLD = told_of(ROW, letter())


def test_what_was_told_comes_back() -> None:
    assert read_token(token_of(TOLD, KEYS), KEYS) == TOLD


def test_the_filter_is_that_of_the_message_whatever_the_reader_chose_since() -> None:
    token = token_of(told_of(ROW, letter()), KEYS)
    assert read_token(token, KEYS).filter == ROW.filter  # type: ignore[union-attr]


def test_it_names_no_reader_and_is_the_same_for_equal_digests() -> None:
    other = replace(ROW, id="s2", address_index=b"other")
    assert token_of(told_of(other, letter("d2", "s2")), KEYS) == token_of(TOLD, KEYS)
    assert token_of(replace(TOLD, at=NOW + timedelta(seconds=1)), KEYS) != token_of(TOLD, KEYS)


def test_it_shows_nothing_of_what_it_seals_and_fits_an_address() -> None:
    token = token_of(TOLD, KEYS)
    assert len(token) < 260 and token.replace("-", "").replace("_", "").isalnum()
    assert "worker" not in token and "lantern" not in token


def test_other_keys_do_not_open_it_and_changed_sealing_keys_do() -> None:
    assert read_token(token_of(TOLD, KEYS), replace(KEYS, token=b"u" * 32)) is None
    turned = replace(KEYS, current="k2", sealing={"k2": b"k" * 32})
    assert read_token(token_of(TOLD, KEYS), turned) == TOLD


@pytest.mark.parametrize("place", [0, 1, 13, -1])
def test_a_changed_address_shows_nothing(place: int) -> None:
    token = token_of(TOLD, KEYS)
    wrong = "A" if token[place] != "A" else "B"
    assert read_token("".join(wrong if n == place % len(token) else c for n, c in enumerate(token)), KEYS) is None


@given(st.text(max_size=200) | st.text("AZaz09-_", max_size=400))
def test_whatever_is_asked_there_is_no_crash(token: str) -> None:
    assert read_token(token, KEYS) is None
