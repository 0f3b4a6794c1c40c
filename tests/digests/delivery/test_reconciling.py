"""The ledger held against the log: whatever was lost, by whatever hand, is found and told."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.happenings import KEYS, NOW, SITE, happening, reader
from fakes.memory import MemoryLog, PostBox

from digests.delivery import deliver
from digests.delivery.reconciling import LOOK_BACK, Checked, check
from digests.delivery.sending import Sent, send_open
from tracker.errors import RecipientRefused
from tracker.model import Delivery, Filter, Topic
from tracker.store.ledger import SqlLedger
from tracker.store.store import SqlStore

HOUR = timedelta(hours=1)


class House:
    """A ledger in a real database."""

    def __init__(self, ledger: SqlLedger) -> None:
        self.ledger, self.log, self.box = ledger, MemoryLog([]), PostBox()
        self.now = NOW

    def wave(self) -> Sent:
        self.now += HOUR
        self.log.all.append(happening(len(self.log.all) + 1, recorded_at=self.now - HOUR / 2))
        deliver.queue_due(self.ledger, self.log, self.now)
        return self.send()

    def send(self) -> Sent:
        return send_open(self.ledger, self.log, self.box, KEYS, SITE, self.now)

    def check(self, **how: object) -> Checked:
        return check(self.ledger, self.log, self.now, **how)  # type: ignore[arg-type]

    def lose(self, delivery: Delivery) -> None:
        """As a bug or a restored backup would: the row is gone, the cursor is not."""
        with self.ledger._engine.begin() as connection:
            connection.exec_driver_sql(f"DELETE FROM delivery WHERE id = '{delivery.id}'")  # noqa: S608


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    store = SqlStore.open(tmp_path / "store.db")
    house = House(SqlLedger(store.engine, KEYS))
    for name in ("a", "b"):
        house.ledger.add(reader(name))
    yield house
    store.close()


def test_where_all_went_there_is_nothing_to_do(house: House) -> None:
    for _ in range(3):
        house.wave()
    assert house.check() == Checked(subscriptions=2, sent=6) and house.check().well


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_lost_message_is_found_queued_again_and_told_once(house: House, which: int) -> None:
    for _ in range(3):
        house.wave()
    lost = house.ledger.ranges("a", 0)[which]
    house.lose(lost)
    assert house.check(repair=False) == Checked(subscriptions=2, sent=5, gaps=1, events=1)
    found = house.check()
    assert found == Checked(subscriptions=2, sent=5, gaps=1, events=1, queued_again=1) and not found.well
    assert house.send() == Sent(sent=1)
    text = house.box.sent[-1][1].get_body(("plain",))
    assert text and "1 change" in text.get_content() and house.box.sent[-1][0] == "a@example.org"
    assert house.check() == Checked(subscriptions=2, sent=6)
    assert house.wave() == Sent(sent=2)  # and the cursor is where it was


def test_several_gaps_of_one_reader_are_told_one_after_the_other(house: House) -> None:
    for _ in range(5):
        house.wave()
    for which in (3, 1):
        house.lose(house.ledger.ranges("a", 0)[which])
    assert (house.check().queued_again, house.send().sent) == (1, 1)
    assert (house.check().queued_again, house.send().sent) == (1, 1)
    assert house.check().well


def test_what_a_reader_does_not_want_is_no_gap(house: House) -> None:
    house.ledger.add(reader("c", wanted=Filter(topics=(Topic.CRIMINALIZATION,))))
    for _ in range(3):
        house.wave()
    assert house.check().well


def test_wishes_of_today_are_not_held_against_what_was_told_by_older_ones(house: House) -> None:
    house.ledger.update(reader("a", wanted=Filter(topics=(Topic.CRIMINALIZATION,))))
    house.wave()
    row = house.ledger.get("a")
    assert row and row.cursor == 1
    house.ledger.update(replace(row, filter=Filter()))
    assert house.check().well
    house.wave()
    house.lose(house.ledger.ranges("a", 0)[0])
    assert house.check().events == 1


def test_what_is_open_is_no_gap(house: House) -> None:
    house.log.all.append(happening(1))
    deliver.queue_due(house.ledger, house.log, house.now)
    assert house.check() == Checked(subscriptions=2, open=2)


def test_what_was_given_up_is_told_and_tried_again_only_when_asked(house: House) -> None:
    house.box.failures = [RecipientRefused("SMTP 554 5.7.1"), RecipientRefused("SMTP 554 5.7.1")]
    assert house.wave() == Sent(refused=2)
    assert house.check() == Checked(subscriptions=2, failed=2)
    assert house.check(failed=True, repair=False).reopened == 0
    assert house.check(failed=True).reopened == 2
    assert house.send() == Sent(sent=2)


def test_a_message_that_a_wrong_clock_put_off_for_years_is_freed(house: House) -> None:
    house.log.all.append(happening(1))
    deliver.queue_due(house.ledger, house.log, house.now)
    house.ledger.hold([(house.ledger.deliveries("a")[0], house.now + timedelta(days=999))])
    assert house.send() == Sent(sent=1)
    assert house.check().stuck == 1
    assert house.send() == Sent(sent=1)


def test_old_gaps_are_history(house: House) -> None:
    house.wave()
    house.lose(house.ledger.ranges("a", 0)[0])
    house.now += LOOK_BACK + HOUR
    assert house.check().well


def test_a_cursor_beyond_the_log_is_told(house: House) -> None:
    house.wave()
    house.log.all.clear()
    assert house.check().ahead == 2


def test_whatever_is_lost_at_random_comes_to_every_reader_in_the_end(house: House) -> None:
    dice = random.Random(5)
    for _ in range(30):
        house.wave()
        for row in ("a", "b"):
            for delivery in house.ledger.ranges(row, 0):
                if dice.random() < 0.05:
                    house.lose(delivery)
        if dice.random() < 0.3:
            house.check()
            house.send()
    while house.check().gaps:
        house.send()
    covered = {row: {seq for d in house.ledger.ranges(row, 0) for seq in range(d.from_seq + 1, d.to_seq + 1)}
               for row in ("a", "b")}
    assert covered == {"a": set(range(1, 31)), "b": set(range(1, 31))}
