"""A filter and a stretch of the log to the events that its reader is to be told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from digests.following.facets import Facets, facets_of, material_of
from digests.following.filters import broad_of, passes, query_of
from tracker.model import Event, Filter
from tracker.ports import Log

PAGE = 1000


def news(log: Log, wanted: Filter, after: int, until: int,
         facets: Callable[[Event], Facets] = facets_of) -> Iterator[Event]:
    """In pages, so that a reader who was away for long does not fill the memory. The filter has the last word.

    `facets` may stand in for `facets_of`, for who has looked at the same event before.
    """
    query, broad = query_of(wanted), broad_of(wanted)
    size = 1  # often the first one is all that is asked for
    while after < until:
        page = log.events(after, size, query)
        for event in page:
            if event.seq > until:
                return
            if passes(wanted, broad, facets(event), partial(material_of, event)):
                yield event
        if len(page) < size:
            return
        after, size = page[-1].seq, PAGE
