"""Responses to WARC records and back: Scrapy's cache storage, used to record and, strictly, to replay.

One WARC a crawl, one gzip member a page, bytes as received. The place of a page is left in ``request.meta["kept"]``.
"""

from __future__ import annotations

import hashlib
import io
from http import HTTPStatus
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from scrapy.settings import BaseSettings
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter


class RecordEverything:
    """Cache policy: keep each answer to a GET; answer from the archive only when replaying."""

    def __init__(self, settings: BaseSettings) -> None:
        self._replaying = bool(settings.getlist("REPLAY_WARCS"))

    def should_cache_request(self, request: Request) -> bool:
        return request.method == "GET"

    def should_cache_response(self, response: Response, request: Request) -> bool:
        return not self._replaying

    def is_cached_response_fresh(self, cached: Response, request: Request) -> bool:
        return self._replaying

    def is_cached_response_valid(self, cached: Response, response: Response, request: Request) -> bool:
        return False


class WarcStorage:
    """`HTTPCACHE_STORAGE` on warcio."""

    def __init__(self, settings: BaseSettings) -> None:
        self._path = Path(settings["WARC_FILE"])
        self._replay = [Path(p) for p in settings.getlist("REPLAY_WARCS")]
        self._index: dict[str, tuple[Path, int]] = {}

    def open_spider(self, spider: Spider) -> None:
        self._stream = self._path.open("ab")
        self._writer = WARCWriter(self._stream, gzip=True)
        for path in self._replay:
            self._read_index(path)

    def close_spider(self, spider: Spider) -> None:
        self._stream.close()

    def _read_index(self, path: Path) -> None:
        with path.open("rb") as stream:
            records = ArchiveIterator(stream)
            for record in records:
                if record.rec_type == "response":
                    self._index[record.rec_headers.get_header("WARC-Target-URI")] = (path, records.get_record_offset())

    def retrieve_response(self, spider: Spider, request: Request) -> Response | None:
        if request.url not in self._index:
            return None
        path, offset = self._index[request.url]
        with path.open("rb") as stream:
            stream.seek(offset)
            record = next(iter(ArchiveIterator(stream)))
            body = record.raw_stream.read()
        headers = Headers()
        for name, value in record.http_headers.headers:
            headers.appendlist(name, value)
        kind = responsetypes.from_args(headers=headers, url=request.url, body=body)
        return kind(url=request.url, headers=headers, status=int(record.http_headers.get_statuscode()), body=body)

    def store_response(self, spider: Spider, request: Request, response: Response) -> None:
        offset = self._stream.tell()
        self._writer.write_record(self._record(response))
        self._stream.flush()
        request.meta["kept"] = (f"{self._path.parent.name}/{self._path.name}", offset)

    def _record(self, response: Response) -> Any:
        try:
            reason = HTTPStatus(response.status).phrase
        except ValueError:
            reason = "Unknown"
        fields = [(name.decode("latin-1"), value.decode("latin-1"))
                  for name, values in response.headers.items() for value in values]
        status = StatusAndHeaders(f"{response.status} {reason}", fields, protocol="HTTP/1.1")
        kind = "revisit" if response.status == HTTPStatus.NOT_MODIFIED else "response"
        extra = {"WARC-Payload-Digest": f"sha256:{hashlib.sha256(response.body).hexdigest()}"}
        if kind == "revisit":
            extra["WARC-Profile"] = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
        return self._writer.create_warc_record(response.url, kind, payload=io.BytesIO(response.body),
                                               length=len(response.body), http_headers=status,
                                               warc_headers_dict=extra)
