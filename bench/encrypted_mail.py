"""Encrypting one digest for one reader, by kind of key: time and size, beside GnuPG called as a program.

The message is invented text that packs as mail does. The peer encrypts the same bytes to the same key.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime

from bench._table import show

TIMES = 40
KILOBYTES = (10, 30, 90)


def main() -> None:
    try:
        from pysequoia import CipherSuite, Tsk
    except ImportError:
        print("the extra openpgp is not installed")
        return
    from digests.readers.pgp_mime import sealed_message

    now, rows = datetime.now(UTC), []
    for name, suite in (("Curve25519", CipherSuite.Cv25519), ("RSA 3072", CipherSuite.RSA3k)):
        key = str(Tsk.generate("Reader <reader@example.org>", cipher_suite=suite).extract_certificate())
        for size in KILOBYTES:
            raw = _message(size * 1000)
            ours, made = _timed(lambda raw=raw, key=key: sealed_message(raw, key, now))  # type: ignore[misc]
            rows.append((name, f"{len(raw) / 1000:.0f}", f"{len(made) / 1000:.0f}", f"{ours * 1000:.1f}",
                         f"{1 / ours:,.0f}", _gnupg(raw, key)))
    show(("key", "KB plain", "KB encrypted", "ms", "a second", "gpg ms"), rows)


def _message(size: int) -> bytes:
    chosen = random.Random(7)
    words = ["".join(chosen.choices("etaoinshrdlu", k=chosen.randint(2, 9))) for _ in range(2000)]
    lines = (" ".join(chosen.choices(words, k=11)) for _ in range(size // 70))
    return b"Subject: Your update\r\nContent-Type: text/plain\r\n\r\n" + "\r\n".join(lines).encode()


def _gnupg(raw: bytes, key: str) -> str:
    if shutil.which("gpg") is None:
        return "–"
    with tempfile.TemporaryDirectory() as home:
        gpg = ["gpg", "--homedir", home, "--batch", "--quiet", "--trust-model", "always"]
        subprocess.run([*gpg, "--import"], input=key.encode(), check=True, capture_output=True)
        took, _ = _timed(lambda: subprocess.run([*gpg, "--armor", "-r", "reader@example.org", "--encrypt"], input=raw,
                                                check=True, capture_output=True).stdout, 10)
    return f"{took * 1000:.1f}"


def _timed(work: Callable[[], bytes], times: int = TIMES) -> tuple[float, bytes]:
    """Wall seconds each, as the peer is another process."""
    start = time.perf_counter()
    for _ in range(times):
        made = work()
    return (time.perf_counter() - start) / times, made


if __name__ == "__main__":
    main()
