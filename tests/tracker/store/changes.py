"""A bill about lamps, and the changes, texts and events that tests of the store make of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from tracker.model import (
    Action,
    Bill,
    Change,
    Effect,
    EventKind,
    Filter,
    Flag,
    IngestMode,
    Link,
    Mark,
    MarkedText,
    MarkKind,
    NewEvent,
    Page,
    Provision,
    ReadText,
    TextStatus,
    Topic,
    Version,
)
from tracker.ports import EventQuery
from tracker.store.store import SqlStore

NOW = datetime(2031, 3, 4, 5, 6, 7, 890123, tzinfo=UTC)
LAMPS = "xx/31/hb-1"
CRIME, RIGHTS = Topic.CRIMINALIZATION, Topic.WORKER_RIGHTS
INTRODUCED = Version("a", "As introduced", date(2031, 3, 1), (Link("https://example.org/hb-1/a", "text/plain"),))
PASSED = Version("b", "As passed", None, (Link("https://example.org/hb-1/b", "text/plain"),))
BILL = Bill("xx", "31", "HB 1", title="Lamps", introduced_on=date(2031, 3, 1),
            actions=(Action("Read first time", date(2031, 3, 1)),), versions=(INTRODUCED,),
            sources=("https://example.org/hb-1",))


def page(url: str, **more: Any) -> Page:
    return Page(url, **{"sha256": "00" * 32, "fetched_at": NOW, **more})


def flag(quote: str = "Section", topic: Topic = CRIME, effect: Effect = Effect.ADVANCES) -> Flag:
    return Flag(topic, effect, "Section 1", 0, len(quote), quote, "rule", "1", 0.5, "sub", MarkKind.INSERTED)


def text(version: str = "a", words: str = "Section 1. Lamps.", flags: Sequence[Flag] = (), **more: Any) -> ReadText:
    url = f"https://example.org/hb-1/{version}"
    marked = MarkedText(words, (Mark(MarkKind.STRUCK, 1, 2),), (Provision("Section 1", "1", None, "section", 0, 9),))
    return ReadText(version, **{"status": TextStatus.AVAILABLE, "url": url, "media_type": "text/plain",
                                "sha256": "11" * 32, "text": marked, "flags": tuple(flags), "page": page(url), **more})


def event(key: str, bill_id: str = LAMPS, topics: Sequence[Topic] = (), mode: IngestMode = IngestMode.LIVE,
          kind: EventKind = EventKind.ACTION_RECORDED, **data: Any) -> NewEvent:
    return NewEvent(key, kind, bill_id, bill_id.partition("/")[0], date(2031, 3, 1), mode,
                    tuple(topics), data)


def change(bill: Bill = BILL, base: int = 0, bill_id: str = LAMPS, **more: Any) -> Change:
    return Change(bill_id, bill, **{"content_hash": "h1", "base_revision": base, "stage": "introduced", "topics": (),
                                    **more})


def apply(store: SqlStore, *changes: Change, at: datetime = NOW) -> None:
    with store.write() as writer:
        for each in changes:
            writer.apply(each, at)


def keys(store: SqlStore, **query: Any) -> list[str]:
    alike = {name: query.pop(name) for name in ("flagged", "alerting", "hearings") if name in query}
    question = EventQuery(Filter(**query), **alike)
    up = [e.key for e in store.events(query=question)]
    assert [e.key for e in store.latest_events(None, 1000, question)] == up[::-1]
    return up
