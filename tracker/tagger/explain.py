"""A text to the reasons: which rule flags each section, which nearly did, which condition failed, what was set aside.

The answer is told section by section in words for people who do not read patterns. It asks the same `judge` as the
tagger does, so it cannot tell another story than the flags.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tracker.model import BillContext, Flag, MarkedText, Topic
from tracker.tagger.conditions import ALSO_REACH, judge
from tracker.tagger.engine import LOOKS, tag
from tracker.tagger.patterns import shadow
from tracker.tagger.roles import is_resolution
from tracker.tagger.rules import Compiled, Rule, Ruleset
from tracker.tagger.sections import Section, cut, is_dead, view
from tracker.tagger.spoken import spoken_list

SHOWN = 6  # patterns of a condition that are said in words; the reference page has all

ROLES: dict[str, str] = {
    "findings": "it stands among findings: they give reasons and command nothing",
    "definitions": "it stands in a definition: words are explained, nothing is done",
    "short-title": "it stands in the name of the Act",
    "purpose": "it stands in a statement of purpose",
    "preamble": "it stands in the preamble",
    "contents": "it stands in a table of contents",
    "recital": "it stands in a recital (“Whereas ...”)",
    "boilerplate": "it stands among closing provisions (commencement, severability, construction)",
    "title": "it stands in the long title",
    "summary": "it stands in what the bill says of itself",
    "procedure": "it stands in a rule for debate, which makes no law",
}
REASONS: dict[str, str] = {
    "existing law": "it is existing law, printed around the words that change",
    "nothing near": "no word that the rule needs stands near enough",
    "one paragraph among many": "it is one short paragraph of a list that is about other things",
    "unless": "words stand near by with which the rule does not hold",
    "part of a name": "it is part of the name of an Act",
    "in a list of offences": "it is one of several offences in a list",
    "one item among many": "it is one of several items in a list",
    "in a caption": "it stands in a heading without a verb",
    "the name of an office or a report": "it is part of the name of an office or a report",
    "not an item that is added, but new matter as a whole": "the rule looks at items added to a list, and this list is "
    "new as a whole",
    "not inserted": "the rule looks at inserted words, and these are not",
    "not struck": "the rule looks at struck words, and these are not",
}
FAR = ("requires", "heading")
LACKS = "the section has none of"
SURER = "a surer rule says the same of this section, or the words are struck here and put back there"


@dataclass(frozen=True, slots=True)
class NearMiss:
    """Words that a rule rests on, found, and why they raise no flag. `text[start:end]` are these words."""

    rule: str
    topic: Topic
    start: int
    end: int
    words: str
    condition: str  # a field of the rule, "role", or the tagger's own word for it
    why: str  # for people
    nearly: str | None = None  # what was found instead, or how far away it stands
    times: int = 1  # so many places of the section fail alike
    far: bool = False  # the section lacks what the rule is about: its words alone are no near miss


@dataclass(frozen=True, slots=True)
class SectionReasons:
    """One section in which at least one rule found its words."""

    path: str
    heading: str
    start: int
    end: int
    flags: tuple[Flag, ...]
    near_misses: tuple[NearMiss, ...]
    struck: bool = False  # a committee struck the whole section: no rule looks at it
    non_binding: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """`gate`: at least one stem occurs; without one the tagger never looks at a text."""

    gate: bool
    sections: tuple[SectionReasons, ...]
    quiet: int = 0  # sections in which no rule found its words


def explain(text: MarkedText, context: BillContext, rules: Ruleset) -> Explanation:
    """Reasons in order of the text. The flags are those of `tag`. Never raises on any text."""
    words = shadow(text.text)
    if rules.gate.search(words) is None:
        return Explanation(False, ())
    resolution = "resolution" in context.classification or is_resolution(words)
    flags = tag(text, context, rules)
    told, quiet = [], 0
    for place in cut(text):
        section = view(text, words, place, resolution)
        reasons = _section(text, section, context, rules, flags)
        if reasons is None:
            quiet += 1
        else:
            told.append(reasons)
    return Explanation(True, tuple(told), quiet)


def _section(text: MarkedText, section: Section, context: BillContext, rules: Ruleset,
             flags: tuple[Flag, ...]) -> SectionReasons | None:  # fmt: skip
    found = sorted(rules.anchors.Match(section.shadow) or ())
    if not found:
        return None
    end = section.start + len(section.shadow)
    mine = tuple(f for f in flags if section.start <= f.start < end)
    head = " ".join(section.heading().decode("latin-1").split())
    if is_dead(section):
        return SectionReasons(section.path, head, section.start, end, mine, (), struck=True)
    flagged = {flag.rule for flag in mine}
    misses = [miss for index in found if rules.compiled[index].rule.id not in flagged
              for miss in _misses(rules.compiled[index], section, context, text.text)]  # fmt: skip
    misses.sort(key=lambda m: (m.start, m.rule))
    return SectionReasons(section.path, head, section.start, end, mine, tuple(misses),
                          non_binding=section.non_binding)  # fmt: skip


def _misses(compiled: Compiled, section: Section, context: BillContext, text: str) -> Iterator[NearMiss]:
    """One near miss for each condition that fails, at the first place where it does."""
    rule = compiled.rule
    if rule.jurisdictions and not context.jurisdiction.startswith(rule.jurisdictions):
        return  # a rule of another place is no near miss
    found = (m for m in compiled.anchor.finditer(section.shadow) if m.end() > m.start())
    places = [(m.start(), m.end()) for m in islice(found, LOOKS)]
    if not places:
        return

    def miss(at: tuple[int, int], condition: str, why: str, nearly: str | None, times: int) -> NearMiss:
        start, end = section.start + at[0], section.start + at[1]
        far = condition in FAR or (nearly or "").startswith(LACKS)
        return NearMiss(rule.id, rule.topic, start, end, text[start:end], condition, why, nearly, times, far)

    if whole := _section_condition(compiled, section):
        yield miss(places[0], *whole, len(places))
        return
    failed: dict[str, list[tuple[int, int]]] = {}
    kept = []
    for place in places:
        reason = judge(compiled, section, *place)
        if reason is None:
            kept.append(place)
        else:
            failed.setdefault(reason, []).append(place)
    if rule.changes:
        yield miss(places[0], "changes", "no sentence of the section does this to the laws that the rule names", None,
                   len(places))
        return
    if kept and len(kept) >= rule.mentions:
        yield miss(kept[0], "surer", SURER, None, len(kept))
        return
    if kept:
        yield miss(kept[0], "mentions", f"the rule needs {rule.mentions} such places in a section",
                   f"{len(kept)} here", len(kept))
    for reason, there in failed.items():
        yield miss(there[0], *_told(reason, compiled, section, there[0]), len(there))


# --- conditions on the whole section ----------------------------------------------------------------------------------


def _section_condition(compiled: Compiled, section: Section) -> tuple[str, str, str | None] | None:
    """(condition, why, what was found) of the first condition on the section that fails."""
    rule = compiled.rule
    if compiled.requires is not None and compiled.requires.search(section.shadow) is None:
        return "requires", "the section must also hold other words", f"{LACKS} {spoken_list(rule.requires, SHOWN)}"
    if compiled.excludes is not None and (barred := compiled.excludes.search(section.shadow)):
        return "excludes", "the section holds words with which the rule does not hold", _quoted(barred)
    if compiled.heading is not None and compiled.heading.search(section.heading()) is None:
        return "heading", "the heading must say so", f"it has none of {spoken_list(rule.heading, SHOWN)}"
    return None


# --- conditions on one place ------------------------------------------------------------------------------------------


def _told(reason: str, compiled: Compiled, section: Section, at: tuple[int, int]) -> tuple[str, str, str | None]:
    """The tagger's word for a reason to (condition, why, what nearly matched)."""
    if reason.startswith("in ") and reason[3:] in ROLES:
        return "role", ROLES[reason[3:]], reason[3:]
    nearly = None
    if reason == "nothing near":
        nearly = _nearest_needed(compiled, section, at)
    elif reason == "unless" and compiled.unless is not None:
        nearly = _stands(compiled.unless, compiled.rule, section, at)
    return reason, REASONS.get(reason, reason), nearly


