"""`billwatch export`: the public data as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn

from tracker.app import open_services
from tracker.commands.output import AsJson, err, out, print_json, safe
from tracker.errors import ConfigError
from tracker.files.exporting import FORMATS
from tracker.files.exporting import export as write


def export(
    target: Annotated[Path, typer.Argument(help="Folder to make; it must not exist yet.")],
    formats: Annotated[list[str] | None, typer.Option("--format", help="jsonl, csv, parquet or sqlite; may be given "
                                                                       "more than once. None: all.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write bills, versions, flags, events and pages as files: never readers, accounts, keys or decisions.

    Each folder has a README with every column in words (docs/data-dictionary.md). Each file is one table and is opened
    by its name: a folder of Parquet is no data set as a whole. Parquet needs the extra `parquet`. The SQLite
    database opens in Datasette. Cells of CSV that a spreadsheet would run begin with an apostrophe.

    Examples:

      billwatch export data --format csv

      billwatch export /srv/data --json
    """
    wrong = [name for name in formats or () if name not in FORMATS]
    if wrong:
        raise ConfigError(f"export --format: expected {', '.join(FORMATS)}; got {wrong[0]!r}")
    chosen = tuple(name for name in FORMATS if name in (formats or FORMATS))
    with open_services() as services, Progress(SpinnerColumn(), TextColumn("{task.description}"), console=err,
                                               transient=True) as progress:
        task = progress.add_task("begins")
        index = write(services.store.engine, target, services.clock(), chosen,
                      lambda what: progress.update(task, description=what))
    if as_json:
        print_json(index)
        return
    for made in index.files:
        out.print(f"{made.bytes:>14,} {made.sha256} {safe(made.path)}")
