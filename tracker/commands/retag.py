"""`billwatch retag`: flags by the rules of today for all texts that are stored."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

import msgspec
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from tracker.app import Services, open_services
from tracker.commands.output import AsJson, err, out, print_json
from tracker.errors import ConfigError
from tracker.retagging import CHUNK, Counts, Order, retag
from tracker.tagger.stamp import stamp


def retag_texts(
    everything: Annotated[bool, typer.Option(
        "--all", help="Also the texts that the rules of today have tagged already.")] = False,
    jurisdiction: Annotated[str | None, typer.Option(help="Only texts of this one, e.g. us.")] = None,
    since: Annotated[str | None, typer.Option(help="Only texts first seen on or after this day, 2026-01-31.")] = None,
    chunk: Annotated[int, typer.Option(min=1, max=10_000, help="Bills a transaction.")] = CHUNK,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
) -> None:
    """Tag the stored texts anew, where they were tagged by other rules than those of today.

    Nothing is fetched. Flags that come or go are written to the log as corrections (mode repair): they are in a
    bill's history and in no feed and no mail. What people decided at the desk stays in force. It may be killed and
    started again at any time, and the service may run meanwhile.

    Examples:

      billwatch retag

      billwatch retag --jurisdiction us --since 2026-01-01
    """
    order = Order(jurisdiction, _day(since), everything, chunk)
    with open_services() as services, services.only_one("retag", "another process is re-tagging now"):
        counts = _watched(services, order, quiet or as_json)
        left = services.store.count_stale(stamp(services.rules))
    if as_json:
        print_json({**msgspec.to_builtins(counts), "ruleset": services.rules.version, "stale": left})
        return
    out.print(f"{counts.texts} texts of {counts.bills} bills tagged by ruleset {services.rules.version}: "
              f"{counts.raised} flags raised, {counts.withdrawn} withdrawn, in {counts.changed} bills")
    if counts.left:
        out.print(f"{counts.left} bills kept changing meanwhile: run it again")


def tell_stale(services: Services) -> None:
    """A line on standard error if stored flags come from other rules than those of today."""
    if stale := services.store.count_stale(stamp(services.rules)):
        err.print(f"[yellow]{stale} texts were tagged by an older ruleset: `billwatch retag` brings them up to "
                  "date[/yellow]")


def _day(written: str | None) -> datetime | None:
    if written is None:
        return None
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise ConfigError(f"--since: expected a day like 2026-01-31, got {written!r}") from None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _watched(services: Services, order: Order, quiet: bool) -> Counts:
    store, rules, clock = services.store, services.rules, services.clock
    if quiet or not err.is_terminal:
        return retag(store, rules, clock, order)
    columns = (SpinnerColumn(), TextColumn("re-tagging"), BarColumn(), MofNCompleteColumn(),
               TextColumn("{task.fields[events]} corrections"), TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("", total=None, events=0)
        return retag(store, rules, clock, order, lambda now: bar.update(
            task, completed=now.texts, total=now.total, events=now.events))  # fmt: skip
