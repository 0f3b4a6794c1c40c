"""One record in; state, flags and events out, in one transaction. Texts are read and tagged before the lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from tracker import events, wire
from tracker.desk.review import apply_decisions, shown, withheld
from tracker.differ import diff, newest_flags, settle
from tracker.errors import Conflict, SourceError, StoreError, TextError
from tracker.model import (
    Bill,
    BillContext,
    BillState,
    Change,
    Decision,
    FetchedText,
    Harvest,
    IngestMode,
    Page,
    ReadText,
    TextStatus,
    VersionState,
)
from tracker.ports import Clock, Store, Writer
from tracker.stage import stage_of
from tracker.tagger import Ruleset, tag
from tracker.tagger.stamp import stamp
from tracker.text import read

CHUNK = 100  # harvests a transaction: long enough to pay for the commit, short enough that no other writer waits


@dataclass(slots=True)
class Counts:
    """What one ingest did."""

    harvests: int = 0
    changed: int = 0
    unchanged: int = 0
    texts: int = 0
    texts_unreadable: int = 0
    events: int = 0
    flags: int = 0


@dataclass(frozen=True, slots=True)
class Ingester:
    """Records into the store. `fetch` gives a page's bytes back from the archive."""

    store: Store
    rules: Ruleset
    fetch: Callable[[Page], bytes]
    clock: Clock
    mode: IngestMode
    source: str
    counts: Counts

    def ingest(self, harvests: Iterable[Harvest]) -> Counts:
        """All of them, chunk by chunk. A chunk that meets another writer is decided anew, one record at a time."""
        stream = iter(harvests)
        while chunk := list(islice(stream, CHUNK)):
            self.ingest_chunk(chunk)
        return self.counts

    def ingest_chunk(self, chunk: Sequence[Harvest]) -> None:
        known = self.store.content_hashes([h.bill_id for h in chunk if h.bill_id])
        news, idle, moved = [], [], set[str | None]()
        for harvest in chunk:
            self.counts.harvests += 1
            # What the database held says nothing of a bill that an earlier record of this chunk changes.
            same = harvest.bill is None or (known.get(harvest.bill_id or "") == harvest.content_hash
                                            and harvest.bill_id not in moved)
            if same and not harvest.texts:
                idle.append(harvest)
            else:
                moved.add(harvest.bill_id)
                news.append((harvest, self._read_texts(harvest, held=(harvest.bill_id or "") in known)))
        self.counts.unchanged += sum(1 for h in idle if h.bill is not None)
        try:
            self._write(news, idle, known)
        except Conflict:
            for item in news:  # decided anew: whatever we took for unknown may be known by now
                self._write([item], [], None)
            self._write([], idle, known)

    def _write(self, news: Sequence[tuple[Harvest, tuple[ReadText, ...]]], idle: Sequence[Harvest],
               known: dict[str, str] | None) -> None:
        """`known`: bills that the database held before; None: ask for each."""
        if not news and not any(h.pages for h in idle):
            return
        now = self.clock()
        done = 0
        fresh: set[str] = set()
        with self.store.write() as writer:
            for harvest, texts in news:
                bill_id = harvest.bill_id or ""
                unknown = known is not None and bill_id not in known and bill_id not in fresh
                done += self._apply(writer, harvest, texts, now, unknown)
                fresh.add(bill_id)
            if pages := [page for h in idle for page in h.pages]:
                writer.remember(pages, self.source, now)
        self.counts.changed += len(news)
        self.counts.events += done

    def _apply(self, writer: Writer, harvest: Harvest, texts: tuple[ReadText, ...], now: datetime,
               unknown: bool) -> int:
        state = None if unknown else writer.state(harvest.bill_id or "")
        # Under the lock, so that what is decided at the desk while a text is read holds for it too.
        decisions = writer.decisions(harvest.bill_id or "") if state and texts else ()
        change = decide(state, harvest, tuple(reviewed(t, decisions) for t in texts), self.mode)
        if change is None:
            writer.remember(_pages(harvest), self.source, now)
            return 0
        return len(writer.apply(change, now))

    def _read_texts(self, harvest: Harvest, held: bool) -> tuple[ReadText, ...]:
        bill = harvest.bill
        if bill is None and harvest.texts:
            state = self.store.bill(harvest.bill_id or "")
            bill = state.bill if state else None
        if bill is None:
            return ()
        read_texts = tuple(self._read(fetched, bill) for fetched in harvest.texts)
        return tuple(t for t in read_texts if not (held and self._is_reprint(harvest.bill_id or "", t)))

    def _is_reprint(self, bill_id: str, text: ReadText) -> bool:
        """Published again with other bytes but the same words (a publisher re-processes whole years): no news."""
        return text.text is not None and self.store.text(bill_id, text.version) == text.text

    def _read(self, fetched: FetchedText, bill: Bill) -> ReadText:
        """Fetched bytes -> marked text and flags, or the reason why there are none."""
        page = fetched.page
        if page is None:
            return ReadText(fetched.version, TextStatus.PENDING, fetched.url, fetched.media_type, error=fetched.error)
        self.counts.texts += 1
        try:
            if fetched.error:
                raise TextError(fetched.error)
            marked = read(self.fetch(page), fetched.media_type, bill.jurisdiction)
        except (SourceError, StoreError) as problem:  # the archive lost it: as if it had not come
            self.counts.texts_unreadable += 1
            return ReadText(fetched.version, TextStatus.PENDING, fetched.url, fetched.media_type, error=str(problem))
        except TextError as problem:
            self.counts.texts_unreadable += 1
            return ReadText(fetched.version, TextStatus.UNAVAILABLE, fetched.url, fetched.media_type, page.sha256,
                            error=str(problem), page=page)
        flags = tag(marked, BillContext(bill.jurisdiction, bill.title, bill.classification), self.rules)
        self.counts.flags += len(flags)
        return ReadText(fetched.version, TextStatus.AVAILABLE, fetched.url, fetched.media_type, page.sha256, marked,
                        flags, page=page, tagged_by=stamp(self.rules))


