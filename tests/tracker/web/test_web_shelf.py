"""Public answers are kept until anything is committed, by anybody, or the minute ends; never those of one reader."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from digests.delivery.permalink import Told, token_of
from tests.tracker.web.sample import NOW, PLAIN, open_sample
from tests.tracker.web.serving import rich_services, say
from tests.tracker.web.test_web_readers import confirmed, leave_path, sign_up
from tests.tracker.web.test_web_saved import make
from tracker.app import Services
from tracker.model import Cadence, EventKind, Filter, Hearing
from tracker.web import shelf as shelves
from tracker.web.app import create_app
from tracker.web.press import Press
from tracker.web.shelf import Shelf, is_for_all


def kept(client: TestClient) -> dict[Any, Any]:
    return client.app.shelf._kept  # type: ignore[attr-defined]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages that were rendered."""
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


def test_who_has_a_copy_already_leaves_one_for_the_others(client: TestClient, made: list[str]):
    etag = client.get(f"/{PLAIN}").headers["etag"]
    kept(client).clear()
    assert client.get(f"/{PLAIN}", headers={"if-none-match": etag}).status_code == 304
    assert client.get(f"/{PLAIN}", headers={"if-none-match": etag}).status_code == 304
    assert client.get(f"/{PLAIN}").status_code == 200 and made == ["bill.html"] * 2


def test_head_and_the_date_of_a_copy_are_answered_from_the_shelf(client: TestClient, made: list[str]):
    whole = client.get(f"/{PLAIN}")
    head = client.head(f"/{PLAIN}")
    assert made == ["bill.html"] and head.content == b"" and dict(head.headers) == dict(whole.headers)
    assert client.head(f"/{PLAIN}", headers={"if-none-match": whole.headers["etag"]}).status_code == 304
    for _ in range(2):
        feed = client.get("/feeds/all.atom")
        since = client.get("/feeds/all.atom", headers={"if-modified-since": feed.headers["last-modified"]})
        assert feed.status_code == 200 and since.status_code == 304


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[TestClient, TestClient]]:
    """The same house with a shelf and without."""
    services = rich_services(tmp_path / "home")
    plain = create_app(services)
    plain.shelf = None  # type: ignore[attr-defined]
    with TestClient(create_app(services), raise_server_exceptions=False) as shelved, \
            TestClient(plain, raise_server_exceptions=False) as bare:
        yield shelved, bare
    services.store.close()


ADDRESSES = ("/", "/?lang=es", "/?lang=xx", "/bills", "/bills?topic=decriminalization", "/bills?show=all&lang=es",
             "/about", f"/{PLAIN}", f"/{PLAIN}?lang=es", f"/{PLAIN}?as-of=2031-05-05", f"/{PLAIN}?as-of=2031-05-06",
             f"/{PLAIN}?as-of=1999-01-01", f"/{PLAIN}/text/ih", "/XX/7/HB12", "/xx", "/week", "/week.csv", "/calendar",
             "/calendar?month=2031-06", "/overview", "/topics/decriminalization", "/sources", "/nothing", "/feeds",
             "/feeds/all.atom", "/feeds/all.json", "/feeds/all.json?lang=es", "/search?q=streets",
             f"/api/v1/bills/{PLAIN}", f"/api/v1/bills/{PLAIN}?as-of=2031-05-05", "/api/v1/bills?limit=1",
             "/api/v1/bills?limit=2", "/api/v1/bills?limit=no", "/api/v1/events?since=2", "/data", "/robots.txt",
             "/privacy", "/subscribe", "/subscribe?topics=decriminalization", "/healthz", "/desk", "/alerts")
ASKING: tuple[dict[str, str], ...] = (
    {}, {"accept-language": "es"}, {"accept-language": "es;q=0.1, en"}, {"cookie": "desk=x; __Host-desk=y"},
    {"authorization": "Bearer bw_none"}, {"if-none-match": '"x"'}, {"accept": "application/json"})


