"""What is taken from a page, with what was expected of it: XML, HTML, JSON and dates that raise instead of guessing.

Every function that takes `url` raises LayoutChanged with what it expected, what it got and that address.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from html import unescape
from typing import Any, TypeVar, overload
from zoneinfo import ZoneInfo

from lxml import etree, html

from spiders.guard import read_xml
from tracker.errors import LayoutChanged

T = TypeVar("T")
_MISSING = object()
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?!\d)")
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)")
_FRACTION = re.compile(r"(\.\d{6})\d+")


# --- XML and HTML -----------------------------------------------------------------------------------------------------


def many(node: etree._Element, path: str, url: str, least: int = 1) -> list[etree._Element]:
    """All elements at an ElementPath; raises LayoutChanged if there are fewer than `least`."""
    found: list[etree._Element] = node.findall(path)
    if len(found) < least:
        raise LayoutChanged(f"expected {least} or more of {path!r} in <{node.tag}>, got {len(found)}", url=url)
    return found


def one(node: etree._Element, path: str, url: str) -> etree._Element:
    """The one element at an ElementPath; raises LayoutChanged if there is none, or more than one."""
    found = many(node, path, url)
    if len(found) > 1:
        raise LayoutChanged(f"expected one {path!r} in <{node.tag}>, got {len(found)}", url=url)
    return found[0]


def said(node: etree._Element, path: str = ".") -> str | None:
    """All words of the first element at a path, white space folded; None if there are none."""
    found = node.find(path)
    return " ".join("".join(map(str, found.itertext())).split()) or None if found is not None else None


def must_say(node: etree._Element, path: str, url: str) -> str:
    """`said`, of an element that must be there and hold words."""
    words = said(node, path)
    if words is None:
        raise LayoutChanged(f"expected words in {path!r} of <{node.tag}>, got none", url=url)
    return words


def read_plain_xml(body: bytes, url: str, root: str | None = None) -> etree._Element:
    """`guard.read_xml` without namespaces: tags and attributes by their local names. `root`: the tag it must have."""
    top = read_xml(body, url)
    for node in top.iter():
        if isinstance(node.tag, str):
            node.tag = etree.QName(node).localname
            for name in [n for n in map(str, node.attrib) if n.startswith("{")]:
                node.attrib[name.rpartition("}")[2]] = node.attrib.pop(name)
    if root is not None and top.tag != root:
        raise LayoutChanged(f"expected <{root}>, got <{top.tag}>", url=url)
    return top


def read_html(body: bytes, url: str, encoding: str | None = "utf-8") -> etree._Element:
    """The root of a page of HTML; links in it stay as they are. `encoding=None`: as the page says."""
    parser = html.HTMLParser(encoding=encoding, no_network=True, huge_tree=False, remove_comments=True)
    try:
        root: etree._Element = html.document_fromstring(body, parser=parser)
    except (etree.ParserError, ValueError) as problem:
        raise LayoutChanged(f"expected a page of HTML, got {len(body)} bytes that are none", url=url) from problem
    return root


def options(body: bytes, url: str, value: str, where: str = ".//option") -> list[tuple[str, str]]:
    """(value, words) of a form's options whose value fits a pattern. Raises LayoutChanged if there are none."""
    listed = [(str(o.get("value") or "").strip(), said(o) or "") for o in read_html(body, url).iterfind(where)]
    found = list(dict.fromkeys(it for it in listed if re.fullmatch(value, it[0])))
    if not found:
        raise LayoutChanged(f"expected options like {value}, got {' '.join(it for it, _ in listed)[:60]!r}", url=url)
    return found


def must_match(pattern: re.Pattern[str], words: str, expected: str, url: str) -> re.Match[str]:
    """The match of all words. Raises LayoutChanged: `expected` is "a bill like 89(R) HB 1"."""
    found = pattern.fullmatch(words)
    if not found:
        raise LayoutChanged(f"expected {expected}, got {words[:40]!r}", url=url)
    return found


def plain(markup: str, gap: str = "") -> str:
    """Words that were written for a page: tags left out (`gap` in their place; a line's end is a space), entities as
    what they stand for."""
    return " ".join(unescape(re.sub(r"<[^<>]*>", gap, re.sub(r"<br[^>]*>", " ", markup))).split())


# --- JSON -------------------------------------------------------------------------------------------------------------


@overload
def read_json(body: bytes, url: str) -> dict[str, Any]: ...
@overload
def read_json(body: bytes, url: str, kind: type[T]) -> T: ...
def read_json(body: bytes, url: str, kind: type = dict) -> Any:
    """The document, which must be of `kind` (an object, unless `list` is asked for)."""
    try:
        found = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as problem:
        raise LayoutChanged(f"expected JSON, got {len(body)} bytes that are not ({_brief(body)})", url=url) from problem
    if not isinstance(found, kind):
        raise LayoutChanged(f"expected {_name(kind)}, got {_name(type(found))}", url=url)
    return found


