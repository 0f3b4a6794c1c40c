"""Readers whose key no longer works to one neutral message each: your mail waits. It is the only one in the clear."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

from digests.delivery.mail import blank_message, fill, spoken
from digests.delivery.mailers import ServerAway
from digests.delivery.return_path import Returned, return_path
from digests.delivery.suppressing import SoftRule, came_back, kind_of_refusal
from digests.pages import render, render_inlined
from digests.readers.openpgp import KeyUnusable
from digests.readers.reader_key import has_working_key
from digests.readers.sealing import Keys
from digests.site import Site
from digests.speech import N_, speech_of
from tracker.errors import DeliveryError, RecipientRefused
from tracker.model import Subscription
from tracker.ports import Ledger, Mailer

SUBJECT = N_("Your updates are waiting")
WAITS_FOR = timedelta(days=365)  # then the subscription is deleted


def tell_waiting(ledger: Ledger, mailer: Mailer, keys: Keys, site: Site, now: datetime,
                 rule: SoftRule | None = None) -> int:
    """Sent first and noted then: a crash between the two repeats it, with the same Message-ID. How many."""
    told = 0
    for row in ledger.keyed():
        try:
            if has_working_key(keys, row, now):
                continue
            address = keys.open(row.address_sealed, row.id)
            mailer.send(compose_notice(row, address, site, keys, now), address,
                        return_path(site.bounces, keys, Returned(subscription_id=row.id)))
        except ServerAway:
            break
        except RecipientRefused as problem:
            kind, code = kind_of_refusal(problem)
            came_back(ledger, row, "", kind, code, rule or SoftRule(), now)
        except (KeyUnusable, DeliveryError):
            continue  # ours to mend, or the mail server's: at the next turn
        else:
            ledger.note_key_told(row.id, now)
            told += 1
    return told


def compose_notice(row: Subscription, address: str, site: Site, keys: Keys, now: datetime) -> EmailMessage:
    """Holds the link to leave and not the one to the choices: it is not encrypted."""
    speech = speech_of(row.language)
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    leave = site.url(f"u/{keys.unsubscribe_token(row.id)}")
    opaque = hashlib.sha256(f"key|{row.id}|{day.isoformat()}".encode()).hexdigest()[:32]
    message = blank_message(site, address, speech._(SUBJECT), f"<wait.{opaque}@{site.domain}>", day)
    message["List-Unsubscribe"] = f"<{leave}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    values = {"subject": speech._(SUBJECT), "leave_url": spoken(leave, speech),
              "ends": speech.day((day + WAITS_FOR).date())}
    fill(message, render("key_notice.txt", speech, **values), render_inlined("key_notice.html", speech, **values),
         speech.language)
    return message
