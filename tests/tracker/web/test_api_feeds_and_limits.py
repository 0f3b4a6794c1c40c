"""Programs ask much: who waits blocks nobody, who asks too often is told when to come back, keys lift the limit."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from litestar.testing import TestClient
from typer.testing import CliRunner

from tests.tracker.web.sample import NOW, PLAIN, open_sample
from tests.tracker.web.serving import rich_services, running, say
from tracker.app import Services
from tracker.cli import app
from tracker.model import EventKind, Hearing
from tracker.settings import Settings
from tracker.web.app import create_app
from tracker.web.meter import Meter


@pytest.fixture
def rich(tmp_path: Path) -> Iterator[Services]:
    services = rich_services(tmp_path / "home")
    yield services
    services.store.close()


def test_two_hundred_who_wait_hear_of_an_event_and_keep_nobody_waiting(rich: Services):
    last = rich.store.last_seq()
    with running(rich) as address, ThreadPoolExecutor(150) as many:
        waiting = [many.submit(httpx.get, f"{address}/api/v1/events?since={last}&wait=40", timeout=60)
                   for _ in range(150)]
        time.sleep(2)
        # All wait, more than the server has threads: others are answered as ever.
        assert httpx.get(f"{address}/api/v1/topics", timeout=20).status_code == 200
        assert not any(w.done() for w in waiting)
        hearing = Hearing("h9", (NOW + timedelta(days=9)).date(), "Hearing")
        say(rich.store, 9, (hearing,), EventKind.HEARING_SCHEDULED, NOW)
        answers = [w.result() for w in waiting]
    assert {a.json()["next"] for a in answers} == {last + 1}
    assert all(len(a.json()["events"]) == 1 and a.headers["cache-control"] == "no-store" for a in answers)


def test_who_waits_for_another_bill_gets_an_empty_answer_that_goes_on_where_it_ended(rich: Services):
    last = rich.store.last_seq()
    writer = threading.Timer(0.5, say, (rich.store, 9, (Hearing("h9", NOW.date(), "Hearing"),),
                                        EventKind.HEARING_SCHEDULED, NOW))
    with running(rich) as address:
        writer.start()
        answer = httpx.get(f"{address}/api/v1/events?since={last}&wait=3&bill=xx/7/hb-14", timeout=30).json()
        writer.join()
    assert answer == {"events": [], "next": last + 1, "last": last + 1}


def test_a_hearing_is_told_once_as_it_stands(rich: Services):
    with TestClient(create_app(rich)) as client:
        found = client.get("/api/v1/hearings?from=2031-05-01&to=2031-06-30").json()["hearings"]
        assert [(h["key"], h["date"], h["status"]) for h in found] == [("h2", "2031-05-21", "cancelled"),
                                                                     ("h1", "2031-06-02", "scheduled")]
        moved_away = client.get("/api/v1/hearings?from=2031-05-20&to=2031-05-20").json()
        assert moved_away["hearings"] == []
        first = client.get("/api/v1/hearings?limit=1").json()
        second = client.get("/api/v1/hearings", params={"limit": 1, "cursor": first["next"]}).json()
        assert [h["key"] for h in first["hearings"] + second["hearings"]] == ["h2", "h1"] and second["next"] is None


def test_flags_come_page_by_page_each_once(rich: Services):
    with TestClient(create_app(rich)) as client:
        whole = client.get("/api/v1/flags").json()["flags"]
        seen, cursor = [], None
        while True:
            page = client.get("/api/v1/flags", params={"limit": 1, **({"cursor": cursor} if cursor else {})}).json()
            seen += page["flags"]
            if (cursor := page["next"]) is None:
                break
        assert seen == whole and len(whole) >= 4
        only = client.get("/api/v1/flags?topic=platform-liability&effect=reverses&jurisdiction=xx").json()["flags"]
        assert [f["bill"] for f in only] == [PLAIN]
        assert client.get("/api/v1/flags?jurisdiction=x").json()["flags"] == []


@pytest.mark.parametrize("query", ["topic=platform-liability&topic=decriminalization", "topics=decriminalization",
                                   "as_of=2031-01-01"])
def test_what_would_be_dropped_is_refused(rich: Services, query: str):
    with TestClient(create_app(rich)) as client:
        assert client.get(f"/api/v1/flags?{query}").status_code == 400


def test_a_network_is_told_how_many_requests_are_left_and_then_when_to_come_back(tmp_path: Path):
    services = rich_services(tmp_path / "home", api_per_minute=3)
    key = services.api_keys.add("newsroom", NOW)
    with TestClient(create_app(services)) as client:
        while time.time() % 60 > 50:  # the count begins anew each minute
            time.sleep(1)
        left = [client.get("/api/v1/topics").headers["ratelimit"].split(";")[1] for _ in range(3)]
        refused = client.get("/api/v1/topics")
        with_key = client.get("/api/v1/topics", headers={"authorization": f"Bearer {key}"})
        page = client.get("/topics")
        wrong = client.get("/api/v1/topics", headers={"authorization": "Bearer bw_none"})
    services.store.close()
    assert left == ["r=2", "r=1", "r=0"] and refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 60 and refused.json()["status"] == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert with_key.status_code == 200 and with_key.headers["ratelimit-policy"] == '"key";q=3000;w=60'
    assert page.status_code == 200 and "ratelimit" not in page.headers
    assert wrong.status_code == 429  # a wrong key is no way around the limit


def test_an_unknown_or_revoked_key_is_refused_with_a_reason(rich: Services):
    key = rich.api_keys.add("newsroom", NOW)
    with TestClient(create_app(rich)) as client:
        unknown = client.get("/api/v1/topics", headers={"authorization": "Bearer bw_nobody"})
        assert unknown.status_code == 401 and unknown.headers["www-authenticate"] == "Bearer"
        assert unknown.json()["detail"].startswith("This key is unknown")
        assert rich.api_keys.revoke("newsroom", NOW) and not rich.api_keys.revoke("newsroom", NOW)
        assert client.get("/api/v1/topics", headers={"authorization": f"Bearer {key}"}).status_code == 401


def test_the_meter_keeps_no_address():
    meter = Meter(2, 10)
    assert meter.read("192.0.2.7", None, 1000.0).left == 1
    assert all(b"192.0.2.7" not in caller for caller in meter._counts)
    assert meter.read("2001:db8::1", None, 1000.0).left == 1 and meter.read("2001:db8::2", None, 1001.0).left == 0
    assert meter.read("2001:db8::3", None, 1002.0).refused and not meter.read("2001:db8::3", None, 1060.0).refused


def test_a_key_is_shown_once_and_stored_as_a_hash(tmp_path: Path):
    services = open_sample(tmp_path / "home")
    services.store.close()

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, ["apikeys", *words], env={"BILLWATCH_HOME": str(tmp_path / "home")})
        assert done.exit_code == 0, done.output
        return done.stdout

    key = json.loads(run("add", "newsroom", "--json"))["key"]
    assert key not in run("list", "--json") and key.encode() not in b"".join(
        p.read_bytes() for p in (tmp_path / "home").glob("billwatch.db*"))
    with Services(Settings(home=tmp_path / "home"), lambda: NOW) as held:
        assert held.api_keys.holder(key) == "newsroom" and held.api_keys.holder(key + "x") is None
    run("revoke", "newsroom")
    assert json.loads(run("list", "--json"))[0]["revoked_at"] is not None
