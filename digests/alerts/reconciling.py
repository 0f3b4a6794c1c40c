"""Alerts, their outbox and the clock held against each other: who should have been told, who was, and who never can be.

An alert that was queued must have a row for every reader whom it is for; who has a call that was corrected or withdrawn
must have a row that says so; nothing may wait past its window. What is missing is queued again while the window is
open. What closed before it went is counted: nothing can mend it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from digests.alerts.alerting import Outbox, owed_notices, put_all, questions_of, wanting
from digests.delivery.sending import BACK_OFF
from tracker.alerts.records import Alert, AlertDelivery, Standing, standing
from tracker.model import BillState

GRACE = timedelta(minutes=15)  # what a service that runs has done by then
LONGEST_WAIT = max(BACK_OFF) + timedelta(hours=1)


class Books(Outbox, Protocol):
    def by_state(self, since: datetime) -> Counter[str]: ...

    def awaited(self) -> set[str]: ...

    def overdue(self, before: datetime) -> int: ...

    def missed(self, since: datetime) -> int: ...

    def unsure(self, before: datetime) -> int: ...

    def outside(self) -> int: ...

    def unnoted(self) -> list[Alert]: ...

    def stuck(self, after: datetime, free_at: datetime | None) -> int: ...

    def reopen_alerts(self, now: datetime) -> int: ...


@dataclass(frozen=True, slots=True)
class CheckedAlerts:
    """Counts of messages; `well` if nothing was lost."""

    sent: int = 0
    open: int = 0
    failed: int = 0
    dropped: int = 0
    missing: int = 0  # readers of an open alert that was queued, and nothing of theirs in the outbox
    owed: int = 0  # corrections and withdrawals that nobody queued
    late: int = 0  # wait, though their window has closed
    missed: int = 0  # never tried until their window closed: cannot be mended
    unsure: int = 0  # handed over, and the answer lost: go again with the same Message-ID
    unnoted: int = 0  # alerts of which messages went, and no note that they were queued
    outside: int = 0  # sent unreleased or after the window: must never be
    stuck: int = 0
    queued_again: int = 0
    reopened: int = 0

    @property
    def well(self) -> bool:
        return not (self.missing or self.owed or self.late or self.missed or self.unsure or self.unnoted
                    or self.outside or self.stuck)


def check_alerts(books: Books, get: Callable[[str], Alert | None], bill: Callable[[str], BillState | None],
                 now: datetime, *, repair: bool = True, failed: bool = False,
                 look_back: timedelta = timedelta(days=30)) -> CheckedAlerts:
    """`repair`: queue what is missing, take out what is too late, free what is stuck. `failed`: also try again what
    was refused or given up and is still in time."""
    awaited = books.awaited()
    missing = [row for alert in books.told_open(now) if standing(alert, now) is Standing.OPEN
               for row in _missing(books, alert, bill, awaited, now)]
    owed = [row for row in owed_notices(books, get, now) if _is_old(get(row.alert_id), now)]
    late, missed = books.overdue(now - GRACE), books.missed(now - look_back)
    unsure, outside, unnoted = books.unsure(now - GRACE), books.outside(), books.unnoted()
    queued_again = reopened = 0
    if repair:
        books.drop_late(now)
        queued_again = put_all(books, [*missing, *owed])
        for alert in unnoted:
            books.note_queued(alert, now)
        reopened = books.reopen_alerts(now) if failed else 0
    stuck = books.stuck(now + LONGEST_WAIT, now if repair else None)
    states = books.by_state(now - look_back)
    return CheckedAlerts(states["sent"], states["queued"], states["failed"], states["dropped"], len(missing), len(owed),
                         late, missed, unsure, len(unnoted), outside, stuck, queued_again, reopened)


def _missing(books: Books, alert: Alert, bill: Callable[[str], BillState | None], awaited: Collection[str],
             now: datetime) -> list[AlertDelivery]:
    """Those whose wishes are new get it with the next round: they do not miss it yet."""
    rows = (row for row in books.confirmed() if row.id not in awaited)
    return list(wanting(rows, books.addressed(alert.id), alert, questions_of(alert, bill, now), now))


def _is_old(alert: Alert | None, now: datetime) -> bool:
    """The next round of a service that runs would have done it by now."""
    at = (alert.withdrawn_at or alert.released_at) if alert else None
    begins = alert.shown.text.not_before if alert and alert.shown else None
    return at is not None and now - max(at, begins or at) > GRACE
