"""The sources' runs to what people are told of them: states, outages, costs, and mail to the operator."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from digests.wording.outages import compose_notice
from spiders.discovery import facts
from tracker.errors import RecipientRefused
from tracker.model import Run, VerdictKind
from tracker.polling.pacing import allowance_of
from tracker.polling.quotas import PLATFORMS, awake
from tracker.polling.sources import (
    CLOCK_SLIP,
    COST_SPAN,
    SHOWN_RUNS,
    Cost,
    SourceHealth,
    cost,
    due_notice,
    follow,
    is_good,
    judge,
    told,
)

if TYPE_CHECKING:
    from tracker.app import Services

log = structlog.get_logger()

MOST_RUNS = 5000  # a month of a source that is asked every ten minutes


def name_of(source: str) -> str:
    """What the legislature's own file calls it."""
    return str(facts(source).get("title") or source.upper())


def survey(services: Services, only: str | None = None) -> list[SourceHealth]:
    """Every source we ever crawled or were told to crawl, by id; or `only` this one, if it is among them."""
    crawled = (run.source for run in services.store.runs(only, 1 if only else 200))
    known = {*awake(services.settings), *crawled} - {*PLATFORMS}  # a witness is no source
    now = services.clock()
    return [health_of(services, source, now) for source in sorted(known) if only in (None, source)]


def health_of(services: Services, source: str, now: datetime) -> SourceHealth:
    return judge(source, _back_to_good(services, source), now, allowance_of(services, source, now), name_of(source))


def _back_to_good(services: Services, source: str) -> list[Run]:
    """The newest runs and, if all of them failed, those before, back to the last good one. Those that a clock which ran
    ahead dated in the future are left out while there are others: they would stand before each later one, for ever."""
    store, now = services.store, services.clock() + CLOCK_SLIP
    newest = store.runs(source, SHOWN_RUNS, until=now) or store.runs(source, SHOWN_RUNS)
    if len(newest) < SHOWN_RUNS or any(map(is_good, newest)):
        return newest
    good = next(filter(is_good, store.runs(source, 100, until=now, verdict=VerdictKind.OK)), None)
    runs = store.runs(source, MOST_RUNS, since=good.started_at if good else None, until=now)
    return runs if good is None or good in runs else [*runs, good]


def cost_of(services: Services, source: str) -> Cost:
    now = services.clock()
    return cost(services.store.runs(source, MOST_RUNS, since=now - COST_SPAN), now)


# --- outages ----------------------------------------------------------------------------------------------------------


def watch(services: Services) -> None:
    """Note which outages of the sources we are told to crawl began or ended, and tell the operator.

    Killed anywhere, the next turn goes on: a row that is there is not written twice, and a mail that may have gone out
    goes out once more with the same Message-ID.
    """
    with services.only_one("watch", "another process is watching the sources right now"):
        note_outages(services)
        if services.settings.operator and services.settings.mail != "off":
            tell_operator(services)


def note_outages(services: Services) -> None:
    now = services.clock()
    known = {o.source: o for o in services.outages.recent() if o.ended_at is None}
    for source in awake(services.settings):
        changed = follow(known.get(source), health_of(services, source, now), now)
        if changed is not None:
            services.outages.save(changed)
            log.warning("outage", source=source, state=str(changed.state), ended=changed.ended_at is not None)


def tell_operator(services: Services) -> None:
    """Raises DeliveryError if the mail server is away: all that is due stays due."""
    now, address = services.clock(), services.settings.operator
    for outage in reversed(services.outages.recent()):
        notice = due_notice(outage, now)
        if notice is None or (outage.source not in awake(services.settings) and outage.ended_at is None):
            continue
        services.outages.save(outage)  # a database that cannot write this could not note the sending either
        try:
            services.mailer.send(compose_notice(outage, notice, address, services.site), address)
        except RecipientRefused as problem:  # for good: asked again with the next notice, not every minute
            log.error("the operator's address was refused", reason=str(problem))
        services.outages.save(told(outage, notice, now))
