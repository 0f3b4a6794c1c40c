"""A fictional legislature's web site on loopback, the replay of a real one, and crawls of both as real processes."""

from __future__ import annotations

import json
import re
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.utils import formatdate, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from tracker import wire
from tracker.model import FetchedText, Harvest, PendingText, SeenPage

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "tests" / "fixtures" / "us"
SITE = "https://www.govinfo.gov"
DAY = 6_790_000_000  # the fictional Congress meets in 2185


@dataclass
class Trouble:
    """How an address answers instead of with its page, so many times."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1_000_000
    reset: bool = False
    delay: float = 0  # seconds before the page itself comes
    cut: bool = False  # the page's full length is promised, half of it is sent


@dataclass
class House:
    """govinfo's URL space with two fictional bills; pages and dates can be changed between crawls."""

    pages: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    troubles: dict[str, Trouble] = field(default_factory=dict)  # regular expression of the path -> trouble
    asked: list[tuple[str, int, dict[str, str]]] = field(default_factory=list)
    base_url: str = ""
    no_json: bool = False

    def put(self, path: str, body: bytes, modified: int = DAY) -> None:
        self.pages[path] = (body, modified)

    def status(self, name: str, body: bytes | None = None, modified: int = DAY) -> None:
        congress, letters = re.match(r"BILLSTATUS-(\d{3})([a-z]+)", name).groups()  # type: ignore[union-attr]
        self.put(f"/bulkdata/BILLSTATUS/{congress}/{letters}/{name}", body or (PAGES / name).read_bytes(), modified)

    def text(self, package: str, body: bytes, modified: int = DAY, media: str = "xml") -> None:
        folder, suffix = ("xml", "xml") if media == "xml" else ("html", "htm")
        self.put(f"/content/pkg/{package}/{folder}/{package}.{suffix}", body, modified)

    def paths(self) -> Counter[str]:
        return Counter(path for path, _, _ in self.asked)

    def answer(self, path: str, headers: dict[str, str]) -> tuple[int, bytes, str, int | None]:
        if path == "/robots.txt" and path not in self.pages:
            return 200, b"User-agent: *\nDisallow: /search/\n", "text/plain", None
        if path in self.pages:
            body, modified = self.pages[path]
            since = headers.get("if-modified-since")
            if since and modified <= parsedate_to_datetime(since).timestamp():
                return 304, b"", "text/xml", modified
            return 200, body, "text/html" if path.endswith("htm") else "text/xml", modified
        return self.listing(path, headers)

    def listing(self, path: str, headers: dict[str, str]) -> tuple[int, bytes, str, int | None]:
        status = {m[0]: m for p in self.pages if (m := re.fullmatch(
            r"/bulkdata/BILLSTATUS/(\d+)/([a-z]+)/(BILLSTATUS-\w+\.xml)", p))}
        if m := re.fullmatch(r"/bulkdata/json/BILLSTATUS(?:/(\d+)(?:/([a-z]+))?)?", path):
            if self.no_json or "application/json" not in headers.get("accept", ""):
                return 406, b"", "text/plain", None
            rows = [self.row(x[3], p) for p, x in status.items() if (x[1], x[2]) == m.groups()] if m[2] else [
                {"justFileName": n, "folder": True} for n in dict.fromkeys(
                    x[2] if m[1] else x[1] for x in status.values() if m[1] in (None, x[1]))]
            return (200, json.dumps({"files": rows}, indent=1).encode(), "application/json", None) if rows else (
                404, b"", "text/plain", None)
        if path == "/sitemap/bulkdata/BILLSTATUS/sitemapindex.xml":
            leaves = (f"{SITE}/sitemap/bulkdata/BILLSTATUS/{x[1]}{x[2]}/sitemap.xml" for x in status.values())
            return 200, self.sitemap("sitemapindex", dict.fromkeys(leaves, DAY)), "", None
        if m := re.fullmatch(r"/sitemap/bulkdata/BILLSTATUS/(\d+)([a-z]+)/sitemap\.xml", path):
            return 200, self.sitemap("urlset", {SITE + p: self.pages[p][1] for p, x in status.items()
                                                if (x[1], x[2]) == m.groups()}), "", None
        if path == "/sitemap/BILLS_sitemap_index.xml":
            return 200, self.sitemap("sitemapindex", {f"{SITE}/sitemap/BILLS_2185_sitemap.xml": DAY}), "", None
        if path == "/sitemap/BILLS_2185_sitemap.xml":
            texts = {m[1]: x[1] for p, x in self.pages.items() if (m := re.match(r"/content/pkg/(BILLS-\w+)/", p))}
            return 200, self.sitemap("urlset", {f"{SITE}/app/details/{n}": d for n, d in texts.items()}), "", None
        return 404, b"", "text/plain", None

    def row(self, name: str, path: str) -> dict[str, Any]:
        body, modified = self.pages[path]
        return {"justFileName": name, "name": name, "folder": False, "size": len(body), "formattedLastModifiedTime":
                time.strftime("%d-%b-%Y %H:%M", time.gmtime(modified))}

    @staticmethod
    def sitemap(root: str, rows: dict[str, int]) -> bytes:
        tag = "sitemap" if root == "sitemapindex" else "url"
        inner = "".join(f"<{tag}><loc>{url}</loc><lastmod>{time.strftime('%Y-%m-%dT%H:%M:%S.123Z', time.gmtime(d))}"
                        f"</lastmod></{tag}>" for url, d in rows.items())
        return f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inner}</{root}>'.encode()


