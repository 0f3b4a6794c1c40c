"""Flags and reference labels to how sure each rule is: observed precision, suggested scores, a reliability table."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tracker.model import Flag, Topic
from tracker.tagger.rules import Ruleset

PRIOR = 4.0  # labels that the average rule counts for beside a rule's own
FOLDS = 5
BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
LEAST, MOST = 0.05, 0.98  # no rule is certain


@dataclass(frozen=True, slots=True)
class Judged:
    """One flag held against the labels of its unit."""

    unit: str
    rule: str
    topic: Topic
    score: float
    right: bool


@dataclass(frozen=True, slots=True)
class RuleScore:
    rule: str
    score: float  # as it stands in the rule file
    suggested: float
    right: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Pairs of unit and topic with a score in [low, high): how sure, and how often right."""

    low: float
    high: float
    pairs: int
    right: int
    mean_score: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """`brier`: mean squared error of the score; `error`: mean distance of score and precision over the bins."""

    bins: tuple[Bin, ...]
    brier: float
    error: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """`held_out`: suggested scores, each unit judged by scores that were learned without it."""

    ruleset: str
    labels: str  # names of the files of labels
    units: int
    pairs: int
    rules: tuple[RuleScore, ...]
    shipped: Reliability
    held_out: Reliability


def judge_flags(unit: str, flags: Iterable[Flag], labels: set[Topic], borderline: set[Topic]) -> list[Judged]:
    """Each rule once a unit and topic; topics on which readers could fairly differ are left out."""
    kept: dict[tuple[str, Topic], Judged] = {}
    for flag in flags:
        if flag.topic not in borderline:
            kept.setdefault((flag.rule, flag.topic), Judged(unit, flag.rule, flag.topic, flag.score,
                                                            flag.topic in labels))  # fmt: skip
    return list(kept.values())


def calibrate(judged: Sequence[Judged], rules: Ruleset, labels: str, units: int) -> Calibration:
    suggested = suggest(judged, rules)
    rows = []
    for rule in rules.rules:
        mine = [j.right for j in judged if j.rule == rule.id]
        rows.append(RuleScore(rule.id, rule.score, suggested[rule.id], sum(mine), len(mine) - sum(mine)))
    shipped = [(j, j.score) for j in judged]
    held_out = []
    for fold in range(FOLDS):
        learned = suggest([j for j in judged if _fold(j.unit) != fold], rules)
        held_out += [(j, learned[j.rule]) for j in judged if _fold(j.unit) == fold]
    pairs = len({(j.unit, j.topic) for j in judged})
    return Calibration(rules.version, labels, units, pairs, tuple(rows), reliability(shipped), reliability(held_out))


def suggest(judged: Sequence[Judged], rules: Ruleset) -> dict[str, float]:
    """Rule to score: its own precision, drawn to that of an average rule of its topic.

    A Beta prior worth `PRIOR` labels. An average is taken over rules, not over flags, and each rule counts by Laplace's
    rule of succession: a rule that was right once out of one is not certain, and one that nobody saw is as sure as the
    average small rule, not as the great one that raises most of the flags.
    """
    seen: dict[str, list[bool]] = {}
    for j in judged:
        seen.setdefault(j.rule, []).append(j.right)
    overall = _average([_laplace(right) for right in seen.values()], 0.5)
    topics = {topic: _average([_laplace(seen[r.id]) for r in rules.rules if r.topic is topic and r.id in seen], overall)
              for topic in Topic}  # fmt: skip
    return {rule.id: round(min(MOST, max(LEAST, _shrunk(seen.get(rule.id, []), topics[rule.topic]))), 2)
            for rule in rules.rules}  # fmt: skip


def _shrunk(right: Sequence[bool], prior: float) -> float:
    return (sum(right) + PRIOR * prior) / (len(right) + PRIOR)


def _laplace(right: Sequence[bool]) -> float:
    return (sum(right) + 1) / (len(right) + 2)


def _average(values: Sequence[float], prior: float) -> float:
    return (sum(values) + 2 * prior) / (len(values) + 2)


def reliability(scored: Sequence[tuple[Judged, float]]) -> Reliability:
    """A pair of unit and topic counts once, with the surest of its flags."""
    surest: dict[tuple[str, Topic], tuple[float, bool]] = {}
    for judged, score in scored:
        key = judged.unit, judged.topic
        if key not in surest or score > surest[key][0]:
            surest[key] = score, judged.right
    pairs = list(surest.values())
    bins = []
    for low, high in pairwise(BINS):
        mine = [(s, r) for s, r in pairs if low <= s < high or (s == high == 1.0)]
        if mine:
            mean = round(sum(s for s, _ in mine) / len(mine), 3)
            bins.append(Bin(low, high, len(mine), sum(r for _, r in mine), mean))
    total = max(1, len(pairs))
    brier = sum((s - r) ** 2 for s, r in pairs) / total
    error = sum(abs(b.mean_score * b.pairs - b.right) for b in bins) / total
    return Reliability(tuple(bins), round(brier, 3), round(error, 3))


def _fold(unit: str) -> int:
    return hashlib.blake2b(unit.encode(), digest_size=2).digest()[0] % FOLDS


def interval(right: int, pairs: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share: where the truth may well lie with so few labels."""
    z, n = 1.96, max(1, pairs)
    share = right / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


# --- as Markdown ------------------------------------------------------------------------------------------------------


def render_calibration(measured: Calibration, version: str) -> Iterator[str]:
    yield (f"A score says how often a flag of its rule is right. Measured on {measured.units} labelled sections "
           f"({measured.labels}), {measured.pairs} pairs of section and topic that were flagged; borderline topics are "
           "left out.")  # fmt: skip
    if measured.ruleset != version:
        yield f"The figures are of an older ruleset (`{measured.ruleset}`)."
    yield ""
    yield "Scores as they stand in the rule files:"
    yield ""
    yield from _table(measured.shipped)
    yield ""
    yield ("Scores that were learned from four fifths of the labels, on the fifth that they have not seen (each fifth "
           "in turn): the fairer figure.")  # fmt: skip
    yield ""
    yield from _table(measured.held_out)
    yield ""
    yield ("Small rules rest on few labels: their score is drawn to that of an average rule of their topic. Rules that "
           "were written while looking at these labels do better on them than on other texts.")  # fmt: skip
    yield ""
    yield "| rule | score | right | wrong | labels suggest |"
    yield "|---|---:|---:|---:|---:|"
    for row in measured.rules:
        yield f"| `{row.rule}` | {row.score:.2f} | {row.right} | {row.wrong} | {row.suggested:.2f} |"


def _table(measured: Reliability) -> Iterator[str]:
    yield "| score | pairs | mean score | right | 95 % interval |"
    yield "|---|---:|---:|---:|---|"
    for b in measured.bins:
        low, high = interval(b.right, b.pairs)
        yield (f"| {b.low:.1f} to {b.high:.1f} | {b.pairs} | {b.mean_score:.2f} | {b.right / b.pairs:.2f} "
               f"| {low:.2f} to {high:.2f} |")  # fmt: skip
    yield ""
    yield f"Brier score {measured.brier:.3f}; mean distance of score and precision {measured.error:.3f}."
