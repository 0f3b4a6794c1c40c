"""An alert, its correction or its withdrawal to a message: as neutral outside as a digest, always the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

from digests.alerts.words import AlertView, view
from digests.delivery.mail import Person, blank_message, fill, person_of, spoken
from digests.pages import render, render_inlined
from digests.readers.sealing import Keys
from digests.site import Site
from digests.speech import N_, Speech, speech_of
from digests.wording.reasons import reasons
from tracker.alerts.records import Alert, AlertDelivery, Notice, Revision
from tracker.model import Cadence, Delivery, Filter, Subscription

# What stands here is seen on lock screens and in mail logs: never a topic, never a bill, nor that it is about a law.
SUBJECTS = {Notice.ALERT: N_("A message that cannot wait"), Notice.CORRECTION: N_("A correction"),
            Notice.WITHDRAWAL: N_("Please disregard an earlier message")}


class AlertComposer:
    """For one round of sending. `get` reads an alert; `write` gives None when there is nothing (any more) to say."""

    def __init__(self, get: Callable[[str], Alert | None], keys: Keys, site: Site) -> None:
        self._get, self._keys, self._site = get, keys, site
        self._alerts: dict[str, Alert | None] = {}

    def write(self, subscription: Subscription, delivery: Delivery, address: str) -> EmailMessage | None:
        """In the words of the revision that the outbox row names."""
        if not isinstance(delivery, AlertDelivery) or not subscription.alerts:
            return None
        if delivery.alert_id not in self._alerts:
            self._alerts[delivery.alert_id] = self._get(delivery.alert_id)
        alert = self._alerts[delivery.alert_id]
        if alert is None or not 0 < delivery.revision <= len(alert.revisions):
            return None
        person = replace(person_of(subscription, delivery, address, self._site, self._keys),
                         message_id=f"<alert.{delivery.id}@{self._site.domain}>")
        return compose_alert(subscription, alert, alert.revisions[delivery.revision - 1], delivery.notice,
                             delivery.created_at, person, self._site)


def compose_alert(subscription: Subscription, alert: Alert, revision: Revision, notice: Notice, at: datetime,
                  person: Person, site: Site) -> EmailMessage:
    """Equal arguments give equal bytes."""
    speech = speech_of(subscription.language)
    told = view(alert, revision, site, speech)
    subject = _subject(subscription, told, notice, speech)
    message = blank_message(site, person.address, subject, person.message_id, at)
    message["List-Id"] = f"<{person.list_name}.{site.domain}>"
    message["List-Unsubscribe"] = f"<{site.url(f'u/{person.leave_token}')}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    message["Precedence"] = "bulk"
    values = {
        "subject": subject, "notice": notice.value, "alert": told, "site": site, "opening": _opening(notice, speech),
        "released": speech.day((alert.first_released_at or at).astimezone(UTC).date()),
        "reasons": reasons(subscription.filter, speech),
        "why": speech._("You get this because somebody who can read this address confirmed it on {day}.",
                        day=person.began),
        "page_url": spoken(told.url, speech), "manage_url": spoken(site.url(f"manage/{person.manage_token}"), speech),
        "leave_url": spoken(site.url(f"u/{person.leave_token}"), speech)}
    fill(message, render("alert.txt", speech, **values), render_inlined("alert.html", speech, **values),
         subscription.language)
    return message


def preview(alert: Alert, revision: Revision, language: str, at: datetime, site: Site) -> EmailMessage:
    """The message that a reader of its first topic would get, to nobody."""
    nobody = Subscription("preview", b"", b"", Filter(topics=revision.text.topics[:1]), Cadence.INSTANT, "UTC", 0, 0, 0,
                          at, at, language=language)
    person = Person("reader@example.org", f"<alert.preview@{site.domain}>", "preview", "…", "…",
                    speech_of(language).day(at.astimezone(UTC).date()), "…")
    notice = Notice.CORRECTION if any(w.corrected for w in revision.text.words.values()) else Notice.ALERT
    return compose_alert(nobody, alert, revision, notice, at, person, site)


def _subject(subscription: Subscription, told: AlertView, notice: Notice, speech: Speech) -> str:
    """Neutral, unless the reader asked for topics there; that of a withdrawal always."""
    subject = speech._(SUBJECTS[notice])
    if subscription.telling_subject and notice is not Notice.WITHDRAWAL:
        return speech._("{subject}: {topics}", subject=subject, topics=", ".join(told.topics))
    return subject


def _opening(notice: Notice, speech: Speech) -> str:
    """Long enough to fill the preview that inboxes show beside the subject."""
    ends = speech._("At the end are the links to change what you get or to stop these messages at once.")
    match notice:
        case Notice.CORRECTION:
            return " ".join((speech._("We sent you something that was not right in all points, and we are sorry."),
                             speech._("Below is what was wrong, and then all of it as it is right."), ends))
        case Notice.WITHDRAWAL:
            return " ".join((speech._("We sent you something earlier that we have taken back, and we are sorry."),
                             speech._("Please do nothing more because of it."), ends))
    return " ".join((speech._("You asked to be told when something that you follow can still be influenced."),
                     speech._("Two of us have checked what follows."), ends))
