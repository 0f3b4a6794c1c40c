"""Colorado, by way of LegiScan: the legislature's robots.txt keeps programs from the files of its bills."""

from __future__ import annotations

import re
from typing import ClassVar

from spiders.labels import Labels
from spiders.platforms.legiscan import LegiScanSpider
from tracker.model import Bill

ACTIONS = Labels((
    (r"introduced in", ("introduction", "referral-committee")),
    (r"(?:house|senate) committee on .*postpone indefinitely", ("committee-failure", "failure")),
    (r"(?:house|senate) committee on .*lay over", ("deferral",)),
    (r"(?:house|senate) committee on .*\brefer", ("committee-passage", "referral-committee")),
    (r"(?:house|senate) committee on .*witness testimony", ()),
    (r"(?:house|senate) second reading (?:special order - )?passed", ("reading-2",)),
    (r"(?:house|senate) third reading passed", ("reading-3", "passage")),
    (r"(?:house|senate) third reading (?:lost|failed)", ("reading-3", "failure")),
    (r"(?:house|senate) (?:second|third) reading (?:special order - )?laid over", ("deferral",)),
    (r"(?:house|senate) considered .*(?:concur|repass)", ("concurrence",)),
    (r"(?:house|senate) considered|(?:house|senate) committee of the whole", ()),
    (r"signed by the", ()), (r"sent to the governor", ("executive-receipt",)),
    (r"governor signed", ("executive-signature", "became-law")), (r"governor became law", ("became-law",)),
    (r"governor vetoed", ("executive-veto",)), (r"(?:house|senate) .*deemed lost", ("failure",)),
))


class ColoradoSpider(LegiScanSpider):
    name = "us-co"
    title = "Colorado"
    state = "CO"
    zone = "America/Denver"
    terms = "LegiScan's public API with a key of one's own, data CC BY 4.0, https://legiscan.com/legiscan"
    proven = "recordings"
    floor = 3
    cadence: ClassVar = {"session": 240, "recess": 1440}
    actions = ACTIONS

    def names(self, words: str, bill: Bill) -> bool:
        """"SENATE BILL 26-097" is SB097: the year of the session stands before the number."""
        number = re.sub(r"\D", "", bill.identifier).lstrip("0")
        return bool(re.search(rf"(?:\d\d-|\b)0*{number}(?!\d)", words)) if number else False
