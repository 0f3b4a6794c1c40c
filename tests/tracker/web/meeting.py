"""A bill of the fictional legislature with hearings whose words mean harm."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from tests.tracker.web.sample import FLAGS, NOW, change, sample
from tracker.events import Desk, hearing_data
from tracker.model import EventKind, Hearing, HearingStatus, IngestMode
from tracker.store.store import SqlStore

MEETING = "xx/7/hb-15"
HEARINGS = (
    Hearing("k1", date(2031, 5, 7), "=cmd|' /C calc'!A0", "9:30 am", "Europe/Vienna", "Room <b>1</b>", "@Streets"),
    Hearing("k2", date(2031, 5, 20), "Second reading", None),
    Hearing("k3", date(2031, 5, 20), "Called off", "1 pm", status=HearingStatus.CANCELLED),
    Hearing("k4", date(2031, 8, 1), "Far off", "1 pm"),
)


def add_meetings(store: SqlStore) -> None:
    bill = replace(sample(15, "+1 Street Act"), hearings=HEARINGS)
    made = change(MEETING, bill, FLAGS, IngestMode.LIVE)
    desk = Desk(MEETING, bill, 1, made.topics, IngestMode.LIVE)
    told = tuple(desk.event(
        EventKind.HEARING_CANCELLED if h.status is HearingStatus.CANCELLED else EventKind.HEARING_SCHEDULED,
        h.key, h.date, **hearing_data(h)) for h in HEARINGS)
    with store.write() as writer:
        writer.apply(replace(made, events=(*made.events, *told)), NOW - timedelta(hours=1))
