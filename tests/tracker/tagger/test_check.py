"""A rule that does not keep its word is told with the words that show it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.tagger import load_rules
from tracker.tagger.check import Broken, Failure, check

RULE = """
topic = "criminalization"
stems = ["lamp"]
[[rule]]
id = "{id}"
subtopic = "s"
note = "{note}"
anchors = ["lamps?"]
near = ["guilty"]
examples = [{example}]
counterexamples = [{counter}]
"""
GOOD = '"SEC. 2. LAMPS.\\nWhoever lights a lamp is guilty."'
SILENT = '"SEC. 2. LAMPS.\\nWhoever lights a lamp is praised."'


def failures(folder: Path, example: str = GOOD, counter: str = SILENT, rule_id: str = "criminalization/lamps",
             note: str = "Lamps.") -> tuple[Failure, ...]:
    (folder / "lamps.toml").write_text(RULE.format(id=rule_id, note=note, example=example, counter=counter))
    return check(load_rules(folder))


def test_a_rule_that_keeps_its_word_has_no_failure(tmp_path: Path) -> None:
    assert failures(tmp_path) == ()


@pytest.mark.parametrize(("change", "broken", "got"), [
    ({"example": SILENT}, Broken.SILENT, "no flag of criminalization"),
    ({"example": '"A torch is guilty."'}, Broken.STEM, "no stem"),
    ({"example": f'{{text = {GOOD}, effect = "reverses"}}'}, Broken.EFFECT, "expected reverses, got advances"),
    ({"example": f'{{text = {GOOD}, quote = "a torch"}}'}, Broken.QUOTE, "a torch"),
    ({"example": f'{{text = {GOOD}, struck = "a torch"}}'}, Broken.WORDS, "not in it"),
    ({"counter": f'{{text = {GOOD}, inserted = "a torch"}}'}, Broken.WORDS, "not in it"),
    ({"counter": GOOD}, Broken.FLAGS, "lights a lamp is guilty"),
    ({"counter": ""}, Broken.INCOMPLETE, "no counterexamples"),
    ({"note": ""}, Broken.INCOMPLETE, "no note"),
    ({"rule_id": "lamps"}, Broken.NAME, "criminalization/"),
])  # fmt: skip
def test_each_broken_promise_is_named(tmp_path: Path, change: dict[str, str], broken: Broken, got: str) -> None:
    [failure] = failures(tmp_path, **change)
    assert failure.broken is broken
    assert got in failure.got
