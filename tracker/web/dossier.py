"""A bill's state, log and texts to its page: what it would do, how far it has come, in which order to say it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from digests.speech import ENGLISH, N_, Speech
from digests.wording.words import Line, describe, stage_name
from tracker.model import (
    Bill,
    BillState,
    Effect,
    Event,
    EventKind,
    Flag,
    Hearing,
    Link,
    MarkedText,
    Page,
    TextStatus,
    Topic,
    Version,
    VersionState,
)
from tracker.stage import stage_of
from tracker.steps import steps
from tracker.ties import Ties
from tracker.web.excerpts import Excerpt, anchors, excerpt
from tracker.web.wording import is_web

STATE_WORDS = {
    TextStatus.PENDING: N_("announced; the text is not there yet, we ask again"),
    TextStatus.UNAVAILABLE: N_("could not be read; we ask again"),
    TextStatus.AVAILABLE: N_("read"),
}
_TOLD_TOGETHER = (EventKind.FLAG_RAISED, EventKind.FLAG_WITHDRAWN, EventKind.SPONSOR_ADDED, EventKind.SPONSOR_REMOVED)
TextOf = Callable[[str], MarkedText | None]  # version code -> text


@dataclass(frozen=True, slots=True)
class FlagView:
    flag: Flag
    anchor: str
    excerpt: Excerpt | None


@dataclass(frozen=True, slots=True)
class VersionView:
    code: str
    note: str
    date: date | None
    links: tuple[Link, ...]
    readable: bool
    state_words: str
    flag_count: int
    compared_to: str | None  # code of the text before this one that could be read


@dataclass(frozen=True, slots=True)
class FlaggedVersion:
    """`same_as`: the note of a newer version with just these flags; then they are not told again."""

    code: str
    note: str
    flags: tuple[FlagView, ...]
    same_as: str | None
    newest: bool  # of the texts that could be read


@dataclass(frozen=True, slots=True)
class Finding:
    topic: Topic
    effect: Effect
    count: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One step of the history; flags of one version, or sponsors, that came together are one step."""

    occurred_on: date | None
    recorded_at: datetime
    lines: tuple[Line, ...]
    sources: tuple[str, ...] = ()  # the record keepers who tell of it


@dataclass(frozen=True, slots=True)
class Dossier:
    id: str
    bill: Bill
    stage: str
    status: str
    findings: tuple[Finding, ...]
    flagged_versions: tuple[FlaggedVersion, ...]
    caution: str | None  # what must be known before the flags are read, or why there are none
    versions: tuple[VersionView, ...]
    timeline: tuple[Entry, ...]
    hearings: tuple[Hearing, ...]
    ties: Ties
    official: tuple[str, ...]
    pages: tuple[Page, ...]


def compose(identity: str, state: BillState, events: Sequence[Event], text_of: TextOf, pages: Sequence[Page],
            ties: Ties, today: date, speech: Speech = ENGLISH) -> Dossier:
    bill = state.bill
    newest = newest_read(state)
    return Dossier(
        id=identity, bill=bill, stage=stage_of(bill), status=status_line(bill, today, speech),
        findings=findings(newest.flags if newest else ()),
        flagged_versions=flagged_versions(state, text_of), caution=caution(state, speech),
        versions=tuple(_version_view(v, state, speech) for v in reversed(bill.versions)),
        timeline=timeline(events, speech),
        hearings=tuple(sorted(bill.hearings, key=lambda h: (h.date, h.key), reverse=True)),
        ties=ties, official=tuple(u for u in bill.sources if is_web(u)), pages=tuple(pages))


def newest_read(state: BillState) -> VersionState | None:
    return next((v for v in reversed(state.versions) if v.status is TextStatus.AVAILABLE), None)


def status_line(bill: Bill, today: date, speech: Speech = ENGLISH) -> str:
    """How far it has come, its last step, and the soonest of those that are announced, in one breath."""
    taken, ahead = steps(bill, today)
    stage = stage_name(stage_of(bill), speech)
    if not taken:
        told = f"{stage}." if ahead else speech._("{stage}. No step recorded yet.", stage=stage)
    elif taken[-1].date:
        told = speech._("{stage}. Last step, on {day}: {words}", stage=stage, day=speech.day(taken[-1].date),
                        words=taken[-1].description)
    else:
        told = speech._("{stage}. Last step, without a date: {words}", stage=stage, words=taken[-1].description)
    if not ahead:
        return told
    return f"{_ended(told)} " + speech._("Scheduled for {day}: {what}", day=speech.day(ahead[0].date),
                                         what=ahead[0].description)


