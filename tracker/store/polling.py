"""The age of a missing text, and the end of a bill, to whether either is asked for again now, by the plan. Pure."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta

from tracker.polling.poll_plan import the_plan

TEXTS = the_plan().texts
SETTLED = the_plan().settled
FINAL = the_plan().final
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
    every = next(pause for limit, pause in TEXTS if age < limit)
    if not every:
        return True
    slot_began_at = first_seen_at + (age // every) * every
    return last_crawl_at < slot_began_at
