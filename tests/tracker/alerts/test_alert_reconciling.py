"""Losses put into the outbox of alerts by hand: each is found, and mended while there is time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from digests.alerts.reconciling import CheckedAlerts, check_alerts
from tests.tracker.alerts.sample import DEADLINE, corrected, reader, released, text, withdrawn
from tests.tracker.alerts.test_alert_delivery import Kill, Server
from tests.tracker.web.sample import NOW
from tracker.errors import RecipientRefused
from tracker.jobs import alert_now
from tracker.store import schema as t
from tracker.store.engine import writing

HOUR = timedelta(hours=1)


@pytest.fixture
def server(services, monkeypatch):
    made = Server()
    monkeypatch.setitem(services.__dict__, "mailer", made)
    return made


@pytest.fixture
def check(services):
    return lambda **how: check_alerts(services.alert_outbox, services.alerts.get, services.store.bill,
                                      services.clock(), **how)


def alter(services, statement):
    with writing(services.store.engine) as connection:
        assert connection.execute(statement).rowcount > 0


def test_what_went_well_is_well(services, server, check, clock):
    for name in ("a", "b"):
        reader(services, name)
    alert = corrected(services, released(services))
    alert_now(services)
    clock.now += HOUR
    reader(services, "later", alerts=False)
    assert check() == CheckedAlerts(sent=2) and check().well
    withdrawn(services, alert)
    alert_now(services)
    clock.now += HOUR
    assert check() == CheckedAlerts(sent=4)


def test_a_row_that_was_lost_is_found_and_sent_once(services, server, check):
    """As after a restored backup: the alert says that it was queued, a reader has nothing."""
    for name in ("a", "b"):
        reader(services, name)
    released(services)
    alert_now(services, send=False)
    alter(services, delete(t.alert_delivery).where(t.alert_delivery.c.subscription_id == "b"))
    alert_now(services)
    assert server.told == [("a", "alert")]
    assert check(repair=False).missing == 1 and check(repair=False).queued_again == 0
    found = check()
    assert (found.missing, found.queued_again, found.well) == (1, 1, False)
    assert check().well
    alert_now(services)
    assert server.told == [("a", "alert"), ("b", "alert")]


def test_nothing_is_queued_again_when_the_window_is_over(services, server, check, clock):
    reader(services, "a")
    released(services)
    alert_now(services, send=False)
    alter(services, delete(t.alert_delivery))
    clock.now = DEADLINE
    assert check().missing == 0
    alert_now(services)
    assert server.told == []


def test_a_message_that_nobody_tried_before_its_window_closed_is_counted_and_taken_out(services, server, check, clock):
    reader(services, "a")
    released(services)
    alert_now(services, send=False)
    clock.now = DEADLINE + HOUR
    found = check()
    assert (found.late, found.well) == (1, False)
    again = check()
    assert (again.late, again.missed, again.dropped, again.well) == (0, 1, 1, False)
    alert_now(services)
    assert server.told == []


def test_a_correction_and_a_withdrawal_that_nobody_queued_are_owed(services, server, check, clock):
    reader(services, "a")
    alert = released(services)
    alert_now(services)
    alert = corrected(services, alert)
    assert check().well  # a service that runs does it within a minute
    clock.now += HOUR
    assert check().owed == 1
    alert_now(services)
    withdrawn(services, alert)
    clock.now += HOUR
    assert check(repair=False).owed == 1 and check().queued_again == 1
    alert_now(services)
    assert [what for _, what in server.told] == ["alert", "correction", "withdrawal"]


def test_one_that_was_sent_and_not_noted_is_told_of_and_goes_again_as_the_same_message(services, server, check, clock):
    reader(services, "a")
    released(services)

    def dies_after(message, recipient):
        server.sent.append((recipient.partition("@")[0], message))
        raise Kill

    server.then = dies_after
    with pytest.raises(Kill):
        alert_now(services)
    server.then = None
    clock.now += HOUR
    assert check().unsure == 1
    alert_now(services)
    assert check().well
    assert len({str(m["Message-ID"]) for _, m in server.sent}) == 1 and len(server.sent) == 2


def test_an_alert_that_went_without_a_note_is_noted(services, server, check):
    reader(services, "a")
    alert = released(services)
    alert_now(services)
    alter(services, update(t.alert).values(queued=0))
    assert check().unnoted == 1
    assert check().well and services.alerts.get(alert.id).queued == 1


def test_messages_outside_the_window_are_called_out(services, server, check, clock):
    reader(services, "a")
    released(services)
    alert_now(services)
    assert check().outside == 0
    alter(services, update(t.alert_delivery).values(sent_at=NOW - HOUR))
    found = check()
    assert found.outside == 1 and not found.well


def test_what_waits_for_a_year_is_freed_and_what_was_refused_is_tried_again_if_asked(services, server, check, clock):
    for name in ("a", "b"):
        reader(services, name)

    def refuses(message, recipient):
        if recipient.startswith("b"):
            raise RecipientRefused("SMTP 550")

    server.then = refuses
    released(services, text(deadline=NOW + timedelta(days=9)))
    alert_now(services)
    server.then = None
    assert check().failed == 1 and check(failed=True).reopened == 1
    alter(services, update(t.alert_delivery).where(t.alert_delivery.c.subscription_id == "b").values(
        next_attempt_at=NOW + timedelta(days=365)))
    assert check().stuck == 1 and check().well
