"""Text to a copy with one byte a character, and patterns over it: RE2 to find places, bounded ones to read them.

The copy keeps every offset: typographic marks become their ASCII kin, what is left outside Latin-1 becomes "?".
"""

from __future__ import annotations

from typing import Any

import re2

_KIN = (
    ("“", '"'), ("”", '"'), ("„", '"'), ("‘", "'"), ("’", "'"), ("–", "-"), ("‑", "-"), ("‐", "-"), ("−", "-"),
    ("\u00a0", " "), ("\u2002", " "), ("\u2003", " "), ("\u2009", " "), ("\u202f", " "), ("\u00ad", "-"),
)  # fmt: skip
DASH = "\x97"  # the long dash: it ends a number, a hyphen does not


def shadow(text: str) -> str:
    """The same words with one Latin-1 character for each of the text's, so that offsets stay."""
    if text.isascii():
        return text
    for mark, kin in (*_KIN, ("—", DASH), ("―", DASH)):
        text = text.replace(mark, kin)
    return text.encode("latin-1", "replace").decode("latin-1")


def bounded(pattern: str) -> str:
    """A blank stands for a little white space, " ?" for that or none: bills are wrapped anywhere."""
    return pattern.replace(" ?", r"\s{0,9}").replace(" ", r"\s{1,9}")


def automaton(pattern: str, case_sensitive: bool = False) -> Any:
    o = re2.Options()
    o.case_sensitive = case_sensitive
    o.encoding = re2.Options.Encoding.LATIN1
    o.never_capture = True
    o.log_errors = False
    o.max_mem = 64 << 20
    return re2.compile(pattern.replace(" ?", r"\s*").replace(" ", r"\s+").encode("latin-1"), o)
