"""Rule files to a compiled ruleset: TOML that a lawyer can read in, automata out."""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tracker.errors import ConfigError
from tracker.model import Effect, MarkKind, Topic
from tracker.tagger.citations import CITATIONS
from tracker.tagger.patterns import compile_any, compile_pattern, compile_set

RULES = Path(__file__).parent / "rules"
TERMS_FILE = "terms.toml"
ROLES = ("findings", "definitions", "short-title", "purpose", "preamble", "contents", "recital", "boilerplate", "title",
         "summary", "procedure")
SCOPES = ("sentence", "section")
BY_WORDS, GENERAL = "by-words", "general"  # a subtopic that the words around decide; and where they do not
_TERM = re.compile(r"\{([a-z][A-Za-z0-9/_.\-]*)\}")


@dataclass(frozen=True, slots=True)
class Example:
    text: str
    quote: str | None = None  # words that the flag's quote must hold
    effect: Effect | None = None
    jurisdiction: str = "us"
    struck: str | None = None  # words of `text` that are marked as struck
    inserted: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One statement on legislative language. Patterns are RE2, `{name}` stands for a term of terms.toml."""

    id: str
    topic: Topic
    subtopic: str
    note: str
    anchors: tuple[str, ...]
    changes: tuple[str, ...] = ()  # names of laws: the anchor counts where a sentence changes one of them
    by: tuple[str, ...] = ("repeal",)  # what the sentence does to it: kinds of tracker.citations.Instruction
    effect: Effect = Effect.ADVANCES
    struck: tuple[Topic, Effect] | None = None  # what it means when the anchor is struck from the law
    score: float = 0.8
    near: tuple[str, ...] = ()  # one of these within `within` words of the anchor
    also: tuple[str, ...] = ()  # and one of these
    within: int = 40
    scope: str = "sentence"  # where `near`, `also` and `unless` look
    unless: tuple[str, ...] = ()  # none of these in the scope, within `unless_within` words
    unless_within: int = 30
    requires: tuple[str, ...] = ()  # one of these anywhere in the section
    excludes: tuple[str, ...] = ()  # none of these anywhere in the section
    not_heading: tuple[str, ...] = ()  # none of these in the section's heading
    heading: tuple[str, ...] = ()  # one of these in the section's heading
    mentions: int = 1  # how often an anchor must occur in the section, outside places that only mention
    listed: bool = False  # may stand in a list of offences
    verb: bool = False
    subject: bool = False  # must be what the sentence is about: one item among four is a mention
    named: bool = False  # may be part of an Act's name
    allow: tuple[str, ...] = ()  # roles of `ROLES` in which the rule holds nevertheless
    mark: MarkKind | None = None  # the anchor must be in words that are inserted, or struck
    yields: Topic | None = None  # says nothing where the section also advances this topic
    repeals: bool = False  # the rule itself speaks of a repeal: a repeal in the sentence does not turn it round
    binding: bool = False  # acts even in a report, study or sense of Congress
    jurisdictions: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    counterexamples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A rule's automata."""

    rule: Rule
    anchor: Any
    near: Any | None
    also: Any | None
    unless: Any | None
    requires: Any | None
    excludes: Any | None
    heading: Any | None
    not_heading: Any | None
    laws: tuple[str, ...]  # normal forms of citations, with * for any words


@dataclass(frozen=True, slots=True, eq=False)
class Ruleset:
    """`version` names the content of the rule files: equal files, equal version."""

    version: str
    rules: tuple[Rule, ...]
    gate: Any = field(repr=False)  # does any topic's stem occur at all
    anchors: Any = field(repr=False)  # which rules' anchors occur
    compiled: tuple[Compiled, ...] = field(repr=False)
    subtopics: dict[Topic, tuple[tuple[str, Any], ...]] = field(default_factory=dict, repr=False)

    def subtopic(self, topic: Topic, *places: bytes) -> str:
        """The first subtopic whose words stand in the first place that has any."""
        for words in places:
            for name, pattern in self.subtopics.get(topic, ()):
                if pattern.search(words) is not None:
                    return name
        return GENERAL


