"""Marked text, what is known of the bill, and rules to flags: a gate on bytes first, thought only where it pays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from tracker.model import BillContext, Effect, Flag, MarkedText, MarkKind, Topic
from tracker.tagger.conditions import judge
from tracker.tagger.patterns import shadow
from tracker.tagger.quotes import change_after, quote_around
from tracker.tagger.roles import is_resolution
from tracker.tagger.rules import BY_WORDS, Compiled, Ruleset
from tracker.tagger.sections import Section, cut, is_dead, view

# A section raises one flag a kind, so no text needs more; it bounds the time that one section can take.
TITLE = 1500  # characters before the first section in which a long title stands
LOOKS, KEPT = 1000, 50  # places of a rule's words in a section that are judged; that are kept
_OPPOSITE = {Effect.ADVANCES: Effect.REVERSES, Effect.REVERSES: Effect.ADVANCES, Effect.NON_BINDING: Effect.NON_BINDING}


@dataclass(frozen=True, slots=True)
class _Hit:
    topic: Topic
    effect: Effect
    rule: Compiled
    start: int  # in the section
    end: int
    mark: MarkKind | None


def tag(text: MarkedText, context: BillContext, rules: Ruleset) -> tuple[Flag, ...]:
    """Flags in order of offset; at most one a topic, subtopic and effect in a section. Never raises on any text."""
    words = shadow(text.text)
    if rules.gate.search(words) is None:
        return ()
    resolution = "resolution" in context.classification or is_resolution(words)
    flags: list[Flag] = []
    title = title_of(text, words, context)
    for place in cut(text):
        if rules.gate.search(words[place[1] : place[2]]) is None:
            continue
        section = view(text, words, place, resolution)
        if not is_dead(section):
            flags += _best(_yield(_hits(section, context, rules, title)), section, text.text, rules)
    return tuple(sorted(flags, key=lambda f: (f.start, f.end, f.topic, f.rule)))


def title_of(text: MarkedText, words: bytes, context: BillContext) -> bytes:
    """What the bill says that it is about: its title, and the long title before its first section."""
    first = next((p.start for p in text.provisions if p.level == "section"), 0)
    return shadow(context.title or "") + b"\n" + words[: min(first, TITLE)]


def _hits(section: Section, context: BillContext, rules: Ruleset, title: bytes) -> list[_Hit]:
    found: list[_Hit] = []
    for index in sorted(rules.anchors.Match(section.shadow) or ()):
        compiled = rules.compiled[index]
        if _applies(compiled, section, context):
            found += _anchors(compiled, section, context.jurisdiction, title)
    return found


def _yield(hits: list[_Hit]) -> list[_Hit]:
    """Rules give way where the section also advances the topic that they yield to."""
    present = {hit.topic for hit in hits if hit.effect is not Effect.REVERSES}
    return [hit for hit in hits if hit.rule.rule.yields is None or hit.rule.rule.yields not in present]


def _applies(compiled: Compiled, section: Section, context: BillContext) -> bool:
    rule = compiled.rule
    if rule.jurisdictions and not context.jurisdiction.startswith(rule.jurisdictions):
        return False
    if compiled.requires is not None and compiled.requires.search(section.shadow) is None:
        return False
    if compiled.excludes is not None and compiled.excludes.search(section.shadow) is not None:
        return False
    if compiled.not_heading is not None and compiled.not_heading.search(section.heading()) is not None:
        return False
    return compiled.heading is None or compiled.heading.search(section.heading()) is not None


def _anchors(compiled: Compiled, section: Section, jurisdiction: str, title: bytes) -> list[_Hit]:
    rule = compiled.rule
    found: Iterable[tuple[int, int]]
    if rule.changes:
        found = section.changes(compiled.laws, rule.by, jurisdiction)
    else:
        found = ((m.start(), m.end()) for m in compiled.anchor.finditer(section.shadow) if m.end() > m.start())
    kept = list(islice((p for p in islice(found, LOOKS) if judge(compiled, section, *p) is None), KEPT))
    if len(kept) < rule.mentions:
        return []
    if rule.subject and section.is_aside(kept, compiled.anchor) and compiled.anchor.search(title) is None:
        return []  # named once in a long section, and neither it nor the bill is about that
    hits = (_hit(compiled, section, *place) for place in kept)
    return [hit for hit in hits if hit is not None]


def _hit(compiled: Compiled, section: Section, start: int, end: int) -> _Hit | None:
    rule = compiled.rule
    mark = section.mark_at(start, end)
    topic, effect = rule.topic, rule.effect
    if mark is MarkKind.STRUCK and rule.mark is not MarkKind.STRUCK:
        still = compiled.anchor.search(section.unstruck(*section.sentence(start))) is not None
        if still and not section.strikes_a_clause(start):
            return None  # reworded: the sentence still says it
        whole = 0, len(section.shadow)
        if rule.struck is None and compiled.anchor.search(section.unstruck(*whole)) is not None:
            return None  # part of it goes; the section still says it
        if rule.struck and section.shift(*whole) > 0:
            return None  # a lower grade goes, a higher one comes
        topic, effect = rule.struck or (topic, _OPPOSITE[effect])
    elif rule.mark is MarkKind.INSERTED and compiled.anchor.search(section.uninserted(*section.sentence(start))):
        return None  # the sentence said it before
    elif (rule.struck and effect is Effect.ADVANCES and section.marks
          and section.shift(*section.sentence(start)) < 0):  # fmt: skip
        topic, effect = rule.struck  # the offence stays, its penalty is lighter
    elif effect is Effect.ADVANCES and not rule.repeals and not rule.changes and section.repeals(start):
        topic, effect = rule.struck or (topic, Effect.REVERSES)
    if not rule.binding and not section.binds(start):
        effect = Effect.NON_BINDING
    return _Hit(topic, effect, compiled, start, end, mark)


def _flag(hit: _Hit, section: Section, text: str, rules: Ruleset) -> Flag:
    rule = hit.rule.rule
    first, last = change_after(section, hit.start, hit.end) or (hit.start, hit.end)
    low, high = section.sentence(first)
    start, end = quote_around(text, section.start + low, section.start + max(high, last), section.start + first,
                              section.start + last, whole=rule.repeals or bool(rule.changes))  # fmt: skip
    provision = section.provision(first, last)
    subtopic = rule.subtopic if hit.topic is rule.topic else None
    if subtopic == BY_WORDS:
        subtopic = rules.subtopic(rule.topic, section.shadow[low:high], section.heading())
    return Flag(hit.topic, hit.effect, provision, start, end, text[start:end], rule.id, rules.version, rule.score,
                subtopic, hit.mark)  # fmt: skip


def _best(hits: list[_Hit], section: Section, text: str, rules: Ruleset) -> list[Flag]:
    """The surest of each kind in a section; of equals, the first."""
    moved = {_kind(hit, section, rules) for hit in hits if hit.mark is MarkKind.INSERTED}
    best: dict[tuple[Topic, str, Effect], _Hit] = {}
    for hit in hits:
        if hit.mark is MarkKind.STRUCK and _kind(hit, section, rules) in moved:
            continue  # struck here and put back there in one section: reworded, not repealed
        key = (hit.topic, hit.rule.rule.subtopic, hit.effect)
        held = best.get(key)
        if held is None or _rank(hit) < _rank(held):
            best[key] = hit
    flags = [_flag(hit, section, text, rules) for hit in sorted(best.values(), key=_rank)]
    return [flag for n, flag in enumerate(flags) if not any(_says_the_same(flag, other) for other in flags[:n])]


def _kind(hit: _Hit, section: Section, rules: Ruleset) -> tuple[Topic, str]:
    """What moves: to strike the seller's offence and insert the buyer's is no rewording."""
    rule = hit.rule.rule
    if rule.subtopic != BY_WORDS or rule.struck is None:
        return rule.topic, ""
    return rule.topic, rules.subtopic(rule.topic, section.marked_words(hit.start))


def _rank(hit: _Hit) -> tuple[float, int, str]:
    """The surest first; of equals, the first in the text."""
    return -hit.rule.rule.score, hit.start, hit.rule.rule.id


def _says_the_same(flag: Flag, surer: Flag) -> bool:
    overlap = flag.start < surer.end and surer.start < flag.end
    return overlap and (flag.topic, flag.effect) == (surer.topic, surer.effect)
