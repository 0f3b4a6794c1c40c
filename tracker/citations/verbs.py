"""The operative words of amending prose: where they stand, and what each does to the law."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tracker.citations.patterns import DASH, automaton, bounded

_GERUNDS = {
    "strike": r"striking(?: out)?|deleting|removing|omitting|the (?:deletion|omission|removal) of",
    "repeal": r"repealing(?! and re-?enacting)|the repeal of",
    "insert": r"inserting|adding(?: thereto)?|the (?:insertion|addition) of|enacting|creating",
    "replace": r"substituting|replacing|the (?:substitution|replacement) of",
    "redesignate": r"redesignating|renumbering|relettering|the (?:renumbering|redesignation) of",
    "amend": r"amending|revising|changing|Amend(?= RSA)",
}
_PASSIVE = (r"\b(?:is|are|be|being) (?:(?:hereby|each|also|further|accordingly|both|all|now|recreated and) ){0,3}"
            r"(?:amended|repealed|rescinded|revoked|redesignated|renumbered|replaced|deleted|struck(?: out)?|stricken"
            r"|omitted|reenacted|added|enacted|created|substituted)\b")  # fmt: skip
_BY = re.compile(r"\b[Bb]y\s{1,4}$")
# RE2 cannot look ahead.
_PLAIN_GERUNDS = r"\b(?:" + re.sub(r"\(\?[!=][^)]*\)", "", "|".join(_GERUNDS.values())) + r")\b"
_PLACES = ("gb", "ie", "ca")
_CUES = {
    False: automaton("|".join([_PASSIVE, _PLAIN_GERUNDS, r"\bbill repeals:"])),
    True: automaton("|".join([_PASSIVE, _PLAIN_GERUNDS,
                              r"\b(?:omit|leave out)\b|\bfor [^.;\n]{1,120} substitute\b"
                              r"|\b(?:after|before) [^.;\n]{1,120} insert\b|\bat the (?:beginning|end),? insert\b"])),
}  # fmt: skip
_PASSIVES = re.compile(bounded(_PASSIVE + r"|bill repeals:"), re.I)
_SAYS = (
    ("repeal", re.compile(r"repeal|rescinded|revoked|deleted|struck|stricken|omitted", re.I)),
    ("redesignate", re.compile(r"redesignated|renumbered", re.I)),
    ("replace", re.compile(r"replaced|substituted|reenacted", re.I)),
    ("insert", re.compile(r"added|enacted|created", re.I)),
)
_AGAIN = re.compile(bounded(  # a repeal that only makes room: Connecticut, Missouri, Colorado
    r",? ?(?:and|&) (?:(?:\d{1,4} )?the (?:\d{1,4} )?following (?:\d{1,4} )?is (?:\d{1,4} )?"
    r"|\w{1,9} new sections? |a new section |re-?)?(?:substituted|enacted|recreated|reenacted)"
    r"|,? ?(?:and|&) (?:is |are )?(?:hereby )?(?:reenacted|re-enacted|recreated)"), re.I)  # fmt: skip
_TO_READ = re.compile(bounded(
    r",? ?(?:and re-?enacted|(?:so as |as follows )?to read(?: as follows)?|to be read)"), re.I)  # fmt: skip
_TO = re.compile(r"\s{1,9}to\s")
_AS_FOLLOWS = re.compile(bounded(r",? ?as follows ?(\.|:|" + DASH + "|-)?"), re.I)
_KINDS = tuple((kind, re.compile(bounded(rf"(?:{p})\b"), re.I)) for kind, p in _GERUNDS.items())
_UK = (
    ("strike", re.compile(bounded(r"(?:omit|leave out)\b"), re.I)),
    ("replace", re.compile(bounded(r"for\b"), re.I)),
    ("insert", re.compile(bounded(r"(?:after|before)\b|at the (?:beginning|end),? insert\b"), re.I)),
)
_NEW = re.compile(bounded(r",? ?(?:with|by adding(?: thereto)?) a NEW SECTION"))


@dataclass(frozen=True, slots=True)
class Verb:
    """`passive`: its subject stands before it; else its object follows."""

    start: int
    end: int
    kind: str
    passive: bool
    opens: bool = False  # "is amended—", "is amended by": the details follow
    whole: bool = False  # "is amended as follows.": they follow in the next sentences
    imperative: bool = False
    by: bool = False  # "by striking": no mere participle
    listed: bool = False  # "this bill repeals:" the objects follow, one a line


def verbs(plain: str, place: str) -> Iterator[Verb]:
    british = place in _PLACES
    for m in _CUES[british].finditer(plain.encode("latin-1")):
        verb = _verb(plain, m.start(), british)
        if verb is not None:
            by = _BY.search(plain, max(0, verb.start - 6), verb.start) if not verb.passive else None
            if by is not None:
                yield replace(verb, start=by.start(), by=True)
            elif not plain.startswith("the repeal", verb.start):  # "before the repeal of section 9"
                yield verb


def _verb(plain: str, at: int, british: bool) -> Verb | None:
    passive = _PASSIVES.match(plain, at)
    if passive is not None:
        return _passive(plain, passive)
    for kind, pattern in _KINDS:
        m = pattern.match(plain, at)
        if m is not None:
            return Verb(at, m.end(), kind, False)
    if british:
        for kind, pattern in _UK:
            m = pattern.match(plain, at)
            if m is not None:
                return Verb(at, m.end(), kind, False, imperative=True)
    return None


def _passive(plain: str, m: re.Match[str]) -> Verb | None:
    kind = next((kind for kind, said in _SAYS if said.search(m[0])), "amend")
    end = m.end()
    if m[0].endswith(":"):
        return Verb(m.start(), end, "repeal", True, listed=True)
    if kind == "repeal" and (again := _AGAIN.match(plain, end)) is not None:
        return Verb(m.start(), again.end(), "replace", True)
    if kind == "insert" and _TO.match(plain, end) is None:
        return None  # "be it enacted": not "is added to chapter 5", "is created to read"
    if kind != "amend":
        return Verb(m.start(), end, kind, True)
    if m[0].endswith("AMENDED") and plain[end : end + 1] == ":":  # South Dakota
        return Verb(m.start(), end, "replace", True)
    new = _NEW.match(plain, end)
    if new is not None:
        return Verb(m.start(), new.end(), "insert", True)
    follows = _AS_FOLLOWS.match(plain, end)
    if follows is not None and not _TO_READ.match(plain, end):
        return Verb(m.start(), end, "amend", True, True, follows[1] == ".")
    read = _TO_READ.match(plain, end)
    if read is not None:
        return Verb(m.start(), read.end(), "replace", True)
    return Verb(m.start(), end, "amend", True, True)
