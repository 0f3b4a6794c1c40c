"""The age of a missing text to how often it is asked for again. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

# (younger than, at most one poll in); a text is usually late by hours, and after weeks it rarely comes at all.
POLLING: tuple[tuple[timedelta, timedelta], ...] = (
    (timedelta(days=2), timedelta(0)),  # each crawl
    (timedelta(days=14), timedelta(hours=6)),
    (timedelta(days=90), timedelta(days=1)),
    (timedelta.max, timedelta(weeks=1)),
)


def is_due(first_seen_at: datetime, last_crawl_at: datetime | None, now: datetime) -> bool:
    """Whether the last good crawl was in an earlier slot of the text's rhythm.

    It rests on crawls that ended well, not on texts that were handed out: a crawl that was killed asks again.
    """
    if last_crawl_at is None:
        return True
    age = now - first_seen_at
    every = next(pause for limit, pause in POLLING if age < limit)
    if not every:
        return True
    slot_began_at = first_seen_at + (age // every) * every
    return last_crawl_at < slot_began_at
