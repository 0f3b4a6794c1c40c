"""A response's bytes -> whether they are what was asked for, or a block page, an entity bomb, a torn document."""

from __future__ import annotations

import html
import re

from lxml import etree

from tracker.errors import Blocked, LayoutChanged

# (bytes that give the page away, what it is): firewalls answer refusals with status 200.
BLOCK_PAGES: tuple[tuple[bytes, str], ...] = (
    (b"<title>Just a moment...</title>", "a Cloudflare challenge"),
    (b"_cf_chl_opt", "a Cloudflare challenge"),
    (b"<title>Attention Required! | Cloudflare</title>", "a Cloudflare refusal"),
    (b"<title>Request Rejected</title>", "a firewall's refusal"),
    (b"Incapsula incident ID", "an Incapsula refusal"),
    (b"<title>Access Denied</title>", "a refusal"),
    (b"/_Incapsula_Resource", "an Incapsula challenge"),
    (b"<title>Pardon Our Interruption", "a bot challenge"),
)
_DOCTYPE_INTERNAL = re.compile(rb"<!DOCTYPE[^>\[]*\[", re.IGNORECASE)
_NAMED_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{1,31});")
_XML_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
                              huge_tree=False, remove_comments=True, remove_pis=True)


def refuse_block_page(body: bytes, *, source: str, url: str) -> None:
    """Raises Blocked for a page that only says no, whatever its status."""
    head = body[:4096]
    for sign, name in BLOCK_PAGES:
        if sign in head:
            raise Blocked(f"expected a document, got {name}", source=source, url=url)


def parse_xml(body: bytes, *, source: str, url: str) -> etree._Element:
    """The root of a document without DTD tricks. Raises Blocked or LayoutChanged."""
    refuse_block_page(body, source=source, url=url)
    body = body.removeprefix(b"\xef\xbb\xbf").replace(b"\x00", b"")
    if _DOCTYPE_INTERNAL.search(body[:65536]):
        raise LayoutChanged("expected XML without entity declarations, got a DTD of its own", source=source, url=url)
    if b"&" in body:
        body = _NAMED_ENTITY.sub(_character, body)
    try:
        return etree.fromstring(body, _XML_PARSER)
    except etree.XMLSyntaxError as problem:
        raise LayoutChanged(f"expected well-formed XML, got {problem}", source=source, url=url) from None


def _character(match: re.Match[bytes]) -> bytes:
    name = match[1].decode()
    text = html.unescape(f"&{name};")
    return match[0] if text.startswith("&") else "".join(f"&#{ord(c)};" for c in text).encode()
