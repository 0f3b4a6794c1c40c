"""The pulse: another word after each commit, by whomever, and the same word otherwise."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psycopg
from sqlalchemy import text

from tests.tracker.web.sample import NOW
from tracker.app import Services
from tracker.store.pulse import Pulse
from tracker.store.store import SqlStore


def test_the_pulse_changes_with_a_commit_of_another_process_and_with_nothing_else(services: Services):
    pulse = Pulse(services.store.engine)
    first = pulse.beat()
    file = services.store.engine.url.database
    write = ("import sqlite3,sys; c = sqlite3.connect(sys.argv[1]); c.execute('BEGIN IMMEDIATE');"
             "c.execute(\"INSERT INTO job VALUES (?, '2031-05-06')\", (sys.argv[2],)); {}")
    for which, end, changed in (("a", "c.commit()", True), ("b", "c.rollback()", False),
                                ("c", "c.commit(); c.execute('PRAGMA wal_checkpoint(TRUNCATE)')", True)):
        subprocess.run([sys.executable, "-c", write.format(end), str(file), which], check=True)
        beat = pulse.beat()
        assert beat is not None and (beat != first) is changed, which
        first = pulse.beat()
    with services.store.engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM job"))
    assert pulse.beat() == first
    pulse.close()


def test_the_pulse_changes_with_a_commit_on_every_other_connection_of_this_process(services: Services):
    pulse = Pulse(services.store.engine)
    beats = [pulse.beat()]
    held = [services.store.engine.connect() for _ in range(3)]  # so that the pool hands out one after another
    for number, connection in enumerate(held):
        connection.execute(text("INSERT INTO job VALUES (:name, '2031-05-06')"), {"name": f"j{number}"})
        assert pulse.beat() == beats[-1]  # not before it is committed
        connection.commit()
        beats.append(pulse.beat())
        services.store.set_job_last_run("x", NOW + timedelta(hours=number))  # the same again would change nothing
        beats.append(pulse.beat())
    assert len(set(beats)) == 7 and None not in beats
    for connection in held:
        connection.close()
    pulse.close()


def test_a_pulse_that_broke_says_nothing_and_then_another_word(services: Services):
    pulse = Pulse(services.store.engine)
    first = pulse.beat()
    pulse._connection.close()
    assert pulse.beat() is None
    again = pulse.beat()
    assert again is not None and again != first
    pulse.close()


def test_the_pulse_beats_on_postgresql_with_one_question_and_no_transaction(postgres_url: str, tmp_path: Path):
    store = SqlStore.open(postgres_url)
    pulse = Pulse(store.engine)
    first = pulse.beat()
    assert first is not None and pulse.beat() == first
    with store.engine.begin() as open_one:
        open_one.execute(text("INSERT INTO job VALUES ('y', now())"))
        assert pulse.beat() == first  # not before it is committed
    second = pulse.beat()
    assert second != first
    with store.engine.connect() as rolled:
        rolled.execute(text("SELECT 1"))
        rolled.rollback()
    assert pulse.beat() == second
    store.set_job_last_run("x", NOW)
    assert pulse.beat() not in (None, first, second)
    sent = trace(pulse, tmp_path / "trace")
    # Of all messages that went there, one asked to be answered ("Sync", or a simple "Query").
    assert sum(line.split()[2:3] in (["Sync"], ["Query"]) for line in sent if line.startswith("F")) == 1, sent
    assert pulse._connection.info.transaction_status.name == "IDLE"
    pulse.close()
    store.close()


def trace(pulse: Pulse, to: Path) -> list[str]:
    with to.open("wb") as file:
        pulse._connection.pgconn.trace(file.fileno())
        pulse._connection.pgconn.set_trace_flags(psycopg.pq.Trace.SUPPRESS_TIMESTAMPS)
        pulse.beat()
        pulse._connection.pgconn.untrace()
    return to.read_text().splitlines()
