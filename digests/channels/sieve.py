"""A log to parts of it that the database has no index for: one sponsor's, one stage's, those of a saved search.

What is found is kept: a log only grows, so each event is looked at once. The parts of public feeds come from one pass
over the events of flagged bills. A saved search is asked of the newest `HORIZON` events that could be for it, then of
each new one; so what a stranger may save costs a bounded time.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from datetime import datetime
from threading import Lock

from digests.channels.archive import ends_page
from digests.channels.meetings import HEARINGS, Meeting, Meetings
from digests.following.facets import Said, facets_of, said
from digests.following.filters import matches, names, query_of
from tracker.model import Event, Filter
from tracker.ports import EventQuery, Log

HORIZON = 20_000
PAGE = 500
KEPT = 1_000  # saved searches

Key = tuple[str, str | tuple[str, Said]]


class Part:
    """A log of some of the log's events; a query is not asked, since its answer is what this is."""

    def __init__(self, log: Log, seqs: Sequence[int]) -> None:
        self._log, self._seqs = log, seqs

    def events(self, after: int = 0, limit: int = 1000, query: EventQuery | None = None) -> list[Event]:
        start = bisect_right(self._seqs, after)
        return self._read(self._seqs[start:start + limit])

    def latest_events(self, before: int | None, limit: int, query: EventQuery | None = None) -> list[Event]:
        end = len(self._seqs) if before is None else bisect_left(self._seqs, before)
        return self._read(self._seqs[max(0, end - limit):end])[::-1]

    def last_seq(self) -> int:
        return self._seqs[-1] if self._seqs else 0

    def _read(self, seqs: Sequence[int]) -> list[Event]:
        """Neighbours in one go: one ingest writes many events of one bill."""
        found: list[Event] = []
        for first, count in _runs(seqs):
            found += self._log.events(first - 1, count)
        return found


def _runs(seqs: Sequence[int]) -> Iterator[tuple[int, int]]:
    start = 0
    for n in range(1, len(seqs) + 1):
        if n == len(seqs) or seqs[n] != seqs[n - 1] + 1:
            yield seqs[start], n - start
            start = n


class Sieve:
    """Is a Log, too. One for the whole process; any thread may ask."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._posted: dict[Key, array[int]] = {}
        self._upto = self._heard = 0
        self._meetings = Meetings()
        self._saved: OrderedDict[Filter, tuple[array[int], int]] = OrderedDict()
        self._lock, self._saved_lock = Lock(), Lock()

    def events(self, after: int = 0, limit: int = 1000, query: EventQuery | None = None) -> list[Event]:
        return self._log.events(after, limit, query)

    def latest_events(self, before: int | None, limit: int, query: EventQuery | None = None) -> list[Event]:
        return self._log.latest_events(before, limit, query)

    def last_seq(self) -> int:
        return self._log.last_seq()

    # --- public parts -------------------------------------------------------------------------------------------------

    def posted(self, kind: str, value: str) -> Part:
        """`kind` and `value` of a public FeedSpec that is narrow."""
        with self._lock:
            self._catch_up()
            if kind in ("sponsor", "committee"):
                return Part(self._log, self._of_person(kind, value))
            return Part(self._log, tuple(self._posted.get((kind, value), ())))

    def _of_person(self, kind: str, value: str) -> list[int]:
        place, _, name = value.partition("/")
        wanted = said(name.replace("-", " "))
        found: set[int] = set()
        for (posted, key), seqs in self._posted.items():
            if posted == kind and key[0] == place and names(wanted, (frozenset(key[1]),)):
                found.update(seqs)
        return sorted(found)

    def _catch_up(self) -> None:
        query = EventQuery(flagged=True, alerting=True)
        while page := self._log.events(self._upto, PAGE, query):
            for event in page:
                for key in set(_keys(event)):
                    self._posted.setdefault(key, array("q")).append(event.seq)
                if event.kind not in HEARINGS:  # these come below, in order
                    self._meetings.note(event)
            self._upto = page[-1].seq
            if len(page) < PAGE:
                break

    def meetings(self, at: datetime | None = None) -> tuple[Meeting, ...]:
        """Every hearing of any bill, and the dated steps to come of flagged ones; or as they were known `at`."""
        with self._lock:
            self._catch_up()
            while page := self._log.events(self._heard, PAGE, EventQuery(hearings=True)):
                for event in page:
                    self._meetings.note(event)
                self._heard = page[-1].seq
            return self._meetings.all() if at is None else self._meetings.at(at)

    # --- saved searches -----------------------------------------------------------------------------------------------

    def sifted(self, wanted: Filter) -> Part:
        with self._saved_lock:
            kept, upto = self._saved.pop(wanted, (None, 0))
        if kept is None:
            upto = self._log.last_seq()
            kept = self._look_back(wanted, upto)
        last, query = self._log.last_seq(), query_of(wanted)
        fresh = array("q", kept)
        while upto < last and (page := self._log.events(upto, PAGE, query)):
            fresh.extend(e.seq for e in page if matches(wanted, e))
            upto = page[-1].seq
        with self._saved_lock:
            self._saved[wanted] = fresh, max(upto, last)
            while len(self._saved) > KEPT:
                self._saved.popitem(last=False)
        return Part(self._log, fresh)

    def _look_back(self, wanted: Filter, upto: int) -> array[int]:
        query, before, found, looked = query_of(wanted), upto + 1, list[int](), 0
        while page := self._log.latest_events(before, PAGE, query):
            found += [e.seq for e in page if matches(wanted, e)]
            before, looked = page[-1].seq, looked + len(page)
            if looked >= HORIZON:
                # Archives are cut behind entries that end a page: begin there, so that their names stay.
                cut = next((n for n in reversed(range(len(found))) if ends_page(found[n])), len(found))
                found = found[:cut + 1]
                break
        return array("q", reversed(found))


def _keys(event: Event) -> Iterator[Key]:
    facets = facets_of(event)
    for topic, effect, subtopic in facets.findings:
        if effect:
            yield "effect", effect
        if subtopic:
            yield "subtopic", f"{topic}/{subtopic}"
    if facets.stage:
        yield "stage", facets.stage
    for kind, people in (("sponsor", facets.sponsors), ("committee", facets.committees)):
        for person in people:
            yield kind, (facets.jurisdiction, person)
