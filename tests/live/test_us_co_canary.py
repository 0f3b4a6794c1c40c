"""The real LegiScan, three bills of Colorado: ``pytest -m live`` with BILLWATCH_CONTACT and BILLWATCH_KEY_US_CO set."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.live.canary import three_bills

pytestmark = pytest.mark.live


def test_three_bills_come_with_their_actions(tmp_path: Path) -> None:
    for bill in three_bills("us-co", tmp_path):
        assert bill.title and bill.actions and bill.versions
