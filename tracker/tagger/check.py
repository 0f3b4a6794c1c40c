"""A ruleset to the list of its broken promises: examples that stay silent, counterexamples that flag."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from tracker.model import BillContext, Flag, Mark, MarkedText, MarkKind
from tracker.tagger.engine import tag
from tracker.tagger.rules import Example, Rule, Ruleset
from tracker.text.plain import finish


class Broken(StrEnum):
    SILENT = "silent"  # an example that raises no flag of its topic
    STEM = "stem"  # an example that no stem lets through: the tagger never looks at it
    QUOTE = "quote"  # no flag quotes the words that the example names
    EFFECT = "effect"  # flags, with another effect than the example names
    FLAGS = "flags"  # a counterexample that the rule flags
    WORDS = "words"  # an example that names struck or inserted words which are not in it
    INCOMPLETE = "incomplete"  # no note, no example or no counterexample
    NAME = "name"  # an id that does not begin with its topic


@dataclass(frozen=True, slots=True)
class Failure:
    """One promise that a rule does not keep. `text` is the example's, empty where the rule itself is at fault."""

    rule: str
    broken: Broken
    text: str
    got: str  # what happened instead, in words


def check(rules: Ruleset) -> tuple[Failure, ...]:
    """All failures in the order of the rules; empty: the ruleset keeps its word. (`load_rules` refuses double ids.)"""
    return tuple(failure for rule in rules.rules for failure in check_rule(rule, rules))


def check_rule(rule: Rule, rules: Ruleset) -> Iterator[Failure]:
    missing = [name for name in ("note", "examples", "counterexamples") if not getattr(rule, name)]
    if missing:
        yield Failure(rule.id, Broken.INCOMPLETE, "", f"it has no {' and no '.join(missing)}")
    if not rule.id.startswith(f"{rule.topic}/"):
        yield Failure(rule.id, Broken.NAME, "", f"expected a name that begins with {rule.topic}/")
    for example in rule.examples:
        yield from check_example(rule, example, rules)
    for example in rule.counterexamples:
        yield from check_counterexample(rule, example, rules)


def check_example(rule: Rule, example: Example, rules: Ruleset) -> Iterator[Failure]:
    if fault := _unmarkable(example):
        yield Failure(rule.id, Broken.WORDS, example.text, fault)
        return
    flags = flags_of(example, rule, rules)
    if not flags:
        body = example.text.encode("utf-8", "replace")
        stem = rules.gate.search(body) is None
        yield Failure(rule.id, Broken.STEM if stem else Broken.SILENT, example.text,
                      "no stem of any rule file occurs in it" if stem else f"no flag of {rule.topic}")
        return
    if example.quote and not any(example.quote in flag.quote for flag in flags):
        yield Failure(rule.id, Broken.QUOTE, example.text,
                      f"expected a quote with “{example.quote}”, got “{flags[0].quote}”")
    effects = {flag.effect for flag in flags}
    if example.effect and effects != {example.effect}:
        yield Failure(rule.id, Broken.EFFECT, example.text,
                      f"expected {example.effect}, got {' and '.join(sorted(effects))}")


def check_counterexample(rule: Rule, example: Example, rules: Ruleset) -> Iterator[Failure]:
    if fault := _unmarkable(example):
        yield Failure(rule.id, Broken.WORDS, example.text, fault)
        return
    for flag in flags_of(example, rule, rules):
        if flag.rule == rule.id:
            yield Failure(rule.id, Broken.FLAGS, example.text, f"{flag.topic} {flag.effect}: “{flag.quote}”")


def flags_of(example: Example, rule: Rule, rules: Ruleset) -> list[Flag]:
    """Flags of the rule's topic; or, where striking turns it into another topic, those that rest on the rule."""
    flags = tag(marked(example), BillContext(example.jurisdiction), rules)
    return [f for f in flags if f.topic is rule.topic] or [f for f in flags if f.rule == rule.id]


def marked(example: Example) -> MarkedText:
    """The example as a reader of plain text gives it, with the words marked that it names.

    Raises ValueError if they are not in it.
    """
    text = finish(example.text)
    marks = [Mark(kind, start, start + len(words)) for words, kind in _named(example)
             for start in (text.text.index(words),)]  # fmt: skip
    if not marks:
        return text
    return MarkedText(text.text, tuple(sorted(marks, key=lambda m: m.start)), text.provisions)


def _named(example: Example) -> list[tuple[str, MarkKind]]:
    named = ((example.struck, MarkKind.STRUCK), (example.inserted, MarkKind.INSERTED))
    return [(words, kind) for words, kind in named if words is not None]


def _unmarkable(example: Example) -> str | None:
    try:
        marked(example)
    except ValueError:
        return "the words that it names as struck or inserted are not in it"
    return None
