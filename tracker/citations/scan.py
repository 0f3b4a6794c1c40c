"""Text to the places where a citation may begin: one pass of one automaton for each legislature."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from tracker.citations.acts import table
from tracker.citations.codes import ABBREVIATED, GENERIC, NAMED, STATES
from tracker.citations.patterns import automaton

UNITS: dict[str, str] = {
    "section": r"sections?|secs?\.|§+|(?-i:ss?\.)|secs?\b", "subsection": r"sub-?sections?|sub-§+|subsecs?\.",
    "subdivision": r"sub-?divisions?|subds?\.", "subparagraph": r"sub-?paragraphs?|sub-¶+",
    "subclause": r"sub-?clauses?", "paragraph": r"paragraphs?|paras?\.|pars?\.|¶+", "clause": r"clauses?",
    "subitem": r"sub-?items?", "item": r"items?", "subchapter": r"sub-?chapters?", "chapter": r"chapters?|chs?\.",
    "article": r"articles?|arts?\.", "subpart": r"sub-?parts?", "part": r"parts?", "subtitle": r"sub-?titles?",
    "title": r"titles?", "schedule": r"schedules?", "division": r"divisions?",
}  # fmt: skip
_CUE = (
    rf"\b(?:{'|'.join(UNITS.values())}) ?(?:\d|\([0-9A-Za-z*]|[A-Za-z]{{1,2}}\.? of\b|[IVXL]+\b)"
    r"|(?:\xa7+|\xb6+) ?\d"
    r"|\b(?:such|that|said|the same) (?:section|title|chapter|act|article|code)\b"
    r"|\b\d{1,2} ?U\.? ?S\.? ?C\b|\b\d{1,2} ?C\.? ?F\.? ?R\b|\bP(?:ublic|ub)?\.? ?L(?:aw|\.) ?(?:No\. ?)?\d"
)


@lru_cache(maxsize=64)
def _automaton(place: str) -> Any:
    firsts = [code.first for code in STATES if code.first]
    firsts += [code.home for code in STATES if code.home and code.place == place]
    cues = [_CUE, *(rf"\b(?:{f}),? ?(?:\xa7|s|c|\d)" for f in firsts)]
    cues += [rf"\b(?:{short}) " for short in ABBREVIATED.values()]
    if NAMED.get(place):
        names = "|".join(name for _, name in NAMED[place])
        numbered = r"(?:is|are|be) (?:hereby )?(?:amended|repealed)|(?:\xa7+|Section|Art(?:icle|s)?\.?) ?\d|\d"
        others = rf"|the (?-i:{GENERIC[place]})" if place in GENERIC else ""
        cues.append(rf"\b(?:{names}{others}),? ?(?:{numbered})")
    cues += [rf"\b{code.number}(?: ?\([0-9A-Za-z]{{1,5}}\))*,? (?:of (?:the )?)?(?:{code.last})" for code in STATES
             if code.last and code.bare and code.place in (place, "us-co", "us-mo")]  # fmt: skip
    return automaton("|".join(cues))


@lru_cache(maxsize=16)
def _acts(place: str) -> Any:
    names = "|".join(rf"(?:{name})\b" for _, name in table(place)) or r"x\bx"
    flag = "i" if place.startswith("us") else "-i"
    return automaton(rf"[A-Z)][\w'&/.)-]*,? (?:Act|Order)\b|(?{flag}:{names})", True)


def cues(plain: str, place: str) -> Iterator[int]:
    """Offsets where a citation may begin, in order."""
    return (m.start() for m in _automaton(place).finditer(plain.encode("latin-1")))


def acts(plain: str, place: str) -> Iterator[int]:
    """Where the name of an Act ends, or stands at least in part."""
    return (m.end() for m in _acts(place).finditer(plain.encode("latin-1")))
