"""Requests for action alerts to pages, a feed and calendars. The clock is asked each time; nobody keeps a copy."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import format_datetime

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler

from digests.alerts.calendar import alert_calendar
from digests.alerts.feed import PATH, alert_feed, alerts_hub, was_seen
from digests.alerts.words import WITHDRAWN_FOR, AlertView, countdown, moment_words, view
from digests.channels.feeds import FORMATS
from tracker.alerts.records import Alert, Revision, Standing, standing
from tracker.model import Topic
from tracker.web.asking import Part
from tracker.web.press import Press, PressDep

# Who kept an alert would show it when it is over.
ASK_AGAIN = "no-cache"


@dataclass(frozen=True, slots=True)
class Shown:
    """`left`: how long one can still act, in words."""

    alert: AlertView
    left: str
    corrected: bool


def shown(press: Press, alert: Alert, revision: Revision) -> Shown:
    services, text = press.services, revision.text
    return Shown(view(alert, revision, services.site, press.speech),
                 countdown(text.deadline or text.ends_at, text.zone, services.clock(), press.speech),
                 bool(text.words["en"].corrected))


def public(press: Press) -> list[Alert]:
    now = press.services.clock()
    return press.services.alerts.released(now, now - WITHDRAWN_FOR)


def calls(press: Press, *, bill: str | None = None, jurisdiction: str | None = None,
          topic: Topic | None = None) -> list[Shown]:
    """What can be done now about all that is given, the nearest end first. A page of the past has none."""
    if press.as_of is not None:
        return []
    now = press.services.clock()
    found = [(one, one.shown) for one in public(press) if one.shown and standing(one, now) is Standing.OPEN]
    wanted = [(one, revision) for one, revision in found
              if (bill is None or bill in revision.text.bills)
              and (jurisdiction is None or jurisdiction == revision.text.jurisdiction)
              and (topic is None or topic in revision.text.topics)]
    return [shown(press, one, revision) for one, revision in sorted(wanted, key=lambda pair: pair[1].text.ends_at)]


@get("/alerts", sync_to_thread=True, include_in_schema=False)
def directory(press: PressDep) -> Response[str]:
    return press.page("alerts.html", here="alerts", alerts=calls(press))


@get("/alerts/{name:str}", sync_to_thread=True, include_in_schema=False)
def one_alert(press: PressDep, name: Part) -> Response[str] | Response[bytes]:
    """What was once public is 410 when it is over; what never was does not exist."""
    services, now = press.services, press.services.clock()
    identity, calendar = name.removesuffix(".ics"), name.endswith(".ics")
    alert = services.alerts.get(identity)
    if alert is None or alert.shown is None:
        raise NotFoundException()
    stands = standing(alert, now)
    if calendar and alert.shown.text.deadline and (
            stands is Standing.OPEN or (stands is Standing.WITHDRAWN and was_seen(alert))):
        return Response(alert_calendar(alert, services.site, press.speech), media_type="text/calendar",
                        headers={"cache-control": ASK_AGAIN})
    if stands is Standing.OPEN and not calendar:
        return press.page("alert.html", here="alerts", shown=shown(press, alert, alert.shown))
    if stands is Standing.EXPIRED:
        ends = moment_words(alert.shown.text.ends_at, alert.shown.text.zone, press.speech)
        return press.page("alert_over.html", 410, here="alerts", ends=ends, withdrawn=None)
    if stands is Standing.WITHDRAWN and was_seen(alert) and alert.withdrawn_at:
        return press.page("alert_over.html", 410, here="alerts", ends="", withdrawn=alert.withdrawn_at.date())
    raise NotFoundException()


def _feed(fmt: str) -> HTTPRouteHandler:
    @get(f"{PATH}.{fmt}", sync_to_thread=True, include_in_schema=False)
    def feed(press: PressDep) -> Response[bytes]:
        services = press.services
        document = alert_feed(public(press), fmt, services.clock(), services.site, press.speech)
        hub = alerts_hub(services.site, press.speech)
        return Response(document.body, media_type=document.media_type, headers={
            "etag": document.etag, "last-modified": format_datetime(document.last_modified, usegmt=True),
            "cache-control": ASK_AGAIN,
            **({"link": f'<{hub}>; rel="hub", <{services.site.url(f"{PATH}.{fmt}")}>; rel="self"'} if hub else {})})

    return feed


HANDLERS = (directory, one_alert, *map(_feed, FORMATS))
