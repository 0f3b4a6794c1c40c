"""A kept page's place in a WARC -> its bytes. Knows warcio, not Scrapy: the job runner reads recordings with it."""

from __future__ import annotations

from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from tracker.errors import StoreError


def read_page(archive: Path, warc: str, offset: int) -> bytes:
    """The body as a browser would see it (content encoding removed). Raises StoreError if it is not there."""
    path = archive / warc
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            for record in ArchiveIterator(stream):
                body: bytes = record.content_stream().read()
                return body
    except (OSError, ValueError) as problem:
        raise StoreError(f"{path}: expected a page at byte {offset}, got {problem}") from None
    raise StoreError(f"{path}: expected a page at byte {offset}, got the end of the file")
