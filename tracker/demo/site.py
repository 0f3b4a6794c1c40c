"""The demo's pages, day by day, to a loopback web site with the URL space of govinfo.gov.

Each folder `pages/dayN` holds what is new or changed on that day, in a tree that mirrors the site's paths; a day shows
its own files and those of the days before. Links in the documents are those of the real site: the spider maps them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Self
from xml.sax.saxutils import escape

DAYS: tuple[date, ...] = (date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4))
PAGES = Path(__file__).parent / "pages"
PUBLISHED_AT = time(10, 30, tzinfo=UTC)  # GPO posts texts and statuses in the American morning

_SITE = "https://www.govinfo.gov"
_MEDIA_TYPES = {".xml": "text/xml", ".htm": "text/html; charset=utf-8"}
_STATUS = re.compile(r"/bulkdata/BILLSTATUS/(?P<congress>\d+)/(?P<type>[a-z]+)/(?P<name>BILLSTATUS-\w+\.xml)")
_TEXT = re.compile(r"/content/pkg/(?P<package>BILLS-\w+)/")
_LISTING = re.compile(r"/bulkdata/json/BILLSTATUS(?:/(?P<congress>\d+)(?:/(?P<type>[a-z]+))?)?/?")
_LEAF = re.compile(r"/sitemap/bulkdata/BILLSTATUS/(?P<congress>\d+)(?P<type>[a-z]+)/sitemap\.xml")
_YEAR = re.compile(r"/sitemap/BILLS_(?P<year>\d{4})_sitemap\.xml")
_ROBOTS = f"""User-agent: *
Disallow: /search/
Disallow: /app/search/

