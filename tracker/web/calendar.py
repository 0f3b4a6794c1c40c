"""Meetings to the days of a month, and to what is coming. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from digests import plain
from digests.channels.meetings import Meeting
from digests.speech import Speech
from digests.wording.words import describe
from tracker.model import Topic
from tracker.store.catalogue import BillRow

FIRST, LAST = date(1990, 1, 1), date(2099, 12, 1)  # months that have a page: a crawler must not walk to the year 9999


@dataclass(frozen=True, slots=True)
class Sitting:
    """A hearing or a dated step of a flagged bill, in words. `time` is as the legislature writes it."""

    on: date
    bill: BillRow
    what: str
    time: str
    zone: str
    place: str
    committee: str
    is_hearing: bool
    is_cancelled: bool


@dataclass(frozen=True, slots=True)
class CalendarDay:
    on: date
    sittings: tuple[Sitting, ...]
    is_today: bool

    @property
    def weekday(self) -> int:
        return self.on.isoweekday()


def month_of(written: str | None, today: date) -> date:
    """``"2031-05"`` -> its first day; None: this month. Raises ValueError."""
    if not written:
        return today.replace(day=1)
    year, _, month = written.partition("-")
    if len(written) != 7 or not (year.isdecimal() and month.isdecimal()):
        raise ValueError("expected a month as 2031-05")
    found = date(int(year), int(month), 1)
    if not FIRST <= found <= LAST:
        raise ValueError("expected a month between 1990 and 2099")
    return found


def last_of(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def neighbours(month: date) -> tuple[date | None, date | None]:
    """First days of the months before and after, if they have pages."""
    before, after = (month - timedelta(days=1)).replace(day=1), last_of(month) + timedelta(days=1)
    return before if before >= FIRST else None, after if after <= LAST else None


def between(meetings: Iterable[Meeting], first: date, last: date, jurisdiction: str | None = None) -> list[Meeting]:
    return sorted((m for m in meetings if first <= m.on <= last and jurisdiction in (None, m.event.jurisdiction)),
                  key=lambda m: (m.on, plain.line(m.event.data.get("time")), m.uid))


def sittings(meetings: Iterable[Meeting], rows: Mapping[str, BillRow], speech: Speech,
             topic: Topic | None = None) -> tuple[Sitting, ...]:
    """Of bills that are flagged today, as the calendars beside the feeds have it."""
    return tuple(_sitting(m, rows[m.event.bill_id], speech) for m in meetings
                 if m.event.bill_id in rows and rows[m.event.bill_id].topics
                 and (topic is None or topic in rows[m.event.bill_id].topics))


def _sitting(meeting: Meeting, row: BillRow, speech: Speech) -> Sitting:
    data = meeting.event.data if meeting.is_hearing else {}
    what = plain.line(data.get("description")) if meeting.is_hearing else describe(meeting.event, speech).headline
    return Sitting(meeting.on, row, what, plain.line(data.get("time")), plain.line(data.get("zone")),
                   plain.line(data.get("place")), plain.line(data.get("committee")), meeting.is_hearing,
                   meeting.is_cancelled)


def days(month: date, found: Iterable[Sitting], today: date) -> tuple[CalendarDay, ...]:
    by_day: dict[date, list[Sitting]] = {}
    for sitting in found:
        by_day.setdefault(sitting.on, []).append(sitting)
    every = (month + timedelta(days=n) for n in range(last_of(month).day))
    return tuple(CalendarDay(day, tuple(by_day.get(day, ())), day == today) for day in every)
