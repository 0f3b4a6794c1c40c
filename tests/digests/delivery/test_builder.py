"""Events to a digest."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from fakes.happenings import CARD, NOW, happening, one_of_each
from fakes.memory import MemoryLog

from digests.delivery.builder import build
from digests.following.news import news
from digests.speech import speech_of
from tracker.model import EventKind, Filter, Topic


def test_a_digest_is_grouped_by_bill_with_the_bill_that_moved_last_on_top() -> None:
    events = [happening(1), happening(2, bill="xx/31/sb-1"), happening(3)]
    digest = build(events)
    assert [b.bill_id for b in digest.bills] == ["xx/31/hb-7", "xx/31/sb-1"]
    assert (digest.count, digest.bill_count, digest.more) == (3, 2, 0)


def test_the_latest_step_comes_first_even_if_it_was_told_earlier() -> None:
    passed = happening(1, description="Passed", occurred_on=date(2031, 3, 5))
    late = happening(2, description="Reported", occurred_on=date(2031, 3, 1))
    undated = happening(3, description="Noted", occurred_on=None)
    [bill] = build([passed, late, undated]).bills
    assert [i.line.headline for i in bill.steps] == ["Noted", "Passed", "Reported"]


def test_findings_stand_apart_with_quote_and_effect() -> None:
    [bill] = build(one_of_each()).bills
    assert [i.line.quote for i in bill.flags] == ["Section 5 of the Lantern Act is repealed.",
                                                  "Whoever sells a lantern", *["Whoever lights a lantern"] * 4]
    assert "would relax the law" in bill.flags[0].line.headline
    assert len(bill.steps) == len(EventKind) - 6
    assert bill.stage == "In committee"


def test_each_bill_says_where_it_stands_whatever_happened_to_it() -> None:
    card = {**CARD, "stage": "passed-one"}
    for event in one_of_each(card=card):
        assert [b.stage for b in build([event]).bills] == ["Passed one chamber"], event.kind
    [spanish] = build([happening(1, card=card)], speech=speech_of("es")).bills
    assert spanish.stage == "Aprobado en una cámara"


def test_where_a_bill_stands_is_told_by_its_newest_event_though_that_one_did_not_fit() -> None:
    raised = happening(1, EventKind.FLAG_RAISED, card={**CARD, "stage": "in-committee"})
    passed = happening(2, card={**CARD, "stage": "passed-one"}, stage="passed-one")
    for events in ([raised, passed], [passed, raised]):
        [bill] = build(events, limit=1).bills
        assert (bill.stage, len(bill.flags), len(bill.steps)) == ("Passed one chamber", 1, 0)


def test_a_log_from_before_events_bore_the_stage_tells_it_by_the_steps_or_not_at_all() -> None:
    titled = happening(2, EventKind.TITLE_CHANGED)
    assert [b.stage for b in build([happening(1), titled]).bills] == ["In committee"]
    assert [b.stage for b in build([titled]).bills] == [None]
    odd = [happening(n, EventKind.TITLE_CHANGED, card={**CARD, "stage": said}) for n, said in enumerate(
        ("of tomorrow", None, 7, ["in-committee"], {}), 1)]
    assert [b.stage for event in odd for b in build([event]).bills] == [None] * len(odd)


@pytest.mark.parametrize(("later", "told"), [
    ((EventKind.FLAG_REJECTED,), ["We flagged this by mistake"]),
    ((EventKind.FLAG_CORRECTED,), ["Corrected by a reader"]),
    ((EventKind.FLAG_CONFIRMED,), ["Sec. 2(a)", "Confirmed by a reader"]),
    ((EventKind.FLAG_REJECTED, EventKind.REVIEW_WITHDRAWN),
     ["Sec. 2(a)", "We flagged this by mistake", "A review was taken back"]),
])
def test_what_a_person_took_back_before_it_was_told_is_told_only_as_that(
        later: tuple[EventKind, ...], told: list[str]) -> None:
    same = {"topic": "criminalization", "effect": "advances", "quote": "Whoever lights a lantern"}
    raised = happening(1, EventKind.FLAG_RAISED, **same)
    [bill] = build([raised, *(happening(n, kind, **same) for n, kind in enumerate(later, 2))]).bills
    assert [next(start for start in told if item.line.headline.startswith(start)) for item in bill.flags] == told
    other = {**same, "quote": "Whoever sells a lantern"}
    [bill] = build([raised, *(happening(n, kind, **other) for n, kind in enumerate(later, 2))]).bills
    assert len(bill.flags) == 1 + len(later)


def test_equal_events_in_any_order_give_an_equal_digest() -> None:
    events = [happening(n, kind, bill=f"xx/31/hb-{n % 3}") for n, kind in enumerate(list(EventKind) * 2, 1)]
    mixed = events[:]
    random.Random(4).shuffle(mixed)
    assert build(sorted(mixed, key=lambda e: e.seq)) == build(events)
    assert build(events).bills == build(mixed).bills
    assert build(events).id != build(events[1:]).id


def test_what_does_not_fit_is_counted_and_findings_go_before_steps() -> None:
    flag = happening(1, EventKind.FLAG_RAISED, bill="xx/31/hb-1")
    steps = [happening(n, bill=f"xx/31/hb-{n % 5}", recorded_at=NOW + timedelta(seconds=n)) for n in range(2, 1002)]
    digest = build(iter([flag, *steps]), limit=4)
    assert (digest.count, digest.shown, digest.more) == (1001, 4, 997)
    assert digest.bill_count == 5 and digest.more_bills == 5 - len(digest.bills)
    assert any(b.flags for b in digest.bills)
    assert sum(b.more for b in digest.bills) + sum(len(b.flags + b.steps) for b in digest.bills) < 1001
    assert (digest.first, digest.last) == (flag.recorded_at, steps[-1].recorded_at)


def test_no_events_make_an_empty_digest() -> None:
    assert build([]).count == 0 and build([]).bills == ()


def test_hearings_and_dated_steps_to_come_stand_on_top_soonest_first() -> None:
    events = [happening(1, EventKind.HEARING_SCHEDULED, key="h1", date="2031-03-20"),
              happening(2, EventKind.HEARING_CHANGED, key="h1", date="2031-03-25"),
              happening(3, EventKind.HEARING_SCHEDULED, key="h2", date="2031-03-01"),
              happening(4, EventKind.HEARING_SCHEDULED, key="h3", date="2031-03-22"),
              happening(5, EventKind.HEARING_CANCELLED, key="h3", date="2031-03-22"),
              happening(6, description="Vote", occurred_on=date(2031, 3, 10)),
              happening(7, EventKind.HEARING_SCHEDULED, key="h4", date="soon")]
    ahead = build(events, today=NOW.date()).ahead
    assert [(a.on.isoformat(), a.headline) for a in ahead] == [
        ("2031-03-10", "Scheduled for 10 March 2031: Vote"),
        ("2031-03-25", "Hearing changed, now 25 March 2031: Public hearing")]
    assert build(events).ahead == ()


def test_the_end_of_a_session_is_told_once_however_many_bills_died() -> None:
    events = [happening(n, bill=f"xx/31/hb-{n}", stage="died") for n in range(1, 4)] + [happening(9)]
    assert build(events).ended == ("A session has ended (XX 31): 3 of these bills died without a vote.",)
    assert build([happening(9)]).ended == ()


def test_an_event_is_one_item_whatever_of_a_filter_lets_it_through() -> None:
    twice = happening(1, topics=(Topic.WORKER_RIGHTS, Topic.CRIMINALIZATION))
    wanted = Filter(topics=(Topic.WORKER_RIGHTS, Topic.CRIMINALIZATION), jurisdictions=("xx",), bills=("xx/31/hb-7",))
    digest = build(news(MemoryLog([twice]), wanted, 0, 9))
    assert digest.count == 1 and [len(b.steps) for b in digest.bills] == [1]
