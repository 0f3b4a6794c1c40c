"""`billwatch history` and `billwatch changes`: what was known of a bill on a date, and what changed between two."""

from __future__ import annotations

from collections.abc import Sized
from datetime import datetime
from typing import Annotated

import typer

from digests.wording.votes import vote_outcome
from digests.wording.words import chamber_name, describe, stage_name
from tracker.app import open_services
from tracker.commands.log import event_row
from tracker.commands.named_bill import held
from tracker.commands.output import AsJson, err, out, print_json, safe, stepped
from tracker.desk.review import shown
from tracker.errors import ConfigError
from tracker.history.asof import AsOf, read_as_of, read_span
from tracker.history.between import ChangedBill, changed
from tracker.history.gathering import history as events_of
from tracker.model import Filter, Topic
from tracker.stage import stage_of
from tracker.store.catalogue import BillRow
from tracker.store.past import Known, known_since, revisions
from tracker.ties import ties


def history(
    bill: Annotated[str, typer.Argument(help="A bill that is held here, e.g. us/119/hr-1865.")],
    as_of: Annotated[str, typer.Option("--as-of", help="A date (its end, UTC) or a moment like 2025-06-01T12:00Z; "
                                                       "none: now.", show_default=False)] = "",
    as_json: AsJson = False,
) -> None:
    """Tell a bill's whole history, or what was known of it on a date: stage, texts, flags, votes and every step.

    Related bills come with how far they have come, as do bills with the same words in a flagged section. What was
    recorded later is left out: the answer is the one that was given then. With --json also the numbers and
    times of the states that were kept, each of which can be asked for.

    Examples:

      billwatch history us/119/hr-1865

      billwatch history us/119/hr-1865 --as-of 2025-06-01 --json
    """
    with open_services() as services:
        asked = _read(as_of, services.clock()) if as_of else None
        bill = held(services, bill)
        then = services.as_known(asked.at) if asked else services
        state, known = then.store.bill(bill), known_since(services.store.engine, bill)
        if state is None or known is None:
            raise ConfigError(_missing(bill, asked, known))
        events = events_of(then.store, bill)
        tied, now = ties(then, bill, state.bill), then.clock()
        kept = [r for r in revisions(services.store.engine, bill) if not asked or r.recorded_at <= asked.at]
    flags = [(v.code, f) for v in state.versions for f in shown(v.flags)]
    if as_json:
        print_json({"id": bill, "as_of": asked.at if asked else None, "known_since": known.since,
                    "kept_since": known.kept_since, "revision": state.revision, "stage": stage_of(state.bill),
                    "bill": state.bill, "versions": [
                        {"code": v.code, "status": v.status, "sha256": v.sha256, "flags": shown(v.flags)}
                        for v in state.versions],
                    "related": tied.related, "same_words": {"total": tied.alike_total, "bills": tied.alike},
                    "revisions": kept, "events": [event_row(e) for e in events]})
        return
    out.print(f"[bold]{safe(state.bill.identifier)}[/bold] {safe(state.bill.title or 'No title given')}")
    out.print(f"{stage_name(stage_of(state.bill))}; {_of(state.versions, 'text')}, {_of(flags, 'flag')}; known since "
              f"{known.since:%Y-%m-%d}" + (f"; as known on {asked.written}" if asked else ""))
    for other in tied.related:
        there = ", ".join(("names this bill", *other.relations_there)) if not other.named else ""
        said = ", ".join(other.relations) or there
        out.print(f"related: {safe(other.identifier)}{f' ({safe(said)})' if said else ''}{_progress(other.row, now)}")
    for row in tied.alike:
        out.print(f"the same words: {safe(row.id)}{_progress(row, now)}")
    if tied.alike_total > len(tied.alike):
        out.print(f"the same words: {tied.alike_total - len(tied.alike)} more")
    for vote in state.bill.votes:
        told = ", ".join(filter(None, (chamber_name(vote.chamber or ""), vote.motion or vote.identifier)))
        went = vote_outcome(vote)
        out.print(f"{vote.date or '          '} vote: {safe(told)}{f': {went}' if went else ''}")
    for event in events:
        out.print(f"[dim]{event.recorded_at:%Y-%m-%d %H:%M}[/dim] {event.occurred_on or '          '} "
                  f"{safe(describe(event).headline)}")


