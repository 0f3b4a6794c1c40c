"""What a site answered: one page as it came, or one part of a large file and whether it belongs to the parts before."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scrapy.http import Response

from spiders import bulk
from tracker.errors import LayoutChanged, Unreachable
from tracker.model import Page

_SPAN = re.compile(r"bytes (\d+)-\d+/(\d+)")


@dataclass(frozen=True, slots=True)
class Answer:
    """One page as it came, safe to parse; `fresh` is False for a 304 (then the body is empty)."""

    url: str  # official
    body: bytes
    page: Page
    fresh: bool


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a large file as it came."""

    body: bytes
    page: Page
    size: int  # of the whole file
    tag: str  # the same for all parts of one file
    whole: bool  # the server sent all of it


def part_of(response: Response, held: int, size: int, tag: str, url: str) -> tuple[int, str, bool]:
    """(bytes of the whole file, its ETag or date, whether this answer is all of it)."""
    said = (response.headers.get("ETag") or response.headers.get("Last-Modified") or b"").decode("latin-1")
    if said.startswith("W/"):
        said = (response.headers.get("Last-Modified") or b"").decode("latin-1")
    if response.status == 200 and held == 0:
        return len(response.body), said, True
    span = _SPAN.fullmatch((response.headers.get("Content-Range") or b"").decode("latin-1").strip())
    if response.status != 206 or not span or int(span[1]) != held or (held and (int(span[2]) != size or said != tag)):
        raise Unreachable("the file changed while it was fetched, or came in other parts than asked for", url=url)
    if int(span[2]) > bulk.LARGEST_FILE:
        raise LayoutChanged(f"expected a file of at most {bulk.LARGEST_FILE} bytes, got {span[2]}", url=url)
    return int(span[2]), said, False
