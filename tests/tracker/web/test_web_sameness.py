"""Nobody learns from an answer, or from when it comes, whether an address is known here. Held by shape, not by a clock:
the answer is complete, and its connection over, before anything is done that depends on the address."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from tests.tracker.web.sample import open_sample
from tracker.app import Services
from tracker.web.serve import run

FORM = {"topics": "decriminalization", "cadence": "weekly", "weekday": "4", "hour": "7", "zone": "Europe/Vienna"}


class Stuck:
    """A mail server that takes a message and then says nothing until it is told to."""

    def __init__(self) -> None:
        self.begun, self.go_on, self.sent = threading.Semaphore(0), threading.Event(), 0

    def send(self, message: object, recipient: str, sender: str = "") -> None:
        self.begun.release()
        assert self.go_on.wait(60)
        self.sent += 1


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[str, int, Services, Stuck]]:
    services, mailer = open_sample(tmp_path / "home"), Stuck()
    services.__dict__["mailer"] = mailer
    stop, listening, address = threading.Event(), threading.Event(), []

    def heard(url: str) -> None:
        address.append(url)
        listening.set()

    server = threading.Thread(target=run, args=(services, "127.0.0.1", 0, heard, stop))
    server.start()
    assert listening.wait(20)
    parts = urlsplit(address[0])
    yield str(parts.hostname), int(parts.port or 0), services, mailer
    mailer.go_on.set()
    stop.set()
    server.join(20)
    services.store.close()


def post(host: str, port: int, address: str) -> bytes:
    """All until the other side hangs up; it must, though we ask it to stay."""
    body = urlencode({**FORM, "address": address}).encode()
    with socket.create_connection((host, port), timeout=20) as line:
        line.sendall(b"POST /subscribe HTTP/1.1\r\nhost: testserver.local\r\nconnection: keep-alive\r\ncontent-type: "
                     b"application/x-www-form-urlencoded\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        parts = []
        while part := line.recv(65536):
            parts.append(part)
    lines = b"".join(parts).split(b"\r\n")
    return b"\r\n".join(one for one in lines if not one.lower().startswith(b"date:"))


def test_the_answer_is_over_before_the_mail_server_has_said_anything(house: tuple[str, int, Services, Stuck]) -> None:
    host, port, services, mailer = house
    unknown = post(host, port, "ada@reader.example")
    assert mailer.begun.acquire(timeout=20) and mailer.sent == 0  # the message is under way, and hangs
    waiting = post(host, port, "ada@reader.example")  # known: a question is open, so none is put
    other = post(host, port, "bo@reader.example")
    assert mailer.begun.acquire(timeout=20) and mailer.sent == 0
    assert unknown == waiting == other and unknown.startswith(b"HTTP/1.1 200") and b"reader.example" not in unknown
    row = services.ledger.find(address_index=services.keys.blind_index("ada@reader.example"))
    assert len(row) == 1


@pytest.mark.parametrize("path", ["/confirm/{}", "/manage/{}", "/manage/{}/data", "/u/{}"])
def test_links_that_are_none_get_one_answer_whatever_they_look_like(
        house: tuple[str, int, Services, Stuck], path: str) -> None:
    """Tokens are looked up by their hash: what is nearly right is as wrong as anything."""
    host, port, services, _ = house
    kinds = ("zzz", "A" * 43, services.keys.manage_token("nobody"), services.keys.unsubscribe_token("nobody"))
    answers = {httpx.get(f"http://{host}:{port}{path.format(token)}").text.replace(token, "T") for token in kinds}
    assert len(answers) == 1
