"""What is an event, what is a correction, and what is nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from difflib import SequenceMatcher

import pytest

from tracker import wire
from tracker.differ import SIMILAR, alike, diff, settle
from tracker.model import (
    Action,
    Bill,
    BillState,
    Effect,
    EventKind,
    Flag,
    Hearing,
    HearingStatus,
    IngestMode,
    NewEvent,
    Sponsorship,
    TextStatus,
    Topic,
    Version,
    VersionState,
    VoteCount,
    VoteEvent,
    VoteOption,
)

ID = "us/999/hr-7"
REFERRED = Action("Referred to the Committee on Samples.", date(2026, 3, 2), classification=("referral-committee",),
                  chamber="lower", sources=("House committee actions",))
REPORTED = Action("Ordered to be reported by voice vote.", date(2026, 3, 4), classification=("committee-passage",),
                  chamber="lower")
BILL = Bill("us", "999", "HR 7", title="Sample Act", introduced_on=date(2026, 3, 2), actions=(REFERRED,),
            sponsorships=(Sponsorship("Rep. Sample, Ada", True, "S1"),),
            versions=(Version("ih", "Introduced in House", date(2026, 3, 2)),))


def flag(quote: str = "section 5 is repealed", provision: str = "Sec. 2", effect: Effect = Effect.ADVANCES) -> Flag:
    return Flag(Topic.DECRIMINALIZATION, effect, provision, 0, len(quote), quote, "decriminalization/repeal", "r1", 0.9)


def held(code: str, *flags: Flag, sha: str = "a") -> VersionState:
    return VersionState(code, TextStatus.AVAILABLE, sha, flags)


def state(bill: Bill = BILL, *versions: VersionState, revision: int = 1) -> BillState:
    return BillState(bill, wire.content_hash(bill), revision, versions)


def told(before: BillState | None, bill: Bill, *versions: VersionState) -> list[NewEvent]:
    return list(diff(ID, before, bill, versions, IngestMode.LIVE))


def kinds(events: list[NewEvent]) -> list[EventKind]:
    return [event.kind for event in events]


def test_a_new_bill_tells_its_introduction_its_steps_and_its_texts() -> None:
    assert kinds(told(None, BILL, held("ih", flag()))) == [
        EventKind.BILL_INTRODUCED, EventKind.ACTION_RECORDED, EventKind.VERSION_PUBLISHED, EventKind.TEXT_ARRIVED,
        EventKind.FLAG_RAISED]


def test_the_same_record_twice_is_no_event() -> None:
    assert told(state(BILL, held("ih", flag())), BILL, held("ih", flag())) == []


def test_every_event_carries_the_topics_that_the_bill_had_or_has() -> None:
    events = told(state(BILL, held("ih", flag())), replace(BILL, actions=(REFERRED, REPORTED)), held("ih", flag()))
    assert [e.topics for e in events] == [(Topic.DECRIMINALIZATION,)]


def test_a_late_published_action_is_told_although_its_date_is_old() -> None:
    late = Action("Forwarded by Subcommittee to Full Committee.", date(2025, 12, 1), chamber="lower")
    events = told(state(), replace(BILL, actions=(late, REFERRED)), VersionState("ih", TextStatus.PENDING))
    assert [(e.kind, e.occurred_on) for e in events] == [(EventKind.ACTION_RECORDED, date(2025, 12, 1))]


def test_an_action_in_the_future_is_told_once() -> None:
    future = Action("Scheduled for markup.", date(2027, 1, 1))
    bill = replace(BILL, actions=(REFERRED, future))
    assert len(told(state(), bill)) == 1
    assert told(state(bill), bill) == []


def test_an_undated_action_is_told_once() -> None:
    bill = replace(BILL, actions=(REFERRED, Action("Sponsor introductory remarks on measure.")))
    assert [e.occurred_on for e in told(state(), bill)] == [None]
    assert told(state(bill), bill) == []


def test_a_reworded_action_is_one_correction_and_no_new_step() -> None:
    mended = replace(REFERRED, description="Referred to the House Committee on Samples.")
    [event] = told(state(), replace(BILL, actions=(mended,)))
    assert event.kind is EventKind.CORRECTION
    assert (event.data["before"]["description"], event.data["after"]["description"]) == (
        REFERRED.description, mended.description)


def test_an_action_whose_date_was_mended_is_one_correction() -> None:
    [event] = told(state(), replace(BILL, actions=(replace(REFERRED, date=date(2026, 3, 3)),)))
    assert event.kind is EventKind.CORRECTION
    assert event.data["after"]["date"] == "2026-03-03"


def test_a_withdrawn_action_is_a_correction_without_an_after() -> None:
    before = state(replace(BILL, actions=(REFERRED, REPORTED)))
    [event] = told(before, BILL)
    assert event.kind is EventKind.CORRECTION
    assert event.data["after"] is None


def test_the_same_words_twice_on_one_day_are_two_steps() -> None:
    twice = replace(BILL, actions=(REFERRED, replace(REFERRED, time="14:00:00")))
    assert kinds(told(state(), twice)) == [EventKind.ACTION_RECORDED]


def test_a_step_told_later_by_a_second_record_keeper_is_no_news() -> None:
    library = Action("Passed/agreed to in House: On passage Passed by voice vote.", date(2026, 3, 5),
                     sources=("Library of Congress",))
    chamber = Action("On passage Passed by voice vote.", date(2026, 3, 5), chamber="lower",
                     sources=("House floor actions", "Library of Congress"), also=(library.description,))
    assert told(state(replace(BILL, actions=(REFERRED, library))), replace(BILL, actions=(REFERRED, chamber))) == []
    assert told(state(replace(BILL, actions=(REFERRED, chamber))), replace(BILL, actions=(REFERRED, library))) == []


def test_a_title_that_swings_back_is_a_change_each_time_with_its_own_key() -> None:
    a, b = BILL, replace(BILL, title="Other Act")
    first = told(state(a, revision=1), b)
    back = told(state(b, revision=2), a)
    again = told(state(a, revision=3), b)
    assert len({e.key for e in (*first, *back, *again)}) == 3


@pytest.mark.parametrize("part", ["actions", "versions", "sponsorships"])
def test_a_page_that_lost_a_whole_part_withdraws_nothing(part: str) -> None:
    broken = replace(BILL, **{part: ()})  # type: ignore[arg-type]
    settled = settle(BILL, broken)
    assert settled == BILL
    assert told(state(), settled, VersionState("ih", TextStatus.PENDING)) == []


def test_a_record_without_a_title_keeps_the_title() -> None:
    assert settle(BILL, replace(BILL, title=None)).title == "Sample Act"


def test_sponsors_are_told_apart_by_id_and_a_withdrawn_one_is_removed() -> None:
    other = Sponsorship("Rep. Tester, Bo", False, "T2", sponsored_on=date(2026, 3, 3))
    joined = replace(BILL, sponsorships=(*BILL.sponsorships, other))
    assert kinds(told(state(), joined)) == [EventKind.SPONSOR_ADDED]
    left = replace(BILL, sponsorships=(*BILL.sponsorships, replace(other, withdrawn_on=date(2026, 3, 4))))
    [event] = told(state(joined), left)
    assert (event.kind, event.occurred_on) == (EventKind.SPONSOR_REMOVED, date(2026, 3, 4))


def test_a_sponsor_whose_name_is_spelled_anew_is_no_event() -> None:
    renamed = replace(BILL, sponsorships=(Sponsorship("Rep. Sample-Jones, Ada", True, "S1"),))
    assert told(state(), renamed) == []


def test_hearings_are_scheduled_changed_and_cancelled_but_never_cancelled_by_absence() -> None:
    hearing = Hearing("m1", date(2026, 4, 1), "Hearing on H.R. 7", time="2 pm or upon adjournment")
    with_it = replace(BILL, hearings=(hearing,))
    assert kinds(told(state(), with_it)) == [EventKind.HEARING_SCHEDULED]
    moved = replace(BILL, hearings=(replace(hearing, date=date(2026, 4, 2)),))
    [changed] = told(state(with_it), moved)
    assert (changed.kind, changed.data["before"]["date"]) == (EventKind.HEARING_CHANGED, "2026-04-01")
    off = replace(BILL, hearings=(replace(hearing, status=HearingStatus.CANCELLED),))
    assert kinds(told(state(with_it), off)) == [EventKind.HEARING_CANCELLED]
    assert told(state(with_it), BILL) == []


def test_a_text_that_arrives_later_is_told_and_raises_its_flags_then() -> None:
    before = state(BILL, VersionState("ih", TextStatus.PENDING))
    assert kinds(told(before, BILL, held("ih", flag()))) == [EventKind.TEXT_ARRIVED, EventKind.FLAG_RAISED]


def test_a_version_republished_with_other_words_is_a_correction() -> None:
    events = told(state(BILL, held("ih", flag(), sha="a")), BILL, held("ih", flag(), sha="b"))
    assert kinds(events) == [EventKind.CORRECTION]


SUBSTITUTE = replace(BILL, versions=(*BILL.versions, Version("rh", "Reported in House", date(2026, 3, 9))))


def test_the_substitute_withdraws_one_flag_and_raises_another() -> None:
    reverses = flag("section 5 is reenacted", effect=Effect.REVERSES)
    events = told(state(BILL, held("ih", flag())), SUBSTITUTE, held("ih", flag()), held("rh", reverses))
    assert kinds(events) == [EventKind.VERSION_PUBLISHED, EventKind.TEXT_ARRIVED, EventKind.FLAG_WITHDRAWN,
                             EventKind.FLAG_RAISED]


def test_a_renumbered_provision_with_the_same_words_keeps_its_flag() -> None:
    events = told(state(BILL, held("ih", flag())), SUBSTITUTE, held("ih", flag()), held("rh", flag(provision="Sec. 4")))
    assert kinds(events) == [EventKind.VERSION_PUBLISHED, EventKind.TEXT_ARRIVED]


def test_an_older_text_that_arrives_late_changes_no_flag() -> None:
    before = state(SUBSTITUTE, VersionState("ih", TextStatus.PENDING), held("rh", flag()))
    assert kinds(told(before, SUBSTITUTE, held("ih"), held("rh", flag()))) == [EventKind.TEXT_ARRIVED]


def test_a_text_that_cannot_be_had_withdraws_no_flag() -> None:
    before = state(BILL, held("ih", flag()))
    assert kinds(told(before, SUBSTITUTE, held("ih", flag()), VersionState("rh", TextStatus.UNAVAILABLE))) == [
        EventKind.VERSION_PUBLISHED]


def test_keys_differ_between_events_of_one_ingest() -> None:
    two = replace(BILL, actions=(REFERRED, REFERRED, REPORTED))
    events = told(None, two, held("ih", flag(), flag("another quote that is flagged", "Sec. 9")))
    assert len({e.key for e in events}) == len(events)


@pytest.mark.parametrize("after", [(), (replace(REFERRED, description="Motion laid on the table again."),) * 2])
def test_two_equal_steps_that_vanish_or_are_reworded_together_are_two_corrections(after: tuple[Action, ...]) -> None:
    motion = replace(REFERRED, description="Motion laid on the table.", time="10:00:00")
    before = state(replace(BILL, actions=(REFERRED, motion, replace(motion, time="12:00:00"))))
    events = told(before, replace(BILL, actions=(REFERRED, *after)))
    assert kinds(events) == [EventKind.CORRECTION] * 2
    assert len({e.key for e in events}) == 2


def test_a_hearing_that_a_page_lost_for_a_day_is_not_scheduled_twice() -> None:
    with_it = replace(BILL, hearings=(Hearing("m1", date(2026, 4, 1), "Hearing on H.R. 7"),))
    lost = settle(with_it, BILL)
    assert told(state(with_it), lost) == []
    assert told(state(lost), settle(lost, with_it)) == []


def test_two_sittings_of_one_key_do_not_change_into_each_other_whenever_the_bill_moves() -> None:
    twice = (Hearing("m1", date(2026, 4, 1), "Morning", "9 am"), Hearing("m1", date(2026, 4, 1), "Evening", "7 pm"))
    heard = replace(BILL, hearings=twice)
    moved = replace(heard, actions=(REFERRED, REPORTED))
    assert kinds(told(state(heard), moved)) == [EventKind.ACTION_RECORDED]


@pytest.mark.parametrize(("was", "now"), [
    ((), ()), ((), ("a",)), (tuple("abcdefghij"), tuple("abcdefzzzz")), (tuple("abcdefghij"), tuple("abcdezzzzz")),
    (tuple("abcdefghij"), tuple("jihgfedcba")), (tuple("abcabcabc") * 30, tuple("cbacbacba") * 30),
    (("motion", "laid", "on", "the", "table"), ("motion", "again", "laid", "on", "table"))])
def test_the_fast_look_at_likeness_never_overrules_the_slow_one(was: tuple[str, ...], now: tuple[str, ...]) -> None:
    assert alike(was, now) == (SequenceMatcher(None, was, now).ratio() >= SIMILAR)


def test_equal_input_gives_equal_events() -> None:
    assert told(None, SUBSTITUTE, held("ih", flag())) == told(None, SUBSTITUTE, held("ih", flag()))


def test_the_flags_of_the_only_text_go_when_that_text_is_withdrawn() -> None:
    listed = replace(BILL, versions=(Version("rh", "Reported in House"),))
    events = told(state(BILL, held("ih", flag())), listed, VersionState("rh", TextStatus.PENDING))
    [gone] = [e for e in events if e.kind is EventKind.FLAG_WITHDRAWN]
    assert gone.data["version"] == "ih"


# --- votes ------------------------------------------------------------------------------------------------------------

COUNTS = (VoteCount(VoteOption.YES, 57), VoteCount(VoteOption.NO, 40))
PASSAGE = Action("Third reading, passed", date(2026, 3, 6), classification=("passage",), chamber="upper")
ROLL_CALL = VoteEvent("7", date(2026, 3, 6), "upper", "Third reading, passed", True, counts=COUNTS)


def test_a_new_step_that_was_voted_on_tells_how() -> None:
    (event,) = told(state(), replace(BILL, actions=(*BILL.actions, PASSAGE), votes=(ROLL_CALL,)))
    assert event.data["vote"] == {"passed": True, "counts": {"yes": 57, "no": 40}}


@pytest.mark.parametrize("votes", [
    (replace(ROLL_CALL, date=date(2026, 3, 5)),), (replace(ROLL_CALL, chamber="lower"),),
    (replace(ROLL_CALL, motion="Amendment 3"),), (replace(ROLL_CALL, motion=None),), (replace(ROLL_CALL, counts=None),),
    (ROLL_CALL, replace(ROLL_CALL, identifier="8")),  # which of the two?
])
def test_a_vote_that_may_be_of_another_step_is_not_told_with_this_one(votes: tuple[VoteEvent, ...]) -> None:
    (event,) = told(state(), replace(BILL, actions=(*BILL.actions, PASSAGE), votes=votes))
    assert event.kind is EventKind.ACTION_RECORDED and "vote" not in event.data


def test_counts_that_become_known_later_or_are_mended_are_no_news() -> None:
    before = replace(BILL, actions=(*BILL.actions, PASSAGE), votes=(replace(ROLL_CALL, counts=None),))
    known = replace(before, votes=(ROLL_CALL,))
    mended = replace(before, votes=(replace(ROLL_CALL, counts=(VoteCount(VoteOption.YES, 58), COUNTS[1])),))
    for was, now in ((before, known), (known, mended), (known, before)):
        assert told(state(was), now) == []
