"""Requests for the nightly exports: a page that lists them with size and SHA-256, and the files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.response import Stream

from tracker.files.exporting import LICENCE, ExportFile, read_index
from tracker.web.asking import Part
from tracker.web.press import PressDep
from tracker.web.rim import is_known

CHUNK = 1 << 16
MEDIA_TYPES = {"jsonl": "application/gzip", "csv": "text/csv",
               "parquet": "application/vnd.apache.parquet", "sqlite": "application/vnd.sqlite3"}


@get("/data", sync_to_thread=True, include_in_schema=False)
def data(press: PressDep) -> Response[str]:
    return press.page("data.html", here="data", index=read_index(press.services.settings.exports / "current"),
                      licence=LICENCE)


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
    headers = {"etag": etag, "cache-control": "no-cache", "x-accel-buffering": "no"}
    if is_known(dict(request.scope["headers"]), etag.encode(), None):
        return Response(None, status_code=304, headers=headers)
    return Stream(_parts(folder, found), media_type=MEDIA_TYPES[kind], headers={
        **headers, "content-length": str(found.bytes), "content-disposition": f'attachment; filename="{name}"'})


def _parts(folder: Path, found: ExportFile) -> Iterator[bytes]:
    with (folder / found.path).open("rb") as whole:
        yield from iter(lambda: whole.read(CHUNK), b"")


HANDLERS = (data, listing, download)
