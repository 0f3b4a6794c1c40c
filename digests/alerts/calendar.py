"""An alert's deadline to an iCalendar file with two alarms; its words say as little as a subject line does. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vText

from digests.site import Site
from digests.speech import Speech
from tracker.alerts.records import Alert, AlertState

ALARMS = (timedelta(days=-1), timedelta(hours=-2))


def alert_calendar(alert: Alert, site: Site, speech: Speech) -> bytes:
    """The same UID with a higher SEQUENCE when it is corrected, and CANCELLED when it is withdrawn (RFC 5545).

    Raises LookupError for one without a deadline.
    """
    revision = alert.shown or alert.newest
    deadline = revision.text.deadline
    if deadline is None:
        raise LookupError("this alert has no deadline")
    withdrawn = alert.state is AlertState.WITHDRAWN
    calendar, event = Calendar(), Event()
    calendar.add("prodid", "-//billwatch//alerts//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    # Alarms show on locked screens: a neutral line, and the link for the rest.
    summary = speech._("Withdrawn") if withdrawn else speech._("Deadline")
    event.add("uid", f"alert-{alert.id}@{site.domain}")
    event.add("dtstamp", _whole(alert.withdrawn_at or alert.released_at or revision.at))
    event.add("dtstart", deadline.astimezone(ZoneInfo(revision.text.zone)))
    event.add("summary", summary)
    event.add("url", site.url(f"alerts/{alert.id}"))
    event.add("sequence", revision.number - 1 + withdrawn)
    event.add("status", "CANCELLED" if withdrawn else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event["class"] = vText("PRIVATE")
    for before in () if withdrawn else ALARMS:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("trigger", before)
        alarm.add("description", summary)
        event.add_component(alarm)
    calendar.add_component(event)
    calendar.add_missing_timezones()
    found: bytes = calendar.to_ical()
    return found


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=0)
