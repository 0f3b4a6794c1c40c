"""An alert to what a reader sees of it, in the reader's language: sections, hours of the venue, offices. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_timezone_name

from digests import plain
from digests.site import Site
from digests.speech import SOURCE, Speech
from digests.wording.words import topic_name
from tracker.alerts.records import WORD_NAMES, Addressee, Alert, Revision
from tracker.model import Topic

WITHDRAWN_FOR = timedelta(days=14)  # how long a withdrawal stays on the page of alerts and in their feed
SECTIONS = ("happens", "why", "decides", "reach", "script")


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    name: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Office:
    """One addressee, as its source printed it. `mailto` and `url` are safe to be links."""

    name: str
    about: str
    phone: str
    mail: str
    url: str | None
    source: str | None
    fetched: str


@dataclass(frozen=True, slots=True)
class AlertView:
    """`language` is of the editor's words; what stands around them is in the language that was asked for."""

    id: str
    url: str
    calendar_url: str | None
    language: str
    headline: str
    sections: tuple[Section, ...]
    place: str
    topics: tuple[str, ...]
    keys: tuple[Topic, ...]
    bills: tuple[tuple[str, str, str], ...]  # (identifier, address, id)
    deadline: str  # "Friday, 9 May 2031, 17:00 (Pacific Time)"; empty: none
    deadline_words: str
    ends: str
    offices: tuple[Office, ...]
    corrected: tuple[str, ...]


def view(alert: Alert, revision: Revision, site: Site, speech: Speech) -> AlertView:
    """Of the public revision, or of one that is looked at before. Nothing in it hangs on the clock."""
    text = revision.text
    language = speech.language if speech.language in text.words else SOURCE
    words = text.words[language]
    return AlertView(
        alert.id, site.url(f"alerts/{alert.id}"), site.url(f"alerts/{alert.id}.ics") if text.deadline else None,
        language, words.headline,
        tuple(Section(key, speech._(WORD_NAMES[key]), paragraphs(getattr(words, key))) for key in SECTIONS),
        text.jurisdiction, tuple(topic_name(t, speech) for t in text.topics), text.topics,
        tuple((_identifier(bill), site.url(bill), bill) for bill in text.bills),
        moment_words(text.deadline, text.zone, speech) if text.deadline else "", plain.line(text.deadline_words),
        moment_words(text.ends_at, text.zone, speech), tuple(_office(one, speech) for one in text.addressees),
        paragraphs(words.corrected))


def paragraphs(words: str) -> tuple[str, ...]:
    return tuple(part for part in (" ".join(p.split()) for p in words.split("\n")) if part)


def moment_words(at: datetime, zone: str, speech: Speech) -> str:
    """``"Friday, 9 May 2031, 17:00 (Pacific Time)"``: by the clocks of the venue."""
    local = at.astimezone(ZoneInfo(zone))
    return speech._("{weekday}, {day}, {time} ({zone})", weekday=_weekday(local, speech), day=speech.day(local.date()),
                    time=f"{local:%H:%M}", zone=zone_words(zone, speech))


def zone_words(zone: str, speech: Speech) -> str:
    return str(get_timezone_name(ZoneInfo(zone), "long", zone_variant="generic", locale=speech.locale))


def countdown(deadline: datetime, zone: str, now: datetime, speech: Speech) -> str:
    """``"closes in 3 days, Friday 17:00 (Pacific Time)"``.

    Days of the venue's calendar; under a day hours, under an hour minutes, never more than there are.
    """
    local, today, left = deadline.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)), deadline - now
    when = speech._("{weekday} {time} ({zone})", weekday=_weekday(local, speech), time=f"{local:%H:%M}",
                    zone=zone_words(zone, speech))
    if left <= timedelta(0):
        return speech._("closed {when}", when=moment_words(deadline, zone, speech))
    if left >= timedelta(days=1):
        days = (local.date() - today.date()).days
        return speech.ngettext("closes in {number} day, {when}", "closes in {number} days, {when}", days, when=when)
    if left >= timedelta(hours=1):
        return speech.ngettext("closes in {number} hour, {when}", "closes in {number} hours, {when}",
                               left // timedelta(hours=1), when=when)
    return speech.ngettext("closes in {number} minute, {when}", "closes in {number} minutes, {when}",
                           left // timedelta(minutes=1), when=when)


def _weekday(local: datetime, speech: Speech) -> str:
    return str(format_date(local.date(), "EEEE", locale=speech.locale))


def _identifier(bill: str) -> str:
    return bill.rpartition("/")[2].replace("-", " ").upper()


def _office(one: Addressee, speech: Speech) -> Office:
    return Office(plain.line(one.name), ", ".join(filter(None, (plain.line(one.role), plain.line(one.district)))),
                  plain.line(one.phone), plain.line(one.mail), plain.web_link(one.url), plain.web_link(one.source),
                  speech.day(one.fetched_on) if one.fetched_on else "")
