"""Responses to safe documents: refusals, block pages, bombs and broken bodies are found here, before any parsing."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

from tracker.errors import Blocked, LayoutChanged, SourceError, Unreachable

HEAD = 4096
REFUSALS = frozenset({401, 403, 407, 429, 451})
MISSING = frozenset({404, 410})

# What firewalls put in the title or the first lines of a page that says 200 and is not the page.
BLOCK_PAGES: tuple[tuple[bytes, str], ...] = (
    (rb"<title>\s*just a moment", "a browser challenge"),
    (rb"_cf_chl_opt|cf-browser-verification|/cdn-cgi/challenge-platform", "a browser challenge"),
    (rb"<title>\s*attention required!?\s*\|\s*cloudflare", "a firewall's refusal"),
    (rb"<title>\s*request rejected|the requested url was rejected", "a firewall's refusal"),
    (rb"<title>\s*(?:access denied|forbidden|403 forbidden|error 403|blocked)", "a firewall's refusal"),
    (rb"<title>\s*pardon our interruption|_incapsula_resource|px-captcha", "a bot detector's page"),
    (rb"<title>[^<]{0,40}(?:captcha|are you a robot|verify you are human)", "a bot detector's page"),
)
_BLOCK_PAGE = re.compile(b"|".join(b"(%s)" % pattern for pattern, _ in BLOCK_PAGES), re.IGNORECASE)
_NAMED_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]*);")
_XML_ENTITIES = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})
ENTITY_DECLARATION = re.compile(rb"<!ENTITY\s", re.IGNORECASE)


class Missing(SourceError):
    """404 or 410: the address is not there (yet, or any more)."""


def blocked_by(body: bytes) -> str | None:
    """What stands in the page's place, or None."""
    found = _BLOCK_PAGE.search(body[:HEAD])
    return BLOCK_PAGES[found.lastindex - 1][1] if found and found.lastindex else None


def check(status: int, headers: Mapping[str, str], body: bytes, url: str) -> None:
    """Raise unless this is an answer to work with (200 with a body, or 304). Header names are in lower case."""
    if status == 304:
        return
    if status in REFUSALS or "challenge" in headers.get("cf-mitigated", ""):
        raise Blocked(f"expected the page, got {status}", url=url)
    if obstacle := blocked_by(body):
        raise Blocked(f"expected the page, got {obstacle} with status {status}", url=url)
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
