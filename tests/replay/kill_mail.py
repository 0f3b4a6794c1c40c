"""kill -9 the mail sender at random moments against a real SMTP server: nobody is left out, few are repeated.

At most one message a kill and connection is handed over twice, with the same Message-ID.

    python tests/replay/kill_mail.py --times 20

Stands on its own: fictional events, fictional readers, a server on loopback.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tracker import wire
from tracker.app import Services
from tracker.differ import diff
from tracker.model import (
    Action,
    Bill,
    Cadence,
    Change,
    Effect,
    Filter,
    Flag,
    IngestMode,
    MarkedText,
    ReadText,
    Subscription,
    TextStatus,
    Topic,
    Version,
    VersionState,
)
from tracker.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
READERS = 60
CONNECTIONS = 1


class Mailboxes:
    """A server that keeps (recipient, Message-ID) of what it has accepted, a little slowly."""

    def __init__(self) -> None:
        self.accepted: list[tuple[str, str]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        time.sleep(0.01)
        found = re.search(rb"(?im)^message-id:\s*(<[^>]+>)", envelope.content or b"")
        self.accepted += [(to, found[1].decode() if found else "") for to in envelope.rcpt_tos]
        return "250 kept"


def fill(services: Services, wave: int) -> None:
    """One more flagged bill, told live."""
    quote = "Section 12 of the Examplia Code is repealed"
    flag = Flag(Topic.DECRIMINALIZATION, Effect.ADVANCES, "Sec. 1", 0, len(quote), quote, "sample", "r", 0.9)
    bill = Bill("us", "999", f"HR {wave}", title=f"Sample Act {wave}", introduced_on=date(2026, 3, 2),
                actions=(Action("Introduced.", date(2026, 3, 2)),), versions=(Version("ih", "Introduced"),))
    text = ReadText("ih", TextStatus.AVAILABLE, "https://example.org/x", "text/xml", "a", MarkedText(quote), (flag,))
    bill_id = f"us/999/hr-{wave}"
    states = (VersionState("ih", TextStatus.AVAILABLE, "a", (flag,)),)
    change = Change(bill_id, bill, wire.content_hash(bill), 0, "introduced", (Topic.DECRIMINALIZATION,), (text,),
                    diff(bill_id, None, bill, states, IngestMode.LIVE))
    with services.store.write() as writer:
        writer.apply(change, services.clock() - timedelta(minutes=20))


def add_readers(services: Services) -> None:
    for number in range(READERS):
        row, address = f"reader{number:04d}", f"r{number}@example.org"
        services.ledger.add(Subscription(
            row, services.keys.seal(address, row), services.keys.blind_index(address), Filter(), Cadence.INSTANT, "UTC",
            8, 0, services.store.last_seq(), datetime.now(UTC), confirmed_at=datetime.now(UTC)))


def send(env: dict[str, str], kill_after: float | None) -> bool:
    """One `billwatch digest`; True if it was killed before it was done."""
    process = subprocess.Popen([sys.executable, "-m", "tracker.cli", "digest", "--json"], cwd=ROOT, env=env,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(kill_after)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    return False


def run(times: int, seed: int = 1) -> tuple[int, int, int, int]:
    """(kills, messages due, never delivered, delivered more than once)."""
    chance, kills, waves = random.Random(seed), 0, 0
    home, boxes = Path(tempfile.mkdtemp(prefix="billwatch-mail-")), Mailboxes()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(boxes, hostname="127.0.0.1", port=port)
    server.start()
    try:
        env = {**os.environ, "BILLWATCH_HOME": str(home), "BILLWATCH_MAIL": "smtp", "BILLWATCH_SMTP_HOST": "127.0.0.1",
               "BILLWATCH_SMTP_PORT": str(port), "BILLWATCH_SMTP_SECURITY": "off",
               "BILLWATCH_SMTP_CONNECTIONS": str(CONNECTIONS)}
        settings = load_settings(home=home)
        due: Counter[str] = Counter()
        with Services(settings) as services:
            add_readers(services)
            while kills < times:
                waves += 1
                fill(services, waves)
                due.update({f"r{n}@example.org": 1 for n in range(READERS)})
                kills += send(env, chance.uniform(0.5, 2.0))
                # Back-off of what was interrupted must not hide it from the normal run.
                send(env, None)
                send(env, None)
    finally:
        server.stop()
    per_reader: dict[str, Counter[str]] = {}
    for to, message_id in boxes.accepted:
        per_reader.setdefault(to, Counter())[message_id] += 1
    # Each wave is one digest a reader: distinct Message-IDs count deliveries, repeats are equal ids.
    missing = sum(due[to] - len(per_reader.get(to, ())) for to in due)
    repeats = sum(count - 1 for ids in per_reader.values() for count in ids.values())
    return kills, sum(due.values()), missing, repeats


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=20)
    kills, due, missing, repeats = run(parser.parse_args().times)
    print(f"{kills} kills, {due} messages due, {missing} never delivered, {repeats} delivered twice "
          f"(allowed: at most one a kill and connection, {CONNECTIONS} here)")
    return 1 if missing or repeats > kills * CONNECTIONS else 0


if __name__ == "__main__":
    sys.exit(main())
