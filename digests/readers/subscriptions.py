"""A reader's wishes to subscriptions: sign up, confirm, change, leave. What is stored is listed in docs/privacy.md."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import available_timezones

from digests.delivery.mail import compose_confirmation
from digests.delivery.return_path import Returned, return_path
from digests.delivery.schedule import next_due
from digests.delivery.suppressing import may_be_asked
from digests.readers.openpgp import KeyUnusable, read_key
from digests.readers.reader_key import for_reader, resealed_for
from digests.readers.sealing import Keys, leave_token, new_token, token_hash
from digests.site import Site
from digests.speech import N_, SOURCE
from tracker.errors import DeliveryError
from tracker.model import Cadence, Filter, Subscription
from tracker.ports import Ledger, Mailer

EXPIRES = timedelta(days=7)  # unconfirmed

# Pause before the second, third, … question to one address: a sign-up form must not flood somebody else's inbox.
PAUSES = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


def check_address(address: str) -> str:
    """The address in the form in which it is stored and sent to. Raises ValueError with words for its owner."""
    local, at, domain = address.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        domain = ""
    labels = domain.split(".")
    if (not at or not _LOCAL.fullmatch(local) or len(local) > 64 or len(labels) < 2 or len(local) + len(domain) > 253
            or not all(_LABEL.fullmatch(label) and len(label) < 64 for label in labels)):
        raise ValueError(N_("This does not look like a mail address: expected something like name@example.org."))
    return f"{local}@{domain}"


def check_times(zone: str, hour: int, weekday: int) -> None:
    """Raises ValueError."""
    if zone not in _zones():
        raise ValueError(N_("This time zone is not known: expected a name like Europe/Madrid."))
    if not (0 <= hour <= 23 and 0 <= weekday <= 6):
        raise ValueError(N_("Expected an hour from 0 to 23 and a weekday from 0 (Monday) to 6."))


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def subscribe(ledger: Ledger, mailer: Mailer, keys: Keys, site: Site, *, address: str, filter: Filter,
              cadence: Cadence, zone: str, hour: int, weekday: int, now: datetime, cursor: int, language: str = SOURCE,
              heartbeat: bool = False, telling_subject: bool = False, alerts: bool = True) -> None:
    """Ask the owner of the address. Nothing comes back, so that nobody learns who is known here.

    Whoever signs up again while a question is open gets another one only after a pause; the earlier sign-up stands.
    Raises ValueError for what cannot be stored, and the mailer's DeliveryError, with nothing stored.
    """
    address = check_address(address)
    check_times(zone, hour, weekday)
    index = keys.blind_index(address)
    if not may_be_asked(ledger.suppression(index), now):
        return
    identity, token = secrets.token_urlsafe(16), new_token()
    try:
        sealed = _known_key(ledger, keys, index, identity)
    except KeyUnusable:
        return  # its reader is told of the key; a question in the clear would undo what that reader asked for
    row = Subscription(
        id=identity, address_sealed=keys.seal(address, identity), address_index=index, filter=filter, cadence=cadence,
        zone=zone, hour=hour, weekday=weekday, cursor=cursor, created_at=now, confirm_token=token_hash(token),
        manage_token=keys.stored_token(identity), language=language, heartbeat=heartbeat,
        telling_subject=telling_subject, alerts=alerts, openpgp_sealed=sealed)
    # Looked at and added in one: a form that is sent twice at once must not ask twice.
    if not ledger.add_if(row, lambda known: not _must_pause([s for s in known if s.confirmed_at is None], now)):
        return
    try:
        mailer.send(for_reader(compose_confirmation(row, token, address, site), keys, row, now), address,
                    return_path(site.bounces, keys, Returned(subscription_id=identity)))
    except KeyUnusable:
        ledger.delete(identity)
    except DeliveryError:
        ledger.delete(identity)  # the question never went out: the next try need not wait
        raise


def _known_key(ledger: Ledger, keys: Keys, index: bytes, identity: str) -> bytes | None:
    """The key that a confirmed subscription of this address has, for the one to come. Raises KeyUnusable."""
    for row in ledger.find(address_index=index):
        if row.openpgp_sealed and row.confirmed_at:
            return resealed_for(keys, row, identity)
    return None


def _must_pause(waiting: Sequence[Subscription], now: datetime) -> bool:
    """A last question far in the future is a clock that was set back, and does not count; one a moment ahead is the
    other of two that came together."""
    if not waiting:
        return False
    last = max(s.created_at for s in waiting)
    return -PAUSES[0] < now - last < PAUSES[min(len(waiting), len(PAUSES)) - 1]


def confirm(ledger: Ledger, token: str, now: datetime, last_seq: int) -> Subscription | None:
    """Start: alerts from now on. ``None``: unknown, used up or expired.

    A second confirmation of the same wish (the form was sent twice) leaves one subscription, not two.
    """
    found = ledger.find(confirm_token=token_hash(token))
    if not found:
        return None
    row = found[0]
    if row.confirmed_at:
        return _renew(ledger, row, now)
    if _has_expired(row, now):
        return None
    ledger.lift(row.address_index)  # whoever reads mail there wants it
    for other in ledger.find(address_index=row.address_index):
        if other.id != row.id and other.confirmed_at and _wish(other) == _wish(row):
            ledger.delete(row.id)
            return other
    started = replace(row, confirmed_at=now, confirm_token=None, cursor=last_seq,
                      next_due_at=next_due(row.cadence, row.zone, row.hour, row.weekday, now))
    ledger.update(started)
    return started


def _renew(ledger: Ledger, row: Subscription, now: datetime) -> Subscription:
    """The yearly question was answered: all stays as it is."""
    renewed = replace(row, confirmed_at=now, confirm_token=None)
    ledger.update(renewed)
    ledger.set_end(row.id, None)
    return renewed


def _wish(row: Subscription) -> tuple[object, ...]:
    return (row.filter, row.cadence, row.zone, row.hour, row.weekday, row.language, row.heartbeat,
            row.telling_subject, row.alerts)


def by_manage_token(ledger: Ledger, token: str) -> Subscription | None:
    found = ledger.find(manage_token=token_hash(leave_token(token)))
    return found[0] if found and found[0].confirmed_at else None


def change(ledger: Ledger, token: str, *, filter: Filter, cadence: Cadence, zone: str, hour: int, weekday: int,
           now: datetime, language: str = SOURCE, heartbeat: bool = False,
           telling_subject: bool = False, alerts: bool = True) -> Subscription | None:
    """New wishes from here on; what was not told yet is told by the new ones. Raises ValueError as `subscribe`."""
    check_times(zone, hour, weekday)
    row = by_manage_token(ledger, token)
    if row is None:
        return None
    changed = replace(row, filter=filter, cadence=cadence, zone=zone, hour=hour, weekday=weekday,
                      language=language, heartbeat=heartbeat, telling_subject=telling_subject, alerts=alerts,
                      next_due_at=next_due(cadence, zone, hour, weekday, now))
    ledger.update(changed)
    return changed


def put_key(ledger: Ledger, keys: Keys, token: str, pasted: str, now: datetime) -> bool:
    """Encrypt all that goes to this address from here on. False: no such link. Raises KeyRefused, and KeyUnusable
    where the library is absent."""
    row = by_manage_token(ledger, token)
    if row is None:
        return False
    armored = read_key(pasted, now).armored
    ledger.set_keys({one.id: keys.seal(armored, one.id, "openpgp")
                     for one in ledger.find(address_index=row.address_index)})
    return True


def remove_key(ledger: Ledger, token: str) -> bool:
    """Mail goes in the clear from here on, what has waited too. False: no such link."""
    row = by_manage_token(ledger, token)
    if row is None:
        return False
    ledger.set_keys({one.id: None for one in ledger.find(address_index=row.address_index)})
    return True


def unsubscribe(ledger: Ledger, token: str) -> bool:
    """Delete the subscription and its outbox rows, with the token of either link. False: there was nothing left."""
    found = [*ledger.find(manage_token=token_hash(token)), *ledger.find(manage_token=token_hash(leave_token(token)))]
    return sum(ledger.delete(row.id) for row in found) > 0


def expire(ledger: Ledger, now: datetime) -> int:
    """Delete sign-ups that nobody confirmed in a week. How many there were."""
    return ledger.delete_unconfirmed(now - EXPIRES)


def _has_expired(row: Subscription, now: datetime) -> bool:
    return now - row.created_at >= EXPIRES
