"""Addresses of a public file server (ftp://) to responses, with Scrapy's robots, patience and archive around it.

A path that ends in "/" is a folder: its answer is a listing of ours, a line a name; a mirror over HTTP gives the same.
A file comes with Last-Modified, and 304 if it did not change. Signs on as anonymous; never writes.
"""

from __future__ import annotations

import asyncio
import ftplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import unquote, urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.exceptions import DownloadTimeoutError
from scrapy.http import Response, TextResponse

from tracker.errors import LayoutChanged

SECONDS = 60
LARGEST = 64 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a folder. `moment`: ``20260302080000`` as the server says; "" if it does not."""

    name: str
    folder: bool
    size: int
    moment: str


def read_listing(body: bytes, url: str) -> list[Entry]:
    """Lines of ``kind<TAB>size<TAB>moment<TAB>name``, kind "dir" or "file". Raises LayoutChanged for anything else."""
    entries = []
    for line in body.decode("utf-8", "replace").splitlines():
        parts = line.split("\t")
        if len(parts) != 4 or parts[0] not in ("dir", "file") or not (parts[1].isdigit() or parts[1] == ""):
            raise LayoutChanged(f"expected a line of a folder, got {line[:60]!r}", url=url)
        entries.append(Entry(parts[3], parts[0] == "dir", int(parts[1] or 0), parts[2]))
    return entries


class FileServer(BaseDownloadHandler):
    """DOWNLOAD_HANDLERS["ftp"]. One connection a request, in a thread; Scrapy's slots keep the pace."""

    async def download_request(self, request: Request) -> Response:
        since = (request.headers.get("If-Modified-Since") or b"").decode("latin-1")
        try:
            return await asyncio.to_thread(fetch, request.url, since)
        except (TimeoutError, EOFError) as problem:
            raise DownloadTimeoutError(str(problem)) from problem


def fetch(url: str, since: str = "") -> Response:
    """Raises OSError and EOFError of the connection; what the server says no to is a status (404, 403, 503)."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    if "\r" in path or "\n" in path or "\0" in path:
        return Response(url, status=404)
    with ftplib.FTP(timeout=SECONDS) as server:  # noqa: S321 public files; nothing secret goes over the wire
        try:
            server.connect(parts.hostname or "", parts.port or 21)
            server.login()
            if path.endswith("/"):
                return TextResponse(url, body=_listing(server, path), encoding="utf-8",
                                    headers={"Content-Type": "text/plain; charset=utf-8"})
            return _file(server, url, path, since)
        except ftplib.error_perm as refusal:
            return Response(url, status=404 if str(refusal).startswith("550") else 403)
        except ftplib.error_temp:
            return Response(url, status=503)


def _file(server: ftplib.FTP, url: str, path: str, since: str) -> Response:
    server.voidcmd("TYPE I")
    changed = _moment(server, path)
    headers = {"Last-Modified": format_datetime(changed, usegmt=True)} if changed else {}
    if changed and since and changed <= parsedate_to_datetime(since):
        return Response(url, status=304, headers=headers)
    parts: list[bytes] = []
    server.retrbinary(f"RETR {path}", _bounded(parts), blocksize=1 << 16)
    return Response(url, body=b"".join(parts), headers=headers)


def _bounded(parts: list[bytes]) -> Callable[[bytes], None]:
    held = 0

    def take(part: bytes) -> None:
        nonlocal held
        held += len(part)
        if held > LARGEST:
            raise OSError(f"larger than {LARGEST} bytes")
        parts.append(part)

    return take


def _moment(server: ftplib.FTP, path: str) -> datetime | None:
    try:
        said = server.voidcmd(f"MDTM {path}").split()[1][:14]
        return datetime.strptime(said, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except (ftplib.Error, ValueError, IndexError):
        return None


def _listing(server: ftplib.FTP, path: str) -> bytes:
    """MLSD where the server knows it; else LIST, in the Unix or the Windows form."""
    try:
        rows = [(f.get("type", "") in ("dir", "cdir", "pdir"), f.get("size", ""), f.get("modify", "")[:14], name)
                for name, f in server.mlsd(path, ["type", "size", "modify"])]
    except ftplib.error_perm as refusal:
        if str(refusal)[:3] not in ("500", "501", "502", "504"):
            raise
        lines: list[str] = []
        server.cwd(path)  # a path with a blank is two arguments to LIST
        server.retrlines("LIST", lines.append)
        rows = [row for line in lines if (row := _row(line))]
    named = sorted(row for row in rows if row[3] not in (".", "..") and "\t" not in row[3])
    return "".join(f"{'dir' if d else 'file'}\t{size}\t{moment}\t{name}\n" for d, size, moment, name in named).encode()


def _row(line: str) -> tuple[bool, str, str, str] | None:
    """``-rw-r--r-- 1 o g 512 Mar  2 08:00 a b.xml`` or ``03-02-26  08:00AM  512 a b.xml``; the moment as a stamp."""
    unix = line.split(None, 8)
    if len(unix) == 9 and line[:1] in "-dl":
        return line[0] == "d", unix[4], "".join(unix[5:8]), unix[8]
    windows = line.split(None, 3)
    if len(windows) == 4 and line[:1].isdigit():
        folder = windows[2] == "<DIR>"
        return folder, "" if folder else windows[2], windows[0] + windows[1], windows[3]
    return None
