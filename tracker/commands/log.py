"""`billwatch events`, `health`, `backup`: look into the log, at the sources, and keep a copy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from digests.words import describe
from tracker.app import Services, open_services
from tracker.commands.output import AsJson, err, out, print_json, print_line, safe
from tracker.commands.retag import tell_stale
from tracker.errors import ConfigError
from tracker.model import Event, EventKind, Filter, Topic
from tracker.ports import EventQuery
from tracker.web.health import SHOWN_RUNS, judge

PAGE = 1000


def events(
    since: Annotated[int, typer.Option(min=0, help="Only events after this number; 0: from the beginning.")] = 0,
    limit: Annotated[int | None, typer.Option(min=1, help="The first so many after --since.")] = None,
    bill: Annotated[str, typer.Option(help="Only this bill, e.g. us/119/hr-1865.")] = "",
    topic: Annotated[Topic | None, typer.Option(help="Only bills with this topic.")] = None,
    flagged: Annotated[bool, typer.Option("--flagged", help="Only events of bills that have any topic.")] = False,
    kind: Annotated[EventKind | None, typer.Option(help="Only this kind, e.g. flag-raised.")] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line: seq, kind, bill, occurred_on, "
                                                       "recorded_at, data.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the event log: every change that was noticed, in order, exactly once.

    A program keeps the last `seq` that it has read and asks for --since that number.

    Examples:

      billwatch events --kind flag-raised --limit 20

      billwatch events --since 1200 --jsonl
    """
    query = EventQuery(Filter(topics=(topic,) if topic else (), bills=(bill,) if bill else ()),
                       flagged=flagged or topic is not None)
    with open_services() as services:
        stream = _stream(services, since, limit, query, kind)
        if services.store.last_seq() == 0:
            err.print(f"no events yet in {safe(str(services.settings.home))}: `billwatch crawl` brings the first")
        if jsonl:
            for event in stream:
                print_line(event_row(event))
        elif as_json:
            print_json([event_row(event) for event in stream])
        else:
            for event in stream:
                line = describe(event)
                out.print(f"[dim]{event.seq:>7} {event.recorded_at:%Y-%m-%d %H:%M}[/dim] "
                          f"[bold]{safe(event.bill_id)}[/bold] {safe(line.headline)}")


def event_row(event: Event) -> dict[str, Any]:
    """An event as programs see it."""
    return {"seq": event.seq, "kind": event.kind, "bill": event.bill_id, "occurred_on": event.occurred_on,
            "recorded_at": event.recorded_at, "mode": event.mode, "topics": event.topics, "data": event.data}


def _stream(services: Services, since: int, limit: int | None, query: EventQuery,
            kind: EventKind | None) -> Iterator[Event]:
    """In pages, so that the whole log never lies in memory."""
    left = limit
    while page := services.store.events(since, PAGE, query):
        for event in page:
            if kind is not None and event.kind is not kind:
                continue
            if left is not None and (left := left - 1) < 0:
                return
            yield event
        since = page[-1].seq


def health(as_json: AsJson = False) -> None:
    """Show for each source when it was last crawled, with what verdict, and whether we are blind.

    Exit status: 0 all sources are well, 1 at least one is stale, failing or was never crawled.
    """
    with open_services() as services:
        crawled = {run.source for run in services.store.runs(limit=200)}
        rows = [_source_row(services, source) for source in sorted({*services.settings.sources, *crawled})]
        tell_stale(services)
    if as_json:
        print_json(rows)
    else:
        table = Table("source", "state", "last crawl (UTC)", "verdict", "bills", "requests", "reason")
        for row in rows:
            table.add_row(row["source"], row["state"], row["last_crawl"] or "never", row["verdict"] or "",
                          str(row["counts"].get("changed", "")), str(row["counts"].get("requests", "")),
                          safe(row["reason"] or ""))
        out.print(table)
    if any(row["state"] != "well" for row in rows):
        raise typer.Exit(1)


def _source_row(services: Services, source: str) -> dict[str, Any]:
    health = judge(source, services.store.runs(source, SHOWN_RUNS), services.clock(),
                   timedelta(hours=services.settings.stale_after_hours))
    last = health.runs[0] if health.runs else None
    state = "never crawled" if last is None else "failing" if health.failing else "stale" if health.stale else "well"
    return {"source": source, "state": state, "run": last.id if last else None,
            "last_crawl": f"{last.started_at:%Y-%m-%d %H:%M}" if last else None,
            "last_good": f"{health.well_at:%Y-%m-%d %H:%M}" if health.well_at else None,
            "verdict": str(last.verdict.kind) if last and last.verdict else ("interrupted" if last else None),
            "reason": last.verdict.reason if last and last.verdict else None, "counts": last.counts if last else {}}


def backup(
    target: Annotated[Path, typer.Argument(help="File to write; it must not exist yet.")],
    as_json: AsJson = False,
) -> None:
    """Copy the database to one file while the service runs (SQLite; on PostgreSQL use pg_dump).

    The copy holds sealed addresses but not the key file that opens them: keep that apart.
    """
    if target.exists():
        raise ConfigError(f"{target} exists already: expected the name of a new file")
    with open_services() as services:
        services.store.backup(target)
        key_file = services.settings.key_file
    if as_json:
        print_json({"backup": str(target), "bytes": target.stat().st_size, "key_file": str(key_file)})
    else:
        out.print(f"wrote {safe(str(target))} ({target.stat().st_size:,} bytes)")
        err.print(f"[dim]not in it: {safe(str(key_file))}, without which no address can be read[/dim]")
