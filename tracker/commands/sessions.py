"""`billwatch sessions`: when sessions end, who says so, and what their end did to bills."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from tracker.app import Services, open_services
from tracker.commands.output import AsJson, out, print_json, safe
from tracker.polling.adjournment import DYING, Ending
from tracker.polling.closing import close_sessions, endings_of, is_over


def sessions(
    close: Annotated[bool, typer.Option("--close", help="Do now what `serve` does every hour.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show when the sessions of watched legislatures end, and how many of their bills are still alive.

    When a session ends, pending bills die without a vote, and their records say nothing. Three days later, after a good
    crawl, such bills get a last step of our own ("calendar of sessions"), and readers are told. What the record says
    later replaces it; if a date jumps, it is taken back as a correction. Bills that are carried over do not die.

    Examples:

      billwatch sessions

      billwatch sessions --close --json
    """
    with open_services() as services:
        done = close_sessions(services) if close else None
        rows = [row_of(services, ending) for ending in endings_of(services)]
    if as_json:
        print_json({"sessions": rows, "died": done.died, "revived": done.revived} if done else {"sessions": rows})
        return
    table = Table("source", "session", "ends", "state", "alive", "said by", box=None)
    for row in rows:
        table.add_row(*(safe(str(row[key] if row[key] is not None else "")) for key in (
            "source", "session", "ends_on", "state", "alive", "why")))
    out.print(table if rows else "no session is known of the legislatures that are watched")
    if done:
        out.print(f"{done.died} bill(s) died with their session, {done.revived} taken back or dated anew")


def row_of(services: Services, ending: Ending) -> dict[str, Any]:
    alive = sum(1 for _ in services.store.standing(ending.jurisdiction, ending.session, DYING))
    state = "carried over" if ending.carries else "over" if is_over(services, ending) else "open"
    return {"source": ending.jurisdiction, "session": ending.session,
            "ends_on": ending.on.isoformat() if ending.on else None, "state": state, "alive": alive,
            "why": ending.why}