def need(row: Any, path: str, kind: type[T], url: str) -> T:
    """The value at a dotted path ("result.items"), which must be there and of `kind`. A number may stand for a
    string where one is asked for; an empty string is nothing."""
    found = _at(row, path)
    if found is _MISSING or found is None or found == "":
        raise LayoutChanged(f"expected {_name(kind)} at {path!r}, got nothing", url=url)
    return _typed(found, path, kind, url)


def maybe(row: Any, path: str, kind: type[T], url: str) -> T | None:
    """The value at a dotted path, or None if it is absent, null or empty. What is there must be of `kind`."""
    found = _at(row, path)
    return None if found is _MISSING or found is None or found == "" else _typed(found, path, kind, url)


def rows(row: Any, path: str, url: str, least: int = 0) -> list[dict[str, Any]]:
    """The objects of the list at a dotted path ("" is the document itself). An absent list is an empty one if
    `least` is 0; a lone object counts as a list of one (XML that was made into JSON), lists in it as one list."""
    found = row if not path else _at(row, path)
    listed = [] if found is _MISSING or found is None else [found] if isinstance(found, dict) else found
    if isinstance(listed, list) and listed and all(isinstance(it, list) for it in listed):
        listed = [row for part in listed for row in part]
    if not isinstance(listed, list) or not all(isinstance(it, dict) for it in listed):
        raise LayoutChanged(f"expected a list of objects at {path!r}, got {_name(type(found))}", url=url)
    if len(listed) < least:
        raise LayoutChanged(f"expected {least} or more at {path!r}, got {len(listed)}", url=url)
    return listed


def digest(row: Any) -> str:
    """What a listing says of a bill as a short stamp: a `lastmod` where the listing gives no date."""
    text = json.dumps(row, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _at(row: Any, path: str) -> Any:
    if isinstance(row, Mapping) and path in row:
        return row[path]  # a key may have dots: "odata.count"
    for key in path.split("."):
        if not isinstance(row, Mapping) or key not in row:
            return _MISSING
        row = row[key]
    return row


def _typed(found: Any, path: str, kind: type[T], url: str) -> T:
    if kind is str and isinstance(found, str):
        return found.strip()  # type: ignore[return-value]
    if kind is str and isinstance(found, int) and not isinstance(found, bool):
        return str(found)  # type: ignore[return-value]
    if isinstance(found, kind) and (kind is bool or not isinstance(found, bool)):
        return found
    raise LayoutChanged(f"expected {_name(kind)} at {path!r}, got {_name(type(found))}", url=url)


def _name(kind: type) -> str:
    names = {dict: "an object", list: "a list", str: "a string", int: "a number", bool: "true or false",
             type(None): "null"}
    return names.get(kind, kind.__name__)


def _brief(body: bytes) -> str:
    return repr(body[:30].decode("latin-1"))


# --- dates ------------------------------------------------------------------------------------------------------------


def day(text: str, url: str, zone: str | None = None) -> date:
    """A legal date out of ``2026-01-13T00:00:00``, ``2026-01-20 09:00:00.000``, ``2026-01-13`` or ``1/13/2026``
    (month first, as American legislatures write).

    With `zone`, a moment that names its own offset (``2026-01-06T05:00:00Z``) is the day it is in that zone; without
    it, the day that is written. Raises LayoutChanged for anything else.
    """
    text = text.strip()
    try:
        if zone and (moment := _INSTANT.match(text)):
            said_at = datetime.fromisoformat(_FRACTION.sub(r"\1", moment[0]))
            return said_at.astimezone(ZoneInfo(zone)).date()
        if iso := _ISO.match(text):
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if american := _AMERICAN.match(text):
            return date(int(american[3]), int(american[1]), int(american[2]))
    except ValueError:
        pass
    raise LayoutChanged(f"expected a date, got {text[:40]!r}", url=url)


def maybe_day(text: str | None, url: str, zone: str | None = None) -> date | None:
    """None for what is absent, empty, or the year 1 or 1900 that machines write for "none"."""
    if not text or not text.strip():
        return None
    found = day(text, url, zone)
    return found if found.year > 1900 else None


def written_day(words: str, url: str) -> date | None:
    """The first day that stands in words as month/day/year: "SBA 6/24/26 1R", "Presented to Governor 05/16/2025"."""
    found = re.search(r"\b(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})\b", words)
    return day(f"{found[1]}/{found[2]}/{found[3] if len(found[3]) == 4 else f'20{found[3]}'}", url) if found else None
