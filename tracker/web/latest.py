"""The newest events to what the first page shows: by day on which we recorded them, by bill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from digests import plain
from digests.speech import ENGLISH, Speech
from digests.wording.words import Line, describe
from tracker.model import Event, IngestMode, Topic

LINES_A_BILL = 6


@dataclass(frozen=True, slots=True)
class BillNews:
    """`more`: how many steps of that day are left to the bill's own page."""

    bill_id: str
    identifier: str
    title: str | None
    session: str
    jurisdiction: str
    topics: tuple[Topic, ...]
    lines: tuple[Line, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    bills: tuple[BillNews, ...]


def by_day(events: Sequence[Event], speech: Speech = ENGLISH) -> tuple[Day, ...]:
    """`events` newest first. Repairs are our own clean-up and no news."""
    days: dict[date, dict[str, list[Event]]] = {}
    for event in events:
        if event.mode is not IngestMode.REPAIR:
            days.setdefault(event.recorded_at.date(), {}).setdefault(event.bill_id, []).append(event)
    return tuple(Day(day, tuple(_news(group, speech) for group in bills.values())) for day, bills in days.items())


def _news(events: list[Event], speech: Speech) -> BillNews:
    """What the newest event does not say of its bill, the bill's address says: one odd entry must not cost the page."""
    newest = events[0]
    card = newest.data.get("bill") or {}
    session = plain.line(card.get("session")) or newest.bill_id.split("/")[1]
    return BillNews(newest.bill_id, plain.line(card.get("identifier")) or newest.bill_id,
                    plain.line(card.get("title")) or None, session, newest.jurisdiction, newest.topics,
                    tuple(describe(e, speech) for e in events[:LINES_A_BILL]), max(0, len(events) - LINES_A_BILL))
