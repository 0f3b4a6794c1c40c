"""What every ledger keeps to, on SQLite and PostgreSQL alike: subscriptions and their outbox."""

from __future__ import annotations

import base64
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from digests.delivery.schedule import due
from digests.readers.sealing import Keys
from tracker.errors import Conflict, DeliveryError
from tracker.model import Cadence, Delivery, DeliveryStatus, Filter, Subscription, Topic
from tracker.store import schema
from tracker.store.engine import writing
from tracker.store.ledger import SqlLedger
from tracker.store.store import SqlStore

KEYS = Keys("k1", {"k1": bytes(32)}, bytes(32), bytes(32))
NOW = datetime(2031, 3, 4, 5, 6, 7, tzinfo=UTC)
READER = Subscription("s1", b"sealed\x00", b"index", Filter((Topic.WORKER_RIGHTS,), ("xx",), ("xx/31/hb-1",)),
                      Cadence.DAILY, "Europe/Paris", 8, 0, 5, NOW, None, b"confirm", b"manage", NOW)


@pytest.fixture
def ledger(store: SqlStore) -> SqlLedger:
    return SqlLedger(store.engine, KEYS)


def letter(name: str = "d1", reader: str = "s1", to: int = 9, **more: object) -> Delivery:
    return Delivery(name, reader, 5, to, **{"created_at": NOW, **more})  # type: ignore[arg-type]


def test_a_subscription_comes_back_as_it_went_in(ledger: SqlLedger) -> None:
    ledger.add(READER)
    assert ledger.get("s1") == READER
    assert ledger.get("s2") is None
    with pytest.raises(Conflict):
        ledger.add(READER)



def test_of_sign_ups_for_one_address_that_come_at_once_one_is_added(ledger: SqlLedger) -> None:
    rows = [replace(READER, id=f"s{n}", confirm_token=b"c%d" % n, manage_token=b"m%d" % n) for n in range(6)]
    together, added = threading.Barrier(len(rows)), []

    def ask(row: Subscription) -> None:
        together.wait()
        added.append(ledger.add_if(row, lambda known: not known))

    askers = [threading.Thread(target=ask, args=(row,)) for row in rows]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert sorted(added) == [False] * 5 + [True]
    assert len(ledger.find(address_index=b"index")) == 1
    assert ledger.add_if(replace(READER, id="other", address_index=b"another"), lambda known: not known)

def test_a_subscription_is_found_by_any_of_its_secrets_and_by_nothing_nobody_is(ledger: SqlLedger) -> None:
    ledger.add(READER)
    other = replace(READER, id="s2", confirm_token=None, manage_token=b"other", created_at=NOW + timedelta(hours=1))
    ledger.add(other)
    assert ledger.find(address_index=b"index") == [READER, other]
    assert ledger.find(confirm_token=b"confirm") == [READER]
    assert ledger.find(manage_token=b"other") == [other]
    assert ledger.find(address_index=b"index", manage_token=b"other") == [other]
    assert ledger.find(manage_token=b"none") == []
    assert ledger.find() == []


