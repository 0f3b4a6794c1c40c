"""Exchanges with a site to members of a WARC file, and members back to pages; knows nothing of Scrapy.

One member is one gzip stream, so a file whose writer was killed loses its last member and no other. Bodies are kept
as received (content-encoded) with the SHA-256 of those bytes; a 304 is kept as a `revisit`.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser
from warcio.warcwriter import WARCWriter

from tracker.errors import SourceError

NOT_MODIFIED = 304
_REVISIT_PROFILE = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
# The transport took these off already: keeping them would make a reader take off once more what is not there.
_OF_THE_TRANSPORT = frozenset({"transfer-encoding", "connection", "keep-alive"})
UNREADABLE = (OSError, EOFError, ValueError, zlib.error, ArchiveLoadFailed)
Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One member: where it begins, what was asked, and what came."""

    offset: int
    url: str
    fetched_at: datetime
    status: int
    headers: Headers
    body: bytes  # as received


class Recorder:
    """Writes one WARC file; each `write` is on its way to the disk when it returns."""

    def __init__(self, path: Path, software: str) -> None:
        self._stream = path.open("xb")
        self._writer = WARCWriter(self._stream, gzip=True)
        self._writer.write_record(self._writer.create_warcinfo_record(
            path.name, {"software": software, "format": "WARC File Format 1.1"}))
        self._stream.flush()

    def write(self, url: str, fetched_from: str, at: datetime, status: int, reason: str, headers: Headers,
              body: bytes) -> int:
        """Returns the offset of the new member. `url` is the official address, `fetched_from` the one asked."""
        offset = self._stream.tell()
        about = {"WARC-Date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                 "WARC-Payload-Digest": f"sha256:{hashlib.sha256(body).hexdigest()}"}
        if fetched_from != url:
            about["WARC-X-Fetched-From"] = fetched_from
        if status == NOT_MODIFIED:
            about["WARC-Profile"] = _REVISIT_PROFILE
        http = StatusAndHeaders(f"{status} {reason}".strip(), [
            (name, value) for name, value in headers if name.lower() not in _OF_THE_TRANSPORT], "HTTP/1.1")
        self._writer.write_record(self._writer.create_warc_record(
            url, "revisit" if status == NOT_MODIFIED else "response", payload=BytesIO(body), length=len(body),
            http_headers=http, warc_headers_dict=about))
        self._stream.flush()
        return offset

    def write_part(self, url: str, at: datetime, body: bytes) -> int:
        """A part of a page that lies in this file already, as a `resource`. Returns the offset of the new member."""
        offset = self._stream.tell()
        about = {"WARC-Date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                 "WARC-Payload-Digest": f"sha256:{hashlib.sha256(body).hexdigest()}"}
        self._writer.write_record(self._writer.create_warc_record(
            url, "resource", payload=BytesIO(body), length=len(body), warc_content_type="application/octet-stream",
            warc_headers_dict=about))
        self._stream.flush()
        return offset

    def close(self) -> None:
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()


def read_page(archive_root: Path, warc: str, offset: int) -> bytes:
    """The decoded body of the member at `offset` of a WARC file under the archive folder.

    Raises SourceError if there is no such member: a page without its bytes proves nothing.
    """
    root = archive_root.resolve()
    path = (root / warc).resolve()
    if not path.is_relative_to(root):
        raise SourceError(f"expected a file of the archive, got {warc!r}")
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            record = next(iter(ArchiveIterator(stream)), None)
            if record is None or record.rec_type not in ("response", "resource"):
                raise SourceError(f"expected a page at {warc}:{offset}, got {record.rec_type if record else 'nothing'}")
            if record.rec_type == "resource":
                return _whole(record)
            encoding = _http(record).get_header("Content-Encoding", "")
            return _decoded(_whole(record), encoding)
    except UNREADABLE as problem:
        raise SourceError(f"no readable page at {warc}:{offset}: {type(problem).__name__}") from problem


def read_member(archive_root: Path, warc: str, offset: int) -> tuple[Recorded, bytes, bytes]:
    """A page with its decoded body, and the bytes of its member as they lie in the file. Raises SourceError."""
    body = read_page(archive_root, warc, offset)
    path = archive_root.resolve() / warc
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            iterator = ArchiveIterator(stream)
            record = next(iter(iterator))
            found = _recorded(record, iterator)
            iterator.read_to_end(record)
            length = iterator.get_record_length()
            stream.seek(offset)
            return found, body, stream.read(length)
    except UNREADABLE as problem:
        raise SourceError(f"no readable page at {warc}:{offset}: {type(problem).__name__}") from problem


def members(path: Path) -> Iterator[Recorded]:
    """All whole members in order; a torn last one is left out."""
    with path.open("rb") as stream:
        iterator = ArchiveIterator(stream)
        try:
            for record in iterator:
                if record.rec_type in ("response", "revisit", "resource"):
                    yield _recorded(record, iterator)
        except UNREADABLE:
            return


def member(path: Path, offset: int) -> Recorded:
    with path.open("rb") as stream:
        stream.seek(offset)
        iterator = ArchiveIterator(stream)
        found = _recorded(next(iter(iterator)), iterator)
    return Recorded(offset, found.url, found.fetched_at, found.status, found.headers, found.body)


def body_of(found: Recorded) -> bytes:
    """The decoded body. Raises zlib.error if it is not in the encoding it claims."""
    names = {name.lower(): value for name, value in found.headers}
    return _decoded(found.body, names.get("content-encoding", ""))


def _decoded(body: bytes, encoding: str) -> bytes:
    """Undo the encodings that a crawl asks for. Raises zlib.error if the body is not in the one it claims."""
    if encoding.lower() in ("gzip", "x-gzip"):
        return zlib.decompress(body, zlib.MAX_WBITS | 16)
    if encoding.lower() == "deflate":
        try:
            return zlib.decompress(body)
        except zlib.error:
            return zlib.decompress(body, -zlib.MAX_WBITS)
    return body


def _http(record: ArcWarcRecord) -> StatusAndHeaders:
    """Status and headers; warcio reads them of web addresses only, and we keep those of file servers alike."""
    if record.http_headers is None:
        record.http_headers = StatusAndHeadersParser(["HTTP/1.0", "HTTP/1.1"]).parse(record.raw_stream)
    return record.http_headers


def _recorded(record: ArcWarcRecord, iterator: Any) -> Recorded:
    http = None if record.rec_type == "resource" else _http(record)
    body = _whole(record)
    return Recorded(
        offset=iterator.get_record_offset(), url=record.rec_headers.get_header("WARC-Target-URI"),
        fetched_at=datetime.strptime(record.rec_headers.get_header("WARC-Date"), "%Y-%m-%dT%H:%M:%SZ").replace(
            tzinfo=UTC),
        status=int(http.get_statuscode()) if http else 200, headers=tuple(http.headers) if http else (), body=body)


def _whole(record: ArcWarcRecord) -> bytes:
    stream: IO[bytes] = record.raw_stream
    body = bytes(stream.read())
    noted = record.rec_headers.get_header("WARC-Payload-Digest")
    if noted != f"sha256:{hashlib.sha256(body).hexdigest()}":
        raise ValueError("a torn member")
    return body
