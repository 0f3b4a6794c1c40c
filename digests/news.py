"""A filter and a stretch of the log to the events that its reader is to be told."""

from __future__ import annotations

from collections.abc import Iterator

from digests.filters import matches, query_of
from tracker.model import Event, Filter
from tracker.ports import Log

PAGE = 1000


def news(log: Log, wanted: Filter, after: int, until: int) -> Iterator[Event]:
    """In pages, so that a reader who was away for long does not fill the memory. The filter has the last word."""
    query = query_of(wanted)
    size = 1  # often the first one is all that is asked for
    while after < until:
        page = log.events(after, size, query)
        for event in page:
            if event.seq > until:
                return
            if matches(wanted, event):
                yield event
        if len(page) < size:
            return
        after, size = page[-1].seq, PAGE
