"""A filter to what its reader may expect: as we understood it, how often it would have written, what we may miss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from digests.following.estimate import Estimate, estimate
from digests.following.understood import Line, near_names, synonyms, understood
from digests.speech import Speech
from digests.wording.outages import summary
from digests.wording.places import place_name
from spiders.discovery import facts
from tracker.model import Filter
from tracker.polling.sources import SourceHealth
from tracker.polling.watching import name_of
from tracker.web.press import Press

MOST_NAMED = 6  # sources; of more, the number is told and where the list is
BUSY = 100  # changes a week: more than a person reads


@dataclass(frozen=True, slots=True)
class Foreseen:
    lines: tuple[Line, ...]
    notes: tuple[str, ...]  # good to know
    amount: str
    warnings: tuple[str, ...]


def foresee(press: Press, wanted: Filter) -> Foreseen:
    """Costs one look at the newest news, of bounded length."""
    speech = press.speech
    told = estimate(press.services.store, wanted, press.services.clock())
    notes = [*synonyms(wanted, speech), *near_names(wanted, told, speech)]
    if wanted.words:
        notes.append(speech._("Words are looked for in titles and in what is told of a bill (steps, findings with "
                              "their quotes), not in its whole text."))
    if told.a_week > BUSY:
        notes.append(speech._("That is a lot to read. Fewer topics or places, or a weekly message, may serve you "
                              "better."))
    return Foreseen(understood(wanted, name_of, speech), tuple(notes), amount(told, speech),
                    (*_strange_bills(press, wanted),
                     *_coverage(press.health(), wanted, press.jurisdictions(), speech)))


def amount(told: Estimate, speech: Speech) -> str:
    if told.knows_nothing:
        return speech._("We cannot say yet how much this will be: there was no such news here lately.")
    days = speech.ngettext("the last day", "the last {number} days", round(told.days))
    if not told.changes:
        return speech._("Nothing in {days} would have been sent to you. That can be right for something rare; if you "
                        "expected news, ask for less at once.", days=days)
    if told.a_week < 1:
        return speech._("Less than one change a week: {changes} on {bills} in {days}.",
                        changes=speech.ngettext("{number} change", "{number} changes", told.changes),
                        bills=speech.ngettext("{number} bill", "{number} bills", told.bills), days=days)
    return speech._("About {week} a week: {changes} on {bills} in {days}.",
                    week=speech.ngettext("{number} change", "{number} changes", round(told.a_week)),
                    changes=speech.ngettext("{number} change", "{number} changes", told.changes),
                    bills=speech.ngettext("{number} bill", "{number} bills", told.bills), days=days)


def _strange_bills(press: Press, wanted: Filter) -> list[str]:
    """A slip in a number would be waited for in silence, for ever."""
    strange = [bill for bill in wanted.bills if press.services.store.bill(bill) is None]
    return [press.speech._("Not known here yet: {bills}. Look at the number again, unless it is still to come.",
                           bills=press.speech.listed(strange))] if strange else []


def _coverage(health: Sequence[SourceHealth], wanted: Filter, jurisdictions: Sequence[str],
              speech: Speech) -> list[str]:
    """What we cannot see, or have not proven that we can, of the places that are asked for."""
    places = {*wanted.jurisdictions, *(bill.partition("/")[0] for bill in wanted.bills)} or {*jurisdictions}
    blind = [h for h in health if h.source in places and not h.healthy]
    unseen = sorted(places - {h.source for h in health})
    unproven = sorted(p for p in places if facts(p).get("proven") not in (None, "live"))
    lines = [summary(h, speech) for h in blind[:MOST_NAMED]]
    if len(blind) > MOST_NAMED:
        lines.append(speech.ngettext("{number} further legislature cannot be read well just now.",
                                     "{number} further legislatures cannot be read well just now.",
                                     len(blind) - MOST_NAMED))
    if unseen:
        lines.append(speech._("Not checked by this site: {places}.", places=_named(unseen, speech)))
    if unproven:
        lines.append(speech._("Proven on recorded pages only, not yet on the live site, so that changes may be missed: "
                              "{places}.", places=_named(unproven, speech)))
    return lines


def _named(places: Sequence[str], speech: Speech) -> str:
    shown = [place_name(name_of(place), speech) for place in places[:MOST_NAMED]]
    more = len(places) - len(shown)
    return speech.listed([*shown, speech.ngettext("{number} other", "{number} others", more)] if more else shown)
