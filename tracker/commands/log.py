"""`billwatch events`, `health`, `backup`: look into the log, at the sources, and keep a copy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from digests.wording.disagreements import summary
from digests.wording.words import describe
from tracker.app import Services, open_services
from tracker.commands.named_bill import held
from tracker.commands.output import AsJson, err, out, print_json, print_line, safe
from tracker.commands.retag import tell_stale
from tracker.errors import ConfigError
from tracker.model import Event, EventKind, Filter, Topic
from tracker.polling.quotas import all_rations, chosen, pool_of, ration_row, wants_key
from tracker.polling.sources import Cost, SourceHealth, SourceState
from tracker.polling.watching import cost_of, survey
from tracker.ports import EventQuery

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
    with open_services() as services:
        query = EventQuery(Filter(topics=(topic,) if topic else (), bills=(held(services, bill),) if bill else ()),
                           flagged=flagged or topic is not None)
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

    `state`: fresh; stale (no good crawl within two of its cadences and an hour); blind (the last crawl was refused,
    empty, unreadable or unanswered); or never crawled. `a change`: requests per detected change of the last 30 days.
    Below: what is left of each quota, and which sources are off until a key of theirs is set.

    Exit status: 0 all sources are fresh, 1 at least one is not.

    Example:

      billwatch health || mail -s "billwatch is blind" you@example.org < /dev/null
    """
    with open_services() as services:
        rows = [_source_row(health, cost_of(services, health.source)) for health in survey(services)]
        tell_stale(services)
        shared = all_rations(services)
        disputes = [summary(report) for report in services.witness_reports.newest()]
        for row in rows:
            row["quotas"] = [ration_row(r) for r in shared if r.pool == pool_of(services.settings, row["source"])]
        waiting = [(s, v) for s in chosen(services.settings) if (v := wants_key(services.settings, s))]
    if as_json:
        print_json(rows)
    else:
        whole = [Column(name, no_wrap=True) for name in ("source", "state", "last crawl (UTC)", "verdict")]
        table = Table(*whole, "bills", "requests", "a change", "reason")  # a narrow terminal breaks the reason, no date
        for row in rows:
            table.add_row(row["source"], row["state"], row["last_crawl"] or "never", row["verdict"] or "",
                          str(row["counts"].get("changed", "")), str(row["counts"].get("requests", "")),
                          "" if row["requests_per_change"] is None else str(row["requests_per_change"]),
                          safe(row["reason"] or ""))
        out.print(table)
        for r in shared:
            frees = f"; used ones come back from {_minute(r.frees_at)} UTC" if r.frees_at else ""
            out.print(f"quota of {safe(r.pool)}: {r.left:,} of {r.most:,} requests a {r.span} left{frees}")
        for words in disputes:
            out.print(safe(words))
        for variable in dict.fromkeys(v for _, v in waiting):
            of = [s for s, v in waiting if v == variable]
            out.print(f"[dim]off until {variable} is set: {safe(', '.join(of))}[/dim]")
    if any(row["state"] != SourceState.FRESH for row in rows):
        raise typer.Exit(1)


def _source_row(health: SourceHealth, cost: Cost) -> dict[str, Any]:
    last = health.runs[0] if health.runs else None
    return {"source": health.source, "state": health.state if last else "never crawled",
            "since": _minute(health.since), "run": last.id if last else None,
            "last_crawl": _minute(last.started_at if last else None), "last_good": _minute(health.well_at),
            "verdict": str(last.verdict.kind) if last and last.verdict else ("interrupted" if last else None),
            "reason": last.verdict.reason if last and last.verdict else None, "counts": last.counts if last else {},
            "requests_30_days": cost.requests, "changes_30_days": cost.changes, "requests_per_change": cost.per_change}


def _minute(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%d %H:%M}" if at else None


def backup(
    target: Annotated[Path, typer.Argument(help="File to write; it must not exist yet.")],
    as_json: AsJson = False,
) -> None:
    """Copy the database to one file while the service runs (SQLite; on PostgreSQL use pg_dump).

    The copy holds sealed addresses but not the key file that opens them: keep that apart.

    Example:

      billwatch backup /backup/billwatch-2026-03-02.db
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
