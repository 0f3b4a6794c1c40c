"""Requests of programs to JSON: bills, versions with their flags, the log as a change feed, topics, sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from time import monotonic
from typing import Annotated, Any

from litestar import Request, Response, Router, get
from litestar.concurrency import sync_to_thread
from litestar.exceptions import ClientException, NotFoundException, ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Parameter as OpenAPIParameter
from litestar.params import QueryParameter

from digests.wording.outages import summary
from tracker.history.comparing import usual_code
from tracker.ids import read_bill_id
from tracker.model import (
    TOPIC_NAMES,
    Bill,
    BillState,
    Effect,
    Event,
    EventKind,
    Filter,
    Flag,
    IngestMode,
    Mark,
    Page,
    Provision,
    Run,
    TextStatus,
    Topic,
    VersionState,
)
from tracker.polling.sources import Cost, SourceHealth, SourceState
from tracker.polling.watching import cost_of
from tracker.ports import EventQuery
from tracker.stage import stage_of
from tracker.store.catalogue import BillRow
from tracker.store.engine import one_look
from tracker.store.store import SqlStore
from tracker.ties import ties
from tracker.web.api_description import DescriptionPlugin
from tracker.web.asking import AskedDep, IdentityDep, Part, Text, one_of, place
from tracker.web.press import KNOWN, PressDep
from tracker.web.redlines import read_redline
from tracker.web.wording import TOPIC_MEANINGS

REVALIDATE = {"cache-control": "no-cache"}

Limit = Annotated[int, QueryParameter(ge=1, le=200, description="Bills a page")]
EventLimit = Annotated[int, QueryParameter(ge=1, le=1000, description="Events an answer")]
Since = Annotated[int, QueryParameter(ge=0, le=10**15, description="Events after this one: `next` of the last answer")]

OfBill = Annotated[str | None, QueryParameter(description="Only of this bill, e.g. us/119/hr-1")]
Wait = Annotated[int, QueryParameter(ge=0, le=60, description="Seconds to wait for an event if there is none yet")]


def openapi(site_name: str) -> OpenAPIConfig:
    """The description alone, as JSON: a page that draws it would fetch its script from elsewhere."""
    return OpenAPIConfig(title=f"{site_name} API", version="1", path="/api",
                         render_plugins=[DescriptionPlugin()])


@dataclass(frozen=True, slots=True)
class BillSummary:
    """`latest_action` is the newest step on record; with a date after today it is announced and not yet taken."""

    id: str
    jurisdiction: str
    session: str
    identifier: str
    title: str | None
    stage: str
    topics: tuple[Topic, ...]
    introduced_on: date | None
    latest_action: str | None
    latest_action_on: date | None
    url: str


@dataclass(frozen=True, slots=True)
class BillPageBody:
    """`next`: the `cursor` of the following page, none on the last."""

    bills: tuple[BillSummary, ...]
    next: str | None
    total: int


@dataclass(frozen=True, slots=True)
class VersionSummary:
    code: str
    note: str
    date: date | None
    status: TextStatus
    sha256: str | None
    url: str | None
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class RelatedBody:
    """`named`: this bill's record names it, with these `relations`; `naming`: its record names this bill, with
    `relations_there`. `held` is how far it has come, null for a bill that is not held here."""

    id: str
    identifier: str
    title: str | None
    named: bool
    naming: bool
    relations: tuple[str, ...]
    relations_there: tuple[str, ...]
    held: BillSummary | None


@dataclass(frozen=True, slots=True)
class SameWordsBody:
    """Other bills with a section that has the same words, and the same flag, as a flagged section of this bill; those
    that have come furthest. `total`: of all, though `bills` ends at 20."""

    total: int
    bills: tuple[BillSummary, ...]


@dataclass(frozen=True, slots=True)
class BillBody:
    """`bill` is the record as its legislature shows it now. `more_naming`: so many more bills name this one than
    `related` lists."""

    id: str
    stage: str
    revision: int
    url: str
    bill: Bill
    versions: tuple[VersionSummary, ...]
    pages: tuple[Page, ...]
    related: tuple[RelatedBody, ...]
    more_naming: int
    same_words: SameWordsBody


@dataclass(frozen=True, slots=True)
class VersionBody:
    """Offsets count characters (Unicode code points) of `text`, half open. `text[start:end] == quote` for each flag."""

    bill: str
    version: VersionSummary
    text: str | None
    marks: tuple[Mark, ...]
    marks_known: bool
    provisions: tuple[Provision, ...]


@dataclass(frozen=True, slots=True)
class EventBody:
    seq: int
    kind: EventKind
    bill: str
    jurisdiction: str
    occurred_on: date | None
    recorded_at: datetime
    mode: IngestMode
    topics: tuple[Topic, ...]
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventPage:
    """Ask again with `since` = `next`. `last`: the newest event that exists; `next == last` means: all read."""

    events: tuple[EventBody, ...]
    next: int
    last: int


@dataclass(frozen=True, slots=True)
class TopicBody:
    """`bills`: how many bills have a flag of this topic now, by effect."""

    key: Topic
    name: str
    meaning: str
    bills: dict[str, int]


@dataclass(frozen=True, slots=True)
class CostBody:
    requests: int
    changes: int
    per_change: float | None


@dataclass(frozen=True, slots=True)
class SourceBody:
    """`state`: fresh, stale (no good crawl for too long) or blind (the last crawl was not good), `since` when.
    `cost`: requests and changes of the last 30 days, and requests per change (null: nothing changed)."""

    source: str
    state: SourceState
    healthy: bool
    since: datetime | None
    well_at: datetime | None
    summary: str
    cost: CostBody
    runs: tuple[Run, ...]


@get("/bills", dependencies=KNOWN, sync_to_thread=True, summary="Bills, newest movement first")
def list_bills(press: PressDep, asked: AskedDep, limit: Limit = 50) -> Response[BillPageBody]:
    found = press.list_bills(asked.query(limit))
    base = press.services.settings.base_url
    return Response(BillPageBody(tuple(summary_of(row, base) for row in found.rows), found.next_cursor, found.total),
                    headers=REVALIDATE)


def summary_of(row: BillRow, base: str) -> BillSummary:
    return BillSummary(row.id, row.jurisdiction, row.session, row.identifier, row.title, row.stage, row.topics,
                       row.introduced_on, row.latest_action, row.latest_action_on, f"{base}/{row.id}")


@get("/bills/{jurisdiction:str}/{session:str}/{number:str}", dependencies=KNOWN, sync_to_thread=True,
     summary="One bill, whole")
def read_bill(press: PressDep, identity: IdentityDep) -> Response[BillBody]:
    with one_look(press.today.store.engine):
        state = press.bill(identity)
        tied, pages = ties(press.services, identity, state.bill), press.services.catalogue.bill_pages(identity)
    base = press.services.settings.base_url
    related = tuple(RelatedBody(r.id, r.identifier, r.title, r.named, r.naming, r.relations, r.relations_there,
                                summary_of(r.row, base) if r.row else None) for r in tied.related)
    alike = SameWordsBody(tied.alike_total, tuple(summary_of(row, base) for row in tied.alike))
    body = BillBody(identity, stage_of(state.bill), state.revision, f"{base}/{identity}", state.bill,
                    versions_of(state), tuple(pages), related, tied.more_naming, alike)
    return Response(body, headers=REVALIDATE)


@get("/bills/{jurisdiction:str}/{session:str}/{number:str}/versions/{code:str}", dependencies=KNOWN,
     sync_to_thread=True, summary="One text with its marks, provisions and flags")
def read_version(press: PressDep, identity: IdentityDep, code: Part) -> Response[VersionBody]:
    state = press.bill(identity)
    code = usual_code(state, code)
    version = next((v for v in versions_of(state) if v.code == code), None)
    if version is None:
        raise NotFoundException("No such version of this bill.")
    marked = press.services.store.text(identity, code)
    body = (VersionBody(identity, version, marked.text, marked.marks, marked.marks_known, marked.provisions)
            if marked else VersionBody(identity, version, None, (), False, ()))
    return Response(body, headers=REVALIDATE)


def versions_of(state: BillState) -> tuple[VersionSummary, ...]:
    held = {v.code: v for v in state.versions}
    out = []
    for version in state.bill.versions:
        known = held.get(version.code) or VersionState(version.code, TextStatus.PENDING)
        out.append(VersionSummary(version.code, version.note, version.date, known.status, known.sha256, known.url,
                                  known.flags))
    return tuple(out)


@get("/events", dependencies=KNOWN, summary="The log of changes, oldest first, from a cursor on")
async def read_events(press: PressDep, since: Since = 0, limit: EventLimit = 200,
                      bill: OfBill = None, topic: Text = None,
                      jurisdiction: Text = None, wait: Wait = 0) -> Response[EventPage]:
    """Each event has a `seq`; they never change and none appears behind one that was read.

    With `wait`, an answer without events is held back until there is one, or until so many seconds are over.
    """
    subject = one_of(Topic, "topic", topic)
    where = place(jurisdiction)
    wanted = EventQuery(Filter((subject,) if subject else (), (where,) if where else (),
                               (read_bill_id(bill),) if bill else ()))
    until = monotonic() + wait
    if press.as_of is None and since > (last := await sync_to_thread(press.services.store.last_seq)):
        raise ClientException(f"since: this log ends at {last}. Yours came from another, or a backup was restored: "
                              "begin again from 0.", status_code=409)
    page = await sync_to_thread(_events, press.services.store, since, limit, wanted)
    while not page.events and press.as_of is None and await press.bell.news(page.last, until - monotonic()):
        page = await sync_to_thread(_events, press.services.store, page.next, limit, wanted)
    return Response(page, headers=REVALIDATE if not wait else {"cache-control": "no-store"})


def _events(store: SqlStore, since: int, limit: int, wanted: EventQuery) -> EventPage:
    last = store.last_seq()
    found = store.events(since, limit, wanted)
    # A filter that matches little must not make the reader walk the same stretch again.
    upto = found[-1].seq if len(found) == limit else max(last, since, found[-1].seq if found else 0)
    return EventPage(tuple(event_body(e) for e in found), upto, max(last, upto))


def event_body(event: Event) -> EventBody:
    return EventBody(event.seq, event.kind, event.bill_id, event.jurisdiction, event.occurred_on, event.recorded_at,
                     event.mode, event.topics, event.data)


@get("/topics", dependencies=KNOWN, sync_to_thread=True, summary="What is looked for, and how many bills have it now")
def read_topics(press: PressDep) -> Response[list[TopicBody]]:
    counts = press.topic_counts()
    return Response([TopicBody(t, TOPIC_NAMES[t], TOPIC_MEANINGS[t], {e.value: counts[t][e] for e in Effect})
                     for t in Topic], headers=REVALIDATE)


@get("/sources", dependencies=KNOWN, sync_to_thread=True,
     summary="Each source, its last runs, and since when we may be blind")
def read_sources(press: PressDep) -> Response[list[SourceBody]]:
    return Response([_source(h, cost_of(press.services, h.source)) for h in press.health()], headers=REVALIDATE)


def _source(health: SourceHealth, cost: Cost) -> SourceBody:
    return SourceBody(health.source, health.state, health.healthy, health.since, health.well_at, summary(health),
                      CostBody(cost.requests, cost.changes, cost.per_change), health.runs)


async def refuse_strays(request: Request[Any, Any, Any]) -> None:
    """A parameter that is mistyped or given twice would be dropped, and another question answered."""
    schema = request.app.openapi_schema
    item = (schema.paths or {}).get(request.scope["path_template"])
    parameters = item.get.parameters if item and item.get else None
    known = {p.name for p in parameters or () if isinstance(p, OpenAPIParameter) and p.param_in == "query"}
    given = [name for name, _ in request.query_params.multi_items()]
    for name in given:
        if name not in known and name != "lang":  # every address of the site takes it; the API stays English
            raise ValidationException(f"{name[:40]}: no parameter of this address; expected {', '.join(sorted(known))}"
                                      if known else f"{name[:40]}: this address takes no parameters")
        if given.count(name) > 1:
            raise ValidationException(f"{name}: expected once")


def router(*more: HTTPRouteHandler) -> Router:
    return Router("/api/v1", route_handlers=[list_bills, read_bill, read_version, read_redline, read_events,
                                             read_topics, read_sources, *more], tags=["v1"],
                  before_request=refuse_strays)
