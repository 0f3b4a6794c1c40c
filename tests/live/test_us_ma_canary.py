"""The real Massachusetts, three bills, politely: ``pytest -m live`` with BILLWATCH_CONTACT set. Never in CI."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.live.canary import three_bills

pytestmark = pytest.mark.live


def test_three_bills_come_with_their_actions(tmp_path: Path) -> None:
    bills = three_bills("us-ma", tmp_path)  # the list begins with dockets, which have neither
    assert all(b.title and (b.actions or "D" in b.identifier) for b in bills)
