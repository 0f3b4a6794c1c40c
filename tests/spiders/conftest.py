"""Sites to crawl: a fictional legislature on loopback, and the replay of a real one."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.spiders.house import PAGES, House, Keeper, Replay, handler


@pytest.fixture
def house() -> Iterator[House]:
    """Two bills; the enrolled text has only a plain page, one reported text has no file yet."""
    house = House()
    house.status("BILLSTATUS-199hr42.xml")
    house.status("BILLSTATUS-199s7.xml")
    house.text("BILLS-199hr42ih", (PAGES / "BILLS-199hr42ih.xml").read_bytes())
    house.text("BILLS-199hr42eh", (PAGES / "BILLS-199hr42ih.xml").read_bytes().replace(b"42 IH", b"42 EH"))
    house.text("BILLS-199hr42enr", (PAGES / "BILLS-199hr42enr.htm").read_bytes(), media="htm")
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(house))
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    house.base_url = f"http://127.0.0.1:{server.server_address[1]}"
    yield house
    server.shutdown()
    server.server_close()


@pytest.fixture
def keeper(house: House, tmp_path: Path) -> Keeper:
    return Keeper(tmp_path / "archive", house.base_url)


@pytest.fixture(scope="session")
def replay_server(shared: Path) -> Iterator[Replay]:
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen([sys.executable, str(shared / "replay" / "serve.py"), "--port", "0", "--as-of",
                                    "2025-03-01", "--bills", "on-topic"], stderr=log, stdout=log, text=True)
        try:
            yield Replay(_address(log))
        finally:
            process.terminate()
            process.wait()


def _address(log: Any) -> str:
    for _ in range(300):
        log.seek(0)
        if found := re.search(r"http://127\.0\.0\.1:\d+", log.read()):
            return found[0]
        time.sleep(0.1)
    raise RuntimeError("the replay server did not start")


@pytest.fixture
def replay(replay_server: Replay) -> Replay:
    replay_server.trouble()
    replay_server.show("2025-03-01")
    replay_server.control("reset", {})
    return replay_server


@pytest.fixture
def replay_keeper(replay: Replay, tmp_path: Path) -> Callable[[], Keeper]:
    made: list[Keeper] = []

    def make() -> Keeper:
        made.append(Keeper(tmp_path / f"archive{len(made)}", replay.base_url))
        return made[-1]

    return make
