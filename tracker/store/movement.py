"""The dates of a bill and its newest event to the one number by which lists are ordered, newest movement first.

The number reads as a day and an event: 2031 03 02 0000012345. One whole number, so that one index gives the order.
"""

from __future__ import annotations

from datetime import date

DAY = 10**10  # events that the log may hold before days and events would mix
UNDATED = 1  # below every day: a bill without a date comes last
HIGHEST = 99991231 * DAY + DAY - 1


def moved(acted_on: date | None, introduced_on: date | None, recorded_on: date, last_seq: int) -> int:
    """`recorded_on`: the day (UTC) on which the newest event was recorded. A step may be dated ahead ("effective
    7/1/2027"): such a bill stands where it was recorded, not on top until then."""
    day = acted_on or introduced_on
    return (_number(min(day, recorded_on)) if day else UNDATED) * DAY + last_seq


def read_cursor(cursor: str) -> tuple[int, str]:
    """``"203103020000012345~us/119/hr-1"`` to the number, and what parts those of equal numbers. Raises ValueError;
    so it does for a whole cursor of the time when lists were in the order of the log, which had no day. A bare number,
    which no page ever gave, is a place like any other: nothing follows 0."""
    number, _, last = cursor.partition("~")
    place = max(0, min(int(number), HIGHEST))
    if last and place < UNDATED * DAY:
        raise ValueError("expected a cursor of the order by day, got one of the order of the log")
    return place, last


def _number(day: date) -> int:
    return (day.year * 100 + day.month) * 100 + day.day
