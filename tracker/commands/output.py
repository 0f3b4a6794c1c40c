"""How commands speak: words for people on a terminal, JSON where a program listens."""

from __future__ import annotations

import sys
from collections.abc import MutableMapping
from datetime import datetime
from getpass import getpass
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.markup import escape

from digests.wording.begun import today_in
from tracker.model import IngestMode
from tracker.steps import is_ahead

if TYPE_CHECKING:
    from tracker.store.catalogue import BillRow

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

MODE_WORDS = {IngestMode.LIVE: "news", IngestMode.BACKFILL: "history, no news", IngestMode.REPAIR: "correction"}

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of words.")]


def safe(text: object) -> str:
    """Foreign words for the terminal: no markup of ours, no control characters of theirs."""
    return escape("".join(c if c.isprintable() else " " for c in str(text)))


def stepped(row: BillRow, now: datetime) -> str:
    """The day of a bill's newest step. One that is announced is none that it took."""
    on = row.latest_action_on
    return f"scheduled for {on}" if is_ahead(on, today_in(row.jurisdiction, now)) else str(on or "no date")


def legible(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """For log lines: a foreign word can neither end its line nor steer the terminal. Its characters show as escapes."""
    return {key: ascii(value)[1:-1] if isinstance(value, str) and not value.isprintable() else value
            for key, value in event.items()}


def typed(value: str | None) -> str | None:
    """For what nobody else is to see: `-` is one line of standard input, unseen if typed. Everybody on a machine sees
    the words of a command while it runs (`ps`), and a shell keeps them."""
    if value != "-":
        return value
    line = getpass("(unseen) ") if sys.stdin.isatty() else sys.stdin.readline()
    if not line.strip():
        raise typer.BadParameter("- takes a line of standard input, and there was none")
    return line.strip()


def print_json(value: Any) -> None:
    """One document, sorted and indented alike every time."""
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=2) + b"\n")
    sys.stdout.buffer.flush()


def print_line(value: Any) -> None:
    """One JSON line."""
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
