"""Fictional events and readers, as tests need them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from digests.readers.sealing import Keys
from digests.site import Site
from tracker.model import Cadence, Delivery, Event, EventKind, Filter, IngestMode, Subscription, Topic

NOW = datetime(2031, 3, 6, 12, tzinfo=UTC)
SITE = Site("https://watch.example.org", "billwatch", "ops@example.org", "example.org")
KEYS = Keys("k1", {"k1": bytes(range(32))}, bytes(32), b"t" * 32)
WORK = (Topic.WORKER_RIGHTS,)
CARD = {"identifier": "HB 7", "title": "An Act concerning lanterns", "session": "31", "url": "https://law.example/hb7"}

_SAID = {"topic": "criminalization", "subtopic": None, "effect": "advances"}
_FOUND = {**_SAID, "version": "ih", "note": "Introduced in House", "provision": "Sec. 4", "start": 0, "end": 9,
          "quote": "Whoever lights a lantern", "mark": None, "rule": "r3", "ruleset": "v1", "score": 0.6,
          "reason": "The section only defines lanterns.", "role": "editor"}

DATA: dict[EventKind, dict[str, Any]] = {
    EventKind.BILL_INTRODUCED: {"title": "An Act concerning lanterns", "sponsors": ["A. Lamp", "B. Wick"],
                                "introduced_on": "2031-03-05"},
    EventKind.TITLE_CHANGED: {"before": "Old name", "after": "New name"},
    EventKind.ACTION_RECORDED: {"description": "Referred to the Committee on Light", "date": "2031-03-05",
                                "time": None, "chamber": "lower", "classification": ["referral-committee"],
                                "sources": ["House"], "also": ["Sent to Light"], "stage": "in-committee"},
    EventKind.VERSION_PUBLISHED: {"version": "ih", "note": "Introduced in House", "date": "2031-03-05",
                                  "url": "https://law.example/hb7.xml", "media_type": "text/xml"},
    EventKind.TEXT_ARRIVED: {"version": "ih", "note": "Introduced in House", "url": "https://law.example/hb7.xml",
                             "sha256": "0" * 64},
    EventKind.FLAG_RAISED: {"version": "ih", "note": "Introduced in House", "topic": "decriminalization",
                            "subtopic": None, "effect": "advances", "provision": "Sec. 2(a)", "start": 0, "end": 9,
                            "quote": "Section 5 of the Lantern Act is repealed.", "mark": "struck", "rule": "r1",
                            "ruleset": "v1", "score": 0.9},
    EventKind.FLAG_WITHDRAWN: {"version": "eh", "note": "Engrossed in House", "topic": "criminalization",
                               "subtopic": None, "effect": "reverses", "provision": "Sec. 3", "start": 0, "end": 9,
                               "quote": "Whoever sells a lantern", "mark": None, "rule": "r2", "ruleset": "v1",
                               "score": 0.9},
    EventKind.FLAG_CONFIRMED: {**_FOUND, "verdict": "confirm", "before": _SAID, "after": _SAID},
    EventKind.FLAG_REJECTED: {**_FOUND, "verdict": "reject", "before": _SAID, "after": None},
    EventKind.FLAG_CORRECTED: {**_FOUND, "verdict": "correct", "before": _SAID,
                               "after": {"topic": "decriminalization", "subtopic": None, "effect": "advances"}},
    EventKind.REVIEW_WITHDRAWN: {**_FOUND, "verdict": "withdraw", "before": None, "after": _SAID},
    EventKind.SPONSOR_ADDED: {"name": "C. Glow", "primary": False, "person_id": "g1", "party": "I", "area": "XX-2",
                              "date": "2031-03-05"},
    EventKind.SPONSOR_REMOVED: {"name": "C. Glow", "primary": False, "person_id": "g1", "party": None, "area": None,
                                "date": None},
    EventKind.HEARING_SCHEDULED: {"key": "h1", "date": "2031-03-20", "time": "2 pm or upon adjournment",
                                  "zone": "America/Chicago", "place": "Room 4", "committee": "Light",
                                  "description": "Public hearing", "status": "scheduled", "url": None},
    EventKind.HEARING_CHANGED: {"key": "h1", "date": "2031-03-21", "time": None, "zone": None, "place": "Room 5",
                                "committee": None, "description": "Public hearing", "status": "scheduled", "url": None,
                                "before": {"date": "2031-03-20", "time": "2 pm", "zone": "America/Chicago",
                                           "place": "Room 4"}},
    EventKind.HEARING_CANCELLED: {"key": "h1", "date": "2031-03-21", "time": None, "zone": None, "place": None,
                                  "committee": None, "description": "Public hearing", "status": "cancelled",
                                  "url": None},
    EventKind.CORRECTION: {"of": "action", "before": {"description": "Passed", "date": "2031-03-04"},
                           "after": {"description": "Passed as amended", "date": "2031-03-04"}},
}


def happening(seq: int = 1, kind: EventKind = EventKind.ACTION_RECORDED, *, bill: str = "xx/31/hb-7",
              topics: tuple[Topic, ...] = WORK, mode: IngestMode = IngestMode.LIVE, jurisdiction: str = "xx",
              occurred_on: date | None = date(2031, 3, 5), recorded_at: datetime = NOW - timedelta(hours=1),
              card: dict[str, Any] | None = None, **data: Any) -> Event:
    return Event(seq, f"key{seq}", kind, bill, jurisdiction, occurred_on, recorded_at, mode, topics,
                 {"bill": CARD if card is None else card, **DATA[kind], **data})


def one_of_each(**same: Any) -> list[Event]:
    return [happening(seq, kind, **same) for seq, kind in enumerate(EventKind, 1)]


def reader(name: str = "s1", *, cadence: Cadence = Cadence.INSTANT, wanted: Filter | None = None, cursor: int = 0,
           next_due_at: datetime | None = None, address: str | None = None, keys: Keys = KEYS) -> Subscription:
    address = address or f"{name}@example.org"
    return Subscription(name, keys.seal(address, name), keys.blind_index(address), wanted or Filter(), cadence, "UTC",
                        8, 0, cursor, NOW - timedelta(days=9), NOW - timedelta(days=8), None, keys.stored_token(name),
                        next_due_at)


def letter(name: str = "d1", subscription: str = "s1", to: int = 99) -> Delivery:
    return Delivery(name, subscription, 0, to, NOW)
