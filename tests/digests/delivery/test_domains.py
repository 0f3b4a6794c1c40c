"""How fast a domain of recipients is written to, and when it is left in peace."""

from __future__ import annotations

from datetime import timedelta

from fakes.happenings import NOW

from digests.delivery.domains import PAUSE_AFTER, PAUSES, Pacer

HERE, THERE = b"here", b"there"


def test_a_minute_holds_as_many_messages_as_it_may_and_the_others_get_a_later_turn_each() -> None:
    pacer = Pacer(per_minute=6)
    turns = [pacer.turn(HERE, NOW) for _ in range(9)]
    assert turns == [None] * 6 + [NOW + timedelta(seconds=10 * n) for n in (1, 2, 3)]
    assert pacer.turn(THERE, NOW) is None


def test_a_minute_later_there_is_room_again() -> None:
    pacer = Pacer(per_minute=6)
    for _ in range(6):
        pacer.turn(HERE, NOW)
    later = NOW + timedelta(seconds=30)
    assert [pacer.turn(HERE, later) for _ in range(4)] == [None] * 3 + [later + timedelta(seconds=10)]


def test_who_is_started_again_has_used_up_the_share_of_before() -> None:
    first = Pacer(per_minute=6)
    for _ in range(6):
        first.turn(HERE, NOW)
    again = Pacer(first.changed(), per_minute=6)
    assert again.turn(HERE, NOW) == NOW + timedelta(seconds=10)
    assert first.changed() == []


def test_without_a_rate_all_leave_at_once() -> None:
    pacer = Pacer()
    assert {pacer.turn(HERE, NOW) for _ in range(10_000)} == {None}
    assert pacer.changed() == []


def test_a_domain_that_puts_us_off_again_and_again_is_left_in_peace_for_longer_each_time() -> None:
    pacer, now, pauses = Pacer(), NOW, []
    for _ in range(PAUSE_AFTER - 1):
        pacer.put_off(HERE, now)
    assert pacer.turn(HERE, now) is None
    for _ in range(5):
        pacer.put_off(HERE, now)
        until = pacer.turn(HERE, now)
        assert until and pacer.turn(THERE, now) is None
        pauses.append(until - now)
        now = until
        assert pacer.turn(HERE, now) is None
    assert pauses == [*PAUSES, PAUSES[-1]]


def test_one_message_that_is_taken_ends_the_pauses_and_outlives_a_restart() -> None:
    pacer = Pacer()
    for _ in range(PAUSE_AFTER):
        pacer.put_off(HERE, NOW)
    again = Pacer(pacer.changed())
    assert again.turn(HERE, NOW) == NOW + PAUSES[0]
    again.went_well(HERE)
    assert again.turn(HERE, NOW) is None
    assert Pacer(again.changed()).turn(HERE, NOW) is None


def test_failures_of_messages_that_were_on_their_way_do_not_lengthen_a_pause() -> None:
    pacer = Pacer()
    for _ in range(PAUSE_AFTER + 5):
        pacer.put_off(HERE, NOW)
    assert pacer.turn(HERE, NOW) == NOW + PAUSES[0]


def test_a_clock_that_ran_ahead_silences_nobody_when_it_is_set_right() -> None:
    ahead = NOW + timedelta(days=365)
    pacer = Pacer(per_minute=6)
    for _ in range(6):
        pacer.turn(HERE, ahead)
    for _ in range(PAUSE_AFTER):
        pacer.put_off(THERE, ahead)
    again = Pacer(pacer.changed(), per_minute=6)
    assert [again.turn(HERE, NOW) for _ in range(7)] == [None] * 6 + [NOW + timedelta(seconds=10)]
    assert again.turn(THERE, NOW) is None
