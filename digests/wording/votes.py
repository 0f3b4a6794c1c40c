"""How a vote went, to plain words: "passed 57 to 40, 2 excused", in the language of who reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from digests.speech import ENGLISH, Speech
from tracker.model import VoteEvent, VoteOption

Counts = Mapping[str, int]  # option -> how many; what is not in it was not told

_OTHERS: dict[VoteOption, Callable[[Speech, int], str]] = {
    VoteOption.YES: lambda speech, n: speech.ngettext("{number} yes", "{number} yes", n),
    VoteOption.NO: lambda speech, n: speech.ngettext("{number} no", "{number} no", n),
    VoteOption.ABSTAIN: lambda speech, n: speech.ngettext("{number} abstained", "{number} abstained", n),
    VoteOption.NOT_VOTING: lambda speech, n: speech.ngettext("{number} not voting", "{number} not voting", n),
    VoteOption.PAIRED: lambda speech, n: speech.ngettext("{number} paired", "{number} paired", n),
    VoteOption.EXCUSED: lambda speech, n: speech.ngettext("{number} excused", "{number} excused", n),
    VoteOption.ABSENT: lambda speech, n: speech.ngettext("{number} absent", "{number} absent", n),
    VoteOption.OTHER: lambda speech, n: speech.ngettext("{number} other vote", "{number} other votes", n),
}


def vote_outcome(vote: VoteEvent, speech: Speech = ENGLISH) -> str:
    return outcome(vote.passed, {count.option.value: count.value for count in vote.counts or ()}, speech)


def outcome(passed: bool | None, counts: Counts, speech: Speech = ENGLISH) -> str:
    """Empty if neither the outcome nor a count is known. Of options that nobody took only yes and no are told."""
    yes, no = counts.get(VoteOption.YES), counts.get(VoteOption.NO)
    if yes is None or no is None:
        head = "" if passed is None else speech._("passed") if passed else speech._("not passed")
        told: tuple[VoteOption, ...] = (VoteOption.YES, VoteOption.NO)
    else:
        said = {"yes": speech.number(yes), "no": speech.number(no)}
        head = (speech._("{yes} to {no}", **said) if passed is None else speech._("passed {yes} to {no}", **said)
                if passed else speech._("failed {yes} to {no}", **said))
        told = ()
    rest = [_OTHERS[option](speech, counts[option]) for option in VoteOption
            if counts.get(option) and (option in told or option not in (VoteOption.YES, VoteOption.NO))]
    return ", ".join(filter(None, (head, *rest)))
