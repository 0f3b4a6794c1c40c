"""Flags and what people decided about them to reviewed flags. Pure: keys, who is right, what is asked first."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from tracker.model import Decision, Effect, Finding, Flag, MarkedText, Review, ReviewVerdict, Topic

# A sentence ends at its mark before a capital, at a line that ends in a mark, at an empty line. Provisions start one.
_END = re.compile(r"[.!?][\"'”’)\]]*[ \t]+(?=(?:\([0-9A-Za-z]{1,5}\)[ \t]?){0,4}[\"'“‘(\[]*[A-Z§])|"
                  r"[.;:!?][\"'”’)\]]*[ \t]*\n|\n[ \t]*\n")
_ABBREVIATED = re.compile(r"(?:\b(?:secs?|nos?|pub|pt|stat|art|subd|subsec|ch|inc|st|mr|mrs|ms|dr|para|seq|cl|rev|comp|"
                          r"ann|gen|tit|div)|\b[a-z])$", re.I)
_ENUMERATORS = re.compile(r"^\W*(?:\([0-9A-Za-z]{1,5}\)\s*)+")  # a paragraph renumbered says the same
_OPENS = re.compile(r"(?:[—–―:]|--?|\b(?:amended(?: by)?|as follows|the following)[.,;]?)[\s\"“‘(\[]*$", re.I)
REACH = 3_000  # characters looked at on each side of a quote: a "sentence" that is longer is a table or an attack
FEW = 4  # words: "is repealed" alone could be anywhere
DEEP = 8  # openings above one another: "is amended", "in subsection (g)", "by adding the following"

OVER = ("became-law", "adopted", "failed", "died", "vetoed", "withdrawn")  # stages after which nobody can act in time

VERDICT_WORDS = {ReviewVerdict.CONFIRM: "confirmed", ReviewVerdict.REJECT: "rejected",
                 ReviewVerdict.CORRECT: "corrected", ReviewVerdict.WITHDRAW: "taken back"}

Key = tuple[Topic, Effect, str]


def words_of(text: MarkedText, flag: Flag) -> str:
    """What a decision rests on: the sentence that holds most of the quote, folded, after the openings it hangs on.

    "(1) by striking subsection (f);" says nothing without "The Lantern Act is amended—" above it. It outlives another
    rule that quotes a word more or less, other line breaks, capitals and punctuation, and whatever changes around it.
    It does not outlive another word within it: then the flag is a new question.
    """
    start, words = _sentence_of(text, flag)
    return ": ".join([*_openings(text, start), words])


def sentence_of(text: MarkedText, flag: Flag) -> str:
    """`words_of` without openings: what decisions rested on until database revision 0005."""
    return _sentence_of(text, flag)[1]


def _sentence_of(text: MarkedText, flag: Flag) -> tuple[int, str]:
    start, end = _sentence(text, flag.start, flag.end)
    words = _said_in(text.text[start:end])
    return start, words if words.count(" ") >= FEW - 1 else fold(flag.quote)


def fold(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _said_in(text: str) -> str:
    return fold(_ENUMERATORS.sub("", text))


def _sentence(text: MarkedText, start: int, end: int) -> tuple[int, int]:
    low, high = max(0, start - REACH), min(len(text.text), end + REACH)
    first = bisect_left(text.provisions, low, key=lambda p: p.start)
    last = bisect_right(text.provisions, high, key=lambda p: p.start)
    edges = sorted({low, high, *(p.start for p in text.provisions[first:last]), *_ends(text.text, low, high)})
    held = [(min(b, end) - max(a, start), -a, a, b) for a, b in pairwise(edges)
            if a < end and b > start]
    if not held:
        return start, end
    _, _, a, b = max(held)
    cut_off = (a == low and low > 0) or (b == high and high < len(text.text))
    return (start, end) if cut_off else (a, b)


def _ends(text: str, low: int, high: int) -> list[int]:
    """Where sentences end between the two."""
    window = text[low:high]
    return [low + found.end() for found in _END.finditer(window) if not (
        window[found.start()] == "." and _ABBREVIATED.search(window, max(0, found.start() - 8), found.start()))]


def _openings(text: MarkedText, at: int) -> list[str]:
    """Folded, the outermost first: sentences that end in a dash or a colon (or in "as follows") before what begins
    at `at`, and before the provisions around it."""
    found: list[str] = []
    for _ in range(DEEP):
        index = bisect_left(text.provisions, at, key=lambda p: p.start)
        begins = index < len(text.provisions) and text.provisions[index].start == at
        parent = text.provisions[index].parent if begins else None
        if begins and parent is None:  # a section hangs on nothing but the enacting clause
            break
        if parent is None:
            low, end = text.provisions[index - 1].start if index else 0, at
        else:
            low, end = text.provisions[parent].start, text.provisions[parent + 1].start  # up to its first child
        opening, start = _opening(text.text, low, end)
        if opening:
            found.append(opening)
        elif parent is None:
            break
        at = start if parent is None else low
    return found[::-1]


def _opening(text: str, low: int, end: int) -> tuple[str, int]:
    """The last sentence between the two, folded, and where it starts; "" if nothing hangs on it."""
    near = max(low, end - REACH)
    end = near + len(text[near:end].rstrip())
    if not _OPENS.search(text[max(near, end - 80):end]):
        return "", near
    ends = _ends(text, near, end)
    if not ends and near > low:  # longer than a sentence can be
        return "", near
    start = ends[-1] if ends else low
    return _said_in(text[start:end]), start


def key_of(bill_id: str, topic: Topic, effect: Effect, words: str) -> str:
    """The address of a flag at the desk, equal in every version that says the same: 32 hex characters.

    Neither the rule nor its subtopic is part of it, so that it outlives a better rule.
    """
    content = f"{bill_id}|{topic}|{effect}|{words}"
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def key_of_flag(bill_id: str, flag: Flag, text: MarkedText) -> str:
    flag = as_tagged(flag)
    return key_of(bill_id, flag.topic, flag.effect, words_of(text, flag))


def key_of_decision(decision: Decision) -> str:
    return key_of(decision.bill_id, decision.flag.topic, decision.flag.effect, decision.words)


# --- what is in force -------------------------------------------------------------------------------------------------


def in_force(decisions: Iterable[Decision]) -> dict[str, Decision]:
    """By key, the last word of each; what was withdrawn is out. `decisions` in the order in which they were made."""
    last = {key_of_decision(d): d for d in decisions}
    return {key: d for key, d in last.items() if d.verdict is not ReviewVerdict.WITHDRAW}


def repeats(decisions: Sequence[Decision], new: Decision) -> bool:
    """The same person says the same thing of the same words again."""
    before = [d for d in decisions if key_of_decision(d) == key_of_decision(new)]
    if not before:
        return new.verdict is ReviewVerdict.WITHDRAW
    return _said(before[-1]) == _said(new)


def changes_nothing(decisions: Sequence[Decision], new: Decision) -> bool:
    """Somebody else says it too, or gives another reason: kept, but no event."""
    before = in_force(decisions).get(key_of_decision(new))
    if new.verdict is ReviewVerdict.WITHDRAW:
        return before is None
    return before is not None and (before.verdict, before.corrected) == (new.verdict, new.corrected)


def _said(decision: Decision) -> tuple[object, ...]:
    return decision.verdict, decision.corrected, decision.reason, decision.by


def apply_decisions(flags: Sequence[Flag], decisions: Iterable[Decision], text: MarkedText) -> tuple[Flag, ...]:
    """Flags of one text of a bill, under all decisions ever made on that bill, oldest first.

    All of them come back, in their order, each with its `review`; the rejected ones too, which must be stored but not
    shown (`shown`). Flags that carry a review are taken back to what their rule said first, so twice is once.
    """
    tagged = [as_tagged(flag) for flag in flags]
    ruled: dict[Key, Decision] = {}
    implied: set[Key] = set()
    for d in in_force(decisions).values():
        ruled[d.flag.topic, d.flag.effect, d.words] = d
        if d.corrected:  # a better rule that says what the reader said is right
            implied.add((d.corrected.topic, d.corrected.effect, d.words))
    if not ruled:
        return tuple(tagged)
    keys = [(flag.topic, flag.effect, words_of(text, flag)) for flag in tagged]
    taken = {key for key in keys if key not in ruled or ruled[key].verdict is ReviewVerdict.CONFIRM}
    return tuple(_reviewed(flag, key, ruled.get(key), key in implied, taken)
                 for flag, key in zip(tagged, keys, strict=True))


def _reviewed(flag: Flag, key: Key, decision: Decision | None, implied: bool, taken: set[Key]) -> Flag:
    """`taken`: what other flags of the text say by themselves; a correction to that would only say it twice."""
    was = finding_of(flag)
    if decision is None:
        return replace(flag, review=Review(ReviewVerdict.CONFIRM, was, flag.rule)) if implied else flag
    if decision.verdict is not ReviewVerdict.CORRECT or decision.corrected is None:
        return replace(flag, review=Review(decision.verdict, was, flag.rule))
    to = decision.corrected
    if (to.topic, to.effect, key[2]) in taken:
        return replace(flag, review=Review(ReviewVerdict.REJECT, was, flag.rule))
    return replace(flag, topic=to.topic, effect=to.effect, subtopic=to.subtopic, rule="review",
                   review=Review(ReviewVerdict.CORRECT, was, flag.rule))


def as_tagged(flag: Flag) -> Flag:
    """The flag as its rule raised it."""
    if flag.review is None:
        return flag
    was = flag.review.was
    return replace(flag, topic=was.topic, effect=was.effect, subtopic=was.subtopic, rule=flag.review.rule, review=None)


def finding_of(flag: Flag) -> Finding:
    return Finding(flag.topic, flag.effect, flag.subtopic)


def is_withheld(flag: Flag) -> bool:
    return flag.review is not None and flag.review.verdict is ReviewVerdict.REJECT


def shown(flags: Sequence[Flag]) -> tuple[Flag, ...]:
    """What may leave the desk."""
    return tuple(flag for flag in flags if not is_withheld(flag))


def withheld(flags: Sequence[Flag]) -> tuple[Flag, ...]:
    return tuple(flag for flag in flags if is_withheld(flag))


# --- what is asked first ----------------------------------------------------------------------------------------------


def doubt(score: float) -> float:
    """0 (surely right, or surely wrong) to 1 (could be either): the queue asks the greatest doubt first."""
    return 1.0 - abs(2.0 * min(1.0, max(0.0, score)) - 1.0)