def test_every_answer_is_the_one_that_would_be_made_now_for_this_request(two: tuple[TestClient, TestClient]):
    """Packed or not is the matter of test_web_packing: here nobody takes gzip; only the header that says so differs."""
    shelved, bare = two
    for client in two:
        client.headers["accept-encoding"] = "identity"
    for _ in range(2):
        for path in ADDRESSES:
            for headers in (*ASKING, None):
                with_it, without = (c.request("GET" if headers is not None else "HEAD", path, headers=headers,
                                              follow_redirects=False) for c in (shelved, bare))
                told = [{k: v for k, v in r.headers.items() if not k.startswith("ratelimit")}
                        for r in (with_it, without)]
                if told[0].get("vary") != told[1].get("vary"):
                    varies = [told[1].pop("vary"), "Accept-Encoding"] if "vary" in told[1] else ["Accept-Encoding"]
                    assert told[0].pop("vary") == ", ".join(varies), path
                assert (with_it.status_code, with_it.content) == (without.status_code, without.content), path
                assert told[0] == told[1], path
    assert len(kept(shelved)) > 30


def test_nothing_of_a_reader_is_kept_whatever_they_open(services: Services, client: TestClient):
    token, question = confirmed(client, services), sign_up(client, services, address="bo@reader.example")
    mine = make(client, words="loitering", topics="decriminalization")
    digest = "/digest/" + token_of(Told(0, 9, NOW, "en", Cadence.DAILY, Filter()), services.keys)
    paths = [f"/manage/{token}", f"/manage/{token}/data", leave_path(client, token), f"/confirm/{question}",
             *mine.values(), digest, f"//manage/{token}", f"/manage//{token}", f"/%6danage/{token}",
             "/subscribe?words=mine", "/saved?words=mine", "/search?q=mine", "/bills?words=mine", "/bills?WORDS=mine",
             f"/about?token={token}", f"/{PLAIN}?utm_id=mine", "/api/v1/search?q=mine", "/api//v1/search?q=mine",
             "/bills?jurisdiction=xx;words=mine", "/bills?topic=&words=mine", "/bills?%77ords=mine", "/desk/login",
             "/alerts", "/data", "/healthz", "/nothing", "/bills?topic=wrong", "/?as-of=never"]
    for path in paths:
        for method in ("GET", "HEAD", "GET"):
            answer = client.request(method, path)
            assert answer.status_code in (200, 400, 404), path
            assert not kept(client), path
    client.post("/subscribe", data={"address": "cy@reader.example", "topics": "decriminalization"})
    client.get(f"/{PLAIN}", headers={"cookie": "__Host-desk=somebody"})
    assert not kept(client)
    client.get(f"/{PLAIN}")
    assert len(kept(client)) == 1


@pytest.mark.parametrize(("headers", "may"), [
    ({"cache-control": "no-cache", "etag": '"x"'}, True),
    ({"cache-control": "public, max-age=300", "etag": '"x"', "vary": "Accept-Language"}, True),
    ({"etag": '"x"'}, False),
    ({"cache-control": "no-cache"}, False),
    ({"cache-control": "private, max-age=300", "etag": '"x"'}, False),
    ({"cache-control": "no-cache, no-store", "etag": '"x"'}, False),
    ({"cache-control": "no-cache", "etag": '"x"', "set-cookie": "a=b"}, False),
    ({"cache-control": "no-cache", "etag": '"x"', "vary": "Accept-Encoding"}, False),
    ({"cache-control": "no-cache", "etag": '"x"', "vary": "*"}, False),
])
def test_silence_is_no_permission(headers: dict[str, str], may: bool):
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    assert is_for_all({"type": "http.response.start", "status": 200, "headers": raw}) is may


def test_limits_and_keys_are_looked_at_before_the_shelf(tmp_path: Path):
    services = rich_services(tmp_path / "home", api_per_minute=3)
    with TestClient(create_app(services)) as client:
        etag = client.get("/api/v1/topics").headers["etag"]
        unknown = client.get("/api/v1/topics", headers={"authorization": "Bearer bw_none"})
        assert (unknown.status_code, len(kept(client))) == (401, 1)
        known = client.get("/api/v1/topics", headers={"if-none-match": etag})
        assert known.status_code == 304 and '"network";r=0;' in known.headers["ratelimit"]
        for path in ("/api/v1/topics", "//api/v1/topics", "/api//v1/topics", "/%61pi/v1/topics"):
            assert client.get(f"http://testserver.local{path}").status_code == 429, path
        key = services.api_keys.add("newsroom", NOW)
        held = client.get("/api/v1/topics", headers={"authorization": f"Bearer {key}"})
        assert held.status_code == 200 and held.headers["ratelimit"].startswith('"key"')
    services.store.close()


