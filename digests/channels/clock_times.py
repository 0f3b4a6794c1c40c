"""A hearing's time as a venue writes it to a moment, only where it can mean nothing else.

"2 pm or upon adjournment" is no time of the clock: whoever is told 2 pm may come too late. Neither is "9:30" for sure,
nor midnight, which sources write when they do not know.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

_CLOCK = (r"(?:(?P<h{n}>\d{{1,2}})(?:[:.](?P<m{n}>[0-5]\d))?(?::00)?\s*(?P<half{n}>[ap]\.?\s?m\.?)?"
          r"|(?P<noon{n}>(?:12\s*)?noon))")
_TIME = re.compile(rf"(?:at\s+)?{_CLOCK.format(n=1)}(?:\s*(?:-|–|—|to|until)\s*{_CLOCK.format(n=2)})?", re.IGNORECASE)


def read_times(raw: str | None) -> tuple[time, time | None] | None:
    """``"1:30 p.m. - 3 p.m."`` -> (13:30, 15:00). None: not a time of the clock, or not beyond doubt."""
    found = _TIME.fullmatch(" ".join((raw or "").split()))
    if not found:
        return None
    begin = _time(found, "1")
    if begin is None or not (found["h2"] or found["noon2"]):
        return None if begin is None else (begin, None)
    end = _time(found, "2")
    return (begin, end) if end is not None and end > begin else None


def _time(found: re.Match[str], n: str) -> time | None:
    if found["noon" + n]:
        return time(12)
    hour, minute, half = int(found["h" + n]), int(found["m" + n] or 0), (found["half" + n] or "")[:1].lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    elif len(found["h" + n]) < 2 or not found["m" + n] or hour > 23:
        return None  # records of programs write 09:30 and 14:00; "9:30" or "14" may be anything
    return time(hour, minute) if hour or minute else None


def moment_of(on: date, at: time, zone: str | None) -> datetime | None:
    """None: the zone is not known, or on this day the clock skips this hour or has it twice."""
    try:
        place = ZoneInfo(zone or "")
    except (ValueError, KeyError, OSError):  # OSError: a name that is a folder
        return None
    moment = datetime.combine(on, at, place)
    return moment if moment.utcoffset() == moment.replace(fold=1).utcoffset() else None
