"""Digests to a loopback mail server: how many a second, and what is lost or doubled when the sender is killed.

The sender is killed with -9 every two seconds while the server says 4xx to one message in ten. BILLWATCH_BENCH_READERS
changes the 10,000. Beside it, what smtplib alone does: one message, rendered once, no ledger.
"""

from __future__ import annotations

import os
import smtplib
import tempfile
import time
from pathlib import Path

from bench._kill import Outcome, run, sink
from bench._table import show

READERS = int(os.environ.get("BILLWATCH_BENCH_READERS", "10000"))
CALM = max(READERS // 5, 1)
MESSAGE = b"Subject: Your update\r\nMessage-ID: <1@example.org>\r\n\r\n" + b"words of a digest\r\n" * 2000


def main() -> None:
    calm = [(n, run(CALM, every=None, refuse=0.0, connections=n)) for n in (1, 2)]
    show(("undisturbed", "messages", "messages/s"), [
        ("smtplib, a connection a message, nothing noted", CALM, f"{CALM / _bare(CALM, reuse=False):.0f}"),
        ("smtplib, one connection, nothing noted", CALM, f"{CALM / _bare(CALM, reuse=True):.0f}"),
        *((f"billwatch: 10 items rendered, sent, noted one by one; connections: {n}", done.due,
           f"{done.due / done.seconds:.0f}") for n, done in calm)])
    killed = run(READERS, every=2.0, refuse=0.1)
    show(("killed every 2 s, 4xx to one in ten", "count", "limit"), _rows(killed))


def _rows(done: Outcome) -> list[tuple[str, object, object]]:
    return [
        ("digests due", done.due, READERS), ("kills", done.kills, "-"), ("seconds, all restarts in it",
                                                                         f"{done.seconds:.0f}", "-"),
        ("never taken by the server", done.lost, 0), ("taken, though due to nobody", done.strangers, 0),
        ("readers with one digest under two Message-IDs", done.doubled, 0),
        ("offered again under the same Message-ID", done.offered_again, f"{2 * done.kills} (a kill and connection)"),
        ("ledger and server agree one to one", done.agree, True),
    ]


def _bare(count: int, *, reuse: bool) -> float:
    """Seconds."""
    with tempfile.TemporaryDirectory() as folder, sink(Path(folder) / "taken", 0.0) as port:
        began, smtp = time.perf_counter(), None
        for _ in range(count):
            if smtp is None or not reuse:
                smtp = smtplib.SMTP("127.0.0.1", port)
            smtp.sendmail("bounces@example.org", ["r@example.org"], MESSAGE)
            if not reuse:
                smtp.quit()
        return time.perf_counter() - began


if __name__ == "__main__":
    main()