def handler(house: House) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # or every answer waits 40 ms for its own headers' receipt

        def do_GET(self) -> None:
            headers = {k.lower(): v for k, v in self.headers.items()}
            status, body, media, modified = house.answer(self.path, headers)
            trouble = next((t for p, t in house.troubles.items() if t.times > 0 and re.search(p, self.path)), None)
            if trouble:
                trouble.times -= 1
                if trouble.reset:
                    house.asked.append((self.path, 0, headers))
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()
                    self.close_connection = True
                    return
                time.sleep(trouble.delay)
                if not trouble.cut and not trouble.delay:
                    status, body, modified = trouble.status, trouble.body, None
            house.asked.append((self.path, status, headers))
            self.send_response(status)
            for name, value in (trouble.headers if trouble else {}).items():
                self.send_header(name, value)
            if modified is not None:
                self.send_header("Last-Modified", formatdate(modified, usegmt=True))
            self.send_header("Content-Type", media or "text/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[:len(body) // 2] if trouble and trouble.cut else body)
            if trouble and trouble.cut:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


# --- crawls -----------------------------------------------------------------------------------------------------------


@dataclass
class Crawl:
    folder: Path
    result: dict[str, Any]
    harvests: list[Harvest]

    @property
    def verdict(self) -> str:
        return str(self.result["verdict"]["kind"])

    @property
    def reason(self) -> str:
        return str(self.result["verdict"]["reason"])

    @property
    def counts(self) -> dict[str, int]:
        return dict(self.result["counts"])

    def bills(self) -> dict[str, str]:
        return {h.bill_id: h.content_hash for h in self.harvests if h.bill_id and h.content_hash}

    def texts(self) -> dict[tuple[str, str], str]:
        """(bill, version) -> digest, of the texts that came and are right."""
        return {(h.bill_id, t.version): t.page.sha256 for h in self.harvests if h.bill_id
                for t in h.texts if t.page and not t.error}


class Keeper:
    """Runs crawls, and remembers of each what a store would remember."""

    def __init__(self, root: Path, base_url: str, source: str = "us") -> None:
        self.root, self.base_url, self.source = root, base_url, source
        self.seen: dict[str, SeenPage] = {}
        self.pending: dict[tuple[str, str], PendingText] = {}
        self.runs = 0

    def command(self, *more: str) -> tuple[Path, list[str]]:
        self.runs += 1
        folder = self.root / f"run{self.runs}"
        folder.mkdir(parents=True)
        (folder / "seen.jsonl").write_bytes(b"".join(
            [b'{"seen":' + wire.encode(p) + b"}\n" for p in self.seen.values()]
            + [b'{"pending":' + wire.encode(p) + b"}\n" for p in self.pending.values()]))
        return folder, [sys.executable, "-m", "spiders.crawl", self.source, "--run-dir", str(folder), "--base-url",
                        self.base_url, "--seen", str(folder / "seen.jsonl"), *more]

    def crawl(self, *more: str, remember: bool = True) -> Crawl:
        folder, command = self.command(*more)
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert ended.returncode == 0, ended.stderr
        crawl = Crawl(folder, json.loads((folder / "result.json").read_text()), read_spool(folder / "spool.jsonl"))
        if remember:
            self.remember(crawl.harvests)
        return crawl

    def remember(self, harvests: Iterable[Harvest]) -> None:
        for harvest in harvests:
            for page in (*harvest.pages, *(t.page for t in harvest.texts if t.page)):
                self.seen[page.url] = SeenPage(page.url, page.lastmod, page.last_modified, page.sha256)
            links = {v.code: v.links for v in harvest.bill.versions} if harvest.bill else {}
            for text in harvest.texts:
                self._remember_text(str(harvest.bill_id), text, links)

    def _remember_text(self, bill_id: str, text: FetchedText, links: dict[str, Any]) -> None:
        if text.error and text.version in links:
            self.pending[bill_id, text.version] = PendingText(bill_id, text.version, links[text.version])
        elif not text.error:
            self.pending.pop((bill_id, text.version), None)


def read_spool(path: Path) -> list[Harvest]:
    return [wire.decode_harvest(line) for line in path.read_bytes().splitlines()] if path.exists() else []


# --- the replay -------------------------------------------------------------------------------------------------------


@dataclass
class Replay:
    base_url: str

    def control(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(f"{self.base_url}/_replay/{path}", data=data, timeout=60) as answer:  # noqa: S310
            return json.loads(answer.read())

    def show(self, day: str) -> None:
        self.control("as-of", {"date": day})

    def trouble(self, *rules: dict[str, Any]) -> None:
        self.control("faults", {"seed": 1, "rules": list(rules)})

    def requests(self) -> Any:
        return self.control("requests?list=0")
