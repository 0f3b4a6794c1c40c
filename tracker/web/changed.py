"""Two dates to what changed between them, of a bill, a topic or a legislature: a page, and JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from urllib.parse import urlencode

from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.exceptions import ValidationException
from litestar.params import QueryParameter, SkipValidation

from digests.wording.words import Line, describe
from tracker.history.asof import Span, read_span
from tracker.history.between import Changed, ChangedBill, changed
from tracker.ids import read_bill_id
from tracker.model import Filter, IngestMode, Topic
from tracker.store.catalogue import BillRow
from tracker.web.api import BillSummary, EventBody, event_body, summary_of
from tracker.web.asking import Text, place
from tracker.web.press import NoSpan, Press, PressDep

EVENTS_A_PAGE = 300
LINES_A_BILL = 8
KINDS = ("flagged", "all")
After = Annotated[int, QueryParameter(ge=0, le=2**62, description="`next` of the answer before")]
First = Annotated[str | None, QueryParameter(name="from", description="A date or moment; a date is included")]
Last = Annotated[str | None, QueryParameter(name="to", description="A date or moment; a date is included. None: now")]


@dataclass(frozen=True, slots=True)
class Between:
    """What is asked for, as the form shows it again."""

    span: Span
    wanted: Filter
    topic: Topic | None
    jurisdiction: str | None
    bill: str | None

    def url(self, after: int = 0, every: bool = False) -> str:
        given = {"from": self.span.before.written, "to": self.span.until.written, "topic": self.topic,
                 "jurisdiction": self.jurisdiction, "bill": self.bill, "bills": "all" if every else None,
                 "after": after}
        return "/changes?" + urlencode({k: v for k, v in given.items() if v})


def between(press: PressDep, first: First = None, last: Last = None, topic: Text = None, jurisdiction: Text = None,
            bill: Text = None) -> Between:
    """Empty is absent, as forms send it. Raises 400."""
    if topic and topic not in {*Topic}:
        raise ValidationException(f"topic: expected one of {', '.join(Topic)}")
    jurisdiction = place(jurisdiction)
    try:
        span = read_span(first or None, last or None, press.services.clock())
    except ValueError as problem:
        raise NoSpan(f"from, to: {problem}") from None
    bill = read_bill_id(bill) if bill else None
    wanted = Filter((Topic(topic),) if topic else (), (jurisdiction,) if jurisdiction else (), (bill,) if bill else ())
    return Between(span, wanted, Topic(topic) if topic else None, jurisdiction, bill)


BetweenDep = NamedDependency[SkipValidation[Between]]
ASKED = {"between": Provide(between, sync_to_thread=False)}


@dataclass(frozen=True, slots=True)
class BillChange:
    """`lines` with the legislature's date; `new`: it came in this span. `more`: lines that are left to the bill's
    own page."""

    id: str
    row: BillRow | None
    before: BillRow | None
    lines: tuple[tuple[date | None, Line], ...]
    more: int
    new: bool


@get("/changes", dependencies=ASKED, sync_to_thread=True, include_in_schema=False)
def changes(press: PressDep, between: BetweenDep, bills: Text = None, after: After = 0) -> Response[str]:
    """Flagged bills, or whatever bill is asked for: most of what legislatures do is about something else."""
    if bills not in (*KINDS, "", None):
        raise ValidationException(f"bills: expected one of {', '.join(KINDS)}")
    every = bills == "all" or between.bill is not None
    found = changed(press.services, between.span, between.wanted, EVENTS_A_PAGE, after, flagged=not every)
    return press.page("changes.html", headers={"x-robots-tag": "noindex"}, asked=between,
                      bills=[_view(press, bill) for bill in found.bills], jurisdictions=press.jurisdictions(),
                      next_url=between.url(found.next, every) if found.next else None, every=every,
                      every_url=between.url(every=True), troubled=press.troubled(
                          between.jurisdiction))


def _view(press: Press, bill: ChangedBill) -> BillChange:
    told = [e for e in bill.events if e.mode is not IngestMode.REPAIR] or list(bill.events)
    lines = tuple((e.occurred_on, describe(e, press.speech)) for e in told[-LINES_A_BILL:])
    new = any(e.kind == "bill-introduced" for e in bill.events)
    return BillChange(bill.id, bill.after, bill.before, lines, len(told) - len(lines), new)


@dataclass(frozen=True, slots=True)
class BillThen:
    """A bill's state at one moment, as lists show it."""

    title: str | None
    stage: str
    topics: tuple[Topic, ...]
    latest_action: str | None
    latest_action_on: date | None


@dataclass(frozen=True, slots=True)
class ChangedBillBody:
    """`before`: null if it was not known then, or its state of then was not kept; `bill`: at the end of the span."""

    bill: BillSummary | None
    before: BillThen | None
    events: tuple[EventBody, ...]


@dataclass(frozen=True, slots=True)
class ChangesBody:
    """Recorded after `since`, by `until`. Ask again with `after` = `next`, until that is null."""

    since: datetime
    until: datetime
    bills: tuple[ChangedBillBody, ...]
    next: int | None


@get("/changes", dependencies=ASKED, sync_to_thread=True, summary="What changed between two dates")
def read_changes(press: PressDep, between: BetweenDep, after: After = 0) -> Response[ChangesBody]:
    found = changed(press.services, between.span, between.wanted, EVENTS_A_PAGE, after)
    return Response(changes_body(press.services.settings.base_url, between.span, found),
                    headers={"cache-control": "no-cache"})


def changes_body(base: str, span: Span, found: Changed) -> ChangesBody:
    return ChangesBody(span.before.at, span.until.at, tuple(
        ChangedBillBody(summary_of(bill.after, base) if bill.after else None, _then(bill.before),
                        tuple(event_body(e) for e in bill.events)) for bill in found.bills), found.next)


def _then(row: BillRow | None) -> BillThen | None:
    return BillThen(row.title, row.stage, row.topics, row.latest_action, row.latest_action_on) if row else None


HANDLERS = (changes,)
