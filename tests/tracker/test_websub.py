"""Feeds that name their hub, and a hub of the W3C recommendation (subscribe, verify, fetch, distribute signed)."""

from __future__ import annotations

import hashlib
import hmac
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import Request, urlopen

import feedparser
import pytest
from litestar.testing import TestClient

from tests.tracker.alerts.sample import TEXT, people, released, withdrawn
from tracker.app import Services
from tracker.pushing import push_now
from tracker.settings import load_settings
from tracker.web.app import create_app

ROOT = Path(__file__).resolve().parents[2]
SECRET = b"of the subscriber"
TOPIC = "http://127.0.0.1:8080/feeds/topic/funding-condition.atom"


def _send(url: str, body: bytes, headers: dict[str, str]) -> None:
    with urlopen(Request(url, body, headers)) as answer:  # noqa: S310 - loopback
        answer.read()


def _serve(handle: Callable[[BaseHTTPRequestHandler, bytes], tuple[int, bytes]]) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            status, body = handle(self, self.rfile.read(int(self.headers["content-length"] or 0)))
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    return server


class Hub:
    def __init__(self, fetch: Callable[[str], tuple[bytes, str]]) -> None:
        self.status = 204
        self.told: list[str] = []
        self.subscribers: dict[str, tuple[str, bytes]] = {}
        self.fetch = fetch
        self.server = _serve(self._handle)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def _handle(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes]:
        asked = parse_qs(body.decode())
        if asked["hub.mode"] == ["subscribe"]:
            query = urlencode({"hub.mode": "subscribe", "hub.topic": asked["hub.topic"][0], "hub.challenge": "c-42",
                               "hub.lease_seconds": "864000"})
            with urlopen(f"{asked['hub.callback'][0]}?{query}") as verified:  # noqa: S310 - loopback
                if verified.read() == b"c-42":
                    self.subscribers[asked["hub.topic"][0]] = (asked["hub.callback"][0],
                                                               asked["hub.secret"][0].encode())
            return 202, b""
        if self.status < 300:
            self.told += asked["hub.url"]
            for topic in asked["hub.url"]:
                if topic in self.subscribers:
                    self._distribute(topic)
        return self.status, b""

    def _distribute(self, topic: str) -> None:
        callback, secret = self.subscribers[topic]
        content, kind = self.fetch(topic)
        signature = hmac.new(secret, content, hashlib.sha256).hexdigest()
        _send(callback, content, {"content-type": kind, "x-hub-signature": f"sha256={signature}",
                                  "link": f'<{self.url}>; rel="hub", <{topic}>; rel="self"'})


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    subprocess.run([sys.executable, "-m", "tracker.cli", "demo", "--no-serve", "--json"], cwd=folder, check=True,
                   capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    return folder / "demo-out"


@pytest.fixture
def hub() -> Iterator[Hub]:
    made = Hub(lambda _: (b"", ""))
    yield made
    made.server.shutdown()
    made.server.server_close()


def _services(home: Path, hub: Hub, now: list[datetime]) -> Services:
    return Services(load_settings(
        home=home, contact="demo@example.org", base_url="http://127.0.0.1:8080", sources=("us",), mail="off",
        websub_hub=hub.url, webhook_private_hosts=("127.0.0.1",)), lambda: now[0])


def test_a_subscriber_of_the_hub_gets_the_signed_feed_when_something_happened(home: Path, hub: Hub) -> None:
    now, received = [datetime(2026, 3, 5, 12, tzinfo=UTC)], list[tuple[dict[str, str], bytes]]()

    def callback(request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes]:
        asked = parse_qs(urlsplit(request.path).query)
        if "hub.challenge" in asked:
            return 200, asked["hub.challenge"][0].encode()
        received.append(({k.lower(): v for k, v in request.headers.items()}, body))
        return 204, b""

    subscriber = _serve(callback)
    with _services(home, hub, now) as services, TestClient(create_app(services)) as client:
        hub.fetch = lambda topic: ((got := client.get(urlsplit(topic).path)).content, got.headers["content-type"])
        feed = client.get(urlsplit(TOPIC).path)
        assert feed.headers["link"] == f'<{hub.url}>; rel="hub", <{TOPIC}>; rel="self"'
        links: list[Any] = feedparser.parse(feed.content).feed.links
        assert [link.href for link in links if link.rel == "hub"] == [hub.url]
        assert [link.href for link in links if link.rel == "self"] == [TOPIC]
        assert client.get(urlsplit(TOPIC).path.replace(".atom", ".json")).json()["hubs"] == [
            {"type": "WebSub", "url": hub.url}]
        asked = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.secret": SECRET.decode(),
                 "hub.callback": f"http://127.0.0.1:{subscriber.server_port}/mine"}
        _send(hub.url, urlencode(asked).encode(), {})
        push_now(services)
        assert hub.told == []  # what lies behind is no news
        services.hooks.note_hub(hub.url, 0, 0, None)
        push_now(services)
        assert hub.told.count(TOPIC) == 1  # once, however many events
        [(headers, body)] = received
        assert headers["x-hub-signature"] == f"sha256={hmac.new(SECRET, body, hashlib.sha256).hexdigest()}"
        assert body == feed.content
        told = len(hub.told)
        push_now(services)
        assert len(hub.told) == told
    subscriber.shutdown()
    subscriber.server_close()