def decide(state: BillState | None, harvest: Harvest, texts: tuple[ReadText, ...], mode: IngestMode) -> Change | None:
    """What this harvest changes; None if it is nothing new. Pure."""
    record = harvest.bill or (state.bill if state else None)
    if record is None:
        return None  # a text of a bill that we do not know: its record will come
    bill = settle(state.bill if state else None, record)
    held = {v.code: v for v in state.versions} if state else {}
    news = tuple(t for t in texts if _is_news(held.get(t.version), t))
    versions = _versions_after(bill, held, news)
    if state and state.bill == bill and not news:
        return None
    bill_id = harvest.bill_id or ""
    return Change(
        bill_id=bill_id, bill=bill, base_revision=state.revision if state else 0,
        # The hash of the page's record, not of the settled one: it is compared with the next page.
        content_hash=harvest.content_hash or (state.content_hash if state else wire.content_hash(bill)),
        stage=stage_of(bill), topics=events.topics_of(newest_flags(versions)), texts=news,
        events=diff(bill_id, state, bill, versions, mode), pages=_pages(harvest),
    )


def reviewed(text: ReadText, decisions: Sequence[Decision]) -> ReadText:
    """The text's flags under what people decided about this bill."""
    if text.text is None or not decisions:
        return text
    return replace(text, flags=apply_decisions(text.flags, decisions, text.text))


def _pages(harvest: Harvest) -> tuple[Page, ...]:
    return (*harvest.pages, *(t.page for t in harvest.texts if t.page))


def _is_news(held: VersionState | None, text: ReadText) -> bool:
    """A text that fails today does not replace one that we hold."""
    if held is None:
        return True
    if held.status is TextStatus.AVAILABLE:
        return text.status is TextStatus.AVAILABLE and text.sha256 != held.sha256
    return (text.status, text.sha256, text.error) != (held.status, held.sha256, held.error)


def _versions_after(bill: Bill, held: dict[str, VersionState], news: tuple[ReadText, ...]) -> tuple[VersionState, ...]:
    arrived = {t.version: t for t in news}
    result = []
    for version in bill.versions:
        text = arrived.get(version.code)
        if text is not None:
            state = VersionState(version.code, text.status, text.sha256, shown(text.flags), text.url, text.error,
                                 withheld(text.flags))
        else:
            state = held.get(version.code) or VersionState(version.code, TextStatus.PENDING)
        result.append(state)
    return tuple(result)
