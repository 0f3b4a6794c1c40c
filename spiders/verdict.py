"""Statistics of a crawl to its verdict: Scrapy ends with success whatever happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tracker.errors import Blocked, EmptyHarvest, LayoutChanged, SourceError, Unreachable
from tracker.model import RunVerdict, VerdictKind

# A few dead pages among thousands are the site's, not the run's: they are named, stay due, and are asked again.
DEAD_PAGES, DEAD_SHARE = 2, 0.02



class QuotaSpent(SourceError):
    """The source allows no more requests today (or this month): the rest is asked later."""


# Judged in this order: a refusal explains everything that went wrong after it.
KINDS: tuple[tuple[type[SourceError], VerdictKind, str], ...] = (
    (Blocked, VerdictKind.BLOCKED, "the site refused us {count} time(s) and was left in peace"),
    (QuotaSpent, VerdictKind.LIMITED, "the source's quota of requests is used up, and the rest is asked when there is "
                                      "one again; {count} page(s) were not asked"),
    (EmptyHarvest, VerdictKind.EMPTY, "{count} listing(s) held less than they must"),
    (LayoutChanged, VerdictKind.DRIFTED, "{count} page(s) were not what they must be and were not taken in"),
    (Unreachable, VerdictKind.UNREACHABLE, "{count} page(s) gave no answer after all retries"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """The first of its kind, and how many there were."""

    count: int
    first: str


def kind_of(error: SourceError) -> VerdictKind:
    return next((kind for known, kind, _ in KINDS if isinstance(error, known)), VerdictKind.UNREACHABLE)


def judge(stats: Mapping[str, Any], floor: int) -> RunVerdict:
    """`stats` are Scrapy's with ours among them: ``problem/{kind}/count`` and ``/first``, ``listing_failed`` (kind of
    the first listing that failed), ``listed`` and ``session_closed`` (the source itself says that nothing goes on),
    ``listing_unmodified`` (a file of everything is the one that was read whole before).
    """
    problems = {kind: _problem(stats, kind) for _, kind, _ in KINDS}
    if failed := stats.get("listing_failed"):
        return _verdict(VerdictKind(failed), problems)
    if (blocked := problems[VerdictKind.BLOCKED]).count:
        return _verdict(VerdictKind.BLOCKED, problems, blocked)
    if (limited := problems[VerdictKind.LIMITED]).count:
        return _verdict(VerdictKind.LIMITED, problems, limited)
    if crashes := int(stats.get("spider_exceptions/count", 0)):
        first = stats.get("problem/crash/first", "see the crawl's log")
        return RunVerdict(VerdictKind.DRIFTED, f"{crashes} error(s) in the spider itself: {first}.")
    listed = int(stats.get("listed", 0))
    if problems[VerdictKind.EMPTY].count:
        return _verdict(VerdictKind.EMPTY, problems)
    if listed < floor and not stats.get("session_closed") and not stats.get("listing_unmodified"):
        return RunVerdict(VerdictKind.EMPTY, f"The listings name {listed} bill(s), fewer than the {floor} of a healthy "
                                             "source, and the source does not say that nothing is in session.")
    if problems[VerdictKind.DRIFTED].count:
        return _verdict(VerdictKind.DRIFTED, problems)
    dead, asked = problems[VerdictKind.UNREACHABLE], int(stats.get("asked", 0))
    if dead.count > max(DEAD_PAGES, asked * DEAD_SHARE):
        return _verdict(VerdictKind.UNREACHABLE, problems)
    return RunVerdict(VerdictKind.OK, _healthy(stats, listed, dead))


def _problem(stats: Mapping[str, Any], kind: VerdictKind) -> Problem:
    return Problem(int(stats.get(f"problem/{kind}/count", 0)), str(stats.get(f"problem/{kind}/first", "")))


def _verdict(kind: VerdictKind, problems: Mapping[VerdictKind, Problem], problem: Problem | None = None) -> RunVerdict:
    problem = problem or problems[kind]
    said = next(words for _, known, words in KINDS if known == kind).format(count=max(problem.count, 1))
    return RunVerdict(kind, f"{said[0].upper()}{said[1:]}; first: {problem.first}.")


def _healthy(stats: Mapping[str, Any], listed: int, dead: Problem) -> str:
    said = f"{listed} bills listed, {int(stats.get('bills', 0))} taken in, {int(stats.get('texts', 0))} texts"
    if dead.count:
        return f"{said}; {dead.count} page(s) gave no answer and are asked again, first: {dead.first}."
    if recovered := int(stats.get("retry/count", 0)):
        return f"{said}; {recovered} request(s) had to be repeated."
    return f"{said}."
