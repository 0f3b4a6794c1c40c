"""A mail that came back to whose it was and what follows; only who got a message can make it come back.

The address that counts is the one in our own row, never one that stands in the report: a report is written by
strangers, and could name anybody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import Message

from digests.delivery.bounces import LARGEST, read_report
from digests.delivery.return_path import Returned, find_returned
from digests.delivery.suppressing import SoftRule, came_back
from digests.readers.sealing import Keys, token_hash
from digests.site import Site
from tracker.model import Subscription
from tracker.ports import Ledger

# Where mail servers write down for which address they took a message, the surest first.
ENVELOPE = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")

_LEAVE = re.compile(r"/u/([\w-]{43})(?![\w-])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Taken:
    """`outcome`: what `came_back` says; "no bounce" (an answer from a holiday), "not ours" (no token that we made),
    "gone" (its reader has left)."""

    outcome: str
    kind: str = ""
    code: str = ""


def take(ledger: Ledger, keys: Keys, site: Site, raw: bytes, recipient: str, rule: SoftRule, now: datetime) -> Taken:
    """`recipient`: the address for which the mail server took it; empty: as its headers say."""
    report = read_report(raw)
    if report is None:
        return Taken("no bounce")
    kind, code = report.kind.value, report.code
    found = _whose(ledger, keys, site, message_from_bytes(raw[:LARGEST]), recipient)
    if isinstance(found, str):
        return Taken(found, kind, code)
    row, delivery_id = found
    return Taken(came_back(ledger, row, delivery_id, report.kind, code, rule, now), kind, code)


def _whose(ledger: Ledger, keys: Keys, site: Site, message: Message,
           recipient: str) -> tuple[Subscription, str] | str:
    envelope = recipient or "\n".join(str(value) for name in ENVELOPE for value in message.get_all(name, ()))
    named = find_returned(site.bounces, keys, envelope)[:1]
    if not named:
        words = _words(message)
        inside = find_returned(site.bounces, keys, words)
        if not inside:
            return _by_leave_link(ledger, words)
        named = inside if len(inside) == 1 else ()
    return _row(ledger, named[0]) if named else "not ours"


def _row(ledger: Ledger, returned: Returned) -> tuple[Subscription, str] | str:
    identity = returned.subscription_id
    if returned.delivery_id:
        delivery = ledger.delivery(returned.delivery_id)
        identity = delivery.subscription_id if delivery else ""
    row = ledger.get(identity) if identity else None
    return (row, returned.delivery_id) if row else "gone"


def _by_leave_link(ledger: Ledger, words: str) -> tuple[Subscription, str] | str:
    """Complaints often hold no more of our message than its headers: List-Unsubscribe is one."""
    tokens = set(_LEAVE.findall(words))
    if len(tokens) != 1:
        return "not ours"
    rows = ledger.find(manage_token=token_hash(tokens.pop()))
    return (rows[0], "") if rows else "gone"


def _words(message: Message) -> str:
    """All that can be read in it, decoded, headers of enclosed messages and report fields included."""
    lines: list[str] = []
    for part in message.walk():
        lines += (f"{name}: {value}" for name, value in part.items())
        payload = None if part.is_multipart() else part.get_payload(decode=True)
        if isinstance(payload, bytes):
            lines.append(payload.decode("latin-1"))
    return "\n".join(lines)
