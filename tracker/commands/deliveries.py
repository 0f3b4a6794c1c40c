"""`billwatch deliveries`: the outbox, and whether it agrees with the log."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import msgspec
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from digests.alerts.reconciling import CheckedAlerts, check_alerts
from digests.delivery.reconciling import LOOK_BACK, Checked, check
from digests.following.news import news
from tracker.app import Services, open_services
from tracker.commands.output import AsJson, err, out, print_json, safe
from tracker.errors import ConfigError
from tracker.model import Delivery, DeliveryStatus

deliveries = typer.Typer(no_args_is_help=True, help="Messages that went, wait or failed. No addresses are shown.")


@deliveries.command("check")
def check_deliveries(
    repair: Annotated[bool, typer.Option(
        "--repair/--dry-run", help="Queue again what was never told, or only say so.")] = True,
    failed: Annotated[bool, typer.Option(
        "--failed", help="Also try again what was refused or given up, as after a wrong mail setting.")] = False,
    days: Annotated[int, typer.Option(min=1, max=365, help="How far to look back.")] = LOOK_BACK.days,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
    as_json: AsJson = False,
) -> None:
    """Hold the ledger against the log: what should have gone to each reader, what went, what was never told.

    Gaps (events that a subscription wants, which its cursor has passed and no message held) are queued again and go
    with the next round. Ends with status 1 if something was not well, repaired or not: hang it into your monitoring.

    The outbox of action alerts is held against the alerts, too: readers of an open one without a message, corrections
    and withdrawals that nobody queued, messages that waited past their window.

    Examples:

      billwatch deliveries check --dry-run --json

      billwatch deliveries check --failed
    """
    with open_services() as services, services.only_one(
            "deliver", "another process is sending right now: try again in a minute"):
        checked = _watched(services, repair, failed, timedelta(days=days), quiet or as_json)
        alerts = check_alerts(services.alert_outbox, services.alerts.get, services.store.bill, services.clock(),
                              repair=repair, failed=failed, look_back=timedelta(days=days))
    well = checked.well and alerts.well
    if as_json:
        print_json({**msgspec.to_builtins(checked), "alerts": msgspec.to_builtins(alerts), "well": well})
    else:
        _tell(checked, repair)
        _tell_alerts(alerts, repair)
        if well:
            out.print("All that should have gone went, or is on its way.")
    if not well:
        raise typer.Exit(1)


def _watched(services: Services, repair: bool, failed: bool, look_back: timedelta, quiet: bool) -> Checked:
    books, log, now = services.ledger, services.store, services.clock()
    if quiet or not err.is_terminal:
        return check(books, log, now, repair=repair, failed=failed, look_back=look_back)
    columns = (SpinnerColumn(), TextColumn("subscriptions"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("", total=books.count_confirmed())
        return check(books, log, now, repair=repair, failed=failed, look_back=look_back,
                     progress=lambda done: bar.update(task, completed=done))


def _tell(checked: Checked, repair: bool) -> None:
    again = f" ({checked.reopened} tried again)" if checked.reopened else ""
    out.print(f"{checked.subscriptions} subscriptions: {checked.sent} messages sent, {checked.open} open, "
              f"{checked.failed} refused or given up{again}")
    if checked.gaps:
        done = f"{checked.queued_again} queued again" if repair else "nothing changed"
        out.print(f"{checked.gaps} gaps with {checked.events} events that were never told: {done}")
        if repair and checked.queued_again < checked.gaps:
            out.print("The others wait for an open message of the same reader: check again after the next round.")
    if checked.stuck:
        out.print(f"{checked.stuck} messages were put off for longer than any pause" + (": freed" if repair else ""))
    if checked.ahead:
        out.print(f"{checked.ahead} subscriptions have seen more than the log holds: was an older log restored?")


def _tell_alerts(alerts: CheckedAlerts, repair: bool) -> None:
    again = f" ({alerts.reopened} tried again)" if alerts.reopened else ""
    out.print(f"Action alerts: {alerts.sent} messages sent, {alerts.open} open, {alerts.failed} refused or given up"
              f"{again}, {alerts.dropped} dropped")
    done = "queued again" if repair else "nothing changed"
    for count, what in (
            (alerts.missing, f"readers of open alerts had no message of them: {done}"),
            (alerts.owed, f"corrections or withdrawals were never queued: {done}"),
            (alerts.late, "messages waited past their window" + (": taken out" if repair else "")),
            (alerts.missed, "calls were never tried before their window closed: those readers cannot be told any more"),
            (alerts.unsure, "messages were handed over and no answer noted: they go again with the same Message-ID"),
            (alerts.unnoted, "alerts went without a note that they were queued" + (": noted" if repair else "")),
            (alerts.outside, "messages went unreleased or after their window: this must never be, please report it"),
            (alerts.stuck, "messages were put off for longer than any pause" + (": freed" if repair else ""))):
        if count:
            out.print(f"{count} {what}")


@deliveries.command("list")
def list_deliveries(
    state: Annotated[DeliveryStatus | None, typer.Option(help="Only these.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many of the last ones.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List messages by id, newest first: state, tries, when, and the mail server's code. No address, no topic.

    Example:

      billwatch deliveries list --state failed
    """
    with open_services() as services:
        found, counts = services.ledger.deliveries_in(state, limit), services.ledger.count_deliveries()
    if as_json:
        print_json({"counts": counts, "deliveries": [_row(d) for d in found]})
        return
    if found:
        table = Table("id", "state", "tries", "queued", "sent", "next try", "code")
        for d in found:
            table.add_row(d.id, d.status.value, str(d.attempts), *(f"{at:%Y-%m-%d %H:%M}" if at else "" for at in (
                d.created_at, d.sent_at, d.next_attempt_at)), safe(d.error or ""))
        out.print(table)
    out.print(", ".join(f"{count} {status}" for status, count in counts.items()) or "No message was queued yet.")


