"""Ended sessions to the last step of the bills that they left behind, in the database; taken back if a date jumps.

A blind source kills no bill: its bills end only after a good crawl that began when the session's last steps were known.
Killed anywhere, the next turn goes on; a second turn finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from tracker.differ import diff, newest_flags
from tracker.errors import Conflict
from tracker.events import topics_of
from tracker.model import Bill, BillState, Change, IngestMode, VerdictKind
from tracker.polling.adjournment import DYING, GRACE, Ending, calendar, ended_with, endings, step_of, without
from tracker.polling.pacing import zone_of
from tracker.polling.quotas import awake
from tracker.stage import stage_of

if TYPE_CHECKING:
    from tracker.app import Services

log = structlog.get_logger()

CHUNK = 100  # bills a transaction
SOME_DAY = date(1970, 1, 2)  # stands for the last day of a session that ended on a day that nobody told
OPEN = datetime(1970, 1, 1, tzinfo=UTC)  # a session that was closed, and is open again
GOOD = (VerdictKind.OK, VerdictKind.EMPTY)


@dataclass(slots=True)
class Closed:
    """What one turn did."""

    died: int = 0
    revived: int = 0


def endings_of(services: Services) -> tuple[Ending, ...]:
    """Of the sessions of all legislatures that are watched."""
    watched = set(awake(services.settings))
    return tuple(e for e in endings(calendar(), services.sessions.told()) if e.jurisdiction in watched)


def close_sessions(services: Services) -> Closed:
    """Every bill of an ended session that still counts as alive gets its last step, if that is what the end means."""
    done = Closed()
    with services.only_one("sessions", "another process is closing sessions right now"):
        for ending in endings_of(services):
            _close(services, ending, done)
    if done != Closed():
        log.info("sessions closed", died=done.died, revived=done.revived)
    return done


def _close(services: Services, ending: Ending, done: Closed) -> None:
    """The day that bills were ended with is kept: only if it jumps are those that died looked at again."""
    mark = f"closed:{ending.jurisdiction}/{ending.session}"
    before, over = services.store.job_last_run(mark), is_over(services, ending)
    with_day = _midnight(ending.on or SOME_DAY, ZoneInfo("UTC")) if over else OPEN
    if over:
        done.died += _rewrite(services, ending, DYING, lambda bill: ended_with(bill, ending))
    if before in (None, with_day):
        if over and before is None:
            services.store.set_job_last_run(mark, with_day)
        return
    done.revived += _rewrite(services, ending, ("died",), lambda bill: _as_it_is(bill, ending, over))
    services.store.set_job_last_run(mark, with_day)


def is_over(services: Services, ending: Ending) -> bool:
    """Whether it ended, and its source was crawled well since its last steps were known."""
    now, zone = services.clock(), ZoneInfo(zone_of(ending.jurisdiction))
    if not ending.ended(now.astimezone(zone).date()):
        return False
    since = _midnight(ending.since + GRACE + timedelta(1), zone) if ending.since else None
    return any(services.store.runs(ending.jurisdiction, 1, since=since, verdict=kind) for kind in GOOD)


def _as_it_is(bill: Bill, ending: Ending, over: bool) -> Bill:
    """A bill that died, under what is known of its session now."""
    if step_of(bill) is None:
        return bill
    return ended_with(bill, ending) if over else without(bill)


def _mode(services: Services, ending: Ending) -> IngestMode:
    """News if it is fresh, and if we were watching when the session ended; else history."""
    zone = ZoneInfo(zone_of(ending.jurisdiction))
    if not ending.is_news(services.clock().astimezone(zone).date()):
        return IngestMode.BACKFILL
    watched = services.store.runs(ending.jurisdiction, 1, until=_midnight(ending.since, zone) if ending.since else None)
    return IngestMode.LIVE if watched else IngestMode.BACKFILL


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _rewrite(services: Services, ending: Ending, stages: Sequence[str], to: Callable[[Bill], Bill]) -> int:
    """Bills of the session at these stages, as `to` gives them; how many that changed."""
    mode, count = _mode(services, ending), 0
    ids = services.store.standing(ending.jurisdiction, ending.session, stages)
    for chunk in _chunks(ids):
        if services.stopping.is_set():
            break
        try:
            with services.store.write() as writer:
                changes = [c for one in chunk if (state := writer.state(one)) and (c := _change(one, state, to, mode))]
                for change in changes:
                    writer.apply(change, services.clock())
        except Conflict:  # a crawl was at it: the next turn looks again
            continue
        count += len(changes)
    return count


def _chunks(ids: Iterator[str]) -> Iterator[list[str]]:
    while chunk := list(islice(ids, CHUNK)):
        yield chunk


def _change(bill_id: str, state: BillState, to: Callable[[Bill], Bill], mode: IngestMode) -> Change | None:
    bill = to(state.bill)
    if bill == state.bill:
        return None
    return Change(bill_id, bill, state.content_hash, state.revision, stage_of(bill),
                  topics_of(newest_flags(state.versions)), (), diff(bill_id, state, bill, state.versions, mode))
