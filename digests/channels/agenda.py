"""The log to calendars: hearings, and dated steps to come, each with one id for life and a number that grows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

from icalendar import Calendar, Timezone, vDuration, vText
from icalendar import Event as Component

from digests import plain
from digests.channels.clock_times import moment_of, read_times
from digests.channels.feeds import EMPTY_SINCE, FeedDocument
from digests.channels.meetings import Meeting, fold
from digests.channels.sieve import Sieve
from digests.channels.specs import FeedSpec
from digests.following.facets import facets_of, material_of
from digests.following.filters import broad_of, passes
from digests.site import Site
from digests.speech import ENGLISH, SOURCE, Speech
from digests.wording.words import describe
from tracker.model import Event, EventKind, Filter
from tracker.ports import EventQuery, Log

MEDIA_TYPE = "text/calendar"  # the web server adds charset=utf-8 to whatever is text
KEPT_PAST = timedelta(days=90)
REFRESH = timedelta(hours=1)
PAGE = 1000


def render_calendar(spec: FeedSpec, log: Log, site: Site, today: date, speech: Speech = ENGLISH) -> FeedDocument:
    """What lies ahead, and the last 90 days, of the bills that the spec lets through as they are today.

    What a source's first crawl found is in it, too: that a hearing is to come is no old news.
    """
    meetings = [m for m in _meetings(spec, log) if m.on >= today - KEPT_PAST]
    body = _calendar(spec, meetings, site, speech).to_ical()
    updated = max((m.changed_at for m in meetings), default=EMPTY_SINCE)
    return FeedDocument(body, MEDIA_TYPE, f'"{hashlib.sha256(body).hexdigest()[:32]}"', updated.astimezone(UTC))


def _meetings(spec: FeedSpec, log: Log) -> Iterator[Meeting]:
    if spec.kind == "bill":
        found: Iterable[Meeting] = fold(_every(log, EventQuery(spec.filter)))
    else:
        found = (log if isinstance(log, Sieve) else Sieve(log)).meetings()
    fits = dict[str, bool]()
    for meeting in sorted(found, key=lambda m: (m.on, m.uid)):
        bill = meeting.event.bill_id
        if spec.kind != "bill" and bill not in fits:
            fits[bill] = _fits(spec.filter, bill, meeting, log)
        if fits.get(bill, True):
            yield meeting


def _every(log: Log, query: EventQuery) -> Iterator[Event]:
    after = 0
    while page := log.events(after, PAGE, query):
        yield from page
        after = page[-1].seq


def _fits(wanted: Filter, bill: str, meeting: Meeting, log: Log) -> bool:
    """By what the newest event says of its bill: a hearing is often set before the text has come and was flagged."""
    newest = log.latest_events(None, 1, EventQuery(Filter(bills=(bill,))))
    events = (*newest, meeting.event)
    if not newest:
        return False
    broad, facets = broad_of(wanted), replace(facets_of(newest[0]), alerts=True)
    return any(passes(wanted, broad, facets, partial(material_of, event)) for event in events)


# --- to iCalendar -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _When:
    begin: date | datetime
    end: datetime | None
    words: str  # what must be said beside the day; empty: the clock says all


def _when(meeting: Meeting, speech: Speech) -> _When:
    """Never a wrong time: what is not beyond doubt is the whole day, with the venue's words."""
    data = meeting.event.data
    raw, zone = plain.line(data.get("time")), plain.line(data.get("zone"))
    times = read_times(raw) if meeting.is_hearing else None
    begin = moment_of(meeting.on, times[0], zone) if times else None
    if times is None or begin is None:
        return _When(meeting.on, None, raw or (speech._("time not given") if meeting.is_hearing else ""))
    end = moment_of(meeting.on, times[1], zone) if times[1] else None
    return _When(begin, end, "" if end or not times[1] else raw)


def _calendar(spec: FeedSpec, meetings: list[Meeting], site: Site, speech: Speech) -> Calendar:
    title = f"{site.name}: {spec.title((m.event for m in meetings), speech)}"
    url = site.url(f"{spec.path}.ics") + ("" if speech.language == SOURCE else f"?lang={speech.language}")
    made = Calendar()
    made.add("prodid", vText("-//billwatch//EN"))
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    for name in ("name", "x-wr-calname"):
        made.add(name, vText(title))
    made.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", vDuration(REFRESH))
    made.add("source", url, parameters={"VALUE": "URI"})
    made.add("url", site.url(spec.page_path))
    zones: dict[str, list[int]] = {}
    shown = [(m, _when(m, speech)) for m in meetings]
    for _, when in shown:
        if isinstance(when.begin, datetime):
            zones.setdefault(str(when.begin.tzinfo), []).append(when.begin.year)
    for zone, years in sorted(zones.items()):
        made.add_component(_zone(zone, min(years) - 1, max(years) + 2))
    for meeting, when in shown:
        made.add_component(_component(meeting, when, site, speech))
    return made


@lru_cache(maxsize=256)
def _zone(name: str, first: int, last: int) -> Timezone:
    made = Timezone.from_tzinfo(ZoneInfo(name), first_date=date(first, 1, 1), last_date=date(last, 1, 1))
    made.pop("COMMENT", None)
    return made


def _component(meeting: Meeting, when: _When, site: Site, speech: Speech) -> Component:
    event, data = meeting.event, meeting.event.data
    card = data.get("bill") or {}
    identifier = plain.line(card.get("identifier")) or event.bill_id
    told = (plain.line(data.get("description")) or speech._("no subject given") if meeting.is_hearing
            else describe(event, speech).headline)
    summary = f"{identifier}: {plain.shorten(told, 200, '')}".strip() + (f" ({when.words})" if when.words else "")
    if meeting.is_cancelled:
        summary = speech._("Cancelled: {what}", what=summary)
    made = Component()
    made.add("uid", f"{meeting.uid}@{site.domain}")
    made.add("sequence", meeting.sequence)
    made.add("dtstamp", meeting.changed_at)
    made.add("created", meeting.made_at)
    made.add("last-modified", meeting.changed_at)
    made.add("status", "CANCELLED" if meeting.is_cancelled else "CONFIRMED")
    made.add("transp", "TRANSPARENT")  # another's hearing makes nobody busy
    made.add("dtstart", when.begin)
    if when.end:
        made.add("dtend", when.end)
    made.add("summary", vText(summary))
    made.add("description", vText("\n".join(_lines(meeting, when, card.get("title"), site, speech))))
    if place := plain.line(data.get("place")) if meeting.is_hearing else "":
        made.add("location", vText(place))
    made.add("url", site.url(event.bill_id))
    return made


def _lines(meeting: Meeting, when: _When, title: object, site: Site, speech: Speech) -> Iterator[str]:
    event, data = meeting.event, meeting.event.data
    if title := plain.line(title):
        yield title
    if meeting.is_hearing:
        raw, zone = plain.line(data.get("time")), plain.line(data.get("zone"))
        if raw and not isinstance(when.begin, datetime):
            yield speech._("Time, as the legislature writes it: {time}", time=f"{raw} ({zone})" if zone else raw)
        elif not raw:
            yield speech._("The legislature gives no time.")
        if committee := plain.line(data.get("committee")):
            yield speech._("Committee: {name}", name=committee)
        if event.kind is EventKind.HEARING_CHANGED:
            yield describe(event, speech).headline
    yield site.url(event.bill_id)
    official = plain.web_link(data.get("url")) or plain.web_link((data.get("bill") or {}).get("url"))
    if official:
        yield speech._("Official page: {url}", url=official)
