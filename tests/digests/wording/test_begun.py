"""The last day that may have begun where a legislature sits."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from digests.wording.begun import last_begun, today_in
from digests.wording.words import describe
from spiders.discovery import find, names
from tests.digests.fakes.happenings import happening

YEAR = [datetime(2031, 1, 1, tzinfo=UTC) + timedelta(hours=step) for step in range(0, 24 * 365, 7)]


@pytest.mark.parametrize("source", names())
def test_no_day_that_has_begun_where_a_legislature_sits_is_called_one_to_come(source: str) -> None:
    zone = ZoneInfo(find(source).zone)
    assert all(last_begun(source, at) >= at.astimezone(zone).date() for at in YEAR)


@pytest.mark.parametrize(("place", "hour", "day"), [
    ("us", 12, 9), ("us-wa", 12, 9), ("us-ca", 3, 8), ("us", 4, 9), ("gb", 22, 9), ("gb", 23, 10), ("us-gu", 14, 10),
    ("xx", 9, 9), ("xx", 10, 10)])
def test_the_day_begins_later_where_the_sun_rises_later(place: str, hour: int, day: int) -> None:
    at = datetime(2031, 3, 9, hour, tzinfo=UTC)
    assert last_begun(place, at) == date(2031, 3, day)
    assert today_in(place, at) == date(2031, 3, min(day, 9))


def test_a_hearing_of_tomorrow_is_scheduled_also_if_it_is_noticed_on_its_eve() -> None:
    eve = datetime(2031, 3, 9, 17, tzinfo=UTC)
    told = happening(1, bill="us/31/hr-7", jurisdiction="us", occurred_on=date(2031, 3, 10), recorded_at=eve)
    assert describe(told).headline == "Scheduled for 10 March 2031: Referred to the Committee on Light"
    assert "scheduled" in describe(told).badges
    at_night = happening(2, bill="us/31/hr-7", jurisdiction="us", occurred_on=date(2031, 3, 9), recorded_at=eve)
    assert describe(at_night).headline == "Referred to the Committee on Light"
