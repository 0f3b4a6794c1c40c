"""A bill's versions as a platform lists them to earliest stage first: by date, else by what their names say.

Open States lists texts as its scraper found them: of Colorado, Connecticut, Hawaii and Louisiana newest first, of
Washington by name, of Utah anyhow. What the names do not tell, the source's order does; it is turned around only where
dates, numbers or names of its own show that it runs backwards. Amendments that are listed among the texts are
no state of the bill: they come before the text that holds them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from itertools import combinations, groupby
from typing import Any

from spiders.selectors import written_day
from tracker.errors import LayoutChanged
from tracker.model import Version

INTRODUCED, AMENDED, PASSED, AMENDED_THERE, PASSED_THERE, ENROLLED, LAW = range(7)

# Words of a name, in any case -> its stage; and its stage where the name says the other chamber. First match wins.
# "sent to" names the chamber to which it goes, not the one that passed it.
STAGES = tuple((re.compile(words, re.I), here, there) for words, here, there in (
    (r"^first -|^first reader", INTRODUCED, INTRODUCED),  # Maryland: its titles follow, with any words
    (r"^third -|^third reader", PASSED, PASSED),
    (r"^enrolled -", ENROLLED, ENROLLED),
    (r"^chapter -", LAW, LAW),
    (r"chaptered|public (?:act|law|chapter)|session law|slip law|became law|signed ?act|"
     r"^(?:(?!final )\S+ )?act(?: \d+)?$|\bley\b", LAW, LAW),
    (r"^(?!.*engross.* with ).*\bamendments?\b|fl(?:oo)?r amend", AMENDED, AMENDED),
    (r"enrol|ratified|truly agreed|both (?:bodies|chambers|houses)|passed legislature|final (?:act|version|reading)|"
     r"current|latest|\d ?er$", ENROLLED, ENROLLED),
    (r"conference|conferencia|concurred|(?:\b|_)cd ?\d|re-?revised", PASSED_THERE, PASSED_THERE),
    (r"\brevised", AMENDED_THERE, AMENDED_THERE),
    (r"aprobaci[oó]n final enviad[oa]", PASSED_THERE, PASSED),
    (r"aprobaci[oó]n final|engross|perfected|\be\d+$|passed|adopted|third reading", PASSED, PASSED_THERE),
    (r"sub(?:stitute)?\b|amend|committee|comm sub|report|favorable|file no|entirillado|informe|reprint|re-?printed|"
     r"strike|(?:^|_)[hs]d ?\d|_[hs]d\d|\bc\d+$|^(?:house|senate) - |draft [2-9]", AMENDED, AMENDED_THERE),
    (r"introduc|radicado|original|initial|pre-?filed|\bfiled|offered|presented|proposed|raised|\br00\b|"
     r"(?:^|house |senate )(?:bill|resolution|joint resolution)(?: text)?(?: \([hs]\))?$|^printed$|^edition 1$|"
     r"^[a-z]* ?\d+$", INTRODUCED, INTRODUCED),
))
HOUSES = {"lower": re.compile(r"\bhouse\b|assembly|c[aá]mara|\blower\b", re.I),
          "upper": re.compile(r"\bsenate\b|senado|\bupper\b", re.I)}
OTHER = {"lower": "upper", "upper": "lower"}
_DAY = re.compile(r"\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})")
_AGAIN = re.compile(r"\b(?:re-?)+(?=engross|vised)")
ORDINALS = {word: n for n, words in enumerate((
    ("first", "1st"), ("second", "2nd"), ("third", "3rd"), ("fourth", "4th"), ("fifth", "5th")), 1) for word in words}


def in_order(found: Sequence[Version], chamber: str | None) -> tuple[Version, ...]:
    """`chamber`: that of the bill."""
    days = {id(v): v.date or _written(v.note or "") for v in found}
    # South Carolina names prints by their day alone, and "Filed" is the bill as it stands: one such name tells nothing.
    bare = sum(_DAY.fullmatch(v.note or "") is not None for v in found)
    stages = {id(v): stage_named(v.note or "", chamber) if bare < len(found) - 1 else AMENDED for v in found}
    dated = all(days.values()) and len(set(days.values())) > 1

    def place(version: Version) -> int:
        day = days[id(version)]
        return day.toordinal() if dated and day else stages[id(version)]

    def told(a: Version, b: Version) -> int:
        one, other = days[id(a)], days[id(b)]
        return _sign(one, other) if one and other and one != other else _sign(place(a), place(b))

    def told_apart(a: Version, b: Version) -> int:
        return told(a, b) or _numbered(a.note or "", b.note or "")

    backwards = _leaning(found, told) == -1
    result: list[Version] = []
    for _, group in groupby(sorted(found, key=place), key=place):
        same = list(group)
        turn = _leaning(same, told_apart)
        if turn == -1 or (turn == 0 and backwards):
            same.reverse()
        if all(days[id(v)] for v in same):
            same.sort(key=lambda v: days[id(v)] or date.min)
        result += same
    return tuple(result)


def stage_named(note: str, chamber: str | None) -> int:
    """A name that says nothing is that of a text on its way."""
    other = HOUSES.get(OTHER.get(chamber or "", ""))
    mine = HOUSES.get(chamber or "")
    there = bool(other and other.search(note)) and not (mine and mine.search(note))
    name = " ".join(note.split())
    return next((away if there else here for words, here, away in STAGES if words.search(name)), AMENDED)


def _leaning(found: Sequence[Version], told: Callable[[Version, Version], int]) -> int:
    """1: earliest first; -1: newest first; 0: not told, or told both ways."""
    signs = {told(a, b) for a, b in combinations(found, 2)} - {0}
    return signs.pop() if len(signs) == 1 else 0


def _sign(a: Any, b: Any) -> int:
    return int(a < b) - int(a > b)


def _numbered(a: str, b: str) -> int:
    """By the numbers in names that are otherwise the same, or begin the same: "Sub A", "Second Substitute", "#4960"."""
    (one, first, numbers), (other, second, others) = _taken_apart(a), _taken_apart(b)
    return _sign(numbers, others) if one == other or (first and first == second) else 0


def _taken_apart(name: str) -> tuple[str, str, tuple[int, ...]]:
    """(its words, those before its first number, its numbers). A single letter is a number, and so is "re-re-"."""
    words: list[str] = []
    numbers: list[int] = []
    first = ""
    for word in re.findall(r"[^\W\d_]+|\d+(?:st|nd|rd|th)?", _AGAIN.sub(_times, _DAY.sub("", name.lower()))):
        digits = re.match(r"\d+", word)
        number = int(digits[0]) if digits else ORDINALS.get(word) or ("abcdef".find(word) + 1 if len(word) == 1 else 0)
        if not number:
            words.append(word)
            continue
        first = first if numbers else " ".join(words)
        numbers.append(number)
    return " ".join(words), first, tuple(numbers)


def _times(again: re.Match[str]) -> str:
    return f" {again[0].count('re')} "


def _written(note: str) -> date | None:
    try:
        return written_day(note, "")
    except LayoutChanged:  # no day of the calendar: no evidence
        return None
