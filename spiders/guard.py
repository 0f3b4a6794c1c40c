"""Responses to safe documents: refusals, block pages, bombs and broken bodies are found here, before any parsing."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

from spiders.blocks import Missing as Missing
from spiders.blocks import obstacle
from tracker.errors import Blocked, LayoutChanged, Unreachable

HEAD = 4096
REFUSALS = frozenset({401, 403, 407, 429, 451})
MISSING = frozenset({404, 410})

_NAMED_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]*);")
_XML_ENTITIES = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})
ENTITY_DECLARATION = re.compile(rb"<!ENTITY\s", re.IGNORECASE)


def blocked_by(body: bytes) -> str | None:
    """What stands in the page's place, or None."""
    found = obstacle(body)
    return found.words if found else None


def check(status: int, headers: Mapping[str, str], body: bytes, url: str) -> None:
    """Raise unless this is an answer to work with (200 with a body, or 304). Header names are in lower case."""
    if status == 304:
        return
    if status in REFUSALS or "challenge" in headers.get("cf-mitigated", ""):
        raise Blocked(f"expected the page, got {status}", url=url)
    if (found := obstacle(body)) and (status == 200 or found.error is Blocked):
        raise found.error(f"expected the page, got {found.words} with status {status}", url=url)
    if status in MISSING:
        raise Missing(f"expected the page, got {status}", url=url)
    if status >= 500 or status == 408:
        raise Unreachable(f"expected the page, got {status} after all retries", url=url)
    if status != 200:
        raise LayoutChanged(f"expected 200, got {status}", url=url)
    if not body.strip():
        raise LayoutChanged("expected a page, got an empty body", url=url)


def new_parser() -> etree.XMLParser:
    """Entities stay unresolved, nothing is loaded, nothing huge is allowed."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
                           attribute_defaults=False, huge_tree=False, remove_pis=True, remove_comments=True)


_parser = new_parser()


def read_xml(body: bytes, url: str) -> etree._Element:
    """The root of a document without entity declarations; named HTML entities become their characters.

    Raises LayoutChanged for anything else.
    """
    if b"\0" in body[:HEAD] and not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        body = body.replace(b"\0", b"")
    if ENTITY_DECLARATION.search(body):
        raise LayoutChanged("expected XML without entity declarations, got some", url=url)
    if b"&" in body:
        body = _NAMED_ENTITY.sub(_character, body)
    try:
        root = etree.fromstring(body, _parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise LayoutChanged(f"expected well-formed XML, got {len(body)} bytes that are not "
                            f"(line {getattr(problem, 'lineno', '?')})", url=url) from problem
    declared: Any = root.getroottree().docinfo.internalDTD
    if declared is not None and next(iter(declared.iterentities()), None) is not None:
        raise LayoutChanged("expected XML without entity declarations, got some", url=url)
    return root


def _character(match: re.Match[bytes]) -> bytes:
    name = match[1]
    if name in _XML_ENTITIES:
        return match[0]
    text = html.unescape(f"&{name.decode()};")
    # Numeric references hold in every encoding of the document.
    return match[0] if text.endswith(";") and len(text) > 2 else "".join(f"&#{ord(c)};" for c in text).encode()
