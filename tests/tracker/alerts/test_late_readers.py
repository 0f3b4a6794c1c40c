"""Who asks to be told while a released alert is open gets it at the next round, once, and nothing that is over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from digests.alerts.reconciling import CheckedAlerts, check_alerts
from digests.delivery.suppressing import SoftRule, came_back
from digests.readers import subscriptions
from digests.readers.sealing import new_token, token_hash
from tests.tracker.alerts.sample import DEADLINE, corrected, people, reader, released, text, withdrawn
from tests.tracker.alerts.test_alert_delivery import Kill, Server
from tests.tracker.web.sample import NOW, Clock, fill
from tracker.app import Services
from tracker.errors import DeliveryError, TransientDelivery
from tracker.jobs import alert_now
from tracker.model import Filter, Subscription, Topic
from tracker.post import ReturnKind, Suppression
from tracker.settings import Settings
from tracker.store import schema as t
from tracker.store.engine import reading, writing

HOUR = timedelta(hours=1)
ELSEWHERE = Filter(jurisdictions=("us",))


@pytest.fixture(params=["sqlite", "postgresql"])
def services(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Services]:
    address = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    made = Services(Settings(home=tmp_path / "home", base_url="http://testserver.local", mail="folder",
                             **({"database": address} if address else {})), clock=clock)
    fill(made.store)
    people(made)
    yield made
    made.store.close()


@pytest.fixture
def server(services: Services, monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server()
    monkeypatch.setitem(services.__dict__, "mailer", made)
    return made


def signed_up(services: Services, name: str, address: str = "") -> str:
    """Somebody who has not confirmed yet; the token of the question."""
    address = address or f"{name}@reader.example.org"
    row = reader(services, f"{name}-before", ELSEWHERE)  # only to copy all that a reader has
    services.ledger.delete(row.id)
    token = new_token()
    services.ledger.add(replace(
        row, id=name, address_sealed=services.keys.seal(address, name), confirmed_at=None, created_at=services.clock(),
        address_index=services.keys.blind_index(address), filter=Filter(topics=(Topic.DECRIMINALIZATION,)),
        confirm_token=token_hash(token), manage_token=services.keys.stored_token(name)))
    return token


def confirms(services: Services, token: str) -> Subscription | None:
    return subscriptions.confirm(services.ledger, token, services.clock(), services.store.last_seq())


def changes(services: Services, row: Subscription, **wishes: object) -> None:
    now = services.ledger.get(row.id)
    assert now is not None
    said = {name: getattr(now, name) for name in ("filter", "cadence", "zone", "hour", "weekday", "alerts")} | wishes
    assert subscriptions.change(services.ledger, services.keys.manage_token(row.id), now=services.clock(), **said)


def check(services: Services, **how: bool) -> CheckedAlerts:
    return check_alerts(services.alert_outbox, services.alerts.get, services.store.bill, services.clock(), **how)


def marks(services: Services) -> int:
    with reading(services.store.engine) as connection:
        return len(connection.execute(t.newcomer.select()).all())


def test_who_confirms_while_an_alert_is_open_gets_it_at_the_next_round_and_once(services, server, clock):
    reader(services, "early")
    token = signed_up(services, "late")
    released(services)
    alert_now(services)
    assert server.told == [("early", "alert")]
    clock.now += HOUR
    assert confirms(services, token)
    alert_now(services)
    alert_now(services)
    assert server.told == [("early", "alert"), ("late", "alert")]
    assert marks(services) == 0 and check(services).well


def test_who_signed_up_and_never_confirmed_gets_nothing(services, server):
    signed_up(services, "never")
    released(services)
    alert_now(services)
    assert server.told == [] and marks(services) == 0 and check(services).well


def test_who_switches_alerts_on_or_widens_a_filter_gets_what_is_open(services, server):
    silent, narrow = reader(services, "silent", alerts=False), reader(services, "narrow", ELSEWHERE)
    same = reader(services, "same", ELSEWHERE)
    released(services)
    alert_now(services)
    assert server.told == []
    changes(services, silent, alerts=True)
    changes(services, narrow, filter=Filter())
    changes(services, same, hour=9)
    alert_now(services)
    alert_now(services)
    assert server.told == [("narrow", "alert"), ("silent", "alert")]


def test_whose_pause_ends_while_an_alert_is_open_gets_it_then(services, server, clock):
    paused, back = reader(services, "paused"), reader(services, "back")
    for row in (paused, back):
        services.ledger.suppress(Suppression(row.address_index, ReturnKind.SOFT, NOW, NOW + HOUR))
    released(services)
    alert_now(services)
    services.ledger.lift(back.address_index)
    alert_now(services)
    assert server.told == [("back", "alert")]
    clock.now += HOUR
    services.ledger.lift_ended(clock.now)
    alert_now(services)
    assert server.told == [("back", "alert"), ("paused", "alert")]


def test_who_has_it_by_another_subscription_or_changed_a_wish_does_not_get_it_twice(services, server, clock):
    row = reader(services, "has", address="same@reader.example.org")
    token, other = signed_up(services, "more", "same@reader.example.org"), signed_up(services, "again", "x@y.example")
    released(services)
    alert_now(services)
    confirms(services, token)
    changes(services, row, filter=Filter(), alerts=True)
    twin = signed_up(services, "twin", "x@y.example")
    assert confirms(services, other)
    clock.now += HOUR
    confirms(services, twin)
    alert_now(services)
    alert_now(services)
    assert server.told == [("same", "alert"), ("x", "alert")]


def test_nothing_goes_after_the_window_though_the_question_was_answered_within_it(services, server, clock):
    token, slow = signed_up(services, "late"), signed_up(services, "slow")
    alert = released(services)
    alert_now(services)
    clock.now = DEADLINE - timedelta(seconds=1)
    confirms(services, token)
    alert_now(services, send=False)  # queued in time, and no time left to send it
    confirms(services, slow)
    clock.now = DEADLINE
    alert_now(services)
    assert server.told == [] and services.alert_outbox.counts(alert.id) == {"dropped": 1}
    assert marks(services) == 0


def test_a_late_reader_gets_the_words_of_today_and_no_correction_of_what_came_before(services, server):
    reader(services, "early")
    token = signed_up(services, "late")
    alert = released(services)
    alert_now(services)
    alert = corrected(services, alert, deadline_words="Friday 4 pm")
    alert_now(services)
    confirms(services, token)
    alert_now(services)
    assert server.told == [("early", "alert"), ("early", "correction"), ("late", "alert")]
    words = server.sent[-1][1].get_body(("plain",)).get_content()
    assert "Friday 4 pm" in words and "The hour was wrong." not in words
    corrected(services, alert, deadline_words="Friday 3 pm")
    alert_now(services)
    assert server.told[-2:] == [("late", "alert"), ("late", "correction")]


def test_who_confirms_after_a_withdrawal_hears_of_neither(services, server):
    reader(services, "early")
    token, waiting = signed_up(services, "late"), signed_up(services, "waiting")
    alert = released(services)
    alert_now(services)
    confirms(services, waiting)
    alert_now(services, send=False)  # queued, never handed over
    withdrawn(services, alert)
    confirms(services, token)
    alert_now(services)
    alert_now(services)
    assert server.told == [("early", "alert"), ("early", "withdrawal")]


def test_one_under_embargo_waits_for_late_readers_too(services, server, clock):
    released(services, text(not_before=NOW + 2 * HOUR))
    token = signed_up(services, "late")
    confirms(services, token)
    alert_now(services)
    assert server.told == []
    clock.now += 2 * HOUR
    alert_now(services)
    assert server.told == [("late", "alert")]


def test_a_server_that_says_later_gets_it_again_from_the_outbox(services, server, clock):
    token = signed_up(services, "late")
    released(services)
    alert_now(services)
    confirms(services, token)

    def later(message, recipient):
        raise TransientDelivery("SMTP 451")

    server.then = later
    alert_now(services)
    server.then = None
    clock.now += timedelta(minutes=10)
    alert_now(services)
    assert server.told == [("late", "alert")]


@pytest.mark.parametrize("where", ["put", "forget_newcomers"])
def test_after_a_kill_anywhere_in_the_round_it_goes_once(services, server, monkeypatch, where):
    token = signed_up(services, "late")
    released(services)
    alert_now(services)
    confirms(services, token)

    def dies(*_: object) -> None:
        raise Kill

    with monkeypatch.context() as broken:
        broken.setattr(services.alert_outbox, where, dies)
        with pytest.raises(Kill):
            alert_now(services)
    assert marks(services) == 1
    alert_now(services)
    alert_now(services)
    assert server.told == [("late", "alert")] and marks(services) == 0


def test_a_mark_comes_with_the_wish_or_not_at_all_and_goes_with_its_subscription(services, monkeypatch):
    token = signed_up(services, "late")

    def dies(*_: object) -> None:
        raise Kill

    with monkeypatch.context() as broken:
        broken.setattr("tracker.store.ledger.mark", dies)
        with pytest.raises(Kill):
            confirms(services, token)
    assert services.ledger.get("late").confirmed_at is None and marks(services) == 0
    assert confirms(services, token) and marks(services) == 1
    services.ledger.delete("late")
    assert marks(services) == 0


def test_a_wish_that_changes_while_a_round_looks_at_it_is_looked_at_again(services, server, monkeypatch):
    row = reader(services, "narrow", ELSEWHERE)
    released(services)
    alert_now(services)
    changes(services, row, hour=9)
    forget = services.alert_outbox.forget_newcomers

    def meanwhile(seen):
        changes(services, row, filter=Filter())
        forget(seen)

    with monkeypatch.context() as slow:
        slow.setattr(services.alert_outbox, "forget_newcomers", meanwhile)
        alert_now(services)
    assert server.told == []
    alert_now(services)
    assert server.told == [("narrow", "alert")]


def test_more_late_readers_than_one_part_holds_each_get_it_once(services, server, monkeypatch):
    monkeypatch.setattr("tracker.store.alert_outbox.STREAM", 3)
    released(services)
    alert_now(services)
    for n in range(10):
        reader(services, f"r{n}", address=f"a{n // 2}@reader.example.org")
    alert_now(services)
    assert server.told == [(f"a{n}", "alert") for n in range(5)] and marks(services) == 0


def test_one_that_cannot_be_opened_stops_nobody(services, server):
    released(services)
    alert_now(services)
    for name in ("a", "b"):
        reader(services, name)
    with writing(services.store.engine) as connection:
        connection.execute(t.subscription.update().where(t.subscription.c.id == "a").values(filter="AAAA"))
    with pytest.raises(DeliveryError):
        services.ledger.get("a")
    alert_now(services)
    assert server.told == [("b", "alert")] and marks(services) == 0


def test_the_check_waits_for_the_next_round_and_finds_whom_it_left_out(services, server, clock):
    token = signed_up(services, "late")
    released(services)
    alert_now(services)
    clock.now += HOUR
    confirms(services, token)
    assert check(services) == CheckedAlerts()  # on its way
    with writing(services.store.engine) as connection:
        connection.execute(t.newcomer.delete())  # as after a restored backup
    found = check(services)
    assert (found.missing, found.queued_again, found.well) == (1, 1, False)
    assert check(services).well
    alert_now(services)
    assert server.told == [("late", "alert")]


def test_a_bounced_late_alert_leaves_its_address_alone(services, server):
    token = signed_up(services, "late")
    released(services)
    alert_now(services)
    row = confirms(services, token)
    alert_now(services)
    (delivery,) = services.alert_outbox.deliveries("late")
    assert came_back(services.ledger, row, delivery.id, ReturnKind.HARD, "5.1.1", SoftRule(), NOW) == "suppressed"
    alert_now(services)
    assert server.told == [("late", "alert")]


def test_a_round_asks_only_who_is_new(services, server, monkeypatch):
    """What it costs follows the new wishes, not all readers."""
    for n in range(20):
        reader(services, f"r{n}")
    token = signed_up(services, "late")
    released(services)
    alert_now(services)
    asked = []

    def opened(rows, *, inner=services.alert_outbox._opened):
        asked.extend(row.id for row in rows)
        return inner(rows)

    monkeypatch.setattr(services.alert_outbox, "_opened", opened)
    alert_now(services, send=False)
    assert asked == []
    confirms(services, token)
    alert_now(services, send=False)
    assert asked == ["late"]


def test_whom_an_alert_was_sent_to_is_not_read_through_for_a_few_addresses(services):
    """SQLite's plan, which has no statistics to go by."""
    if services.store.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by what the tables hold")
    plans = []

    def explain(connection, cursor, statement, parameters, context, executemany):
        if "JOIN alert_delivery" in statement:
            plans.extend(row[3] for row in connection.connection.execute(
                f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall())

    event.listen(services.store.engine, "after_cursor_execute", explain)
    services.alert_outbox.addressed_of({b"one", b"two"})
    event.remove(services.store.engine, "after_cursor_execute", explain)
    assert [plan for plan in plans if plan.startswith(("SEARCH", "SCAN"))] == [
        "SEARCH subscription USING INDEX ix_subscription_address_index (address_index=?)",
        "SEARCH alert_delivery USING INDEX sqlite_autoindex_alert_delivery_1 (subscription_id=?)"]
