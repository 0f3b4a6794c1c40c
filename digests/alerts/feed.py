"""Public alerts to the feed of alerts: open ones whole, withdrawn ones as one sentence, the rest not at all. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from digests.alerts.words import view
from digests.channels.entries import Entry
from digests.channels.feeds import EMPTY_SINCE, Feed, FeedDocument, document
from digests.pages import render
from digests.site import Site
from digests.speech import SOURCE, Speech
from tracker.alerts.records import Alert, Revision, Standing, standing

PATH = "/feeds/alerts"


def alert_feed(alerts: Iterable[Alert], fmt: str, now: datetime, site: Site, speech: Speech) -> FeedDocument:
    """`alerts` as the store gives those that were ever released, the last released first; the clock has the last word.
    Raises LookupError for a format that does not exist."""
    entries = [entry for alert in alerts if (entry := public_entry(alert, now, site, speech))]
    entries.sort(key=lambda e: (e.at, e.id), reverse=True)
    title = speech._("What you can do now")
    address = site.url(f"{PATH}.{fmt}") + ("" if speech.language == SOURCE else f"?lang={speech.language}")
    return document(Feed(
        id=site.tag("feeds/alerts"), title=f"{site.name}: {title}",
        subtitle=speech._("Calls to act, each gone from here as soon as it is too late"), author=site.name,
        author_url=site.url("/"), page_url=site.url("/alerts"), self_url=address, current_url=address,
        previous_url=None, next_url=None, is_archive=False,
        updated=max((e.at for e in entries), default=EMPTY_SINCE), entries=tuple(entries),
        language=speech.language, hub=alerts_hub(site, speech)), fmt)


def alerts_hub(site: Site, speech: Speech) -> str | None:
    """As of all feeds, it is told of the one in our own language."""
    return site.hub or None if speech.language == SOURCE else None


def public_entry(alert: Alert, now: datetime, site: Site, speech: Speech) -> Entry | None:
    """What of it stands in the feed at this moment."""
    match standing(alert, now):
        case Standing.OPEN if alert.shown and alert.released_at:
            begins = alert.shown.text.not_before
            return entry(alert, alert.shown, max(alert.released_at, begins or alert.released_at), site, speech)
        case Standing.WITHDRAWN if alert.shown and alert.withdrawn_at and was_seen(alert):
            words = speech._("This call was withdrawn. Please do nothing more because of it.")
            return Entry(_id(alert, site), site.url(f"alerts/{alert.id}"), speech._("Withdrawn"), f"<p>{words}</p>",
                         words, alert.withdrawn_at, ())
    return None


def entry(alert: Alert, revision: Revision, at: datetime, site: Site, speech: Speech) -> Entry:
    """The id stays when it is corrected: feed readers then replace what they have."""
    told = view(alert, revision, site, speech)
    html = render("alert_body.html", speech, alert=told, notice="correction" if told.corrected else "alert")
    text = render("alert_body.txt", speech, alert=told, notice="correction" if told.corrected else "alert").strip()
    title = speech._("Corrected: {headline}", headline=told.headline) if told.corrected else told.headline
    return Entry(_id(alert, site), told.url, title, html, text, at.astimezone(UTC).replace(microsecond=0),
                 tuple((key.value, name) for key, name in zip(told.keys, told.topics, strict=True)))


def was_seen(alert: Alert) -> bool:
    """Withdrawn before its embargo ended: nobody ever saw it, and nobody needs to be told."""
    begins = alert.shown.text.not_before if alert.shown else None
    return alert.shown is not None and alert.withdrawn_at is not None and not (begins and alert.withdrawn_at < begins)


def _id(alert: Alert, site: Site) -> str:
    return site.tag(f"alert/{alert.id}")
