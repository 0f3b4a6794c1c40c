"""Small fictional bills in a store, and what a typed query finds of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from tracker.ids import bill_id
from tracker.model import (
    Bill,
    Change,
    Effect,
    EventKind,
    Flag,
    IngestMode,
    MarkedText,
    NewEvent,
    ReadText,
    TextStatus,
    Topic,
    Version,
)
from tracker.query import parse
from tracker.store.search import Search, SearchPage, SearchQuery
from tracker.store.store import SqlStore
from tracker.text.provisions import segment

NOW = datetime(2031, 3, 4, 5, 6, 7, tzinfo=UTC)
CRIME, RIGHTS = Topic.CRIMINALIZATION, Topic.WORKER_RIGHTS
LAMPS = "us-xx/31/hb-1"


def flag(topic: Topic, effect: Effect, quote: str = "Section") -> Flag:
    return Flag(topic, effect, "Section 1", 0, len(quote), quote, "rule", "1", 0.5)


def read(code: str, words: str, flags: Sequence[Flag] = ()) -> ReadText:
    return ReadText(code, TextStatus.AVAILABLE, f"https://law.example/{code}", "text/plain", "11" * 32,
                    MarkedText(words, (), segment(words)), tuple(flags))


def save(store: SqlStore, bill: Bill, *texts: ReadText, base: int = 0, stage: str = "introduced") -> str:
    identity = bill_id(bill.jurisdiction, bill.session, bill.identifier)
    news = NewEvent(f"{identity}|{base}", EventKind.ACTION_RECORDED, identity, bill.jurisdiction, None,
                     IngestMode.LIVE, (), {})
    bill = replace(bill, versions=bill.versions or tuple(Version(t.version, t.version) for t in texts))
    with store.write() as writer:
        writer.apply(Change(identity, bill, f"h{base}", base, stage, tuple({f.topic for t in texts for f in t.flags}),
                            texts, (news,)), NOW)
    return identity


def find(store: SqlStore, typed: str, **more: object) -> SearchPage:
    return Search(store.engine).find(SearchQuery(parse(typed), **{"limit": 50, **more}))  # type: ignore[arg-type]


def ids(page: SearchPage) -> list[str]:
    return [hit.row.id for hit in page.hits]


def bill(number: int = 1, title: str | None = "Street lamps", **more: object) -> Bill:
    return Bill("us-xx", "31", f"HB {number}", title=title, **more)  # type: ignore[arg-type]
