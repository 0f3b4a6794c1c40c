"""A web application to a listening server in this process, with a clean end on SIGTERM and SIGINT."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from tracker.crashes import LOGGING
from tracker.errors import ConfigError
from tracker.web.app import create_app

if TYPE_CHECKING:
    from tracker.app import Services

GRACE_SECONDS = 5  # for requests under way when the end comes


class _Server(uvicorn.Server):
    """Ends quietly: uvicorn raises the signal once more after its shutdown, which would kill a parent with workers."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True


def run(services: Services, host: str, port: int, on_listening: Callable[[str], None] | None = None,
        stop: threading.Event | None = None) -> None:
    """Serve until a signal (main thread) or until `stop` is set (any thread), then return.

    `on_listening` hears the address as soon as connections are taken: port 0 is only known then. Raises ConfigError.
    """
    # No access log: paths hold readers' tokens, and who reads what here is nobody's business.
    config = uvicorn.Config(create_app(services), access_log=False, log_level="warning", log_config=LOGGING,
                            server_header=False, lifespan="on", timeout_graceful_shutdown=GRACE_SECONDS,
                            timeout_keep_alive=10, limit_concurrency=512)
    server = _Server(config)
    with _listen(host, port) as listener:
        if on_listening:
            on_listening(_address(listener))
        if stop is not None:
            threading.Thread(target=_end_when, args=(stop, server), name="web-stop", daemon=True).start()
        server.run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=512)
    except OSError as problem:
        raise ConfigError(f"settings host and port: cannot listen on {host} port {port}: {problem.strerror}") from None
    # asyncio does this only for sockets that it made itself; without it each answer waits 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _end_when(stop: threading.Event, server: uvicorn.Server) -> None:
    stop.wait()
    server.should_exit = True
