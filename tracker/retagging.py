"""Stored texts to flags by the rules of today: what differs becomes a correction, never news.

Resumable without a cursor: each text is noted with the tagger that tagged it, in the transaction that stores its flags.
Texts are read and tagged outside of the writers' lock, so that crawls go on; a bill that a crawl changes meanwhile is
read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from tracker.desk.review import shown, withheld
from tracker.differ import diff, newest_flags
from tracker.errors import Conflict
from tracker.events import topics_of
from tracker.ingest import reviewed
from tracker.model import (
    Bill,
    BillContext,
    BillState,
    Change,
    EventKind,
    IngestMode,
    ReadText,
    TextStatus,
    VersionState,
)
from tracker.ports import Clock, Store, Writer
from tracker.stage import stage_of
from tracker.tagger import Ruleset, tag
from tracker.tagger.stamp import stamp

CHUNK = 200  # bills a transaction
HELD = 8_000_000  # characters of text in memory: a chunk of long acts is written in parts
ATTEMPTS = 5  # at a bill that crawls keep changing; what is left is stale still, and the next run takes it

Stale: TypeAlias = tuple[str, tuple[str, ...]]  # bill, codes of its versions


@dataclass(frozen=True, slots=True)
class Order:
    """Which texts. `everything`: also those that this very tagger tagged."""

    jurisdiction: str | None = None
    since: datetime | None = None  # first seen at or after
    everything: bool = False
    chunk: int = CHUNK


@dataclass(slots=True)
class Counts:
    """What one run did so far, of `total` texts."""

    total: int = 0
    texts: int = 0
    bills: int = 0
    changed: int = 0  # bills with an event
    raised: int = 0
    withdrawn: int = 0
    events: int = 0
    left: int = 0  # bills that crawls kept changing


@dataclass(frozen=True, slots=True)
class _Tagged:
    """A bill as it was when its texts were tagged."""

    bill_id: str
    codes: tuple[str, ...]
    revision: int
    texts: tuple[ReadText, ...]


def retag(store: Store, rules: Ruleset, clock: Clock, order: Order, watch: Callable[[Counts], None] | None = None,
          stop: Callable[[], bool] = lambda: False) -> Counts:  # fmt: skip
    """All texts of the order, a chunk of bills a transaction, until none is left or `stop()`."""
    tagger = stamp(rules)
    wanted = None if order.everything else tagger
    counts = Counts(total=store.count_stale(wanted, jurisdiction=order.jurisdiction, since=order.since))
    after = ""
    while not stop() and (chunk := store.stale_texts(wanted, jurisdiction=order.jurisdiction, since=order.since,
                                                     after=after, limit=order.chunk)):  # fmt: skip
        todo: list[Stale] = chunk
        for _ in range(ATTEMPTS):
            todo = [missed for part in _parts(store, rules, todo, tagger)
                    for missed in _write(store, clock, part, tagger, counts)]  # fmt: skip
            if not todo:
                break
        counts.left += len(todo)
        after = chunk[-1][0]
        if watch is not None:
            watch(counts)
    return counts


def context_of(bill: Bill) -> BillContext:
    """What the tagger may know of a bill besides its text."""
    return BillContext(bill.jurisdiction, bill.title, bill.classification)


def _parts(store: Store, rules: Ruleset, chunk: Sequence[Stale], tagger: str) -> Iterator[list[_Tagged]]:
    part: list[_Tagged] = []
    held = 0
    for bill_id, codes in chunk:
        tagged = _tag(store, rules, bill_id, codes, tagger)
        if tagged is None:
            continue
        part.append(tagged)
        held += sum(len(t.text.text) for t in tagged.texts if t.text)
        if held > HELD:
            yield part
            part, held = [], 0
    if part:
        yield part


def _tag(store: Store, rules: Ruleset, bill_id: str, codes: tuple[str, ...], tagger: str) -> _Tagged | None:
    """None: the bill, or every text of it, is gone by now."""
    state = store.bill(bill_id)
    if state is None:
        return None
    texts = []
    for version in state.versions:
        marked = store.text(bill_id, version.code) if _is_one_of(version.code, codes) else None
        if marked is not None and version.status is TextStatus.AVAILABLE:
            flags = tag(marked, context_of(state.bill), rules)
            texts.append(ReadText(version.code, version.status, version.url or "", "", version.sha256, marked, flags,
                                  tagged_by=tagger))  # fmt: skip
    return _Tagged(bill_id, codes, state.revision, tuple(texts)) if texts else None


def _is_one_of(code: str, codes: tuple[str, ...]) -> bool:
    """The database may hold a code with its unstorable characters replaced (tracker.store.columns.plain)."""
    return code in codes or not code.isprintable()


def _write(store: Store, clock: Clock, part: Sequence[_Tagged], tagger: str, counts: Counts) -> list[Stale]:
    """Bills that another writer changed in between: their texts must be read again."""
    now = clock()
    try:
        with store.write() as writer:
            done = [_apply(writer, tagged, now, tagger) for tagged in part]
    except Conflict:
        if len(part) > 1:
            return [missed for tagged in part for missed in _write(store, clock, [tagged], tagger, counts)]
        return [(part[0].bill_id, part[0].codes)]
    missed = []
    for tagged, kinds in zip(part, done, strict=True):
        if kinds is None:
            missed.append((tagged.bill_id, tagged.codes))
            continue
        counts.bills += 1
        counts.texts += len(tagged.texts)
        counts.changed += bool(kinds)
        counts.events += len(kinds)
        counts.raised += kinds.count(EventKind.FLAG_RAISED)
        counts.withdrawn += kinds.count(EventKind.FLAG_WITHDRAWN)
    return missed


def _apply(writer: Writer, tagged: _Tagged, now: datetime, tagger: str) -> list[EventKind] | None:
    """Kinds of the events that came of it; None: the bill is no longer what was tagged."""
    state = writer.state(tagged.bill_id)
    if state is None or state.revision != tagged.revision:
        return None
    decisions = writer.decisions(tagged.bill_id)
    change = decide(state, tuple(reviewed(text, decisions) for text in tagged.texts), tagged.bill_id)
    written = {text.version for text in change.texts} if change else set()
    events = writer.apply(change, now) if change else ()
    if same := [text.version for text in tagged.texts if text.version not in written]:
        writer.note_tagged(tagged.bill_id, same, tagger)
    return [event.kind for event in events]


def decide(state: BillState, texts: tuple[ReadText, ...], bill_id: str) -> Change | None:
    """What these texts' new flags change; None if nothing. Pure. The bill itself stays as it is."""
    held = {v.code: v for v in state.versions}
    news = tuple(t for t in texts if not _says_the_same(held[t.version], t))
    if not news:
        return None
    flags = {t.version: t.flags for t in news}
    versions = tuple(replace(v, flags=shown(flags[v.code]), withheld=withheld(flags[v.code])) if v.code in flags else v
                     for v in state.versions)  # fmt: skip
    return Change(
        bill_id=bill_id, bill=state.bill, base_revision=state.revision, content_hash=state.content_hash,
        stage=stage_of(state.bill), topics=topics_of(newest_flags(versions)), texts=news,
        events=diff(bill_id, state, state.bill, versions, IngestMode.REPAIR),
    )  # fmt: skip


def _says_the_same(held: VersionState, text: ReadText) -> bool:
    """Not even the version of the ruleset that a flag names has changed."""
    return (held.flags, held.withheld) == (shown(text.flags), withheld(text.flags))
