"""An alert to a page that stands alone: no script, no style sheet beside it, nothing counted down. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from digests.alerts.words import moment_words, view
from digests.delivery.mail import spoken
from digests.pages import render
from digests.site import Site
from digests.speech import SOURCE, Speech, speech_of
from tracker.alerts.records import Alert, Revision, Standing, standing


def alert_page(alert: Alert, revision: Revision, languages: Sequence[str], site: Site, speech: Speech) -> str:
    """`languages` that the page is written in, this one among them."""
    told = view(alert, revision, site, speech)
    others = [(other, speech_of(other).own_name, f"{alert.id}.html" if other == SOURCE else f"{alert.id}.{other}.html")
              for other in languages if other != speech.language]
    return render("alert_page.html", speech, alert=told, title=told.headline, others=others, site=site,
                  notice="correction" if told.corrected else "alert", over=None, live=spoken(told.url, speech))


def over_page(alert: Alert, now: datetime, site: Site, speech: Speech) -> str:
    """Instead of one that is not open: none of its words."""
    text = (alert.shown or alert.newest).text
    match standing(alert, now):
        case Standing.WITHDRAWN:
            day = speech.day((alert.withdrawn_at or now).astimezone(UTC).date())
            title = speech._("This was withdrawn")
            over = speech._("We took this call back on {day}. Please do nothing more because of it.", day=day)
        case Standing.EXPIRED:
            title = speech._("This is over")
            over = speech._("It was too late to act on this after {ends}. What it said is not shown any more.",
                            ends=moment_words(text.ends_at, text.zone, speech))
        case _:
            title = over = speech._("This call is not open at the moment.")
    return render("alert_page.html", speech, alert=None, title=title, others=[], site=site, notice="", over=over,
                  live=site.url("/alerts"))
