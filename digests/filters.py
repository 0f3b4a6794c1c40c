"""A reader's filter to the events that it lets through, said once in Python and once as a query of the log."""

from __future__ import annotations

from tracker.model import Event, Filter, IngestMode
from tracker.ports import EventQuery


def matches(wanted: Filter, event: Event) -> bool:
    """An empty filter means every flagged bill; a filter that names bills follows them even unflagged.

    Backfill and repair never alert.
    """
    if event.mode is not IngestMode.LIVE:
        return False
    if wanted.bills:
        if event.bill_id not in wanted.bills:
            return False
    elif not event.topics:
        return False
    if wanted.topics and not set(wanted.topics) & set(event.topics):
        return False
    return not wanted.jurisdictions or event.jurisdiction in wanted.jurisdictions


def query_of(wanted: Filter) -> EventQuery:
    """The same question to the log, so that a reader costs what matches and not what happened."""
    return EventQuery(filter=wanted, flagged=not wanted.bills, alerting=True)
