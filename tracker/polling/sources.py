"""Runs of a source to its state: whether we see it, since when not, and what a change costs in requests. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from tracker.model import IngestMode, Run, VerdictKind

SHOWN_RUNS = 10
CLOCK_SLIP = timedelta(minutes=10)
FIRST_CRAWL = timedelta(days=2)  # a source that was never walked whole is given so long
COST_SPAN = timedelta(days=30)
REMIND_EVERY = timedelta(days=7)


class SourceState(StrEnum):
    FRESH = "fresh"
    STALE = "stale"  # no good run for too long
    BLIND = "blind"  # the last judged run was not good


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """`well_at`: end of the last good run; `since`: when the state began, if it is not fresh and that is known;
    `failing`: the last judged run was not good; `stale`: no good run for too long (both may be)."""

    source: str
    name: str
    runs: tuple[Run, ...]  # newest first
    last: Run | None  # the newest run that was judged
    well_at: datetime | None
    failing: bool
    stale: bool
    since: datetime | None

    @property
    def state(self) -> SourceState:
        return SourceState.BLIND if self.failing else SourceState.STALE if self.stale else SourceState.FRESH

    @property
    def healthy(self) -> bool:
        return self.state is SourceState.FRESH


def judge(source: str, runs: Sequence[Run], now: datetime, allowance: timedelta, name: str = "") -> SourceHealth:
    """`runs` are the source's newest, newest first, back to the last good one.

    A run that is still going, died unjudged, or was only asked for a part proves nothing; one that ended in the future
    proves that a clock was wrong.
    """
    judged = [r for r in runs if proves(r)]
    bad = next((n for n, r in enumerate(judged) if is_good(r)), len(judged))  # failures since the last good run
    well_at = ended(judged[bad]) if bad < len(judged) else None
    stale = well_at is None or not -CLOCK_SLIP <= now - well_at <= allowance
    since = None
    if bad:
        since = ended(judged[bad - 1])
    elif stale and well_at and well_at <= now:
        since = well_at + allowance
    elif stale and well_at is None and runs and now - runs[-1].started_at > max(allowance, FIRST_CRAWL):
        since = runs[-1].started_at
    return SourceHealth(source, name or source.upper(), tuple(runs[:SHOWN_RUNS]), judged[0] if judged else None,
                        well_at, bool(bad), stale, since)


def proves(run: Run) -> bool:
    return run.verdict is not None and not run.counts.get("partial")


def is_good(run: Run) -> bool:
    return proves(run) and run.verdict is not None and run.verdict.kind is VerdictKind.OK


def ended(run: Run) -> datetime:
    return run.finished_at or run.started_at


# --- what a change costs ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cost:
    """Of COST_SPAN: requests that live runs sent (retries and robots.txt too), and events that they brought."""

    requests: int
    changes: int

    @property
    def per_change(self) -> float | None:
        """None: nothing changed, so there is no such figure."""
        return round(self.requests / self.changes, 1) if self.changes else None


def cost(runs: Sequence[Run], now: datetime) -> Cost:
    """First crawls are history, not changes: neither their requests nor their events count."""
    live = [r for r in runs if r.mode is IngestMode.LIVE and now - COST_SPAN < r.started_at <= now + CLOCK_SLIP]
    return Cost(sum(r.counts.get("requests", 0) for r in live), sum(r.counts.get("events", 0) for r in live))


# --- outages ----------------------------------------------------------------------------------------------------------


class Notice(StrEnum):
    """What the operator is told of an outage."""

    BEGAN = "began"
    LASTS = "lasts"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Outage:
    """One stretch in which a source was not fresh. What it says is fixed when it is noticed; only the end is added."""

    source: str
    began_at: datetime
    name: str  # of the legislature, for people
    state: SourceState
    verdict: VerdictKind | None
    reason: str | None
    well_at: datetime | None
    noticed_at: datetime
    ended_at: datetime | None = None
    told_at: datetime | None = None  # the operator's last mail about it
    end_told_at: datetime | None = None


def follow(known: Outage | None, health: SourceHealth, now: datetime) -> Outage | None:
    """What is to be written: a new outage, the end of the `known` open one, or nothing."""
    if known is not None:
        return replace(known, ended_at=now) if health.healthy else None
    if health.healthy or (health.since is None and health.well_at is None):
        return None  # a first crawl is no outage
    verdict = health.last.verdict if health.failing and health.last else None
    return Outage(health.source, health.since or now, health.name, health.state, verdict.kind if verdict else None,
                  verdict.reason if verdict else None, health.well_at, now)


def due_notice(outage: Outage, now: datetime) -> Notice | None:
    """One when it begins, one a week while it lasts, one when it ends. An end of what was never told is not told."""
    if outage.told_at is None:
        return None if outage.ended_at else Notice.BEGAN
    if outage.ended_at is not None:
        return None if outage.end_told_at else Notice.ENDED
    return None if timedelta(0) <= now - outage.told_at < REMIND_EVERY else Notice.LASTS


def told(outage: Outage, notice: Notice, now: datetime) -> Outage:
    return replace(outage, end_told_at=now) if notice is Notice.ENDED else replace(outage, told_at=now)
