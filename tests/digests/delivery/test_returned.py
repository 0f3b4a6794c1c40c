"""A mail that came back changes what its own reader gets, and nobody else's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from fakes.happenings import KEYS, NOW, SITE, happening, reader
from fakes.memory import MemoryLedger, MemoryLog, PostBox
from fakes.returns import complaint, holiday, qmail, status_report

from digests.delivery import deliver
from digests.delivery.return_path import Returned, return_path
from digests.delivery.returned import Taken, take
from digests.delivery.sending import Sent, send_open
from digests.delivery.suppressing import ASK_AGAIN, SoftRule
from digests.readers import subscriptions
from tracker.errors import RecipientRefused
from tracker.model import Cadence, DeliveryStatus, Filter, Subscription
from tracker.post import ReturnKind

HERE = replace(SITE, bounces="bounces@watch.example.org")
RULE = SoftRule(limit=3, days=14)


class House:
    def __init__(self, *readers: Subscription) -> None:
        self.ledger, self.box, self.log = MemoryLedger(), PostBox(), MemoryLog([])
        for row in readers or (reader("a"), reader("b")):
            self.ledger.add(row)
        self.now = NOW

    def round(self) -> Sent:
        """One more event is told."""
        self.now += timedelta(hours=1)
        self.log.all.append(happening(len(self.log.all) + 1, recorded_at=self.now - timedelta(minutes=30)))
        deliver.queue_due(self.ledger, self.log, self.now)
        return self.send()

    def send(self) -> Sent:
        return send_open(self.ledger, self.log, self.box, KEYS, HERE, self.now, soft=RULE)

    def path(self, address: str) -> str:
        """Where the last message to this address came from."""
        return [sender for sender, (to, _) in zip(self.box.senders, self.box.sent, strict=True) if to == address][-1]

    def take(self, raw: bytes, recipient: str = "") -> Taken:
        return take(self.ledger, KEYS, HERE, raw, recipient, RULE, self.now)

    def told(self, address: str) -> int:
        return sum(to == address for to, _ in self.box.sent)


A, B = "a@example.org", "b@example.org"


def test_each_message_has_a_return_path_of_its_own_without_an_address_in_it() -> None:
    house = House()
    house.round()
    house.round()
    assert len(set(house.box.senders)) == 4
    assert all(s.startswith("bounces+") and s.endswith("@watch.example.org") for s in house.box.senders)
    assert not any(name in s for s in house.box.senders for name in ("a@", "example.org+", "b@"))


def test_a_hard_bounce_leaves_the_address_alone_at_once_and_nobody_else() -> None:
    house = House()
    house.round()
    raw = status_report(house.path(A))
    assert house.take(raw) == Taken("suppressed", "hard", "5.1.1")
    assert house.round() == Sent(sent=1)
    assert (house.told(A), house.told(B)) == (1, 2)
    assert house.take(raw) == Taken("known", "hard", "5.1.1")


def test_what_was_queued_before_the_bounce_is_not_sent() -> None:
    house = House()
    house.round()
    deliver_to_a = house.path(A)
    house.log.all.append(happening(2, recorded_at=house.now))
    house.now += timedelta(hours=1)
    assert deliver.queue_due(house.ledger, house.log, house.now) == 2
    house.take(status_report(deliver_to_a))
    assert house.send() == Sent(sent=1) and house.told(A) == 1


def test_all_subscriptions_of_a_dead_address_rest() -> None:
    house = House(reader("a"), reader("c", address="A@example.org"), reader("b"))
    house.round()
    house.take(status_report(house.path(A)))
    assert house.round() == Sent(sent=1)


def test_soft_bounces_are_counted_once_a_message_and_pause_the_address_for_a_while() -> None:
    house = House()
    outcomes = []
    for _ in range(3):
        house.round()
        raw = status_report(house.path(A), "4.4.7")
        outcomes += [house.take(raw).outcome, house.take(raw).outcome]
    assert outcomes == ["counted", "known", "counted", "known", "paused", "known"]
    assert house.round() == Sent(sent=1)
    alone = house.ledger.suppression(KEYS.blind_index(A))
    third = house.now - timedelta(hours=1)
    assert alone and (alone.reason, alone.until) == (ReturnKind.SOFT, third + timedelta(days=14))


def test_after_the_pause_all_that_was_missed_is_told_at_once() -> None:
    house = House()
    for _ in range(3):
        house.round()
        house.take(status_report(house.path(A), "4.4.7"))
    house.round()
    house.ledger.lift(KEYS.blind_index(A))  # as the next round does when `until` is over
    assert house.round() == Sent(sent=2)
    text = [m for to, m in house.box.sent if to == A][-1].get_body(("plain",))
    assert text and "2 changes" in text.get_content()


def test_soft_bounces_of_long_ago_do_not_count() -> None:
    house = House()
    for _ in range(6):
        house.round()
        assert house.take(status_report(house.path(A), "4.4.7")).outcome == "counted"
        house.now += timedelta(days=7)


@pytest.mark.parametrize("form", ["mail from", "return path", "leave link"])
def test_a_complaint_ends_all_subscriptions_of_the_address_at_once(form: str) -> None:
    house = House(reader("a"), reader("c", address=A), reader("b"))
    house.round()
    path = house.path(A)
    message = next(m for to, m in house.box.sent if to == A)
    raw = {"mail from": complaint(mail_from=path), "return path": complaint(original=f"Return-Path: <{path}>"),
           "leave link": complaint(original=f"List-Unsubscribe: {message['List-Unsubscribe']}")}[form]
    assert house.take(raw) == Taken("unsubscribed", "complaint")
    assert list(house.ledger.rows) == ["b"] and all(key[0] == "b" for key in house.ledger.outbox)
    assert house.take(raw).outcome == "gone"


def test_who_complained_is_not_even_asked_again() -> None:
    house = House()
    house.round()
    house.take(complaint(mail_from=house.path(A)))
    before = len(house.box.sent)
    for later in (timedelta(days=1), timedelta(days=300)):
        subscribe(house, A, house.now + later)
    assert len(house.box.sent) == before and "a" not in house.ledger.rows


def test_a_dead_address_may_be_asked_once_more_after_a_week_and_a_yes_ends_the_rest() -> None:
    house = House()
    house.round()
    house.take(status_report(house.path(A)))
    before = len(house.box.sent)
    subscribe(house, A, house.now + ASK_AGAIN - timedelta(seconds=1))
    assert len(house.box.sent) == before
    token = subscribe(house, A, house.now + ASK_AGAIN)
    assert subscriptions.confirm(house.ledger, token, house.now + ASK_AGAIN, 1)
    assert house.ledger.suppression(KEYS.blind_index(A)) is None


def subscribe(house: House, address: str, now: object) -> str:
    before = len(house.box.sent)
    subscriptions.subscribe(house.ledger, house.box, KEYS, HERE, address=address, filter=Filter(bills=("xx/31/hb-9",)),
                            cadence=Cadence.WEEKLY, zone="UTC", hour=8, weekday=0, now=now, cursor=0)  # type: ignore[arg-type]
    if len(house.box.sent) == before:
        return ""
    body = house.box.sent[-1][1].get_body(("plain",))
    return body.get_content().partition("/confirm/")[2].split()[0] if body else ""


def test_a_question_that_bounces_is_never_repeated_by_the_form() -> None:
    house = House()
    subscribe(house, "nobody@example.net", NOW)
    assert house.take(status_report(house.box.senders[-1])) == Taken("suppressed", "hard", "5.1.1")
    before = len(house.box.sent)
    subscribe(house, "nobody@example.net", NOW + timedelta(days=1))
    assert len(house.box.sent) == before


def test_the_envelope_decides_where_a_mail_server_writes_it_down() -> None:
    house = House()
    house.round()
    raw = status_report("somebody@watch.example.org", original=f"Return-Path: <{house.path(B)}>")
    assert house.take(raw, recipient=house.path(A)).outcome == "suppressed"
    assert house.ledger.suppression(KEYS.blind_index(A)) and not house.ledger.suppression(KEYS.blind_index(B))


def test_without_an_envelope_the_one_token_inside_decides() -> None:
    house = House()
    house.round()
    inside = qmail("postmaster@watch.example.org").replace(b"x@example.org", house.path(A).encode())
    assert house.take(inside).outcome == "suppressed"
    report = status_report("postmaster@watch.example.org", original=f"Return-Path: <{house.path(B)}>")
    assert house.take(report).outcome == "suppressed"


def test_two_tokens_inside_decide_nothing() -> None:
    house = House()
    house.round()
    raw = status_report("postmaster@example.org", original=f"X: <{house.path(A)}> <{house.path(B)}>")
    assert house.take(raw).outcome == "not ours" and house.ledger.alone == {}


def test_nobody_can_silence_another_reader_with_a_made_up_report() -> None:
    house = House()
    house.round()
    stranger = replace(KEYS, token=b"guess" * 6 + b"ab")
    delivery = house.ledger.deliveries("a")[0]
    forged = return_path(HERE.bounces, stranger, Returned(delivery_id=delivery.id))
    assert house.take(status_report(forged)).outcome == "not ours"
    # Who got a message of his own, and names somebody else in the report, harms only himself.
    mine = status_report(house.path(B)).replace(b"reader@example.net", A.encode())
    assert house.take(mine).outcome == "suppressed"
    assert not house.ledger.suppression(KEYS.blind_index(A))


def test_a_holiday_means_nothing() -> None:
    house = House()
    house.round()
    assert house.take(holiday(house.path(A))) == Taken("no bounce")
    assert house.round() == Sent(sent=2)


@pytest.mark.parametrize(("answer", "at_recipient", "outcome"), [
    ("SMTP 550 5.1.1", True, "alone"), ("SMTP 550", True, "alone"), ("SMTP 552 5.2.2", True, "counted"),
    ("SMTP 554 5.7.1", False, "counted"), ("SMTP 550", False, "counted")])
def test_what_the_server_says_at_once_counts_like_a_bounce(answer: str, at_recipient: bool, outcome: str) -> None:
    house = House(reader("a"))
    problem = RecipientRefused(answer)
    problem.at_recipient = at_recipient
    house.box.failures = [problem]
    assert house.round() == Sent(refused=1)
    assert [d.status for d in house.ledger.deliveries()] == [DeliveryStatus.FAILED]
    assert (house.ledger.suppression(KEYS.blind_index(A)) is not None) == (outcome == "alone")
    assert len(house.ledger.returned) == 1
