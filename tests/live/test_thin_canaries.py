"""Three real bills of every thin file: ``pytest -m live tests/live/test_thin_canaries.py -k us-oh`` with
BILLWATCH_CONTACT and BILLWATCH_KEY_LEGISCAN (or BILLWATCH_KEY_OPENSTATES) set. About eight queries each. Never in CI.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from spiders import discovery
from tests.live.canary import three_bills

pytestmark = pytest.mark.live


@pytest.mark.parametrize("source", [*discovery.thin("legiscan"), *discovery.thin("openstates")])
def test_three_bills_come_with_their_actions(source: str, tmp_path: Path) -> None:
    for bill in three_bills(source, tmp_path):
        assert bill.title and bill.actions
