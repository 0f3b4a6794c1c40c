"""`billwatch feeds build`: public feeds as files, with a bar for people and counts for programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from tracker.app import Services, open_services
from tracker.commands.output import AsJson, err, out, print_json, safe
from tracker.files.feed_files import Built
from tracker.files.feed_files import build as build_files
from tracker.locks import only_one


def build(
    folder: Annotated[Path, typer.Argument(help="Folder to build in; made if absent. Serve it as the root of a site.")],
    everything: Annotated[bool, typer.Option("--all", help="Make every file again, changed or not.")] = False,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
) -> None:
    """Write all public feeds, their archives, calendars and the OPML list as files, so that a CDN or any file host
    can carry any number of readers.

    Files lie where the site has them (feeds/topic/worker-rights.atom); each has a .gz beside it. A file is replaced
    whole, and only if it differs, so that copying the folder (rsync -t) moves only what is new. Bills have feeds if
    they are flagged now or had a file before. Private feeds are never written. Run it from cron or after a crawl; it
    may be killed and started again at any time.

    Action alerts that are open now have their feed, pages (alerts/ID.html) and calendars (alerts/ID.ics) there, too.
    Files cannot look at the clock: build again at `build_again_at` (--json), when the next alert opens or closes. Then
    its page says that it is over.

    Examples:

      billwatch feeds build public

      billwatch feeds build public --json && rsync -at --delay-updates public/ host:/srv/www/
    """
    with open_services() as services, only_one(services.settings.home, "feed-files",
                                               "another process is building feeds now"):
        built = _watched(services, folder, everything, quiet or as_json)
    if as_json:
        print_json(built)
        return
    out.print(f"{built.files} files in {safe(folder)}: {built.written} written ({built.bytes_written} bytes), "
              f"{built.unchanged} as they were; {built.resting} bills with nothing new")
    if built.build_again_at:
        out.print(f"Build again at {built.build_again_at:%Y-%m-%d %H:%M} UTC: an alert opens or closes then.")


def _watched(services: Services, folder: Path, everything: bool, quiet: bool) -> Built:
    if quiet or not err.is_terminal:
        return build_files(services, folder, everything=everything)
    columns = (SpinnerColumn(), TextColumn("feeds"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("", total=None)
        return build_files(services, folder, everything=everything,
                           watch=lambda done, total: bar.update(task, completed=done, total=total))
