"""Outages of sources to words: one sentence for pages, lines for digests, entries for feeds, mail for the operator."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

from digests import plain
from digests.channels.entries import Entry
from digests.delivery.mail import blank_message
from digests.pages import render
from digests.site import Site
from digests.speech import ENGLISH, N_, Speech
from digests.wording.places import place_name
from tracker.model import Filter, VerdictKind
from tracker.polling.sources import REMIND_EVERY, Notice, Outage, SourceHealth, SourceState

MOST_IN_FEED = 10  # notices of one document: a source that comes and goes must not fill it
KEPT_IN_FEED = timedelta(days=14)  # before the newest entry; archives have none of them

VERDICT_WORDS: dict[VerdictKind, str] = {
    VerdictKind.OK: N_("healthy"),
    VerdictKind.EMPTY: N_("fewer bills than expected"),
    VerdictKind.DRIFTED: N_("the site has changed and we cannot read it"),
    VerdictKind.BLOCKED: N_("the site refuses us"),
    VerdictKind.UNREACHABLE: N_("the site does not answer"),
    VerdictKind.LIMITED: N_("the source's quota of requests is used up for now"),
}
TOO_LONG = N_("not checked for too long")

SUBJECTS: dict[Notice, str] = {
    Notice.BEGAN: "A source needs care",
    Notice.LASTS: "A source still needs care",
    Notice.ENDED: "A source can be read again",
}


def verdict_words(kind: VerdictKind, speech: Speech = ENGLISH) -> str:
    return speech._(VERDICT_WORDS[kind])


def summary(health: SourceHealth, speech: Speech = ENGLISH) -> str:
    """One sentence for a banner."""
    if health.healthy:
        return speech._("{name}: checked {moment}.", name=place_name(health.name, speech),
                        moment=speech.moment(health.well_at))
    verdict = health.last.verdict if health.failing and health.last else None
    if health.since is None and health.well_at is None:
        return speech._("{name}: never checked yet.", name=place_name(health.name, speech))
    return _could_not(health.name, health.since, verdict.kind if verdict else None, health.well_at, speech)


def _could_not(name: str, since: datetime | None, verdict: VerdictKind | None, well_at: datetime | None,
               speech: Speech) -> str:
    name, why = place_name(name, speech), verdict_words(verdict, speech) if verdict else speech._(TOO_LONG)
    last = (speech._("last complete check {moment}", moment=speech.moment(well_at)) if well_at
            else speech._("no complete check yet"))
    if since is None:
        return speech._("We could not read {name}: {why}; {last}. Changes may be missing.", name=name, why=why,
                        last=last)
    return speech._("We could not read {name} since {moment}: {why}; {last}. Changes may be missing.", name=name,
                    moment=speech.moment(since), why=why, last=last)


def _can_again(outage: Outage, speech: Speech) -> str:
    return speech._("We can read {name} again since {ended}. We could not since {began}; what happened meanwhile is "
                    "taken in as far as the site still shows it.", name=place_name(outage.name, speech),
                    ended=speech.moment(outage.ended_at), began=speech.moment(outage.began_at))


# --- digests ----------------------------------------------------------------------------------------------------------


def lines(outages: Iterable[Outage], wanted: Filter, at: datetime, speech: Speech = ENGLISH) -> tuple[str, ...]:
    """One a source that we could not read at this moment, of those that the filter is about; by name."""
    places = {*wanted.jurisdictions, *(bill.partition("/")[0] for bill in wanted.bills)}
    found = {o.source: o for o in outages if o.noticed_at <= at and (o.ended_at is None or o.ended_at > at)
             and (not places or o.source in places)}
    return tuple(speech._("We could not read {name} since {day}: changes may be missing.",
                          name=place_name(o.name, speech),
                          day=speech.day(o.began_at.astimezone(UTC).date()))
                 for o in sorted(found.values(), key=lambda o: o.name))


# --- feeds ------------------------------------------------------------------------------------------------------------


def entries(outages: Iterable[Outage], source: str | None, updated: datetime, site: Site,
            speech: Speech = ENGLISH) -> list[Entry]:
    """One when an outage was noticed and one when it ended, newest first; of one source, or of all (None).

    `updated`: the newest of the feed's other entries. It and the notices decide what is old, not a clock.
    """
    found = []
    for outage in outages:
        if source not in (None, outage.source):
            continue
        found.append(_entry(outage, Notice.BEGAN, outage.noticed_at, site, speech))
        if outage.ended_at is not None:
            found.append(_entry(outage, Notice.ENDED, outage.ended_at, site, speech))
    oldest = max([updated, *(e.at for e in found)]) - KEPT_IN_FEED
    return sorted((e for e in found if e.at >= oldest), key=lambda e: (e.at, e.id), reverse=True)[:MOST_IN_FEED]


def _entry(outage: Outage, notice: Notice, at: datetime, site: Site, speech: Speech) -> Entry:
    ended = notice is Notice.ENDED
    title = (speech._("We can read {name} again", name=place_name(outage.name, speech)) if ended
             else speech._("We could not read {name}: changes may be missing", name=place_name(outage.name, speech)))
    words = (_can_again(outage, speech) if ended
             else _could_not(outage.name, outage.began_at, outage.verdict, outage.well_at, speech))
    url = site.url("sources")
    name = site.tag(f"source/{outage.source}/{outage.began_at.astimezone(UTC):%Y%m%dT%H%M%SZ}/{notice}")
    return Entry(name, url, title, render("notice.html", speech, words=words, url=url), words,
                 at.astimezone(UTC).replace(microsecond=0), ())


# --- the operator -----------------------------------------------------------------------------------------------------


def compose_notice(outage: Outage, notice: Notice, address: str, site: Site) -> EmailMessage:
    """Equal arguments give equal bytes. Of readers it knows nothing: a source, its verdict, and where to look."""
    at = {Notice.BEGAN: outage.noticed_at, Notice.ENDED: outage.ended_at or outage.noticed_at,
          Notice.LASTS: (outage.told_at or outage.noticed_at) + REMIND_EVERY}[notice]
    parts = (outage.source, outage.began_at.isoformat(), notice, str(outage.told_at and outage.told_at.isoformat()))
    opaque = hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]
    message = blank_message(site, address, SUBJECTS[notice], f"<source.{opaque}@{site.domain}>", at)
    words = (_can_again(outage, ENGLISH) if notice is Notice.ENDED
             else _could_not(outage.name, outage.began_at, outage.verdict, outage.well_at, ENGLISH))
    message.set_content(render("operator.txt", words=words, outage=outage, reason=plain.line(outage.reason),
                               lasts=notice is not Notice.ENDED, sources_url=site.url("sources"),
                               blind=outage.state is SourceState.BLIND), cte="quoted-printable")
    return message
