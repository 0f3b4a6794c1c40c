"""State before and record now -> the events between them. Pure; the only place where a change is called a change."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TypeVar

from rapidfuzz.distance import Indel

from tracker import events
from tracker.desk.review import shown
from tracker.events import Desk
from tracker.model import (
    Action,
    Bill,
    BillState,
    EventKind,
    Flag,
    Hearing,
    HearingStatus,
    IngestMode,
    NewEvent,
    Sponsorship,
    TextStatus,
    Version,
    VersionState,
)
from tracker.polling.adjournment import kept, stands_in_for
from tracker.stage import stage_of

T = TypeVar("T")

SIMILAR = 0.6  # wording that shares this much is a correction of the old wording, not a new step


def settle(before: Bill | None, record: Bill) -> Bill:
    """The record, with what it is silent about kept from before: a page that lost a part withdraws nothing."""
    if before is None:
        return record
    silent = {name: getattr(before, name)
              for name in ("title", "introduced_on", "chamber", "titles", "subjects", "committees", "sponsorships",
                           "actions", "versions", "documents", "votes", "related_bills", "sources")
              if not getattr(record, name) and getattr(before, name)}
    listed = {h.key for h in record.hearings}
    if gone := tuple(h for h in before.hearings if h.key not in listed):  # only a page that says so cancels
        silent["hearings"] = (*gone, *record.hearings)
    return kept(before, replace(record, **silent) if silent else record)


def newest_flags(versions: tuple[VersionState, ...]) -> tuple[Flag, ...]:
    """Flags of the newest version whose text we hold: what the bill would do as it stands."""
    held = [v for v in versions if v.status is TextStatus.AVAILABLE]
    return shown(held[-1].flags) if held else ()


def diff(bill_id: str, before: BillState | None, bill: Bill, versions: tuple[VersionState, ...],
         mode: IngestMode) -> tuple[NewEvent, ...]:
    """What happened between `before` and (`bill`, `versions`), in the order in which a person would tell it.

    `bill` is settled, `versions` are the text states after this ingest in the order of ``bill.versions``.
    """
    old_flags = newest_flags(before.versions) if before else ()
    new_flags = newest_flags(versions)
    desk = Desk(bill_id, bill, (before.revision if before else 0) + 1,
                events.topics_of((*old_flags, *new_flags)), mode,
                events.findings_of((*old_flags, *new_flags)))
    return _numbered(_changes(desk, before, versions, old_flags, new_flags))


def _numbered(found: Iterable[NewEvent]) -> tuple[NewEvent, ...]:
    """Changes of one ingest that are alike in every word (a step taken twice in a day) still get a key each."""
    seen: dict[str, int] = {}
    result = []
    for event in found:
        nth = seen[event.key] = seen.get(event.key, 0) + 1
        result.append(replace(event, key=events.content_key(f"{event.key}|{nth}")) if nth > 1 else event)
    return tuple(result)


def _changes(desk: Desk, before: BillState | None, versions: tuple[VersionState, ...],
             old_flags: tuple[Flag, ...], new_flags: tuple[Flag, ...]) -> Iterator[NewEvent]:
    old, bill = before.bill if before else None, desk.bill
    if old is None:
        yield desk.event(EventKind.BILL_INTRODUCED, "", bill.introduced_on, title=bill.title,
                         sponsors=[s.name for s in bill.sponsorships if s.primary],
                         introduced_on=events.day(bill.introduced_on))
    else:
        if old.title and bill.title and old.title != bill.title:
            yield desk.event(EventKind.TITLE_CHANGED, "", None, before=old.title, after=bill.title)
        yield from _sponsors(desk, old)
    yield from _actions(desk, old.actions if old else ())
    yield from _hearings(desk, old.hearings if old else ())
    yield from _texts(desk, before, versions)
    yield from _flags(desk, before, versions, old_flags, new_flags)


# --- actions ----------------------------------------------------------------------------------------------------------


def _actions(desk: Desk, old: tuple[Action, ...]) -> Iterator[NewEvent]:
    """Each new step once; a step told in other words by a second record keeper is no news; changed or vanished
    steps are corrections."""
    gone, new = _unmatched(old, desk.bill.actions, lambda a: (a.date, a.description))
    gone, new = _pair_off(gone, new, _same_step)[:2]
    gone, new, corrected = _pair_off(gone, new, _reworded)
    for was, now in corrected:
        yield _correction(desk, "action", was, now)
    for action in gone:
        yield _correction(desk, "action", action, None)
    repeats: dict[tuple[object, str], int] = {}
    for action in new:
        nth = repeats[action.date, action.description] = repeats.get((action.date, action.description), 0) + 1
        yield desk.event(EventKind.ACTION_RECORDED, f"{action.date}|{action.description}|{nth}", action.date,
                         **events.action_data(action), **_voted(desk.bill, action),
                         stage=_stage_after(desk.bill, action))


def _voted(bill: Bill, action: Action) -> dict[str, object]:
    """How a new step was voted on, if one vote of that day has its words. Only new steps tell it: counts that become
    known later, by another reader of pages or after an upgrade, are no news."""
    found = [v for v in bill.votes if v.counts and v.motion and (v.date, v.chamber) == (action.date, action.chamber)
             and any(v.motion.startswith(words) or words.startswith(v.motion)
                     for words in (action.description, *action.also) if words)]
    return {"vote": events.vote_data(found[0])} if len(found) == 1 else {}


def _stage_after(bill: Bill, action: Action) -> str:
    if not action.classification:
        return ""
    return stage_of(replace(bill, actions=bill.actions[: bill.actions.index(action) + 1]))


def _same_step(was: Action, now: Action) -> bool:
    return stands_in_for(was, now) or (was.date == now.date and (
        was.description in now.also or now.description in was.also or bool(set(was.also) & set(now.also))))


def _reworded(was: Action, now: Action) -> bool:
    if was.description == now.description:
        return True  # only its date was mended
    return (was.date == now.date and was.chamber == now.chamber
            and alike(tuple(was.description.split()), tuple(now.description.split())))


def _correction(desk: Desk, what: str, was: Action, now: Action | None) -> NewEvent:
    return desk.event(EventKind.CORRECTION, f"{what}|{was.date}|{was.description}|{now and now.date}|"
                      f"{now and now.description}", (now or was).date, of=what,
                      before=events.action_data(was), after=events.action_data(now) if now else None)


# --- people and meetings ----------------------------------------------------------------------------------------------


def _sponsors(desk: Desk, old: Bill) -> Iterator[NewEvent]:
    """By stable id where there is one. With a new bill its sponsors are part of the introduction."""
    before = {s.person_id or s.name: s for s in old.sponsorships if not s.withdrawn_on}
    after = {s.person_id or s.name: s for s in desk.bill.sponsorships if not s.withdrawn_on}
    withdrawn = {s.person_id or s.name: s for s in desk.bill.sponsorships if s.withdrawn_on}
    for key, sponsor in after.items():
        if key not in before:
            yield desk.event(EventKind.SPONSOR_ADDED, key, sponsor.sponsored_on, **events.sponsor_data(sponsor))
    for key, sponsor in before.items():
        if key not in after:
            left: Sponsorship = withdrawn.get(key, sponsor)
            yield desk.event(EventKind.SPONSOR_REMOVED, key, left.withdrawn_on, **events.sponsor_data(left))


def _hearings(desk: Desk, old: tuple[Hearing, ...]) -> Iterator[NewEvent]:
    """A hearing that vanishes from a page is not cancelled: only a page that says so cancels."""
    before = {h.key: h for h in old}
    for hearing in desk.bill.hearings:
        if hearing in old:  # equal, not only of its key: a source may give two sittings of one meeting the same
            continue
        was = before.get(hearing.key)
        if hearing.status is HearingStatus.CANCELLED:
            kind = EventKind.HEARING_CANCELLED
        elif was is None:
            kind = EventKind.HEARING_SCHEDULED
        else:
            kind = EventKind.HEARING_CHANGED
        if was is None:
            yield desk.event(kind, hearing.key, hearing.date, **events.hearing_data(hearing))
        else:
            yield desk.event(kind, hearing.key, hearing.date, **events.hearing_data(hearing),
                             before=events.hearing_data(was))


# --- texts and flags --------------------------------------------------------------------------------------------------


def _texts(desk: Desk, before: BillState | None, versions: tuple[VersionState, ...]) -> Iterator[NewEvent]:
    known = {v.code: v for v in before.bill.versions} if before else {}
    held = {v.code: v for v in before.versions if v.status is TextStatus.AVAILABLE} if before else {}
    states = {v.code: v for v in versions}
    for version in desk.bill.versions:
        if version.code not in known:
            yield desk.event(EventKind.VERSION_PUBLISHED, version.code, version.date, **events.version_data(version))
        state = states.get(version.code)
        if state is None or state.status is not TextStatus.AVAILABLE:
            continue
        was = held.get(version.code)
        if was is None:
            yield desk.event(EventKind.TEXT_ARRIVED, version.code, version.date, **events.text_data(version, state))
        elif was.sha256 != state.sha256:  # the same version, published again with other words
            yield desk.event(EventKind.CORRECTION, f"text|{version.code}|{state.sha256}", version.date, of="text",
                             before=events.text_data(version, was), after=events.text_data(version, state))
    listed = {v.code for v in desk.bill.versions}
    for code, version in known.items():
        if code not in listed:
            yield desk.event(EventKind.CORRECTION, f"version|{code}", version.date, of="version",
                             before=events.version_data(version), after=None)


def _flags(desk: Desk, before: BillState | None, versions: tuple[VersionState, ...], old: tuple[Flag, ...],
           new: tuple[Flag, ...]) -> Iterator[NewEvent]:
    """Flags that came or went between the newest texts; a provision renumbered or lightly edited keeps its flag."""
    if old == new:
        return
    gone, come = _unmatched(old, new, lambda f: (f.topic, f.subtopic, f.effect, _squash(f.quote)))
    gone, come = _pair_off(gone, come, lambda a, b: _kind(a) == _kind(b) and a.provision == b.provision)[:2]
    gone, come = _pair_off(gone, come, lambda a, b: _kind(a) == _kind(b)
                           and alike(_squashed(a.quote), _squashed(b.quote)))[:2]
    by_code: dict[str, Version] = {v.code: v for v in desk.bill.versions}
    held = [v.code for v in versions if v.status is TextStatus.AVAILABLE]
    if not held and before:  # the only text that could be read was withdrawn, and its flags with it
        by_code = {v.code: v for v in before.bill.versions}
        held = [v.code for v in before.versions if v.status is TextStatus.AVAILABLE]
    version = by_code[held[-1]]
    for kind, flags in ((EventKind.FLAG_WITHDRAWN, gone), (EventKind.FLAG_RAISED, come)):
        for flag in flags:
            yield desk.event(kind, f"{version.code}|{flag.topic}|{flag.subtopic}|{flag.effect}|{flag.start}|{flag.end}",
                             version.date, **events.flag_data(version, flag))


def _kind(flag: Flag) -> tuple[object, ...]:
    return flag.topic, flag.subtopic, flag.effect


def _squash(quote: str) -> str:
    return re.sub(r"\W+", " ", quote).strip().lower()


@lru_cache(1024)
def _squashed(quote: str) -> tuple[str, ...]:
    return tuple(_squash(quote).split())


def alike(was: tuple[str, ...], now: tuple[str, ...]) -> bool:
    """Whether they share SIMILAR of their words in order. What the fast measure calls unlike, the slow one would, too:
    it is asked of every pair of a long page that was reworded, while other writers wait."""
    return (Indel.normalized_similarity(was, now) > SIMILAR - 0.01  # rounded otherwise than the slow one
            and SequenceMatcher(None, was, now).ratio() >= SIMILAR)


# --- matching ---------------------------------------------------------------------------------------------------------


def _unmatched(old: tuple[T, ...], new: tuple[T, ...], key: Callable[[T], object]) -> tuple[list[T], list[T]]:
    """What is left of both after equals are taken out, one for one (a step that truly happens twice counts twice)."""
    waiting: dict[object, int] = {}
    for item in old:
        waiting[key(item)] = waiting.get(key(item), 0) + 1
    come = []
    for item in new:
        if waiting.get(key(item)):
            waiting[key(item)] -= 1
        else:
            come.append(item)
    gone = []
    for item in reversed(old):
        if waiting.get(key(item)):
            waiting[key(item)] -= 1
            gone.append(item)
    return gone[::-1], come


def _pair_off(old: list[T], new: list[T], same: Callable[[T, T], bool]) -> tuple[list[T], list[T], list[tuple[T, T]]]:
    """Leftovers that are the same thing changed: (old left, new left, pairs)."""
    left, pairs = list(new), []
    gone = []
    for item in old:
        twin = next((other for other in left if same(item, other)), None)
        if twin is None:
            gone.append(item)
        else:
            left.remove(twin)
            pairs.append((item, twin))
    return gone, left, pairs
