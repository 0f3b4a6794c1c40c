"""The desk of the sample, with a clock of its own and one editor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar.testing import TestClient

from tests.tracker.web.desk.hands import LIGHT, NAME, PASSWORD, Clock, log_in
from tests.tracker.web.sample import NOW, open_sample
from tracker.app import Services
from tracker.desk import accounts
from tracker.model import Role
from tracker.web.app import create_app


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def services(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setattr(accounts, "_hasher", lambda: LIGHT)
    made = open_sample(tmp_path / "home", clock)
    made.entrance.add(NAME, [Role.EDITOR], PASSWORD, NOW)
    yield made
    made.store.close()


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services), raise_server_exceptions=False) as made:
        made.follow_redirects = False
        yield made


@pytest.fixture
def desk(client: TestClient) -> TestClient:
    assert log_in(client).headers["location"] == "/desk"
    return client