def test_only_confirmed_subscriptions_are_walked(ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.store.ledger.STREAM", 2)
    for n in range(6):
        ledger.add(replace(READER, id=f"s{n}", confirmed_at=NOW if n != 3 else None))
    assert [s.id for s in ledger.confirmed()] == ["s0", "s1", "s2", "s4", "s5"]


def test_an_update_never_moves_a_cursor_back(ledger: SqlLedger) -> None:
    ledger.add(READER)
    ledger.update(replace(READER, cursor=8, hour=9, filter=Filter(), confirm_token=None))
    assert ledger.get("s1") == replace(READER, cursor=8, hour=9, filter=Filter(), confirm_token=None)
    ledger.update(replace(READER, hour=10))
    assert ledger.get("s1") == replace(READER, cursor=8, hour=10)


def test_who_left_stays_gone(ledger: SqlLedger) -> None:
    ledger.add(READER)
    ledger.queue(letter(), None)
    assert ledger.delete("s1")
    assert not ledger.delete("s1")
    ledger.update(READER)
    ledger.mark_sent(letter(), NOW)
    assert ledger.get("s1") is None
    assert ledger.deliveries() == []
    assert not ledger.queue(letter(), None)


def test_nothing_to_tell_moves_the_cursor_and_touches_no_wish(ledger: SqlLedger) -> None:
    ledger.add(READER)
    later = NOW + timedelta(days=1)
    ledger.update(replace(READER, filter=Filter()))  # the reader changes a wish meanwhile
    ledger.advance("s1", 7, later)
    assert ledger.get("s1") == replace(READER, filter=Filter(), cursor=7, next_due_at=later)
    ledger.advance("s1", 6, None)
    assert ledger.get("s1") == replace(READER, filter=Filter(), cursor=7, next_due_at=None)


def test_sign_ups_that_nobody_confirmed_are_deleted_and_no_others(ledger: SqlLedger) -> None:
    for name, confirmed, age in (("old", None, 8), ("kept", NOW, 8), ("new", None, 1), ("edge", None, 7)):
        ledger.add(replace(READER, id=name, confirmed_at=confirmed, created_at=NOW - timedelta(days=age)))
    assert ledger.delete_unconfirmed(NOW - timedelta(days=7)) == 2
    assert [s.id for s in ledger.find(address_index=b"index")] == ["kept", "new"]


def test_a_digest_is_queued_once_and_one_at_a_time(ledger: SqlLedger) -> None:
    ledger.add(READER)
    due = NOW + timedelta(days=1)
    assert ledger.queue(letter(), due)
    assert ledger.get("s1") == replace(READER, next_due_at=due)
    assert not ledger.queue(letter(), None)
    assert not ledger.queue(letter("d2", to=12), None)
    assert ledger.get("s1") == replace(READER, next_due_at=due)
    ledger.mark_sent(letter(), NOW)
    assert not ledger.queue(letter(), None)
    assert ledger.queue(letter("d2", to=12), None)


def test_two_readers_may_have_digests_of_one_name(ledger: SqlLedger) -> None:
    ledger.add(READER)
    ledger.add(replace(READER, id="s2"))
    assert ledger.queue(letter(), None)
    assert ledger.queue(letter(reader="s2"), None)
    ledger.mark_sent(letter(), NOW)
    assert [d.subscription_id for d in ledger.open_deliveries(NOW)] == ["s2"]


def test_a_sent_digest_moves_the_cursor(ledger: SqlLedger) -> None:
    ledger.add(READER)
    ledger.queue(letter(), NOW)
    assert ledger.open_deliveries(NOW) == [letter()]
    ledger.mark_sent(letter(), NOW)
    assert ledger.open_deliveries(NOW) == []
    assert ledger.deliveries("s1") == [replace(letter(), status=DeliveryStatus.SENT, attempts=1, sent_at=NOW)]
    reader = ledger.get("s1")
    assert reader and reader.cursor == 9


def test_a_digest_that_failed_for_now_waits_and_one_refused_for_good_moves_on(ledger: SqlLedger) -> None:
    ledger.add(READER)
    ledger.queue(letter(), None)
    later = NOW + timedelta(minutes=5)
    ledger.mark_failed(letter(), "451 later", later)
    assert ledger.open_deliveries(NOW) == []
    waiting = replace(letter(), attempts=1, next_attempt_at=later, error="451 later")
    assert ledger.open_deliveries(later) == [waiting]
    reader = ledger.get("s1")
    assert reader and reader.cursor == 5
    ledger.mark_failed(waiting, "550 never", None)
    assert ledger.open_deliveries(later) == []
    assert ledger.deliveries() == [replace(letter(), status=DeliveryStatus.FAILED, attempts=2, error="550 never")]
    reader = ledger.get("s1")
    assert reader and reader.cursor == 9


def test_a_late_failure_does_not_unsend(ledger: SqlLedger) -> None:
    ledger.add(READER)
    ledger.queue(letter(), None)
    ledger.mark_sent(letter(), NOW)
    ledger.mark_failed(letter(), "late", NOW)
    assert ledger.deliveries()[0].status is DeliveryStatus.SENT


def test_open_digests_come_oldest_first(ledger: SqlLedger) -> None:
    for n, age in enumerate((1, 3, 2)):
        ledger.add(replace(READER, id=f"s{n}"))
        ledger.queue(letter(f"d{n}", f"s{n}", created_at=NOW - timedelta(hours=age)), None)
    assert [d.id for d in ledger.open_deliveries(NOW)] == ["d1", "d2", "d0"]
    assert [d.id for d in ledger.deliveries(limit=2)] == ["d0", "d2"]


def test_two_workers_queue_a_digest_once(ledger: SqlLedger) -> None:
    ledger.add(READER)
    barrier, done = threading.Barrier(4), []

    def work(n: int) -> None:
        barrier.wait()
        done.append(ledger.queue(letter(f"d{n % 2}", to=9 + n % 2), NOW))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False, False, False, True]
    assert len(ledger.open_deliveries(NOW)) == 1


