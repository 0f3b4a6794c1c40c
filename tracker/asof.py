"""What a reader writes for a date or a moment, to the moment whose knowledge is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time


@dataclass(frozen=True, slots=True)
class AsOf:
    """`written` gives the same again; a date means all that was recorded by its end, in UTC."""

    at: datetime
    written: str


def read_as_of(text: str, now: datetime) -> AsOf:
    """Raises ValueError, in words for the reader. A moment without a zone is UTC; today means now."""
    text = text.strip()
    try:
        if len(text) <= len("2025-06-01"):
            day = date.fromisoformat(text)
            at = datetime.combine(day, time.max, UTC)
            future, written = day > now.date(), day.isoformat()
        else:
            # A blank is what a plus sign becomes on its way through an address.
            at = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
            at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
            future, written = at > now, f"{at:%Y-%m-%dT%H:%M:%S}{f'.{at.microsecond:06}' if at.microsecond else ''}Z"
    except (ValueError, OverflowError):
        raise ValueError("expected a date like 2025-06-01, or a moment like 2025-06-01T12:00:00Z") from None
    if future:
        raise ValueError("expected a date or moment that is not in the future")
    return AsOf(min(at, now), written)
