"""`billwatch bounces`: mail that came back, and the addresses that are left alone."""

from __future__ import annotations

import mailbox
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from digests.delivery.bounces import LARGEST
from digests.delivery.returned import take
from digests.delivery.suppressing import SoftRule
from digests.readers.subscriptions import check_address
from tracker.app import Services, open_services
from tracker.commands.output import AsJson, err, out, print_json, safe, typed
from tracker.errors import ConfigError

bounces = typer.Typer(no_args_is_help=True, help="Mail that came back, and whom we leave alone. No address is shown.")

TRY_AGAIN = 75  # EX_TEMPFAIL: the mail server keeps the message and runs us once more


@bounces.command("take")
def take_bounces(
    source: Annotated[Path | None, typer.Argument(
        help="Maildir folder, mbox file, or file with one message; none: one message on standard input.")] = None,
    recipient: Annotated[str, typer.Option(
        help="Address for which the mail server took the message: its envelope, not its To.")] = "",
    keep: Annotated[bool, typer.Option("--keep", help="Leave the messages in the mailbox.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read what came back: leave dead addresses alone, count what failed for now, end what somebody complained of.

    Hard bounce: nothing is sent there any more. Several soft bounces in two weeks: two weeks of pause. Complaint ("this
    is spam"): all subscriptions of the address are deleted. Messages are removed from a mailbox once they are taken.
    Needs BILLWATCH_BOUNCE_ADDRESS. On standard input, status 75 asks the mail server to try again later.

    Examples (Postfix: an alias, or a pipe in master.cf):

      bounces: "|/srv/billwatch/.venv/bin/billwatch bounces take"

      billwatch bounces take ~/Maildir
    """
    if source is None:
        _take_one(recipient, as_json)
        return
    counts: Counter[str] = Counter()
    with open_services() as services:
        for raw in _messages(source, keep):
            counts[_take(services, raw, recipient)["outcome"]] += 1
    if as_json:
        print_json({"taken": sum(counts.values()), "outcomes": dict(sorted(counts.items()))})
    else:
        said = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
        out.print(f"{sum(counts.values())} messages taken" + (f": {said}" if said else ""))


def _take_one(recipient: str, as_json: bool) -> None:
    """Whatever goes wrong here, a wrong setting or a full disk, the message must not be lost."""
    raw = sys.stdin.buffer.read(LARGEST)
    sys.stdin.buffer.read()  # a mail server takes a closed pipe for a failure
    try:
        with open_services() as services:
            taken = _take(services, raw, recipient)
    except Exception as problem:
        err.print(f"billwatch: not taken, try again: {type(problem).__name__}", markup=False)
        raise typer.Exit(TRY_AGAIN) from None
    if as_json:
        print_json(taken)
    else:
        out.print(safe(" ".join(part for part in (taken["outcome"], taken["kind"], taken["code"]) if part)))


def _take(services: Services, raw: bytes, recipient: str) -> dict[str, str]:
    settings = services.settings
    taken = take(services.ledger, services.keys, services.site, raw, recipient,
                 SoftRule(settings.bounce_soft_limit, settings.bounce_soft_days), services.clock())
    return {"outcome": taken.outcome, "kind": taken.kind, "code": taken.code}


def _messages(source: Path, keep: bool) -> Iterator[bytes]:
    """Each one is removed when the next one is asked for: by then it has been taken."""
    if not source.exists():
        raise ConfigError(f"expected a Maildir folder or a file, got {source}: there is none")
    if source.is_file():
        with source.open("rb") as file:
            raw = file.read(LARGEST)
        if raw[:5] != b"From ":
            yield from (raw,) if raw else ()  # an mbox that was emptied has no bytes
            return
    box: mailbox.Mailbox[mailbox.Message] = (
        mailbox.Maildir(source, create=False) if source.is_dir() else mailbox.mbox(source, create=False))
    box.lock()
    try:
        for key in sorted(box.keys()):
            yield box.get_bytes(key)[:LARGEST]
            if not keep:
                box.remove(key)
    finally:
        box.flush()
        box.unlock()
        box.close()


@bounces.command("list")
def list_bounces(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many of the last ones.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List what came back lately, newest first, and how many addresses are left alone; no address.

    Example:

      billwatch bounces list --json
    """
    with open_services() as services:
        found, alone = services.ledger.bounces(limit=limit), services.ledger.count_suppressed()
    rows = [{"at": b.at, "kind": b.kind, "code": b.code, "subscription": b.subscription_id, "delivery": b.delivery_id}
            for b in found]
    if as_json:
        print_json({"bounces": rows, "left_alone": alone})
        return
    if found:
        table = Table("at", "kind", "code", "subscription", "delivery")
        for b in found:
            table.add_row(f"{b.at:%Y-%m-%d %H:%M}", b.kind.value, safe(b.code), safe(b.subscription_id), b.delivery_id)
        out.print(table)
    said = ", ".join(f"{count} {reason}" for reason, count in alone.items())
    out.print(f"Addresses left alone: {said or 'none'}.")


@bounces.command("lift")
def lift(
    address: Annotated[str, typer.Argument(
        callback=typed, help="Mail address whose owner asked you to write to it again. -: a line of standard input.")],
    as_json: AsJson = False,
) -> None:
    """Write to an address again that was left alone after bounces or a complaint.

    Example:

      billwatch bounces lift -
    """
    try:
        checked = check_address(address)
    except ValueError as problem:
        raise ConfigError(str(problem)) from None
    with open_services() as services:
        lifted = services.ledger.lift(services.keys.blind_index(checked))
    if as_json:
        print_json({"lifted": lifted})
    else:
        out.print("It is written to again." if lifted else "It was not left alone.")
    if not lifted:
        raise typer.Exit(1)
