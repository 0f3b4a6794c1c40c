"""The address that bounces come back to: tells us which message, and nobody else anything."""

from __future__ import annotations

import secrets
from dataclasses import replace

import pytest
from fakes.happenings import KEYS

from digests.delivery.return_path import Returned, find_returned, return_path

BASE = "bounces@watch.example.org"
ROWS = [Returned(delivery_id=secrets.token_hex(16)), Returned(delivery_id="d1"), Returned(subscription_id="s1"),
        Returned(subscription_id=secrets.token_urlsafe(16))]


@pytest.mark.parametrize("row", ROWS)
def test_it_leads_back_to_its_row_whatever_its_capitals(row: Returned) -> None:
    path = return_path(BASE, KEYS, row)
    assert len(path.partition("@")[0]) <= 64  # RFC 5321
    for words in (path, path.upper(), f"Return-Path: <{path}>\n", f"{path}, {path}"):
        assert find_returned(BASE, KEYS, words) == (row,)


@pytest.mark.parametrize("row", ROWS)
def test_who_did_not_get_the_message_cannot_make_one(row: Returned) -> None:
    path = return_path(BASE, replace(KEYS, token=b"x" * 32), row)
    assert find_returned(BASE, KEYS, path) == ()


@pytest.mark.parametrize("row", ROWS)
def test_each_changed_sign_makes_it_worthless(row: Returned) -> None:
    path = return_path(BASE, KEYS, row)
    start = len("bounces+")
    for at in range(start, path.index("@") - 1):  # the last sign carries bits that are not read
        other = path[:at] + ("a" if path[at] != "a" else "b") + path[at + 1:]
        assert find_returned(BASE, KEYS, other) == ()


@pytest.mark.parametrize("words", ["", "bounces+@watch.example.org", "bounces+" + "a" * 60 + "@watch.example.org",
                                   "bounces+" + "7" * 16 + "@watch.example.org", "bounces@watch.example.org",
                                   "bounces+\x00\ud800@watch.example.org"])
def test_what_is_none_is_none(words: str) -> None:
    assert find_returned(BASE, KEYS, words) == ()


def test_several_are_told_in_their_order_each_once() -> None:
    words = " ".join(return_path(BASE, KEYS, row) for row in (*ROWS, *ROWS))
    assert find_returned(BASE, KEYS, words) == tuple(ROWS)


def test_without_an_address_for_bounces_there_is_none() -> None:
    assert return_path("", KEYS, ROWS[0]) == "" and find_returned("", KEYS, "x+y@z") == ()
