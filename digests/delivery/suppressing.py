"""A message that came back to what follows for its reader's address: left alone for good, for a while, or not yet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from digests.delivery.bounces import kind_of
from tracker.errors import RecipientRefused, TransientDelivery
from tracker.model import Delivery, Subscription
from tracker.ports import Ledger
from tracker.post import Bounce, ReturnKind, Suppression

ASK_AGAIN = timedelta(days=7)  # after a hard bounce, a new sign-up may put one question: mailboxes come back


@dataclass(frozen=True, slots=True)
class SoftRule:
    """So many soft bounces in so many days: then nothing is sent for as many days, and all news after that at once."""

    limit: int = 5
    days: int = 14


def came_back(ledger: Ledger, row: Subscription, delivery_id: str, kind: ReturnKind, code: str, rule: SoftRule,
              now: datetime) -> str:
    """What was done: "suppressed", "paused", "counted", "unsubscribed" or, for one that was told before, "known"."""
    if kind is ReturnKind.COMPLAINT:
        ledger.suppress(Suppression(row.address_index, kind, now))
        for one in ledger.find(address_index=row.address_index):
            ledger.delete(one.id)
        return "unsubscribed"
    if not ledger.note_bounce(Bounce(row.id, delivery_id, kind, code, now)):
        return "known"
    if kind is ReturnKind.HARD:
        ledger.suppress(Suppression(row.address_index, kind, now))
        return "suppressed"
    window = timedelta(days=rule.days)
    if ledger.count_soft(row.address_index, now - window) < rule.limit:
        return "counted"
    if ledger.suppression(row.address_index) is None:
        ledger.suppress(Suppression(row.address_index, kind, now, now + window))
    return "paused"


def refused_by_server(ledger: Ledger, row: Subscription, delivery: Delivery, problem: RecipientRefused,
                      rule: SoftRule, now: datetime) -> str:
    """The same, where the mail server said so at once."""
    kind, code = kind_of_refusal(problem)
    return came_back(ledger, row, delivery.id, kind, code, rule, now)


def kind_of_refusal(problem: RecipientRefused) -> tuple[ReturnKind, str]:
    """And its code, "5.1.1" or "550"."""
    code, enhanced = _codes(str(problem))
    return kind_of(enhanced, code if problem.at_recipient else 0), enhanced or (str(code) if code else "")


def may_be_asked(suppression: Suppression | None, now: datetime) -> bool:
    """May a sign-up for this address put its question? Who complained is never written to again unasked."""
    if suppression is None or suppression.reason is ReturnKind.SOFT:
        return True
    return suppression.reason is ReturnKind.HARD and now - suppression.at >= ASK_AGAIN


def tells_of_domain(problem: TransientDelivery) -> bool:
    """X.2.* is of one mailbox (full, too busy); all else may be of all mail from us."""
    return not re.search(r"\b4\.2\.\d", str(problem))


def _codes(words: str) -> tuple[int, str]:
    """``"SMTP 550 5.1.1"`` -> ``(550, "5.1.1")``"""
    found = re.match(r"SMTP (\d{3})(?: (\d\.\d{1,3}\.\d{1,3}))?", words)
    return (int(found[1]), found[2] or "") if found else (0, "")
