"""What a legislature says of a roll call, in fields or in words, to its counts by option; what cannot be so, to none.

Forms of words that were read in recorded pages: "yeas, 52; nays, 44; absent, 0" (Washington), "155 YEAS to 1 NAYS" and
"Yeas 37 - Nays 2" (Massachusetts), "Yeas = 22, Nays = 5" (Vermont), "AYES 9, NAYS 4" (South Dakota), "by the Yeas and
Nays: (2/3 required): 388 - 25, 1 Present" (Congress), "(70-4-2)" (New Jersey).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from tracker.model import Bill, VoteCount, VoteEvent, VoteOption

Counts = tuple[VoteCount, ...]

MANY = 10_000  # no chamber has as many members: a number beside "yeas" that is larger is a page or a bill
_OPTIONS = {
    "yes": VoteOption.YES, "yea": VoteOption.YES, "yeas": VoteOption.YES, "aye": VoteOption.YES,
    "ayes": VoteOption.YES, "ayewr": VoteOption.YES,  # New York: aye with reservations
    "no": VoteOption.NO, "noes": VoteOption.NO, "nay": VoteOption.NO, "nays": VoteOption.NO,
    "absent": VoteOption.ABSENT, "abs": VoteOption.ABSENT, "excused": VoteOption.EXCUSED, "exc": VoteOption.EXCUSED,
    "not voting": VoteOption.NOT_VOTING, "nv": VoteOption.NOT_VOTING, "n/v": VoteOption.NOT_VOTING,
    "present not voting": VoteOption.NOT_VOTING, "present, not voting": VoteOption.NOT_VOTING,
    "abstain": VoteOption.ABSTAIN, "abstained": VoteOption.ABSTAIN, "abstaining": VoteOption.ABSTAIN,
    "abd": VoteOption.ABSTAIN, "paired": VoteOption.PAIRED, "present": VoteOption.OTHER, "other": VoteOption.OTHER,
}
_SPOKEN = "|".join(re.escape(word) for word in sorted(_OPTIONS, key=len, reverse=True)
                   if len(word) > 3 or word in ("yea", "aye", "nay"))
_AFTER = re.compile(rf"\b({_SPOKEN})\s*(?:[:=,]|--?)?\s*(\d+)\b", re.IGNORECASE)  # yeas, 52
_BEFORE = re.compile(rf"(?<![\w#.])(?<!\d-)(\d+)\s+({_SPOKEN})\b", re.IGNORECASE)  # 155 YEAS
_YES = re.compile(r"\b(?:yeas?|ayes?)(?=\b|\d)", re.IGNORECASE)
_GLUED = re.compile(r"\b(yeas?|nays?|ayes?)(\d+)", re.IGNORECASE)
_CONGRESS = re.compile(
    r"\b(?:Yeas and Nays|Yea-Nay Vote|recorded vote|Record Vote)[:.]?\s*(?:\(\d/\d required\):\s*)?"
    r"(\d+) - (\d+)(?:, (\d+) Present)?(?![\d-])", re.IGNORECASE)
_BARE = re.compile(r"\((?:vote:? ?)?(\d+)-(\d+)(?:-(\d+))?\)\s*$", re.IGNORECASE)


def tally(told: Mapping[str, int | str | None] | Iterable[tuple[str, int | str | None]]) -> Counts | None:
    """Fields to counts: the source's name of an option -> its number, as a number or in digits. Names of one option
    (New York's AYE and AYEWR) are added; an unknown name is an option "other"; None and "" say nothing. None: no field
    says anything, or one says no number."""
    found: dict[VoteOption, int] = {}
    for name, said in told.items() if isinstance(told, Mapping) else told:
        if said is None or said == "":
            continue
        if not str(said).isascii() or not str(said).isdigit() or int(str(said)[:6]) >= MANY:
            return None
        option = _OPTIONS.get(" ".join(name.lower().split()), VoteOption.OTHER)
        found[option] = found.get(option, 0) + int(said)
    return tuple(VoteCount(option, found[option]) for option in VoteOption if option in found) or None


def heard(words: str) -> Counts | None:
    """Counts that stand in words. None: none, or of two roll calls, of which one cannot tell which is meant."""
    words = _GLUED.sub(r"\1 \2", words)  # Massachusetts, now and then: "Yeas37"
    if found := _CONGRESS.search(words):
        return tally({"yes": found[1], "no": found[2], "present": found[3]})
    pairs = [(number, name) for number, name in _BEFORE.findall(words)]
    first = _YES.search(words)
    if first and not re.search(r"(?<![\w#.])(?<!\d-)\d+\s+$", words[: first.start()]):
        pairs = [(number, name) for name, number in _AFTER.findall(words[first.start():])]
    if pairs:
        options = [_OPTIONS[name.lower()] for _, name in pairs]
        whole = VoteOption.YES in options and VoteOption.NO in options and len({*options}) == len(options)
        return tally((name, number) for number, name in pairs) if whole else None
    if found := _BARE.search(words):
        return tally({"yes": found[1], "no": found[2], "other": found[3]})
    return None


def counted(told: Mapping[str, Any] | str | None) -> Counts | None:
    """Of a line of words, or of an object among whose fields some are called as options are."""
    if isinstance(told, str) or told is None:
        return heard(told) if told else None
    return tally((name, value) for name, value in told.items() if name.lower() in _OPTIONS)


def contradicts(vote: VoteEvent) -> bool:
    """Whether a motion is said to have carried against more noes than yeas. The other way round is no contradiction:
    many motions need more than half."""
    counts = {count.option: count.value for count in vote.counts or ()}
    yes, no = counts.get(VoteOption.YES), counts.get(VoteOption.NO)
    return vote.passed is True and yes is not None and no is not None and yes < no


def settled(bill: Bill) -> tuple[Bill, int]:
    """The bill with the counts of its votes: from fields, or else from the words of the motion. Counts that contradict
    their own outcome stay words; how many did is the second part."""
    votes = [vote if vote.counts else replace(vote, counts=counted(vote.motion)) for vote in bill.votes]
    wrong = [contradicts(vote) for vote in votes]
    votes = [_raw(vote) if no_sense else vote for vote, no_sense in zip(votes, wrong, strict=True)]
    return (bill if tuple(votes) == bill.votes else replace(bill, votes=tuple(votes))), sum(wrong)


def _raw(vote: VoteEvent) -> VoteEvent:
    told = ", ".join(f"{count.option} {count.value}" for count in vote.counts or ())
    motion = vote.motion if vote.motion and heard(vote.motion) else f"{vote.motion or ''} ({told})".strip()
    return replace(vote, motion=motion, counts=None)
