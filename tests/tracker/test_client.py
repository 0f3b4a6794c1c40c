"""The client against a running server: all pages, each event once, copies kept, errors that say what is wrong."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tracker.web.sample import NOW, PLAIN
from tests.tracker.web.serving import rich_services, running, say
from tracker.app import Services
from tracker.client import BadRequest, Client, NotFound, RateLimited, Unauthorized, Unreachable
from tracker.model import EventKind, Hearing


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = rich_services(tmp_path / "home")
    yield made
    made.store.close()


@pytest.fixture
def client(services: Services) -> Iterator[Client]:
    with running(services) as address, Client(address) as made:
        yield made


def test_lists_are_walked_to_their_end(client: Client):
    whole = client.get("/bills", show="all", limit=200)["bills"]
    assert list(client.bills(show="all", limit=1)) == whole and len(whole) == 4
    assert len(list(client.flags(limit=1))) == len(list(client.flags()))
    assert [h["key"] for h in client.hearings("2031-05-06", "2031-06-30", limit=1)] == ["h2", "h1"]
    assert {b["id"] for b in client.search("streets", limit=1)} >= {PLAIN}


def test_votes_come_with_their_counts(client: Client):
    (vote,) = client.votes(PLAIN)
    assert {c["option"]: c["value"] for c in vote["counts"]} == {"yes": 57, "no": 40, "excused": 2}


def test_the_change_feed_goes_on_where_it_was_left(client: Client, services: Services):
    events = list(client.events())
    assert [e["seq"] for e in events] == list(range(1, services.store.last_seq() + 1))
    assert list(client.events(since=events[-3]["seq"])) == events[-2:]
    last = events[-1]["seq"]
    threading.Timer(0.3, say, (services.store, 9, (Hearing("h9", NOW.date(), "Hearing"),),
                               EventKind.HEARING_SCHEDULED, NOW)).start()
    assert next(client.follow(since=last, wait=10))["seq"] == last + 1


def test_an_answer_that_did_not_change_costs_no_body(client: Client, monkeypatch: pytest.MonkeyPatch):
    statuses: list[int] = []
    ask = Client._ask

    def noted(self: Client, *words: Any) -> Any:
        answer = ask(self, *words)
        statuses.append(answer.status_code)
        return answer

    monkeypatch.setattr(Client, "_ask", noted)
    assert client.bill(PLAIN) == client.bill(PLAIN) and statuses == [200, 304]


def test_errors_say_what_is_wrong(client: Client, services: Services):
    with pytest.raises(NotFound, match="No such bill"):
        client.bill("xx/7/hb-99")
    with pytest.raises(BadRequest, match="topic: expected one of"):
        list(client.bills(topic="nope"))
    with pytest.raises(Unauthorized), Client(str(client._http.base_url).removesuffix("/api/v1/"), key="bw_x") as other:
        other.bill(PLAIN)


def test_it_waits_as_long_as_the_site_says_and_gives_up_politely(tmp_path: Path):
    services, slept = rich_services(tmp_path / "home", api_per_minute=1), list[float]()
    with running(services) as address, Client(address, sleep=slept.append) as client, pytest.raises(RateLimited):
        for _ in range(3):
            client.get("/topics")
    services.store.close()
    assert slept and all(1 <= pause <= 60 for pause in slept)


def test_nobody_there_is_told_after_a_few_tries():
    slept: list[float] = []
    with Client("http://127.0.0.1:9", sleep=slept.append) as client, pytest.raises(Unreachable, match="5 tries"):
        client.get("/topics")
    assert slept == [1.0, 2.0, 4.0, 8.0]


def test_the_example_of_the_document_runs(client: Client, capsys: pytest.CaptureFixture[str]):
    page = (Path(__file__).resolve().parents[2] / "docs/api.md").read_text("utf-8")
    code = page.split("```python\n")[1].split("```")[0]
    exec(code.replace("http://127.0.0.1:8080", str(client._http.base_url).removesuffix("/api/v1/")))  # noqa: S102
    assert f"{PLAIN} in-committee" in capsys.readouterr().out


def test_every_part_of_the_api_has_a_call(client: Client):
    assert [v["code"] for v in client.versions(PLAIN)] == [v["code"] for v in client.bill(PLAIN)["versions"]]
    code = client.versions(PLAIN)[0]["code"]
    assert client.provisions(PLAIN, code)["provisions"] and client.version(PLAIN, code, as_of="2031-05-06")["text"]
    assert len(client.topics()) == 6 and [s["source"] for s in client.sources()] == ["xx"]
    changed = list(client.changes("2031-05-01", bill=PLAIN))
    assert {c["bill"]["id"] for c in changed} == {PLAIN}
    assert list(client.bills(show="all", **{"as-of": "2031-05-05"})) != list(client.bills(show="all"))
