"""Two moments to what changed between them: each bill with its state before and after, and its events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.history.asof import Span
from tracker.model import Event, Filter
from tracker.ports import EventQuery
from tracker.store.catalogue import BillRow
from tracker.store.past import PastStore

if TYPE_CHECKING:
    from tracker.app import Services


@dataclass(frozen=True, slots=True)
class ChangedBill:
    """`before`: None if it was not known then, or its state of then was not kept."""

    id: str
    before: BillRow | None
    after: BillRow | None
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """Bills in the order of their first event. `next`: the `after` of what follows; None: all is told."""

    bills: tuple[ChangedBill, ...]
    next: int | None


def changed(services: Services, span: Span, wanted: Filter, limit: int = 500, after: int = 0,
            flagged: bool = False) -> Changed:
    """At most `limit` events of those that the log took up in the span, after the event `after`. `flagged`: only of
    bills that had a topic when it happened."""
    then, until = services.as_known(span.before.at), services.as_known(span.until.at)
    start = max(after, PastStore(services.store, span.before.at).last_seq())
    events = until.store.events(start, limit, EventQuery(wanted, flagged=flagged))
    by_bill: dict[str, list[Event]] = {}
    for event in events:
        by_bill.setdefault(event.bill_id, []).append(event)
    before, now = then.catalogue.rows(list(by_bill)), until.catalogue.rows(list(by_bill))
    return Changed(tuple(ChangedBill(bill, before.get(bill), now.get(bill), tuple(found))
                         for bill, found in by_bill.items()), events[-1].seq if len(events) == limit else None)
