"""Many readers and the log to the first event after each one's cursor that is for that reader.

The log is read once for all of them. Few readers, and those who are far behind (a message that cannot be sent keeps a
cursor where it is), are cheaper to ask one by one, which costs what matches and not what happened.
"""

from __future__ import annotations

from collections.abc import Sequence

from digests.following.filters import query_of
from digests.following.matching import Index
from digests.following.news import PAGE, news
from tracker.model import Event, Subscription
from tracker.ports import EventQuery, Log

FEW = 50  # readers
FAR = 20_000  # events behind


def first_news(log: Log, rows: Sequence[Subscription], until: int, few: int = FEW, far: int = FAR) -> dict[str, Event]:
    """Subscription id to its oldest untold event; not in it: none up to and including `until`."""
    near = [row for row in rows if until - far <= row.cursor < until]
    together = len(near) >= max(1, few)
    found = _read_once(log, near, until) if together else {}
    for row in rows:
        if row.cursor < until and not (together and until - far <= row.cursor):
            first = next(news(log, row.filter, row.cursor, until), None)
            if first is not None:
                found[row.id] = first
    return found


def _read_once(log: Log, rows: Sequence[Subscription], until: int) -> dict[str, Event]:
    index = Index((row.id, row.filter) for row in rows)
    cursors = {row.id: row.cursor for row in rows}
    asked = EventQuery(flagged=all(query_of(wanted).flagged for wanted in {row.filter for row in rows}), alerting=True)
    found: dict[str, Event] = {}
    after = min(cursors.values())
    while after < until and len(found) < len(cursors):
        page = log.events(after, PAGE, asked)
        for event in page:
            if event.seq > until:
                return found
            for identity in index.match(event):
                if cursors[identity] < event.seq:
                    found.setdefault(identity, event)
        if len(page) < PAGE:
            break
        after = page[-1].seq
    return found
