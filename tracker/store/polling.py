"""The age of a missing text, and the end of a bill, to how often either is asked for again. Pure."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta

# (younger than, at most one poll in); a text is usually late by hours, and after weeks it rarely comes at all.
POLLING: tuple[tuple[timedelta, timedelta], ...] = (
    (timedelta(days=2), timedelta(0)),  # each crawl
    (timedelta(days=14), timedelta(hours=6)),
    (timedelta(days=90), timedelta(days=1)),
    (timedelta.max, timedelta(weeks=1)),
)


# Where a listing does not say what changed, live bills are asked for in each crawl until their final disposition. Then
# little happens (a chapter number, an effective date; rarely, a dead bill lives again): seldom, and not all at once.
SETTLED = timedelta(days=7)
FINAL = ("became-law", "adopted", "failed", "died", "vetoed", "withdrawn")  # stages
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def rests(bill_id: str, last_crawl_at: datetime | None, now: datetime) -> bool:
    """Whether a bill at its final disposition was asked for in its slot already. Rests on good crawls, as `is_due`."""
    if last_crawl_at is None:
        return False
    offset = timedelta(seconds=zlib.crc32(bill_id.encode()) % int(SETTLED.total_seconds()))
    slot_began_at = now - (now - _BEGINNING - offset) % SETTLED
    return last_crawl_at >= slot_began_at


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
