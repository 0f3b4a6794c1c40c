"""Colorado, by way of LegiScan: the legislature's robots.txt keeps programs from the files of its bills."""

from __future__ import annotations

from typing import ClassVar

from spiders.fronts import has_number
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
        return has_number(words, bill.identifier, before=r"(?:\d\d-|\b)")
