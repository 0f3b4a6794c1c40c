"""Addresses that strangers name never lead into our own network."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from digests.channels.outward import Refused, check_address, is_public, post

INSIDE = ("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1", "::",
          "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
          "2001:0:7f00:1::1", "224.0.0.1", "255.255.255.255", "ff02::1", "::10.0.0.1", "::ffff:0:10.0.0.1", "fec0::1",
          "3fff::1", "5f00::1", "192.0.0.8")


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_of_a_network_of_ones_own_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_an_address_of_the_internet_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("url", [
    "http://example.org/hook", "https://user:word@example.org/", "https://127.0.0.1/", "https://[::1]/", "ftp://a.org/",
    "https://", "https://example.org:22/", "https://example.org/a b", "https://example.org/\r\nhost: x", "file:///etc",
    "https://[::ffff:127.0.0.1]/", "https://exa mple.org/", "https://ex\u00e4mple.org/",
    "https://example.org/\u00e4", "javascript:alert(1)", "https://example.org:99999/"])
def test_an_address_that_is_none_of_a_public_https_endpoint_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        check_address(url)


def test_a_name_that_leads_inside_is_refused_even_if_only_one_of_its_addresses_does() -> None:
    for found in (["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["::ffff:192.168.0.1"]):
        with pytest.raises(Refused, match="not on the public internet"):
            post("https://rebind.example/", b"{}", {}, resolving=lambda *_, found=found: found)


def test_a_name_is_resolved_once_so_that_a_second_answer_changes_nothing() -> None:
    asked = []

    def resolving(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    answer = post("http://hook.test:9/", b"{}", {}, private_hosts=("hook.test",), resolving=resolving)
    assert answer.status is None  # nobody listens there, and no other resolver knows the name
    assert asked == ["hook.test"]


def test_a_name_that_cannot_be_resolved_is_a_failure_and_no_refusal() -> None:
    assert post("https://nowhere.invalid/", b"{}", {}).words == "its name cannot be resolved"


@pytest.mark.parametrize("url", ["https://ex..org/", "https://xn--a.org/", "https://*.org/", "https://ex%41mple.org/"])
def test_a_name_that_no_client_can_speak_is_a_failure_of_this_endpoint_alone(url: str) -> None:
    assert post(url, b"{}", {}, resolving=lambda *_: []).status is None
    assert post(url, b"{}", {}, resolving=lambda *_: ["127.0.0.1"], whole=5,
                private_hosts=(url.removeprefix("https://").removesuffix("/"),)).status is None


class Dripping:
    """Sends `head` at once and then a byte every tenth of a second, three seconds long; then the rest of an answer."""

    def __init__(self, head: bytes, rest: bytes) -> None:
        self.head, self.rest = head, rest
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.over = threading.Event()
        threading.Thread(target=self.answer, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}/"

    def answer(self) -> None:
        line, _ = self.listener.accept()
        with line:
            try:
                line.recv(65536)
                line.sendall(self.head)
                for _ in range(30):
                    if self.over.wait(0.1):
                        return
                    line.sendall(b"x")
                line.sendall(self.rest)
            except OSError:
                return


@pytest.fixture
def dripping() -> Iterator[list[Dripping]]:
    made: list[Dripping] = []
    yield made
    for each in made:
        each.over.set()
        each.listener.close()


def test_who_answers_a_byte_at_a_time_does_not_keep_the_others_waiting(dripping: list[Dripping]) -> None:
    dripping.append(Dripping(b"HTTP/1.1 200 OK\r\nx-slow: ", b"\r\ncontent-length: 0\r\n\r\n"))
    answer = post(dripping[0].url, b"{}", {}, private_hosts=("127.0.0.1",), whole=0.5)
    assert (answer.status, answer.words) == (None, "no answer in time")


def test_what_was_taken_counts_as_taken_though_the_body_of_the_answer_never_ends(dripping: list[Dripping]) -> None:
    dripping.append(Dripping(b"HTTP/1.1 204 OK\r\n\r\n", b""))
    dripping.append(Dripping(b"HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n", b""))
    for each in dripping:
        assert post(each.url, b"{}", {}, private_hosts=("127.0.0.1",), whole=0.5).is_good
