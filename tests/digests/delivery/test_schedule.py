"""When the next digest is due, over the hours that clocks skip and repeat."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fakes.happenings import NOW, reader
from hypothesis import given
from hypothesis import strategies as st

from digests.delivery.schedule import due, next_due
from tracker.model import Cadence

DAILY, WEEKLY = Cadence.DAILY, Cadence.WEEKLY


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(("cadence", "zone", "hour", "weekday", "now", "expected"), [
    (DAILY, "UTC", 8, 0, "2031-03-06 07:59", "2031-03-06 08:00"),
    (DAILY, "UTC", 8, 0, "2031-03-06 08:00", "2031-03-07 08:00"),
    (WEEKLY, "UTC", 8, 0, "2031-03-06 07:59", "2031-03-10 08:00"),  # a Thursday
    (WEEKLY, "UTC", 8, 3, "2031-03-06 07:59", "2031-03-06 08:00"),
    (WEEKLY, "UTC", 8, 3, "2031-03-06 08:00", "2031-03-13 08:00"),
    # New York springs forward on 9 March 2031 at 02:00: that hour does not exist, the digest comes at 03:00 EDT.
    (DAILY, "America/New_York", 2, 0, "2031-03-09 06:00", "2031-03-09 07:00"),
    (DAILY, "America/New_York", 2, 0, "2031-03-09 07:00", "2031-03-10 06:00"),
    (DAILY, "America/New_York", 8, 0, "2031-03-08 20:00", "2031-03-09 12:00"),
    # It falls back on 2 November 2031: 01:00 comes twice, the first one counts.
    (DAILY, "America/New_York", 1, 0, "2031-11-02 04:00", "2031-11-02 05:00"),
    (DAILY, "America/New_York", 1, 0, "2031-11-02 05:00", "2031-11-03 06:00"),
    (DAILY, "America/New_York", 1, 0, "2031-11-02 06:00", "2031-11-03 06:00"),
    (WEEKLY, "Europe/Berlin", 2, 6, "2031-03-30 00:30", "2031-03-30 01:00"),  # Sunday, 02:00 skipped
    (DAILY, "Australia/Lord_Howe", 2, 0, "2031-10-04 15:00", "2031-10-04 15:30"),  # half an hour of summer time
    (DAILY, "Pacific/Kiritimati", 8, 0, "2031-03-06 17:59", "2031-03-06 18:00"),  # UTC+14
    (WEEKLY, "Pacific/Kiritimati", 8, 4, "2031-03-06 17:59", "2031-03-06 18:00"),  # there it is Friday
    (WEEKLY, "Pacific/Pago_Pago", 20, 6, "2031-03-10 06:59", "2031-03-10 07:00"),  # there it is still Sunday
    (DAILY, "Asia/Kathmandu", 8, 0, "2031-03-06 02:14", "2031-03-06 02:15"),
])
def test_the_next_digest_is_due(cadence: Cadence, zone: str, hour: int, weekday: int, now: str, expected: str) -> None:
    assert next_due(cadence, zone, hour, weekday, utc(now)) == utc(expected)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", ""])
def test_a_zone_that_is_no_more_is_utc_and_stops_nobody(zone: str) -> None:
    assert next_due(Cadence.DAILY, zone, 8, 0, NOW) == next_due(Cadence.DAILY, "UTC", 8, 0, NOW)


def test_instant_has_no_hour() -> None:
    assert next_due(Cadence.INSTANT, "UTC", 8, 0, NOW) is None
    assert due(reader(), NOW)


@given(now=st.datetimes(datetime(2025, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001
       zone=st.sampled_from(["UTC", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Africa/Casablanca"]),
       hour=st.integers(0, 23), weekday=st.integers(0, 6))
def test_due_times_are_ahead_and_no_further_than_a_period(now: datetime, zone: str, hour: int, weekday: int) -> None:
    moment = now.replace(tzinfo=UTC)
    daily, weekly = (next_due(c, zone, hour, weekday, moment) for c in (DAILY, WEEKLY))
    assert daily and weekly
    assert moment < daily <= moment + timedelta(hours=25)
    assert daily <= weekly <= moment + timedelta(days=7, hours=1)


def test_a_digest_is_due_when_its_time_has_come_or_is_nonsense() -> None:
    row = reader(cadence=DAILY, next_due_at=NOW)
    assert due(row, NOW) and due(row, NOW + timedelta(days=30))
    assert not due(row, NOW - timedelta(seconds=1))
    assert due(replace(row, next_due_at=None), NOW)
    assert due(replace(row, next_due_at=NOW + timedelta(days=400)), NOW)  # from a clock that ran ahead
