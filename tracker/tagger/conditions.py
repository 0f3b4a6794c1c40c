"""One anchor in its section to a yes or no, with the reason: proximity in words, place, negation, lists, marks."""

from __future__ import annotations

import re
from typing import Any

from tracker.model import MarkKind
from tracker.tagger.patterns import exact
from tracker.tagger.rules import Compiled
from tracker.tagger.sections import Section

# Places that mention and do not act, whatever the rule says.
_OFFENCES = exact(
    rb"\b(?:neglect|coercion|abuse|murder|manslaughter|homicide|kidnap\w*|abduction|robbery|arson|burglary|rape|"
    rb"sexual assault|sexual abuse|"
    rb"criminal sexual conduct|child abuse|elder abuse|domestic violence|dating violence|stalking|extortion|bribery|"
    rb"assault|battery|larceny|theft|fraud|counterfeit\w*|money laundering|terroris\w+|drug trafficking|"
    rb"racketeering|embezzlement|forgery|carjacking|weapons?|firearms?|narcotics|smuggling|hate crimes?|genocide|"
    rb"child pornography|incest|sodomy|gambling|obscenity|harassment|intimidation|organi[sz]ed crime|cybercrime|"
    rb"tortur\w+|cruelty to animals|pandering|gang members?|(?:drug|arms|weapons) (?:traffickers?|smuggl\w+)|"
    rb"violent (?:criminals?|crimes?|offen[cs]es?)|sex(?:ual)? offen[cs]es?|"
    rb"(?:family|domestic|dating|gender-based|sexual|criminal|community) violence|organi[sz]ed retail crime|"
    rb"sexual exploitation|child exploitation|indecent exposure|voyeurism|sexual misconduct|money launderers|"
    rb"corruption|illegal immigration|alien smuggling|piracy)\b")  # fmt: skip
# "section 279.01 (trafficking in persons), section 279.02 (...)": offences listed by number.
_BY_NUMBER = exact(
    rb"(?-i:\b(?:sub)?section \d[\w.]{0,9}(?:\([\d.]{1,4}\))? \(|\(relating to |"
    rb"\bviolation (?:of|punishable under) section \d|"
    rb"\w \((?:Sections?|\xa7+|ORS|RCW|R\.?S\.?) ?\d[\w.\-]{0,14}|"
    rb"\b(?:as|described|defined|provided) (?:defined |described )?in (?:ORS|RCW|section) \d)")  # fmt: skip
_LIST_OPENS = re.compile(rb"\bprior convictions?\b[^.]{0,80}[:-]$|\b(?:following|enumerated)(?: \w+){0,3} "
                         rb"(?:offen[cs]es|crimes|misdemeanors|felonies|violations|convictions)\b[^.]{0,160}[:-]$",
                         re.I)  # fmt: skip
_UNDER = exact(rb"(?-i:\b(?:under|in|of) (?:Subs|S)ection \d[\d\-a-z.]{3,})")
_CAPTION = re.compile(rb"\b(?:shall|must|may|is|are|be|who|whoever|was|were|has|have|will|would|to|means|knowingly)\b|"
                      rb"[.;:,\-]\s*$", re.I)
LONGEST_CAPTION = 160  # characters
# "Trafficking Victims Protection Act", "Human Trafficking Prevention Fund": the name of a thing, not the thing.
_IN_NAME = re.compile(rb"(?:[ ,]{1,2}(?:\(?[A-Z][\w'\-]{0,20}\)?|and|of|for|the|to|in|on|against)){0,9} "
                      rb"(?:Act|Acts|Law)\b")  # fmt: skip
_INSTITUTION = re.compile(rb"\b(?:Office|Bureau|Task Force|Ambassador[- ]at[- ]Large) (?:to|for)\s+"
                          rb"Monitor(?:ing)? and\s+Combat(?:ing|ting)?\s+(?:Trafficking|Human)|"
                          rb"Trafficking\s+in\s+Persons\s+Reports?\b", re.I)
_ACT_TO = re.compile(rb"\b(?:An )?Act to amend [^.;]{0,80}\([^)]{0,60}$")
_SEPARATOR = re.compile(rb",|\n|;|\bor\b|\band\b")
_ACTS = re.compile(rb"\b(?:shall|must|may|is|are|was|be|to|by|traffick\w*|victims?|[.:])\b|[.:]", re.I)
_CLAUSE_END = re.compile(rb"[.;:\n]")
_AND_OTHERS = re.compile(rb"[^.;]{0,80},? and (?:all )?other \w+", re.I)
_INLINE = re.compile(rb"\(\w{1,4}\) [^;()]{3,220}[;.]")
INLINE_REACH = 900  # characters either side in which a list within a line is looked for
ITEM_WORDS, ITEM_REACH = 4, 140  # words of a short item; characters either side
ALSO_REACH = 3  # `also` may stand three times as far as `near`
LIST_REACH = 260  # characters either side of the anchor
LONG_INSERTION = 400  # characters; beyond it not an item is added to a list, but the list
LIST_LENGTH = 3  # different offences beside the anchor make a list


