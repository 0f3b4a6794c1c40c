"""The real Vermont, three bills, politely: ``pytest -m live`` with BILLWATCH_CONTACT set. Never in CI."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.live.canary import three_bills

pytestmark = pytest.mark.live


def test_three_bills_come_with_their_actions(tmp_path: Path) -> None:
    for bill in three_bills("us-vt", tmp_path):
        assert bill.title and bill.actions and bill.versions
