"""A bill's id to all that is held of it: state, log, texts, and pages out of the archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spiders.recording import read_member
from tracker.evidence import Evidence, Exchange, PastState
from tracker.model import Event, Filter
from tracker.ports import EventQuery, Store

if TYPE_CHECKING:
    from tracker.app import Services

PAGE = 1000


def history(store: Store, bill: str) -> list[Event]:
    """Every event of a bill, oldest first."""
    query, events = EventQuery(Filter(bills=(bill,))), list[Event]()
    while page := store.events(events[-1].seq if events else 0, PAGE, query):
        events += page
        if len(page) < PAGE:
            break
    return events


def evidence_of(services: Services, bill: str) -> Evidence | None:
    """None: no such bill is held."""
    state = services.store.bill(bill)
    if state is None:
        return None
    archive = services.settings.archive

    def exchange(warc: str, offset: int) -> Exchange:
        found, body, member = read_member(archive, warc, offset)
        return Exchange(found.url, found.fetched_at, body, member)

    past = (PastState(x.recorded_at, x.replaced_at, x.state, x.texts)
            for x in services.store.replaced(bill, state.revision))
    return Evidence(bill, state, history(services.store, bill), services.catalogue.bill_pages(bill),
                    lambda code: services.store.text(bill, code), exchange, past,
                    services.catalogue.replaced_pages(bill))
