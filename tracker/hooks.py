"""Webhooks: who gets events pushed, how far it has come, and when it is tried again. Pure.

The cursor is the outbox: events behind it are delivered, the next one that the filter lets through is due. Deliveries
go in the order of the log, and one that fails holds back those after it, so nothing is lost and nothing overtakes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tracker.alerts.records import Notice
from tracker.model import Filter

# Standard Webhooks' schedule, stretched to two days.
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 300, 600, 600, 600, 600))
GIVE_UP_AFTER = timedelta(days=2)
LONGEST_ASKED = timedelta(hours=6)  # a Retry-After beyond that is not followed


@dataclass(frozen=True, slots=True)
class ToldAlert:
    """The last that an endpoint was told of an alert. `arrived=False`: tried, and perhaps it has it."""

    revision: int
    notice: Notice
    at: datetime
    arrived: bool


@dataclass(frozen=True, slots=True)
class Webhook:
    """`address` and `secret` ("whsec_…") are sealed in the database. `disabled`: why it is off, None while it is on."""

    id: str
    address: str
    secret: str
    filter: Filter
    cursor: int  # seq of the last event that was delivered, or that its filter did not let through
    created_at: datetime
    sent: int = 0
    attempts: int = 0  # of the delivery that is due now
    failing_since: datetime | None = None
    next_attempt_at: datetime | None = None
    last_sent_at: datetime | None = None
    last_answer: str | None = None  # "204", "503", "no answer in time"
    disabled: str | None = None
    told_at: datetime | None = None  # the operator was told that it is off
    alerts: Mapping[str, ToldAlert] | None = None  # what it was told, by alert; None: it did not ask for alerts

    def is_due(self, now: datetime) -> bool:
        return self.disabled is None and (self.next_attempt_at is None or self.next_attempt_at <= now)


def delivered(hook: Webhook, seq: int, answer: str, now: datetime) -> Webhook:
    return replace(hook, cursor=seq, sent=hook.sent + 1, attempts=0, failing_since=None, next_attempt_at=None,
                   last_sent_at=now, last_answer=answer)


def failed(hook: Webhook, answer: str, now: datetime, *, retry_after: timedelta | None = None,
           gone: bool = False) -> Webhook:
    """Later again; after two days of failures, or at once if the endpoint says that it is gone (410), never."""
    since = min(hook.failing_since or now, now)  # a clock that was set back
    attempts = hook.attempts + 1
    if gone or now - since >= GIVE_UP_AFTER:
        return replace(hook, attempts=attempts, failing_since=since, next_attempt_at=None, last_answer=answer,
                       disabled=f"the endpoint is gone ({answer})" if gone else f"two days of failures ({answer})")
    pause = PAUSES[min(attempts, len(PAUSES)) - 1]
    if retry_after is not None:
        pause = max(pause, min(retry_after, LONGEST_ASKED))
    again = min(now + pause, since + GIVE_UP_AFTER)
    return replace(hook, attempts=attempts, failing_since=since, next_attempt_at=again, last_answer=answer)


def enabled(hook: Webhook) -> Webhook:
    """On again; what it missed is delivered from its cursor on."""
    return replace(hook, attempts=0, failing_since=None, next_attempt_at=None, disabled=None, told_at=None)
