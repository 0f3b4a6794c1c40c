"""`billwatch serve` from start to end: it crawls by itself, answers meanwhile, and ends when told to."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tracker.app import Services
from tracker.demo.site import DemoSite
from tracker.model import Filter, SavedSearch
from tracker.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(home: Path, base_url: str, port: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tracker.cli", "serve", "--port", str(port)], cwd=ROOT, stderr=subprocess.PIPE,
        env={**os.environ, "BILLWATCH_HOME": str(home), "BILLWATCH_CRAWL_BASE_URL": base_url})


def until(done: Callable[[], Any], seconds: float = 40) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if found := done():
                return found
        except OSError:
            pass
        time.sleep(0.2)
    pytest.fail(f"did not happen within {seconds} s")


def get(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return json.loads(answer.read())


def ended(process: subprocess.Popen[bytes]) -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(20)


def test_the_service_crawls_answers_and_ends_cleanly(tmp_path: Path) -> None:
    port = free_port()
    with DemoSite() as site:
        site.show(1)
        service = start(tmp_path, site.base_url, port)
        try:
            until(lambda: get(port, "/api/v1/events?since=0&limit=5")["events"])
            assert ended(service) == 0
        finally:
            service.kill()


def test_a_term_signal_ends_the_service_in_the_middle_of_a_crawl(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, never answers
        port = free_port()
        service = start(tmp_path, f"http://127.0.0.1:{silent.getsockname()[1]}", port)
        try:
            until(lambda: list((tmp_path / "archive").glob("us-*/crawl.log")))
            begun = time.monotonic()
            assert ended(service) == 0
            assert time.monotonic() - begun < 15
        finally:
            service.kill()


def could_not_start(home: Path, **wrong: str) -> str:
    ended = subprocess.run([sys.executable, "-m", "tracker.cli", "serve"], cwd=ROOT, capture_output=True, text=True,
                           timeout=60, env={**os.environ, "BILLWATCH_HOME": str(home), **wrong})
    assert ended.returncode == 2
    return ended.stderr


def test_a_legislature_that_nobody_knows_stops_the_start(tmp_path: Path) -> None:
    assert "unknown source 'us-vv'" in could_not_start(tmp_path, BILLWATCH_SOURCES="us,us-vv")


def test_a_port_that_is_taken_stops_the_start_before_anything_is_crawled(tmp_path: Path) -> None:
    with DemoSite() as site, socket.create_server(("127.0.0.1", 0)) as taken:
        said = could_not_start(tmp_path, BILLWATCH_PORT=str(taken.getsockname()[1]),
                               BILLWATCH_CRAWL_BASE_URL=site.base_url)
    assert "cannot listen" in said
    assert not (tmp_path / "archive").exists()


def test_a_database_that_is_away_is_named_with_its_reason_and_without_its_password(tmp_path: Path) -> None:
    said = could_not_start(tmp_path, BILLWATCH_DATABASE="postgresql://reader:sekrit@127.0.0.1:1/bw")
    assert "refused" in said
    assert "sekrit" not in said


def test_a_missing_key_file_stops_the_start_before_a_new_one_is_made(tmp_path: Path) -> None:
    with Services(load_settings(home=tmp_path)) as services:
        services.saved.add(SavedSearch("s1", b"\0" * 32, Filter(words="lantern"), date(2026, 3, 2)))
    (tmp_path / "keys.json").unlink()
    said = could_not_start(tmp_path)
    assert "keys.json is missing" in said and "sealed values" in said
    assert not (tmp_path / "keys.json").exists()
