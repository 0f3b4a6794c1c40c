"""Scores that mean what they say: measured, drawn together where labels are few, honest about it."""

from __future__ import annotations

import pytest

from tracker.model import Effect, Flag, Topic
from tracker.tagger import load_rules
from tracker.tagger.calibration import (
    Judged,
    calibrate,
    interval,
    judge_flags,
    reliability,
    render_calibration,
    suggest,
)

RULES = load_rules()
CRIME, RIGHTS = Topic.CRIMINALIZATION, Topic.WORKER_RIGHTS
[SURE, POOR, *UNSEEN] = [rule.id for rule in RULES.rules if rule.topic is CRIME]


def flag(rule: str, topic: Topic = CRIME, score: float = 0.7) -> Flag:
    return Flag(topic, Effect.ADVANCES, "Sec. 1", 0, 1, "x", rule, "1", score)


def judged(rule: str, right: int, wrong: int, score: float = 0.7) -> list[Judged]:
    return [Judged(f"{rule}-{n}", rule, CRIME, score, n < right) for n in range(right + wrong)]


def test_a_rule_counts_once_a_unit_and_borderline_topics_not_at_all() -> None:
    flags = [flag(SURE), flag(SURE), flag(POOR), flag("r", RIGHTS)]
    found = judge_flags("u", flags, {CRIME}, {RIGHTS})
    assert [(j.rule, j.right) for j in found] == [(SURE, True), (POOR, True)]


def test_a_suggested_score_follows_the_labels_and_few_labels_only_a_little() -> None:
    scores = suggest([*judged(SURE, 90, 10), *judged(POOR, 0, 1)], RULES)
    assert scores[SURE] == pytest.approx(0.9, abs=0.02)
    assert 0.3 < scores[POOR] < scores[UNSEEN[0]] < scores[SURE]


def test_without_any_label_nothing_is_known() -> None:
    assert set(suggest([], RULES).values()) == {0.5}


def test_reliability_counts_a_pair_once_with_its_surest_flag() -> None:
    pairs = [(Judged("u", "a", CRIME, 0.6, True), 0.6), (Judged("u", "b", CRIME, 0.9, True), 0.9),
             (Judged("v", "a", CRIME, 0.6, False), 0.6)]  # fmt: skip
    measured = reliability(pairs)
    assert [(b.low, b.pairs, b.right, b.mean_score) for b in measured.bins] == [(0.6, 1, 0, 0.6), (0.9, 1, 1, 0.9)]
    assert (measured.brier, measured.error) == (0.185, 0.35)


def test_a_score_that_is_true_has_no_error() -> None:
    assert reliability([(j, 0.75) for j in judged(SURE, 75, 25)]).error == 0.0


def test_held_out_scores_never_saw_the_unit_that_they_judge() -> None:
    measured = calibrate(judged(SURE, 30, 30), RULES, "gold", 60)
    learned_whole = suggest(judged(SURE, 30, 30), RULES)[SURE]
    assert measured.pairs == sum(b.pairs for b in measured.held_out.bins) == 60
    assert len({b.mean_score for b in measured.held_out.bins}) >= 1
    assert any(b.mean_score != learned_whole for b in measured.held_out.bins)


def test_the_interval_is_wide_for_few_and_holds_the_share() -> None:
    low, high = interval(3, 4)
    assert low < 0.75 < high and high - low > 0.5
    assert interval(0, 0) == (0.0, pytest.approx(0.793, abs=0.01))


def test_the_table_says_when_it_is_of_another_ruleset() -> None:
    measured = calibrate(judged(SURE, 3, 1), RULES, "gold", 4)
    assert "older ruleset" not in "\n".join(render_calibration(measured, RULES.version))
    assert "older ruleset" in "\n".join(render_calibration(measured, "another"))
