"""The real govinfo.gov, three bills, politely: ``pytest -m live`` with BILLWATCH_CONTACT set. Never in CI."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tracker import wire

pytestmark = pytest.mark.live


def test_three_bills_come_with_their_texts(tmp_path: Path) -> None:
    contact = os.environ.get("BILLWATCH_CONTACT")
    if not contact:
        pytest.skip("set BILLWATCH_CONTACT: a public site must be able to reach whoever crawls it")
    subprocess.run([sys.executable, "-m", "spiders.crawl", "us", "--run-dir", str(tmp_path / "run"), "--limit", "3",
                    "--delay", "1", "--contact", contact], check=True, timeout=600)
    result = json.loads((tmp_path / "run" / "result.json").read_text())
    assert result["verdict"]["kind"] == "ok", result["verdict"]["reason"]
    assert result["counts"]["listed"] > 100
    bills = [wire.decode_harvest(line) for line in (tmp_path / "run" / "spool.jsonl").read_bytes().splitlines()]
    assert len(bills) == 3 and all(b.bill and b.bill.actions and b.bill.title for b in bills)
