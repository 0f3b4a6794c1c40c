"""A fixture folder of a legislature to its site on loopback: strict, with two days, and with a firewall to switch on.

`pages.json` holds {"pages": {official address: row}, ...}; a row is a file name, or {"file", "type", "status",
"headers", "modified", "made"}. "*" in an address stands for anything (a time stamp). Files lie in day1/; those of the
same name in day2/ take their place on the second day. spiders/legislatures/README.md tells all.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote

from spiders.contract import LegislatureSpider
from tests.tracker.text.paper import Sheet, pdf

MEDIA = {".json": "application/json", ".xml": "text/xml", ".html": "text/html", ".htm": "text/html",
         ".txt": "text/plain", ".pdf": "application/pdf", ".zip": "application/zip", ".csv": "text/csv"}
BLOCK = b"<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"


@dataclass
class Manifest:
    folder: Path
    said: dict[str, Any]
    day: str = "day1"

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        return cls(folder, json.loads((folder / "pages.json").read_text()))

    @property
    def pages(self) -> dict[str, dict[str, Any]]:
        second = self.said.get("day2", {}).get("pages", {}) if self.day == "day2" else {}
        rows = {**self.said.get("pages", {}), **second}
        return {url: {"file": row} if isinstance(row, str) else row for url, row in rows.items()}

    def path(self, name: str) -> Path:
        second = self.folder / "day2" / name
        return second if self.day == "day2" and second.exists() else self.folder / "day1" / name

    def body(self, row: Mapping[str, Any]) -> bytes:
        if "file" not in row:
            return b""
        path = self.path(row["file"])
        return MAKERS[row["made"]](self, row["file"]) if "made" in row else path.read_bytes()

    @property
    def block(self) -> bytes:
        path = self.folder / self.said.get("block", "block.html")
        return path.read_bytes() if path.exists() else BLOCK


def made_pdf(manifest: Manifest, name: str) -> bytes:
    """Each line of a text file on its line of paper; a form feed begins a page; an empty file is a scanned page."""
    text = manifest.path(name).read_text()
    if not text.strip():
        empty = Sheet()
        empty.picture = True
        return pdf(empty)
    return pdf(*(Sheet().lines(*page.split("\n"), step=14) for page in text.split("\f")))


def made_zip(manifest: Manifest, name: str) -> bytes:
    """The files under a folder; of the second day where there are such."""
    folder = manifest.folder / "day1" / name
    second = manifest.folder / "day2" / name if manifest.day == "day2" else folder
    members = sorted({str(p.relative_to(base)) for base in (folder, second) for p in base.rglob("*") if p.is_file()})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for member in members:
            info = zipfile.ZipInfo(member, (2026, 3, 1, 0, 0, 0))
            packed.writestr(info, manifest.path(f"{name}/{member}").read_bytes(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


MAKERS = {"pdf": made_pdf, "zip": made_zip}


@dataclass
class Mirror:
    """What is asked of a site, and what it answers. `asked` holds official addresses."""

    manifest: Manifest
    spider: type[LegislatureSpider]
    base_url: str = ""
    blocked: bool = False
    asked: list[tuple[str, int]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def answer(self, path: str, headers: Mapping[str, str]) -> tuple[int, bytes, dict[str, str]]:
        url = self.spider(base_url=self.base_url).official(self.base_url + path)
        if path.endswith("/robots.txt"):
            return 200, b"User-agent: *\nAllow: /\n", {"Content-Type": "text/plain"}
        if self.blocked:
            return 200, self.manifest.block, {"Content-Type": "text/html"}
        row = self.row(url)
        if row is None:
            self.unknown.append(url)
            return 404, b"", {}
        return _conditional(row, self.manifest.body(row), headers)

    def row(self, url: str) -> dict[str, Any] | None:
        plain = unquote(url)
        return next((row for known, row in self.manifest.pages.items() if _pattern(known).fullmatch(plain)), None)

    def never_asked(self) -> list[str]:
        asked = [unquote(url) for url, _ in self.asked]
        return [u for u in self.manifest.pages if not any(_pattern(u).fullmatch(a) for a in asked)]


def _pattern(address: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, unquote(address).split("*"))))


def _conditional(row: Mapping[str, Any], body: bytes, asked: Mapping[str, str]) -> tuple[int, bytes, dict[str, str]]:
    headers = {"Content-Type": row.get("type") or MEDIA.get(Path(row.get("file", "")).suffix, "text/html"),
               **row.get("headers", {})}
    if row.get("made") == "pdf":
        headers["Content-Type"] = row.get("type", "application/pdf")
    if row.get("made") == "zip":
        headers["Content-Type"] = row.get("type", "application/zip")
    if modified := row.get("modified"):
        headers["Last-Modified"] = modified
        since = asked.get("if-modified-since")
        if since and parsedate_to_datetime(modified) <= parsedate_to_datetime(since):
            return 304, b"", headers
    span = re.fullmatch(r"bytes=(\d+)-(\d+)", asked.get("range", ""))
    if span and row.get("ranges", True) and int(span[1]) < len(body):
        part = body[int(span[1]):int(span[2]) + 1]
        headers["Content-Range"] = f"bytes {span[1]}-{int(span[1]) + len(part) - 1}/{len(body)}"
        return 206, part, headers
    return int(row.get("status", 200)), body, headers


@contextmanager
def serve(mirror: Mirror) -> Iterator[Mirror]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            status, body, headers = mirror.answer(self.path, {k.lower(): v for k, v in self.headers.items()})
            mirror.asked.append((mirror.spider(base_url=mirror.base_url).official(mirror.base_url + self.path), status))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    mirror.base_url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield mirror
    finally:
        server.shutdown()
        server.server_close()
