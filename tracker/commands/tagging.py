"""`billwatch tag`: flag the provisions of any bill text."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from tracker.commands.output import AsJson, err, out, print_json, print_line, safe
from tracker.errors import ConfigError, TextError
from tracker.model import TOPIC_NAMES, BillContext, Flag, MarkedText, effect_name
from tracker.tagger import Ruleset, load_rules, tag
from tracker.tagger.explain import Explanation, SectionReasons, explain
from tracker.tagger.units import read_unit, tag_unit
from tracker.text import read

MEDIA_TYPES = {".xml": "text/xml", ".htm": "text/html", ".html": "text/html", ".txt": "text/plain"}


def tag_files(
    files: Annotated[list[Path] | None, typer.Argument(
        help="Bill texts: .xml (of any legislature that is read), .htm, .html or .txt.")] = None,
    jsonl: Annotated[bool, typer.Option(
        "--jsonl", help="Read units as JSON lines from standard input, write one line of flags each.")] = False,
    jurisdiction: Annotated[str, typer.Option(help="Whose law it is, e.g. us, us-wa, gb.")] = "us",
    reasons: Annotated[bool, typer.Option(
        "--explain", help="Say for each section which rule flags it, which nearly did and why not.")] = False,
    as_json: AsJson = False,
) -> None:
    """Flag the provisions of bill texts: topic, effect, and the verbatim words that prove it.

    With --jsonl each input line is {"id", "jurisdiction", "document", "title", "text", "marks"} and each output line
    {"id", "flags": [{"topic", "subtopic", "effect", "quote", "start", "end", "rule", "score"}]}, where
    text[start:end] is the quote.

    Examples:

      billwatch tag BILLS-119hr1ih.xml

      billwatch tag BILLS-119hr1ih.xml --explain

      billwatch tag --jsonl < sections.jsonl > flags.jsonl
    """
    rules = load_rules()
    if jsonl:
        _tag_lines(rules, reasons)
        return
    if not files:
        raise ConfigError("expected files to tag, or --jsonl with units on standard input; got neither")
    if reasons:
        _explain_files(files, jurisdiction, rules, as_json)
        return
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
    out.print(f"  [bold]{TOPIC_NAMES[flag.topic]}[/bold] {effect_name(flag.effect, flag.topic)}, {safe(flag.provision)}"
              f"  [dim]{flag.rule} {flag.score:.2f}[/dim]")
    out.print(f"    “{safe(' '.join(flag.quote.split()))}”")


def _explain_files(files: list[Path], jurisdiction: str, rules: Ruleset, as_json: bool) -> None:
    context = BillContext(jurisdiction)
    results = [(path, explain(_read_file(path, jurisdiction), context, rules)) for path in files]
    if as_json:
        print_json([{"file": str(path), **msgspec.to_builtins(reasons)} for path, reasons in results])
        return
    for path, reasons in results:
        print_reasons(str(path), reasons)


def _tag_file(path: Path, jurisdiction: str, rules: Ruleset) -> tuple[Flag, ...]:
    return tag(_read_file(path, jurisdiction), BillContext(jurisdiction), rules)


def _read_file(path: Path, jurisdiction: str) -> MarkedText:
    if not path.exists():
        raise ConfigError(f"{path}: there is no such file")
    media_type = MEDIA_TYPES.get(path.suffix.lower())
    if media_type is None:
        raise ConfigError(f"{path}: expected one of {', '.join(MEDIA_TYPES)}, got {path.suffix or 'no suffix'}")
    try:
        return read(path.read_bytes(), media_type, jurisdiction)
    except OSError as problem:
        raise ConfigError(f"{path} cannot be read: {problem.strerror}") from None
    except TextError as problem:
        raise TextError(f"{path}: {problem}") from None


def _tag_lines(rules: Ruleset, reasons: bool) -> None:
    """A line that is no unit is reported with its number and does not stop the others."""
    bad = 0
    for number, line in enumerate(sys.stdin.buffer, 1):
        if not line.strip():
            continue
        try:
            unit: dict[str, Any] = msgspec.json.decode(line, type=dict[str, Any])
            answer = tag_unit(unit, rules)
            if reasons:
                answer["explain"] = explain(*read_unit(unit), rules)
        except (ValueError, KeyError, TypeError, msgspec.ValidationError) as problem:
            bad += 1
            err.print(f"line {number}: expected a unit with id and text, got {type(problem).__name__}: "
                      f"{safe(str(problem))}")
            continue
        print_line(answer)
    sys.stdout.buffer.flush()
    if bad:
        raise typer.Exit(1)


# --- reasons in words -------------------------------------------------------------------------------------------------


def print_reasons(name: str, told: Explanation) -> None:
    """Section by section: flags, what nearly flagged, what was set aside."""
    flags = sum(len(section.flags) for section in told.sections)
    out.print(f"[bold]{safe(name)}[/bold]: {flags} flags")
    if not told.gate:
        out.print("  no stem of any rule occurs in it: no rule was asked")
    for section in told.sections:
        _print_section(section)
    if told.quiet:
        out.print(f"  [dim]{told.quiet} sections more hold no words of any rule[/dim]")


def _print_section(section: SectionReasons) -> None:
    out.print(f"\n[bold]{safe(section.path)}[/bold]  [dim]{safe(section.heading[:100])}[/dim]")
    if section.struck:
        out.print("  the whole section is struck: it is no longer part of the bill")
    if section.non_binding:
        out.print("  it reports, studies or states an opinion: what it says binds nobody")
    for flag in section.flags:
        print_flag(flag)
    aside: dict[tuple[str, str], list[str]] = {}
    for miss in section.near_misses:
        if miss.condition == "role":
            aside.setdefault((miss.words, miss.why), []).append(miss.rule)
        elif not miss.far:
            times = f" (and {miss.times - 1} times more)" if miss.times > 1 else ""
            words = safe(_line(miss.words))
            out.print(f"  nearly: [dim]{miss.rule}[/dim] found “{words}”{times}, but {safe(miss.why)}")
            if miss.nearly:
                out.print(f"    {safe(miss.nearly)}")
    for (words, why), rules in aside.items():
        out.print(f"  set aside: “{safe(_line(words))}”: {safe(why)} [dim]({safe(', '.join(rules))})[/dim]")
    if far := sum(miss.far for miss in section.near_misses):
        out.print(f"  [dim]{far} {'rules' if far > 1 else 'rule'} more found a word, but nothing else that they need "
                  "(--json names them)[/dim]")


def _line(words: str) -> str:
    return " ".join(words.split())
