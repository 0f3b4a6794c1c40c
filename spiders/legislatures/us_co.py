"""Colorado, by way of LegiScan: the legislature's robots.txt keeps programs from the files of its bills."""

from __future__ import annotations

import re
from typing import ClassVar

from spiders.labels import Labels
from spiders.platforms.legiscan import LegiScanSpider
from tracker.model import Bill

ACTIONS = Labels.beside(__file__)


class ColoradoSpider(LegiScanSpider):
    name = "us-co"
    title = "Colorado"
    zone = "America/Denver"
    proven = "recordings"
    cadence: ClassVar = {"session": 240, "recess": 1440}
    actions = ACTIONS

    def names(self, words: str, bill: Bill) -> bool:
        """"SENATE BILL 26-097" is SB097: the year of the session stands before the number."""
        number = re.sub(r"\D", "", bill.identifier).lstrip("0")
        return bool(re.search(rf"(?:\d\d-|\b)0*{number}(?!\d)", words)) if number else False
