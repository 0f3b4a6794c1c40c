"""`billwatch search` and `billwatch reindex`: what the site finds, from the command line, and its index."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from tracker.app import Services, open_services
from tracker.commands.output import AsJson, err, out, print_json, safe, stepped
from tracker.errors import ConfigError, TooFarBack
from tracker.history.asof import read_as_of
from tracker.model import TOPIC_NAMES, Effect, effect_name
from tracker.query import canonical, parse, understood
from tracker.stage import STAGE_NAMES
from tracker.store.reindexing import CHUNK, Done, reindex
from tracker.store.search import Hit, Search, SearchPage, SearchQuery


def search(
    query: Annotated[str, typer.Argument(help="What to look for; quote it for your shell.", show_default=False)],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=200, help="Bills at most.")] = 20,
    relevant: Annotated[bool, typer.Option("--relevant", help="Best first, not newest.")] = False,
    facets: Annotated[bool, typer.Option("--facets", help="Count by legislature, topic, stage and more.")] = False,
    cursor: Annotated[str | None, typer.Option(help="`next` of the answer before, for what follows.")] = None,
    as_of: Annotated[str, typer.Option("--as-of", help="A date (its end, UTC) or a moment like 2025-06-01T12:00Z: what "
                                                       "would have been found then; none: now.",
                                       show_default=False)] = "",
    as_json: AsJson = False,
) -> None:
    """Find bills by titles, the full text of all versions, flags, dates, people and citations.

    Words must all be there, in any order. "…" is a phrase, trafficking* a beginning, OR, NOT or - and parentheses
    combine. Fields: jurisdiction:us-wa topic:platform-liability effect:reverses stage:became-law session:119
    bill:hr-1865 introduced:>2025-01-01 action:2025-03 sponsor:wagner committee:judiciary title:trafficking
    cite:"47 U.S.C. 230". With --as-of, titles, texts, flags, people and stages are those of then, newest first.

    Examples:

      billwatch search '"sex work" jurisdiction:us-ny'

      billwatch search 'cite:"47 U.S.C. 230" introduced:>2025-01-01' --facets --json

      billwatch search 'massage license' --as-of 2025-06-01
    """
    tree = parse(query)
    with open_services() as today:
        services = today.as_known(_moment(as_of, today.clock())) if as_of else today
        if as_of and relevant:
            raise ConfigError("--relevant: expected no --as-of; of a past day only the newest movement first is known")
        try:
            page = services.search.find(SearchQuery(tree, limit, cursor, relevant, facets))
        except ValueError:
            raise ConfigError("--cursor: expected `next` of an answer to the same query") from None
        except TooFarBack as problem:
            raise ConfigError(f"--as-of: {problem}") from None
        coverage = services.search.coverage()
    if as_json:
        print_json({"query": canonical(tree), "understood": understood(tree), "total": page.total, "next":
                    page.next_cursor, "ranked": page.ranked, "facets": page.facets, "not_indexed": coverage.stale,
                    "bills": [_json(hit) for hit in page.hits]})
        return
    out.print(f"Looked for: {safe(understood(tree))}")
    _print(page, services.clock())
    if coverage.stale:
        err.print(f"[yellow]{coverage.stale} of {coverage.bills} bills are not searchable yet: `billwatch reindex`"
                  "[/yellow]")


def _moment(as_of: str, now: datetime) -> datetime:
    try:
        return read_as_of(as_of, now).at
    except ValueError as problem:
        raise ConfigError(f"--as-of: {problem}") from None


def _json(hit: Hit) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(hit.row)
    return {**row, "snippets": [
        {"version": s.version, "section": s.path, "text": "".join(part for part, _ in s.parts),
         "hits": [part for part, meant in s.parts if meant]} for s in hit.snippets]}


def _print(page: SearchPage, now: datetime) -> None:
    found = "Many bills" if page.total is None else f"{page.total} bill{'' if page.total == 1 else 's'}"
    out.print(f"{found}, {'best' if page.ranked else 'newest movement'} first" if page.hits else "No bill fits.")
    for hit in page.hits:
        row = hit.row
        out.print(f"\n[bold]{safe(row.id)}[/bold]  {safe(row.title or 'No title given')}")
        step = f", {stepped(row, now)}: {safe(row.latest_action)}" if row.latest_action else ""
        out.print(f"  {STAGE_NAMES.get(row.stage, row.stage)}{step}")
        for snippet in hit.snippets:
            words = "".join(f"[reverse]{safe(part)}[/reverse]" if meant else safe(part)
                            for part, meant in snippet.parts)
            place = " ".join(filter(None, (snippet.path or "Beginning", snippet.heading)))
            before, after = "… " * snippet.cut_before, " …" * snippet.cut_after
            out.print(f"  {safe(place)}: {before}{words}{after}")
    for name, counts in page.facets.items():
        if counts:
            out.print(f"\n{name}: " + ", ".join(f"{safe(_named(name, value))} {count}" for value, count in counts[:12]))
    if page.next_cursor:
        out.print(f"\nMore: --cursor {page.next_cursor}")


def _named(facet: str, value: str) -> str:
    """What a query takes, and in brackets what it means."""
    meanings: dict[str, dict[str, str]] = {
        "topic": {t.value: name for t, name in TOPIC_NAMES.items()},
        "effect": {e.value: effect_name(e) for e in Effect}, "stage": STAGE_NAMES}
    meaning = meanings.get(facet, {}).get(value)
    return f"{value} ({meaning})" if meaning else value


def reindex_bills(
    everything: Annotated[bool, typer.Option("--all", help="Also bills that the index knows as they are.")] = False,
    chunk: Annotated[int, typer.Option(min=1, max=5_000, help="Bills a transaction.")] = CHUNK,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
) -> None:
    """Put into the search index what is not in it yet.

    What crawls bring is indexed as it comes. This is for bills from before the index was there, or after an upgrade
    changed what is indexed; a running service does it by itself, little by little. Nothing is fetched. It may be killed
    and started again at any time, and the service may run meanwhile.

    Examples:

      billwatch reindex

      billwatch reindex --all
    """
    with open_services() as services, services.only_one("reindex", "another process is at it now"):
        done = _watched(services, everything, chunk, quiet or as_json)
        coverage = Search(services.store.engine).coverage()
    if as_json:
        print_json({"indexed": done.bills, "not_indexed": coverage.stale, "bills": coverage.bills})
    else:
        out.print(f"{done.bills} bills indexed; {coverage.bills - coverage.stale} of {coverage.bills} are searchable")


def _watched(services: Services, everything: bool, chunk: int, quiet: bool) -> Done:
    if quiet or not err.is_terminal:
        return reindex(services.store, everything=everything, chunk=chunk)
    columns = (SpinnerColumn(), TextColumn("indexing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("", total=None)
        return reindex(services.store, everything=everything, chunk=chunk, watch=lambda now: bar.update(
            task, completed=now.bills, total=now.total))  # fmt: skip
