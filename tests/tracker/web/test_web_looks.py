"""A page is of one moment: how many transactions it takes, what is asked once for all, and what is left open."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from litestar.testing import TestClient
from sqlalchemy import event

from tests.tracker.web.sample import NOW, PLAIN, open_sample
from tests.tracker.web.serving import rich_services
from tracker.app import Services
from tracker.model import IngestMode, Run, RunVerdict, VerdictKind
from tracker.web import press as presses
from tracker.web.app import create_app
from tracker.web.press import Press


def test_the_state_of_all_sources_is_asked_once_until_anything_is_recorded(tmp_path: Path,
                                                                           monkeypatch: pytest.MonkeyPatch):
    now, asked = [NOW], []
    survey = presses.survey
    monkeypatch.setattr(presses, "survey", lambda services, only: asked.append(only) or survey(services, only))
    services = open_sample(tmp_path / "home", lambda: now[0])
    app = create_app(services)
    app.shelf = None  # type: ignore[attr-defined]
    with TestClient(app) as client:
        fine = [client.get(path).text for path in ("/", "/search?q=streets", "/")]
        assert asked == [None] and fine[0] == fine[2]
        blind = RunVerdict(VerdictKind.DRIFTED, "the listing was empty")
        services.store.save_run(Run("r9", "xx", IngestMode.LIVE, NOW, NOW, blind, {}))
        assert client.get("/").text != fine[0] and asked == [None] * 2
        now[0] += timedelta(days=30)
        client.get("/")
        client.get("/?as-of=2031-05-06")
        assert asked == [None] * 4
    services.store.close()


def test_the_end_of_the_application_leaves_no_connection_open(services: Services):
    """The last one that closes folds the write-ahead log into the file."""
    with TestClient(create_app(services)) as client:
        client.get(f"/{PLAIN}")
    file = Path(str(services.store.engine.url.database))
    assert file.with_name(f"{file.name}-wal").exists()
    services.store.close()
    assert not file.with_name(f"{file.name}-wal").exists()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_page_of_a_bill_is_made_on_one_snapshot(kind: str, tmp_path: Path, request: pytest.FixtureRequest):
    """Each transaction more is three round trips to PostgreSQL; and a page of two moments contradicts itself."""
    database = "" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    services, begun = rich_services(tmp_path / "home", database=database), []
    with TestClient(create_app(services)) as client:
        event.listen(services.store.engine, "begin", begun.append)
        for path in (f"/{PLAIN}", f"/{PLAIN}?as-of=2031-05-06", "/xx/7/none"):
            client.get(path)
            assert len(begun) == 1, path
            begun.clear()
        assert "Fair Streets Act" in client.get(f"/{PLAIN}").text
    services.store.close()


@pytest.mark.parametrize(("path", "most"), [("/", 1), ("/xx", 5)])
def test_an_overview_takes_few_transactions(path: str, most: int, services: Services):
    """The first page: one, beside the state of all sources, which is kept. A legislature: whether it is one of ours,
    what the sieve has not heard yet (two questions), what is coming up; then one for all the rest."""
    app = create_app(services)
    app.shelf = None  # type: ignore[attr-defined]
    begun: list[object] = []
    with TestClient(app) as client:
        client.get(path)
        event.listen(services.store.engine, "begin", begun.append)
        assert client.get(path).status_code == 200
    assert len(begun) <= most


def test_the_state_of_sources_that_an_older_look_saw_is_not_kept(services: Services):
    press = Press(services)
    with press.look():
        fine = press.troubled()
        blind = RunVerdict(VerdictKind.DRIFTED, "the listing was empty")
        services.store.save_run(Run("r9", "xx", IngestMode.LIVE, NOW, NOW, blind, {}))
        assert press.troubled() == fine  # of the moment in which the look began
    assert press.troubled() != fine
    press.pulse.close()
