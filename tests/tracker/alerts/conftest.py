"""The sample with people, a clock that can be moved, and a postbox for a mail server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.tracker.alerts.sample import people
from tests.tracker.web.sample import NOW, open_sample
from tracker.app import Services


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def services(tmp_path: Path, clock: Clock) -> Iterator[Services]:
    made = open_sample(tmp_path / "home", clock)
    people(made)
    yield made
    made.store.close()
