"""What every ledger keeps of mail that came back, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.tracker.store.test_ledger_contract import KEYS, READER, letter
from tracker.model import Delivery, DeliveryStatus
from tracker.post import Bounce, DomainPace, ReturnKind, Suppression
from tracker.store.ledger import SqlLedger
from tracker.store.store import SqlStore

NOW = datetime(2031, 3, 4, 5, 6, 7, tzinfo=UTC)
ADA = replace(READER, confirmed_at=NOW)
BEN = replace(ADA, id="s2", address_index=b"other", confirm_token=None, manage_token=None)
DAY = timedelta(days=1)


@pytest.fixture
def ledger(store: SqlStore) -> SqlLedger:
    ledger = SqlLedger(store.engine, KEYS)
    ledger.add(ADA)
    ledger.add(BEN)
    return ledger


def ids(found: list[Delivery]) -> list[str]:
    return [d.subscription_id for d in found]


def test_a_suppressed_address_is_out_of_every_walk_until_it_is_lifted(ledger: SqlLedger) -> None:
    ledger.queue(letter(), None)
    ledger.queue(letter(reader="s2"), None)
    ledger.suppress(Suppression(b"index", ReturnKind.HARD, NOW))
    assert [s.id for s in ledger.confirmed()] == ["s2"] and ledger.count_confirmed() == 1
    assert ids(ledger.open_deliveries(NOW)) == ["s2"]
    assert not ledger.is_open(letter()) and ledger.is_open(letter(reader="s2"))
    assert ledger.lift(b"index") and not ledger.lift(b"index")
    assert ids(ledger.open_deliveries(NOW)) == ["s1", "s2"] and ledger.is_open(letter())


def test_a_suppression_comes_back_as_it_went_in_and_a_complaint_outranks_a_bounce(ledger: SqlLedger) -> None:
    soft = Suppression(b"index", ReturnKind.SOFT, NOW, NOW + DAY)
    complaint = Suppression(b"index", ReturnKind.COMPLAINT, NOW)
    ledger.suppress(soft)
    assert ledger.suppression(b"index") == soft and ledger.suppression(b"none") is None
    ledger.suppress(complaint)
    ledger.suppress(soft)
    assert ledger.suppression(b"index") == complaint and ledger.count_suppressed() == {"complaint": 1}


def test_a_pause_ends_and_nothing_else_does(ledger: SqlLedger) -> None:
    ledger.suppress(Suppression(b"index", ReturnKind.SOFT, NOW, NOW + DAY))
    ledger.suppress(Suppression(b"other", ReturnKind.HARD, NOW))
    assert ledger.lift_ended(NOW + DAY - timedelta(seconds=1)) == 0
    assert ledger.lift_ended(NOW + DAY) == 1
    assert [s.id for s in ledger.confirmed()] == ["s1"]


def test_a_message_comes_back_once(ledger: SqlLedger) -> None:
    back = Bounce("s1", "d1", ReturnKind.SOFT, "4.4.7", NOW)
    assert ledger.note_bounce(back)
    assert not ledger.note_bounce(replace(back, at=NOW + DAY))
    assert not ledger.note_bounce(replace(back, subscription_id="gone"))
    assert ledger.note_bounce(replace(back, delivery_id="d2", at=NOW + DAY))
    assert ledger.bounces() == [replace(back, delivery_id="d2", at=NOW + DAY), back]
    assert ledger.bounces(subscription_id="s2") == []
    assert ledger.count_soft(b"index", NOW) == 1 and ledger.count_soft(b"index", NOW - DAY) == 2
    assert ledger.count_soft(b"other", NOW - DAY) == 0


def test_who_leaves_takes_bounces_and_standing_along(ledger: SqlLedger) -> None:
    ledger.note_bounce(Bounce("s1", "d1", ReturnKind.SOFT, "4.4.7", NOW))
    assert ledger.delete("s1")
    assert ledger.bounces() == [] and ledger.since(["s1", "s2"]) == {"s2": 5}


def test_a_delivery_is_found_by_its_name_alone(ledger: SqlLedger) -> None:
    ledger.queue(letter(), None)
    assert ledger.delivery("d1") == letter() and ledger.delivery("d2") is None


def test_only_what_is_still_open_is_claimed_and_a_claim_survives(ledger: SqlLedger) -> None:
    ledger.queue(letter(), None)
    ledger.queue(letter(reader="s2"), None)
    ledger.mark_sent(letter(), NOW)
    assert ids(ledger.claim([letter(), letter(reader="s2"), letter("gone")], NOW + DAY)) == ["s2"]
    assert [d.next_attempt_at for d in ledger.open_deliveries(NOW + DAY)] == [NOW + DAY]


def test_what_is_held_is_not_due_before_and_lost_no_try(ledger: SqlLedger) -> None:
    ledger.queue(letter(), None)
    ledger.hold([(letter(), NOW + DAY)])
    assert ledger.open_deliveries(NOW) == []
    assert ledger.open_deliveries(NOW + DAY) == [letter(next_attempt_at=NOW + DAY)]
    ledger.queue(letter(reader="s2"), None)
    assert len(ledger.open_deliveries(NOW + DAY, limit=1)) == 1


def test_paces_are_replaced(ledger: SqlLedger) -> None:
    one, two = DomainPace(b"1", NOW), DomainPace(b"2", NOW, 3, NOW + DAY)
    ledger.save_paces([one, two])
    ledger.save_paces([replace(one, failures=1)])
    ledger.save_paces([])
    assert sorted(ledger.paces(), key=lambda p: p.index) == [replace(one, failures=1), two]


def test_the_look_back_begins_where_wishes_were_changed_last(ledger: SqlLedger) -> None:
    assert ledger.since(["s1", "s2", "none"]) == {"s1": 5, "s2": 5}
    ledger.advance("s1", 9, None)
    assert ledger.since(["s1"]) == {"s1": 5}
    ledger.update(replace(ADA, hour=3))
    assert ledger.since(["s1"]) == {"s1": 9}


def test_outbox_rows_are_told_in_the_order_of_the_log(ledger: SqlLedger) -> None:
    for name, start, end in (("b", 9, 12), ("a", 5, 9), ("c", 12, 20)):
        ledger.queue(Delivery(name, "s1", start, end, NOW), None)
        ledger.mark_sent(Delivery(name, "s1", start, end, NOW), NOW)
    assert [d.id for d in ledger.ranges("s1", 0)] == ["a", "b", "c"]
    assert [d.id for d in ledger.ranges("s1", 9)] == ["b", "c"]


def test_what_was_given_up_is_tried_again_unless_another_one_is_open(ledger: SqlLedger) -> None:
    ledger.queue(letter(), None)
    assert not ledger.reopen(letter())
    ledger.mark_failed(letter(), "SMTP 550", None)
    ledger.queue(letter("d2", to=12), None)
    assert not ledger.reopen(letter())
    ledger.mark_sent(letter("d2", to=12), NOW)
    assert ledger.reopen(letter())
    assert ledger.open_deliveries(NOW) == [letter()]
    assert ledger.count_deliveries() == {"queued": 1, "sent": 1}
    assert [d.id for d in ledger.deliveries_in(DeliveryStatus.SENT, 9)] == ["d2"]
    assert len(ledger.deliveries_in(None, 9)) == 2


def test_the_yearly_question_is_put_once_and_its_answer_is_kept(ledger: SqlLedger) -> None:
    assert ledger.to_renew(NOW - DAY) == []
    assert ledger.to_renew(NOW) == ["s1", "s2"] and ledger.to_renew(NOW, limit=1) == ["s1"]
    ledger.set_end("s1", NOW + DAY)
    ledger.suppress(Suppression(b"other", ReturnKind.HARD, NOW))
    assert ledger.to_renew(NOW) == []
    assert ledger.end(NOW) == 0
    ledger.set_end("s1", None)
    assert ledger.end(NOW + 9 * DAY) == 0 and ledger.to_renew(NOW) == ["s1"]


def test_who_does_not_answer_is_deleted_when_the_time_is_up(ledger: SqlLedger) -> None:
    ledger.queue(letter(), None)
    ledger.set_end("s1", NOW + DAY)
    assert ledger.end(NOW + DAY) == 1
    assert ledger.get("s1") is None and ledger.deliveries() == [] and ledger.get("s2")


def test_dead_addresses_are_forgotten_in_their_time(ledger: SqlLedger) -> None:
    ledger.suppress(Suppression(b"index", ReturnKind.HARD, NOW))
    ledger.note_bounce(Bounce("s2", "d1", ReturnKind.SOFT, "4.4.7", NOW))
    ledger.save_paces([DomainPace(b"1", NOW)])
    assert ledger.delete_dead(NOW - DAY) == 0
    assert ledger.delete_dead(NOW) == 1
    assert ledger.get("s1") is None and ledger.get("s2")
    assert ledger.forget_returns(suppressed=NOW - DAY, bounced=NOW - DAY, paced=NOW - DAY) == 0
    assert ledger.forget_returns(suppressed=NOW, bounced=NOW, paced=NOW) == 3