def _nearest_needed(compiled: Compiled, section: Section, at: tuple[int, int]) -> str:
    """How far away the nearest of the words stands that the rule needs."""
    rule = compiled.rule
    told: list[str] = []
    met: list[str] = []
    for pattern, said, most in ((compiled.near, rule.near, rule.within),
                                (compiled.also, rule.also, ALSO_REACH * rule.within)):  # fmt: skip
        if pattern is None:
            continue
        nearest = _nearest(pattern, rule, section, at)
        if nearest is None:
            told.append(f"{LACKS} {spoken_list(said, SHOWN)}")
        else:
            words, apart, how = nearest
            limit = "only words of the same sentence count" if apart else f"at most {most} words count"
            (told if apart or words > most else met).append(f"{how}: {limit}")
    told.sort(key=lambda words: not words.startswith(LACKS))
    return "; ".join(told or met)


def _stands(pattern: Any, rule: Rule, section: Section, at: tuple[int, int]) -> str | None:
    nearest = _nearest(pattern, rule, section, at)
    return nearest[2] if nearest else None


def _nearest(pattern: Any, rule: Rule, section: Section, at: tuple[int, int]) -> tuple[int, bool, str] | None:
    """(3, False, '“is amended” stands 3 words away'): words between, in another sentence or not; None: nowhere."""
    start, end = at
    nearest = min(pattern.finditer(section.shadow), default=None,
                  key=lambda m: max(0, start - m.end(), m.start() - end))  # fmt: skip
    if nearest is None:
        return None
    low, high = section.sentence(start)
    apart = rule.scope == "sentence" and not (low <= nearest.start() < high)
    between = section.shadow[nearest.end() : start] if nearest.end() <= start else section.shadow[end : nearest.start()]
    words = len(between.split())
    count = f"{words} word{'' if words == 1 else 's'} away" if words else "beside it"
    return words, apart, f"{_quoted(nearest)} stands {'in another sentence, ' if apart else ''}{count}"


def _quoted(match: Any) -> str:
    return f"“{' '.join(match[0].decode('latin-1').split())}”"
