"""What a crawl counted -> its verdict: Scrapy ends with status 0 whatever happened, so the numbers must say it."""

from __future__ import annotations

from collections.abc import Mapping

from tracker.model import RunVerdict, VerdictKind


def judge(counts: Mapping[str, int], floor: int, notes: Mapping[str, str]) -> RunVerdict:
    """The gravest thing that happened, in one sentence.

    `counts`: refused, drifted, crashed, unreachable, listed, listings_failed, bills. `notes`: an example of each.
    """
    def example(name: str) -> str:
        return f", e.g. {notes[name]}" if name in notes else ""

    def seen(name: str) -> int:
        return counts.get(name, 0)

    if seen("refused"):
        return RunVerdict(VerdictKind.BLOCKED, f"the site refused {seen('refused')} requests{example('refused')}; "
                          "the crawl stopped, nothing was evaded")
    if seen("crashed") or seen("drifted"):
        odd = seen("drifted") + seen("crashed")
        return RunVerdict(VerdictKind.DRIFTED,
                          f"{odd} pages were not laid out as expected{example('crashed') or example('drifted')}")
    if seen("unreachable"):
        return RunVerdict(VerdictKind.UNREACHABLE,
                          f"{seen('unreachable')} pages gave no usable answer{example('unreachable')}")
    if seen("listed") < floor:
        return RunVerdict(VerdictKind.EMPTY, f"the listings named {seen('listed')} bills, expected at least {floor}")
    return RunVerdict(VerdictKind.OK, f"{seen('listed')} bills listed, {seen('bills')} read anew")
