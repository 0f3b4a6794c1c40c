"""Text to the words that are compared: one case, no accents, hyphens as spaces, § as "section". The same everywhere.

Bills, queries and indexes go through here, so that what one place finds, the others find.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

# Combining marks and soft hyphens live inside a word and are dropped from it.
_WITHIN = "\u00ad\u200c\u200d\u2060" + "".join(map(chr, range(0x300, 0x370)))
_TOKEN = re.compile(f"[^\\W_](?:[^\\W_]|[{_WITHIN}])*|§+")
_ASCII_WORD = re.compile("[a-z0-9]+")
_SECTION_SIGN = re.compile("§+")
_SPELT_OUT = {"ß": "ss", "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
SECTION = "section"
LONGEST_WORD = 64  # characters; what is longer is no word, and is cut alike on both sides


class Token(NamedTuple):
    word: str
    start: int
    end: int  # in characters of the text


def tokens(text: str) -> Iterator[Token]:
    """In order, with their places in the text as it is."""
    for found in _TOKEN.finditer(text):
        if word := fold(found[0]):
            yield Token(word, found.start(), found.end())


def words(text: str) -> tuple[str, ...]:
    if "§" in text:
        text = _SECTION_SIGN.sub(f" {SECTION} ", text)
    # Most bills are ASCII but for their dashes and quotation marks: faster than to look at every letter.
    if not text.isascii() and not all(map(_is_no_letter, set(text))):
        return tuple([word for raw in _TOKEN.findall(text) if (word := fold(raw))])
    found = _ASCII_WORD.findall(text.lower())
    return tuple([word[:LONGEST_WORD] for word in found] if max(map(len, found), default=0) > LONGEST_WORD else found)


@lru_cache(maxsize=4096)
def _is_no_letter(sign: str) -> bool:
    """ASCII, or never in a word; nor may it become ASCII in lower case (the Kelvin sign does)."""
    return sign.isascii() or not (_TOKEN.match(sign) or sign in _WITHIN or sign.lower() != sign)


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """One word to its form for comparing: letters and digits only; may be empty."""
    if word.isascii():
        return word.lower()[:LONGEST_WORD]
    if word.startswith("§"):
        return SECTION
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    spelt = "".join(_SPELT_OUT.get(c, c) for c in plain if c.isalnum())
    return spelt[:LONGEST_WORD]
