"""The table of subtopics."""

from __future__ import annotations

from tracker.model import Topic
from tracker.subjects import SUBTOPIC_NAMES, SUBTOPICS, SYNONYMS, topic_of
from tracker.tagger import load_rules
from tracker.tagger.rules import BY_WORDS, GENERAL


def test_every_subtopic_that_the_rules_give_can_be_chosen_and_no_other() -> None:
    rules = load_rules()
    given = {(r.topic, r.subtopic) for r in rules.rules} | {
        (topic, name) for topic, rows in rules.subtopics.items() for name, _ in rows}
    named = {(topic, key) for topic, rows in SUBTOPICS.items() for key, _ in rows}
    assert {g for g in given if g[1] not in (BY_WORDS, GENERAL)} == named


def test_every_topic_has_subtopics_and_synonyms() -> None:
    assert set(SUBTOPICS) == set(SYNONYMS) == {*Topic}
    assert topic_of("worker-rights/labour") is Topic.WORKER_RIGHTS
    assert SUBTOPIC_NAMES["worker-rights/labour"] == "Labor rights"
