"""A digest to a message: text and HTML, neutral outside, the same bytes whenever it is composed again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from digests.delivery.builder import BillNews, Digest
from digests.delivery.mailers import FolderMailer, ServerAway, SmtpMailer
from digests.delivery.permalink import token_of, told_of
from digests.pages import render, render_inlined
from digests.readers.sealing import Keys, leave_token
from digests.site import Site
from digests.speech import N_, SOURCE, Speech, speech_of
from digests.wording.reasons import reasons
from tracker.model import Cadence, Delivery, Subscription

__all__ = ["FolderMailer", "ServerAway", "SmtpMailer", "compose", "compose_confirmation", "message_id"]

# What stands here is seen on lock screens and in mail logs: never a topic, never the name of a bill.
SUBJECTS: dict[Cadence, str] = {
    Cadence.INSTANT: N_("Your update"),
    Cadence.DAILY: N_("Your daily update"),
    Cadence.WEEKLY: N_("Your weekly update"),
}
CONFIRM_SUBJECT = N_("Please confirm")
ANSWER_IN = timedelta(days=30)  # to the yearly question; then the subscription ends


@dataclass(frozen=True, slots=True)
class Person:
    """All of a message that is one reader's alone. The composer puts marks here and fills them in later."""

    address: str
    message_id: str
    list_name: str
    manage_token: str
    leave_token: str
    began: str  # in words
    link: str  # token of the permalink


def person_of(subscription: Subscription, delivery: Delivery, address: str, site: Site, keys: Keys) -> Person:
    began = (subscription.confirmed_at or subscription.created_at).astimezone(UTC).date()
    manage = keys.manage_token(subscription.id)
    return Person(address, message_id(delivery, site),
                  hashlib.sha256(f"list|{subscription.id}".encode()).hexdigest()[:16], manage, leave_token(manage),
                  speech_of(subscription.language).day(began), token_of(told_of(subscription, delivery), keys))


def compose(subscription: Subscription, digest: Digest, delivery: Delivery, address: str, site: Site,
            keys: Keys, notices: tuple[str, ...] = ()) -> EmailMessage:
    """Equal arguments give equal bytes: a message that must be repeated is the same message.

    `notices` of sources that we could not read come before the bills, but after the opening: that is the preview.
    `digest` and `notices` are in the reader's language already.
    """
    person = person_of(subscription, delivery, address, site, keys)
    message = envelope(subscription, digest, delivery.created_at, site, person)
    fill(message, *bodies(subscription, digest, site, person, notices), subscription.language)
    return message


def envelope(subscription: Subscription, digest: Digest, at: datetime, site: Site, person: Person) -> EmailMessage:
    """All headers of a digest, no body."""
    message = blank_message(site, person.address, subject_of(subscription, digest), person.message_id, at)
    message["List-Id"] = f"<{person.list_name}.{site.domain}>"
    message["List-Unsubscribe"] = f"<{site.url(f'u/{person.leave_token}')}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    message["Precedence"] = "bulk"
    return message


def subject_of(subscription: Subscription, digest: Digest) -> str:
    """Neutral, unless the reader asked for topics there."""
    speech = speech_of(subscription.language)
    subject = speech._(SUBJECTS[subscription.cadence])
    topics = dict.fromkeys(topic for bill in digest.bills for topic in bill.topics)
    if subscription.telling_subject and topics:
        return speech._("{subject}: {topics}", subject=subject, topics=", ".join(topics))
    return subject


def bodies(subscription: Subscription, digest: Digest, site: Site, person: Person,
           notices: tuple[str, ...] = (), stand_ins: tuple[str, ...] = ()) -> tuple[str, str]:
    """Text and HTML. `stand_ins`: a line for each bill, for who puts the bills in later."""
    speech = speech_of(subscription.language)
    values = {
        "digest": digest, "notices": notices, "site": site, "stand_ins": stand_ins,
        "subject": subject_of(subscription, digest), "opening": _opening(digest, speech),
        "reasons": reasons(subscription.filter, speech),
        "why": speech._("You get this because somebody who can read this address confirmed it on {day}.",
                        day=person.began),
        "rest": rest(digest, speech), "manage_url": spoken(site.url(f"manage/{person.manage_token}"), speech),
        "leave_url": spoken(site.url(f"u/{person.leave_token}"), speech),
        "permalink": spoken(site.url(f"digest/{person.link}"), speech) if digest.count else None,
    }
    return render("digest.txt", speech, **values), render_inlined("digest.html", speech, **values)


