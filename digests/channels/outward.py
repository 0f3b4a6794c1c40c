"""A body to an address that a stranger may have named, without ever reaching into our own network.

The name is resolved once, every address it has must be public, and the connection goes to the very address that was
looked at: a name that answers differently a moment later (DNS rebinding) changes nothing. TLS is verified for the name.
No redirect is followed, no proxy of the environment is used, of the answer only the beginning is read, and whatever
the other side does, it is over after `WHOLE` seconds.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import httpx

from tracker.errors import DeliveryError

TIMEOUT = httpx.Timeout(15, connect=10)  # between two bytes
WHOLE = 30.0  # seconds: who sends a byte now and then must not keep all others waiting
LARGEST_ANSWER = 64 * 1024
LONGEST_ADDRESS = 2000
# What is given out to the internet. Outside lie translated, mapped and compatible IPv4 and former site-local addresses,
# each of which may lead inside; within, 6to4 and Teredo carry an IPv4 address, and 3fff::/20 is for documentation.
_GIVEN_OUT = ipaddress.ip_network("2000::/3")
_NOT_GIVEN_OUT = tuple(ipaddress.ip_network(net) for net in ("2002::/16", "2001::/32", "3fff::/20", "192.0.0.0/24"))

Resolve = Callable[[str, int], list[str]]


class Refused(DeliveryError):
    """We do not send there: the reason is in words, and names no more than the host."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` None: none came; `words` say it for people: "204", "no answer in time"."""

    status: int | None
    words: str
    retry_after: timedelta | None = None

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def resolve(host: str, port: int) -> list[str]:
    """Raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip not in _GIVEN_OUT:
        return False
    return ip.is_global and not ip.is_multicast and not any(ip in net for net in _NOT_GIVEN_OUT)


def check_address(url: str, private_hosts: Collection[str] = ()) -> str:
    """The address as it is kept. Raises Refused. `private_hosts`: named by the operator; these may be private, and may
    speak plain HTTP."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Refused("expected an address like https://example.org/hook") from None
    if not host or len(url) > LONGEST_ADDRESS or any(c.isspace() or not c.isprintable() for c in url):
        raise Refused("expected an address like https://example.org/hook")
    if not url.isascii():
        raise Refused("expected an address without accents: a host in its xn-- form, a path with %-escapes")
    named = host in private_hosts
    if parts.scheme != "https" and not (named and parts.scheme == "http"):
        raise Refused("expected an address that begins with https://")
    if parts.username is not None or parts.password is not None:
        raise Refused("expected an address without a name and password in it")
    if not named and port not in (None, 443) and (port or 0) < 1024:
        raise Refused("expected port 443, or one from 1024 on")
    try:
        literal = is_public(host)
    except ValueError:
        literal = True  # a name; it is looked at when it is resolved
    if not literal and not named:
        raise Refused(f"{host} is not on the public internet")
    return url


def post(url: str, body: bytes, headers: Mapping[str, str], *, private_hosts: Collection[str] = (),
         resolving: Resolve = resolve, whole: float = WHOLE) -> Answer:
    """Raises Refused for an address that may not be reached; every other failure is an Answer."""
    check_address(url, private_hosts)
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = resolving(host, port)
    except (OSError, UnicodeError):
        return Answer(None, "its name cannot be resolved")
    if not found:
        return Answer(None, "its name cannot be resolved")
    if host not in private_hosts and not all(map(is_public, found)):
        raise Refused(f"{host} is not on the public internet")
    literal = f"[{found[0]}]" if ":" in found[0] else found[0]
    named = f"[{host}]" if ":" in host else host
    shown = named if parts.port is None else f"{named}:{port}"
    end, head = _End(whole), None
    try:
        at = httpx.URL(url).copy_with(host=literal, port=port)
        with (end, httpx.Client(follow_redirects=False, trust_env=False, timeout=TIMEOUT) as client,
              client.stream("POST", at, content=body, headers={**headers, "host": shown},
                            extensions={"sni_hostname": host, "trace": end.note}) as answer):
            head = Answer(answer.status_code, str(answer.status_code), _retry_after(answer.headers.get("retry-after")))
            size = 0
            for chunk in answer.iter_raw(4096):
                size += len(chunk)
                if size > LARGEST_ANSWER:
                    break
            return head
    except httpx.TimeoutException:
        return Answer(None, "no answer in time")
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as problem:
        if end.has_come:
            return head or Answer(None, "no answer in time")
        return Answer(None, f"no whole answer ({type(problem).__name__})")


class _End:
    """Cuts the connection after so many seconds, whatever is under way on it: handshake, head or body."""

    def __init__(self, seconds: float) -> None:
        self.has_come = False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._line: socket.socket | None = None
        self._lock = threading.Lock()

    def note(self, event: str, info: Mapping[str, Any]) -> None:
        """httpcore's `trace`. A duplicate: TLS takes the socket itself away."""
        if event == "connection.connect_tcp.complete":
            with self._lock:
                self._line = info["return_value"].get_extra_info("socket").dup()

    def _cut(self) -> None:
        with self._lock, suppress(OSError):
            self.has_come = True
            if self._line is not None:
                self._line.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._timer.cancel()
        with self._lock:
            if self._line is not None:
                self._line.close()
                self._line = None


def _retry_after(value: str | None) -> timedelta | None:
    """Seconds only; a date would trust two clocks."""
    return timedelta(seconds=int(value)) if value and value.isascii() and value.isdigit() and len(value) < 7 else None
