"""Requests of programs for parts of bills to JSON: versions, provisions with their words, flags and hearings of all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from litestar import Response, get
from litestar.exceptions import NotFoundException, ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from tracker.history.comparing import usual_code
from tracker.ids import read_bill_id
from tracker.model import Effect, Event, EventKind, Flag, HearingStatus, Topic
from tracker.store.columns import plain
from tracker.store.findings import FlagQuery, FoundFlag
from tracker.web.api import REVALIDATE, Limit, OfBill, VersionSummary, versions_of
from tracker.web.asking import IdentityDep, Part, Text, one_of, place
from tracker.web.press import KNOWN, PressDep

USUAL_DAYS = 90
DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
Cursor = Annotated[str | None, QueryParameter(
    max_length=300, description="Of the next page: `next` of the last answer")]
Place = Annotated[str | None, QueryParameter(description="A legislature, e.g. us or us-wa")]


@dataclass(frozen=True, slots=True)
class VersionList:
    bill: str
    versions: tuple[VersionSummary, ...]


@get("/bills/{jurisdiction:str}/{session:str}/{number:str}/versions", dependencies=KNOWN, sync_to_thread=True,
     summary="The texts of a bill, earliest first, with their flags")
def list_versions(press: PressDep, identity: IdentityDep) -> Response[VersionList]:
    return Response(VersionList(identity, versions_of(press.bill(identity))), headers=REVALIDATE)


@dataclass(frozen=True, slots=True)
class ProvisionBody:
    """`text` is `start` to `end` of the version's text, with what lies below it. `parent`: its place in this list."""

    path: str
    num: str
    heading: str | None
    level: str
    start: int
    end: int
    parent: int | None
    text: str
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class ProvisionList:
    """`sha256` is of the page that the text was read from."""

    bill: str
    version: str
    sha256: str | None
    provisions: tuple[ProvisionBody, ...]


@get("/bills/{jurisdiction:str}/{session:str}/{number:str}/versions/{code:str}/provisions", dependencies=KNOWN,
     sync_to_thread=True, summary="A text section by section, each with its words and flags")
def list_provisions(press: PressDep, identity: IdentityDep, code: Part) -> Response[ProvisionList]:
    state = press.bill(identity)
    code = usual_code(state, code)
    version = next((v for v in versions_of(state) if v.code == code), None)
    if version is None:
        raise NotFoundException("No such version of this bill.")
    marked = press.services.store.text(identity, code)
    made = tuple(ProvisionBody(p.path, p.num, p.heading, p.level, p.start, p.end, p.parent, marked.text[p.start:p.end],
                               tuple(f for f in version.flags if f.provision == p.path))
                 for p in marked.provisions) if marked else ()
    return Response(ProvisionList(identity, code, version.sha256, made), headers=REVALIDATE)


@dataclass(frozen=True, slots=True)
class FlagBody:
    bill: str
    version: str
    url: str
    flag: Flag


@dataclass(frozen=True, slots=True)
class FlagPage:
    """`next`: the `cursor` of the following page, none on the last."""

    flags: tuple[FlagBody, ...]
    next: str | None


@get("/flags", dependencies=KNOWN, sync_to_thread=True, summary="Findings with their proof, of all bills and versions")
def list_flags(
    press: PressDep, topic: Text = None, effect: Text = None,
    jurisdiction: Place = None, bill: OfBill = None,
    limit: Limit = 100, cursor: Cursor = None,
) -> Response[FlagPage]:  # fmt: skip
    """By bill, version and place in the text: an order that does not move while you read."""
    found = press.services.findings.flags(FlagQuery(
        place(jurisdiction), read_bill_id(bill) if bill else None, one_of(Topic, "topic", topic),
        one_of(Effect, "effect", effect), limit, _after(cursor) if cursor else None))
    base = press.services.settings.base_url
    shown = found[:limit]
    flags = tuple(FlagBody(f.bill_id, f.version, f"{base}/{f.bill_id}/text/{f.version}", f.flag) for f in shown)
    return Response(FlagPage(flags, _cursor(shown[-1]) if len(found) > limit else None), headers=REVALIDATE)


