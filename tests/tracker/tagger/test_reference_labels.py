"""The shipped rules against sections that people labelled, where those are at hand (BILLWATCH_SHARED or ../shared)."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.tracker.tagger import readings
from tracker.model import Topic
from tracker.tagger import load_rules, tag_unit

STOPWORDS = {"the", "of", "a", "to", "in", "and", "or"}


@dataclass
class Score:
    """Pairs of section and topic; those under `borderline` are left out."""

    topics: dict[str, Counter[str]] = field(default_factory=lambda: {topic.value: Counter() for topic in Topic})
    effects: int = 0  # right ones
    evidence: int = 0  # quotes that share a word with the reader's

    def total(self, what: str) -> int:
        return sum(count[what] for count in self.topics.values())

    def f1(self, topic: str | None = None) -> float:
        count = self.topics[topic] if topic else Counter({k: self.total(k) for k in ("tp", "fp", "fn")})
        return 2 * count["tp"] / (2 * count["tp"] + count["fp"] + count["fn"])

    def precision(self) -> float:
        return self.total("tp") / (self.total("tp") + self.total("fp"))

    def recall(self) -> float:
        return self.total("tp") / (self.total("tp") + self.total("fn"))


def score(units: list[dict[str, Any]]) -> Score:
    rules, result = load_rules(), Score()
    for unit in units:
        flags = tag_unit({k: unit[k] for k in ("id", "jurisdiction", "title", "text", "marks")}, rules)["flags"]
        assert all(unit["text"][f["start"] : f["end"]] == f["quote"] for f in flags)
        want = {label["topic"]: label for label in unit["labels"] if label["topic"] not in unit["borderline"]}
        got = {f["topic"] for f in flags} - set(unit["borderline"])
        for topic in got | set(want):
            result.topics[topic]["tp" if topic in got and topic in want else "fp" if topic in got else "fn"] += 1
            if topic in got and topic in want:
                mine = [f for f in flags if f["topic"] == topic]
                result.effects += any(f["effect"] == want[topic]["effect"] for f in mine)
                words = words_of(want[topic].get("evidence", "")) - STOPWORDS
                result.evidence += any(words & words_of(f["quote"]) for f in mine)
    return result


def words_of(quote: str) -> set[str]:
    return set(re.findall(r"\w+", quote.lower()))


def test_flags_agree_with_the_reference_labels(shared: Path) -> None:
    labels = shared / "gold" / "dev.jsonl"
    found = score([json.loads(line) for line in labels.read_text(encoding="utf-8").splitlines() if line.strip()])
    assert found.f1() >= 0.93, f"F1 {found.f1():.3f}"
    assert found.precision() >= 0.93
    assert found.recall() >= 0.92
    assert {topic: f1 for topic in found.topics if (f1 := found.f1(topic)) < 0.85} == {}
    assert found.effects / found.total("tp") >= 0.96
    assert found.evidence / found.total("tp") >= 0.95


def test_flags_agree_with_our_own_reading_of_congress(shared: Path) -> None:
    units = list(readings.units(shared))
    assert len(units) > 800
    found = score(units)
    assert found.precision() >= 0.9, f"precision {found.precision():.3f}"
    assert found.recall() >= 0.88, f"recall {found.recall():.3f}"
    assert found.effects / found.total("tp") >= 0.95


def test_every_topic_of_the_readings_is_one_of_ours() -> None:
    rows = readings.TABLE.read_text(encoding="utf-8").splitlines()[1:]
    topics = {label.split(":")[0] for row in rows for label in row.split("\t")[2].split()}
    assert topics <= {topic.value for topic in Topic}
