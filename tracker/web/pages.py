"""Requests for pages to pages: what moved, topics, sources, and what this site is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar import MediaType, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromQuery
from litestar.response import Redirect

from digests.wording.disagreements import summary
from tracker.model import Effect, Topic
from tracker.polling.quotas import all_rations
from tracker.polling.sources import SourceHealth
from tracker.polling.watching import cost_of
from tracker.polling.witness import Report
from tracker.ports import EventQuery
from tracker.store.catalogue import BillQuery, BillRow
from tracker.web.alerts import calls
from tracker.web.asking import Part, Text
from tracker.web.latest import by_day
from tracker.web.overview import this_week
from tracker.web.press import KNOWN, Press, PressDep
from tracker.web.tongue import carried
from tracker.web.week import MOVES
from tracker.web.wording import TOPIC_MEANINGS

EVENTS_A_PAGE = 120
BILLS_AN_EFFECT = 15
CALLS_SHOWN = 3

# Readers' own pages are nobody's to index; the rest may be found.
ROBOTS = ("User-agent: *\nDisallow: /manage/\nDisallow: /confirm/\nDisallow: /u/\nDisallow: /digest/\nDisallow: /api/\n"
          "Crawl-delay: 2\n")


@get("/", dependencies=KNOWN, sync_to_thread=True, include_in_schema=False)
def lately(press: PressDep, before: FromQuery[int | None] = None) -> Response[str]:
    troubled = press.troubled()
    with press.look():
        return _lately(press, before, troubled)


def _lately(press: Press, before: int | None, troubled: list[SourceHealth]) -> Response[str]:
    events = press.services.store.latest_events(before, EVENTS_A_PAGE, EventQuery(flagged=True))
    older = events[-1].seq if len(events) == EVENTS_A_PAGE else None
    days = by_day(events, press.speech)
    return press.page("lately.html", here="lately", days=days, older=older,
                      leanings=press.leanings(news.bill_id for day in days for news in day.bills),
                      calls=() if before else calls(press)[:CALLS_SHOWN],
                      troubled=troubled, week=None if before else this_week(press), moves=MOVES)


@dataclass(frozen=True, slots=True)
class EffectGroup:
    effect: Effect
    rows: tuple[BillRow, ...]
    total: int
    more_url: str | None


@get("/topics", dependencies=KNOWN, sync_to_thread=True, include_in_schema=False)
def topics(press: PressDep) -> Response[str]:
    return press.page("topics.html", here="topics", meanings=TOPIC_MEANINGS, counts=press.topic_counts())


@get("/topics/{name:str}", dependencies=KNOWN, sync_to_thread=True, include_in_schema=False)
def topic(press: PressDep, name: Part) -> Response[Any]:
    if name not in {*Topic}:
        if name.lower() in {*Topic}:
            then = f"?as-of={press.as_of.written}" if press.as_of else ""
            return Redirect(carried(f"/topics/{name.lower()}{then}"), status_code=308)
        raise NotFoundException()
    chosen = Topic(name)
    groups = [_group(press, chosen, effect) for effect in Effect]
    return press.page("topic.html", here="topics", topic=chosen, meaning=TOPIC_MEANINGS[chosen], groups=groups,
                      leanings=press.leanings(row.id for group in groups for row in group.rows),
                      calls=calls(press, topic=chosen), troubled=press.troubled())


def _group(press: Press, chosen: Topic, effect: Effect) -> EffectGroup:
    found = press.services.catalogue.bills(BillQuery(topic=chosen, effect=effect, limit=BILLS_AN_EFFECT))
    more = f"/bills?topic={chosen}&effect={effect}" if found.next_cursor else None
    return EffectGroup(effect, found.rows, found.total, more)


@get("/sources", dependencies=KNOWN, sync_to_thread=True, include_in_schema=False)
def sources(press: PressDep) -> Response[str]:
    found = press.health()
    costs = {health.source: cost_of(press.services, health.source) for health in found}
    rations = () if press.as_of else all_rations(press.services)
    return press.page("sources.html", sources=found, costs=costs, rations=rations,
                      disputes=[(r, summary(r, press.speech)) for r in _reports(press)])


def _reports(press: Press) -> list[Report]:
    """Only the newest comparisons are kept: of another day there is nothing to show."""
    return [] if press.as_of else press.services.witness_reports.newest()


@get("/about", sync_to_thread=True, include_in_schema=False)
def about(press: PressDep) -> Response[str]:
    return press.page("about.html")


@get("/robots.txt", sync_to_thread=False, include_in_schema=False, media_type=MediaType.TEXT)
def robots() -> str:
    return ROBOTS


@get("/healthz", sync_to_thread=True, include_in_schema=False, media_type=MediaType.TEXT)
def healthz(press: PressDep) -> Response[str]:
    """For a load balancer: the process answers and the database can be read. How sources fare is on /sources."""
    press.services.store.last_seq()
    return Response("ok\n", media_type=MediaType.TEXT, headers={"cache-control": "no-store"})


@get("/static/{name:str}", sync_to_thread=False, include_in_schema=False)
def static(press: PressDep, name: Part, v: Text = None) -> Response[bytes]:
    """An address that names the version may be kept for good; one without is asked again."""
    asset = press.assets.get(name)
    if asset is None:
        raise NotFoundException()
    keep = "public, max-age=31536000, immutable" if v == asset.version else "no-cache"
    return Response(asset.body, media_type=asset.media_type, headers={"cache-control": keep})


HANDLERS = (lately, topics, topic, sources, about, robots, healthz, static)
