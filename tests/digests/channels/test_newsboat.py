"""A real reader's program, newsboat, loads the feeds over HTTP."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from fakes.happenings import CARD, SITE, happening, one_of_each
from fakes.memory import MemoryLog

from digests.channels.feeds import parse_path, render_feed

NEWSBOAT = shutil.which("newsboat")
pytestmark = pytest.mark.skipif(NEWSBOAT is None, reason="newsboat is not installed (Debian package newsboat)")


@contextmanager
def served(log: MemoryLog) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            spec, fmt, archive = parse_path(self.path)
            document = render_feed(spec, fmt, log, SITE, archive)
            if self.headers.get("If-None-Match") == document.etag:
                self.send_response(304)
                self.end_headers()
                return
            self.send_response(200)
            self.send_header("Content-Type", document.media_type)
            self.send_header("ETag", document.etag)
            self.end_headers()
            self.wfile.write(document.body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def reload(folder: Path, urls: list[str]) -> list[tuple[str, str, str]]:
    (folder / "urls").write_text("\n".join(urls) + "\n")
    (folder / "config").write_text("auto-reload no\nerror-log " + str(folder / "errors") + "\n")
    subprocess.run([str(NEWSBOAT), "-u", folder / "urls", "-C", folder / "config", "-c", folder / "cache.db", "-x",
                    "reload"], check=True, timeout=60, capture_output=True,
                   env={"HOME": str(folder), "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"})
    assert not (folder / "errors").exists() or "rror" not in (folder / "errors").read_text()
    with closing(sqlite3.connect(folder / "cache.db")) as cache:
        return cache.execute("SELECT guid, title, feedurl FROM rss_item ORDER BY id").fetchall()


@pytest.mark.parametrize(("fmt", "feed"), [("atom", "all"), ("rss", "all"), ("atom", "sponsor/xx/ada-lamp"),
                                           ("rss", "stage/in-committee")])
def test_newsboat_shows_each_change_once(tmp_path: Path, fmt: str, feed: str) -> None:
    card = {**CARD, "stage": "in-committee", "sponsors": [["Ada Lamp"]]}
    log = MemoryLog(one_of_each(card=card))
    hostile = "<script>alert(1)</script> ]]> & \u202e é \x00"
    log.all.append(happening(len(log.all) + 1, description=hostile, card=card))
    with served(log) as base:
        url = f"{base}/feeds/{feed}.{fmt}"
        first = reload(tmp_path, [url])
        assert {guid for guid, _, _ in first} == {f"tag:example.org,2026:event/{e.seq}" for e in log.all}
        assert reload(tmp_path, [url]) == first  # 304, or the same entries: nothing comes back as new
        log.all.append(happening(len(log.all) + 1, card=card))
        assert len(reload(tmp_path, [url])) == len(first) + 1
    assert all(title.startswith("HB 7: ") for _, title, _ in first)