def _ended(words: str) -> str:
    return words if words.endswith((".", "!", "?", "…")) else f"{words}."


def findings(flags: Sequence[Flag]) -> tuple[Finding, ...]:
    """Topic and effect of the flags, each pair once, in the order of the enums."""
    counts: dict[tuple[Topic, Effect], int] = {}
    for flag in flags:
        counts[flag.topic, flag.effect] = counts.get((flag.topic, flag.effect), 0) + 1
    return tuple(Finding(t, e, counts[t, e]) for t in Topic for e in Effect if (t, e) in counts)


def caution(state: BillState, speech: Speech = ENGLISH) -> str | None:
    """Silence is never shown as calm: why there are no flags, or why those shown may be out of date."""
    newest = newest_read(state)
    if newest is None:
        if state.versions:
            return speech._("No text could be read yet, so nothing can be said of its sections. We ask again at every "
                            "check.")
        return speech._("No text yet, so nothing can be said of its sections. We ask again at every check.")
    notes = {v.code: v.note for v in state.bill.versions}
    name = notes.get(newest.code, newest.code)
    if newest is not state.versions[-1]:
        later = notes.get(state.versions[-1].code, state.versions[-1].code)
        return speech._("A later text, “{later}”, could not be read yet. What follows rests on “{name}”.", later=later,
                        name=name)
    if newest.flags:
        return None
    if any(v.flags for v in state.versions):
        return speech._("The newest text, “{name}”, has no flagged section any more. Earlier texts had these:",
                        name=name)
    return speech._("No section of the texts that we have read is flagged. Rules can miss things: the official text "
                    "decides.")


def flagged_versions(state: BillState, text_of: TextOf) -> tuple[FlaggedVersion, ...]:
    """Newest first; versions without flags are left out."""
    notes, newest = {v.code: v.note for v in state.bill.versions}, newest_read(state)
    told: dict[tuple[object, ...], str] = {}
    out: list[FlaggedVersion] = []
    for version in reversed(state.versions):
        if not version.flags:
            continue
        note = notes.get(version.code, version.code)
        substance = tuple((f.topic, f.effect, f.provision, f.quote) for f in version.flags)
        repeated = told.get(substance)
        told.setdefault(substance, note)
        text = None if repeated else text_of(version.code)
        out.append(FlaggedVersion(version.code, note, flag_views(text, version.flags), repeated,
                                  version is newest))
    return tuple(out)


def flag_views(text: MarkedText | None, flags: Sequence[Flag]) -> tuple[FlagView, ...]:
    """In the order of the text. An excerpt is shown only where the stored text still bears the quote out."""
    names = dict(zip((p.path for p in text.provisions), anchors(text), strict=True)) if text else {}
    ordered = sorted(flags, key=lambda f: (f.start, f.end, f.topic, f.effect))
    return tuple(FlagView(f, names.get(f.provision, "start"),
                          excerpt(text, f) if text and text.text[f.start:f.end] == f.quote else None)
                 for f in ordered)


def timeline(events: Sequence[Event], speech: Speech = ENGLISH) -> tuple[Entry, ...]:
    """Newest first by the legislature's date; a step without one stands where we recorded it."""
    ordered = sorted(events, key=lambda e: (e.occurred_on or e.recorded_at.date(), e.seq), reverse=True)
    return tuple(_entry(tuple(group), speech) for _, group in groupby(ordered, key=_together))


def _together(event: Event) -> tuple[object, ...]:
    if event.kind in _TOLD_TOGETHER:
        return (event.kind, event.data.get("version"), event.occurred_on, event.recorded_at)
    return (event.seq,)


def _entry(group: tuple[Event, ...], speech: Speech) -> Entry:
    first = group[0]
    sources = dict.fromkeys(source for e in group for source in e.data.get("sources") or ())
    return Entry(first.occurred_on, first.recorded_at, tuple(describe(e, speech) for e in reversed(group)),
                 tuple(sources))


def _version_view(version: Version, state: BillState, speech: Speech) -> VersionView:
    held = next((s for s in state.versions if s.code == version.code), None)
    status = held.status if held else TextStatus.PENDING
    earlier = []
    if held:
        earlier = [s.code for s in state.versions[:state.versions.index(held)] if s.status is TextStatus.AVAILABLE]
    return VersionView(version.code, version.note, version.date, web_links(version),
                       status is TextStatus.AVAILABLE, speech._(STATE_WORDS[status]), len(held.flags) if held else 0,
                       earlier[-1] if earlier else None)


def web_links(version: Version) -> tuple[Link, ...]:
    return tuple(link for link in version.links if is_web(link.url))