def judge(compiled: Compiled, section: Section, start: int, end: int) -> str | None:
    """Why the anchor does not count; None if it does."""
    rule = compiled.rule
    role = section.role_at(start)
    if role is not None and role not in rule.allow:
        return f"in {role}"
    mark = section.mark_at(start, end)
    if rule.mark is not None and mark is not rule.mark:
        return f"not {rule.mark}"
    if rule.verb and _is_caption(section, start, end):
        return "in a caption"
    low, high = _scope(rule.scope, section, start)
    if mark is None and section.redline and not section.marked_within(*_reach(section, start, end)):
        return "existing law"
    for pattern, words in ((compiled.near, rule.within), (compiled.also, ALSO_REACH * rule.within)):
        if pattern is None or _within(pattern, section.shadow, low, high, start, end, words, rule.named):
            continue
        if not any(pattern.search(section.shadow[a:b]) for a, b in section.chapeaus(start)):
            return "nothing near"
    if compiled.unless is not None and _within(compiled.unless, section.shadow, low, high, start, end,
                                               rule.unless_within):  # fmt: skip
        return "unless"
    if not rule.named and _is_name(section.shadow, start, end):
        return "part of a name"
    if not rule.named and _INSTITUTION.search(section.shadow, max(0, start - 70), end + 12) is not None:
        return "the name of an office or a report"
    new = mark is MarkKind.INSERTED and section.mark_length(start) > LONG_INSERTION
    if rule.mark is MarkKind.INSERTED and (new or section.marked_list(start, end, is_listed)):
        return "not an item that is added, but new matter as a whole"
    if not rule.listed and (mark is None or new):
        if any(_LIST_OPENS.search(section.shadow[a:b].rstrip()) for a, b in section.chapeaus(start)):
            return "in a list of offences"
        if is_listed(section.shadow, start, end):
            return "in a list of offences"
        if rule.subject and is_enumerated(section.shadow, start, end):
            return "one item among many"
        if rule.subject and (section.is_one_of_many(start, compiled.anchor)
                             or is_inline_item(section.shadow, start, end, compiled.anchor)):  # fmt: skip
            return "one paragraph among many"
    return None


def _is_caption(section: Section, start: int, end: int) -> bool:
    """A line without a verb and without an end: a heading tells what follows, and what follows must act itself."""
    low, high = section.sentence(start)
    low = section.shadow.rfind(b"\n", low, start) + 1 or low
    cut = section.shadow.find(b"\n", end, high)
    line = section.shadow[low : cut if cut >= 0 else high].strip()
    return len(line) < LONGEST_CAPTION and _CAPTION.search(line) is None


def _is_name(shadow: bytes, start: int, end: int) -> bool:
    if shadow[start : start + 1].isupper() and _IN_NAME.match(shadow, end):
        return True
    return _ACT_TO.search(shadow, max(0, start - 120), start) is not None


def is_listed(shadow: bytes, start: int, end: int) -> bool:
    around = shadow[max(0, start - LIST_REACH) : start] + b" | " + shadow[end : end + LIST_REACH]
    if len({m[0].lower() for m in _OFFENCES.finditer(around)}) >= LIST_LENGTH:
        return True
    return _count(_BY_NUMBER, around) >= LIST_LENGTH or _count(_UNDER, around) > LIST_LENGTH


def _count(pattern: Any, words: bytes) -> int:
    return sum(1 for _ in pattern.finditer(words))


def is_enumerated(shadow: bytes, start: int, end: int) -> bool:
    """"..., workplace safety, human trafficking, first aid, or fire": one of four or more short items in a row."""
    *before, lead = _SEPARATOR.split(shadow[max(0, start - ITEM_REACH) : start])
    rest, *after = _SEPARATOR.split(shadow[end : end + ITEM_REACH])
    if len(lead.split()) + len(rest.split()) > ITEM_WORDS + 2:
        return False  # its own item says more than a name
    if after:  # the last item ends with its clause
        after[-1] = _CLAUSE_END.split(after[-1], maxsplit=1)[0]
    items = 1 if _AND_OTHERS.match(shadow[end : end + ITEM_REACH]) is not None else 0
    for row in (reversed(before), iter(after)):
        for item in row:
            words = item.split()
            if not words:
                continue
            if len(words) > ITEM_WORDS or _ACTS.search(item):
                break
            items += 1
    return items >= LIST_LENGTH


def is_inline_item(shadow: bytes, start: int, end: int, anchor: Any) -> bool:
    """One of four or more short items that run on in a line: "(1) roads; (2) bridges; (3) ..."; the others are of
    something else."""
    low, high = max(0, start - INLINE_REACH), end + INLINE_REACH
    items = [(low + m.start(), low + m.end()) for m in _INLINE.finditer(shadow[low:high])]
    own = [(a, b) for a, b in items if a <= start and end <= b]
    others = [(a, b) for a, b in items if not a <= start < b]
    return bool(own) and len(others) >= LIST_LENGTH and not any(anchor.search(shadow[a:b]) for a, b in others)


def _scope(scope: str, section: Section, at: int) -> tuple[int, int]:
    return section.sentence(at) if scope == "sentence" else (0, len(section.shadow))


def _reach(section: Section, start: int, end: int) -> tuple[int, int]:
    low, high = section.sentence(start)
    return max(low, start - 300), min(high, end + 300)


def _within(pattern: Any, shadow: bytes, low: int, high: int, start: int, end: int, words: int,
            named: bool = False) -> bool:
    """Does `pattern` occur in [low, high) with fewer than `words` words between it and the anchor?"""
    # Words of law are 6 letters on average; 14 is a safe ceiling, so the slice is never too short.
    low, high = max(low, start - 14 * words), min(high, end + 14 * words)
    window = shadow[low:high]
    for m in pattern.finditer(window):
        a, b = m.start() + low, m.end() + low
        if not named and shadow[a : a + 1].isupper() and _IN_NAME.match(shadow, b):
            continue  # the word stands in the name of an Act
        gap = shadow[b:start] if b <= start else shadow[end:a] if a >= end else b""
        if gap.count(b" ") + gap.count(b"\n") <= words:
            return True
    return False
