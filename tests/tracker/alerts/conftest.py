"""The sample with people, a clock that can be moved, and a postbox for a mail server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tracker.alerts.sample import people
from tests.tracker.web.sample import Clock, open_sample
from tracker.app import Services


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def services(tmp_path: Path, clock: Clock) -> Iterator[Services]:
    made = open_sample(tmp_path / "home", clock)
    people(made)
    yield made
    made.store.close()