# --- what a reader follows is sealed ----------------------------------------------------------------------------------


def stored_filter(store: SqlStore) -> str:
    with store.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT filter FROM subscription").scalar_one()
    assert isinstance(found, str)
    return found


def write_filter(store: SqlStore, text: str) -> None:
    with writing(store.engine) as connection:
        connection.execute(update(schema.subscription).values(filter=text))


def test_no_word_of_a_filter_is_stored_in_plain(ledger: SqlLedger, store: SqlStore) -> None:
    ledger.add(replace(READER, filter=replace(READER.filter, words="panic button", sponsors=("Ada Lamp",))))
    bare, raw = stored_filter(store), base64.b64decode(stored_filter(store))
    for word in ("worker-rights", "panic", "Lamp", "hb-1", "topics"):
        assert word not in bare
        assert word.encode() not in raw


def test_the_length_of_a_stored_filter_tells_little(ledger: SqlLedger, store: SqlStore) -> None:
    ledger.add(READER)
    long = stored_filter(store)
    ledger.update(replace(READER, filter=Filter()))
    assert len(stored_filter(store)) == len(long)


def test_a_filter_cannot_be_moved_to_another_reader_or_read_with_other_keys(ledger: SqlLedger, store: SqlStore) -> None:
    ledger.add(READER)
    mine = stored_filter(store)
    ledger.add(replace(READER, id="s2"))
    write_filter(store, mine)
    assert ledger.get("s1") == READER
    with pytest.raises(DeliveryError):
        ledger.get("s2")
    with pytest.raises(DeliveryError):
        SqlLedger(store.engine, Keys("k1", {"k1": b"1" * 32}, bytes(32), bytes(32))).get("s1")


def test_one_subscription_that_cannot_be_opened_keeps_no_other_from_its_mail(ledger: SqlLedger,
                                                                             store: SqlStore) -> None:
    ledger.add(replace(READER, confirmed_at=NOW))
    torn = stored_filter(store)
    for name in ("s0", "s2"):
        ledger.add(replace(READER, id=name, confirmed_at=NOW))
    with writing(store.engine) as connection:
        connection.execute(update(schema.subscription).where(schema.subscription.c.id == "s0").values(filter=torn))
    assert [s.id for s in ledger.confirmed()] == ["s1", "s2"]


