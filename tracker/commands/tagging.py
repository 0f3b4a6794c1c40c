"""`billwatch tag`: flag the provisions of any bill text."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from tracker.commands.output import AsJson, err, out, print_json, print_line, safe
from tracker.errors import ConfigError, TextError
from tracker.model import TOPIC_NAMES, BillContext, Flag
from tracker.tagger import Ruleset, load_rules, tag
from tracker.tagger.units import tag_unit
from tracker.text import read

MEDIA_TYPES = {".xml": "text/xml", ".htm": "text/html", ".html": "text/html", ".txt": "text/plain"}


def tag_files(
    files: Annotated[list[Path] | None, typer.Argument(
        help="Bill texts: .xml (bill DTD or USLM), .htm, .html or .txt.")] = None,
    jsonl: Annotated[bool, typer.Option(
        "--jsonl", help="Read units as JSON lines from standard input, write one line of flags each.")] = False,
    jurisdiction: Annotated[str, typer.Option(help="Whose law it is, e.g. us, us-wa, gb.")] = "us",
    as_json: AsJson = False,
) -> None:
    """Flag the provisions of bill texts: topic, effect, and the verbatim words that prove it.

    With --jsonl each input line is {"id", "jurisdiction", "document", "title", "text", "marks"} and each output line
    {"id", "flags": [{"topic", "subtopic", "effect", "quote", "start", "end", "rule", "score"}]}, where
    text[start:end] is the quote.

    Examples:

      billwatch tag BILLS-119hr1ih.xml

      billwatch tag --jsonl < sections.jsonl > flags.jsonl
    """
    rules = load_rules()
    if jsonl:
        _tag_lines(rules)
        return
    if not files:
        raise ConfigError("expected files to tag, or --jsonl with units on standard input; got neither")
    results = [(path, _tag_file(path, jurisdiction, rules)) for path in files]
    if as_json:
        print_json([{"file": str(path), "flags": flags} for path, flags in results])
        return
    for path, flags in results:
        out.print(f"[bold]{safe(str(path))}[/bold]: {len(flags)} flags")
        for flag in flags:
            print_flag(flag)


def print_flag(flag: Flag) -> None:
    """One flag for a person: topic, effect, where, and the words."""
    out.print(f"  [bold]{TOPIC_NAMES[flag.topic]}[/bold] {flag.effect}, {safe(flag.provision)}"
              f"  [dim]{flag.rule} {flag.score:.2f}[/dim]")
    out.print(f"    “{safe(' '.join(flag.quote.split()))}”")


def _tag_file(path: Path, jurisdiction: str, rules: Ruleset) -> tuple[Flag, ...]:
    if not path.exists():
        raise ConfigError(f"{path}: there is no such file")
    media_type = MEDIA_TYPES.get(path.suffix.lower())
    if media_type is None:
        raise ConfigError(f"{path}: expected one of {', '.join(MEDIA_TYPES)}, got {path.suffix or 'no suffix'}")
    try:
        body = path.read_bytes()
    except OSError as problem:
        raise ConfigError(f"{path} cannot be read: {problem.strerror}") from None
    try:
        marked = read(body, media_type)
    except TextError as problem:
        raise TextError(f"{path}: {problem}") from None
    return tag(marked, BillContext(jurisdiction), rules)


def _tag_lines(rules: Ruleset) -> None:
    """A line that is no unit is reported with its number and does not stop the others."""
    bad = 0
    for number, line in enumerate(sys.stdin.buffer, 1):
        if not line.strip():
            continue
        try:
            unit: dict[str, Any] = msgspec.json.decode(line, type=dict[str, Any])
            answer = tag_unit(unit, rules)
        except (ValueError, KeyError, TypeError, msgspec.ValidationError) as problem:
            bad += 1
            err.print(f"line {number}: expected a unit with id and text, got {type(problem).__name__}: "
                      f"{safe(str(problem))}")
            continue
        print_line(answer)
    sys.stdout.buffer.flush()
    if bad:
        raise typer.Exit(1)
