"""`billwatch bills`: the bills of the page of that name, from the command line."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from tracker.app import open_services
from tracker.commands.output import AsJson, err, out, print_json, safe, stepped
from tracker.errors import ConfigError
from tracker.history.asof import read_as_of
from tracker.model import TOPIC_NAMES, Effect, Topic
from tracker.query.places import CODES, is_no_state
from tracker.stage import STAGE_NAMES
from tracker.store.catalogue import BillQuery, BillRow

Stage = StrEnum("Stage", {name: name for name in STAGE_NAMES})  # type: ignore[misc]


def bills(
    jurisdiction: Annotated[str, typer.Option("--jurisdiction", "-j", help="Only this legislature, e.g. us-wa.")] = "",
    session: Annotated[str, typer.Option(help="Only this session, e.g. 119.")] = "",
    topic: Annotated[Topic | None, typer.Option(help="Only bills whose newest text has a flag of this topic.")] = None,
    effect: Annotated[Effect | None, typer.Option(help="Only with a flag of this effect.")] = None,
    stage: Annotated[Stage | None, typer.Option(help="Only bills that have come so far.")] = None,
    words: Annotated[str, typer.Option(help="Each must be part of the title or number.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Also bills without a flag.")] = False,
    as_of: Annotated[str, typer.Option("--as-of", help="A date (its end, UTC) or a moment like 2025-06-01T12:00Z: the "
                                                       "list of then; none: now.", show_default=False)] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="Bills at most.")] = 20,
    cursor: Annotated[str | None, typer.Option(help="`next` of the answer before, for what follows.")] = None,
    as_json: AsJson = False,
) -> None:
    """List bills, newest movement first: number, title, how far each has come, and what its flags are about.

    To look for words of texts, people or citations, use `billwatch search`; for one bill, `billwatch history`.

    Examples:

      billwatch bills --jurisdiction us-wa --topic decriminalization

      billwatch bills --stage became-law --as-of 2025-06-01 --json
    """
    with open_services() as today:
        services = today.as_known(_moment(as_of, today.clock())) if as_of else today
        try:
            page = services.catalogue.bills(BillQuery(
                _place(jurisdiction), session or None, topic, effect, stage.value if stage else None, words, not every,
                limit, cursor))
        except ValueError:
            raise ConfigError("--cursor: expected `next` of an answer to the same question") from None
        now = services.clock()  # as of a day, what lay ahead then is told so
    if as_json:
        print_json({"total": page.total, "next": page.next_cursor, "bills": page.rows})
        return
    out.print(f"{page.total:,} bill{'' if page.total == 1 else 's'}, newest movement first" if page.rows
              else "No bill fits." + ("" if every else " Only flagged ones were looked through: --all takes all."))
    for row in page.rows:
        _print(row, now)
    if page.next_cursor:
        err.print(f"more follow: --cursor {safe(page.next_cursor)}")


def _print(row: BillRow, now: datetime) -> None:
    step = f", {stepped(row, now)}: {safe(row.latest_action)}" if row.latest_action else ""
    out.print(f"\n[bold]{safe(row.id)}[/bold]  {safe(row.title or 'No title given')}")
    out.print(f"  {STAGE_NAMES.get(row.stage, row.stage)}{step}")
    if row.topics:
        out.print(f"  [dim]{', '.join(TOPIC_NAMES[t] for t in row.topics)}[/dim]")


def _place(written: str) -> str | None:
    code = written.strip().lower()
    if meant := CODES.get(code.replace("-", " ")):
        raise ConfigError(f"--jurisdiction: expected a code like {meant}, got {written!r}")
    if is_no_state(code):
        raise ConfigError(f"--jurisdiction: expected a code like us-wa, got {written!r}")
    return code or None


def _moment(as_of: str, now: datetime) -> datetime:
    try:
        return read_as_of(as_of, now).at
    except ValueError as problem:
        raise ConfigError(f"--as-of: {problem}") from None
