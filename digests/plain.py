"""Scraped text to one line that every channel can carry: no control characters, no direction tricks."""

from __future__ import annotations

import re

# XML 1.0 refuses most of these, UTF-8 refuses lone surrogates, and direction overrides let a title disguise a link.
_UNFIT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069"
                    "\ufeff\ufffe\uffff\ufdd0-\ufdef\ud800-\udfff]")
_PLANE_ENDS = re.compile("[" + "".join(f"{chr(p * 0x10000 + 0xFFFE)}{chr(p * 0x10000 + 0xFFFF)}"
                                       for p in range(1, 17)) + "]")


def line(text: object) -> str:
    """``None`` becomes ``""``; white space of any kind becomes single spaces."""
    if text is None:
        return ""
    kept = _PLANE_ENDS.sub("", _UNFIT.sub("", str(text)))
    return " ".join(kept.split())


def shorten(text: str, limit: int, tail: str) -> str:
    """Cut at a word, and say so: `tail` follows whatever was cut."""
    if len(text) <= limit:
        return text
    head = text[:limit].rsplit(" ", 1)[0] or text[:limit]
    return f"{head} … {tail}"


def web_link(url: object) -> str | None:
    """A scraped address, if it can do no more than open a page."""
    found = line(url)
    return found if re.fullmatch(r"https?://[^\s<>\"'`\\]+", found) else None
