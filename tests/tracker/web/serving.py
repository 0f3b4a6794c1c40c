"""The sample with a redline and hearings, and a real server for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.tracker.web.revised import add_revised
from tests.tracker.web.sample import NOW, PLAIN, Postbox, fill, sample
from tracker.app import Services
from tracker.events import Desk, hearing_data
from tracker.model import Change, EventKind, Hearing, HearingStatus, IngestMode, Topic
from tracker.settings import Settings
from tracker.store.store import SqlStore
from tracker.web import serve


def rich_services(home: Path, **settings: Any) -> Services:
    chosen = {"base_url": "http://testserver.local", "sources": ("xx",), "contact": "https://contact.example/",
              "mail": "folder", "api_per_minute": 1_000_000, **settings}
    made = Services(Settings(home=home, **chosen), lambda: NOW)
    made.__dict__["mailer"] = Postbox()
    if made.store.last_seq() == 0:
        fill(made.store)
        add_revised(made.store)
        add_hearings(made.store)
    return made


def add_hearings(store: SqlStore) -> None:
    """One that is moved, one that is cancelled, one in the past."""
    first = (Hearing("h1", date(2031, 5, 20), "Markup", "2 pm", "Europe/Vienna", "Room 1", "Streets"),
             Hearing("h2", date(2031, 5, 21), "Hearing", "10 am", "Europe/Vienna"),
             Hearing("h0", date(2031, 4, 20), "Hearing"))
    say(store, 1, first, EventKind.HEARING_SCHEDULED, NOW - timedelta(hours=5))
    say(store, 2, (Hearing("h1", date(2031, 6, 2), "Markup", "3 pm", "Europe/Vienna", "Room 2", "Streets"),),
        EventKind.HEARING_CHANGED, NOW - timedelta(hours=4))
    say(store, 3, (Hearing("h2", date(2031, 5, 21), "Hearing", status=HearingStatus.CANCELLED),),
        EventKind.HEARING_CANCELLED, NOW - timedelta(hours=3))


def say(store: SqlStore, turn: int, hearings: tuple[Hearing, ...], kind: EventKind, at: datetime) -> None:
    bill = sample(12, "Fair Streets Act")
    topics = (Topic.DECRIMINALIZATION, Topic.PLATFORM_LIABILITY)
    state = store.bill(PLAIN)
    assert state is not None
    desk = Desk(PLAIN, bill, 1 + turn, topics, IngestMode.LIVE)
    events = tuple(desk.event(kind, h.key, h.date, **hearing_data(h)) for h in hearings)
    with store.write() as writer:
        writer.apply(Change(PLAIN, bill, f"hash-{PLAIN}-{turn}", state.revision, "in-committee", topics, (), events),
                     at)


@contextmanager
def running(services: Services, port: int = 0) -> Iterator[str]:
    """The address of a server in a thread."""
    listening, stop, address = threading.Event(), threading.Event(), []

    def heard(where: str) -> None:
        address.append(where)
        listening.set()

    thread = threading.Thread(target=serve.run, args=(services, "127.0.0.1", port, heard, stop))
    thread.start()
    try:
        assert listening.wait(20)
        yield address[0]
    finally:
        stop.set()
        services.stopping.set()
        thread.join(20)
