"""Patterns of the rule files to RE2 automata over a one-byte-a-character copy of the text: no backtracking exists.

RE2 works on bytes. The copy keeps every offset: typographic marks become their ASCII kin, what is left outside
Latin-1 becomes "?", so `text[span]` and `shadow[span]` are the same words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import re2

from tracker.errors import ConfigError

_KIN = (
    ("“", '"'), ("”", '"'), ("„", '"'), ("‘", "'"), ("’", "'"), ("—", "-"), ("–", "-"), ("‑", "-"), ("‐", "-"),
    ("−", "-"), ("\u00a0", " "), ("\u2002", " "), ("\u2003", " "), ("\u2009", " "), ("\u202f", " "), ("\u00ad", "-"),
)  # fmt: skip
MAX_MEMORY = 64 << 20  # of one automaton; beyond it RE2 refuses the pattern, it never runs on


def shadow(text: str) -> bytes:
    """One byte a character, offsets unchanged."""
    if text.isascii():
        return text.encode("ascii")
    for mark, kin in _KIN:  # sixteen passes of plain search are faster than one `str.translate`
        text = text.replace(mark, kin)
    return text.encode("latin-1", "replace")


def options() -> Any:
    o = re2.Options()
    o.case_sensitive = False
    o.encoding = re2.Options.Encoding.LATIN1
    o.max_mem = MAX_MEMORY
    o.log_errors = False
    o.never_capture = True
    return o


def spaced(pattern: str) -> bytes:
    """A blank stands for any white space: bills are wrapped anywhere."""
    return pattern.replace(" ?", r"\s*").replace(" ", r"\s+").encode("latin-1")


def exact(pattern: bytes) -> Any:
    """An automaton of our own code, where a blank is a blank. In long lists of words it is ten times `re`."""
    return re2.compile(pattern, options())


class Hinted:
    """A pattern of `re` that is searched only where its hint, an automaton, occurs: most sections do without."""

    __slots__ = ("hint", "pattern")

    def __init__(self, hint: bytes, pattern: bytes, flags: int = 0) -> None:
        self.hint, self.pattern = exact(rb"(?-i:" + hint + rb")"), re.compile(pattern, flags)

    def finditer(self, body: bytes) -> Iterator[re.Match[bytes]]:
        return self.pattern.finditer(body) if self.hint.search(body) is not None else iter(())


def compile_pattern(pattern: str, where: str) -> Any:
    """Raises ConfigError that names the place."""
    try:
        return re2.compile(spaced(pattern), options())
    except (re2.error, UnicodeEncodeError) as wrong:
        raise ConfigError(f"expected an RE2 pattern in {where}; got {pattern!r}: {wrong}") from None


def compile_any(patterns: tuple[str, ...], where: str) -> Any | None:
    """One automaton for "any of these"; None for none."""
    return compile_pattern("|".join(f"(?:{p})" for p in patterns), where) if patterns else None


def compile_set(patterns: tuple[str, ...], where: str) -> Any:
    """Says which of many patterns occur, in one pass. Raises ConfigError that names the place."""
    found = re2.Set.SearchSet(options())
    try:
        for pattern in patterns:
            found.Add(spaced(pattern))
        found.Compile()
    except (re2.error, UnicodeEncodeError) as wrong:
        raise ConfigError(f"expected RE2 patterns of at most {MAX_MEMORY >> 20} MB in {where}; got {wrong}") from None
    return found
