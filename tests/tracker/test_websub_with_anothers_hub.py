"""A hub that others wrote (Flask-WebSub) takes our word of news, fetches the feed, and hands it to its subscribers."""

from __future__ import annotations

import hashlib
import hmac
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

import feedparser
import pytest

from tests.tracker.web.serving import rich_services, running
from tracker.app import Services
from tracker.pushing import push_now

SECRET = "of the subscriber"


class Inline:
    """What the hub needs of its queue: each task is done when it is asked for, in a thread where it may call back."""

    def task(self, bind: bool = False, **_: Any) -> Callable[[Callable[..., Any]], Any]:
        def made(work: Callable[..., Any]) -> Any:
            def delay(*values: Any) -> None:
                threading.Thread(target=work, args=(self, *values) if bind else values, daemon=True).start()

            return type("Task", (), {"delay": staticmethod(delay)})

        return made


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[str]:
    websub = pytest.importorskip("flask_websub.hub", reason="install Flask-WebSub by hand: it also brings `tests`")
    from flask import Flask
    from werkzeug.serving import make_server

    app = Flask("hub")
    app.config["PUBLISH_SUPPORTED"] = True
    made = websub.Hub(websub.SQLite3HubStorage(str(tmp_path / "hub.sqlite3")), Inline(), **app.config)
    app.register_blueprint(made.build_blueprint(url_prefix="/hub"))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hub"
    server.shutdown()
    server.server_close()


class Subscriber:
    def __init__(self) -> None:
        self.verified, self.heard = threading.Event(), threading.Event()
        self.got: list[tuple[dict[str, str], bytes]] = []
        this = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(parse_qs(urlsplit(self.path).query)["hub.challenge"][0].encode())
                this.verified.set()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                this.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self._answer(b"")
                this.heard.set()

            def _answer(self, body: bytes) -> None:
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/mine"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _site(home: Path, hub: str, port: int) -> Services:
    return rich_services(home, base_url=f"http://127.0.0.1:{port}", websub_hub=hub,
                         webhook_private_hosts=("127.0.0.1",))


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
def test_a_subscriber_of_anothers_hub_gets_the_signed_feed(tmp_path: Path, hub: str, form: str) -> None:
    port, subscriber = _free_port(), Subscriber()
    with _site(tmp_path / "home", hub, port) as services, running(services, port) as address:
        topic = f"{address}/feeds/all.{form}"
        urlopen(hub, urlencode({"hub.mode": "subscribe", "hub.topic": topic, "hub.callback": subscriber.url,  # noqa: S310
                                "hub.secret": SECRET}).encode()).close()
        assert subscriber.verified.wait(20)
        services.hooks.note_hub(hub, 0, 0, None)
        push_now(services)
        assert subscriber.heard.wait(20)
        headers, body = subscriber.got[0]
        assert headers["x-hub-signature"] == f"sha512={hmac.new(SECRET.encode(), body, hashlib.sha512).hexdigest()}"
        with urlopen(topic) as now:  # noqa: S310 - loopback
            assert body == now.read()
        assert form == "json" or feedparser.parse(body).entries
        assert len(subscriber.got) == 1
    subscriber.server.shutdown()
    subscriber.server.server_close()
