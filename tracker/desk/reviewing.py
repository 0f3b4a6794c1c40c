"""One judgment of a person in; a decision kept, flags under it, and one event out, in one transaction."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tracker import events
from tracker.desk.review import (
    apply_decisions,
    as_tagged,
    changes_nothing,
    finding_of,
    is_withheld,
    key_of_decision,
    key_of_flag,
    repeats,
    shown,
    withheld,
    words_of,
)
from tracker.differ import newest_flags
from tracker.errors import DecidedMeanwhile, ReviewError
from tracker.events import Desk
from tracker.model import (
    BillState,
    Change,
    Decision,
    Event,
    EventKind,
    Filter,
    Finding,
    Flag,
    IngestMode,
    MarkedText,
    NewEvent,
    ReadText,
    ReviewVerdict,
    Role,
    TextStatus,
    VersionState,
)
from tracker.ports import EventQuery, Log, Store
from tracker.stage import stage_of

MAX_REASON = 1_000  # characters

KINDS: dict[ReviewVerdict, EventKind] = {
    ReviewVerdict.CONFIRM: EventKind.FLAG_CONFIRMED,
    ReviewVerdict.REJECT: EventKind.FLAG_REJECTED,
    ReviewVerdict.CORRECT: EventKind.FLAG_CORRECTED,
    ReviewVerdict.WITHDRAW: EventKind.REVIEW_WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class Judgment:
    """What somebody says of the flag of this key. Raises ReviewError if it says too little.

    `known`: how many decisions on it they had seen when they made up their mind; None: they do not say.
    """

    bill_id: str
    key: str
    verdict: ReviewVerdict
    by: str
    role: Role
    reason: str = ""
    corrected: Finding | None = None
    known: int | None = None

    def __post_init__(self) -> None:
        if self.verdict in (ReviewVerdict.REJECT, ReviewVerdict.CORRECT) and not self.reason.strip():
            raise ReviewError(f"expected a reason with {self.verdict}, got none")
        if len(self.reason) > MAX_REASON:
            raise ReviewError(f"expected a reason of at most {MAX_REASON} characters, got {len(self.reason)}")
        subtopic = self.corrected.subtopic if self.corrected else None
        if names(self.reason, self.by) or names(subtopic or "", self.by):
            raise ReviewError("readers see the reason: leave the name of your account out of it")
        if (self.verdict is ReviewVerdict.CORRECT) != (self.corrected is not None):
            raise ReviewError("expected the right topic and effect with correct, and only with correct")


def names(text: str, account: str) -> bool:
    """Whether the text holds the account's name as a word of its own, however it is spaced or capitalised.

    A name of one letter is in every text and tells nobody anything.
    """
    parts = [re.escape(part) for part in re.split(r"[._-]+", account) if part]
    if len(account) < 2 or not parts:
        return False
    name = r"(?<![^\W_])" + r"[\W_]*".join(parts) + r"(?![^\W_])"
    return re.search(name, unicodedata.normalize("NFKC", text).casefold()) is not None


@dataclass(frozen=True, slots=True)
class Outcome:
    """`kept=False`: the same person had said just this. `event=None`: nothing changed by it."""

    kept: bool
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class _Held:
    """One version of the bill: its flags as tagged and as they are now, and its text."""

    state: VersionState
    now: tuple[Flag, ...]
    text: MarkedText


def judge(store: Store, judgment: Judgment, now: datetime) -> Outcome:
    """Raises ReviewError if the bill has no such flag and nobody ever decided on one, and DecidedMeanwhile if there
    are other decisions than were known."""
    with store.write() as writer:
        state = writer.state(judgment.bill_id)
        if state is None:
            raise ReviewError(f"{judgment.bill_id} is not a bill that we hold")
        past = writer.decisions(judgment.bill_id)
        if judgment.known not in (None, sum(key_of_decision(d) == judgment.key for d in past)):
            raise DecidedMeanwhile("somebody decided on this flag meanwhile: nothing was kept")
        held = _held(store, judgment.bill_id, state)
        decision = _decision(judgment, held, past, now)
        if repeats(past, decision):
            return Outcome(kept=False)
        writer.decide(decision)
        if changes_nothing(past, decision):
            return Outcome(kept=True)
        change = decide(judgment.bill_id, state, held, (*past, decision), _told(store, judgment.bill_id))
        (event,) = writer.apply(change, now)
        return Outcome(kept=True, event=event)


def _held(store: Store, bill_id: str, state: BillState) -> tuple[_Held, ...]:
    """Versions with flags, earliest first."""
    found = []
    for version in state.versions:
        flags = tuple(sorted((*version.flags, *version.withheld), key=_place))
        if flags and (text := store.text(bill_id, version.code)) is not None:
            found.append(_Held(version, flags, text))
    return tuple(found)


def _place(flag: Flag) -> tuple[object, ...]:
    """As the tagger orders them, whatever was corrected."""
    tagged = as_tagged(flag)
    return tagged.start, tagged.end, tagged.topic, tagged.rule


def _decision(judgment: Judgment, held: Sequence[_Held], past: Sequence[Decision], now: datetime) -> Decision:
    """On the flag as the newest text has it; on one that is in no text any more, as it was decided on last."""
    def said(version: str, flag: Flag, words: str) -> Decision:
        return Decision(judgment.bill_id, version, flag, words, judgment.verdict, judgment.reason.strip(), judgment.by,
                        judgment.role.value, now, judgment.corrected)

    for version in reversed(held):
        for flag in version.now:
            if key_of_flag(judgment.bill_id, flag, version.text) == judgment.key:
                tagged = as_tagged(flag)
                if judgment.corrected and _same(judgment.corrected, finding_of(tagged)):
                    raise ReviewError("expected another topic or effect than the flag has: to agree with it, confirm")
                return said(version.state.code, tagged, words_of(version.text, tagged))
    for decision in reversed(past):
        if key_of_decision(decision) == judgment.key:
            return said(decision.version, decision.flag, decision.words)
    raise ReviewError(f"{judgment.bill_id} has no flag {judgment.key[:12]}")


def _same(one: Finding, other: Finding) -> bool:
    return (one.topic, one.effect) == (other.topic, other.effect)


# --- what it changes. Pure --------------------------------------------------------------------------------------------


def decide(bill_id: str, state: BillState, held: Sequence[_Held], decisions: Sequence[Decision],
           told: Iterable[tuple[str, str]]) -> Change:
    """The last of `decisions` is new. `told`: topic and effect of all that readers were ever told of this bill."""
    after = {v.state.code: apply_decisions(v.now, decisions, v.text) for v in held}
    versions = tuple(replace(v, flags=shown(after[v.code]), withheld=withheld(after[v.code])) if v.code in after else v
                     for v in state.versions)
    return Change(
        bill_id=bill_id, bill=state.bill, content_hash=state.content_hash, base_revision=state.revision,
        stage=stage_of(state.bill), topics=events.topics_of(newest_flags(versions)),
        texts=tuple(_rewritten(v, after[v.state.code]) for v in held if after[v.state.code] != v.now),
        events=(_event(bill_id, state, versions, held, after, decisions[-1], set(told)),))


def _rewritten(version: _Held, flags: tuple[Flag, ...]) -> ReadText:
    state = version.state
    return ReadText(state.code, TextStatus.AVAILABLE, state.url or "", "", state.sha256, version.text, flags)


def _event(bill_id: str, state: BillState, versions: tuple[VersionState, ...], held: Sequence[_Held],
           after: dict[str, tuple[Flag, ...]], decision: Decision, told: set[tuple[str, str]]) -> NewEvent:
    """Names no person. It alerts if it changes what readers had been told, and is quiet history otherwise."""
    was, now = _found(bill_id, held, after, decision)
    now = decision.corrected or now
    flags = (*newest_flags(state.versions), *newest_flags(versions), decision.flag)
    findings = [f for f in (was, now, finding_of(decision.flag)) if f]
    about_it = tuple(replace(decision.flag, topic=f.topic, effect=f.effect, subtopic=f.subtopic) for f in findings)
    topics, all_findings = events.topics_of((*flags, *about_it)), events.findings_of((*flags, *about_it))
    alerts = was != now and any((f.topic.value, f.effect.value) in told for f in findings)
    desk = Desk(bill_id, state.bill, state.revision + 1, topics, IngestMode.LIVE if alerts else IngestMode.REPAIR,
                all_findings)
    version = next((v for v in state.bill.versions if v.code == decision.version), None)
    about = events.flag_data(version, decision.flag) if version else {
        **events.finding_data(finding_of(decision.flag)), "version": decision.version, "note": decision.version,
        "provision": decision.flag.provision, "quote": decision.flag.quote, "rule": decision.flag.rule,
        "ruleset": decision.flag.ruleset}
    return desk.event(KINDS[decision.verdict], key_of_decision(decision), None, **about, verdict=decision.verdict,
                      reason=decision.reason or None, role=decision.role,
                      before=events.finding_data(was) if was else None,
                      after=events.finding_data(now) if now else None)


def _found(bill_id: str, held: Sequence[_Held], after: dict[str, tuple[Flag, ...]],
           decision: Decision) -> tuple[Finding | None, Finding | None]:
    """What was shown of the flag and what is shown now; None: withheld, or its words are in no text any more."""
    key = key_of_decision(decision)
    for version in reversed(held):
        for was, now in zip(version.now, after[version.state.code], strict=True):
            if key_of_flag(bill_id, was, version.text) == key:
                return (None if is_withheld(was) else finding_of(was)), (None if is_withheld(now) else finding_of(now))
    return None, None


def _told(log: Log, bill_id: str) -> set[tuple[str, str]]:
    """Topic and effect of every flag of this bill that went out alive."""
    query, after, told = EventQuery(Filter(bills=(bill_id,)), alerting=True), 0, set[tuple[str, str]]()
    while page := log.events(after, 1000, query):
        for event in page:
            if event.kind in (EventKind.FLAG_RAISED, *KINDS.values()):
                told |= {(f["topic"], f["effect"]) for f in (event.data, event.data.get("after"))
                         if f and "topic" in f and "effect" in f}
        after = page[-1].seq
    return told
