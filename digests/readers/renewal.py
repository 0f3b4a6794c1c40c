"""Subscriptions that were confirmed a year ago to one question each: is this still wanted? Silence ends them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from digests.delivery.mail import ANSWER_IN, compose_renewal
from digests.delivery.mailers import ServerAway
from digests.delivery.return_path import Returned, return_path
from digests.delivery.suppressing import SoftRule, came_back, kind_of_refusal
from digests.readers.reader_key import for_reader
from digests.readers.sealing import Keys, token_hash
from digests.site import Site
from tracker.errors import DeliveryError, RecipientRefused
from tracker.model import Subscription
from tracker.ports import Ledger, Mailer

YEAR = timedelta(days=365)
AT_ONCE = 500  # questions an hour, so that a year's anniversary of a campaign is no burst


@dataclass(frozen=True, slots=True)
class Asked:
    asked: int = 0
    put_off: int = 0
    refused: int = 0


def ask_due(ledger: Ledger, mailer: Mailer, keys: Keys, site: Site, now: datetime,
            rule: SoftRule | None = None) -> Asked:
    """Sent first and noted then: a crash between the two puts the same question again, with the same Message-ID.

    What the server puts off is asked again at the next turn, which is an hour later.
    """
    asked = put_off = refused = 0
    for identity in ledger.to_renew(now - YEAR, AT_ONCE):
        row = ledger.get(identity)
        if row is None or row.confirmed_at is None:
            continue
        try:
            _ask(ledger, mailer, keys, site, row, now)
        except ServerAway:
            break
        except RecipientRefused as problem:
            kind, code = kind_of_refusal(problem)
            came_back(ledger, row, "", kind, code, rule or SoftRule(), now)
            refused += 1
        except DeliveryError:
            put_off += 1
        else:
            asked += 1
    return Asked(asked, put_off, refused)


def _ask(ledger: Ledger, mailer: Mailer, keys: Keys, site: Site, row: Subscription, now: datetime) -> None:
    if row.confirmed_at is None:
        return
    # Fixed by the day of the last answer, and not by this moment: so a question that is put again is the same one.
    token = keys.renewal_token(row.id, row.confirmed_at.isoformat())
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    ends_at = day + ANSWER_IN
    address = keys.open(row.address_sealed, row.id)
    mailer.send(for_reader(compose_renewal(row, token, address, ends_at, site), keys, row, now), address,
                return_path(site.bounces, keys, Returned(subscription_id=row.id)))
    ledger.put_question(row.id, token_hash(token), ends_at)
