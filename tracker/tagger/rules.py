"""Rule files (TOML) -> a ruleset: patterns compiled once, one search that tells which texts deserve thought."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import re2

from tracker.errors import ConfigError
from tracker.model import Effect, MarkKind, Topic

FOLDER = Path(__file__).parent / "rules"


@dataclass(frozen=True, slots=True)
class Rule:
    """One statement about legislative language. Patterns are RE2, case does not matter, a blank is any white space.

    `anchor` finds the words; `sentence` and `section` must all be found there, `not_sentence` and `not_section` must not.
    """

    id: str
    topic: Topic
    subtopic: str | None
    effect: Effect | None  # None: by the mark of the words, struck words reverse
    anchor: Any
    sentence: tuple[Any, ...]
    section: tuple[Any, ...]
    not_sentence: tuple[Any, ...]
    not_section: tuple[Any, ...]
    mark: MarkKind | None  # only words so marked
    anywhere: bool  # also in findings, definitions and short titles
    score: float
    note: str
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ruleset:
    """`version` changes with every change of a rule file."""

    version: str
    rules: tuple[Rule, ...]
    gate: Any


_options = re2.Options()
_options.case_sensitive = False
_options.max_mem = 64 << 20


def pattern(text: str) -> Any:
    """One RE2 pattern; a blank stands for any run of white space."""
    return re2.compile(text.strip().replace(" ", r"\s+"), _options)


def load_rules(folder: Path | None = None) -> Ruleset:
    """All rule files of a folder. Raises ConfigError that names the file and the rule."""
    folder = folder or FOLDER
    digest, rules = hashlib.sha256(), []
    for path in sorted(folder.glob("*.toml")):
        data = path.read_bytes()
        digest.update(data)
        try:
            content = tomllib.loads(data.decode())
        except ValueError as problem:
            raise ConfigError(f"{path.name}: {problem}") from None
        rules += [_rule(path, Topic(path.stem), row) for row in content["rule"]]
    gate = re2.compile("|".join(f"(?:{r.anchor.pattern})" for r in rules), _options)
    return Ruleset(digest.hexdigest()[:12], tuple(rules), gate)


def _rule(path: Path, topic: Topic, row: dict[str, Any]) -> Rule:
    def patterns(name: str) -> tuple[Any, ...]:
        found = row.get(name, [])
        return tuple(pattern(text) for text in ([found] if isinstance(found, str) else found))

    try:
        effect = row.get("effect")
        return Rule(
            f"{topic}/{row['id']}", topic, row.get("subtopic"), Effect(effect) if effect else None,
            pattern("|".join(f"(?:{a})" for a in row["anchor"])), patterns("sentence"), patterns("section"),
            patterns("not_sentence"), patterns("not_section"),
            MarkKind(row["mark"]) if "mark" in row else None, bool(row.get("anywhere", False)),
            float(row.get("score", 0.7)), row["note"], tuple(row.get("examples", ())),
            tuple(row.get("counterexamples", ())))
    except (KeyError, ValueError, re2.error) as problem:
        raise ConfigError(f"{path.name}, rule {row.get('id', '?')}: {type(problem).__name__} {problem}") from None
