"""`billwatch keys`: do the keys open everything, turn the key that seals, and let go of old ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from digests.readers.keyring import add_key, drop_keys
from digests.readers.sealing import sealed_by
from tracker.app import Services, open_services
from tracker.commands.output import AsJson, err, out, print_json, safe
from tracker.errors import ConfigError
from tracker.store.resealing import Found, check, count_sealed, reseal

keys = typer.Typer(no_args_is_help=True, help="Keys that seal addresses and what readers follow. None is ever shown.")
BUSY = "another process is turning the keys right now"


def insist_on_keys(services: Services) -> None:
    """Raises ConfigError where a new key file would be made beside values that only the old one opens: what comes in
    from then on would be sealed with a key that the restored file does not have."""
    file = services.settings.key_file
    if not file.exists() and (sealed := count_sealed(services.store.engine)):
        raise ConfigError(f"{file} is missing, and the database holds {sealed} sealed values that only it opens: put "
                          "it back from its backup. If it is lost for good, `billwatch keys check` makes a new one; "
                          "who subscribed before then gets nothing more")


@keys.command("check")
def check_keys(as_json: AsJson = False) -> None:
    """Open every sealed value: which keys are in use, and is there anything that no key opens?

    Ends with status 1 if a value cannot be opened: the key file and the database do not belong together, or a value
    was moved or changed. Run it after restoring a backup.

    Example:

      billwatch keys check --json
    """
    with open_services() as services:
        services.ledger  # noqa: B018 - seals what an older billwatch left unsealed
        found = _watched(services, lambda tell: check(services.store.engine, services.keys, sealed_by, tell), as_json)
        held, current = sorted(services.keys.sealing), services.keys.current
    _tell(found, held, current, as_json)
    if found.lost:
        raise typer.Exit(1)


@keys.command("rotate")
def rotate_keys(
    again: Annotated[bool, typer.Option(
        "--again", help="Make yet another key, even if values wait that an earlier turn has not reached.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a new sealing key and seal every value anew with it, while the service runs.

    A running service takes the new key at once. If this is killed, run it again: it goes on where it was, without
    another key. The old keys stay in the file until `billwatch keys retire`; a backup of the database made before
    needs them. Only sealing keys turn: the index key finds complaints of which nothing but a hash is kept, and the
    token key made the links in all messages that were ever sent.

    Copy the key file before and after, apart from the database.

    Example:

      billwatch keys rotate
    """
    with open_services() as services, services.only_one("keys", BUSY):
        services.ledger  # noqa: B018 - as above
        engine, file = services.store.engine, services.settings.key_file
        waiting = check(engine, services.keys, sealed_by)
        unfinished = {*waiting.keys} - {services.keys.current}
        made = add_key(file, services.clock()) if again or not unfinished else None
        fresh = services.keys.of_today()
        found = _watched(services, lambda tell: reseal(engine, fresh, sealed_by, fresh.current, tell), as_json)
    _tell(found, sorted(fresh.sealing), fresh.current, as_json, made)
    if found.lost:
        raise typer.Exit(1)


@keys.command("retire")
def retire_keys(as_json: AsJson = False) -> None:
    """Remove the sealing keys that no value needs any more from the key file, for good.

    Refuses while one value still needs an old key, and for ten minutes after a turn. Backups made before the turn can
    then be opened only with a copy of the old key file: keep that as long as them, or throw both away.

    Example:

      billwatch keys retire
    """
    with open_services() as services, services.only_one("keys", BUSY):
        services.ledger  # noqa: B018 - as above
        now = services.keys.of_today()
        found = _watched(services, lambda tell: check(services.store.engine, now, sealed_by, tell), as_json)
        needed = {*found.keys} - {now.current}
        if needed:
            values = sum(found.keys[name] for name in needed)
            raise ConfigError(f"{values} values still need an old key: run `billwatch keys rotate` first")
        old = {*now.sealing} - {now.current}
        if old:
            drop_keys(services.settings.key_file, old, services.clock())
    if as_json:
        print_json({"retired": sorted(old), "current": now.current})
    else:
        out.print(f"Retired: {safe(', '.join(sorted(old)))}." if old else "There is no old key.")


def _watched(services: Services, work: Callable[[Callable[[int], None]], Found], quiet: bool) -> Found:
    if quiet or not err.is_terminal:
        return work(lambda _: None)
    columns = (SpinnerColumn(), TextColumn("sealed values"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("", total=count_sealed(services.store.engine))
        return work(lambda done: bar.update(task, completed=done))


def _tell(found: Found, held: list[str], current: str, as_json: bool, made: str | None = None) -> None:
    lost = {column: len(rows) for column, rows in found.lost.items()}
    if as_json:
        print_json({"current": current, "held": held, "made": made, "values": found.values,
                    "by_key": dict(sorted(found.keys.items())), "resealed": found.resealed, "lost": lost})
        return
    by_key = ", ".join(f"{count} by {safe(name) or 'none'}" for name, count in sorted(found.keys.items()))
    out.print(f"{found.values} sealed values" + (f": {by_key}" if by_key else "") + f"; {current} seals.")
    if found.resealed:
        out.print(f"{found.resealed} sealed anew. `billwatch keys retire` removes keys that nothing needs any more.")
    for column, count in sorted(lost.items()):
        out.print(f"{count} of {column} open with no key of this file.", style="red")
