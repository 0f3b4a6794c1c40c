"""`billwatch accounts`: who may sit at the desk."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import segno
import typer
from rich.table import Table

from tracker.app import open_services
from tracker.commands.output import AsJson, err, out, print_json, safe
from tracker.desk.accounts import code_step, new_secret, provisioning_uri
from tracker.errors import AccountError
from tracker.model import Account, AuditEntry, Role
from tracker.ports import Clock

TRIES = 3  # codes that are typed until one is right

accounts = typer.Typer(no_args_is_help=True, help="Who may sit at the desk: reviewers, editors, operators. The desk is "
                                                  "off until one account has a password.")

Name = Annotated[str, typer.Argument(help="Name of the account. It need not be a person's, and better is not.")]


@accounts.command("add")
def add_account(
    name: Name,
    role: Annotated[list[Role], typer.Option("--role", help="Repeat for several. Each may review flags.")],
    no_login: Annotated[bool, typer.Option(
        "--no-login", help="Without a password: only to be named with --by on this machine.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add an account. Its password is asked for, or read as one line from standard input; never an argument.

    Example:

      billwatch accounts add east-desk --role editor
    """
    password = None if no_login else _password()
    with open_services() as services:
        made = services.entrance.add(name, role, password, services.clock())
        services.accounts.note(AuditEntry(services.clock(), None, "account-added", made.name))
    if as_json:
        print_json(_row(made))
    else:
        out.print(f"Added {safe(made.name)} ({', '.join(made.roles)}).")


@accounts.command("list")
def list_accounts(as_json: AsJson = False) -> None:
    """List accounts, their roles, and how they log in.

    Example:

      billwatch accounts list --json
    """
    with open_services() as services:
        rows = [_row(account) for account in services.accounts.all()]
    if as_json:
        print_json(rows)
        return
    table = Table("name", "roles", "log-in", "since", "state")
    for row in rows:
        login = "none" if not row["password"] else "password and code" if row["totp"] else "password"
        table.add_row(safe(row["name"]), ", ".join(row["roles"]), login, f"{row['created_at']:%Y-%m-%d}",
                      "disabled" if row["disabled_at"] else "active")
    out.print(table if rows else "There is no account: `billwatch accounts add NAME --role editor` makes one.")


@accounts.command("password")
def set_password(name: Name, as_json: AsJson = False) -> None:
    """Set a new password, asked for or read as one line from standard input. Ends the account's sessions.

    Example:

      billwatch accounts password east-desk
    """
    with open_services() as services:
        services.entrance.get(name)
        services.entrance.set_password(name, _password())
        services.accounts.note(AuditEntry(services.clock(), None, "password-set", name))
    _done(as_json, {"password": True}, "Password set; whoever was logged in as this account is out.")


@accounts.command("totp")
def set_totp(
    name: Name,
    off: Annotated[bool, typer.Option("--off", help="Ask for no code any more (a lost phone).")] = False,
    no_check: Annotated[bool, typer.Option(
        "--no-check", help="Ask for codes from now on without having seen one: only for scripts.")] = False,
    as_json: AsJson = False,
) -> None:
    """Ask this account for a one-time code at each log-in, once a first code was right.

    Shows the QR code for a code generator, once, and waits for one of its codes; until then nothing changes.

    Example:

      billwatch accounts totp east-desk
    """
    if as_json and not (off or no_check):
        raise AccountError("expected --no-check or --off with --json: nobody could type the code")
    with open_services() as services:
        services.entrance.get(name)
        if off:
            services.entrance.set_totp(name, None)
            services.accounts.note(AuditEntry(services.clock(), None, "totp-off", name))
            _done(as_json, {"totp": False, "uri": None}, "No code is asked for any more.")
            return
        secret = new_secret()
        uri = provisioning_uri(secret, name, services.settings.site_name)
        if not as_json:
            _show_secret(secret, uri)
        step = None if no_check else _right_step(secret, services.clock)
        services.entrance.set_totp(name, secret)
        if step is not None:
            services.accounts.take_step(name, step)  # this code is used up
        services.accounts.note(AuditEntry(services.clock(), None, "totp-on", name))
    _done(as_json, {"totp": True, "uri": uri}, "A code is asked for at each log-in from now on.")


def _show_secret(secret: str, uri: str) -> None:
    out.print("Scan this with a code generator now; it is not shown again.")
    segno.make(uri, error="m").terminal(compact=True)
    out.print(f"Or type the key: {secret}")
    sys.stdout.flush()


def _right_step(secret: str, clock: Clock) -> int:
    """Of the first right code that is typed. Raises AccountError if none of a few is."""
    for _ in range(TRIES):
        err.print("Code that it shows: ", end="")
        typed = sys.stdin.readline()
        if not typed:
            break
        step = code_step(secret, typed.strip(), clock())
        if step is not None:
            return step
        err.print("That code is not right. Is the clock of the telephone right?")
    raise AccountError("no right code came: nothing was changed (start again, and remove the old entry on the phone)")


@accounts.command("disable")
def disable_account(
    name: Name,
    undo: Annotated[bool, typer.Option("--undo", help="Let the account in again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Lock an account out, at once. What it decided stays, and so does its name.

    Example:

      billwatch accounts disable east-desk
    """
    with open_services() as services:
        if undo:
            services.entrance.enable(name)
        else:
            services.entrance.disable(name, services.clock())
        services.accounts.note(AuditEntry(services.clock(), None, "account-enabled" if undo else "account-disabled",
                                          name))
    _done(as_json, {"disabled": not undo}, "Enabled." if undo else "Disabled.")


@accounts.command("log")
def show_log(
    account: Annotated[str, typer.Option(help="Only of this account.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many entries.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show who did what, newest first. Where from is not kept.

    Example:

      billwatch accounts log --account east-desk --limit 20
    """
    with open_services() as services:
        entries = services.accounts.audit(limit, account or None)
    if as_json:
        print_json(entries)
        return
    for entry in entries:
        out.print(f"{entry.at:%Y-%m-%d %H:%M} [bold]{safe(entry.account or '(command line or unknown)')}[/bold] "
                  f"{safe(entry.action)} {safe(entry.subject or '')}")
    if not entries:
        out.print("Nothing yet.")


def _password() -> str:
    """Typed twice on a terminal; one line of standard input otherwise."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    import getpass

    first = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != first:
        raise AccountError("the two passwords are not the same: nothing was changed")
    return first


def _row(account: Account) -> dict[str, Any]:
    return {"name": account.name, "roles": account.roles, "created_at": account.created_at,
            "password": account.password is not None, "totp": account.totp_sealed is not None,
            "disabled_at": account.disabled_at}


def _done(as_json: bool, facts: dict[str, Any], words: str) -> None:
    if as_json:
        print_json(facts)
    else:
        err.print(words)
