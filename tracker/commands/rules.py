"""`billwatch rules`: try rules out, look them up, compare two sets over a corpus, renew the reference page."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from tracker.app import open_services
from tracker.commands.output import AsJson, err, out, print_json, safe
from tracker.corpora import Corpus, DatabaseCorpus, FileCorpus, Sample
from tracker.errors import ConfigError
from tracker.model import TOPIC_NAMES, BillContext, Flag, effect_name
from tracker.tagger import Rule, Ruleset, load_rules, tag
from tracker.tagger.calibration import Judged, calibrate, judge_flags, render_calibration
from tracker.tagger.check import Broken, Failure, check, marked
from tracker.tagger.explain import explain
from tracker.tagger.gains import Difference, Kind, Tally, differences
from tracker.tagger.reference import (
    Count,
    read_calibration,
    read_counts,
    read_rows,
    render,
    told,
    write_calibration,
    write_counts,
)
from tracker.tagger.rules import RULES

rules = typer.Typer(no_args_is_help=True, help="The rules of the tagger: test, look up, compare, measure.")

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SHIPPED, GIT = "shipped", "git:"
Folder = Annotated[Path | None, typer.Argument(help="Folder of rule files; default: those that are shipped.")]
Files = Annotated[list[Path] | None, typer.Option(
    "--corpus", "-c", help="JSON lines (.jsonl, .jsonl.xz) of units, of bills with texts, or of documents.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")]


# --- test, list, show -------------------------------------------------------------------------------------------------


@rules.command("test")
def test_rules(folder: Folder = None, as_json: AsJson = False) -> None:
    """Run every example and counterexample: the first must flag, the second must not.

    Exit status: 0 every rule keeps its word, 1 some do not, 2 the files cannot be read.

    Example:

      billwatch rules test my-rules
    """
    ruleset = load_rules(folder)
    failures = check(ruleset)
    examples = sum(len(rule.examples) + len(rule.counterexamples) for rule in ruleset.rules)
    if as_json:
        print_json({"ruleset": ruleset.version, "rules": len(ruleset.rules), "examples": examples,
                    "failures": failures})
    else:
        for failure in failures:
            _print_failure(failure, ruleset)
        kept = "all is as promised" if not failures else f"{len(failures)} promises are broken"
        out.print(f"{len(ruleset.rules)} rules, {examples} examples and counterexamples: {kept}")
    if failures:
        raise typer.Exit(1)


def _print_failure(failure: Failure, ruleset: Ruleset) -> None:
    out.print(f"[bold]{failure.rule}[/bold] {failure.broken}: {safe(failure.got)}")
    if failure.text:
        out.print(f"  “{safe(' '.join(failure.text.split()))}”")
    if failure.broken is not Broken.SILENT:
        return
    rule = next(rule for rule in ruleset.rules if rule.id == failure.rule)
    example = next(e for e in rule.examples if e.text == failure.text)
    found = [miss for section in explain(marked(example), BillContext(example.jurisdiction), ruleset).sections
             for miss in section.near_misses if miss.rule == rule.id]
    for miss in found:
        out.print(f"  found “{safe(miss.words)}”, but {miss.why}" + (f": {safe(miss.nearly)}" if miss.nearly else ""))
    if not found:
        out.print("  none of the words that the rule looks for occur in it")


@rules.command("list")
def list_rules(folder: Folder = None, as_json: AsJson = False) -> None:
    """List the rules: id, effect, score, note.

    Example:

      billwatch rules list --json
    """
    ruleset = load_rules(folder)
    if as_json:
        print_json([{"id": r.id, "topic": r.topic, "subtopic": r.subtopic, "effect": r.effect, "score": r.score,
                     "note": r.note} for r in ruleset.rules])
        return
    table = Table("rule", "effect", "score", "note")
    for rule in ruleset.rules:
        table.add_row(rule.id, effect_name(rule.effect, rule.topic), f"{rule.score:.2f}", safe(rule.note))
    out.print(table)
    out.print(f"ruleset {ruleset.version}")


@rules.command("show")
def show_rule(
    rule_id: Annotated[str, typer.Argument(help="Id of a rule, or the part after the topic.")],
    folder: Annotated[Path | None, typer.Option(help="Folder of rule files; default: those that are shipped.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say in plain words what a rule looks for, with its examples.

    Example:

      billwatch rules show decriminalization/repeal
    """
    ruleset, rows = load_rules(folder), read_rows(folder)
    found = [r for r in ruleset.rules if rule_id in (r.id, r.id.partition("/")[2])]
    if not found:
        raise ConfigError(f"there is no rule {rule_id!r}: `billwatch rules list` shows all")
    if as_json:
        print_json([{**msgspec.to_builtins(r), "told": told(rows[r.id])} for r in found])
        return
    for rule in found:
        _print_rule(rule, told(rows[rule.id]))


