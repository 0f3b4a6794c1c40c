"""What comes back from the world of mail, as records: bounces, who is not written to, how fast a domain takes mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReturnKind(StrEnum):
    HARD = "hard"  # there is no such mailbox
    SOFT = "soft"  # not now, or not this message
    COMPLAINT = "complaint"  # its owner pressed "this is spam"


@dataclass(frozen=True, slots=True)
class Bounce:
    """One message that came back. `delivery_id` is empty for a question to confirm."""

    subscription_id: str
    delivery_id: str
    kind: ReturnKind
    code: str  # RFC 3463, "5.1.1"; empty: none was given
    at: datetime


@dataclass(frozen=True, slots=True)
class Suppression:
    """Nothing is sent to this address, whatever is queued. `until=None`: as long as this row is kept."""

    address_index: bytes  # the keyed hash that subscriptions carry; never the address
    reason: ReturnKind
    at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class DomainPace:
    """How fast one domain of recipients may be written to. The domain is a keyed hash: a small one names its owner."""

    index: bytes
    next_at: datetime  # when its next message would leave if all left evenly
    failures: int = 0  # in a row, for now
    paused_until: datetime | None = None
