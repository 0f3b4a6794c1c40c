"""Requests for what is stored of a reader, and for advice, to pages."""

from __future__ import annotations

from litestar import Response, get

from digests.readers.retention import PERIODS
from tracker.web.press import PressDep
from tracker.web.statements import NOT_STORED, grouped


@get("/privacy", sync_to_thread=True, include_in_schema=False)
def privacy(press: PressDep) -> Response[str]:
    kept = [(p.what, press.speech.ngettext("{number} day", "{number} days", p.length.days)) for p in PERIODS]
    return press.page("privacy.html", groups=grouped(), not_stored=NOT_STORED, kept=kept)


@get("/protection", sync_to_thread=True, include_in_schema=False)
def protection(press: PressDep) -> Response[str]:
    return press.page("protection.html")


HANDLERS = (privacy, protection)