def _print_rule(rule: Rule, sentences: list[str]) -> None:
    out.print(f"[bold]{rule.id}[/bold]  {TOPIC_NAMES[rule.topic]}, {effect_name(rule.effect, rule.topic)}; score "
              f"{rule.score:.2f}, {safe(rule.subtopic)}")
    out.print(f"{safe(rule.note)}\n")
    for sentence in sentences:
        out.print(f"- {safe(sentence)}")
    for words, examples in (("flags", rule.examples), ("does not", rule.counterexamples)):
        for example in examples:
            out.print(f"- {words}: [dim]“{safe(' '.join(example.text.split()))}”[/dim]")


# --- two rulesets over a corpus ---------------------------------------------------------------------------------------


@rules.command("diff")
def diff_rules(
    old: Annotated[str, typer.Argument(help="Folder of rule files, `shipped`, or `git:REVISION` in a checkout.")],
    new: Annotated[str, typer.Argument(help="The same, of the rules to compare it with.")],
    corpus: Files = None,
    database: Annotated[bool, typer.Option("--database", help="All texts that this installation holds.")] = False,
    quotes: Annotated[int, typer.Option(min=0, help="So many quotes of each rule and kind.")] = 3,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Show what a change of the rules gains and loses over a corpus, with the words.

    A flag that only moved to another effect, or that quotes other words of the same place, is counted apart. Both
    sides are judged by the code of today: only the rule files differ.

    Examples:

      billwatch rules diff shipped my-rules --corpus sections.jsonl

      billwatch rules diff git:HEAD~1 shipped --database --json
    """
    with _rules_of(old) as before, _rules_of(new) as after, _corpora(corpus, database) as corpora:
        tally, found = Tally(), list[Difference]()
        for sample in _watched(corpora, quiet or as_json):
            flags = tag(sample.text, sample.context, before), tag(sample.text, sample.context, after)
            differing = differences(sample.id, *flags)
            tally.add(*flags, differing)
            found += differing
    if as_json:
        print_json({"old": before.version, "new": after.version, **_counts(tally),
                    "differences": [msgspec.to_builtins(d) for d in found]})
        return
    _print_differences(tally, found, quotes)


def _counts(tally: Tally) -> dict[str, Any]:
    return {"texts": tally.texts, "changed_texts": tally.changed, "old_flags": tally.old_flags,
            "new_flags": tally.new_flags, "kinds": dict(tally.kinds),
            "topics": {topic: dict(kinds) for topic, kinds in tally.topics.items()},
            "rules": {rule: dict(kinds) for rule, kinds in tally.rules.items()}}


def _print_differences(tally: Tally, found: list[Difference], quotes: int) -> None:
    out.print(f"{tally.texts} texts: {tally.old_flags} flags before, {tally.new_flags} after; "
              f"{tally.changed} texts with a gain, a loss or another effect")
    if not found:
        out.print("no difference")
        return
    table = Table("", *Kind)
    rows = [("all", tally.kinds), *sorted(tally.topics.items()), *sorted(tally.rules.items())]
    for name, kinds in rows:
        table.add_row(name, *(str(kinds[kind] or "") for kind in Kind))
    out.print(table)
    shown: dict[tuple[Kind, str], int] = {}
    for difference in sorted(found, key=lambda d: (list(Kind).index(d.kind), d.flag.rule, d.text)):
        nth = shown[difference.kind, difference.flag.rule] = shown.get((difference.kind, difference.flag.rule), 0) + 1
        if nth <= quotes and difference.kind is not Kind.RULE:
            _print_difference(difference)


def _print_difference(difference: Difference) -> None:
    flag, was = difference.flag, difference.old
    moved = f" (was: {effect_name(was.effect, was.topic)})" if was and was.effect is not flag.effect else ""
    out.print(f"\n[bold]{difference.kind}[/bold] {flag.rule}: {TOPIC_NAMES[flag.topic]}, "
              f"{effect_name(flag.effect, flag.topic)}{moved}, "
              f"{safe(difference.text)}, {safe(flag.provision)}")
    if difference.kind is Kind.SPAN and was:
        out.print(f"  before “{_words(was)}”")
    out.print(f"  “{_words(flag)}”")


def _words(flag: Flag) -> str:
    return safe(" ".join(flag.quote.split()))


@contextmanager
def _rules_of(name: str) -> Iterator[Ruleset]:
    if name == SHIPPED:
        yield load_rules()
    elif name.startswith(GIT):
        with tempfile.TemporaryDirectory() as folder:
            yield load_rules(_checked_out(name.removeprefix(GIT), Path(folder)))
    else:
        yield load_rules(Path(name))


def _checked_out(revision: str, folder: Path) -> Path:
    inside = RULES.relative_to(ROOT)
    if revision.startswith("-") or not (ROOT / ".git").exists():
        raise ConfigError(f"{GIT}{revision}: expected a revision, in a checkout of billwatch")
    # The developer's own git on the developer's own repository.
    done = subprocess.run(["git", "-C", str(ROOT), "archive", "--format=tar", revision, str(inside)],  # noqa: S603, S607
                          capture_output=True, check=False)
    if done.returncode:
        raise ConfigError(f"{GIT}{revision}: {done.stderr.decode(errors='replace').strip()}")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder / inside


# --- measures and the reference page ----------------------------------------------------------------------------------


@rules.command("reference")
def reference(
    target: Annotated[Path | None, typer.Option("--out", help="File to write; default: print it.")] = None,
    corpus: Files = None,
    facts: Annotated[Path, typer.Option(help="Folder of the measured facts: rule-counts.json, "
                                             "rule-calibration.json.")] = DOCS,
    quiet: Quiet = False,
) -> None:
    """Write the reference page of the rules from the rule files and what was measured.

    With --corpus the rules are counted over these files first; rule-counts.json keeps the counts, and the words in
    which it describes a corpus (`what`), so that the page can be renewed where the corpora are not at hand.

    Example:

      billwatch rules reference --out docs/rules.md --corpus sections.jsonl
    """
    ruleset = load_rules()
    if corpus and not facts.is_dir():
        raise ConfigError(f"--facts {facts}: expected a folder to keep the counts in; there is none")
    if corpus:
        known = {count.name: count for count in read_counts(facts)}
        with _corpora(corpus, database=False) as corpora:
            for each in corpora:
                before = known.get(each.name)
                known[each.name] = _count(each, before.what if before else "", ruleset, quiet)
        write_counts(facts, known.values())
    page = render(ruleset, read_rows(), read_counts(facts), read_calibration(facts))
    if target is None:
        typer.echo(page, nl=False)
        return
    try:
        target.write_text(page, encoding="utf-8")
    except OSError as problem:
        raise ConfigError(f"--out {target} cannot be written: {problem.strerror}") from None
    err.print(f"wrote {safe(str(target))}")


def _count(corpus: Corpus, what: str, ruleset: Ruleset, quiet: bool) -> Count:
    flags = dict.fromkeys((rule.id for rule in ruleset.rules), 0)
    in_texts = dict(flags)
    texts = flagged = 0
    for sample in _watched([corpus], quiet):
        found = [flag.rule for flag in tag(sample.text, sample.context, ruleset)]
        texts += 1
        flagged += bool(found)
        for rule in found:
            flags[rule] += 1
        for rule in set(found):
            in_texts[rule] += 1
    return Count(corpus.name, what, ruleset.version, texts, flagged, {r: (flags[r], in_texts[r]) for r in flags})


@rules.command("calibrate")
def calibrate_rules(
    gold: Annotated[list[Path], typer.Argument(help="Units with `labels` and `borderline`, as JSON lines.")],
    folder: Annotated[Path | None, typer.Option(help="Folder of rule files; default: those that are shipped.")] = None,
    write: Annotated[Path | None, typer.Option(help="Folder to keep the figures in, for the reference page.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Hold the scores of the rules against reference labels: suggested scores, and how far scores can be trusted.

    Example:

      billwatch rules calibrate sections.jsonl
    """
    ruleset = load_rules(folder)
    corpora = [FileCorpus(path) for path in gold]
    judged, units = list[Judged](), 0
    for sample in _watched(corpora, quiet or as_json):
        if sample.labels is None:
            raise ConfigError(f"expected units with labels; {sample.id} has none")
        units += 1
        judged += judge_flags(sample.id, tag(sample.text, sample.context, ruleset), set(sample.labels),
                              set(sample.borderline))
    measured = calibrate(judged, ruleset, ", ".join(c.name for c in corpora), units)
    if write is not None and not write.is_dir():
        raise ConfigError(f"--write {write}: expected a folder; there is none")
    if write is not None:
        write_calibration(write, measured)
    if as_json:
        print_json(measured)
    else:
        for line in render_calibration(measured, ruleset.version):
            typer.echo(line)


# --- corpora ----------------------------------------------------------------------------------------------------------


@contextmanager
def _corpora(files: list[Path] | None, database: bool) -> Iterator[list[Corpus]]:
    if not files and not database:
        raise ConfigError("expected --corpus FILE or --database: texts to try the rules on; got neither")
    with ExitStack() as stack:
        corpora: list[Corpus] = [FileCorpus(path) for path in files or ()]
        if database:
            corpora.append(DatabaseCorpus(stack.enter_context(open_services()).store))
        yield corpora


def _watched(corpora: Iterable[Corpus], quiet: bool) -> Iterator[Sample]:
    """All texts, with a bar on a terminal."""
    if quiet or not err.is_terminal:
        for corpus in corpora:
            yield from corpus
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(),
               TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        for corpus in corpora:
            task = bar.add_task(safe(corpus.name), total=corpus.total)
            for sample in corpus:
                yield sample
                bar.update(task, completed=corpus.done)
