"""`billwatch crawl`: ask one legislature what is new."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tracker.app import Services, open_services
from tracker.commands.output import MODE_WORDS, AsJson, err, out, print_json, safe
from tracker.errors import ConfigError
from tracker.model import IngestMode, Run, VerdictKind
from tracker.polling import crawling


def crawl(
    source: Annotated[str, typer.Argument(help="Legislature, e.g. us; an unknown name lists all.")],
    base_url: Annotated[str, typer.Option(help="Crawl a mirror at this address instead of the site itself.")] = "",
    delay: Annotated[float | None, typer.Option(
        min=0, help="Seconds between requests; default: polite on the web, none on loopback.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many bills (for trying out).")] = None,
    option: Annotated[list[str] | None, typer.Option(
        "--option", "-o", help="KEY=VALUE for the legislature, e.g. congress=118 for an older one.")] = None,
    mode: Annotated[IngestMode | None, typer.Option(
        help="live: alerts; backfill: history only; repair: corrections. Default: backfill until the source was "
             "walked whole once, then live.")] = None,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
) -> None:
    """Crawl one legislature now and take in what changed.

    Only pages that the site's listings show as changed are asked for. The site owner sees your contact address
    (setting `contact`), robots.txt is obeyed, and a refusal ends the crawl.

    Exit status: 0 all is well, 3 the run's verdict is not ok (see the reason), 2 it could not start.

    Examples:

      billwatch crawl us

      billwatch crawl us --base-url http://127.0.0.1:8119
    """
    options = tuple(_pair(text) for text in option or ())
    order = crawling.Order(source, base_url.rstrip("/"), delay, limit, options, mode)
    with open_services() as services:
        run = _watched(services, order, quiet or as_json)
    if as_json:
        print_json(run)
    else:
        _tell(run, services.settings.archive / run.id)
    if run.verdict is None or run.verdict.kind is not VerdictKind.OK:
        raise typer.Exit(3)


def _pair(text: str) -> tuple[str, str]:
    key, found, value = text.partition("=")
    if not found or not key:
        raise ConfigError(f"--option: expected KEY=VALUE, got {text!r}")
    return key, value


def _watched(services: Services, order: crawling.Order, quiet: bool) -> Run:
    if quiet or not err.is_terminal:
        return crawling.crawl(services, order)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TextColumn("{task.fields[events]} events"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("starting", total=None, events=0)

        def watch(now: crawling.Progress) -> None:
            bar.update(task, description=f"{order.source}: {now.phase}", completed=now.done, total=now.expected,
                       events=now.events)

        return crawling.crawl(services, order, watch)


def _tell(run: Run, folder: Path) -> None:
    counts = run.counts
    words = f"{run.verdict.kind}: {run.verdict.reason}" if run.verdict else "interrupted: the crawl ended by itself"
    out.print(f"[bold]{run.source}[/bold] {safe(words)}")
    out.print(f"  {counts.get('requests', 0)} requests, {counts.get('changed', 0)} bills changed, "
              f"{counts.get('texts', 0)} texts read, {counts.get('events', 0)} new events ({MODE_WORDS[run.mode]})")
    if run.verdict is None or run.verdict.kind is not VerdictKind.OK:
        out.print(f"  more in {safe(str(folder))}: crawl.log, process.log, and the pages as they came")
