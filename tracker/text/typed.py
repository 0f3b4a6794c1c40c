"""Marks that a legislature makes in the characters themselves to spans: ((struck)), [struck], {+ new +}, NEW WORDS."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from tracker.model import MarkKind
from tracker.text.conventions import convention_of, declared
from tracker.text.marks import INLINE, Span

LONGEST = 20_000  # characters of one struck passage; what does not close by then is no mark

# Conversions that spell marks out, whoever made them.
_BRACES = re.compile(r"\{\+([^{}]{1,8000})\+\}")
_DASHES = re.compile(r"\[-([^\[\]]{1,8000})-\]|\{-([^{}]{1,8000})-\}")
_PARENTHESIS = re.compile(r"[()]")
_BRACKET = re.compile(r"\[([^\[\]]{1,20000})\]")
# What stands in brackets and is no law: fillers, seals, drafting labels, the explanation itself.
_FILLER = re.compile(
    r"[\s_]*|\s*(?:\.\s*){3,}|\s*x\s*|[^\]]{0,200}\b(?:brackets|bracketed)\b[^\]]{0,300}|"
    r"[\W_]*(?:reserved|seal|l\.?s|sic|blank|vacant|new material|new section|bracketed material|"
    r"omitted material|page \d{1,4}|pp?\. ?\d{1,4}|insert(?:ed)? [^\]]{0,80}|text omitted|"
    r"no(?: other)? change[^\]]{0,40})[\W_]*", re.I)  # fmt: skip
# Editors' notes fill their line and begin in one of these ways.
_NOTE = re.compile(
    r"\s*(?:Note|NOTE|Editor|EDITOR|Ed\.|Amended|Added|Renumbered|Codified|Source|History|See|Effective|Expires|"
    r"As (?:added|amended|enacted)|Text of|Contingent|Repealed|Acts? \d{4}|\d{2}th |Strike|Struck|Omit)")  # fmt: skip
# The history of a section of the code, wherever it stands: "[Formerly 167.002; 1971 c.743 §250]".
_HISTORY = re.compile(r"\s*(?:Formerly \d|\d{4},? (?:c|ch|No|s\.s\. c)\. ?\d|\d{4} (?:c|Act)\b|[LP]\.(?:L\.)? ?\d{4})")


def typed_marks(text: str, jurisdiction: str = "", told: Collection[MarkKind] = ()) -> list[Span]:
    """Struck words take their brackets along, so that they read as printed.

    `told`: kinds that the document's own markup marks; there a bracket or a capital says nothing more.
    """
    own = convention_of(jurisdiction)
    spans: list[Span] = []
    if own.parentheses and "((" in text:
        spans += ((a, b, MarkKind.STRUCK, INLINE) for a, b in _parenthesised(text))
    if "{" in text or "[-" in text:
        spans += ((m.start(), m.end(), MarkKind.INSERTED, INLINE) for m in _BRACES.finditer(text))
        spans += ((m.start(), m.end(), MarkKind.STRUCK, INLINE) for m in _DASHES.finditer(text))
    brackets, capitals = declared(text, own)
    if capitals and MarkKind.INSERTED not in told:
        spans += ((a, b, MarkKind.INSERTED, INLINE) for a, b in capital_runs(text))
    if brackets and MarkKind.STRUCK not in told and "[" in text:
        spans += ((a, b, MarkKind.STRUCK, INLINE) for a, b in _bracketed(text))
    return spans


def _parenthesised(text: str) -> Iterator[tuple[int, int]]:
    """((struck (even with these) words)): from a double opening to the double closing of the same depth."""
    start, depth = -1, 0
    for m in _PARENTHESIS.finditer(text):
        at = m.start()
        if start < 0:
            if text.startswith("((", at):
                start, depth = at, 1
            continue
        depth += 1 if m[0] == "(" else -1
        if at - start > LONGEST:
            start = -1
        elif depth <= 0:
            if text[at - 1] == ")" and at - start > 3:
                yield start, at + 1
                start = -1
            elif text.startswith("))", at):
                depth = 1  # "((a) goose))": an enumerator whose own opening is not struck
            else:
                start = -1


def _bracketed(text: str) -> Iterator[tuple[int, int]]:
    for m in _BRACKET.finditer(text):
        start, end = m.span()
        if _FILLER.fullmatch(m[1][:300]) or _HISTORY.match(m[1]):
            continue
        if _NOTE.match(m[1]) and _fills_line(text, start, end):
            continue
        if end - start < 5 and m[1].isalpha() and text[end : end + 1].isalpha():
            continue  # "[t]he": a quotation fitted into a sentence
        if text.startswith("[", start - 1) and start and text.startswith("]", end):
            start, end = start - 1, end + 1  # [[struck by an amendment]]
        yield start, end


def _fills_line(text: str, start: int, end: int) -> bool:
    before = text.rfind("\n", 0, start) + 1
    after = text.find("\n", end)
    return not text[before:start].strip() and not text[end : after if after >= 0 else len(text)].strip(" .\t")


_VERBS = frozenset(("SHALL", "MAY", "IS", "ARE", "MUST", "MEANS", "INCLUDES", "HAS", "HAVE", "DOES", "WILL", "BE"))
_SMALL = _VERBS | {
    "A", "AN", "THE", "OF", "OR", "AND", "TO", "IN", "FOR", "BY", "ANY", "WITH", "NOT", "WHO", "THAT", "WHICH", "UNDER",
    "SUCH", "ON", "AS", "AT", "IF", "NO", "FROM", "THIS", "EACH", "WHEN", "OTHER", "THAN",
}  # fmt: skip
_TOKEN = re.compile(r"\S+")
_ENUMERATOR = re.compile(r"[\"“]?(?:\([0-9A-Za-z]{1,5}\)|[A-Z0-9]{1,3}\.|§+)")
_AMENDS = re.compile(r"\bto read\b|read as follows|\b(?:is|are|be) (?:hereby )?(?:amended|enacted|added)\b|by adding|"
                     r"amended as follows")  # fmt: skip
_FORMULAS = re.compile(
    r"BE IT (?:FURTHER )?ENACTED|AN ACT|THE PEOPLE OF THE STATE|A BILL|STATE OF|EXPLANATION|SECTION \d|INTRODUCED BY|"
    r"CHAPTER \d|ASSEMBLY BILL|SENATE BILL|HOUSE BILL|DO ENACT AS FOLLOWS")  # fmt: skip
FEWEST = 3  # capital words of a run without a small word between names


def capital_runs(text: str) -> Iterator[tuple[int, int]]:
    """New law in capitals: runs of words inside sentences of ordinary case, and paragraphs that command."""
    begins = _AMENDS.search(text)
    lawful = begins.end() if begins is not None else len(text)
    at = 0
    for line in text.split("\n"):
        if any(c.isupper() for c in line):
            yield from _line_runs(line, at, at >= lawful)
        at += len(line) + 1


def _line_runs(line: str, offset: int, lawful: bool) -> Iterator[tuple[int, int]]:
    tokens = [(m.start(), m.end(), _case(m[0])) for m in _TOKEN.finditer(line)]
    if not any(case == "low" for _, _, case in tokens):
        if lawful and tokens and _commands(line):
            yield offset + tokens[0][0], offset + tokens[-1][1]
        return
    first = 0
    while first < len(tokens):
        if tokens[first][2] != "up":
            first += 1
            continue
        last = end = first
        while end < len(tokens) and tokens[end][2] != "low":
            if tokens[end][2] == "up":
                last = end
            end += 1
        start, stop = tokens[first][0], tokens[last][1]
        if _is_new(line[start:stop], starts=not line[:start].strip(" \t(§.0123456789\"“")):
            yield offset + start, offset + stop
        first = end


def _case(token: str) -> str:
    """"up" for capitals, "low" for a word with small letters, "none" for numbers and signs."""
    letters = [c for c in token if c.isalpha()]
    if not letters:
        return "none"
    if any(c.islower() for c in letters):
        return "low"
    return "up"


def _is_new(run: str, *, starts: bool) -> bool:
    if _FORMULAS.search(run) or (starts and run.endswith((".", ":", "—", "--", "-"))):
        return False
    bare = [w.strip("().,;:\"'“”") for w in run.split()]
    spelt = [w for w in bare if len(w) > 1 and w.isalpha()]
    if any(w in _SMALL for w in spelt):
        return len(spelt) > 1
    return len([w for w in spelt if len(w) > 3]) >= FEWEST


def _commands(line: str) -> bool:
    """A paragraph all in capitals is new law, not a heading: it has an enumerator or an end, and a verb."""
    if _FORMULAS.search(line):
        return False
    bare = line.strip()
    listed = _ENUMERATOR.match(bare) is not None
    ended = bare.endswith((".", ";", ":", ",", "AND", "OR"))
    spelt = {w.strip("().,;:\"'“”") for w in bare.split()}
    if listed and ended:
        return len(spelt) > 2
    return (listed or ended) and len(spelt) > 5 and not spelt.isdisjoint(_VERBS)
