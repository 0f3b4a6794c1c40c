"""The log to fixed pages of at most fifty entries that never change once they are full (RFC 5005 archives).

Where a page ends is decided by the log alone, without counting it: an entry whose number hashes low ends its page, and
a stretch without such an entry is cut every fifty. So a page is found from its own surroundings, at a cost of one or
two hundred rows however long the log is; it does not depend on what is newest; and it is named by the number of the
entry before it. A page is closed when its last entry is known. Any entry that fifty newer ones have pushed out of the
current document lies in a closed page: nothing falls between.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from tracker.model import Event
from tracker.ports import EventQuery, Log

SIZE = 50
_LOW = 2**32 // SIZE  # one entry in fifty


@dataclass(frozen=True, slots=True)
class Page:
    """`after`: number of the entry before the first one (0: none), the page's name. `events` ascending."""

    after: int
    events: tuple[Event, ...]

    @property
    def closed(self) -> bool:
        return len(self.events) == SIZE or (bool(self.events) and ends_page(self.events[-1].seq))


def ends_page(seq: int) -> bool:
    return int.from_bytes(hashlib.sha256(str(seq).encode()).digest()[:4]) < _LOW


def current(log: Log, query: EventQuery) -> tuple[Event, ...]:
    """The newest entries, newest first."""
    return tuple(log.latest_events(None, SIZE, query))


def page_after(log: Log, query: EventQuery, after: int) -> Page | None:
    """The closed page of this name. None if there is none, or none yet: what may still grow is not published."""
    if after and not _is_page_end(log, query, after):
        return None
    page = _fill(log, query, after)
    return page if page.closed else None


def page_before(log: Log, query: EventQuery, before: int) -> Page | None:
    """The page that holds the newest entry before number `before`; None if there is no such entry."""
    newest = log.latest_events(before, 1, query)
    return _page_of(log, query, newest[0].seq) if newest else None


def _is_page_end(log: Log, query: EventQuery, seq: int) -> bool:
    page = page_before(log, query, seq + 1)
    return page is not None and page.closed and page.events[-1].seq == seq


def _page_of(log: Log, query: EventQuery, seq: int) -> Page:
    """Back to the nearest low hash before `seq`, then forward in fifties."""
    between: list[int] = []  # numbers of the entries since that hash, newest first
    start, before = 0, seq
    while not start and (found := log.latest_events(before, SIZE, query)):
        before = found[-1].seq
        for event in found:
            if ends_page(event.seq):
                start = event.seq
                break
            between.append(event.seq)
    cut = len(between) // SIZE * SIZE
    return _fill(log, query, between[-cut] if cut else start)


def _fill(log: Log, query: EventQuery, after: int) -> Page:
    events = log.events(after, SIZE, query)
    ended = next((n for n, e in enumerate(events, 1) if ends_page(e.seq)), len(events))
    return Page(after, tuple(events[:ended]))
