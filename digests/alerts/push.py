"""Open alerts to signed requests, for endpoints that asked; corrections and withdrawals to those that have them.

What an endpoint is owed follows from the alert, the clock and what it was told, each asked anew right before a request
leaves. So nothing goes before the release, under embargo or after the window, however long an endpoint was away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from threading import Event as Flag
from typing import Protocol

import msgspec

from digests.alerts.alerting import questions_of
from digests.channels.webhooks import GONE, Post, Pushed, attempt
from digests.following.filters import matches
from digests.site import Site
from tracker.alerts.records import KEPT_FOR, Alert, Notice, Standing, standing
from tracker.hooks import ToldAlert, Webhook, delivered, failed
from tracker.model import BillState
from tracker.ports import Hooks

TYPES = {Notice.ALERT: "alert.released", Notice.CORRECTION: "alert.corrected", Notice.WITHDRAWAL: "alert.withdrawn"}


class Alerts(Protocol):
    def get(self, alert_id: str) -> Alert | None: ...

    def released(self, now: datetime, withdrawn_since: datetime) -> list[Alert]: ...


def owed(told: ToldAlert | None, alert: Alert, now: datetime) -> Notice | None:
    """What an endpoint that wants this alert is to be told at this moment. One that may have it counts as one that has
    it: that it learns of a correction matters more than that it learns of it once."""
    stands = standing(alert, now)
    if told is None:
        return Notice.ALERT if stands is Standing.OPEN else None
    if stands is Standing.WITHDRAWN:
        return None if told.notice is Notice.WITHDRAWAL and told.arrived else Notice.WITHDRAWAL
    if stands is not Standing.OPEN:
        return None
    if told.revision < (alert.public or 0):
        return Notice.CORRECTION
    return None if told.arrived else told.notice


def push_alerts(hooks: Hooks, alerts: Alerts, bill: Callable[[str], BillState | None], site: Site,
                clock: Callable[[], datetime], post: Post, stopping: Flag | None = None) -> Pushed:
    """Before the events, which can wait. Killed anywhere: sent again with the same id."""
    done, now = Pushed(), clock()
    found = sorted(alerts.released(now, now - KEPT_FOR), key=lambda a: (a.released_at or a.created_at, a.id))
    for hook in hooks.all():
        if hook.alerts is None or not hook.is_due(clock()):
            continue
        kept = _forget(hook, found, now)
        for alert in found:
            if stopping is not None and stopping.is_set():
                return done
            fresh = alerts.get(alert.id)
            notice = owed(kept.alerts.get(alert.id), fresh, clock()) if fresh and kept.alerts is not None else None
            if fresh is None or notice is None or (notice is Notice.ALERT and not _wants(kept, fresh, bill, clock())):
                continue
            one = _tell(kept, fresh, notice, hooks, site, clock, post)
            if one is None:
                break  # removed or switched off meanwhile
            kept = one
            if kept.attempts:
                done += Pushed(failed=1, disabled=int(kept.disabled is not None))
                break
            done += Pushed(sent=1)
    return done


def _forget(hook: Webhook, found: Iterable[Alert], now: datetime) -> Webhook:
    """What is long over: nothing of it is ever owed again."""
    alive = {alert.id for alert in found}
    return replace(hook, alerts={name: told for name, told in (hook.alerts or {}).items()
                                 if name in alive or now - told.at < KEPT_FOR})


def _wants(hook: Webhook, alert: Alert, bill: Callable[[str], BillState | None], now: datetime) -> bool:
    return any(matches(hook.filter, event) for event in questions_of(alert, bill, now))


def _tell(hook: Webhook, alert: Alert, notice: Notice, hooks: Hooks, site: Site, clock: Callable[[], datetime],
          post: Post) -> Webhook | None:
    revision = alert.public or 0

    def noted(arrived: bool) -> dict[str, ToldAlert]:
        return {**(hook.alerts or {}), alert.id: ToldAlert(revision, notice, clock(), arrived)}

    # Noted before it leaves: if we die now, it may have arrived.
    if not hooks.note(replace(hook, alerts=noted(False))):
        return None
    identity = f"msg_{hook.id}_{alert.id}_{notice}_{revision}"
    answer = attempt(hook, identity, alert_body(alert, notice, site), site, clock, post)
    if answer.is_good:
        after = delivered(replace(hook, alerts=noted(True)), hook.cursor, answer.words, clock())
    else:
        after = failed(replace(hook, alerts=noted(False)), answer.words, clock(), retry_after=answer.retry_after,
                       gone=answer.status == GONE)
    return after if hooks.note(after) else None


def alert_body(alert: Alert, notice: Notice, site: Site) -> bytes:
    """Equal bytes whenever it is sent again. Who wrote and released it is nobody's business; a withdrawn one says
    nothing of what it was."""
    revision = alert.shown or alert.newest
    text = revision.text
    data: dict[str, object] = {
        "alert": alert.id, "revision": revision.number, "url": site.url(f"alerts/{alert.id}"),
        "jurisdiction": text.jurisdiction, "topics": text.topics}
    if notice is not Notice.WITHDRAWAL:
        data |= {"bills": [{"bill": name, "url": site.url(name)} for name in text.bills], "words": text.words,
                 "deadline": text.deadline, "zone": text.zone, "deadline_words": text.deadline_words,
                 "ends_at": text.ends_at, "addressees": text.addressees,
                 "calendar": site.url(f"alerts/{alert.id}.ics") if text.deadline else None}
    at = alert.withdrawn_at if notice is Notice.WITHDRAWAL else alert.released_at
    return msgspec.json.encode({"type": TYPES[notice], "timestamp": at, "data": data}, order="sorted")
