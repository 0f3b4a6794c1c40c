"""The past: whatever happens to bills, a store of the past says of each moment what the store said then."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from digests.channels.meetings import Meeting
from digests.channels.sieve import Sieve
from tracker import ids
from tracker.errors import StoreError, TooFarBack
from tracker.history.asof import read_as_of
from tracker.ingest import decide, reviewed
from tracker.model import (
    Action,
    Bill,
    Decision,
    Effect,
    Flag,
    Harvest,
    Hearing,
    IngestMode,
    MarkedText,
    Page,
    ReadText,
    RelatedBill,
    ReviewVerdict,
    TextStatus,
    Topic,
    Version,
)
from tracker.ports import EventQuery
from tracker.query import parse
from tracker.store.catalogue import BillQuery, Catalogue
from tracker.store.engine import writing
from tracker.store.findings import Findings, FlagQuery
from tracker.store.kindred import Kindred
from tracker.store.past import PastCatalogue, PastStore, known_since, revisions, seq_at
from tracker.store.past_lists import PastFindings, PastTallies
from tracker.store.past_search import PastSearches
from tracker.store.search import Search, SearchPage, SearchQuery
from tracker.store.search_schema import FTS5
from tracker.store.store import SqlStore
from tracker.store.tallies import Tallies

START = datetime(2031, 3, 4, 5, 6, 7, tzinfo=UTC)
BILLS = ("xx/31/hb-1", "xx/31/hb-2", "yy/8/sb-3")
WORDS = "Section 1. The Act on Lamps is repealed. Fines are doubled."
QUERIES = (BillQuery(), BillQuery(flagged=True), BillQuery(topic=Topic.DECRIMINALIZATION), BillQuery(limit=1),
           BillQuery(effect=Effect.REVERSES), BillQuery(jurisdiction="xx", stage="in-committee"),
           BillQuery(words="lamp"))


class Life:
    """What may happen to bills, in an order that a number gives."""

    def __init__(self, store: SqlStore, seed: int) -> None:
        self.store, self.chance, self.now = store, random.Random(seed), START
        self.pages = 0

    def step(self) -> None:
        self.now += timedelta(minutes=self.chance.randint(1, 3000))
        bill_id = self.chance.choice(BILLS)
        state = self.store.bill(bill_id)
        bill = self._changed(state.bill) if state else self._new(bill_id)
        texts = tuple(self._text(bill_id, v) for v in bill.versions if self.chance.random() < 0.5)
        page = self._page(f"https://example.org/{bill_id}")
        with self.store.write() as writer:
            harvest = Harvest(bill_id, bill, str(self.chance.random()), (page,))
            if self.chance.random() < 0.2 and state and any(v.flags for v in state.versions):
                self._decide(writer, bill_id)
            known = writer.decisions(bill_id)
            change = decide(writer.state(bill_id), harvest, tuple(reviewed(t, known) for t in texts), IngestMode.LIVE)
            if change:
                writer.apply(change, self.now)
            else:
                writer.remember((page,), "xx", self.now)

    def _new(self, bill_id: str) -> Bill:
        jurisdiction, session, number = bill_id.split("/")
        return Bill(jurisdiction, session, number.upper().replace("-", " "), title="On lamps")

    def _changed(self, bill: Bill) -> Bill:
        what = self.chance.randrange(6)
        if what == 5:
            others = (("HB 1", "companion"), ("HB 2", "companion"), ("HB 2", "replaces"), ("HB 2", None))
            return replace(bill, related_bills=tuple(RelatedBill("31", *x) for x in others
                                                     if self.chance.random() < 0.4))
        if what == 0:
            return replace(bill, title=self.chance.choice(("On lamps", "On lanterns", "On light")))
        if what == 1:
            label = self.chance.choice(("introduction", "referral-committee", "passage"))
            day = date(2031, 3, 1 + len(bill.actions) % 28)
            step = Action(f"Step {len(bill.actions)}", day, None, (label,), "lower")
            return replace(bill, actions=(*bill.actions, step))
        if what == 4:
            at = Hearing(self.chance.choice(("h1", "h2")), date(2031, 4, self.chance.randint(1, 9)), "On lamps")
            return replace(bill, hearings=tuple(sorted((*(h for h in bill.hearings if h.key != at.key), at),
                                                       key=lambda h: h.key)))
        if what == 2 and len(bill.versions) > 1:
            return replace(bill, versions=bill.versions[1:])  # withdrawn; it may come back
        if what == 3:
            free = [c for c in ("ih", "rh", "eh") if c not in {v.code for v in bill.versions}]
            if free:
                return replace(bill, versions=(*bill.versions, Version(free[0], f"As {free[0]}")))
        return bill

    def _text(self, bill_id: str, version: Version) -> ReadText:
        url = f"https://example.org/{bill_id}/{version.code}"
        if self.chance.random() < 0.3:
            return ReadText(version.code, TextStatus.PENDING, url, "text/plain", error=f"{self.chance.random()}")
        words = WORDS + " " * self.chance.randrange(3)
        flags = tuple(Flag(topic, effect, "Section 1", a, a + 5, words[a:a + 5], "rule", "1", 0.5)
                      for a, topic, effect in ((0, Topic.DECRIMINALIZATION, Effect.ADVANCES),
                                               (9, Topic.WORKER_RIGHTS, Effect.REVERSES)) if self.chance.random() < 0.6)
        page = self._page(url)
        return ReadText(version.code, TextStatus.AVAILABLE, url, "text/plain", page.sha256, MarkedText(words), flags,
                        page=page, tagged_by="t1")

    def _page(self, url: str) -> Page:
        self.pages += 1
        return Page(url, f"{self.chance.randrange(3):064}", self.now - timedelta(minutes=1), None, None, "run/a.gz",
                    self.pages)

    def _decide(self, writer: Any, bill_id: str) -> None:
        """A reader of the text rejects a flag, or takes the rejection back."""
        state = writer.state(bill_id)
        version = next(v for v in state.versions if v.flags)
        flag = replace(version.flags[0], review=None)
        verdict = self.chance.choice((ReviewVerdict.REJECT, ReviewVerdict.CONFIRM, ReviewVerdict.WITHDRAW))
        writer.decide(Decision(bill_id, version.code, flag, "the act on lamps is repealed", verdict, "so", "ada",
                               "editor", self.now))


APRIL = date(2031, 4, 1), date(2031, 4, 5)
FLAGS = (FlagQuery(), FlagQuery(topic=Topic.WORKER_RIGHTS), FlagQuery("xx", effect=Effect.ADVANCES), FlagQuery("zz"),
         FlagQuery(bill=BILLS[1]), FlagQuery(limit=2), FlagQuery(after=(BILLS[0], "ih", 0)),
         FlagQuery(after=(BILLS[1], "", 0)))


SEARCHES = ("lamp*", "title:lanterns OR title:light", "repealed", '"act on lamps"', "-title:lamps",
            "topic:decriminalization effect:advances", "stage:in-committee lamps", "bill:sb-3", "committee:lamps",
            "jurisdiction:xx (worker OR doubled) -effect:reverses", "action:2031-03")


def told(store: Any, catalogue: Catalogue, tallies: Tallies, findings: Findings, search: Any,
         kindred: Kindred) -> dict[str, Any]:
    """All that pages ask."""
    said: dict[str, Any] = {"last": store.last_seq(), "events": store.events(0, 10_000),
                            "newest": store.latest_events(None, 5, EventQuery(flagged=True)),
                            "counts": catalogue.counts(), "sessions": catalogue.sessions(),
                            "places": catalogue.jurisdictions(), "sessions of places": sorted(catalogue.places()),
                            "rows": catalogue.rows(BILLS)}
    for number, query in enumerate(QUERIES):
        said[f"list {number}"] = catalogue.bills(query)
    said["tallies"] = tallies.all()
    for number, flags in enumerate(FLAGS):
        said[f"flags {number}"] = findings.flags(flags)
    for words in SEARCHES:
        tree = parse(words)
        for asked in (SearchQuery(tree, facets=True), SearchQuery(tree, limit=1)):
            page = search.find(asked)
            said[f"search {words} {asked.limit}"] = page
            if page.next_cursor:
                said[f"more {words}"] = search.find(SearchQuery(tree, limit=1, cursor=page.next_cursor))
    for place in ("xx", "yy"):
        said[f"alive in {place}"] = tallies.alive(place, date(2031, 3, 3), 2)
        said[f"missing in {place}"] = tallies.missing_texts(place)
        said[f"hearings in {place}"] = findings.hearings(*APRIL, place)
    for bill_id in BILLS:
        state = store.bill(bill_id)
        said[bill_id] = state
        said[f"naming {bill_id}"] = kindred.naming(bill_id)
        said[f"alike {bill_id}"] = kindred.alike(bill_id)
        said[f"first of those like {bill_id}"] = kindred.alike(bill_id, 1)
        said[f"texts of {bill_id}"] = [store.text(bill_id, v.code) for v in state.versions] if state else None
        # A later look at the same bytes is not kept: when they were first fetched is.
        said[f"pages of {bill_id}"] = [(p.url, p.sha256, p.warc, p.offset) for p in catalogue.bill_pages(bill_id)]
    return said


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_past_says_of_each_moment_what_was_said_then(store: SqlStore, seed: int) -> None:
    life, memory, sieve = Life(store, seed), dict[datetime, dict[str, Any]](), Sieve(store)
    engine, meetings = store.engine, dict[datetime, tuple[Meeting, ...]]()
    for _ in range(60):
        life.step()
        at = life.now + timedelta(seconds=30)
        memory[at] = told(store, Catalogue(engine), Tallies(engine), Findings(engine),
                          Search(engine), Kindred(engine))
        meetings[at] = sieve.meetings()
    assert len(revisions(store.engine, BILLS[0])) > 5, "a life without changes shows nothing"
    searches = PastSearches(engine, Search(engine))
    for at, said in memory.items():
        again = told(PastStore(store, at), PastCatalogue(engine, at), PastTallies(engine, at), PastFindings(engine, at),
                     searches.at(at), Kindred(engine, at))
        assert again == said
        assert {m.uid: m for m in sieve.meetings(at)} == {m.uid: m for m in meetings[at]}
    assert any(m.sequence for m in sieve.meetings()), "hearings that stay show nothing"
    ties = {kind: {repr(said[f"{kind} {bill_id}"]) for said in memory.values() for bill_id in BILLS}
            for kind in ("naming", "alike")}
    assert min(map(len, ties.values())) > 5, "ties that stay show nothing"


@pytest.fixture
def lived(store: SqlStore) -> Iterator[Life]:
    life = Life(store, 5)
    for _ in range(20):
        life.step()
    yield life


def test_before_a_bill_was_known_there_is_nothing_of_it(lived: Life) -> None:
    before = START - timedelta(days=1)
    store = PastStore(lived.store, before)
    assert store.bill(BILLS[0]) is None
    assert store.text(BILLS[0], "ih") is None
    assert store.last_seq() == 0 and store.events() == []
    assert PastCatalogue(lived.store.engine, before).bills(BillQuery()).total == 0


def test_the_past_refuses_to_be_changed(lived: Life) -> None:
    for statement in ("UPDATE past_bill SET revision = 1", "DELETE FROM past_bill", "DELETE FROM past_page",
                      "DELETE FROM past_section"):
        with pytest.raises(StoreError, match="append-only"), writing(lived.store.engine) as connection:
            connection.exec_driver_sql(statement)


def test_nothing_can_be_written_or_asked_of_today_through_a_store_of_the_past(lived: Life) -> None:
    with pytest.raises(StoreError, match="as of a date"):
        _ = PastStore(lived.store, START).engine


def test_a_clock_that_is_set_back_gives_no_moment_two_states(store: SqlStore) -> None:
    def named(title: str) -> Bill:
        return Bill("xx", "31", "HB 1", title=title)

    for title, hours in (("On lamps", 0), ("On lanterns", 5), ("On light", 2)):
        with store.write() as writer:
            change = decide(writer.state(BILLS[0]), Harvest(BILLS[0], named(title), title), (), IngestMode.LIVE)
            assert change
            writer.apply(change, START + timedelta(hours=hours))
    titles = [state.bill.title if (state := PastStore(store, START + timedelta(hours=h)).bill(BILLS[0])) else None
              for h in (0, 1, 3, 5, 6)]
    assert titles == ["On lamps", "On lamps", "On lamps", "On light", "On light"]
    at = START + timedelta(hours=3)
    assert PastCatalogue(store.engine, at).bills(BillQuery()).total == 1


def test_the_log_stays_in_the_order_of_time_when_a_clock_is_set_back_by_minutes(store: SqlStore) -> None:
    def say(number: int, at: datetime) -> datetime:
        bill = Bill("xx", "31", f"HB {number}", title="On lamps")
        with store.write() as writer:
            change = decide(None, Harvest(ids.bill_id("xx", "31", bill.identifier), bill, "h"), (), IngestMode.LIVE)
            assert change
            return writer.apply(change, at)[0].recorded_at

    assert say(1, START) == START
    assert say(2, START - timedelta(minutes=20)) == START  # NTP: not before what is known
    assert say(3, START + timedelta(minutes=1)) == START + timedelta(minutes=1)
    assert PastCatalogue(store.engine, START - timedelta(minutes=1)).bills(BillQuery()).total == 0
    assert PastCatalogue(store.engine, START).bills(BillQuery()).total == 2
    a_year_on = START + timedelta(days=365)
    assert say(4, a_year_on) == a_year_on  # a battery that died
    assert say(5, START + timedelta(hours=1)) == START + timedelta(hours=1)  # its time is not followed


def test_since_when_a_bill_is_known_and_kept(lived: Life) -> None:
    known = known_since(lived.store.engine, BILLS[0])
    assert known and known.since == known.kept_since
    assert known_since(lived.store.engine, "xx/31/hb-99") is None


def test_the_newest_event_of_each_moment_is_found(lived: Life) -> None:
    events = lived.store.events(0, 1000)
    with lived.store.engine.connect() as connection:
        for event in events:
            newest = max(e.seq for e in events if e.recorded_at <= event.recorded_at)
            assert seq_at(connection, event.recorded_at) == newest


@pytest.mark.parametrize(("text", "at"), [
    ("2031-03-04", "2031-03-04T23:59:59.999999+00:00"), ("2031-03-04T10:00", "2031-03-04T10:00:00+00:00"),
    ("2031-03-04T10:00:00Z", "2031-03-04T10:00:00+00:00"), ("2031-03-04T10:00:00+02:00", "2031-03-04T08:00:00+00:00"),
    ("2031-03-04T10:00:00 02:00", "2031-03-04T08:00:00+00:00"), ("2031-03-06", "2031-03-06T12:00:00+00:00")])
def test_a_date_means_its_end_and_today_means_now(text: str, at: str) -> None:
    now = datetime(2031, 3, 6, 12, tzinfo=UTC)
    found = read_as_of(text, now)
    assert found.at.isoformat() == at
    assert read_as_of(found.written, now) == found


@pytest.mark.parametrize("text", ["", "yesterday", "2031-13-01", "2031-03-07", "2031-03-06T12:00:01Z", "9999-12-31",
                                  "0001-01-01T00:00:00+23:59", "2031-03-04T10:00:00Z<b>"])
def test_what_is_no_past_date_is_told_so(text: str) -> None:
    with pytest.raises(ValueError, match="expected a date"):
        read_as_of(text, datetime(2031, 3, 6, 12, tzinfo=UTC))


def test_the_index_of_then_has_the_form_of_todays(tmp_path: Path) -> None:
    store = SqlStore.open(f"sqlite:///{tmp_path / 'store.db'}")
    with store.engine.connect() as connection:
        made = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'search_text'").scalar()
    store.close()
    assert made == FTS5


ASKED = tuple(SearchQuery(parse(typed), facets=True) for typed in (
    "title:lamps", "repealed", "-lamps", "dark OR stage:introduced", "lamps -topic:worker-rights", '"On Lamps" fin*',
    "(dark OR jurisdiction:xx) doubled -lanterns", "jurisdiction:yy"))


def test_words_of_then_are_found_after_today_has_lost_them_too(store: SqlStore) -> None:
    life, searches = Life(store, 1), PastSearches(store.engine, Search(store.engine))
    while len(Search(store.engine).find(ASKED[0]).hits) < 2:
        life.step()
    before = [Search(store.engine).find(query) for query in ASKED]
    change(store, before[0], life.now + timedelta(hours=1), latest="A step was taken")
    # By the words of today, which are those of then.
    assert [searches.at(life.now).find(query) for query in ASKED] == before
    change(store, before[0], life.now + timedelta(hours=2), title="On the dark")
    assert not Search(store.engine).find(ASKED[0]).hits
    assert [searches.at(life.now).find(query) for query in ASKED] == before


def change(store: SqlStore, page: SearchPage, at: datetime, latest: str = "", **changes: Any) -> None:
    for hit in page.hits:
        with store.write() as writer:
            state = writer.state(hit.row.id)
            assert state
            actions = (*state.bill.actions, Action(latest, at.date())) if latest else state.bill.actions
            bill = replace(state.bill, actions=actions, **changes)
            changed = decide(state, Harvest(hit.row.id, bill, str(at)), (), IngestMode.LIVE)
            assert changed
            writer.apply(changed, at)


def test_a_search_of_a_day_whose_texts_are_too_many_is_refused_each_time(store: SqlStore,
                                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    life, query, engine = Life(store, 1), SearchQuery(parse("repealed")), store.engine
    while not (before := Search(engine).find(query)).hits:
        life.step()
    # Another title: the words of then are made from the texts again.
    change(store, before, life.now + timedelta(hours=1), title="On the dark")
    assert PastSearches(engine, Search(engine)).at(life.now).find(query) == before
    monkeypatch.setattr("tracker.store.past_search.MOST_READ", 10)
    small = PastSearches(engine, Search(engine))
    for _ in range(2):
        with pytest.raises(TooFarBack, match="expected a later date"):
            small.at(life.now).find(query)
