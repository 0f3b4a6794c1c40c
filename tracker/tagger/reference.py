"""Rule files and measured facts to a page that a lawyer can read: what each rule looks for, how often it fires."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from tracker import wire
from tracker.errors import ConfigError
from tracker.model import TOPIC_NAMES, Topic, effect_name
from tracker.tagger.calibration import Calibration, render_calibration
from tracker.tagger.rules import RULES, TERMS_FILE, Rule, Ruleset
from tracker.tagger.spoken import spoken_list

Row = Mapping[str, Any]
T = TypeVar("T")
COUNTS_FILE, CALIBRATION_FILE = "rule-counts.json", "rule-calibration.json"  # measured facts, beside the page

# What a rule says beside its own words, as sentences; a field that is not here is shown as it is written.
QUIET = ("id", "topic", "subtopic", "note", "score", "effect", "examples", "counterexamples", "within", "unless_within",
         "scope")  # fmt: skip
TELLS: dict[str, Callable[[Row], str]] = {
    "anchors": lambda r: f"Looks for {spoken_list(r['anchors'])}.",
    "near": lambda r: f"Near it, {_reach(r, r.get('within', 40))}, must stand one of {spoken_list(r['near'])}.",
    "also": lambda r: f"And, {_reach(r, 3 * r.get('within', 40))}, one of {spoken_list(r['also'])}.",
    "unless": lambda r: f"Not if {_reach(r, r.get('unless_within', 30))} stands one of {spoken_list(r['unless'])}.",
    "requires": lambda r: f"The section must also hold one of {spoken_list(r['requires'])}.",
    "excludes": lambda r: f"Not in a section that holds one of {spoken_list(r['excludes'])}.",
    "heading": lambda r: f"The section's heading must hold one of {spoken_list(r['heading'])}.",
    "mentions": lambda r: f"Only where a section holds {r['mentions']} such places.",
    "mark": lambda r: f"Only in words that are {r['mark']}.",
    "struck": lambda r: f"Where the bill strikes these words from the law, it means {_other(r['struck'])}.",
    "jurisdictions": lambda r: f"Only in {', '.join(r['jurisdictions'])}.",
    "allow": lambda r: f"Holds also in {', '.join(r['allow'])}.",
    "listed": lambda r: "May stand in a list of offences." if r["listed"] else "",
    "subject": lambda r: "One short item among many is a mention, not a flag." if r["subject"] else "",
    "named": lambda r: "May be part of an Act's name." if r["named"] else "",
    "binding": lambda r: "Acts even in a report or resolution." if r["binding"] else "",
}


@dataclass(frozen=True, slots=True)
class Count:
    """How often the rules fired over one corpus. `rules`: id to (flags, texts with such a flag), 0 included."""

    name: str
    what: str  # in words: "3,000 random bills without topic words"
    ruleset: str
    texts: int
    flagged: int  # texts with any flag
    rules: dict[str, tuple[int, int]]


def read_rows(folder: Path | None = None) -> dict[str, Row]:
    """Rule id to its table as written, terms not expanded; `""` holds the terms. Raises ConfigError."""
    rows: dict[str, Row] = {"": {}}
    for path in sorted((folder or RULES).glob("*.toml")):
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
            raise ConfigError(f"expected TOML in {path.name}; got {wrong}") from None
        if path.name == TERMS_FILE:
            rows[""] = table.get("terms", {})
        rows |= {row["id"]: row for row in table.get("rule", ()) if "id" in row}
    return rows


def read_counts(folder: Path) -> tuple[Count, ...]:
    """What was counted last, in the order of the file; () if nothing was. Raises ConfigError."""
    return _facts(folder / COUNTS_FILE, tuple[Count, ...]) or ()


def write_counts(folder: Path, counts: Iterable[Count]) -> None:
    """A line for each corpus, so that a change shows as what it is."""
    lines = (msgspec.json.encode(count, order="deterministic").decode() for count in counts)
    (folder / COUNTS_FILE).write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


def read_calibration(folder: Path) -> Calibration | None:
    return _facts(folder / CALIBRATION_FILE, Calibration)


def write_calibration(folder: Path, measured: Calibration) -> None:
    body = msgspec.json.format(msgspec.json.encode(measured, order="deterministic"), indent=1)
    (folder / CALIBRATION_FILE).write_bytes(body + b"\n")


def _facts(path: Path, kind: type[T]) -> T | None:
    if not path.exists():
        return None
    try:
        return wire.decode(path.read_bytes(), kind)
    except ValueError as wrong:
        raise ConfigError(f"expected facts as `billwatch rules` writes them in {path}; got {wrong}") from None


def told(row: Row) -> list[str]:
    """The conditions of one rule, a sentence each."""
    fields = [*TELLS, *(name for name in row if name not in TELLS and name not in QUIET)]
    sentences = (TELLS[name](row) if name in TELLS else f"`{name}`: {row[name]}." for name in fields if name in row)
    return [sentence for sentence in sentences if sentence]


def render(rules: Ruleset, rows: Mapping[str, Row], counts: Iterable[Count] = (),
           calibration: Calibration | None = None) -> str:  # fmt: skip
    """The reference page in Markdown. Equal rule files and facts give an equal page."""
    counts = tuple(count for count in counts if count.texts)
    return "\n".join([*_head(rules, counts), *_contents(rules), *_topics(rules, rows, counts), *_terms(rows[""]),
                      *_reliability(rules, calibration)]) + "\n"  # fmt: skip


# --- parts of the page ------------------------------------------------------------------------------------------------


def _head(rules: Ruleset, counts: tuple[Count, ...]) -> Iterator[str]:
    yield "# The rules of the tagger"
    yield ""
    yield ("This page is generated from the rule files (`billwatch rules reference`); do not edit it. Each rule is a "
           "general statement about the language of laws; none names a document. [How the tagger reads a text]"
           "(tagger.md).")  # fmt: skip
    yield ""
    yield (f"Ruleset `{rules.version}`: {len(rules.rules)} rules. In the words below `…` stands for any words or any "
           "ending, `[ ]` for what may be missing, `a/b` for one or the other, `#` for a number, `‹name›` for a term "
           "of the [last section](#terms). The numbers after a corpus say how many flags a rule raised, in how many "
           "texts.")  # fmt: skip
    yield ""
    if not counts:
        yield "No corpus was counted yet."
        yield ""
        return
    yield "| corpus | texts | texts with a flag | flags | ruleset |"
    yield "|---|---:|---:|---:|---|"
    for c in counts:
        age = "this one" if c.ruleset == rules.version else f"`{c.ruleset}`, an older one"
        flags = sum(n for n, _ in c.rules.values())
        yield f"| {c.name}: {c.what} | {c.texts:,} | {c.flagged:,} | {flags:,} | {age} |"
    yield ""
    if any(c.ruleset != rules.version for c in counts):
        yield ("The counts of an older ruleset tell how often a rule fired before the last change of the rule files; "
               "`–` stands where it did not exist yet.")  # fmt: skip
        yield ""


def _contents(rules: Ruleset) -> Iterator[str]:
    for topic in Topic:
        mine = [rule for rule in rules.rules if rule.topic is topic]
        if mine:
            yield f"- [{TOPIC_NAMES[topic]}](#{topic}): " + ", ".join(f"[{_short(r)}](#{_anchor(r)})" for r in mine)
    yield ""


def _topics(rules: Ruleset, rows: Mapping[str, Row], counts: tuple[Count, ...]) -> Iterator[str]:
    for topic in Topic:
        mine = [rule for rule in rules.rules if rule.topic is topic]
        if not mine:
            continue
        yield f'<a id="{topic}"></a>'
        yield f"## {TOPIC_NAMES[topic]}"
        yield ""
        for rule in mine:
            yield from _rule(rule, rows[rule.id], counts)


def _rule(rule: Rule, row: Row, counts: tuple[Count, ...]) -> Iterator[str]:
    yield f'<a id="{_anchor(rule)}"></a>'
    yield f"### {_plain(_short(rule))}"
    yield ""
    yield f"{_plain(rule.note)}"
    yield ""
    yield f"`{rule.id}`: {effect_name(rule.effect, rule.topic)}; score {rule.score:.2f}, subtopic {rule.subtopic}."
    yield from (f"- {_plain(sentence)}" for sentence in told(row))
    yield from (f"- Flags: {_example(example, rule.topic)}" for example in row.get("examples", ()))
    yield from (f"- Does not: {_example(example, rule.topic)}" for example in row.get("counterexamples", ()))
    if counts:
        yield f"- Fired: {'; '.join(_fired(rule, c) for c in counts)}."
    yield ""


def _fired(rule: Rule, count: Count) -> str:
    if rule.id not in count.rules:  # there was no such rule when it was counted
        return f"{count.name} –"
    flags, texts = count.rules[rule.id]
    return f"{count.name} {flags:,} in {texts:,}" if flags else f"{count.name} 0"


def _example(example: str | Row, topic: Topic) -> str:
    if isinstance(example, str):
        return f"“{_plain(_line(example))}”"
    marks = "; ".join(f"{name} words: “{_plain(_line(example[name]))}”" for name in ("struck", "inserted")
                      if name in example)  # fmt: skip
    does = effect_name(example["effect"], example.get("topic", topic)) if "effect" in example else ""
    beside = "; ".join(part for part in (marks, does, example.get("jurisdiction", "")) if part)
    return f"“{_plain(_line(example['text']))}”" + (f" ({beside})" if beside else "")


def _terms(terms: Row) -> Iterator[str]:
    yield '<a id="terms"></a>'
    yield "## Terms"
    yield ""
    yield "Words of the field that many rules share; a new word of the field goes in here, once."
    yield ""
    for name, value in terms.items():
        yield f"- ‹{name}›: {_plain(spoken_list([value] if isinstance(value, str) else value))}"
    yield ""


def _reliability(rules: Ruleset, calibration: Calibration | None) -> Iterator[str]:
    yield "## How far a score can be trusted"
    yield ""
    if calibration is None:
        yield "Not measured yet."
        return
    yield from render_calibration(calibration, rules.version)


# --- words ------------------------------------------------------------------------------------------------------------


def _reach(row: Row, words: int) -> str:
    return f"within {words} words in the same {row.get('scope', 'sentence')}"


def _other(written: str) -> str:
    topic, _, effect = written.partition(":")
    return f"{TOPIC_NAMES[Topic(topic)]}, {effect_name(effect, topic)}"


def _short(rule: Rule) -> str:
    return rule.id.removeprefix(f"{rule.topic}/")


def _anchor(rule: Rule) -> str:
    return rule.id.replace("/", "-")


def _line(words: str) -> str:
    return " ".join(words.split())


def _plain(words: str) -> str:
    """No character of a law is markup."""
    for char in "\\*_<>[]`|#":
        words = words.replace(char, f"\\{char}")
    return words.replace("](", "]\\(")  # not even to a reader who looks for links by their brackets
