"""Requests for the nightly exports: a page that lists them with size and SHA-256, and the files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.openapi.spec import Parameter
from litestar.response import Stream

from tracker.files.exporting import LICENCE, ExportFile, read_index
from tracker.store.catalogue import BillQuery
from tracker.web.asking import Part
from tracker.web.press import PressDep
from tracker.web.rim import is_known

CHUNK = 1 << 16
_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")
BILL_PARTS = "/{jurisdiction}/{session}/{number}"
MEDIA_TYPES = {"jsonl": "application/gzip", "csv": "text/csv",
               "parquet": "application/vnd.apache.parquet", "sqlite": "application/vnd.sqlite3"}


@dataclass(frozen=True, slots=True)
class Address:
    """One of the API's. `url`: where it can be tried as it stands."""

    path: str
    summary: str
    url: str | None


def addresses(request: Request[Any, Any, Any], bill: str | None) -> Iterator[Address]:
    """`bill`: one that is held, for the addresses of a bill."""
    for path, item in sorted((request.app.openapi_schema.paths or {}).items()):
        if item.get is None:
            continue
        tried = path.replace(BILL_PARTS, f"/{bill}") if bill else path
        asked = {p.name for p in item.get.parameters or () if isinstance(p, Parameter) and p.required
                 and p.param_in == "query"}
        url = None if "{" in tried else f"{tried}?q=traffick*" if asked == {"q"} else None if asked else tried
        yield Address(path, item.get.summary or "", url)


@get("/data", sync_to_thread=True, include_in_schema=False)
def data(press: PressDep, request: Request[Any, Any, Any]) -> Response[str]:
    newest = press.services.catalogue.bills(BillQuery(limit=1)).rows
    return press.page("data.html", here="data", index=read_index(press.services.settings.exports / "current"),
                      licence=LICENCE, addresses=tuple(addresses(request, newest[0].id if newest else None)),
                      limits=press.services.settings)


@get("/data/index.json", sync_to_thread=True, include_in_schema=False)
def listing(press: PressDep) -> Response[Any]:
    index = read_index(press.services.settings.exports / "current")
    if index is None:
        raise NotFoundException()
    return Response(index, headers={"cache-control": "no-cache"})


@get("/data/{kind:str}/{name:str}", sync_to_thread=True, include_in_schema=False)
def download(press: PressDep, request: Request[Any, Any, Any], kind: Part, name: Part) -> Response[Any]:
    """Only what the index names: no path of a request ever meets the file system."""
    folder = (press.services.settings.exports / "current").resolve()
    index = read_index(folder)
    found = next((f for f in index.files if f.path == f"{kind}/{name}"), None) if index else None
    if found is None:
        raise NotFoundException()
    etag = f'"{found.sha256[:32]}"'
    headers = {"etag": etag, "cache-control": "no-cache", "x-accel-buffering": "no", "accept-ranges": "bytes"}
    if is_known(dict(request.scope["headers"]), etag.encode(), None):
        return Response(None, status_code=304, headers=headers)
    headers["content-disposition"] = f'attachment; filename="{name}"'
    wanted = request.headers.get("range") if request.headers.get("if-range", etag) == etag else None
    first, last = part_of(wanted, found.bytes) or (0, found.bytes - 1)
    if first > last and found.bytes:
        return Response(None, status_code=416, headers={**headers, "content-range": f"bytes */{found.bytes}"})
    whole = (first, last) == (0, found.bytes - 1)
    if not whole:
        headers["content-range"] = f"bytes {first}-{last}/{found.bytes}"
    return Stream(_parts(folder, found, first, last), media_type=MEDIA_TYPES[kind], status_code=200 if whole else 206,
                  headers={**headers, "content-length": str(last - first + 1)})


def part_of(wanted: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte of a download that goes on where it broke off ("bytes=500-"); None: all of it. A first behind
    the last: there is no such part. Several parts at once are not served: all of it, then."""
    found = _RANGE.fullmatch(wanted.strip()) if wanted else None
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        return max(0, size - int(found[2])), size - 1
    first, last = int(found[1]), int(found[2]) if found[2] else size - 1
    return None if last < first <= size - 1 else (first, min(last, size - 1))


def _parts(folder: Path, found: ExportFile, first: int, last: int) -> Iterator[bytes]:
    with (folder / found.path).open("rb") as file:
        file.seek(first)
        left = last - first + 1
        while left > 0 and (part := file.read(min(CHUNK, left))):
            left -= len(part)
            yield part


HANDLERS = (data, listing, download)
