"""Sessions that end: what dies, what lives on, and what is taken back when a date jumps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from digests.delivery.builder import build
from tests.tracker.test_ingest import RULES
from tracker import wire
from tracker.app import Services
from tracker.differ import settle
from tracker.ids import bill_id
from tracker.ingest import Counts, Ingester
from tracker.model import Action, Bill, EventKind, Harvest, IngestMode, Run, RunVerdict, SessionTold, VerdictKind
from tracker.polling import adjournment, closing
from tracker.polling.adjournment import (
    DIED,
    KEEPER,
    Ending,
    calendar,
    dies,
    ended_with,
    endings,
    kept,
    step_of,
    without,
)
from tracker.polling.closing import close_sessions
from tracker.settings import load_settings
from tracker.stage import stage_of

END = date(2026, 3, 12)  # Washington, 2025-26
ENDING = Ending("us-wa", "2025-26", END)
BILL = Bill("us-wa", "2025-26", "HB 1", "Lamps", actions=(
    Action("First reading", date(2026, 1, 20), classification=("introduction",)),
    Action("Referred to Lamps", date(2026, 1, 21), classification=("referral-committee",))))
PASSED = tuple(Action(f"Passed {c}", date(2026, 3, 1), classification=("passage",), chamber=c)
               for c in ("lower", "upper"))


def after(*steps: Action, bill: Bill = BILL) -> Bill:
    return replace(bill, actions=(*bill.actions, *steps))


# --- pure -------------------------------------------------------------------------------------------------------------


def test_a_bill_in_committee_dies_with_its_session_and_the_step_says_whose_word_that_is() -> None:
    ended = ended_with(BILL, ENDING)
    assert stage_of(ended) == "died"
    assert step_of(ended) == Action(DIED, END, classification=("failure",), sources=(KEEPER,))
    assert ended_with(ended, ENDING) == ended and without(ended) == BILL


@pytest.mark.parametrize(("steps", "fate"), [
    (PASSED[:1], True),
    (PASSED, False),  # signed or vetoed weeks later
    ((*PASSED, Action("To governor", classification=("executive-receipt",))), False),
    ((Action("Failed", classification=("failure",)),), False),
    ((Action("Became law", classification=("became-law",)),), False),
    ((Action("Withdrawn", classification=("withdrawal",)),), False),
    ((Action("Carried over to the 2027 session", date(2026, 3, 10)),), False),
    ((Action("Continued to 2027 in Lamps", date(2026, 3, 10)),), False),
    ((Action("Referred to Rules", date(2026, 3, 13), classification=("referral-committee",)),), False),  # it lives
    ((Action("Referred to Rules", END, classification=("referral-committee",)),), True),
])
def test_only_what_was_pending_dies(steps: tuple[Action, ...], fate: bool) -> None:
    assert dies(after(*steps), END) is fate


def test_nothing_dies_before_the_last_steps_can_be_known_and_nothing_where_bills_carry_over() -> None:
    assert [ENDING.ended(END + timedelta(n)) for n in (-1, 0, 1, 3, 4)] == [False, False, False, False, True]
    assert not replace(ENDING, carries=True).ended(END + timedelta(400))
    assert not Ending("us-zz", "2026", None).ended(date(2099, 1, 1))
    assert Ending("us-zz", "2026", None, over=True).ended(END)


def test_the_end_of_a_special_session_is_its_own() -> None:
    """Texas: 89R ended in June 2025, its second called session in September."""
    found = {e.session: e for e in endings(calendar(), ()) if e.jurisdiction == "us-tx"}
    assert found["89R"].ended(date(2025, 7, 1)) and not found["892"].ended(date(2025, 9, 1))
    assert {"89R", "891", "892"} <= found.keys() and found["89R"].on == date(2025, 6, 2)


def test_a_source_s_own_date_comes_before_the_calendar_but_does_not_end_a_carry_over() -> None:
    said = {"us-zz": {"why": "a rule", "ends": {"1": END, "2": END}, "carries": ["2"]}}
    told = [SessionTold("us-zz", "1", date(2026, 4, 1)), SessionTold("us-zz", "2", date(2026, 4, 1), over=True),
            SessionTold("us-zz", "3", over=True)]
    one, two, three = endings(said, told)
    assert (one.on, one.why) == (date(2026, 4, 1), "the source")
    assert not two.ended(date(2099, 1, 1)) and three.ended(END)
    assert endings(said, [SessionTold("us-zz", "1")])[0].on == END


def test_every_session_of_the_calendar_ends_on_a_day_that_its_law_allows() -> None:
    for place, said in calendar().items():
        days = [*said["ends"].values()]
        assert said["why"] and days == sorted(days), place
    congress = calendar()["us"]["ends"]
    assert all(day == date(1789 + 2 * int(number), 1, 3) for number, day in congress.items())
    mondays = [*calendar()["us-mn"]["ends"].values(), *calendar()["us-tx"]["ends"].values()][:3]
    assert all(day.weekday() == 0 for day in mondays)


def test_a_record_that_says_nothing_new_keeps_the_step_and_one_that_does_loses_it() -> None:
    ended = ended_with(BILL, ENDING)
    assert settle(ended, BILL) == ended
    assert settle(ended, replace(BILL, title="Lamps and lanterns")).actions == ended.actions
    assert step_of(settle(ended, after(Action("Third reading", date(2026, 3, 20))))) is None
    assert step_of(settle(ended, after(Action("Died in committee", END, classification=("failure",))))) is None
    undated = ended_with(BILL, replace(ENDING, on=None, over=True))
    assert kept(undated, BILL) == undated and step_of(kept(undated, after(Action("Read")))) is None


# --- in the database --------------------------------------------------------------------------------------------------


class Clock:
    now = datetime(2026, 3, 5, 18, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def services(tmp_path: Path, clock: Clock) -> Iterator[Services]:
    with Services(load_settings(home=tmp_path, sources=["us-wa", "us-tx"]), clock) as opened:
        yield opened


def take_in(services: Services, *bills: Bill, mode: IngestMode = IngestMode.LIVE,
            verdict: VerdictKind = VerdictKind.OK) -> None:
    """As a crawl that began now would."""
    now = services.clock()
    of = bills[0].jurisdiction if bills else "us-wa"
    Ingester(services.store, RULES, lambda page: b"", services.clock, mode, of, Counts()).ingest(
        Harvest(bill_id(b.jurisdiction, b.session, b.identifier), b, wire.content_hash(b)) for b in bills)
    services.store.save_run(Run(f"{of}-{now:%d%H%M}", of, mode, now, now, RunVerdict(verdict, "")))


def told(services: Services, after: int) -> list[tuple[EventKind, IngestMode]]:
    return [(e.kind, e.mode) for e in services.store.events(after)]


def standing(services: Services, name: str = "us-wa/2025-26/hb-1") -> str:
    state = services.store.bill(name)
    assert state is not None
    return stage_of(state.bill)


def test_pending_bills_die_once_and_readers_are_told_in_one_sentence(services: Services, clock: Clock) -> None:
    law = replace(after(*PASSED), identifier="HB 2")
    take_in(services, BILL, law)
    last = services.store.last_seq()
    clock.now += timedelta(days=14)
    take_in(services, BILL, law)
    assert close_sessions(services).died == 1
    assert told(services, last) == [(EventKind.ACTION_RECORDED, IngestMode.LIVE)]
    [event] = services.store.events(last)
    assert (event.data["stage"], event.occurred_on, event.data["sources"]) == ("died", END, [KEEPER])
    assert build([event]).ended == ("A session has ended (US-WA 2025-26): 1 of these bills died without a vote.",)
    assert close_sessions(services) == closing.Closed()
    take_in(services, BILL, law)
    take_in(services, replace(BILL, subjects=("Lamps",)), law)  # the record moves, its history does not
    assert services.store.last_seq() == last + 1 and standing(services) == "died"
    assert standing(services, "us-wa/2025-26/hb-2") == "passed-both"


def test_a_source_that_was_not_seen_since_kills_nothing(services: Services, clock: Clock) -> None:
    take_in(services, BILL)
    clock.now += timedelta(days=14)
    assert close_sessions(services).died == 0
    take_in(services, BILL, verdict=VerdictKind.BLOCKED)
    assert close_sessions(services).died == 0 and standing(services) == "in-committee"
    clock.now += timedelta(minutes=1)
    take_in(services, BILL)
    assert close_sessions(services).died == 1


def test_a_bill_of_another_session_of_the_same_legislature_lives_on(services: Services, clock: Clock) -> None:
    clock.now = datetime(2025, 5, 1, tzinfo=UTC)
    regular = Bill("us-tx", "89R", "HB 1", "Lamps", actions=(
        Action("Referred to Lamps", date(2025, 4, 1), classification=("referral-committee",)),))
    called = replace(regular, session="891")
    take_in(services, regular, called)
    clock.now = datetime(2025, 7, 1, tzinfo=UTC)
    take_in(services, regular, called)
    assert close_sessions(services).died == 1
    assert (standing(services, "us-tx/89r/hb-1"), standing(services, "us-tx/891/hb-1")) == ("died", "in-committee")


def test_an_old_session_that_is_taken_in_as_history_alerts_nobody(services: Services, clock: Clock) -> None:
    clock.now = datetime(2026, 11, 21, tzinfo=UTC)
    take_in(services, BILL, mode=IngestMode.BACKFILL)
    last = services.store.last_seq()
    assert close_sessions(services).died == 1
    assert told(services, last) == [(EventKind.ACTION_RECORDED, IngestMode.BACKFILL)]


def test_a_first_crawl_just_after_the_end_is_history_too(services: Services, clock: Clock) -> None:
    clock.now += timedelta(days=14)
    take_in(services, BILL, mode=IngestMode.BACKFILL)
    last = services.store.last_seq()
    close_sessions(services)
    assert told(services, last) == [(EventKind.ACTION_RECORDED, IngestMode.BACKFILL)]


def test_a_date_that_jumps_takes_the_death_back_as_a_correction(services: Services, clock: Clock,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    take_in(services, BILL)
    clock.now += timedelta(days=14)
    take_in(services, BILL)
    close_sessions(services)
    last = services.store.last_seq()

    def ends(on: date) -> None:
        said = {"us-wa": {"why": "extended", "ends": {"2025-26": on}}}
        monkeypatch.setattr(closing, "calendar", lambda: said)

    ends(date(2026, 4, 1))
    assert close_sessions(services) == closing.Closed(died=0, revived=1)
    assert standing(services) == "in-committee"
    assert told(services, last) == [(EventKind.CORRECTION, IngestMode.LIVE)]
    clock.now = datetime(2026, 4, 6, tzinfo=UTC)
    take_in(services, BILL)
    assert close_sessions(services).died == 1 and standing(services) == "died"
    ends(date(2026, 3, 30))  # ended all the same, on another day
    assert close_sessions(services).revived == 1
    assert [e.kind for e in services.store.latest_events(None, 1)] == [EventKind.CORRECTION]
    state = services.store.bill("us-wa/2025-26/hb-1")
    assert state and (step := step_of(state.bill)) and step.date == date(2026, 3, 30)


def test_what_the_record_says_of_its_end_replaces_our_step_without_more_news(services: Services, clock: Clock) -> None:
    take_in(services, BILL)
    clock.now += timedelta(days=14)
    take_in(services, BILL)
    close_sessions(services)
    last = services.store.last_seq()
    clock.now += timedelta(days=1)
    take_in(services, after(Action("Died upon adjournment", END, classification=("failure",))))
    assert told(services, last) == [] and standing(services) == "died"
    state = services.store.bill("us-wa/2025-26/hb-1")
    assert state and step_of(state.bill) is None


def test_a_bill_that_is_called_up_again_lives(services: Services, clock: Clock) -> None:
    take_in(services, BILL)
    clock.now += timedelta(days=14)
    take_in(services, BILL)
    close_sessions(services)
    last = services.store.last_seq()
    clock.now += timedelta(days=2)
    take_in(services, after(Action("Third reading", date(2026, 3, 20))))
    assert [kind for kind, _ in told(services, last)] == [EventKind.CORRECTION, EventKind.ACTION_RECORDED]
    assert standing(services) == "in-committee" and close_sessions(services).died == 0


def test_a_bill_that_died_is_asked_for_seldom_where_lists_do_not_say_what_changed(services: Services, clock: Clock
                                                                                   ) -> None:
    take_in(services, BILL)
    assert [*services.store.resting("us-wa", clock.now)] == []
    clock.now += timedelta(days=14)
    take_in(services, BILL)
    close_sessions(services)
    clock.now += timedelta(minutes=1)
    take_in(services)
    assert [*services.store.resting("us-wa", clock.now)] == ["us-wa/2025-26/hb-1"]


def test_a_calendar_that_says_no_day_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sessions.toml").write_text('[us-zz]\nwhy = "x"\n[us-zz.ends]\n"1" = "soon"\n')
    monkeypatch.setattr(adjournment, "__file__", str(tmp_path / "adjournment.py"))
    with pytest.raises(adjournment.ConfigError, match="us-zz"):
        adjournment.calendar.__wrapped__()


def test_a_source_s_last_day_is_heeded_and_a_day_it_moves_takes_deaths_back(services: Services, clock: Clock) -> None:
    bill = replace(BILL, jurisdiction="us-tx", session="9zz")
    services.sessions.save([SessionTold("us-tx", "9zz", END)], clock())
    take_in(services, bill)
    clock.now += timedelta(days=14)
    take_in(services, bill)
    assert close_sessions(services).died == 1
    services.sessions.save([SessionTold("us-tx", "9zz", date(2026, 6, 1))], clock())
    assert close_sessions(services).revived == 1 and standing(services, "us-tx/9zz/hb-1") == "in-committee"


def test_a_session_that_is_said_to_be_over_ends_its_bills_days_after_that_was_first_said(services: Services,
                                                                                          clock: Clock) -> None:
    bill = replace(BILL, jurisdiction="us-tx", session="9zz")
    take_in(services, bill)
    services.sessions.save([SessionTold("us-tx", "9zz")], clock())
    clock.now += timedelta(days=1)
    take_in(services, bill)
    services.sessions.save([SessionTold("us-tx", "9zz", over=True)], clock())
    assert close_sessions(services).died == 0  # its last steps may not be recorded yet
    clock.now += timedelta(days=5)
    take_in(services, bill)
    services.sessions.save([SessionTold("us-tx", "9zz", over=True)], clock())
    last = services.store.last_seq()
    assert close_sessions(services).died == 1
    assert told(services, last) == [(EventKind.ACTION_RECORDED, IngestMode.LIVE)]
    assert close_sessions(services) == closing.Closed()


def test_what_was_over_when_we_first_heard_of_it_is_history(services: Services) -> None:
    bill = replace(BILL, jurisdiction="us-tx", session="9zz")
    take_in(services, bill)
    services.sessions.save([SessionTold("us-tx", "9zz", over=True)], services.clock())
    last = services.store.last_seq()
    assert close_sessions(services).died == 1
    assert told(services, last) == [(EventKind.ACTION_RECORDED, IngestMode.BACKFILL)]


def test_sessions_are_closed_on_postgresql_alike(tmp_path: Path, clock: Clock, postgres_url: str) -> None:
    with Services(load_settings(home=tmp_path, sources=["us-wa"], database=postgres_url), clock) as services:
        many = [replace(BILL, identifier=f"HB {n}") for n in range(1, 230)]  # more than two transactions
        take_in(services, *many)
        clock.now += timedelta(days=14)
        take_in(services, *many)
        last = services.store.last_seq()
        assert close_sessions(services).died == 229 and close_sessions(services) == closing.Closed()
        assert {e.data["stage"] for e in services.store.events(last)} == {"died"}
