"""A log whose events differ in all that narrow feeds ask for."""

from __future__ import annotations

from typing import Any

from fakes.happenings import happening

from tracker.model import Event, IngestMode, Topic

STAGES = ("introduced", "in-committee", "became-law")
PEOPLE = (["Jane Doe", "d001"], ["José Ñandú"], ["Doe Smith", "s9"])


def varied(count: int) -> list[Event]:
    """Events that differ in all that narrow feeds ask for; some unflagged, some not live."""
    found = []
    for n in range(1, count + 1):
        topics = (Topic.WORKER_RIGHTS,) if n % 5 else ()
        card: dict[str, Any] = {
            "identifier": f"HB {n % 7}", "title": "Lamps" if n % 2 else "Wicks", "session": "31", "url": None,
            "stage": STAGES[n % 3], "committees": [("Committee on Light", "Ways & Means")[n % 2]],
            "sponsors": [PEOPLE[n % 3], *([PEOPLE[0]] if n % 4 == 0 else [])],
            "findings": [["worker-rights", ("advances", "reverses")[n % 2], ("labour", None)[n % 3 == 0]]]}
        place = ("xx", "yy")[n % 6 == 0]
        found.append(happening(n, bill=f"{place}/31/hb-{n % 7}", jurisdiction=place, topics=topics, card=card,
                               mode=IngestMode.LIVE if n % 11 else IngestMode.BACKFILL))
    return found