def test_a_hub_that_fails_is_told_all_of_it_later(home: Path, hub: Hub) -> None:
    now = [datetime(2026, 3, 5, 12, tzinfo=UTC)]
    with _services(home, hub, now) as services:
        services.hooks.note_hub(hub.url, 0, 0, None)
        hub.status = 503
        push_now(services)
        hub.status = 202
        push_now(services)
        assert hub.told == []  # its pause is not over
        now[0] += timedelta(minutes=2)
        push_now(services)
        assert TOPIC in hub.told


def test_private_and_translated_feeds_name_no_hub(home: Path, hub: Hub) -> None:
    now = [datetime(2026, 3, 5, 12, tzinfo=UTC)]
    with _services(home, hub, now) as services, TestClient(create_app(services)) as client:
        spoken = client.get(f"{urlsplit(TOPIC).path}?lang=es")
        assert "link" not in spoken.headers
        assert b'rel="hub"' not in spoken.content


ALERTS = [f"http://127.0.0.1:8080/feeds/alerts.{form}" for form in ("atom", "rss", "json")]


def test_the_hub_is_told_of_the_feed_of_alerts_whenever_it_says_something_else(tmp_path: Path, hub: Hub) -> None:
    now = [datetime(2031, 5, 6, 12, tzinfo=UTC)]
    with _services(tmp_path / "home", hub, now) as services, TestClient(create_app(services)) as client:
        people(services)

        def round_() -> list[str]:
            hub.told.clear()
            push_now(services)
            return hub.told

        assert round_() == [] == round_()  # nothing was ever released
        body = replace(TEXT, bills=(), not_before=now[0] + timedelta(hours=1))
        released(services, body)
        assert round_() == []  # under embargo
        now[0] += timedelta(hours=1)
        hub.status = 503
        assert round_() == []
        hub.status = 204
        assert round_() == []  # its pause is not over
        now[0] += timedelta(minutes=2)
        assert round_() == ALERTS and round_() == []
        second = released(services, replace(TEXT, bills=(), deadline_words="another"))
        assert round_() == ALERTS and round_() == []
        withdrawn(services, second)
        assert round_() == ALERTS and round_() == []
        feed = client.get("/feeds/alerts.atom")
        assert feed.headers["link"] == f'<{hub.url}>; rel="hub", <{ALERTS[0]}>; rel="self"'
        links: list[Any] = feedparser.parse(feed.content).feed.links
        assert [link.href for link in links if link.rel == "hub"] == [hub.url]
        assert client.get("/feeds/alerts.json").json()["hubs"] == [{"type": "WebSub", "url": hub.url}]
        spoken = client.get("/feeds/alerts.atom?lang=es")
        assert "link" not in spoken.headers and b'rel="hub"' not in spoken.content
        now[0] = TEXT.ends_at
        assert round_() == ALERTS and round_() == []  # the first one is over: copies of it must go


def test_a_subscriber_of_the_hub_gets_the_alert_within_the_round_that_opens_it(tmp_path: Path, hub: Hub) -> None:
    now, received = [datetime(2031, 5, 6, 12, tzinfo=UTC)], list[bytes]()

    def callback(request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes]:
        asked = parse_qs(urlsplit(request.path).query)
        if "hub.challenge" in asked:
            return 200, asked["hub.challenge"][0].encode()
        received.append(body)
        return 204, b""

    subscriber = _serve(callback)
    with _services(tmp_path / "home", hub, now) as services, TestClient(create_app(services)) as client:
        hub.fetch = lambda topic: ((got := client.get(urlsplit(topic).path)).content, got.headers["content-type"])
        people(services)
        push_now(services)
        _send(hub.url, urlencode({
            "hub.mode": "subscribe", "hub.topic": ALERTS[0], "hub.secret": SECRET.decode(),
            "hub.callback": f"http://127.0.0.1:{subscriber.server_port}/mine"}).encode(), {})
        released(services, replace(TEXT, bills=()))
        push_now(services)
        [body] = received
        assert [entry.title for entry in feedparser.parse(body).entries] == ["Ask the committee <b>to</b> repeal"]
    subscriber.shutdown()
    subscriber.server_close()
