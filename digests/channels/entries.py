"""An event to a feed entry, before it has a format: text and HTML that no reader's program can be hurt by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from digests import plain
from digests.pages import render
from digests.site import Site
from digests.speech import ENGLISH, Speech
from digests.wording.words import describe, topic_name
from tracker.model import Event

TITLE_LENGTH = 200
QUOTE_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class Entry:
    id: str
    url: str
    title: str  # plain text
    html: str
    text: str
    at: datetime
    tags: tuple[tuple[str, str], ...]  # (key, name)


def entry_of(event: Event, site: Site, speech: Speech = ENGLISH) -> Entry:
    card = event.data.get("bill") or {}
    told = describe(event, speech)
    identifier = plain.line(card.get("identifier")) or event.bill_id
    url = site.url(event.bill_id)
    badges = "".join(f" ({badge})" for badge in told.badges)
    quote = plain.shorten(told.quote, QUOTE_LENGTH, speech._("(continued on the bill's page)")) if told.quote else None
    names = [topic_name(t, speech) for t in event.topics]
    html = render("entry.html", speech, line=told, quote=quote, bill_url=url, identifier=identifier,
                  title=plain.line(card.get("title")), when=speech.day(event.occurred_on),
                  noticed=speech.day(event.recorded_at.astimezone(UTC).date()), topics=", ".join(names),
                  official=plain.web_link(card.get("url")))
    said = (_sentence(told.headline + badges), told.detail, quote and speech.quoted(quote))
    text = " ".join(part for part in said if part)
    return Entry(site.tag(f"event/{event.seq}"), url,
                 f"{identifier}: {plain.shorten(told.headline, TITLE_LENGTH, '')}".rstrip() + badges, html, text,
                 moment(event), tuple((t.value, topic_name(t, speech)) for t in event.topics))


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."


def moment(event: Event) -> datetime:
    """When we recorded it. One ingest records many events at one moment: the fraction of a second keeps them apart
    and in order, as feed readers sort by time."""
    whole = event.recorded_at.astimezone(UTC).replace(microsecond=0)
    return whole + timedelta(microseconds=event.seq % 1_000_000)
