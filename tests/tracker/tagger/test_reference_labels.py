"""The shipped rules against sections that people labelled, where those are at hand (BILLWATCH_SHARED or ../shared)."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tracker.tagger import load_rules, tag_unit

SHARED = Path(os.environ.get("BILLWATCH_SHARED", Path(__file__).resolve().parents[4] / "shared"))
LABELS = SHARED / "gold" / "dev.jsonl"
LEAST_F1, LEAST_PRECISION, LEAST_EFFECT, LEAST_EVIDENCE = 0.82, 0.82, 0.97, 0.89


@pytest.fixture(scope="module")
def units() -> list[dict[str, Any]]:
    if not LABELS.exists():
        pytest.skip(f"reference labels are not here: {LABELS} (set BILLWATCH_SHARED)")
    return [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines() if line.strip()]


def words_of(quote: str) -> set[str]:
    return set(re.findall(r"\w+", quote.lower()))


def test_flags_agree_with_the_reference_labels(units: list[dict[str, Any]]) -> None:
    rules = load_rules()
    count: Counter[str] = Counter()
    for unit in units:
        flags = tag_unit({k: unit[k] for k in ("id", "jurisdiction", "title", "text", "marks")}, rules)["flags"]
        assert all(unit["text"][f["start"] : f["end"]] == f["quote"] for f in flags)
        want = {label["topic"]: label for label in unit["labels"] if label["topic"] not in unit["borderline"]}
        got = {f["topic"] for f in flags} - set(unit["borderline"])
        for topic in got & set(want):
            mine = [f for f in flags if f["topic"] == topic]
            count["right effect"] += any(f["effect"] == want[topic]["effect"] for f in mine)
            words = words_of(want[topic]["evidence"]) - {"the", "of", "a", "to", "in", "and", "or"}
            count["evidence"] += any(words & words_of(f["quote"]) for f in mine)
        count["tp"] += len(got & set(want))
        count["fp"] += len(got - set(want))
        count["fn"] += len(set(want) - got)
    precision = count["tp"] / (count["tp"] + count["fp"])
    recall = count["tp"] / (count["tp"] + count["fn"])
    f1 = 2 * precision * recall / (precision + recall)
    assert f1 >= LEAST_F1, f"F1 {f1:.3f}, precision {precision:.3f}, recall {recall:.3f}"
    assert precision >= LEAST_PRECISION
    assert count["right effect"] / count["tp"] >= LEAST_EFFECT
    assert count["evidence"] / count["tp"] >= LEAST_EVIDENCE
