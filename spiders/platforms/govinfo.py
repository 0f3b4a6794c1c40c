"""Listings of govinfo.gov (JSON folders, sitemaps) to rows, one row at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from lxml import etree

from tracker.errors import LayoutChanged

_SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_decoder = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Listed:
    """One row: what is there, and when the site last touched it (see `moment`)."""

    name: str
    lastmod: str
    folder: bool = False


def read_folder(body: bytes, url: str) -> Iterator[Listed]:
    """Rows of a JSON folder, decoded one by one. Raises LayoutChanged if the list is not one, or ends early."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    at = text.find('"files"')
    at = text.find("[", at) + 1 if at >= 0 else 0
    if not at:
        raise LayoutChanged('expected {"files": [...]}, got something else', url=url)
    while True:
        while text[at:at + 1] in (" ", "\n", "\r", "\t", ","):
            at += 1
        if text[at:at + 1] == "]":
            return
        try:
            row, at = _decoder.raw_decode(text, at)
        except ValueError as problem:
            raise LayoutChanged(f"expected a row of a folder at character {at}, got none", url=url) from problem
        yield _row(row, url)


def _row(row: Any, url: str) -> Listed:
    name = row.get("justFileName") or row.get("name") if isinstance(row, dict) else None
    if not isinstance(name, str):
        raise LayoutChanged("expected a row with a file's name, got none", url=url)
    size = row.get("size")
    stamp = moment(str(row.get("formattedLastModifiedTime") or ""))
    return Listed(name, f"{stamp} {size}" if stamp and isinstance(size, int) and size else stamp,
                  bool(row.get("folder")))


def read_sitemap(body: bytes, url: str) -> Iterator[Listed]:
    """Entries of a sitemap or of an index of sitemaps. Raises LayoutChanged if it is neither, or not well-formed."""
    rows = etree.iterparse(BytesIO(body), events=("start", "end"), resolve_entities=False, no_network=True,
                           load_dtd=False, huge_tree=False, remove_comments=True)
    root = None
    try:
        for event, element in rows:
            if root is None:
                root = element
                if element.tag not in (f"{_SITEMAP}urlset", f"{_SITEMAP}sitemapindex"):
                    raise LayoutChanged(f"expected a sitemap, got <{element.tag}>", url=url)
            elif event == "end" and element.getparent() is root:
                where = (element.findtext(f"{_SITEMAP}loc") or "").strip()
                yield Listed(where, moment((element.findtext(f"{_SITEMAP}lastmod") or "").strip()))
                # Only what lies behind: the parser still stands on the element itself.
                element.clear()
                while element.getprevious() is not None:
                    del root[0]
    except etree.XMLSyntaxError as problem:
        raise LayoutChanged("expected a well-formed sitemap", url=url) from problem


def moment(stamp: str) -> str:
    """``13-Jul-2026 23:36`` and ``2026-07-13T23:36:31.131Z`` to ``2026-07-13T23:36``; "" if it is neither.

    Folders give minutes and sitemaps milliseconds, so that a crawl that must read the one after the other compares.
    """
    for form in ("%d-%b-%Y %H:%M", "%d-%b-%Y %H:%M:%S"):
        try:
            return datetime.strptime(stamp, form).strftime("%Y-%m-%dT%H:%M")  # noqa: DTZ007 no zone is given
        except ValueError:
            continue
    try:
        found = datetime.fromisoformat(stamp)
    except ValueError:
        return ""
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M")


def unchanged(before: str | None, now: str) -> bool:
    """Whether two lastmods mean one state of a file. A size (after the moment) is compared where both have one."""
    if not before or not now:
        return False
    old, new = before.split(" "), now.split(" ")
    return all(a == b for a, b in zip(old, new, strict=False))
