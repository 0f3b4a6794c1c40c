"""How each legislature marks what law gains and loses, and what of it survives in bare characters: one row each."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Convention:
    """One legislature's way. Class names are those of its own pages, in small letters."""

    parentheses: bool = False  # ((struck))
    brackets: bool = False  # [struck]
    capitals: bool = False  # NEW WORDS inside sentences of ordinary case
    whole: bool = False  # the characters alone tell all: what they do not mark is existing law
    unsaid: bool = False  # a section of the law stands in the bill without a word that it is amended
    quotes: bool = False  # law is not printed whole, changes are quoted in prose
    hyphens: bool = False  # printed lines break inside words
    inserts: frozenset[str] = _NONE  # CSS classes of new words
    strikes: frozenset[str] = _NONE  # CSS classes of struck words
    plain: frozenset[str] = _NONE  # CSS classes that underline headings, not law
    skips: frozenset[str] = _NONE  # CSS classes of words that are not the bill's
    soft: frozenset[str] = _NONE  # CSS classes of line breaks within a paragraph
    pre: bool = False  # the bill stands in <pre>, whatever else the page holds
    body: str = ""  # id of the element that holds the bill, where a page holds more


def _c(classes: str) -> frozenset[str]:
    return frozenset(classes.split())


_BRACKETS = Convention(brackets=True)
_FONTS = Convention()  # everything stands in underlines, strikes, bold or italics
_QUOTES = Convention(quotes=True)

# Drafting manuals and the bills' own explanations; the readers were held against real documents: docs/marks.md.
TABLE: dict[str, Convention] = {
    "us": _QUOTES,
    "ca": _QUOTES,
    "gb": _QUOTES,
    "gb-sct": _QUOTES,
    "ie": _QUOTES,
    "us-ak": _BRACKETS,
    "us-az": Convention(capitals=True, inserts=_c("up"), strikes=_c("o"), plain=_c("sechead rtitle btitle")),
    "us-co": Convention(capitals=True),
    "us-ct": _BRACKETS,
    "us-fl": Convention(inserts=_c("insert"), strikes=_c("remove")),
    "us-hi": _BRACKETS,
    "us-ky": _BRACKETS,
    "us-md": Convention(brackets=True, capitals=True, whole=True),
    "us-mi": Convention(unsaid=True, inserts=_c("formattednew"), strikes=_c("formattedstrike"),
                        plain=_c("donotnumber resolabel centeredheading")),
    "us-mn": Convention(strikes=_c("del"), skips=_c("sr-only ln"), soft=_c("d-none"), body="document"),
    "us-nh": _BRACKETS,
    "us-nj": _BRACKETS,
    "us-nm": _BRACKETS,
    "us-nv": _BRACKETS,
    "us-ny": Convention(brackets=True, capitals=True, whole=True, hyphens=True, pre=True),
    "us-or": Convention(brackets=True, hyphens=True),
    "us-pa": _BRACKETS,
    "us-sc": Convention(inserts=_c("scinsert"), strikes=_c("scstrike"), skips=_c("statuscoversheet")),
    "us-tx": _BRACKETS,
    "us-ut": _BRACKETS,
    "us-va": Convention(inserts=_c("new")),
    "us-wa": Convention(parentheses=True),
}  # fmt: skip
# No jurisdiction was named: Washington's parentheses are sure enough to be read anywhere.
UNNAMED = Convention(parentheses=True, quotes=True)

# A text that says how it is to be read, whoever printed it.
_BRACKETS_TOLD = re.compile(r"\bbrackets?\b[^\n]{0,80}(?:omitted|deleted|deletion|struck|removed|repealed|old law)|"
                            r"\bbracketed\]? is existing law|deletions?[^.\n]{0,40}\bbrackets\b", re.I)  # fmt: skip
_CAPITALS_TOLD = re.compile(r"CAPITALS INDICATE MATTER ADDED|[Cc]apital letters[^.\n]{0,60}(?:new|added)|"
                            r"Matter in ITALICS")  # fmt: skip
# The amended law is printed whole, so that unmarked words are old or new, as the convention says.
_WHOLE_LAW = re.compile(r"(?:amended|reenacted)(?::|\b[^.:]{0,160}?(?:to read|as follows))", re.I)
_WHOLE_STEMS = ("amended", "reenacted", "AMENDED")
_WHOLE_WORDS = ("shall read as follows", "substituted in lieu thereof", "by amending")
_ADDS = re.compile(r"\b(?:add(?:s|ed|ing|ition)|new|enact|creat)\w*", re.I)


def convention_of(jurisdiction: str) -> Convention:
    if not jurisdiction:
        return UNNAMED
    return TABLE.get(jurisdiction) or (_FONTS if jurisdiction.startswith("us-") else _QUOTES)


def declared(text: str, own: Convention) -> tuple[bool, bool]:
    """(brackets strike, capitals insert), by the legislature's row or by what the text says of itself."""
    return own.brackets or _tells_brackets(text), own.capitals or _tells_capitals(text)


def _tells_brackets(text: str) -> bool:
    return ("racket" in text or "RACKET" in text) and _BRACKETS_TOLD.search(text) is not None


def _tells_capitals(text: str) -> bool:
    told = "CAPITALS" in text or "ITALICS" in text or "apital letters" in text
    return told and _CAPITALS_TOLD.search(text) is not None


def _prints_whole(text: str) -> bool:
    """Plain search first: most texts that amend say so early, and the others are read at the speed of a search."""
    if any(words in text for words in _WHOLE_WORDS):
        return True
    for stem in _WHOLE_STEMS:
        at = text.find(stem)
        while at >= 0:
            whole = _WHOLE_LAW.match(text, at)
            if whole is not None and _ADDS.search(whole[0]) is None:
                return True
            at = text.find(stem, at + len(stem))
    return False


def existing_known(jurisdiction: str, text: str) -> bool:
    """May words that no mark covers be taken for what the legislature leaves unmarked, in bare characters?

    True where changes are quoted, where no law is printed whole, or where the characters tell both old and new.
    """
    own = convention_of(jurisdiction)
    if own.quotes or own.whole or not (own.unsaid or _prints_whole(text)):
        return True
    return _tells_brackets(text) and _tells_capitals(text)
