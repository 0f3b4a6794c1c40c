"""Each rule's examples flag, its counterexamples do not; rule files that are wrong are refused with an address."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.errors import ConfigError
from tracker.tagger import Rule, load_rules
from tracker.tagger.check import Broken, check, check_counterexample, check_example
from tracker.tagger.rules import RULES, Example

RULESET = load_rules()
EXAMPLES = [(rule, example) for rule in RULESET.rules for example in rule.examples]
COUNTEREXAMPLES = [(rule, example) for rule in RULESET.rules for example in rule.counterexamples]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=lambda x: getattr(x, "id", ""))
def test_an_example_flags_its_topic(rule: Rule, example: Example) -> None:
    assert list(check_example(rule, example, RULESET)) == []


@pytest.mark.parametrize(("rule", "example"), COUNTEREXAMPLES, ids=lambda x: getattr(x, "id", ""))
def test_a_counterexample_does_not(rule: Rule, example: Example) -> None:
    assert list(check_counterexample(rule, example, RULESET)) == []


def test_every_rule_is_complete_and_named_after_its_topic() -> None:
    assert [f for f in check(RULESET) if f.broken in (Broken.INCOMPLETE, Broken.NAME)] == []


def test_equal_files_give_an_equal_version_and_changed_files_another(tmp_path: Path) -> None:
    for source in RULES.glob("*.toml"):
        (tmp_path / source.name).write_bytes(source.read_bytes())
    assert load_rules(tmp_path).version == RULESET.version
    with (tmp_path / "terms.toml").open("a") as file:
        file.write("\n# a comment\n")
    assert load_rules(tmp_path).version != RULESET.version


@pytest.mark.parametrize("body", [
    "topic = ",
    'topic = "criminalization"\nstems = ["x"]\n[[rule]]\nid = "a"\nanchors = ["("]\nsubtopic = "s"\nnote = "n"',
    'topic = "criminalization"\nstems = ["x"]\n[[rule]]\nid = "a"\nanchors = ["(a)\\\\1"]\nsubtopic = "s"\nnote = "n"',
    'topic = "criminalization"\nstems = ["x"]\n[[rule]]\nid = "a"\nanchors = ["{unknown}"]\nsubtopic = "s"\nnote = "n"',
    'topic = "no-such-topic"\nstems = ["x"]\n[[rule]]\nid = "a"\nanchors = ["x"]\nsubtopic = "s"\nnote = "n"',
    'topic = "criminalization"\nstems = ["x"]\n[[rule]]\nid = "a"\nanchor = ["x"]\nsubtopic = "s"\nnote = "n"',
])  # fmt: skip
def test_a_wrong_rule_file_is_refused_and_named(tmp_path: Path, body: str) -> None:
    (tmp_path / "wrong.toml").write_text(body)
    with pytest.raises(ConfigError, match=r"wrong\.toml|\ba\b|anchors"):
        load_rules(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="got none"):
        load_rules(tmp_path)
