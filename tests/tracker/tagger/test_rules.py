"""Each rule's examples flag, its counterexamples do not; rule files that are wrong are refused with an address."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.errors import ConfigError
from tracker.model import BillContext, Flag, Mark, MarkedText, MarkKind
from tracker.tagger import Rule, load_rules, tag
from tracker.tagger.rules import RULES, Example
from tracker.text.plain import finish

RULESET = load_rules()
EXAMPLES = [(rule, example) for rule in RULESET.rules for example in rule.examples]
COUNTEREXAMPLES = [(rule, example) for rule in RULESET.rules for example in rule.counterexamples]


def flags_of(example: Example, rule: Rule) -> list[Flag]:
    text = finish(example.text)
    marks = []
    for words, kind in ((example.struck, MarkKind.STRUCK), (example.inserted, MarkKind.INSERTED)):
        if words is not None:
            start = example.text.index(words)
            marks.append(Mark(kind, start, start + len(words)))
    if marks:
        text = MarkedText(text.text, tuple(sorted(marks, key=lambda m: m.start)), text.provisions)
    flags = tag(text, BillContext(example.jurisdiction), RULESET)
    return [flag for flag in flags if flag.topic is rule.topic]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=lambda x: getattr(x, "id", ""))
def test_an_example_flags_its_topic(rule: Rule, example: Example) -> None:
    flags = flags_of(example, rule)
    assert flags, f"{rule.id} misses: {example.text}"
    if example.quote:
        assert any(example.quote in flag.quote for flag in flags)
    if example.effect:
        assert {flag.effect for flag in flags} == {example.effect}


@pytest.mark.parametrize(("rule", "example"), COUNTEREXAMPLES, ids=lambda x: getattr(x, "id", ""))
def test_a_counterexample_does_not(rule: Rule, example: Example) -> None:
    assert [f.rule for f in flags_of(example, rule) if f.rule == rule.id] == []


def test_every_rule_has_a_note_an_example_and_a_counterexample() -> None:
    assert [r.id for r in RULESET.rules if not (r.note and r.examples and r.counterexamples)] == []


def test_every_rule_is_named_after_its_topic() -> None:
    assert [r.id for r in RULESET.rules if not r.id.startswith(f"{r.topic}/")] == []


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
