"""What a reader writes for a date or a moment, to the moment whose knowledge is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)  # nothing was recorded before; days can still be counted back from it


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


@dataclass(frozen=True, slots=True)
class Span:
    """From the state at `before` to the state at `until`: what was recorded after the one, by the other."""

    before: AsOf
    until: AsOf


def read_span(first: str | None, last: str | None, now: datetime, days: int = 7) -> Span:
    """Both dates are included, in UTC; moments are taken as they are. Without an end, now; without a beginning, so
    many days before the end. Raises ValueError, in words for the reader."""
    until = read_as_of(last, now) if last else AsOf(now, now.date().isoformat())
    day = until.at.date()
    first = first or (day - timedelta(days=min(days, day.toordinal() - 1))).isoformat()
    before = read_as_of(first, now)
    begins = before.at
    if len(first.strip()) <= len("2025-06-01"):
        begins = datetime.combine(date.fromisoformat(before.written), time.min, UTC)
        if begins > datetime.min.replace(tzinfo=UTC):
            before = AsOf(begins - timedelta(microseconds=1), before.written)
    if begins > until.at:
        raise ValueError("expected a beginning that is not after the end")
    return Span(before, until)
