"""Marked text -> flags: which rule's words stand in which section, in what sense, and what they would do."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import re2

from tracker.model import BillContext, Effect, Flag, Mark, MarkedText, MarkKind, Provision
from tracker.tagger.rules import Rule, Ruleset

QUOTE_WORDS = 30
MAX_SENTENCE = 1500  # characters: beyond that a "sentence" is a table or a list

_options = re2.Options()
_options.case_sensitive = False

# Kinds of sections that state, name or explain and do nothing themselves.
SILENT = re2.compile(
    r"^[\W\d]*(?:sec(?:tion|s)?\.?)?[\s\d.()A-Za-z]{0,12}?(?:short title|table of contents|findings|congressional findings"
    r"|definitions?\b|purposes?\b|severability|effective date|rule of construction|background)", _options)
SOFT = re2.compile(r"sense of (?:the )?(?:congress|house|senate)|\b(?:study|report|commission|assessment) (?:on|of|to)\b"
                   r"|shall (?:conduct|carry out) a (?:study|review|survey)|^resolved\b|urges\b|expresses", _options)
BREAK = re2.compile(r"[.;:]\s+|\n")
WORD = re2.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Section:
    """The unit of judgment: where it lies, what it is."""

    path: str
    start: int
    end: int
    silent: bool
    soft: bool


def tag(text: MarkedText, context: BillContext, rules: Ruleset) -> tuple[Flag, ...]:
    """Flags in order of place. Deterministic; never raises on text. ``text.text[f.start:f.end] == f.quote``."""
    if rules.gate.search(text.text) is None:
        return ()
    resolution = any("resolution" in c and "joint" not in c for c in context.classification)
    found: dict[tuple[object, ...], Flag] = {}
    for section in _sections(text):
        for flag in _tag_section(text, section, resolution, rules):
            key = (flag.topic, flag.subtopic, flag.effect, flag.provision)
            if key not in found or flag.score > found[key].score:
                found[key] = flag
    return tuple(sorted(found.values(), key=lambda f: (f.start, f.end, f.topic, f.rule)))


def _sections(text: MarkedText) -> Iterator[Section]:
    tops = [p for p in text.provisions if p.parent is None] or [Provision("", "", None, "section", 0, len(text.text))]
    for top in tops:
        head = text.text[top.start:min(top.end, top.start + 160)]
        body = text.text[top.start:min(top.end, top.start + 1500)]
        yield Section(top.path, top.start, top.end, SILENT.search(head) is not None, SOFT.search(body) is not None)


def _tag_section(text: MarkedText, section: Section, resolution: bool, rules: Ruleset) -> Iterator[Flag]:
    body = text.text[section.start:section.end]
    if rules.gate.search(body) is None:
        return
    marked = _marks_in(text.marks, section)
    for rule in rules.rules:
        if section.silent and not rule.anywhere:
            continue
        if any(p.search(body) for p in rule.not_section) or not all(p.search(body) for p in rule.section):
            continue
        flag = _first(text, section, body, marked, resolution, rule, rules.version)
        if flag is not None:
            yield flag


def _first(text: MarkedText, section: Section, body: str, marked: list[Mark], resolution: bool, rule: Rule,
           version: str) -> Flag | None:
    for match in rule.anchor.finditer(body):
        start, end = match.start(), match.end()
        if start == end:
            continue
        mark = _mark_at(marked, section.start + start, section.start + end)
        if rule.mark is not None and mark is not rule.mark:
            continue
        low, high = _sentence(body, start, end)
        sentence = body[low:high]
        if any(p.search(sentence) for p in rule.not_sentence) or not all(p.search(sentence) for p in rule.sentence):
            continue
        effect = rule.effect or Effect.ADVANCES
        if rule.effect is None and mark is MarkKind.STRUCK:
            effect = Effect.REVERSES
        if effect is not Effect.REVERSES and (resolution or section.soft):
            effect = Effect.NON_BINDING
        first, last = _quote(body, low, high, start, end)
        place = _smallest(text.provisions, section.start + start, section.start + end) or section.path
        return Flag(rule.topic, effect, place, section.start + first, section.start + last, body[first:last], rule.id,
                    version, rule.score, rule.subtopic, mark)
    return None


def _marks_in(marks: tuple[Mark, ...], section: Section) -> list[Mark]:
    low = bisect_right([m.end for m in marks], section.start)
    return [m for m in marks[low:] if m.start < section.end]


def _mark_at(marks: list[Mark], start: int, end: int) -> MarkKind | None:
    """The mark that covers most of the words, if it covers half of them."""
    for mark in marks:
        if min(end, mark.end) - max(start, mark.start) >= (end - start) / 2:
            return mark.kind
    return None


def _sentence(body: str, start: int, end: int) -> tuple[int, int]:
    low = max(0, start - MAX_SENTENCE)
    breaks = [low + m.end() for m in BREAK.finditer(body[low:start])]
    after = BREAK.search(body[end:end + MAX_SENTENCE])
    return (breaks[-1] if breaks else low), (end + after.start() if after else min(len(body), end + MAX_SENTENCE))


def _quote(body: str, low: int, high: int, start: int, end: int) -> tuple[int, int]:
    """Up to 30 words of the sentence around the anchor."""
    before = list(WORD.finditer(body[low:start]))
    inside = len(body[start:end].split())
    room = max(0, QUOTE_WORDS - inside)
    lead = before[-(room // 2):] if room // 2 else []
    first = low + lead[0].start() if lead else start
    tail = list(WORD.finditer(body[end:high]))[:room - len(lead)]
    last = end + tail[-1].end() if tail else end
    return first, last


def _smallest(provisions: tuple[Provision, ...], start: int, end: int) -> str | None:
    best: Provision | None = None
    for provision in provisions:
        if provision.start <= start and end <= provision.end and (
                best is None or provision.end - provision.start < best.end - best.start):
            best = provision
    return best.path if best else None
