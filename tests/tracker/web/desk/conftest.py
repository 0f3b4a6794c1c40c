"""The desk of the sample, with one editor."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from litestar.testing import TestClient

from tests.tracker.web.desk.hands import LIGHT, NAME, PASSWORD, log_in
from tests.tracker.web.sample import NOW
from tracker.app import Services
from tracker.desk import accounts
from tracker.model import Role
from tracker.web.app import create_app


@pytest.fixture
def services(services: Services, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setattr(accounts, "_hasher", lambda: LIGHT)
    services.entrance.add(NAME, [Role.EDITOR], PASSWORD, NOW)
    return services


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services), raise_server_exceptions=False) as made:
        made.follow_redirects = False
        yield made


@pytest.fixture
def desk(client: TestClient) -> TestClient:
    assert log_in(client).headers["location"] == "/desk"
    return client
