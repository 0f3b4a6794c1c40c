"""Requests for overviews to pages and sheets: the week, where bills stand, the calendar, one legislature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import takewhile
from typing import Any

from litestar import Response, get
from litestar.exceptions import NotFoundException, ValidationException
from litestar.response import Redirect

from spiders.discovery import facts
from tracker.model import Effect, Event, Topic
from tracker.polling.watching import cost_of, name_of
from tracker.ports import EventQuery
from tracker.query.places import CODES
from tracker.store.catalogue import BillRow
from tracker.store.tallies import Tally
from tracker.web import calendar as calendars
from tracker.web import charts, sheets, standing
from tracker.web.alerts import calls
from tracker.web.asking import Part, Text
from tracker.web.calendar import Sitting
from tracker.web.press import KNOWN, Press, PressDep, Unwatched
from tracker.web.tongue import carried
from tracker.web.week import MOVES, Mover, Week, first_day, week
from tracker.web.wording import PROOF_WORDS

PAGE, MOST_EVENTS = 500, 4_000  # of a week; a page that had to stop there says so
ALIVE_SHOWN, COMING_SHOWN = 20, 20
ALIVE_FOR = timedelta(days=365)
COMING_FOR = timedelta(days=60)


# --- the week ---------------------------------------------------------------------------------------------------------


def this_week(press: Press) -> Week:
    today = press.services.clock().date()
    since, events, before = first_day(today), list[Event](), None
    query = EventQuery(flagged=True, alerting=True)
    while len(events) < MOST_EVENTS:
        page = press.services.store.latest_events(before, PAGE, query)
        fresh = list(takewhile(lambda e: e.recorded_at.date() >= since, page))
        events += fresh
        if len(fresh) < PAGE:
            return week(events, today)
        before = page[-1].seq
    return week(events, today, cut=True)


def _moved(press: Press, found: Week) -> list[tuple[Mover, BillRow]]:
    rows = press.services.tallies.rows([mover.bill_id for mover in found.movers])
    return [(mover, rows[mover.bill_id]) for mover in found.movers if mover.bill_id in rows]


@get("/week", dependencies=KNOWN, sync_to_thread=True, include_in_schema=False)
def this_weeks_page(press: PressDep) -> Response[str]:
    found = this_week(press)
    today = found.until
    moved = _moved(press, found)
    return press.page(
        "week.html", here="lately", week=found, troubled=press.troubled(), names=MOVES,
        chart=charts.bars((press.speech._(name), found.moves[key]) for key, (name, _) in MOVES.items()),
        groups=[(key, [(m, row) for m, row in moved if m.moves[0] == key]) for key in MOVES],
        leanings=press.leanings(row.id for _, row in moved),
        coming=_coming(press, today, today + timedelta(days=7)))


@get("/week.csv", dependencies=KNOWN, sync_to_thread=True, include_in_schema=False)
def week_sheet(press: PressDep) -> Response[bytes]:
    found = this_week(press)
    return sheets.download(f"week-{found.until}", (
        "bill", "legislature", "session", "identifier", "title", "stage", "topics", "recorded_on", *MOVES),
        ((row.id, row.jurisdiction, row.session, row.identifier, row.title, row.stage, " ".join(row.topics),
          mover.on, *(int(key in mover.moves) for key in MOVES)) for mover, row in _moved(press, found)))


# --- where bills stand ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    topic: Topic | None
    state: str | None

    @property
    def query(self) -> str:
        given = (("topic", self.topic), ("at", self.state))
        found = "&".join(f"{key}={value}" for key, value in given if value)
        return f"?{found}" if found else ""


def _wanted(topic: str | None, at: str | None) -> Wanted:
    if topic and topic not in {*Topic}:
        raise ValidationException(f"topic: expected one of {', '.join(Topic)}")
    if at and at not in standing.STATES:
        raise ValidationException(f"at: expected one of {', '.join(standing.STATES)}")
    return Wanted(Topic(topic) if topic else None, at or None)


@get("/overview", dependencies=KNOWN, sync_to_thread=True, include_in_schema=False)
def overview(press: PressDep, topic: Text = None, at: Text = None) -> Response[str]:
    wanted, watched = _wanted(topic, at), press.jurisdictions()
    of_topic = standing.chosen(press.services.tallies.all(), wanted.topic)
    counts = standing.by_jurisdiction(standing.chosen(of_topic, wanted.topic, wanted.state))
    found = {s.jurisdiction: s for s in standing.standings(of_topic)}
    rows = [found.get(j) or standing.Standing(j, None, 0, 0, 0) for j in watched]
    return press.page(
        "overview.html", here="overview", wanted=wanted, states=standing.STATES, rows=rows,
        map=charts.tile_map(counts, watched), total=sum(counts.values()),
        elsewhere=[(j, counts.get(j, 0)) for j in watched if j not in charts.ON_THE_MAP],
        chart=_flow_chart(press, of_topic), ends=standing.ends(of_topic), flow=standing.flow(of_topic),
        troubled=press.troubled())


def _flow_chart(press: Press, found: list[Tally]) -> charts.BarChart:
    return charts.bars((press.speech._(name), number) for _, name, number in standing.flow(found))


@get("/overview.csv", dependencies=KNOWN, sync_to_thread=True, include_in_schema=False)
def overview_sheet(press: PressDep, topic: Text = None, at: Text = None) -> Response[bytes]:
    wanted = _wanted(topic, at)
    every = press.services.tallies.all()
    topics = (wanted.topic,) if wanted.topic else (None, *Topic)
    found = [x for t in topics for x in standing.chosen(every, t, wanted.state)]
    return sheets.download("overview", ("legislature", "session", "stage", "topic", "bills"), (
        (x.jurisdiction, x.session, x.stage, x.topic or "any", x.bills) for x in found))


# --- the calendar -----------------------------------------------------------------------------------------------------


def _coming(press: Press, first: date, last: date, jurisdiction: str | None = None,
            topic: Topic | None = None) -> tuple[Sitting, ...]:
    found = calendars.between(press.meetings(), first, last, jurisdiction)
    rows = press.services.tallies.rows([m.event.bill_id for m in found])
    return calendars.sittings(found, rows, press.speech, topic)


def _month(press: Press, written: str | None) -> date:
    try:
        return calendars.month_of(written, press.services.clock().date())
    except ValueError as problem:
        raise ValidationException(f"month: {problem}") from None


def _place(press: Press, written: str | None) -> str | None:
    if written and written not in press.jurisdictions():
        raise ValidationException("jurisdiction: expected one that this site watches")
    return written or None


@get("/calendar", dependencies=KNOWN, sync_to_thread=True, include_in_schema=False)
def calendar(press: PressDep, month: Text = None, jurisdiction: Text = None, topic: Text = None) -> Response[str]:
    wanted, place, first = _wanted(topic, None), _place(press, jurisdiction), _month(press, month)
    today = press.services.clock().date()
    found = _coming(press, first, calendars.last_of(first), place, wanted.topic)
    before, after = calendars.neighbours(first)
    rest = "".join(f"&{key}={value}" for key, value in (("jurisdiction", place), ("topic", wanted.topic)) if value)
    feed = (f"/feeds/topic/{wanted.topic}" if wanted.topic and not place
            else f"/feeds/jurisdiction/{place}" if place and not wanted.topic else None if place else "/feeds/all")
    return press.page(
        "calendar.html", here="calendar", month=first, name=press.speech.month(first), before=before, after=after,
        rest=rest, days=calendars.days(first, found, today), sittings=found, place=place, topic=wanted.topic,
        jurisdictions=press.jurisdictions(), feed=feed, troubled=press.troubled(place))


@get("/calendar.csv", dependencies=KNOWN, sync_to_thread=True, include_in_schema=False)
def calendar_sheet(press: PressDep, month: Text = None, jurisdiction: Text = None,
                   topic: Text = None) -> Response[bytes]:
    wanted, place, first = _wanted(topic, None), _place(press, jurisdiction), _month(press, month)
    found = _coming(press, first, calendars.last_of(first), place, wanted.topic)
    return sheets.download(f"calendar-{first:%Y-%m}", (
        "date", "time", "zone", "kind", "cancelled", "what", "committee", "place", "bill", "identifier", "title"),
        ((x.on, x.time, x.zone, "hearing" if x.is_hearing else "step", int(x.is_cancelled), x.what, x.committee,
          x.place, x.bill.id, x.bill.identifier, x.bill.title) for x in found))


# --- one legislature --------------------------------------------------------------------------------------------------


@get("/{jurisdiction:str}", dependencies=KNOWN, sync_to_thread=True, include_in_schema=False)
def legislature(press: PressDep, jurisdiction: Part, session: Text = None) -> Response[Any]:
    if jurisdiction not in (known := press.jurisdictions()):
        return _elsewhere(press, jurisdiction, known)
    today = press.services.clock().date()
    coming = _coming(press, today, today + COMING_FOR, jurisdiction)[:COMING_SHOWN]
    with press.look():
        return _legislature(press, jurisdiction, session, today, coming)


def _elsewhere(press: Press, written: str, known: Sequence[str]) -> Redirect:
    """"US-WA", "wa" and "washington" lead to us-wa. Raises 404."""
    code = CODES.get(written.lower().replace("-", " "), written.lower())
    if code in known:
        then = f"?as-of={press.as_of.written}" if press.as_of else ""
        return Redirect(carried(f"/{code}{then}"), status_code=308)
    raise Unwatched(code) if code in CODES.values() else NotFoundException()


def _legislature(press: Press, jurisdiction: str, session: str | None, today: date,
                 coming: tuple[Sitting, ...]) -> Response[str]:
    services = press.services
    tallies = standing.chosen(services.tallies.all(), jurisdiction=jurisdiction)
    of_session = standing.chosen(tallies, session=session or None)
    if session and not of_session:
        raise NotFoundException()
    counts = services.catalogue.counts(jurisdiction)
    health = press.health_of(jurisdiction)
    known = facts(jurisdiction)
    alive = services.tallies.alive(jurisdiction, today - ALIVE_FOR, ALIVE_SHOWN)
    return press.page(
        "legislature.html", here="overview", place=jurisdiction, session=session or None,
        alive=alive, leanings=press.leanings(row.id for row in alive), calls=calls(press, jurisdiction=jurisdiction),
        topics=[(t, [(e, counts.get((t, e), 0)) for e in Effect]) for t in Topic],
        coming=coming,
        sessions=standing.standings(tallies, by_session=True)[::-1],
        flow=standing.flow(of_session), chart=_flow_chart(press, of_session), ends=standing.ends(of_session),
        health=health, cost=cost_of(services, jurisdiction) if health else None,
        missing=services.tallies.missing_texts(jurisdiction), known=known,
        proof=PROOF_WORDS.get(str(known.get("proven"))), troubled=[health] if health and not health.healthy else [])


@get("/{jurisdiction:str}/overview.csv", dependencies=KNOWN, sync_to_thread=True, include_in_schema=False)
def legislature_sheet(press: PressDep, jurisdiction: Part) -> Response[bytes]:
    if jurisdiction not in press.jurisdictions():
        raise NotFoundException()
    found = (x for x in press.services.tallies.all() if x.jurisdiction == jurisdiction)
    return sheets.download(f"{jurisdiction}-overview", ("legislature", "name", "session", "stage", "topic", "bills"), (
        (x.jurisdiction, name_of(x.jurisdiction), x.session, x.stage, x.topic or "any", x.bills) for x in found))


HANDLERS = (this_weeks_page, week_sheet, overview, overview_sheet, calendar, calendar_sheet, legislature,
            legislature_sheet)
