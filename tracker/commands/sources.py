"""`billwatch sources`: how often each source is asked, by its plan, and what a change costs in requests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from rich.table import Table

from spiders.discovery import find, names
from tracker.app import Services, open_services
from tracker.commands.output import AsJson, out, print_json, safe
from tracker.polling import cadence
from tracker.polling.cadence import Pace
from tracker.polling.pacing import cadence_of, has_quota, is_hot, pace_of, pause_of
from tracker.polling.watching import cost_of, survey
from tracker.store.polling import SETTLED


def sources(as_json: AsJson = False) -> None:
    """Show how often each source is asked, and how many requests a detected change costs.

    A plan has four parts: minutes between crawls in session, in recess, and while a flagged bill moves (`hot`; never
    for a source with a quota), and days between two looks at a bill that became law or died, where no listing says what
    changed (`settled`; live bills are looked at in each crawl). `now` is today's pace, `pause` what it means this hour.
    `a change`: requests of the live crawls of the last 30 days, divided by the events that they brought.

    Examples:

      billwatch sources

      billwatch sources --json
    """
    with open_services() as services:
        now = services.clock()
        rows = [row_of(services, health.source, now) for health in survey(services)]
    if as_json:
        print_json(rows)
        return
    table = Table("source", "now", "pause", "session", "recess", "hot", "settled", "requests", "changes", "a change",
                  box=None)
    for row in rows:
        table.add_row(safe(row["source"]), row["pace"], *(_minutes(row[k]) for k in (
            "pause_minutes", "session_minutes", "recess_minutes", "hot_minutes")), f"{row['settled_days']} d"
            if row["settled_days"] else "", str(row["requests_30_days"]), str(row["changes_30_days"]),
            "" if row["requests_per_change"] is None else str(row["requests_per_change"]))
    out.print(table if rows else "no source was crawled yet, and none is named in the setting `sources`")


def row_of(services: Services, source: str, now: datetime) -> dict[str, Any]:
    plan, cost = cadence_of(source), cost_of(services, source)
    pace = pace_of(services, source, now)
    rationed = has_quota(source)
    if pace is Pace.SESSION and not rationed and is_hot(services, source, now):
        pace = Pace.HOT
    hottest = min(slot.share for slot in cadence.PLAN if slot.pace is Pace.HOT)
    unstamped = source in names() and getattr(find(source), "unstamped", False)
    return {
        "source": source, "pace": pace.value, "pause_minutes": _whole(pause_of(services, source, now)),
        "session_minutes": plan["session"], "recess_minutes": plan["recess"],
        "hot_minutes": None if rationed else max(_whole(cadence.SHORTEST), plan["session"] * hottest),
        "settled_days": SETTLED.days if unstamped else None, "requests_30_days": cost.requests,
        "changes_30_days": cost.changes, "requests_per_change": cost.per_change}


def _whole(span: timedelta) -> int:
    return int(span.total_seconds() // 60)


def _minutes(minutes: float | None) -> str:
    if minutes is None:
        return ""
    return f"{minutes / 60:g} h" if minutes >= 60 else f"{minutes:g} min"