Sitemap: {_SITE}/sitemap/bulkdata/BILLSTATUS/sitemapindex.xml
Sitemap: {_SITE}/sitemap/BILLS_sitemap_index.xml
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP response; `modified` is given for files only."""

    status: HTTPStatus
    body: bytes = b""
    media_type: str = "text/plain; charset=utf-8"
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """The site as of one day: path -> (file, when it was last changed)."""

    files: dict[str, tuple[Path, datetime]] = field(default_factory=dict)

    @classmethod
    def of_day(cls, day: int, pages: Path = PAGES) -> Shelf:
        """Day 1 is the first; later days add to it and replace."""
        shelf = cls()
        for number in range(1, day + 1):
            root = pages / f"day{number}"
            modified = datetime.combine(DAYS[number - 1], PUBLISHED_AT)
            for file in sorted(p for p in root.rglob("*") if p.suffix in _MEDIA_TYPES):
                shelf.files["/" + file.relative_to(root).as_posix()] = (file, modified)
        return shelf

    def answer(self, path: str, headers: Mapping[str, str]) -> Answer:
        """What the site says to ``GET path``; header names are in lower case."""
        path = path.partition("?")[0]
        # The .htm of a package is served under two folder names, as on the real site.
        file = self.files.get(path) or self.files.get(path.replace("/htm/", "/html/"))
        if file:
            return _conditional(*file, headers)
        if path == "/robots.txt":
            return Answer(HTTPStatus.OK, _ROBOTS.encode())
        if match := _LISTING.fullmatch(path):
            return self._listing(match["congress"], match["type"], headers)
        return self._sitemap(path)

    def _listing(self, congress: str | None, kind: str | None, headers: Mapping[str, str]) -> Answer:
        if "application/json" not in headers.get("accept", ""):
            return Answer(HTTPStatus.NOT_ACCEPTABLE, b"406 Not Acceptable\n")
        rows = list(self._rows(congress, kind))
        if not rows:
            return _missing()
        return Answer(HTTPStatus.OK, json.dumps({"files": rows}).encode(), "application/json")

    def _rows(self, congress: str | None, kind: str | None) -> Iterable[dict[str, Any]]:
        statuses = self._statuses()
        if congress is None:
            for found in sorted({c for c, _, _ in statuses}):
                newest = max(m for (c, _, _), (_, m) in statuses.items() if c == found)
                yield _folder(found, f"{_SITE}/bulkdata/json/BILLSTATUS/{found}", newest)
        elif kind is None:
            for found in sorted({t for c, t, _ in statuses if c == congress}):
                newest = max(m for (c, t, _), (_, m) in statuses.items() if (c, t) == (congress, found))
                yield _folder(found, f"{_SITE}/bulkdata/json/BILLSTATUS/{congress}/{found}", newest)
        else:
            for (c, t, name), (file, modified) in statuses.items():
                if (c, t) == (congress, kind):
                    yield _row(name, f"{_SITE}/bulkdata/BILLSTATUS/{c}/{t}/{name}", modified, file.stat().st_size)

    def _statuses(self) -> dict[tuple[str, str, str], tuple[Path, datetime]]:
        found = ((_STATUS.fullmatch(path), file) for path, file in sorted(self.files.items()))
        return {(m["congress"], m["type"], m["name"]): file for m, file in found if m}

    def _packages(self) -> dict[str, datetime]:
        """Text packages and when each last changed."""
        packages: dict[str, datetime] = {}
        for path, (_, modified) in sorted(self.files.items()):
            if match := _TEXT.match(path):
                packages[match["package"]] = max(modified, packages.get(match["package"], modified))
        return packages

    def _sitemap(self, path: str) -> Answer:
        base = f"{_SITE}/sitemap"
        if path == "/sitemap/bulkdata/BILLSTATUS/sitemapindex.xml":
            folders: dict[str, datetime] = {}
            for (c, t, _), (_, modified) in self._statuses().items():
                folders[c + t] = max(modified, folders.get(c + t, modified))
            return _urls("sitemapindex", "sitemap",
                         ((f"{base}/bulkdata/BILLSTATUS/{name}/sitemap.xml", m) for name, m in folders.items()))
        if match := _LEAF.fullmatch(path):
            wanted = (match["congress"], match["type"])
            entries = [(f"{_SITE}/bulkdata/BILLSTATUS/{c}/{t}/{name}", m)
                       for (c, t, name), (_, m) in self._statuses().items() if (c, t) == wanted]
            return _urls("urlset", "url", entries) if entries else _missing()
        packages = self._packages()
        if path == "/sitemap/BILLS_sitemap_index.xml":
            years = {m.year: m for m in sorted(packages.values())}
            return _urls("sitemapindex", "sitemap", ((f"{base}/BILLS_{y}_sitemap.xml", m) for y, m in years.items()))
        if match := _YEAR.fullmatch(path):
            entries = [(f"{_SITE}/app/details/{p}", m) for p, m in packages.items() if m.year == int(match["year"])]
            return _urls("urlset", "url", entries) if entries else _missing()
        return _missing()


def _conditional(file: Path, modified: datetime, headers: Mapping[str, str]) -> Answer:
    media_type = _MEDIA_TYPES[file.suffix]
    try:
        unchanged = modified <= parsedate_to_datetime(headers["if-modified-since"])
    except (KeyError, TypeError, ValueError):
        unchanged = False
    if unchanged:
        return Answer(HTTPStatus.NOT_MODIFIED, b"", media_type, modified)
    return Answer(HTTPStatus.OK, file.read_bytes(), media_type, modified)


def _missing() -> Answer:
    return Answer(HTTPStatus.NOT_FOUND, b"404 Not Found\n")


def _row(name: str, link: str, modified: datetime, size: int | None) -> dict[str, Any]:
    """A row of the bulk listing, in the field names of the real one; `size` is None for a folder."""
    suffix = None if size is None else name.rpartition(".")[2]
    return {
        "displayLabel": name, "fileExtension": suffix, "folder": size is None,
        "formattedLastModifiedTime": modified.strftime("%d-%b-%Y %H:%M"),
        "formattedSize": f"{(size or 0) / 1024:.1f} KB" if size else "", "justFileName": name, "link": link,
        "mimeType": f"application/{suffix}" if suffix else None, "name": name, "size": size or 0,
    }


def _folder(name: str, link: str, modified: datetime) -> dict[str, Any]:
    return _row(name, link, modified, None)


def _urls(root: str, item: str, entries: Iterable[tuple[str, datetime]]) -> Answer:
    rows = "".join(f"<{item}><loc>{escape(url)}</loc><lastmod>{modified.strftime('%Y-%m-%dT%H:%M:%S.000Z')}</lastmod>"
                   f"</{item}>\n" for url, modified in entries)
    body = (f'<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}</{root}>\n')
    return Answer(HTTPStatus.OK, body.encode(), "application/xml")


# --- the server -------------------------------------------------------------------------------------------------------


class DemoSite:
    """Serves one day at a time on 127.0.0.1 and a free port, from entering the context until leaving it."""

    def __init__(self, pages: Path = PAGES) -> None:
        self._pages = pages
        self._shelf = Shelf.of_day(1, pages)
        self._server = _Server(("127.0.0.1", 0), _handler(lambda: self._shelf))
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def show(self, day: int) -> None:
        """The site as it was on ``DAYS[day - 1]``."""
        if not 1 <= day <= len(DAYS):
            raise ValueError(f"expected a day from 1 to {len(DAYS)}, got {day}")
        self._shelf = Shelf.of_day(day, self._pages)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True


def _handler(shelf: Callable[[], Shelf]) -> type[BaseHTTPRequestHandler]:
    """A request handler that asks for today's shelf with each request."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # header and body go out in two writes: 40 ms a request otherwise

        def do_GET(self) -> None:
            self._send(body=True)

        def do_HEAD(self) -> None:
            self._send(body=False)

        def _send(self, *, body: bool) -> None:
            answer = shelf().answer(self.path, {k.lower(): v for k, v in self.headers.items()})
            self.send_response(answer.status)
            if answer.status is not HTTPStatus.NOT_MODIFIED:
                self.send_header("Content-Type", answer.media_type)
                self.send_header("Content-Length", str(len(answer.body)))
            if answer.modified:
                self.send_header("Last-Modified", format_datetime(answer.modified, usegmt=True))
            self.end_headers()
            if body:
                self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:
            """Silent: the crawl keeps its own log."""

    return Handler
