"""Alerts to mailboxes: to whom they are for, once, inside the window; corrections to exactly those who have them."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import timedelta

import pytest

from digests.delivery.bounces import ReturnKind
from digests.delivery.suppressing import SoftRule, came_back
from tests.tracker.alerts.sample import (
    DEADLINE,
    RELEASER,
    TEXT,
    corrected,
    reader,
    released,
    submitted,
    text,
    withdrawn,
    written,
)
from tests.tracker.web.sample import NASTY, NOW
from tracker.errors import TransientDelivery
from tracker.jobs import alert_now, deliver_job
from tracker.model import Effect, Filter, Topic

SUBJECTS = {"A message that cannot wait": "alert", "A correction": "correction",
            "Please disregard an earlier message": "withdrawal"}


class Kill(BaseException):
    """The process dies."""


class Server:
    """A mail server that takes all, until `then` says otherwise of the next message."""

    def __init__(self) -> None:
        self.sent, self.then = [], None

    def send(self, message, recipient, sender=""):
        if self.then:
            self.then(message, recipient)
        self.sent.append((recipient.partition("@")[0], message))

    @property
    def told(self):
        return sorted((to, SUBJECTS[str(m["Subject"])]) for to, m in self.sent)


@pytest.fixture
def server(services, monkeypatch):
    made = Server()
    monkeypatch.setitem(services.__dict__, "mailer", made)
    return made


def test_an_alert_goes_to_those_whose_filter_it_fits_and_who_want_alerts(services, server):
    reader(services, "topic")
    reader(services, "bill", Filter(bills=(NASTY,)))
    reader(services, "place", Filter(jurisdictions=("xx",)))
    reader(services, "all", Filter())
    reader(services, "sponsor", Filter(sponsors=("Ada Sample",)))
    reader(services, "elsewhere", Filter(jurisdictions=("us",)))
    reader(services, "otherwise", Filter(topics=(Topic.WORKER_RIGHTS,)))
    reader(services, "otherbill", Filter(bills=("xx/7/hb-12",)))
    reader(services, "against", Filter(effects=(Effect.NON_BINDING,)))
    reader(services, "silent", alerts=False)
    released(services)
    alert_now(services)
    assert server.told == [(name, "alert") for name in ("all", "bill", "place", "sponsor", "topic")]


def test_the_service_sends_alerts_by_itself_every_minute(services, server, monkeypatch):
    monkeypatch.setitem(services.__dict__, "settings", services.settings.model_copy(update={"mail": "smtp"}))
    reader(services, "topic")
    released(services)
    deliver_job(services)
    deliver_job(services)
    assert server.told == [("topic", "alert")]


def test_one_address_gets_one_message_however_many_subscriptions_it_has(services, server):
    for name in ("one", "two", "three"):
        reader(services, name, address="same@reader.example.org")
    released(services)
    alert_now(services)
    alert_now(services)
    assert server.told == [("same", "alert")]


def test_nothing_is_sent_that_was_not_released(services, server):
    reader(services, "topic")
    submitted(services, written(services))
    alert_now(services)
    assert server.told == []


def test_nothing_is_sent_before_the_embargo_ends(services, server, clock):
    reader(services, "topic")
    released(services, text(not_before=NOW + timedelta(hours=2)))
    alert_now(services)
    clock.now = NOW + timedelta(hours=2) - timedelta(seconds=1)
    alert_now(services)
    assert server.told == []
    clock.now += timedelta(seconds=1)
    alert_now(services)
    assert server.told == [("topic", "alert")]


def test_a_queue_that_stood_still_past_the_deadline_drops_what_it_holds_and_counts_it(services, server, clock):
    reader(services, "topic")
    alert = released(services)
    alert_now(services, send=False)
    clock.now = DEADLINE + timedelta(days=3)
    queued, _ = alert_now(services)
    assert (server.told, queued.dropped, services.alert_outbox.counts(alert.id)) == ([], 1, {"dropped": 1})
    assert [s.step for s in services.alerts.steps(alert.id)][-2:] == ["sent", "expired"]


def test_the_clock_is_asked_for_each_message_and_not_for_the_round(services, server, clock):
    """The deadline passes while the first of two messages is being handed over."""
    for name in ("a", "b"):
        reader(services, name)
    alert = released(services)

    def late(message, recipient):
        clock.now = DEADLINE

    server.then = late
    queued, _ = alert_now(services)
    assert len(server.told) == 1 and queued.dropped == 1
    assert services.alert_outbox.counts(alert.id) == {"dropped": 1, "sent": 1}


def test_a_clock_that_is_set_back_sends_nothing_twice(services, server, clock):
    reader(services, "topic")
    released(services)
    alert_now(services)
    clock.now = NOW - timedelta(days=30)
    alert_now(services)
    assert server.told == [("topic", "alert")]


def test_after_a_kill_the_message_comes_once_more_with_the_same_bytes(services, server, clock):
    reader(services, "topic")
    released(services)

    def die(message, recipient):
        server.sent.append((recipient.partition("@")[0], message))
        raise Kill

    server.then = die
    with pytest.raises(Kill):
        alert_now(services)
    server.then = None
    clock.now += timedelta(hours=7)
    alert_now(services)
    (_, first), (_, second) = server.sent
    assert first.as_bytes() == second.as_bytes() and str(first["Message-ID"]).startswith("<alert.")


def test_a_server_that_says_later_gets_it_again(services, server, clock):
    reader(services, "topic")
    released(services)

    def later(message, recipient):
        raise TransientDelivery("SMTP 451")

    server.then = later
    alert_now(services)
    server.then = None
    clock.now += timedelta(minutes=10)
    alert_now(services)
    assert server.told == [("topic", "alert")]


def test_a_correction_goes_to_exactly_those_who_have_the_alert_and_the_right_one_to_the_others(services, server):
    for name in ("has", "waits"):
        reader(services, name)

    def only_one(message, recipient):
        if recipient.startswith("waits"):
            raise TransientDelivery("SMTP 451")

    server.then = only_one
    alert = released(services)
    alert_now(services)
    server.then = None
    reader(services, "new", Filter(jurisdictions=("us",)))
    corrected(services, alert)
    alert_now(services)
    assert server.told == [("has", "alert"), ("has", "correction"), ("waits", "alert")]
    correction = next(m for _, m in server.sent if m["Subject"] == "A correction")
    assert "The hour was wrong." in correction.get_body(("plain",)).get_content()
    alert_now(services)
    assert len(server.sent) == 3


def test_who_may_have_got_it_when_the_process_died_is_told_of_the_withdrawal(services, server):
    reader(services, "maybe")
    alert = released(services)

    def die(message, recipient):
        raise Kill

    server.then = die
    with pytest.raises(Kill):
        alert_now(services)
    server.then = None
    withdrawn(services, alert)
    alert_now(services)
    alert_now(services)
    assert server.told == [("maybe", "withdrawal")]


def test_a_withdrawal_goes_to_exactly_those_who_have_the_alert_even_after_its_deadline(services, server, clock):
    reader(services, "has")
    reader(services, "never")

    def only_one(message, recipient):
        if recipient.startswith("never"):
            raise TransientDelivery("SMTP 451")

    server.then = only_one
    alert = released(services)
    alert_now(services)
    server.then = None
    clock.now = DEADLINE + timedelta(days=1)
    withdrawn(services, alert)
    alert_now(services)
    assert server.told == [("has", "alert"), ("has", "withdrawal")]
    notice = server.sent[-1][1].as_string()
    assert "HB 13" not in notice and "repeal" not in notice


def test_the_correction_of_a_correction_is_told_once(services, server):
    reader(services, "has")
    alert = released(services)
    alert_now(services)
    second = corrected(services, alert)
    corrected(services, second, deadline_words="Friday 4 pm")
    alert_now(services)
    alert_now(services)
    assert server.told == [("has", "alert"), ("has", "correction")]


def test_who_left_or_complained_gets_nothing_more_and_leaves_no_row(services, server, clock):
    row = reader(services, "left")
    alert = released(services)
    alert_now(services, send=False)
    services.ledger.delete(row.id)
    alert_now(services)
    assert server.told == [] and services.alert_outbox.counts(alert.id) == {}


def test_a_bounced_alert_is_known_and_its_address_left_alone(services, server):
    row = reader(services, "gone")
    released(services)
    alert_now(services)
    (delivery,) = services.alert_outbox.deliveries(row.id)
    assert services.ledger.delivery(delivery.id).subscription_id == row.id
    assert came_back(services.ledger, row, delivery.id, ReturnKind.HARD, "5.1.1", SoftRule(), NOW) == "suppressed"
    released(services, text(deadline_words="other"))
    alert_now(services)
    assert len(server.sent) == 1


def test_the_outside_of_an_alert_is_neutral_and_its_inside_complete(services, server):
    reader(services, "topic")
    reader(services, "spanish", language="es")
    reader(services, "telling", telling_subject=True)
    released(services)
    alert_now(services)
    sent = dict(server.sent)
    plain = email.message_from_bytes(sent["topic"].as_bytes(), policy=email.policy.default)
    outside = "".join(f"{k}: {v}\n" for k, v in plain.items())
    assert not any(word in outside for word in ("HB", "loiter", "Decrim", "repeal", "sex"))
    assert plain["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" and plain["Precedence"] == "bulk"
    words = plain.get_body(("plain",)).get_content()
    for said in ("Friday, 9 May 2031, 17:00 (Pacific Time)", "Friday 5 pm or upon adjournment", "Hello, I ask you",
                 "+1 555 0100", "Source: https://legislature.example/members, read on 1 May 2031", "Rep. Ada Sample"):
        assert said in words, said
    html = plain.get_body(("html",)).get_content()
    assert "&lt;b&gt;to&lt;/b&gt;" in html and "<b>to" not in html and "<img" not in html and "<script" not in html
    assert "Decriminalization" in str(sent["telling"]["Subject"])
    assert "Pida al comité" in sent["spanish"].get_body(("plain",)).get_content()
    assert "viernes" in sent["spanish"].get_body(("plain",)).get_content()


def test_what_is_long_over_is_forgotten(services, server, clock):
    reader(services, "has")
    alert = released(services)
    alert_now(services)
    clock.now = DEADLINE + timedelta(days=31)
    alert_now(services)
    assert services.alert_outbox.counts(alert.id) == {}


def test_a_release_while_a_round_is_under_way_is_not_lost(services, server):
    reader(services, "has")
    alert = released(services)
    second = []

    def meanwhile(message, recipient):
        server.then = None
        second.append(corrected(services, alert))

    server.then = meanwhile
    alert_now(services)
    alert_now(services)
    assert server.told == [("has", "alert"), ("has", "correction")]


def test_an_alert_about_no_bill_reaches_who_follows_the_topic_there(services, server):
    reader(services, "topic")
    reader(services, "bill", Filter(bills=(NASTY,)))
    released(services, replace(TEXT, bills=()))
    alert_now(services)
    assert server.told == [("topic", "alert")]


def test_the_releaser_of_a_correction_is_again_a_second_person(services):
    alert = released(services)
    assert corrected(services, alert).public == 2
    assert [s.by for s in services.alerts.steps(alert.id) if s.step in ("released", "corrected")] == [RELEASER.name] * 2
