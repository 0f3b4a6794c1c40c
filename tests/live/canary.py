"""Three bills of a real legislature, politely; each canary of this folder looks at what they hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tracker import wire
from tracker.model import Bill


def three_bills(source: str, folder: Path, *more: str) -> list[Bill]:
    """The bills of a crawl with --limit 3. Skips where no contact (or no key) is set."""
    contact = os.environ.get("BILLWATCH_CONTACT")
    if not contact:
        pytest.skip("set BILLWATCH_CONTACT: a public site must be able to reach whoever crawls it")
    done = subprocess.run([sys.executable, "-m", "spiders.crawl", source, "--run-dir", str(folder / "run"), "--limit",
                           "3", "--delay", "1", "--contact", contact, *more], capture_output=True, text=True,
                          timeout=1800)
    if "needs a key" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    result = json.loads((folder / "run" / "result.json").read_text())
    assert result["verdict"]["kind"] == "ok", result["verdict"]["reason"]
    lines = (folder / "run" / "spool.jsonl").read_bytes().splitlines()
    bills = [h.bill for h in map(wire.decode_harvest, lines) if h.bill]
    assert bills, "no bill came"
    return bills