@deliveries.command("show")
def show_delivery(
    delivery_id: Annotated[str, typer.Argument(help="Id from `billwatch deliveries list`, or of a Message-ID.")],
    as_json: AsJson = False,
) -> None:
    """Show one message: how far it goes in the log, how many events it holds, what came back of it.

    Example:

      billwatch deliveries show e40c39233ce0c1b824df5acaf786acd7
    """
    with open_services() as services:
        identity = delivery_id.strip("<>").removeprefix("digest.").partition("@")[0]
        delivery = services.ledger.delivery(identity)
        if delivery is None:
            raise ConfigError(f"there is no delivery {identity!r}")
        shown = _row(delivery) | _details(services, delivery)
    if as_json:
        print_json(shown)
        return
    for name, value in shown.items():
        out.print(f"{name.replace('_', ' ')}: {safe(value if value is not None else '-')}")


def _row(delivery: Delivery) -> dict[str, Any]:
    return {"id": delivery.id, "subscription": delivery.subscription_id, "state": delivery.status,
            "tries": delivery.attempts, "queued_at": delivery.created_at, "sent_at": delivery.sent_at,
            "next_try_at": delivery.next_attempt_at, "code": delivery.error}


def _details(services: Services, delivery: Delivery) -> dict[str, Any]:
    row = services.ledger.get(delivery.subscription_id)
    held = sum(1 for _ in news(services.store, row.filter, delivery.from_seq, delivery.to_seq)) if row else 0
    back = [b for b in services.ledger.bounces(subscription_id=delivery.subscription_id)
            if b.delivery_id == delivery.id]
    return {"after_seq": delivery.from_seq, "to_seq": delivery.to_seq, "events_by_the_filter_of_today": held,
            "came_back": ", ".join(f"{b.kind.value} {b.code}".strip() for b in back) or None}