def changes(
    first: Annotated[str, typer.Option("--from", help="A date (included) or a moment; none: a week before the end.",
                                       show_default=False)] = "",
    last: Annotated[str, typer.Option("--to", help="A date (included) or a moment; none: now.",
                                      show_default=False)] = "",
    topic: Annotated[Topic | None, typer.Option(help="Only bills with this topic when it happened.")] = None,
    jurisdiction: Annotated[str, typer.Option(help="Only this legislature, e.g. us-wa.")] = "",
    bill: Annotated[str, typer.Option(help="Only this bill, e.g. us/119/hr-1865.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="Events at most.")] = 1000,
    after: Annotated[int, typer.Option(min=0, help="`next` of the answer before, for what follows.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Tell what changed between two dates, bill by bill: the stage before and after, and each step that we recorded.

    Dates are those of our log, not of the legislature: what it published late is told when it came.

    Examples:

      billwatch changes --from 2025-06-01 --to 2025-06-07 --topic anti-trafficking

      billwatch changes --bill us/119/hr-1865 --from 2025-01-01 --json
    """
    with open_services() as services:
        wanted = Filter((topic,) if topic else (), (jurisdiction.lower(),) if jurisdiction else (),
                        (held(services, bill),) if bill else ())
        try:
            span = read_span(first, last, services.clock())
        except ValueError as problem:
            raise ConfigError(f"--from, --to: {problem}") from None
        found = changed(services, span, wanted, limit, after)
    if as_json:
        print_json({"since": span.before.at, "until": span.until.at, "next": found.next, "bills": [
            {"id": b.id, "before": b.before, "after": b.after, "events": [event_row(e) for e in b.events]}
            for b in found.bills]})
        return
    steps = [event for one in found.bills for event in one.events]
    out.print(f"{_of(steps, 'change')} of {_of(found.bills, 'bill')}, recorded from "
              f"{span.before.written} to {span.until.written}")
    for one in found.bills:
        _print(one)
    if found.next:
        err.print(f"more follow: --after {found.next}")


def _print(bill: ChangedBill) -> None:
    row = bill.after
    out.print(f"\n[bold]{safe(bill.id)}[/bold]  {safe((row.title if row else None) or 'No title given')}")
    if row:
        before = f"{stage_name(bill.before.stage)} → " if bill.before and bill.before.stage != row.stage else ""
        out.print(f"  {before}{stage_name(row.stage)}")
    for event in bill.events:
        out.print(f"  [dim]{event.recorded_at:%Y-%m-%d}[/dim] {safe(describe(event).headline)}")


def _progress(row: BillRow | None, now: datetime) -> str:
    if row is None:
        return ""
    on = f", {stepped(row, now)}" if row.latest_action_on else ""
    return f": {stage_name(row.stage)}{on}"


def _of(things: Sized, name: str) -> str:
    return f"{len(things):,} {name}{'' if len(things) == 1 else 's'}"


def _read(as_of: str, now: datetime) -> AsOf:
    try:
        return read_as_of(as_of, now)
    except ValueError as problem:
        raise ConfigError(f"--as-of: {problem}") from None


def _missing(bill: str, asked: AsOf | None, known: Known | None) -> str:
    if asked is None or known is None:
        return f"no bill {bill} is held: expected an id like us/119/hr-1865"
    return (f"{bill} is known since {known.since:%Y-%m-%dT%H:%MZ} and its states are kept since "
            f"{known.kept_since:%Y-%m-%dT%H:%MZ}: nothing can be told as of {asked.written}")
