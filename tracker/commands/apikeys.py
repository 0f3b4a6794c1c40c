"""`billwatch apikeys`: who may ask the API more often than an unknown network."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from tracker.app import open_services
from tracker.commands.output import AsJson, err, out, print_json, safe
from tracker.errors import ConfigError

apikeys = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=(
    "Keys to the API: add, list, revoke.\n\nNobody needs one to read. A key lifts the limit of requests a minute "
    "(setting api_per_minute_with_key). It is shown once and stored as a hash; what is asked with it is not noted."))
LONGEST = 60


@apikeys.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Your word for its holder, e.g. newsroom-bot.")],
    as_json: AsJson = False,
) -> None:
    """Make a key and show it, once.

    Example:

      billwatch apikeys add newsroom-bot
    """
    if not name.strip() or len(name) > LONGEST or not name.isprintable():
        raise ConfigError(f"apikeys add: expected a name of 1 to {LONGEST} printable characters")
    with open_services() as services:
        secret = services.api_keys.add(name, services.clock())
    if secret is None:
        raise ConfigError(f"apikeys add: a key {name!r} was made before (see `billwatch apikeys list`); "
                          "expected a new name")
    if as_json:
        print_json({"name": name, "key": secret})
    else:
        out.print(safe(secret))
        err.print("[dim]shown once; its holder sends it as: Authorization: Bearer KEY[/dim]")


@apikeys.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """Show names and dates of all keys; never a key.

    Example:

      billwatch apikeys list --json
    """
    with open_services() as services:
        keys = services.api_keys.all()
    if as_json:
        print_json(keys)
        return
    table = Table("name", "made (UTC)", "revoked (UTC)", box=None)
    for key in keys:
        table.add_row(safe(key.name), f"{key.created_at:%Y-%m-%d %H:%M}",
                      f"{key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else "")
    out.print(table if keys else "no keys: everybody asks within the limit of a network")


@apikeys.command("revoke")
def revoke(
    name: Annotated[str, typer.Argument(help="As `billwatch apikeys list` shows it.")],
    as_json: AsJson = False,
) -> None:
    """End a key. A running service knows of it within a minute; the name stays in the list.

    Example:

      billwatch apikeys revoke newsroom-bot
    """
    with open_services() as services:
        if not services.api_keys.revoke(name, services.clock()):
            raise ConfigError(f"apikeys revoke: no key {name!r} is in force; `billwatch apikeys list` shows them")
    if as_json:
        print_json({"name": name, "revoked": True})
    else:
        out.print(f"revoked: {safe(name)}")
