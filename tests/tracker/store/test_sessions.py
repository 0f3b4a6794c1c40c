"""What sources say of the ends of their sessions, on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from tracker.model import SessionTold
from tracker.store.sessions import Sessions
from tracker.store.store import SqlStore

NOW = datetime(2031, 3, 4, 5, 6, 7, tzinfo=UTC)
DAY = timedelta(days=1)
TOLD = SessionTold("xx", "31", date(2031, 4, 1))


def test_the_newest_word_counts_and_a_missing_day_is_no_word(store: SqlStore) -> None:
    sessions = Sessions(store.engine)
    sessions.save([TOLD, replace(TOLD, session="32\x00")], NOW)
    sessions.save([replace(TOLD, ends_on=None)], NOW + DAY)
    assert sessions.told() == (TOLD, replace(TOLD, session="32\ufffd"))
    sessions.save([later := replace(TOLD, ends_on=date(2031, 5, 1))], NOW + 2 * DAY)
    assert sessions.told()[0] == later


def test_a_session_that_ends_under_our_eyes_keeps_that_moment_until_it_is_open_again(store: SqlStore) -> None:
    sessions = Sessions(store.engine)
    over = replace(TOLD, over=True)
    sessions.save([over], NOW)
    assert sessions.told() == (over,)  # it was over when we came
    for n, one in enumerate((TOLD, over, over), 1):
        sessions.save([one], NOW + n * DAY)
    assert sessions.told() == (replace(over, over_since=NOW + 2 * DAY),)
    sessions.save([TOLD], NOW + 5 * DAY)
    assert sessions.told() == (TOLD,)
