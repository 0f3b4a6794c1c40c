"""The real Open States, three bills of Rhode Island: ``pytest -m live``, BILLWATCH_CONTACT, BILLWATCH_KEY_US_RI set."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.live.canary import three_bills

pytestmark = pytest.mark.live


def test_three_bills_come_with_their_actions(tmp_path: Path) -> None:
    for bill in three_bills("us-ri", tmp_path):
        assert bill.title and bill.actions and bill.versions
