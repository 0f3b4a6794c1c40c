"""A service with many readers, its sender killed again and again, and what a loopback server took meanwhile.

The sender is the service's own job; only its clock runs faster, so that back-off of minutes takes seconds.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.replay.kill_mail import fill
from tracker.app import Services
from tracker.errors import TrackerError
from tracker.jobs import deliver_now
from tracker.model import Cadence, DeliveryStatus, Filter, Subscription
from tracker.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
FASTER = 300  # minutes of back-off in fifths of a second


@dataclass(frozen=True, slots=True)
class Outcome:
    due: int
    kills: int
    seconds: float
    lost: int  # messages that the server never took
    strangers: int  # messages that nobody was to get
    doubled: int  # readers that got one digest under two Message-IDs
    offered_again: int  # taken once more under the same Message-ID
    agree: bool  # ledger and server name the same messages, and all are marked sent


def settings_of(home: Path, port: int, connections: int) -> Settings:
    return Settings(home=home, mail="smtp", smtp_host="127.0.0.1", smtp_port=port, smtp_security="off",
                    smtp_connections=connections, mail_domain_per_minute=0, bounce_address="bounces@example.org")


def people(services: Services, readers: int, bills: int) -> None:
    for number in range(readers):
        row, address = f"reader{number:06d}", f"r{number}@d{number % 50}.example"
        services.ledger.add(Subscription(
            row, services.keys.seal(address, row), services.keys.blind_index(address), Filter(), Cadence.INSTANT, "UTC",
            8, 0, services.store.last_seq(), datetime.now(UTC), confirmed_at=datetime.now(UTC)))
    for number in range(bills):
        fill(services, number)


@contextmanager
def sink(file: Path, refuse: float) -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-m", "bench._sink", str(file), "--refuse", str(refuse)], cwd=ROOT,
                               stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def run(readers: int, *, bills: int = 10, refuse: float = 0.1, connections: int = 2, every: float | None = 2.0,
        every_messages: int | None = None, patience: float = 900) -> Outcome:
    """Kill the sender every so many seconds of its work, or when the server took so many more messages; None: never."""
    with tempfile.TemporaryDirectory(prefix="billwatch-kill-") as folder:
        home, taken = Path(folder) / "home", Path(folder) / "taken"
        taken.touch()
        with sink(taken, refuse) as port, Services(settings_of(home, port, connections)) as services:
            people(services, readers, bills)
            deliver_now(services, send=False)
            began, kills = time.time(), 0
            while services.ledger.count_deliveries().get("queued") and time.time() - began < patience:
                kills += _send(home, port, connections, began, taken, every, every_messages)
            return _judge(services, taken, kills, time.time() - began)


def _send(home: Path, port: int, connections: int, began: float, taken: Path, every: float | None,
          every_messages: int | None) -> bool:
    """True if it was killed before it was done."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench._kill", str(home), str(port), str(connections), str(began)], cwd=ROOT,
        stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.readline()  # it is up
    started, before = time.time(), _lines(taken)
    while process.poll() is None:
        time.sleep(0.005)
        if (every and time.time() - started >= every) or (every_messages and _lines(taken) - before >= every_messages):
            process.kill()
            process.wait()
            return True
    return False


def _lines(taken: Path) -> int:
    return taken.read_bytes().count(b"\n")


def _judge(services: Services, taken: Path, kills: int, seconds: float) -> Outcome:
    rows = services.ledger.deliveries(limit=10_000_000)
    due = {f"<digest.{d.id}@{services.site.domain}>": d for d in rows}
    got = Counter(tuple(line.split()) for line in taken.read_text().splitlines())
    ids = {message_id for _, message_id in got}
    each = Counter(recipient for recipient, _ in got)
    return Outcome(
        due=len(due), kills=kills, seconds=seconds, lost=len(due.keys() - ids), strangers=len(ids - due.keys()),
        doubled=sum(count > 1 for count in each.values()), offered_again=sum(got.values()) - len(got),
        agree=ids == due.keys() and {d.status for d in rows} == {DeliveryStatus.SENT})


def sender(home: Path, port: int, connections: int, began: float) -> None:
    """The service's own job, again and again, until nothing is open."""
    start = datetime.fromtimestamp(began, UTC)

    def clock() -> datetime:
        return start + timedelta(seconds=(time.time() - began) * FASTER)

    with Services(settings_of(home, port, connections), clock) as services:
        services.ledger.count_deliveries()
        print("up", flush=True)
        while services.ledger.count_deliveries().get("queued"):
            try:
                deliver_now(services)
            except TrackerError:  # as the job does: the next turn tries again
                time.sleep(0.1)
            time.sleep(0.05)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("connections", type=int)
    parser.add_argument("began", type=float)
    sender(**vars(parser.parse_args()))
