"""News in the log to the WebSub hub: which feeds have some, each named once, so that their readers need not poll."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlencode

from digests.alerts.feed import PATH as ALERTS
from digests.channels.outward import Answer
from digests.channels.specs import FORMATS, FeedSpec, all_specs
from digests.following.filters import matches
from digests.site import Site
from tracker.model import Event, Topic
from tracker.ports import Log

BATCH = 500
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180))
Post = Callable[[str, bytes, dict[str, str]], Answer]
FORM = {"content-type": "application/x-www-form-urlencoded"}


class HubPings(Protocol):
    def hub(self, hub: str) -> tuple[int, int, datetime | None] | None: ...

    def note_hub(self, hub: str, cursor: int, attempts: int, next_attempt_at: datetime | None) -> None: ...


def ping(hub: str, pings: HubPings, log: Log, site: Site, jurisdictions: Iterable[str], now: datetime,
         post: Post) -> int:
    """Tell the hub of every feed that has news since the last time; how many addresses were told.

    What happened before the hub was first set is not news. The cursor moves only after the hub took all of it: a kill
    or a failure means telling it again, which costs the hub a request and its readers nothing.
    """
    known = pings.hub(hub)
    if known is None:
        pings.note_hub(hub, log.last_seq(), 0, None)
        return 0
    cursor, attempts, due = known
    if due is not None and due > now:
        return 0
    specs, told = all_specs(tuple(Topic), jurisdictions), 0
    while events := log.events(cursor, BATCH):
        names = addresses(events, specs, site)
        if not _tell(hub, names, post):
            pings.note_hub(hub, cursor, attempts + 1, now + PAUSES[min(attempts, len(PAUSES) - 1)])
            return told
        told += len(names)
        cursor = events[-1].seq
        pings.note_hub(hub, cursor, 0, None)
    return told


def ping_alerts(hub: str, pings: HubPings, body: bytes, site: Site, now: datetime, post: Post) -> int:
    """Tell the hub of the feed of alerts whenever `body`, what it says now, is another one than the hub was told of:
    a call opened, was corrected or withdrawn, or is over. The cursor of a feed without a log is a hash of what it says.
    """
    row, says = f"{hub} {ALERTS}", int.from_bytes(hashlib.sha256(body).digest()[:7], "big")
    known = pings.hub(row)
    if known is None or known[0] == says:
        if known is None or known[1]:  # said again what it said before the hub failed: nothing is owed
            pings.note_hub(row, says, 0, None)
        return 0
    told, attempts, due = known
    if due is not None and due > now:
        return 0
    names = [site.url(f"{ALERTS}.{form}") for form in FORMATS]
    if not _tell(hub, names, post):
        pings.note_hub(row, told, attempts + 1, now + PAUSES[min(attempts, len(PAUSES) - 1)])
        return 0
    pings.note_hub(row, says, 0, None)
    return len(names)


def _tell(hub: str, names: Iterable[str], post: Post) -> bool:
    """One address a request, under both its names: the recommendation leaves this to the hub, and there are hubs that
    read `hub.topic`, that read `hub.url`, and that read only the first of several."""
    return all(post(hub, urlencode({"hub.mode": "publish", "hub.topic": name, "hub.url": name}).encode(), FORM).is_good
               for name in names)


def addresses(events: Sequence[Event], specs: Sequence[FeedSpec], site: Site) -> list[str]:
    """Of each public feed that one of these events is in, in each format, once. A feed of one sponsor or committee is
    not told: it has no list of its own; it is asked for as ever."""
    bills = tuple(FeedSpec("bill", bill) for bill in dict.fromkeys(e.bill_id for e in events))
    moved = [spec for spec in (*specs, *bills) if any(matches(spec.filter, e) for e in events)]
    return [site.url(f"{spec.path}.{form}") for spec in moved for form in FORMATS]
