"""A legislature and a moment to the last day that may have begun there: what is dated later is still to come."""

from __future__ import annotations

from datetime import date, datetime, timedelta

# Hours ahead of UTC at most, in summer too, by country; a territory that lies elsewhere by itself. Never too few: of a
# step that may have been taken nothing is promised. Without this, a hearing of tomorrow was told as one that was held.
AHEAD_OF_UTC = {"us": -4, "us-gu": 10, "us-mp": 10, "ca": -2, "gb": 1, "ie": 1}
FURTHEST_EAST = 14  # anywhere on Earth


def last_begun(jurisdiction: str, at: datetime) -> date:
    """`at` is in UTC."""
    country = jurisdiction.partition("-")[0]
    hours = AHEAD_OF_UTC.get(jurisdiction, AHEAD_OF_UTC.get(country, FURTHEST_EAST))
    return (at + timedelta(hours=hours)).date()


def today_in(jurisdiction: str, now: datetime) -> date:
    """The day of `now` (UTC), by whose end steps count as taken; the one before, where it has not begun yet."""
    return min(now.date(), last_begun(jurisdiction, now))
