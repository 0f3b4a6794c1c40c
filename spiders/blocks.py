"""What firewalls and servers put in a page's place with status 200: known pages, as data, and what each one means.

Each row has a page of ours in tests/fixtures/blocks/ (`{name}.html` or `.json`) that it must find, and no other may.
Every page of every crawl is looked through, so RE2 first says in one pass that no row can match: patterns must be of
the kind that both engines read (no look-around, no back-references).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import re2

from tracker.errors import Blocked, LayoutChanged, SourceError, Unreachable


class Missing(SourceError):
    """404 or 410, or a page that says so: the address is not there (yet, or any more)."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """`within`: bytes of the page's beginning in which the pattern counts; `most`: longer pages are never this one."""

    name: str
    pattern: bytes
    words: str
    error: type[SourceError] = Blocked
    within: int = 4096
    most: int | None = None


OBSTACLES: tuple[Obstacle, ...] = (
    Obstacle("cloudflare-challenge", rb"<title>\s*just a moment|_cf_chl_opt|cf-browser-verification"
             rb"|/cdn-cgi/challenge-platform", "a browser challenge"),
    Obstacle("cloudflare-refusal", rb"<title>\s*attention required!?\s*\|\s*cloudflare|<title>[^<]{0,80}\|\s*[^<]{0,40}"
             rb"used cloudflare to restrict access", "a firewall's refusal"),
    Obstacle("f5-refusal", rb"<title>\s*request rejected|the requested url was rejected", "a firewall's refusal"),
    Obstacle("sucuri-refusal", rb"<title>\s*sucuri website firewall", "a firewall's refusal"),
    Obstacle("akamai-refusal", rb"<title>\s*(?:access denied|(?:403 )?forbidden|403 - forbidden|error 403|blocked)"
             rb"[\s!.]*(?:[|:-][^<]{0,60})?</title>", "a firewall's refusal"),
    Obstacle("imperva", rb"<title>\s*pardon our interruption|_incapsula_resource|incapsula incident id|px-captcha",
             "a bot detector's page"),
    Obstacle("aws-waf", rb"awswafcookiedomainlist|id=\"challenge-container\"|aws-waf-token", "a browser challenge"),
    Obstacle("captcha", rb"<title>[^<]{0,40}(?:captcha|are you a robot|verify you are human)", "a bot detector's page"),
    Obstacle("gateway-refusal", rb"\A\s*\{\s*\"message\"\s*:\s*\"(?:forbidden|missing authentication token|"
             rb"limit exceeded|too many requests)\"\s*\}\s*\Z", "an interface's refusal", most=300),
    Obstacle("gateway-error", rb"\A\s*\{\s*\"message\"\s*:\s*\"(?:internal server error|endpoint request timed out|"
             rb"service unavailable)\"\s*\}\s*\Z", "an interface's failure", Unreachable, most=300),
    Obstacle("maintenance", rb"<title>[^<]{0,60}(?:maintenance|temporarily unavailable|service unavailable|"
             rb"be right back|site is down)[^<]{0,40}</title>", "a maintenance page", Unreachable, most=40_000),
    Obstacle("server-error", rb"<title>\s*(?:runtime error|server error in '[^<]{0,40}' application|"
             rb"an error (?:has )?occurred|500 [^<]{0,40}|internal server error)[^<]{0,40}</title>",
             "a server's failure", Unreachable, most=40_000),
    Obstacle("not-found", rb"<title>\s*(?:404\b|page not found|file not found|document not found|"
             rb"page introuvable|the resource cannot be found)[^<]{0,80}</title>", "a page that says it is not there",
             Missing, most=200_000),
    Obstacle("script-shell", rb"<noscript>[^<]{0,40}(?:you need to )?enable javascript to run this app|"
             rb"<app-root>\s*</app-root>|<div id=\"(?:root|app)\">\s*</div>",
             "a shell that only a browser's scripts fill", LayoutChanged, 20_000, most=20_000),
)
_ALL = re.compile(b"|".join(b"(%s)" % row.pattern for row in OBSTACLES), re.IGNORECASE)


def _screen() -> Any:
    """`_ALL` for RE2: a hundred times as fast on a page where nothing is found. To it a vertical tab is no space."""
    options = re2.Options()
    options.encoding, options.case_sensitive = re2.Options.Encoding.LATIN1, False
    options.never_capture, options.log_errors = True, False
    return re2.compile(_ALL.pattern.replace(rb"\Z", rb"\z"), options)


_ANY = _screen()
_WITHIN = max(row.within for row in OBSTACLES)


def obstacle(body: bytes) -> Obstacle | None:
    """What stands in the page's place, or None."""
    head = body[:_WITHIN]
    if not _ANY.search(head.replace(b"\v", b" ")):
        return None
    for found in _ALL.finditer(head):
        row = OBSTACLES[(found.lastindex or 1) - 1]
        if found.start() < row.within and (row.most is None or len(body) <= row.most):
            return row
    return None
