"""`billwatch webhooks`: programs that get events pushed, signed."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.table import Table

from digests.channels.outward import Refused, check_address
from digests.channels.webhooks import deliver, new_secret, poster
from tracker.app import Services, open_services
from tracker.commands.output import AsJson, err, out, print_json, safe
from tracker.errors import ConfigError
from tracker.hooks import Webhook, enabled
from tracker.model import Effect, Event, EventKind, Filter, IngestMode, Topic
from tracker.pushing import push_now

webhooks = typer.Typer(no_args_is_help=True, help="Programs that get events pushed, each signed with their own secret.")
Identity = Annotated[str, typer.Argument(help="Id from `billwatch webhooks list`.")]


@webhooks.command("add")
def add(
    url: Annotated[str, typer.Argument(help="https:// address that takes the requests.")],
    topic: Annotated[list[Topic] | None, typer.Option("--topic", help="Repeat for several; none: all.")] = None,
    jurisdiction: Annotated[list[str] | None, typer.Option("--jurisdiction", help="Repeat for several.")] = None,
    bill: Annotated[list[str] | None, typer.Option("--bill", help="Only this bill, e.g. us/119/hr-1865.")] = None,
    effect: Annotated[list[Effect] | None, typer.Option("--effect", help="Of the topic.")] = None,
    alerts: Annotated[bool, typer.Option(
        "--alerts", help="Also action alerts: when released, corrected, withdrawn; only inside their window.")] = False,
    since: Annotated[int | None, typer.Option(min=0, help="Begin behind this event; unset: with what comes.")] = None,
    as_json: AsJson = False,
) -> None:
    """Push every event that fits to an address, from now on. The secret is shown once, here.

    Requests follow Standard Webhooks (webhook-id, webhook-timestamp, webhook-signature); see docs/webhooks.md.

    Example:

      billwatch webhooks add https://example.org/hook --topic platform-liability --alerts
    """
    with open_services() as services:
        try:
            check_address(url, services.settings.webhook_private_hosts)
        except Refused as reason:
            raise ConfigError(str(reason)) from None
        wanted = Filter(tuple(topic or ()), tuple(jurisdiction or ()), tuple(bill or ()), effects=tuple(effect or ()))
        hook = Webhook(secrets.token_hex(8), url, new_secret(), wanted,
                       services.store.last_seq() if since is None else since, services.clock(),
                       alerts={} if alerts else None)
        services.hooks.add(hook)
    if as_json:
        print_json({"id": hook.id, "secret": hook.secret})
        return
    out.print(f"webhook {hook.id}\nsecret  {hook.secret}")
    err.print(f"[dim]the secret is not shown again; try it with `billwatch webhooks test {hook.id}`[/dim]")


@webhooks.command("list")
def show_all(as_json: AsJson = False) -> None:
    """List webhooks: how far each has come, and what its endpoint last said. Addresses are shown by their host.

    Example:

      billwatch webhooks list --json
    """
    with open_services() as services:
        last = services.store.last_seq()
        rows = [_row(hook, last) for hook in services.hooks.all()]
    if as_json:
        print_json(rows)
        return
    table = Table("id", "host", "state", "delivered", "up to event", "last answer", "next try (UTC)")
    for row in rows:
        table.add_row(row["id"], safe(row["host"]), safe(row["state"]), str(row["sent"]),
                      f"{row['cursor']} of {last}", safe(row["last_answer"] or ""),
                      f"{row['next_attempt_at']:%Y-%m-%d %H:%M}" if row["next_attempt_at"] else "")
    out.print(table if rows else "There is no webhook.")


def _row(hook: Webhook, last: int) -> dict[str, Any]:
    state = f"off: {hook.disabled}" if hook.disabled else "failing" if hook.attempts else "on"
    return {"id": hook.id, "host": urlsplit(hook.address).hostname or "", "state": state, "sent": hook.sent,
            "cursor": hook.cursor, "last": last, "attempts": hook.attempts, "last_answer": hook.last_answer,
            "alerts": None if hook.alerts is None else sum(told.arrived for told in hook.alerts.values()),
            "last_sent_at": hook.last_sent_at, "next_attempt_at": hook.next_attempt_at}


@webhooks.command("test")
def test(identity: Identity, as_json: AsJson = False) -> None:
    """Send one signed request about a bill test/1/test-1 and say what the endpoint answered. Nothing is noted.

    Example:

      billwatch webhooks test ID
    """
    with open_services() as services:
        hook, now = _get(services, identity), services.clock()
        event = Event(0, "test", EventKind.BILL_INTRODUCED, "test/1/test-1", "test", None, now, IngestMode.LIVE, (),
                      {"test": True})
        tried = deliver(replace(hook, disabled=None), event, services.site, services.clock,
                        poster(services.settings.webhook_private_hosts))
    good = tried.attempts == 0
    if as_json:
        print_json({"delivered": good, "answer": tried.last_answer})
    else:
        out.print(safe(f"{'delivered' if good else 'not delivered'}: {tried.last_answer}"))
    if not good:
        raise typer.Exit(1)


@webhooks.command("push")
def push_all(as_json: AsJson = False) -> None:
    """Send what is due, once, now. `billwatch serve` does this every minute.

    Example:

      billwatch webhooks push --json
    """
    with open_services() as services:
        done = push_now(services)
    if as_json:
        print_json(done)
    else:
        out.print(f"{done.sent} delivered, {done.failed} to try again")


@webhooks.command("disable")
def disable(identity: Identity, as_json: AsJson = False) -> None:
    """Switch one off. Events wait for it.

    Example:

      billwatch webhooks disable ID
    """
    with open_services() as services:
        services.hooks.switch(replace(_get(services, identity), disabled="switched off by hand"))
    _done("Off.", {"id": identity, "on": False}, as_json)


@webhooks.command("enable")
def enable(identity: Identity, as_json: AsJson = False) -> None:
    """Switch one on again: what it missed is delivered, in order.

    Example:

      billwatch webhooks enable ID
    """
    with open_services() as services:
        services.hooks.switch(enabled(_get(services, identity)))
    _done("On.", {"id": identity, "on": True}, as_json)


@webhooks.command("remove")
def remove(identity: Identity, as_json: AsJson = False) -> None:
    """Delete one with its secret, for good.

    Example:

      billwatch webhooks remove ID
    """
    with open_services() as services:
        if not services.hooks.remove(identity):
            raise ConfigError(f"there is no webhook {identity}")
    _done("Deleted.", {"id": identity, "deleted": True}, as_json)


def _done(words: str, facts: dict[str, object], as_json: bool) -> None:
    if as_json:
        print_json(facts)
    else:
        out.print(words)


def _get(services: Services, identity: str) -> Webhook:
    found = services.hooks.get(identity)
    if found is None:
        raise ConfigError(f"there is no webhook {identity}: `billwatch webhooks list` has them")
    return found
