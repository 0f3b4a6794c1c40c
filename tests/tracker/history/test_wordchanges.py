"""New texts in the log to what changed in their words, from the texts that are held."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.tracker.web.revised import HOSTS, REVISED, add_revised
from tests.tracker.web.sample import NOW, open_sample
from tracker.app import Services
from tracker.history import wordchanges
from tracker.model import Event, EventKind, IngestMode


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = open_sample(tmp_path / "home")
    add_revised(made.store)
    yield made
    made.store.close()


def published(code: str, bill: str = REVISED) -> Event:
    return Event(1, "k", EventKind.VERSION_PUBLISHED, bill, "xx", date(2031, 3, 4), NOW, IngestMode.LIVE, (),
                 {"version": code})


def test_a_new_text_is_compared_with_the_one_before_it_that_could_be_read(services: Services) -> None:
    changed = services.word_changes(published("eh"))
    assert changed is not None
    assert changed.path == f"{REVISED}/compare/ih..eh" and changed.before == "Introduced in House"
    assert [f.topic for f in changed.came] == ["platform-liability"]
    assert [f.topic for f in changed.went] == ["criminalization"]
    altered, added, removed, now = changed.sections
    assert (added, removed) == (1, 1) and altered >= 1 and now >= 5
    assert any(is_added and HOSTS in words for is_added, words in changed.phrases)


@pytest.mark.parametrize("event", [published("ih"), published("rh"), published("zz"), published("eh", "xx/7/hb-99"),
                                   Event(1, "k", EventKind.VERSION_PUBLISHED, REVISED, "xx", None, NOW,
                                         IngestMode.LIVE, (), {})])
def test_the_first_text_an_unread_one_and_an_unknown_one_have_nothing_to_compare_with(
        services: Services, event: Event) -> None:
    assert services.word_changes(event) is None


def test_texts_too_large_are_left_to_the_page(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wordchanges, "LARGEST", 100)
    assert services.word_changes(published("eh")) is None


def test_what_was_compared_is_not_compared_again(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    first = services.word_changes(published("eh"))
    monkeypatch.setattr(wordchanges, "compare_versions", None)
    assert services.word_changes(published("eh")) is first
