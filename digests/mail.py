"""A digest to a message: text and HTML, neutral outside, the same bytes whenever it is composed again."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from digests.builder import Digest
from digests.mailers import FolderMailer, ServerAway, SmtpMailer
from digests.pages import render, render_inlined
from digests.sealing import Keys
from digests.site import Site
from digests.words import day
from tracker.model import Cadence, Delivery, Subscription

__all__ = ["FolderMailer", "ServerAway", "SmtpMailer", "compose", "compose_confirmation", "message_id"]

# What stands here is seen on lock screens and in mail logs: never a topic, never the name of a bill.
SUBJECTS: dict[Cadence, str] = {
    Cadence.INSTANT: "Your update",
    Cadence.DAILY: "Your daily update",
    Cadence.WEEKLY: "Your weekly update",
}
CONFIRM_SUBJECT = "Please confirm"

# The opening is long enough to fill the preview that inboxes show beside the subject.
OPENING = ("This is the update that you asked for. It covers {changes}, noticed {period}. The details follow below. "
           "At the end are the links to change what you get or to stop these messages at once.")
WHY = "You get this because somebody who can read this address confirmed it on {day}."
REST = "{items} did not fit into this message ({bills} are not shown at all). See them here:"
CONFIRM_OPENING = ("Somebody, we hope you, asked for updates to be sent to this address. To start them, open this page "
                   "and press its button:")
CONFIRM_CLOSING = ("If it was not you, do nothing: without that button nothing is sent, and in seven days this address "
                   "is deleted here.")


def compose(subscription: Subscription, digest: Digest, delivery: Delivery, address: str, site: Site,
            keys: Keys, notices: tuple[str, ...] = ()) -> EmailMessage:
    """Equal arguments give equal bytes: a message that must be repeated is the same message.

    `notices` of sources that we could not read come before the bills, but after the opening: that is the preview.
    """
    subject = SUBJECTS[subscription.cadence]
    leave_url = site.url(f"u/{keys.unsubscribe_token(subscription.id)}")
    values = {
        "digest": digest, "notices": notices, "site": site, "subject": subject, "opening": _opening(digest),
        "why": WHY.format(day=day((subscription.confirmed_at or subscription.created_at).astimezone(UTC).date())),
        "rest": REST.format(items=_count(digest.more, "further change"), bills=_count(digest.more_bills, "bill"))
        if digest.more else "",
        "manage_url": site.url(f"manage/{keys.manage_token(subscription.id)}"), "leave_url": leave_url,
    }
    message = blank_message(site, address, subject, message_id(delivery, site), delivery.created_at)
    opaque = hashlib.sha256(f"list|{subscription.id}".encode()).hexdigest()[:16]
    message["List-Id"] = f"<{opaque}.{site.domain}>"
    message["List-Unsubscribe"] = f"<{leave_url}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    message["Precedence"] = "bulk"
    _fill(message, render("digest.txt", **values), render_inlined("digest.html", **values))
    return message


def compose_confirmation(subscription: Subscription, token: str, address: str, site: Site) -> EmailMessage:
    values = {"subject": CONFIRM_SUBJECT, "opening": CONFIRM_OPENING, "closing": CONFIRM_CLOSING,
              "confirm_url": site.url(f"confirm/{token}")}
    opaque = hashlib.sha256(f"confirm|{subscription.id}".encode()).hexdigest()[:32]
    message = blank_message(site, address, CONFIRM_SUBJECT, f"<confirm.{opaque}@{site.domain}>",
                            subscription.created_at)
    _fill(message, render("confirm.txt", **values), render_inlined("confirm.html", **values))
    return message


def message_id(delivery: Delivery, site: Site) -> str:
    """The outbox row's own name: a receiver can tell a repeated message by it."""
    return f"<digest.{delivery.id}@{site.domain}>"


def _opening(digest: Digest) -> str:
    changes = f"{_count(digest.count, 'change')} on {_count(digest.bill_count, 'bill')}"
    first, last = (day(at.astimezone(UTC).date()) if at else "" for at in (digest.first, digest.last))
    period = f"on {first}" if first == last else f"from {first} to {last}"
    return OPENING.format(changes=changes, period=period)


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def blank_message(site: Site, address: str, subject: str, identity: str, at: datetime) -> EmailMessage:
    """All headers, no body."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(site.sender_name, addr_spec=site.sender_address)
    message["To"] = Address(addr_spec=address)  # refuses whatever would begin a second header
    message["Subject"] = subject
    message["Date"] = format_datetime(at.astimezone(UTC).replace(microsecond=0))
    message["Message-ID"] = identity
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    return message


def _fill(message: EmailMessage, text: str, html: str) -> None:
    """The bodies are encoded to short lines; the headers are then left unfolded, as folding would turn a long
    List-Unsubscribe into an encoded word that no mail program takes for a link."""
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    for part in message.iter_parts():
        del part["MIME-Version"]  # belongs to the whole message only
    # Else the boundary is random. It cannot stand in the text: quoted-printable writes "=_" as "=3D_".
    message.set_boundary("=_" + hashlib.sha256(str(message["Message-ID"]).encode()).hexdigest()[:32])
    message.policy = SMTP.clone(max_line_length=998)
