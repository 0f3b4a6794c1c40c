"""Alerts to webhooks that asked for them: after the release, inside the window, corrected and taken back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook as Verifier

from digests.alerts.push import push_alerts
from digests.channels.outward import Answer
from digests.channels.webhooks import new_secret, push
from tests.tracker.alerts.sample import DEADLINE, corrected, released, submitted, text, withdrawn, written
from tests.tracker.web.sample import NASTY, NOW
from tracker.alerts.records import KEPT_FOR
from tracker.hooks import GIVE_UP_AFTER, Webhook
from tracker.model import Filter, Topic

SECRET = new_secret()


class Kill(BaseException):
    """The process dies."""


class Endpoint:
    """Verifies and keeps what it takes; `then` may stand in the way."""

    def __init__(self, services):
        self.services, self.got, self.status, self.then = services, [], 204, None

    def __call__(self, url, body, headers):
        if self.then:
            self.then()
        if self.status == 204:
            told = json.loads(body) if headers["webhook-signature"] else {}
            self.got.append((headers["webhook-id"], told, body, headers))
        return Answer(self.status, str(self.status))

    def push(self):
        services = self.services
        return push_alerts(services.hooks, services.alerts, services.store.bill, services.site, services.clock, self)

    @property
    def told(self):
        return [(told["type"].removeprefix("alert."), told["data"]["revision"]) for _, told, *_ in self.got]


@pytest.fixture
def endpoint(services):
    return Endpoint(services)


def hook(services, name="hook", wanted=Filter(), alerts=True, **more):  # noqa: B008
    services.hooks.add(Webhook(name, f"https://{name}.example.org/", SECRET, wanted, services.store.last_seq(), NOW,
                               alerts={} if alerts else None, **more))


def test_an_alert_goes_to_who_asked_for_alerts_and_whose_filter_it_fits(services, endpoint):
    for name, wanted in (("all", Filter()), ("bill", Filter(bills=(NASTY,))), ("place", Filter(jurisdictions=("us",))),
                         ("topic", Filter(topics=(Topic.WORKER_RIGHTS,)))):
        hook(services, name, wanted)
    hook(services, "silent", alerts=False)
    alert = released(services)
    assert endpoint.push().sent == 2 and endpoint.push().sent == 0
    assert [identity for identity, *_ in endpoint.got] == [
        f"msg_{name}_{alert.id}_alert_1" for name in ("all", "bill")]
    [_, told, body, headers], _ = endpoint.got
    assert told["type"] == "alert.released" and told["data"]["words"]["es"]["headline"].startswith("Pida")
    assert told["data"]["ends_at"] == "2031-05-10T00:00:00Z" and told["data"]["bills"][0]["bill"] == NASTY
    assert b'"by"' not in body and b"ada" not in body.replace(b"Ada Sample", b"")
    assert headers["webhook-signature"].startswith("v1,")


def test_the_signature_is_one_that_the_standard_library_takes(services, endpoint):
    hook(services)
    services.clock.now = datetime.now(UTC)  # the library looks at the real clock
    released(services)
    endpoint.push()
    [(_, told, body, headers)] = endpoint.got
    assert Verifier(SECRET).verify(body.decode(), headers) == told


@pytest.mark.parametrize("state", ["draft", "submitted", "embargoed", "over"])
def test_nothing_goes_before_the_release_under_embargo_or_after_the_window(services, endpoint, clock, state):
    hook(services)
    {"draft": lambda: written(services), "submitted": lambda: submitted(services, written(services)),
     "embargoed": lambda: released(services, text(not_before=NOW + timedelta(hours=1))),
     "over": lambda: released(services, text(not_after=NOW + timedelta(minutes=1)))}[state]()
    if state == "over":
        clock.now += timedelta(minutes=1)
    endpoint.push()
    assert endpoint.told == []
    if state == "embargoed":
        clock.now += timedelta(hours=1)
        endpoint.push()
        assert endpoint.told == [("released", 1)]


def test_an_endpoint_that_is_away_past_the_window_never_gets_it(services, endpoint, clock):
    hook(services)
    released(services)
    endpoint.status = 503
    assert endpoint.push().failed == 1
    clock.now, endpoint.status = DEADLINE, 204
    assert endpoint.push().sent == 0 and endpoint.told == []


def test_the_clock_is_asked_right_before_a_request_leaves(services, endpoint, clock):
    hook(services, "a")
    hook(services, "b")
    released(services)

    def slow():
        clock.now = DEADLINE

    endpoint.then = slow
    endpoint.push()
    assert len(endpoint.got) == 1


def test_a_correction_and_a_withdrawal_go_to_who_has_the_call_and_to_nobody_else(services, endpoint, clock):
    hook(services, "early")
    alert = released(services)
    endpoint.push()
    alert = corrected(services, alert)
    endpoint.push()
    endpoint.push()
    clock.now += timedelta(minutes=1)
    withdrawn(services, alert)
    hook(services, "late")
    endpoint.push()
    endpoint.push()
    assert endpoint.told == [("released", 1), ("corrected", 2), ("withdrawn", 2)]
    assert b"words" not in endpoint.got[-1][2] and b"loitering" not in endpoint.got[-1][2]
    assert all(identity.startswith("msg_early_") for identity, *_ in endpoint.got)


def test_one_that_may_have_the_call_is_told_of_its_withdrawal(services, endpoint):
    """We died after the request left, before its answer was noted."""
    hook(services)
    alert = released(services)

    def dies():
        raise Kill

    endpoint.then = dies
    with pytest.raises(Kill):
        endpoint.push()
    endpoint.then = None
    withdrawn(services, alert)
    endpoint.push()
    assert endpoint.told == [("withdrawn", 1)]


def test_killed_between_request_and_note_it_goes_again_with_the_same_id_and_bytes(services, endpoint, monkeypatch):
    hook(services)
    released(services)
    real, calls = services.hooks.note, []

    def note(one):
        calls.append(one)
        if len(calls) == 2:
            raise Kill
        return real(one)

    monkeypatch.setattr(services.hooks, "note", note)
    with pytest.raises(Kill):
        endpoint.push()
    endpoint.push()
    endpoint.push()
    assert len(endpoint.got) == 2 and endpoint.got[0][0] == endpoint.got[1][0]
    assert endpoint.got[0][2] == endpoint.got[1][2]


def test_events_wait_behind_an_alert_that_fails_and_it_is_given_up_after_two_days(services, endpoint, clock):
    hook(services)
    released(services, text(deadline=NOW + timedelta(days=9)))
    endpoint.status = 500
    endpoint.push()
    push(services.hooks, services.store, services.site, clock, endpoint)
    [one] = services.hooks.all()
    assert one.attempts == 1 and one.next_attempt_at > clock.now
    while one.disabled is None:
        clock.now = one.next_attempt_at
        endpoint.push()
        [one] = services.hooks.all()
    assert clock.now - NOW <= GIVE_UP_AFTER and "two days" in one.disabled


def test_what_is_long_over_is_forgotten(services, endpoint, clock):
    hook(services)
    released(services, text(not_after=NOW + timedelta(hours=1)))
    endpoint.push()
    clock.now += KEPT_FOR + timedelta(hours=1)
    other = released(services, text(deadline=clock.now + timedelta(days=1)))
    endpoint.push()
    [one] = services.hooks.all()
    assert list(one.alerts) == [other.id]


def test_switching_a_webhook_off_and_on_keeps_what_it_was_told(services, endpoint):
    hook(services)
    released(services)
    endpoint.push()
    [one] = services.hooks.all()
    services.hooks.switch(replace(one, disabled="by hand", alerts=None))
    services.hooks.switch(replace(one, disabled=None, alerts=None))
    endpoint.push()
    assert endpoint.told == [("released", 1)]
