"""Penalties as law grades them, to one scale: did a change of words make the penalty heavier or lighter?

"class [C] A felony" and "[disorderly persons offense] crime of the fourth degree" say more than the words struck and
inserted do: the offence stays, its weight moves.
"""

from __future__ import annotations

import re
from collections import Counter

# Weights order grades within one state's law; they are never compared between states.
_NAMED = (
    (re.compile(rb"\bpetty disorderly persons offen[cs]e|\bpetty misdemeanor|\bsummary offen[cs]e", re.I), 20),
    (re.compile(rb"\bminor misdemeanor", re.I), 22),
    (re.compile(rb"\bdisorderly persons offen[cs]e", re.I), 30),
    (re.compile(rb"\b(?:gross|aggravated|serious|high) misdemeanor|\bmisdemeanor of a high and aggravated nature",
                re.I), 60),
    (re.compile(rb"\bstate jail felony", re.I), 70),
)  # fmt: skip
_CLASSED = re.compile(rb"\b(?:class|level)[\s\"\[\]]{1,4}([A-H]|\d)[\s\"\[\]]{1,4}"
                      rb"(felony|misdemeanor|crime|offen[cs]e)", re.I)  # fmt: skip
_DEGREE = re.compile(rb"\b(felony|misdemeanor|crime)\s+(?:of|in)\s+the\s+(first|second|third|fourth|fifth)\s+degree|"
                     rb"\b(first|second|third|fourth|fifth)[ -]degree\s+(felony|misdemeanor|crime)", re.I)  # fmt: skip
_PLAIN = re.compile(rb"\b(civil infraction|infraction|violation|misdemeanor|felony)\b", re.I)
_BASE = {b"felony": 70, b"crime": 70, b"misdemeanor": 40, b"offense": 20, b"offence": 20, b"violation": 5,
         b"infraction": 4, b"civil infraction": 2}  # fmt: skip
_DEGREES = (b"first", b"second", b"third", b"fourth", b"fifth")
_TIME = re.compile(rb"\b(\d{1,3}|one|two|three|four|five|six|seven|ten|fifteen|twenty|thirty|ninety)\s+"
                   rb"(day|month|year)s?\b", re.I)  # fmt: skip
_WORDS = {b"one": 1, b"two": 2, b"three": 3, b"four": 4, b"five": 5, b"six": 6, b"seven": 7, b"ten": 10,
          b"fifteen": 15, b"twenty": 20, b"thirty": 30, b"ninety": 90}  # fmt: skip
_DAYS = {b"day": 1, b"month": 30, b"year": 365}
_MONEY = re.compile(rb"\$\s?(\d[\d,]{0,12})")


def shift(old: bytes, new: bytes) -> int:
    """+1 if `new` punishes more than `old`, -1 if less, 0 if the words do not tell."""
    for weigh in (_grades, _times, _sums):
        gone, come = weigh(old), weigh(new)
        gone, come = gone - come, come - gone
        if gone and come:
            a, b = max(gone), max(come)
            if a != b:
                return 1 if b > a else -1
    return 0


def _grades(words: bytes) -> Counter[int]:
    found: Counter[int] = Counter()
    for pattern, weight in _NAMED:
        words, n = pattern.subn(b" ", words)
        found[weight] += n
    for m in _CLASSED.finditer(words):
        rank = ord(m[1].upper()) - ord("A") if m[1].isalpha() else int(m[1]) - 1
        found[_BASE[m[2].lower()] + 19 - 2 * rank] += 1
    words = _CLASSED.sub(b" ", words)
    for m in _DEGREE.finditer(words):
        rank = _DEGREES.index((m[2] or m[3]).lower())
        found[_BASE[(m[1] or m[4]).lower()] + 19 - 2 * rank] += 1
    words = _DEGREE.sub(b" ", words)
    for m in _PLAIN.finditer(words):
        found[_BASE[m[1].lower()]] += 1
    return +found


def _times(words: bytes) -> Counter[int]:
    return Counter((_WORDS.get(m[1].lower()) or int(m[1])) * _DAYS[m[2].lower()] for m in _TIME.finditer(words))


def _sums(words: bytes) -> Counter[int]:
    return Counter(int(m[1].replace(b",", b"")) for m in _MONEY.finditer(words))