def load_rules(folder: Path | None = None) -> Ruleset:
    """Read and compile all rule files of a folder, by default those that are shipped. Raises ConfigError."""
    folder = folder or RULES
    files = sorted(folder.glob("*.toml"))
    digest = hashlib.blake2b(digest_size=6)
    laws: dict[str, tuple[str, ...]] = {}
    terms: dict[str, str] = {f"cite:{name}".replace(":", "/"): pattern for name, pattern in CITATIONS.items()}
    tables: list[tuple[str, dict[str, Any]]] = []
    for path in files:
        body = path.read_bytes()
        digest.update(path.name.encode() + b"\0" + body + b"\0")
        try:
            table = tomllib.loads(body.decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
            raise ConfigError(f"expected TOML in {path.name}; got {wrong}") from None
        if path.name == TERMS_FILE:
            terms |= {name: _alternatives(value, terms) for name, value in table.get("terms", {}).items()}
            laws = {name: tuple(norms) for name, norms in table.get("laws", {}).items()}
        else:
            tables.append((path.name, table))
    for name, pattern in CITATIONS.items():
        digest.update(f"{name}={pattern}\n".encode())
    if not tables:
        raise ConfigError(f"expected rule files (*.toml) in {folder}; got none")
    stems = tuple(_expand(s, terms, name) for name, t in tables for s in t.get("stems", ()))
    rules = tuple(_rule(name, t, row, terms) for name, t in tables for row in t.get("rule", ()))
    subtopics = {Topic(t["topic"]): _subtopics(name, t["subtopic"], terms) for name, t in tables if "subtopic" in t}
    _refuse_doubles(rules)
    compiled = tuple(_compile(rule, laws) for rule in rules)
    return Ruleset(
        version=digest.hexdigest(),
        rules=rules,
        gate=compile_any(stems, "stems"),
        anchors=compile_set(tuple("|".join(f"(?:{a})" for a in r.anchors) for r in rules), "anchors"),
        compiled=compiled,
        subtopics=subtopics,
    )


def _alternatives(value: str | list[str], terms: dict[str, str]) -> str:
    parts = [value] if isinstance(value, str) else value
    return "(?:" + "|".join(_expand(p, terms, TERMS_FILE) for p in parts) + ")"


def _expand(pattern: str, terms: dict[str, str], where: str) -> str:
    def put(m: re.Match[str]) -> str:
        if m[1] not in terms:
            raise ConfigError(f"expected a term of {TERMS_FILE} in {where}; got {m[0]}")
        return terms[m[1]]

    return _TERM.sub(put, pattern)


def _rule(file: str, table: dict[str, Any], row: dict[str, Any], terms: dict[str, str]) -> Rule:
    where = f"{file}, rule {row.get('id', '?')}"
    known = set(Rule.__dataclass_fields__)
    if odd := set(row) - known:
        raise ConfigError(f"expected fields of a rule in {where}; got {', '.join(sorted(odd))}")
    try:
        topic = Topic(row.get("topic", table["topic"]))
        values: dict[str, Any] = {**row, "topic": topic, "effect": Effect(row.get("effect", "advances"))}
        for name in ("anchors", "near", "also", "unless", "requires", "excludes", "heading", "not_heading"):
            values[name] = tuple(_expand(p, terms, where) for p in row.get(name, ()))
        for name in ("allow", "jurisdictions", "changes"):
            values[name] = tuple(row.get(name, ()))
        for name in ("examples", "counterexamples"):
            values[name] = tuple(_example(e) for e in row.get(name, ()))
        if "by" in row:
            values["by"] = tuple(row["by"])
        if "struck" in row:
            other, _, effect = row["struck"].partition(":")
            values["struck"] = (Topic(other), Effect(effect))
        if "yields" in row:
            values["yields"] = Topic(row["yields"])
        if "mark" in row:
            values["mark"] = MarkKind(row["mark"])
        rule = Rule(**values)
    except (KeyError, TypeError, ValueError) as wrong:
        raise ConfigError(f"expected a rule in {where}; got {wrong}") from None
    if not rule.anchors or rule.scope not in SCOPES or set(rule.allow) - set(ROLES):
        raise ConfigError(f"expected anchors, a scope of {SCOPES} and roles of {ROLES} in {where}")
    return rule


def _subtopics(file: str, rows: list[dict[str, Any]], terms: dict[str, str]) -> tuple[tuple[str, Any], ...]:
    try:
        return tuple((row["name"], compile_any(tuple(_expand(w, terms, file) for w in row["words"]), file))
                     for row in rows)  # fmt: skip
    except (KeyError, TypeError) as wrong:
        raise ConfigError(f"expected a name and words in each [[subtopic]] of {file}; got {wrong!r}") from None


def _example(row: str | dict[str, Any]) -> Example:
    if isinstance(row, str):
        return Example(row)
    return Example(**{**row, "effect": Effect(row["effect"]) if "effect" in row else None})


def _refuse_doubles(rules: tuple[Rule, ...]) -> None:
    ids = [rule.id for rule in rules]
    if doubles := sorted({i for i in ids if ids.count(i) > 1}):
        raise ConfigError(f"expected each rule id once; got {', '.join(doubles)} twice")


def _compile(rule: Rule, laws: dict[str, tuple[str, ...]]) -> Compiled:
    if unknown := sorted(set(rule.changes) - set(laws)):
        raise ConfigError(f"expected laws of {TERMS_FILE} in {rule.id}; got {', '.join(unknown)}")

    def any_of(patterns: tuple[str, ...]) -> Any | None:
        return compile_any(patterns, rule.id)

    return Compiled(
        rule, compile_pattern("|".join(f"(?:{a})" for a in rule.anchors), rule.id), any_of(rule.near),
        any_of(rule.also), any_of(rule.unless), any_of(rule.requires), any_of(rule.excludes), any_of(rule.heading),
        any_of(rule.not_heading), tuple(norm for name in rule.changes for norm in laws[name]),
    )  # fmt: skip
