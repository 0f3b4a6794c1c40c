"""Webhooks from the command line to a real endpoint: signed, in order, none lost, the same id after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copytree
from threading import Thread
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier

from digests.channels.outward import Answer
from digests.channels.webhooks import attempt
from digests.site import Site
from tracker.app import Services
from tracker.hooks import GIVE_UP_AFTER, Webhook, delivered, failed
from tracker.model import Filter
from tracker.pushing import push_now
from tracker.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]


class Endpoint:
    """Keeps what it gets; answers what it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        self.headers: dict[str, str] = {}
        self.pause = 0.0
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                time.sleep(endpoint.pause)
                if endpoint.status < 300:
                    endpoint.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(endpoint.status)
                for name, value in endpoint.headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def seqs(self) -> list[int]:
        return [json.loads(body)["data"]["seq"] for _, body in self.got]


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a service that has seen three days."""
    folder = tmp_path_factory.mktemp("demo")
    subprocess.run([sys.executable, "-m", "tracker.cli", "demo", "--no-serve", "--json"], cwd=folder, check=True,
                   capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    return folder / "demo-out"


@pytest.fixture
def home(lived: Path, tmp_path: Path) -> Path:
    return Path(copytree(lived, tmp_path / "home"))


def _settings(home: Path, **more: Any) -> Any:
    return load_settings(home=home, contact="demo@example.org", base_url="http://127.0.0.1:8080", sources=("us",),
                         webhook_private_hosts=("127.0.0.1",), **{"mail": "off", **more})


def _billwatch(home: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", "tracker.cli", "webhooks", *arguments], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env={**os.environ, "PYTHONPATH": str(ROOT), "BILLWATCH_HOME": str(home),
                                 "BILLWATCH_WEBHOOK_PRIVATE_HOSTS": "127.0.0.1"})


def _add(home: Path, url: str, *more: str) -> dict[str, str]:
    out, err = _billwatch(home, "add", url, "--json", *more).communicate()
    assert out, err
    found: dict[str, str] = json.loads(out)
    return found


def test_live_events_come_signed_in_order_and_once(home: Path, endpoint: Endpoint) -> None:
    made = _add(home, endpoint.url, "--since", "0")
    for _ in range(2):  # the second has nothing to do
        done = _billwatch(home, "push", "--json")
        assert json.loads(done.communicate()[0])["failed"] == 0
    seqs = endpoint.seqs()
    assert len(seqs) > 10
    assert seqs == sorted(set(seqs))
    for headers, body in endpoint.got:
        told = Verifier(made["secret"]).verify(body, headers)
        assert headers["webhook-id"] == f"msg_{made['id']}_{told['data']['seq']}"
    with Services(_settings(home)) as services:
        [hook] = services.hooks.all()
        assert hook.sent == len(seqs)
        assert hook.cursor == services.store.last_seq()


def test_a_filter_lets_through_what_it_is_about(home: Path, endpoint: Endpoint) -> None:
    _add(home, endpoint.url, "--since", "0", "--topic", "funding-condition")
    _billwatch(home, "push").communicate()
    assert endpoint.got
    assert all("funding-condition" in json.loads(body)["data"]["topics"] for _, body in endpoint.got)


def test_a_pusher_killed_again_and_again_loses_nothing_and_repeats_only_with_the_same_id(
        home: Path, endpoint: Endpoint) -> None:
    _add(home, endpoint.url, "--since", "0")
    endpoint.pause, kills = 0.05, 0
    for _ in range(40):
        running, before = _billwatch(home, "push"), len(endpoint.got)
        while running.poll() is None and len(endpoint.got) < before + 7:
            time.sleep(0.01)
        if running.poll() is not None:
            break
        running.send_signal(signal.SIGKILL)
        running.wait()
        kills += 1
    assert kills >= 3
    by_id = {headers["webhook-id"]: body for headers, body in endpoint.got}
    assert all(by_id[headers["webhook-id"]] == body for headers, body in endpoint.got)
    repeated = len(endpoint.got) - len(by_id)
    assert repeated <= kills
    first = list(dict.fromkeys(endpoint.seqs()))
    assert first == sorted(first)
    with Services(_settings(home)) as services:
        [hook] = services.hooks.all()
        assert hook.cursor == services.store.last_seq()
        assert len(by_id) >= hook.sent


def test_an_endpoint_that_fails_is_tried_later_and_gets_all_in_order(home: Path, endpoint: Endpoint) -> None:
    _add(home, endpoint.url, "--since", "0")
    now = [datetime(2026, 3, 5, 12, tzinfo=UTC)]
    with Services(_settings(home), lambda: now[0]) as services:
        endpoint.status = 503
        assert (push_now(services).failed, endpoint.got) == (1, [])
        assert push_now(services).failed == 0  # not before its pause is over
        endpoint.status = 204
        now[0] += timedelta(minutes=2)
        assert push_now(services).sent == len(endpoint.got) > 10


def test_after_two_days_of_failures_it_is_off_the_operator_is_told_once_and_enabling_delivers_the_rest(
        home: Path, endpoint: Endpoint) -> None:
    made = _add(home, endpoint.url, "--since", "0")
    now = [datetime(2026, 3, 5, 12, tzinfo=UTC)]
    mails = home / "mail"
    before = len(list(mails.glob("*.eml")))
    with Services(_settings(home, mail="folder", operator="op@example.org"), lambda: now[0]) as services:
        endpoint.status = 500
        for _ in range(60):
            push_now(services)
            now[0] += timedelta(hours=1)
        [hook] = services.hooks.all()
        assert hook.disabled == "two days of failures (500)"
        assert len(list(mails.glob("*.eml"))) == before + 1
        told = max(mails.glob("*.eml"), key=lambda p: p.stat().st_mtime).read_text()
        assert made["id"] in told
        assert "127.0.0.1" not in told.split("\n\n", 1)[1]
        endpoint.status = 204
        assert push_now(services).sent == 0
        _billwatch(home, "enable", made["id"]).communicate()
        assert push_now(services).sent == len(endpoint.got) > 10


def test_an_endpoint_that_says_gone_is_off_at_once_and_a_redirect_is_not_followed(
        home: Path, endpoint: Endpoint) -> None:
    _add(home, endpoint.url, "--since", "0")
    with Services(_settings(home)) as services:
        endpoint.status, endpoint.headers = 302, {"location": "http://169.254.169.254/"}
        push_now(services)
        [hook] = services.hooks.all()
        assert (hook.last_answer, hook.disabled, hook.attempts) == ("302", None, 1)
        endpoint.status, endpoint.headers = 410, {}
        services.hooks.note(Webhook(**{**{f: getattr(hook, f) for f in hook.__dataclass_fields__},
                                       "next_attempt_at": None}))
        push_now(services)
        assert services.hooks.all()[0].disabled == "the endpoint is gone (410)"


def test_a_private_address_is_refused_when_it_is_added(home: Path) -> None:
    for url in ("http://127.0.0.1/", "https://10.0.0.1/", "https://169.254.169.254/latest"):
        running = subprocess.run([sys.executable, "-m", "tracker.cli", "webhooks", "add", url], text=True,
                                 capture_output=True, check=False,
                                 env={**os.environ, "PYTHONPATH": str(ROOT), "BILLWATCH_HOME": str(home)})
        assert running.returncode != 0
        assert "expected" in running.stderr or "public internet" in running.stderr


@pytest.mark.parametrize("secret", ["whsec_MDEyMzQ1Njc4OWFiY2RlZg==", "whsec_no base64"])
def test_whatever_goes_wrong_at_one_endpoint_is_a_failure_of_that_one(secret: str) -> None:
    def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
        raise UnicodeEncodeError("ascii", "\u00e4", 0, 1, "a defect")

    now = datetime(2031, 5, 6, tzinfo=UTC)
    hook = Webhook("h", "https://example.org/", secret, Filter(), 0, now)
    answer = attempt(hook, "msg_h_1", b"{}", Site("https://billwatch.example", "b", "c", "d"), lambda: now, post)
    assert answer.status is None and answer.words.startswith("not sent")


def test_neither_address_nor_secret_lies_plainly_in_the_database(home: Path, endpoint: Endpoint) -> None:
    made = _add(home, endpoint.url, "--topic", "funding-condition")
    for path in home.glob("billwatch.db*"):
        data = path.read_bytes()
        assert endpoint.url.encode() not in data
        assert made["secret"].encode() not in data


def test_the_first_failures_come_back_soon_and_no_pause_reaches_beyond_two_days() -> None:
    now = datetime(2026, 3, 5, tzinfo=UTC)
    hook = Webhook("a", "https://example.org/", "whsec_YQ==", Filter(), 0, now)
    once = failed(hook, "503", now)
    assert once.next_attempt_at == now + timedelta(minutes=1)
    asked = failed(hook, "429", now, retry_after=timedelta(minutes=20))
    assert asked.next_attempt_at == now + timedelta(minutes=20)
    tired, at = hook, now
    while tired.disabled is None:
        tired = failed(tired, "503", at)
        at = tired.next_attempt_at or at
    assert at == now + GIVE_UP_AFTER
    assert delivered(once, 7, "200", now).attempts == 0
