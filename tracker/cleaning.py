"""What is kept of readers to what may still be kept: everything whose time (its retention) is over is deleted."""

from __future__ import annotations

from dataclasses import dataclass

from digests.readers import subscriptions
from digests.readers.key_notices import WAITS_FOR
from digests.readers.retention import BOUNCES_FOR, DEAD_FOR, DELIVERIES_FOR, PACES_FOR, SUPPRESSED_FOR
from tracker.app import Services


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Rows that were deleted."""

    unconfirmed: int
    ended: int
    pauses: int
    returns: int
    messages: int


def clean(services: Services) -> Cleaned:
    now, ledger = services.clock(), services.ledger
    return Cleaned(
        unconfirmed=subscriptions.expire(ledger, now),
        ended=ledger.end(now) + ledger.delete_dead(now - DEAD_FOR) + ledger.delete_waiting(now - WAITS_FOR),
        pauses=ledger.lift_ended(now),
        returns=ledger.forget_returns(suppressed=now - SUPPRESSED_FOR, bounced=now - BOUNCES_FOR,
                                      paced=now - PACES_FOR),
        messages=ledger.forget_deliveries(now - DELIVERIES_FOR))