def _cursor(last: FoundFlag) -> str:
    return f"{last.position}~{last.version}~{last.bill_id}"


def _after(cursor: str) -> tuple[str, str, int]:
    position, _, rest = cursor.partition("~")
    version, _, bill = rest.partition("~")
    if not (position.isascii() and position.isdigit() and len(position) < 10 and version and bill):
        raise ValidationException("cursor: expected `next` of an answer of this list")
    return plain(bill), plain(version), int(position)


@dataclass(frozen=True, slots=True)
class HearingBody:
    """`time` as it was written, in `zone` of the venue. `seq`: the event that said so last."""

    bill: str
    key: str
    date: date
    time: str | None
    zone: str | None
    place: str | None
    committee: str | None
    description: str
    status: HearingStatus
    source: str | None
    topics: tuple[Topic, ...]
    seq: int
    recorded_at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class HearingList:
    begin: date
    end: date
    hearings: tuple[HearingBody, ...]
    next: str | None


@get("/hearings", dependencies=KNOWN, sync_to_thread=True, summary="Hearings of a span of days, by day")
def list_hearings(
    press: PressDep,
    first: Annotated[str | None, QueryParameter(name="from", description=(
        "First day; none: today (UTC), or 90 days before a `to` that is past"))] = None,
    last: Annotated[str | None, QueryParameter(name="to", description="Last day; none: 90 days on")] = None,
    jurisdiction: Place = None, bill: OfBill = None,
    topic: Text = None, limit: Limit = 100, cursor: Cursor = None,
) -> Response[HearingList]:  # fmt: skip
    """Moved and cancelled ones are told as they stand now: see `status`. A span that is asked back to front is
    turned round, as `begin` and `end` tell."""
    begin, until = _day("from", first), _day("to", last)
    if begin is None:
        begin = press.services.clock().date()
        if until is not None and until < begin:  # only an end, and it is past: the span before it
            begin = until - timedelta(days=min(USUAL_DAYS, (until - date.min).days))
    end = until or begin + timedelta(days=min(USUAL_DAYS, (date.max - begin).days))
    begin, end = min(begin, end), max(begin, end)
    found = press.services.findings.hearings(begin, end, place(jurisdiction), read_bill_id(bill) if bill else None)
    start = _number(cursor) if cursor else 0
    subject = one_of(Topic, "topic", topic)
    wanted = [e for e in found if subject is None or subject in e.topics]
    base = press.services.settings.base_url
    following = str(start + limit) if start + limit < len(wanted) else None
    return Response(HearingList(begin, end, tuple(_hearing(e, base) for e in wanted[start:start + limit]), following),
                    headers=REVALIDATE)


def _day(name: str, value: str | None) -> date | None:
    if value is None:
        return None
    try:
        if DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValidationException(f"{name}: expected a day like 2031-05-20")


def _number(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise ValidationException("cursor: expected `next` of an answer of this list")
    return int(cursor)


def _hearing(event: Event, base: str) -> HearingBody:
    said = event.data
    assert event.occurred_on is not None  # noqa: S101 - Findings.hearings asks by day
    return HearingBody(
        event.bill_id, str(said.get("key")), event.occurred_on, said.get("time"), said.get("zone"), said.get("place"),
        said.get("committee"), str(said.get("description") or ""), _status(event),
        said.get("url"), event.topics, event.seq, event.recorded_at, f"{base}/{event.bill_id}")


def _status(event: Event) -> HearingStatus:
    """What the log does not say in words of today, its kind says."""
    try:
        return HearingStatus(str(event.data.get("status")))
    except ValueError:
        return HearingStatus.CANCELLED if event.kind is EventKind.HEARING_CANCELLED else HearingStatus.SCHEDULED


HANDLERS: tuple[HTTPRouteHandler, ...] = (list_versions, list_provisions, list_flags, list_hearings)
