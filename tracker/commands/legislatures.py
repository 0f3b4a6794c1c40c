"""`billwatch legislatures`, `new-legislature`, `record`: what is watched, and the beginnings of what will be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from tracker.app import open_services
from tracker.commands import scaffold
from tracker.commands.output import AsJson, out, print_json, safe
from tracker.errors import ConfigError

COLUMNS = (("legislature", "legislature"), ("source", "source"), ("format", "format"), ("proven", "proven on"),
           ("terms", "terms"), ("robots", "robots"), ("key", "key"), ("quota", "quota"), ("cadence", "asked every"))


def legislatures(
    as_json: AsJson = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the table of docs/legislatures.md.")] = False,
) -> None:
    """Show every legislature that can be crawled: its format, on what its reader was proven, terms, robots, key.

    Which of them are crawled while serving is the setting `sources`.

    Example:

      billwatch legislatures --json
    """
    found = rows()
    if as_json:
        print_json(found)
    elif markdown:
        typer.echo(as_markdown(found), nl=False)
    else:
        table = Table("source", "legislature", "format", "proven on", "key", box=None)
        for row in found:
            table.add_row(*(safe(row[c]) for c in ("source", "legislature", "format", "proven", "key")))
        out.print(table)


def rows() -> list[dict[str, str]]:
    """One a legislature, sorted by its id. Raises ConfigError on a bad file."""
    from spiders.access import variable
    from spiders.discovery import discover

    return [{
        "source": name, "legislature": spider.title, "jurisdiction": name, "format": spider.format,
        "proven": spider.proven, "terms": spider.terms, "robots": spider.robots,
        "key": f"{variable(spider.key.platform or name)}, {spider.key.where}" if spider.key else "none",
        "quota": _quota(spider.quota) + (", shared" if spider.key and spider.key.platform else ""),
        "cadence": f"{_pause(spider.cadence['session'])}, in recess {_pause(spider.cadence['recess'])}",
    } for name, spider in sorted(discover().items())]


def as_markdown(found: Sequence[Mapping[str, str]]) -> str:
    lines = [" | ".join(["", *(title for _, title in COLUMNS), ""]).strip(),
             "|" + "---|" * len(COLUMNS)]
    lines += [" | ".join(["", *(_cell(row, key) for key, _ in COLUMNS), ""]).strip() for row in found]
    return "\n".join(lines) + "\n"


def _cell(row: Mapping[str, str], key: str) -> str:
    text = row[key].replace("|", "\\|").replace("\n", " ")
    return f"`{text}`" if key == "source" else text


def _quota(quota: Any) -> str:
    parts = [f"{most} a {span}" for most, span in ((quota.day, "day"), (quota.month, "month")) if most] if quota else []
    return ", ".join(parts) or "none stated"


def _pause(minutes: int) -> str:
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def new_legislature(
    name: Annotated[str, typer.Argument(help="Jurisdiction, e.g. us-xx or nz.")],
    style: Annotated[scaffold.Style, typer.Option(help="What the source's records are.")] = scaffold.Style.JSON,
    platform: Annotated[scaffold.Platform | None, typer.Option(
        help="A thin file over an aggregator: nothing to fill but the title and the zone.")] = None,
    root: Annotated[Path, typer.Option(help="The checkout to write into.")] = Path(),
    as_json: AsJson = False,
) -> None:
    """Begin a legislature: its file, its folder of pages, and its canary, for you to fill.

    Until they are filled, its test fails and says what is missing:

      pytest tests/spiders/test_every_legislature.py -k us_xx

    With --platform it is one thin file, read by the platform's shared tests; its key is BILLWATCH_KEY_LEGISCAN or
    BILLWATCH_KEY_OPENSTATES.

      billwatch new-legislature us-xx --platform legiscan

    Nothing that exists is overwritten. spiders/legislatures/README.md is the guide.
    """
    thin = scaffold.begin_thin(name, platform, root) if platform else None
    written = (thin,) if thin else tuple(scaffold.begin(name, style, root))
    check = (f"pytest tests/spiders/test_thin_files.py -k {name}" if thin
             else f"pytest tests/spiders/test_every_legislature.py -k {name.replace('-', '_')}")
    if as_json:
        print_json({"written": [str(path) for path in written], "check": check})
        return
    for path in written:
        out.print(f"wrote {safe(str(path))}")
    out.print(f"next: {'its title and zone, then ' if thin else ''}{safe(check)}")


def record(
    source: Annotated[str, typer.Argument(help="Legislature, e.g. us-wa.")],
    run: Annotated[str, typer.Option(help="A run of it, as `archive/<run>` is called.")],
    into: Annotated[Path, typer.Option(help="A new folder for pages.json and day1/.")],
    limit: Annotated[int, typer.Option(min=1, help="At most so many pages.")] = 200,
    as_json: AsJson = False,
) -> None:
    """Save the pages of a crawl in the form of a fixture folder, to write your own pages after.

    These are real documents: keep them out of the repository. Fixtures are written by us and clearly fictional.

    Example:

      billwatch record us-wa --run us-wa-20260302T180000Z-1a2b --into /tmp/us-wa-pages
    """
    with open_services() as services:
        folder = services.settings.archive / run
    if not run.startswith(f"{source}-") or not (folder / "pages.warc.gz").is_file():
        raise ConfigError(f"--run: expected a run of {source} in {folder.parent}, got {run!r}")
    count = scaffold.save_pages(folder / "pages.warc.gz", into, limit)
    if as_json:
        print_json({"pages": count, "folder": str(into)})
        return
    out.print(f"{count} page(s) in {safe(str(into))}. These are real documents: do not commit them; write your own.")
