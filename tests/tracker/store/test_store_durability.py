"""Writers at the same time, writers that are killed, copies: nobody misses an event and nothing is half written."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tracker.errors import StoreError
from tracker.model import Bill, Change, EventKind, IngestMode, NewEvent, Topic
from tracker.store.store import SqlStore

NOW = datetime(2031, 3, 4, 5, 6, 7, tzinfo=UTC)

def change(name: str, number: int, events: int = 3) -> Change:
    bill_id = f"xx/31/{name}-{number}"
    return Change(bill_id, Bill("xx", "31", f"{name} {number}"), "h", 0, "introduced", (Topic.WORKER_RIGHTS,),
                  events=tuple(NewEvent(f"{bill_id}|{n}", EventKind.ACTION_RECORDED, bill_id, "xx", None,
                                        IngestMode.LIVE, (Topic.WORKER_RIGHTS,), {"n": n}) for n in range(events)))


def write_bills(address: str, name: str, first: int, problems: list[BaseException]) -> None:
    try:
        store = SqlStore.open(address)
        for number in range(first, first + 60, 3):
            with store.write() as writer:
                for n in range(number, number + 3):
                    writer.apply(change(name, n), NOW)
                    time.sleep(0.0005)
        store.close()
    except BaseException as problem:
        problems.append(problem)


def test_a_reader_who_polls_while_two_write_never_passes_a_gap_that_is_filled_later(address: str) -> None:
    reader = SqlStore.open(address)
    problems: list[BaseException] = []
    writers = [threading.Thread(target=write_bills, args=(address, name, 1, problems)) for name in ("hb", "sb")]
    for writer in writers:
        writer.start()
    polled: list[str] = []
    cursor = 0
    while any(w.is_alive() for w in writers) or reader.last_seq() > cursor:
        for event in reader.events(after=cursor):
            assert event.seq == cursor + 1
            cursor = event.seq
            polled.append(event.key)
    for writer in writers:
        writer.join()
    assert problems == []
    assert polled == [e.key for e in reader.events(limit=10_000)]
    assert len(polled) == len(set(polled)) == 2 * 60 * 3
    reader.close()


def test_a_sequence_would_have_lost_an_event_and_the_lock_does_not(postgres_url: str) -> None:
    """The second writer has to wait for the first to commit, so it cannot be seen before it."""
    store = SqlStore.open(postgres_url)
    entered, begun = threading.Event(), threading.Event()

    def second() -> None:
        begun.set()
        with store.write() as writer:
            writer.apply(change("sb", 1), NOW)
        entered.set()

    with store.write() as writer:
        writer.apply(change("hb", 1), NOW)
        thread = threading.Thread(target=second)
        thread.start()
        begun.wait()
        assert not entered.wait(0.3)
        assert store.events() == []
    thread.join()
    assert [e.bill_id for e in store.events()] == ["xx/31/hb-1"] * 3 + ["xx/31/sb-1"] * 3
    store.close()


KILLED = """
import sys
from dataclasses import replace
from datetime import UTC, datetime
from tracker.model import Bill, Change, EventKind, IngestMode, NewEvent
from tracker.store.store import SqlStore

store = SqlStore.open(sys.argv[1])
first = store.last_seq()
print("ready", flush=True)
for number in range(first, first + 100_000):
    with store.write() as writer:
        for part in "abc":
            bill_id = f"xx/31/hb-{number}-{part}"
            writer.apply(Change(bill_id, Bill("xx", "31", bill_id), "h", 0, "introduced", (), events=(
                NewEvent(bill_id, EventKind.ACTION_RECORDED, bill_id, "xx", None, IngestMode.LIVE, (), {}),)),
                datetime(2031, 3, 4, tzinfo=UTC))
            writer.flush()
"""


def test_a_writer_that_is_killed_leaves_only_whole_transactions(address: str) -> None:
    store = SqlStore.open(address)
    root = Path(__file__).resolve().parents[3]
    for round_ in range(6):
        process = subprocess.Popen([sys.executable, "-c", KILLED, address], stdout=subprocess.PIPE, cwd=root)
        assert process.stdout
        process.stdout.readline()
        time.sleep(0.03 + 0.017 * round_)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        events = store.events(limit=1_000_000)
        assert len(events) % 3 == 0
        assert [e.seq for e in events] == list(range(1, len(events) + 1))
        assert len(store.content_hashes([e.bill_id for e in events])) == len(events)
    assert store.last_seq() > 0
    store.close()


def test_a_backup_taken_while_a_writer_writes_is_whole(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'store.db'}"
    store = SqlStore.open(address)
    problems: list[BaseException] = []
    writer = threading.Thread(target=write_bills, args=(address, "hb", 1, problems))
    writer.start()
    copies: list[Path] = []
    while writer.is_alive():
        copies.append(tmp_path / f"copy-{len(copies)}.db")
        store.backup(copies[-1])
    writer.join()
    assert problems == []
    store.backup(copies[-1])
    for path in copies:
        with sqlite3.connect(path) as copy:
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert copy.execute("SELECT count(*) FROM event").fetchone()[0] % 9 == 0
        copy.close()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    restored = SqlStore.open(copies[-1])
    assert restored.events(limit=10_000) == store.events(limit=10_000)
    restored.close()
    store.close()
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_a_backup_never_overwrites_the_database_itself(tmp_path: Path) -> None:
    store = SqlStore.open(tmp_path / "store.db")
    with pytest.raises(StoreError, match="itself"):
        store.backup(tmp_path / "store.db")
    with pytest.raises(StoreError, match="failed"):
        store.backup(tmp_path / "no-folder" / "copy.db")
    store.close()


def test_postgresql_is_backed_up_by_its_own_tool(postgres_url: str, tmp_path: Path) -> None:
    store = SqlStore.open(postgres_url)
    with pytest.raises(StoreError, match="pg_dump"):
        store.backup(tmp_path / "copy.db")
    store.close()


def test_the_database_file_is_for_its_owner_only(tmp_path: Path) -> None:
    store = SqlStore.open(tmp_path / "new" / "store.db")
    with store.write() as writer:
        writer.apply(change("hb", 1), NOW)
    for path in (tmp_path / "new").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
    store.close()


def test_an_error_of_the_database_tells_no_values(store: SqlStore) -> None:
    with store.write() as writer:
        writer.apply(change("hb", 1), NOW)
    with pytest.raises(StoreError) as caught, store.write() as writer:
        writer.apply(replace(change("hb", 2), events=change("hb", 1).events), NOW)
    assert "hb-1" not in str(caught.value)
    assert caught.value.__suppress_context__
