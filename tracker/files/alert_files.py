"""Public alerts to files for a file host: their feed, a page each in its languages, the deadline for calendars.

A file cannot look at the clock. So what is over is not only taken away: its page is replaced by one that says so, since
a copy without `--delete` would leave the old one up; and who builds is told when to build again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from digests.alerts.calendar import alert_calendar
from digests.alerts.feed import PATH, alert_feed, was_seen
from digests.alerts.page import alert_page, over_page
from digests.alerts.words import WITHDRAWN_FOR
from digests.channels.feeds import FORMATS
from digests.speech import LANGUAGES, SOURCE, speech_of
from tracker.alerts.records import KEPT_FOR, Alert, Standing, standing
from tracker.app import Services

FOLDER = "alerts"
_PAGE = re.compile(r"([0-9a-f]+)(?:\.([a-z]{2}))?\.html")


class Folder(Protocol):
    root: Path

    def put(self, path: str, body: bytes, changed_at: datetime) -> None: ...

    def drop(self, path: str) -> None: ...


def write_alerts(services: Services, folder: Folder) -> datetime | None:
    """The moment from which on these files say too much or too little; None: nothing is to begin or end."""
    now, site = services.clock(), services.site
    public = services.alerts.released(now, now - WITHDRAWN_FOR)
    for fmt in FORMATS:
        document = alert_feed(public, fmt, now, site, speech_of(SOURCE))
        folder.put(f"{PATH}.{fmt}", document.body, document.last_modified)
    now_open = [alert for alert in public if standing(alert, now) is Standing.OPEN]
    fresh = {name for alert in now_open for name in _open(services, folder, alert)}
    _close(services, folder, now, fresh)
    moments = (m for alert in public if alert.shown and alert.withdrawn_at is None
               for m in (alert.shown.text.not_before, alert.shown.text.ends_at) if m and m > now)
    return min(moments, default=None)


def _open(services: Services, folder: Folder, alert: Alert) -> Iterable[str]:
    """Names of the pages."""
    if alert.shown is None or alert.released_at is None:
        return
    languages = [language for language in LANGUAGES if language in alert.shown.text.words]
    for language in languages:
        name = page_name(alert.id, language)
        body = alert_page(alert, alert.shown, languages, services.site, speech_of(language))
        folder.put(f"{FOLDER}/{name}", body.encode(), alert.released_at)
        yield name
    if alert.shown.text.deadline:
        folder.put(f"{FOLDER}/{alert.id}.ics", alert_calendar(alert, services.site, speech_of(SOURCE)),
                   alert.released_at)
    else:
        folder.drop(f"{FOLDER}/{alert.id}.ics")


def _close(services: Services, folder: Folder, now: datetime, fresh: set[str]) -> None:
    """Whatever lies there of alerts that are not open."""
    site = services.site
    for file in sorted((folder.root / FOLDER).glob("*.html")):
        found = _PAGE.fullmatch(file.name)
        if not found or file.name in fresh:
            continue
        alert = services.alerts.get(found[1])
        path, calendar = f"{FOLDER}/{file.name}", f"{FOLDER}/{found[1]}.ics"
        if alert is None or alert.shown is None:
            folder.drop(path)
            folder.drop(calendar)
            continue
        withdrawn = alert.withdrawn_at if was_seen(alert) else None
        ended = withdrawn or alert.shown.text.ends_at
        if now - ended > KEPT_FOR:
            folder.drop(path)
            folder.drop(calendar)
            continue
        folder.put(path, over_page(alert, now, site, speech_of(found[2] or SOURCE)).encode(), min(ended, now))
        if withdrawn and alert.shown.text.deadline and not found[2]:
            folder.put(calendar, alert_calendar(alert, site, speech_of(SOURCE)), withdrawn)
        elif not withdrawn:
            folder.drop(calendar)


def page_name(identity: str, language: str) -> str:
    """``/alerts/ID`` of file hosts that leave the ending away."""
    return f"{identity}.html" if language == SOURCE else f"{identity}.{language}.html"