def bill_bodies(bill: BillNews, site: Site, speech: Speech) -> tuple[str, str]:
    """One bill's part of both bodies."""
    return (render("digest_bill.txt", speech, bill=bill, site=site),
            render_inlined("digest_bill.html", speech, bill=bill, site=site))


def compose_confirmation(subscription: Subscription, token: str, address: str, site: Site) -> EmailMessage:
    speech = speech_of(subscription.language)
    subject = speech._(CONFIRM_SUBJECT)
    values = {"subject": subject, "confirm_url": spoken(site.url(f"confirm/{token}"), speech)}
    opaque = hashlib.sha256(f"confirm|{subscription.id}".encode()).hexdigest()[:32]
    message = blank_message(site, address, subject, f"<confirm.{opaque}@{site.domain}>", subscription.created_at)
    fill(message, render("confirm.txt", speech, **values), render_inlined("confirm.html", speech, **values),
         speech.language)
    return message


def compose_renewal(subscription: Subscription, token: str, address: str, ends_at: datetime,
                    site: Site) -> EmailMessage:
    """The yearly question. Dated by the day that it rests on, so put again it is the same message."""
    speech = speech_of(subscription.language)
    subject = speech._(CONFIRM_SUBJECT)
    values = {"subject": subject, "confirm_url": spoken(site.url(f"confirm/{token}"), speech),
              "ends": speech.day(ends_at.astimezone(UTC).date())}
    opaque = hashlib.sha256(f"renew|{token}".encode()).hexdigest()[:32]
    message = blank_message(site, address, subject, f"<renew.{opaque}@{site.domain}>", ends_at - ANSWER_IN)
    fill(message, render("renew.txt", speech, **values), render_inlined("renew.html", speech, **values),
         speech.language)
    return message


def spoken(url: str, speech: Speech) -> str:
    """The page behind a link speaks as the message does, whatever the browser is set to."""
    return url if speech.language == SOURCE else f"{url}?lang={speech.language}"


def _opening(digest: Digest, speech: Speech) -> str:
    """Long enough to fill the preview that inboxes show beside the subject."""
    if not digest.count:
        return " ".join((speech._("This is the sign of life that you asked for."), speech._(
            "Nothing that you follow has changed since our last message, as far as we could see."), speech._(
            "At the end are the links to change what you get or to stop these messages at once.")))
    changes = speech.ngettext("{number} change", "{number} changes", digest.count)
    bills = speech.ngettext("{number} bill", "{number} bills", digest.bill_count)
    first, last = (speech.day(at.astimezone(UTC).date()) if at else "" for at in (digest.first, digest.last))
    if first == last:
        covers = speech._("It covers {changes} on {bills}, noticed on {day}.", changes=changes, bills=bills, day=first)
    else:
        covers = speech._("It covers {changes} on {bills}, noticed from {first} to {last}.", changes=changes,
                          bills=bills, first=first, last=last)
    return " ".join((speech._("This is the update that you asked for."), covers, speech._(
        "The details follow below. At the end are the links to change what you get or to stop these messages at "
        "once.")))


def rest(digest: Digest, speech: Speech) -> str:
    if not digest.more:
        return ""
    missing = speech.ngettext("{number} further change did not fit into this message",
                              "{number} further changes did not fit into this message", digest.more)
    hidden = speech.ngettext("{number} bill is not shown at all", "{number} bills are not shown at all",
                             digest.more_bills)
    return speech._("{missing} ({hidden}). See them here:", missing=missing, hidden=hidden)


def message_id(delivery: Delivery, site: Site) -> str:
    """The outbox row's own name: a receiver can tell a repeated message by it."""
    return f"<digest.{delivery.id}@{site.domain}>"


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


def boundary_of(message_id: str) -> str:
    """Else it would be random. It cannot stand in the text: quoted-printable writes "=_" as "=3D_"."""
    return "=_" + hashlib.sha256(message_id.encode()).hexdigest()[:32]


def fill(message: EmailMessage, text: str, html: str, language: str) -> None:
    """The bodies are encoded to short lines; the headers are then left unfolded, as folding would turn a long
    List-Unsubscribe into an encoded word that no mail program takes for a link."""
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    for part in message.iter_parts():
        del part["MIME-Version"]  # belongs to the whole message only
    message["Content-Language"] = language  # only now: a new body takes away what was said of the old one
    message.set_boundary(boundary_of(str(message["Message-ID"])))
    message.policy = SMTP.clone(max_line_length=998)
