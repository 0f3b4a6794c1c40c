"""The log to messages: each event once to each reader, whatever fails in between."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from fakes.happenings import KEYS, NOW, SITE, happening, reader
from fakes.memory import MemoryLedger, MemoryLog, PostBox

from digests.delivery import deliver
from digests.delivery.mailers import ServerAway
from digests.delivery.sending import BACK_OFF, Sent, send_open
from tracker.errors import RecipientRefused, TransientDelivery
from tracker.model import Cadence, Delivery, DeliveryStatus, Event, Filter, IngestMode, Subscription, Topic


class House:
    """A log, a ledger and a post box, run by hand."""

    def __init__(self, *readers: Subscription, events: list[Event] | None = None) -> None:
        self.log = MemoryLog(events if events is not None else [happening(1)])
        self.ledger, self.box = MemoryLedger(), PostBox()
        for row in readers:
            self.ledger.add(row)

    def round(self, now: datetime = NOW) -> Sent:
        deliver.queue_due(self.ledger, self.log, now)
        return send_open(self.ledger, self.log, self.box, KEYS, SITE, now)

    @property
    def recipients(self) -> list[str]:
        return [to for to, _ in self.box.sent]

    @property
    def ids(self) -> list[str]:
        return [str(message["Message-ID"]) for _, message in self.box.sent]


def test_an_event_is_told_once() -> None:
    house = House(reader())
    assert house.round() == Sent(sent=1)
    assert house.round(NOW + timedelta(hours=1)) == Sent()
    assert house.recipients == ["s1@example.org"]
    [row] = house.ledger.deliveries("s1")
    assert (row.status, row.sent_at, house.ledger.rows["s1"].cursor) == (DeliveryStatus.SENT, NOW, 1)


def test_instant_waits_until_the_oldest_news_is_ten_minutes_old_and_takes_all_that_came_since() -> None:
    events = [happening(1, recorded_at=NOW), happening(2, recorded_at=NOW + timedelta(minutes=9))]
    house = House(reader(), events=events)
    assert house.round(NOW + timedelta(minutes=9, seconds=59)) == Sent()
    assert house.round(NOW + timedelta(minutes=10)) == Sent(sent=1)
    assert "It covers 2 changes" in str(house.box.sent[0][1].get_body(("plain",)).get_content())  # type: ignore[union-attr]


def test_an_event_from_a_clock_that_ran_ahead_does_not_hold_up_the_mail() -> None:
    house = House(reader(), events=[happening(1, recorded_at=NOW + timedelta(days=3))])
    assert house.round() == Sent(sent=1)


@pytest.mark.parametrize("events", [
    [happening(1, topics=())], [happening(1, mode=IngestMode.BACKFILL)], [happening(1, mode=IngestMode.REPAIR)],
    [happening(1, topics=(Topic.CRIMINALIZATION,))]])
def test_what_does_not_match_moves_the_cursor_without_an_outbox_row(events: list[Event]) -> None:
    house = House(reader(wanted=Filter(topics=(Topic.WORKER_RIGHTS,))), events=events)
    assert house.round() == Sent()
    assert house.ledger.outbox == {} and house.ledger.rows["s1"].cursor == 1


def test_daily_and_weekly_wait_for_their_hour_and_say_nothing_when_nothing_moved() -> None:
    house = House(reader(cadence=Cadence.DAILY, next_due_at=NOW + timedelta(hours=20)))
    assert house.round() == Sent()
    assert house.round(NOW + timedelta(hours=20)) == Sent(sent=1)
    assert house.ledger.rows["s1"].next_due_at == NOW + timedelta(hours=44)
    assert house.round(NOW + timedelta(hours=44)) == Sent()
    assert house.ledger.rows["s1"].next_due_at == NOW + timedelta(hours=68)
    assert house.box.sent[0][1]["Subject"] == "Your daily update"


def test_after_downtime_one_digest_catches_up() -> None:
    house = House(reader(cadence=Cadence.DAILY, next_due_at=NOW - timedelta(days=9)))
    assert house.round() == Sent(sent=1)
    next_due_at = house.ledger.rows["s1"].next_due_at
    assert next_due_at and next_due_at > NOW


def test_nobody_unconfirmed_or_gone_gets_anything() -> None:
    house = House(reader())
    deliver.queue_due(house.ledger, house.log, NOW)
    house.ledger.delete("s1")
    assert send_open(house.ledger, house.log, house.box, KEYS, SITE, NOW) == Sent()
    assert house.box.sent == []


def test_one_refused_recipient_touches_nobody_else() -> None:
    house = House(reader("a"), reader("b"), reader("c"))
    house.box.failures = [None, RecipientRefused("SMTP 550 5.1.1")]
    assert house.round() == Sent(sent=2, refused=1)
    assert len(house.recipients) == 2
    assert {d.status for d in house.ledger.deliveries()} == {DeliveryStatus.SENT, DeliveryStatus.FAILED}
    assert {row.cursor for row in house.ledger.rows.values()} == {1}


def test_one_message_that_cannot_be_made_touches_nobody_else() -> None:
    broken = reader("a", address="no address at all")
    house = House(broken, reader("b"))
    assert house.round() == Sent(sent=1, retried=1)
    assert house.recipients == ["b@example.org"]
    assert all("no address" not in (d.error or "") for d in house.ledger.deliveries())


def test_what_failed_for_now_is_tried_again_with_growing_pauses_and_then_given_up() -> None:
    house = House(reader())
    house.box.failures = [TransientDelivery("SMTP 451")] * 20
    now, tried = NOW, []
    for _ in range(60 * 24 * 4):
        if house.round(now) != Sent():
            tried.append(now)
        now += timedelta(minutes=1)
    assert [b - a for a, b in pairwise(tried)] == list(BACK_OFF)
    assert timedelta(days=2) < tried[-1] - NOW < timedelta(days=3)
    [row] = house.ledger.deliveries()
    assert (row.status, row.error) == (DeliveryStatus.FAILED, "TransientDelivery: SMTP 451")


def test_a_mail_server_that_is_away_costs_nobody_a_try() -> None:
    house = House(reader("a"), reader("b"))
    house.box.failures = [ServerAway("mail server: ConnectionRefusedError")] * 3
    for minute in range(3):
        assert house.round(NOW + timedelta(minutes=minute)) == Sent(waiting=2)
    assert {d.attempts for d in house.ledger.deliveries()} == {0}
    assert house.round(NOW + timedelta(days=30)) == Sent(sent=2)


def test_a_crash_between_send_and_mark_repeats_the_same_message_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(reader())
    with monkeypatch.context() as patch:
        patch.setattr(house.ledger, "mark_sent", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            house.round()
    house.log.all.append(happening(2))  # news after the crash belongs to the next message
    assert house.round(NOW + timedelta(hours=1)) == Sent(sent=1)
    one, two = (message for _, message in house.box.sent)
    assert one.as_bytes() == two.as_bytes() and one["Message-ID"]
    assert house.round(NOW + timedelta(hours=2)) == Sent(sent=1)
    assert len(set(house.ids)) == 2


def test_crashes_at_every_step_lose_nothing_and_double_only_the_message_in_flight() -> None:
    """Every call to the ledger, the log and the mailer may be the last one of its process."""
    dice = random.Random(7)
    house = House(*(reader(f"s{n}") for n in range(5)), events=[])
    told: dict[str, list[str]] = {}

    class Crash(BaseException):
        pass

    crashes = 0

    class Fragile:
        def __init__(self, inner: object) -> None:
            self.inner = inner

        def __getattr__(self, name: str) -> object:
            method = getattr(self.inner, name)

            def call(*args: object, **named: object) -> object:
                if dice.random() < 0.03:
                    raise Crash
                result = method(*args, **named)
                if dice.random() < 0.03:
                    raise Crash
                return result

            return call if callable(method) else method

    now = NOW
    for minute in range(400):
        now = NOW + timedelta(minutes=minute)
        if minute < 200 and dice.random() < 0.4:
            house.log.all.append(happening(len(house.log.all) + 1, recorded_at=now))
        ledger, log, box = Fragile(house.ledger), Fragile(house.log), Fragile(house.box)
        try:
            deliver.queue_due(ledger, log, now)  # type: ignore[arg-type]
            send_open(ledger, log, box, KEYS, SITE, now)  # type: ignore[arg-type]
        except Crash:
            crashes += 1
    for later in range(3):
        house.round(now + timedelta(hours=1 + later))
    for to, message in house.box.sent:
        told.setdefault(to, []).append(str(message["Message-ID"]))
    assert crashes > 50 and len(told) == 5
    sizes = {str(m["Message-ID"]): m for _, m in house.box.sent}
    for row in house.ledger.rows.values():
        ranges = sorted((d.from_seq, d.to_seq) for d in house.ledger.deliveries(row.id))
        assert ranges[0][0] == 0 and ranges[-1][1] == len(house.log.all)
        assert all(a[1] == b[0] for a, b in pairwise(ranges))
        assert {f"<digest.{d.id}@example.org>" for d in house.ledger.deliveries(row.id)} <= set(sizes)
    assert len(house.box.sent) - len(set(house.ids)) <= crashes


def test_a_long_absence_is_read_in_pages_and_nothing_is_cut_in_silence() -> None:
    events = [happening(n, bill=f"xx/31/hb-{n % 7}") for n in range(1, 3501)]
    house = House(reader(), events=events)
    limits = []
    real = house.log.events
    house.log.events = lambda after=0, limit=1000, query=None: (limits.append(limit), real(after, limit, query))[1]  # type: ignore[method-assign,assignment,func-returns-value]
    assert house.round() == Sent(sent=1)
    assert max(limits) == 1000
    text = str(house.box.sent[0][1].get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert "It covers 3,500 changes on 7 bills" in text and "3,300 further changes did not fit" in text


def test_a_reader_costs_what_matches_and_not_what_happened() -> None:
    quiet = [happening(n, topics=()) for n in range(1, 5001)]
    house = House(*(reader(f"s{n}") for n in range(10)), events=[*quiet, happening(5001)])
    house.round()
    assert house.log.rows <= 10 * 3


def test_a_digest_that_a_changed_filter_empties_is_not_sent() -> None:
    house = House(reader())
    deliver.queue_due(house.ledger, house.log, NOW)
    house.ledger.update(reader(wanted=Filter(topics=(Topic.CRIMINALIZATION,))))
    assert send_open(house.ledger, house.log, house.box, KEYS, SITE, NOW) == Sent(empty=1)
    assert house.box.sent == [] and house.ledger.rows["s1"].cursor == 1


def test_delivery_ids_follow_from_reader_and_range() -> None:
    house = House(reader("a"), reader("b"))
    deliver.queue_due(house.ledger, house.log, NOW)
    again = House(reader("a"), reader("b"))
    deliver.queue_due(again.ledger, again.log, NOW + timedelta(days=1))
    names: set[str] = {d.id for d in house.ledger.deliveries()}
    assert names == {d.id for d in again.ledger.deliveries()} and len(names) == 2
    assert all(isinstance(d, Delivery) and d.id.isalnum() for d in house.ledger.deliveries())


def test_the_outcome_of_a_round_can_be_read() -> None:
    assert str(Sent()) == "0 sent" and str(Sent(sent=2, given_up=1)) == "2 sent, 1 given up"


def test_a_sign_of_life_goes_out_each_time_it_is_due_though_nothing_was_logged() -> None:
    row = replace(reader(cadence=Cadence.DAILY, next_due_at=NOW), heartbeat=True)
    house = House(row, events=[])
    for day in range(3):
        assert house.round(NOW + timedelta(days=day)) == Sent(sent=1)
        assert house.round(NOW + timedelta(days=day, minutes=5)) == Sent()
    assert len({*house.ids}) == 3
    assert House(replace(row, heartbeat=False), events=[]).round() == Sent()
    assert House(replace(reader(), heartbeat=True), events=[]).round() == Sent()


def test_a_sign_of_life_that_failed_is_repeated_as_the_same_message() -> None:
    house = House(replace(reader(cadence=Cadence.DAILY, next_due_at=NOW), heartbeat=True), events=[])
    house.box.failures = [TransientDelivery("SMTP 451")]
    assert house.round() == Sent(retried=1)
    assert house.round(NOW + timedelta(minutes=2)) == Sent(sent=1)
    assert len(house.ids) == 1


def test_who_waits_for_a_message_is_not_looked_at_again_until_it_went() -> None:
    house = House(*(reader(f"s{n}") for n in range(10)))
    deliver.queue_due(house.ledger, house.log, NOW)
    rows, tries = house.log.rows, []
    real = house.ledger.queue
    house.ledger.queue = lambda *given: (tries.append(given), real(*given))[1]  # type: ignore[method-assign,func-returns-value]
    assert deliver.queue_due(house.ledger, house.log, NOW) == 0
    assert (house.log.rows, tries) == (rows, [])