def test_filters_of_an_older_billwatch_are_read_and_then_sealed(ledger: SqlLedger, store: SqlStore,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.store.ledger.STREAM", 2)
    rows = [replace(READER, id=f"s{n}") for n in range(5)]
    for row in rows:
        ledger.add(row)
    write_filter(store, '{"topics":["worker-rights"],"jurisdictions":["xx"],"bills":["xx/31/hb-1"]}')
    assert ledger.get("s3") == rows[3]
    assert ledger.seal_filters() == 5
    assert ledger.seal_filters() == 0
    assert [ledger.get(row.id) for row in rows] == rows
    with store.engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT filter FROM subscription").scalars().all()
    assert not any("worker" in text for text in kept)


def test_nothing_of_a_plain_filter_stays_in_the_files(tmp_path: Path) -> None:
    store = SqlStore.open(tmp_path / "store.db")
    ledger = SqlLedger(store.engine, KEYS)
    ledger.add(READER)
    write_filter(store, '{"topics":[],"jurisdictions":["quite-unmistakable"],"bills":[]}')
    assert ledger.seal_filters() == 1
    assert not any(b"quite-unmistakable" in file.read_bytes() for file in tmp_path.glob("store.db*"))
    store.close()


def test_who_is_waiting_is_who_the_schedule_calls_due_whatever_the_moments(ledger: SqlLedger) -> None:
    moments = (None, *(NOW + timedelta(hours=h) for h in (-999, -1, 0, 1, 23, 24, 47, 48, 49, 191, 192, 193, 9999)))
    rows = [replace(READER, id=f"{cadence}{n:02}", cadence=cadence, next_due_at=moment, confirmed_at=NOW, cursor=5)
            for cadence in Cadence for n, moment in enumerate(moments)]
    for row in [*rows, replace(READER, id="unconfirmed", next_due_at=None)]:
        ledger.add(row)
    assert [s.id for s in ledger.waiting(NOW, 6)] == sorted(row.id for row in rows if due(row, NOW))
    assert {s.cadence for s in ledger.waiting(NOW, 5)} == {Cadence.DAILY, Cadence.WEEKLY}  # 5 they have seen
    ledger.queue(letter(reader="daily00"), None)
    assert "daily00" not in {s.id for s in ledger.waiting(NOW, 6)}


def test_who_is_told_at_once_is_carried_over_what_is_for_nobody(ledger: SqlLedger) -> None:
    for name, cadence, cursor in (("seen", Cadence.INSTANT, 7), ("unseen", Cadence.INSTANT, 6),
                                  ("open", Cadence.INSTANT, 8), ("daily", Cadence.DAILY, 7)):
        ledger.add(replace(READER, id=name, cadence=cadence, cursor=cursor, confirmed_at=NOW))
    assert ledger.lags(7) and not ledger.lags(6)
    ledger.queue(letter(reader="open"), None)
    ledger.carry(7, 20)
    cursors = {s.id: s.cursor for s in ledger.confirmed()}
    assert cursors == {"seen": 20, "unseen": 6, "open": 8, "daily": 7}


def test_many_are_queued_and_moved_on_together(ledger: SqlLedger) -> None:
    names = [f"s{n:04}" for n in range(1100)]
    for name in names:
        ledger.add(replace(READER, id=name, confirmed_at=NOW))
    later = NOW + timedelta(days=1)
    waiting = [(letter(f"d{name}", name), later) for name in names]
    assert ledger.queue_all(waiting) == 1100 and ledger.queue_all(waiting) == 0
    assert ledger.queue_all([(letter("dx", "gone"), later)]) == 0
    ledger.advance_all([(name, NOW if n % 2 else None) for n, name in enumerate(names)], 9)
    ledger.advance_all([(names[0], None)], 3)  # never back
    rows = list(ledger.confirmed())
    assert {row.cursor for row in rows} == {9} and [row.next_due_at for row in rows[:2]] == [None, NOW]


def test_a_key_is_set_by_itself_and_what_waited_for_it_is_told_anew(ledger: SqlLedger) -> None:
    ledger.add(replace(READER, confirmed_at=NOW))
    ledger.add(replace(READER, id="s2", confirmed_at=NOW, confirm_token=None, manage_token=b"other"))
    ledger.queue(letter(), NOW + timedelta(days=1))
    ledger.hold([(letter(), NOW + timedelta(hours=1))])
    ledger.set_keys({"s1": b"sealed key", "s2": b"sealed too"})
    assert ledger.open_deliveries(NOW) == [letter()]  # it need not wait any longer
    ledger.update(replace(READER, confirmed_at=NOW, language="es"))  # an older copy takes no key away
    assert [(row.id, row.openpgp_sealed) for row in ledger.keyed()] == [("s1", b"sealed key"), ("s2", b"sealed too")]
    ledger.note_key_told("s1", NOW)
    assert [row.id for row in ledger.keyed()] == ["s2"]
    ledger.set_keys({"s1": None})
    one = ledger.get("s1")
    assert one and (one.openpgp_sealed, one.openpgp_told_at, one.next_due_at, one.cursor) == (None, None, None, 5)
    assert ledger.deliveries("s1") == []


def test_who_was_told_of_a_dead_key_and_did_nothing_is_deleted_in_the_end(ledger: SqlLedger) -> None:
    ledger.add(replace(READER, confirmed_at=NOW))
    ledger.set_keys({"s1": b"sealed key"})
    assert ledger.delete_waiting(NOW + timedelta(days=900)) == 0
    ledger.note_key_told("s1", NOW)
    assert ledger.delete_waiting(NOW - timedelta(seconds=1)) == 0 and ledger.delete_waiting(NOW) == 1
