"""Rhode Island, by way of Open States: its robots.txt keeps programs from the pages of status, not from the texts."""

from __future__ import annotations

import re
from typing import ClassVar

from spiders.platforms.openstates import OpenStatesSpider
from tracker.model import Bill


class RhodeIslandSpider(OpenStatesSpider):
    name = "us-ri"
    title = "Rhode Island"
    hosts = ("http://webserver.rilegislature.gov",)
    zone = "America/New_York"
    robots = "obeyed; that of the host of texts not seen by us yet"
    format = "Open States JSON, whole records; texts PDF of the legislature"
    proven = "recordings"
    cadence: ClassVar = {"session": 360, "recess": 1440}

    def names(self, words: str, bill: Bill) -> bool:
        """"2026 -- S 2461" is SB 2461: one letter, whatever the kind, and the session's year before it."""
        letter, number = bill.identifier[:1], re.sub(r"\D", "", bill.identifier)
        return bool(re.search(rf"{bill.session[:4]}\s*--\s*{letter}\s*0*{number}(?!\d)", words))
