"""Open alerts to the outbox: whom each is for, by the filters that digests go by; and who is owed a correction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Protocol

from digests.following.filters import matches
from tracker.alerts.records import Alert, AlertDelivery, AlertState, Notice, Standing, standing
from tracker.events import Desk
from tracker.model import BillState, Event, EventKind, IngestMode, Subscription

TOGETHER = 500  # rows a transaction


class Outbox(Protocol):
    """The part of the outbox of alerts that is filled here."""

    def confirmed(self) -> Iterator[Subscription]: ...

    def unqueued(self, now: datetime) -> list[Alert]: ...

    def told_open(self, now: datetime) -> list[Alert]: ...

    def addressed(self, alert_id: str) -> set[bytes]: ...

    def addressed_of(self, addresses: Collection[bytes]) -> dict[str, set[bytes]]: ...

    def newcomers(self, after: str) -> tuple[list[Subscription], dict[str, str]]: ...

    def forget_newcomers(self, marks: Mapping[str, str]) -> None: ...

    def put(self, deliveries: Sequence[AlertDelivery]) -> int: ...

    def note_queued(self, alert: Alert, now: datetime) -> None: ...

    def told(self) -> list[tuple[str, str]]: ...

    def drop_late(self, now: datetime) -> int: ...

    def note_ended(self, now: datetime) -> int: ...


@dataclass(frozen=True, slots=True)
class Queued:
    alerts: int = 0
    notices: int = 0  # corrections and withdrawals
    dropped: int = 0


def queue_alerts(outbox: Outbox, get: Callable[[str], Alert | None], bill: Callable[[str], BillState | None],
                 now: datetime) -> Queued:
    """Repeated after a crash it adds what is missing, and nothing twice."""
    outbox.note_ended(now)
    dropped = outbox.drop_late(now)
    notices = _queue_notices(outbox, get, now)
    queued = 0
    for alert in outbox.unqueued(now):
        if standing(alert, now) is Standing.OPEN:
            queued += _queue(outbox, alert, bill, now)
            outbox.note_queued(alert, now)
    queued += _queue_late(outbox, bill, now)
    return Queued(queued, notices, dropped)


def _queue(outbox: Outbox, alert: Alert, bill: Callable[[str], BillState | None], now: datetime) -> int:
    rows, count = wanting(outbox.confirmed(), outbox.addressed(alert.id), alert, questions_of(alert, bill, now), now), 0
    while some := list(islice(rows, TOGETHER)):
        count += outbox.put(some)
    return count


def _queue_late(outbox: Outbox, bill: Callable[[str], BillState | None], now: datetime) -> int:
    """What everybody else was told, to those who asked for it since: as it is now, if there is time. Their marks go
    when their rows are in; killed in between, they are looked at again, and have it."""
    after, count, alerts = "", 0, None
    while (found := outbox.newcomers(after))[1]:
        readers, marks = found
        if alerts is None:  # after the marks: one that was queued later went to these readers with all others
            alerts = [(alert, questions_of(alert, bill, now)) for alert in outbox.told_open(now)
                      if standing(alert, now) is Standing.OPEN]
        told = outbox.addressed_of({row.address_index for row in readers}) if alerts else {}
        for alert, asked in alerts:
            count += put_all(outbox, list(wanting(readers, told.get(alert.id, set()), alert, asked, now)))
        outbox.forget_newcomers(marks)
        after = max(marks)
    return count


def wanting(rows: Iterable[Subscription], told: set[bytes], alert: Alert, asked: Sequence[Event],
            now: datetime) -> Iterator[AlertDelivery]:
    """One message an address, however many of its subscriptions want it. `told`: addresses that have it."""
    for row in rows:
        if row.alerts and row.address_index not in told and is_for(row, asked):
            told.add(row.address_index)
            yield delivery_of(alert, row.id, Notice.ALERT, now)


def _queue_notices(outbox: Outbox, get: Callable[[str], Alert | None], now: datetime) -> int:
    """To exactly those whose outbox says that they have it. A correction of what is over is nobody's help any more;
    one of what is under embargo anew waits."""
    return put_all(outbox, owed_notices(outbox, get, now))


def owed_notices(outbox: Outbox, get: Callable[[str], Alert | None], now: datetime) -> list[AlertDelivery]:
    due, alerts = [], dict[str, Alert | None]()
    for alert_id, subscription_id in outbox.told():
        alert = alerts[alert_id] = alerts[alert_id] if alert_id in alerts else get(alert_id)
        if alert is None or not alert.public:
            continue
        if alert.state is AlertState.WITHDRAWN:
            due.append(delivery_of(alert, subscription_id, Notice.WITHDRAWAL, now))
        elif standing(alert, now) is Standing.OPEN:
            due.append(delivery_of(alert, subscription_id, Notice.CORRECTION, now))
    return due


def put_all(outbox: Outbox, rows: Sequence[AlertDelivery]) -> int:
    return sum(outbox.put(rows[n:n + TOGETHER]) for n in range(0, len(rows), TOGETHER))


def delivery_of(alert: Alert, subscription_id: str, notice: Notice, now: datetime) -> AlertDelivery:
    revision = alert.public or 0
    name = hashlib.sha256(f"{subscription_id}|{alert.id}|{notice}|{revision}".encode()).hexdigest()[:32]
    return AlertDelivery(name, subscription_id, 0, 0, now, alert_id=alert.id, notice=notice, revision=revision)


def questions_of(alert: Alert, bill: Callable[[str], BillState | None], now: datetime) -> list[Event]:
    bills = (alert.shown or alert.newest).text.bills
    return questions(alert, {name: state for name in bills if (state := bill(name))}, now)


def is_for(row: Subscription, asked: Sequence[Event]) -> bool:
    return any(matches(row.filter, event) for event in asked)


def questions(alert: Alert, bills: Mapping[str, BillState], now: datetime) -> list[Event]:
    """What filters are asked: one event that never was for each bill, or one of the place if it is about no bill.

    Its topics are those that the editors chose; stage, people and titles are the bill's of today.
    """
    revision = alert.shown or alert.newest
    text = revision.text
    english = text.words["en"]
    told: dict[str, object] = {"title": english.headline, "description": f"{english.happens} {english.why}"}
    found = []
    for bill_id in text.bills:
        state = bills.get(bill_id)
        card = Desk(bill_id, state.bill, state.revision, text.topics, IngestMode.LIVE).event(
            EventKind.CORRECTION, "", None).data if state else {}
        found.append(_event(alert, bill_id, {**card, **told}, now))
    return found or [_event(alert, "", told, now)]


def _event(alert: Alert, bill_id: str, data: dict[str, object], now: datetime) -> Event:
    text = (alert.shown or alert.newest).text
    return Event(0, "", EventKind.CORRECTION, bill_id, text.jurisdiction, now.date(), now, IngestMode.LIVE, text.topics,
                 dict(data))