def test_a_copy_is_of_this_minute_however_the_clock_jumps(tmp_path: Path, made: list[str]):
    now = [datetime(2031, 5, 6, 23, 59, 30, tzinfo=UTC)]
    services = open_sample(tmp_path / "home", lambda: now[0])
    with TestClient(create_app(services)) as client:
        for seconds, pages in ((0, 1), (29, 1), (30, 2), (30, 2), (-3600, 3), (-3600, 3), (30, 4), (0, 5)):
            moment = now[0]
            now[0] = moment + timedelta(seconds=seconds)
            client.get(f"/{PLAIN}")
            assert len(made) == pages, seconds
            now[0] = moment
    services.store.close()


# --- the shelf alone --------------------------------------------------------------------------------------------------


class Slow:
    """A pulse that must leave the loop, as PostgreSQL's. `words` are what it says, `asked` how often it was."""

    instant = False

    def __init__(self) -> None:
        self.asked, self.word = 0, "a"
        self.way = threading.Event()  # open: the word comes back at once
        self.way.set()

    def beat(self) -> str | None:
        word = self.word
        self.asked += 1
        assert self.way.wait(60)
        return word


def scope_of(path: str) -> dict[str, Any]:
    return {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
            "headers": []}


def page(body: Callable[[], bytes]) -> Any:
    async def answer(scope: Any, receive: Any, send: Any) -> None:
        held = [(b"cache-control", b"no-cache"), (b"etag", b'"e"')]
        await send({"type": "http.response.start", "status": 200, "headers": held})
        await send({"type": "http.response.body", "body": body(), "more_body": False})

    return answer


async def ask(shelf: Shelf, app: Any, path: str = "/a") -> bytes:
    said: list[Any] = []

    async def send(message: Any) -> None:
        said.append(message)

    await shelf(app, scope_of(path), None, send)  # type: ignore[arg-type]
    return said[-1]["body"]  # type: ignore[no-any-return]


def test_one_question_serves_all_who_came_before_it_and_none_who_came_after():
    pulse, state = Slow(), {"now": b"a"}

    async def story() -> None:
        shelf = Shelf(pulse, lambda: NOW)  # type: ignore[arg-type]
        app = page(lambda: state["now"])
        assert await ask(shelf, app) == b"a"
        pulse.asked = 0
        pulse.way.clear()
        crowd = [asyncio.create_task(ask(shelf, app)) for _ in range(50)]
        while not pulse.asked:  # then the question is on its way, with the old word
            await asyncio.sleep(0.001)
        pulse.word, state["now"] = "b", b"b"
        late = [asyncio.create_task(ask(shelf, app)) for _ in range(50)]
        await asyncio.sleep(0.01)
        pulse.way.set()
        assert set(await asyncio.gather(*late)) == {b"b"} and set(await asyncio.gather(*crowd)) == {b"a"}
        assert pulse.asked == 2

    asyncio.run(story())


def test_strange_addresses_do_not_fill_the_memory_and_old_copies_are_thrown_away(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shelves, "MOST_BYTES", 50_000)
    pulse = Slow()

    async def story() -> None:
        shelf = Shelf(pulse, lambda: NOW)  # type: ignore[arg-type]
        for number in range(40):
            await ask(shelf, page(lambda: b"x" * 1000), f"/{number}")
        assert 10 < len(shelf._kept) < 17 and shelf._bytes <= 50_000
        await ask(shelf, page(lambda: b"x" * (shelves.LARGEST + 1)), "/large")
        assert not any(key[0] == b"/large" for key in shelf._kept)
        pulse.word = "b"
        await ask(shelf, page(lambda: b"y"), "/new")
        assert [key[0] for key in shelf._kept] == [b"/new"] and shelf._bytes < 3_000

    asyncio.run(story())


def test_an_answer_that_was_begun_before_a_commit_is_not_kept_after_it():
    pulse = Slow()

    async def story() -> None:
        shelf = Shelf(pulse, lambda: NOW)  # type: ignore[arg-type]
        gate, begun = asyncio.Event(), asyncio.Event()

        async def slow(scope: Any, receive: Any, send: Any) -> None:
            begun.set()
            await gate.wait()
            await page(lambda: b"old")(scope, receive, send)

        late = asyncio.create_task(ask(shelf, slow))
        await begun.wait()
        pulse.word = "b"
        assert await ask(shelf, page(lambda: b"other"), "/b") == b"other"
        gate.set()
        assert await late == b"old"
        assert await ask(shelf, page(lambda: b"new")) == b"new"

    asyncio.run(story())
