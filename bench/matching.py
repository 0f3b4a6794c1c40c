"""Filters of 10,000, 100,000 and 1,000,000 readers against 2,000 events: the index, a loop, and two ways in SQL.

Events are real ones from the replay of the 119th Congress where the shared folder is present, else invented. The peers
answer a sample; what the whole would take is extrapolated from it and marked "~". On the sample all must give the same.
"""

from __future__ import annotations

import gc
import json
import random
import resource
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ahocorasick_rs import AhoCorasick

from bench._events import invented_events, replayed_events
from bench._table import shared_folder, show
from digests.following.facets import facets_of, material_of
from digests.following.filters import Broad, broad_of, matches, passes, tree_of
from digests.following.matching import Index, needles
from tracker.model import Effect, Event, Filter, Topic
from tracker.query import words
from tracker.stage import STAGES
from tracker.subjects import SUBTOPIC_NAMES

EVENTS = 2_000
SIZES = (10_000, 100_000, 1_000_000)
PEERS_AT = 100_000
SAMPLE = {"loop": 8, "sql": 12, "automaton and sql": 60}  # events of the peers

Wishes = list[tuple[str, Filter]]


def main() -> None:
    shared = shared_folder()
    events = replayed_events(shared, EVENTS) if shared else invented_events(EVENTS)
    print(f"{len(events):,} {'real events of the replay' if shared else 'invented events'}, "
          f"{len({e.bill_id for e in events}):,} bills")
    rows = []
    kept: Wishes = []
    for size in SIZES:
        wishes = list(readers(size, events))
        if size == PEERS_AT:
            kept = wishes
        rows.append(_index_row(wishes, events))
        gc.collect()
    show(("readers", "distinct", "build s", "events/s", "µs an event", "hits", "hits/s", "MB peak"), rows)
    _peers(kept, events)


def _index_row(wishes: Wishes, events: Sequence[Event]) -> tuple[object, ...]:
    start = time.process_time()
    index = Index(wishes)
    built = time.process_time() - start
    gc.collect()
    start = time.process_time()
    hits = sum(len(index.match(event)) for event in events)
    spent = time.process_time() - start
    return (f"{len(wishes):,}", f"{len({f for _, f in wishes}):,}", f"{built:.1f}", f"{len(events) / spent:,.0f}",
            f"{spent / len(events) * 1e6:,.0f}", f"{hits:,}", f"{hits / spent:,.0f}",
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


# --- readers ----------------------------------------------------------------------------------------------------------


def readers(size: int, events: Sequence[Event], seed: int = 7) -> Iterator[tuple[str, Filter]]:
    """One in three takes a topic in some places; the others follow bills, people or words that really occur (and some
    that do not), most of them nobody else's choice."""
    dice = random.Random(seed)
    bills = sorted({e.bill_id for e in events})
    places = sorted({e.jurisdiction for e in events}) + [f"us-{a}{b}" for a in "xyzpqrs" for b in "adehkty"]
    people = sorted({name for e in events for name, *_ in e.data["bill"].get("sponsors", ())}) or ["nobody"]
    committees = sorted({c for e in events for c in e.data["bill"].get("committees", ())}) or ["none"]
    said = sorted({w for e in events for text in material_of(e).said for w in words(text) if len(w) > 3})
    for number in range(size):
        kind = dice.random()
        if kind < 0.35:
            wanted = Filter(_some(dice, Topic, 3), _places(dice, places, 3))
        elif kind < 0.45:
            wanted = Filter(subtopics=_some(dice, tuple(SUBTOPIC_NAMES), 4), jurisdictions=_places(dice, places, 4),
                            effects=_some(dice, Effect, 2), stages=_some(dice, tuple(k for k, _ in STAGES), 3))
        elif kind < 0.60:
            wanted = Filter(bills=tuple(_bill(dice, bills) for _ in range(dice.randint(1, 5))))
        elif kind < 0.70:
            wanted = Filter(_some(dice, Topic, 2), sponsors=_some(dice, people, 3))
        elif kind < 0.75:
            wanted = Filter(committees=_some(dice, committees, 2), stages=_some(dice, tuple(k for k, _ in STAGES), 2))
        else:
            wanted = Filter(words=_query(dice, said), jurisdictions=_places(dice, places, 2) if kind > 0.9 else ())
        yield f"r{number}", wanted


def _places(dice: random.Random, places: Sequence[str], most: int) -> tuple[str, ...]:
    """One in three is after the places of these events."""
    return (places[0],) if dice.random() < 0.33 else _some(dice, places, most)


def _some(dice: random.Random, of: Iterable[Any], most: int) -> tuple[Any, ...]:
    values = tuple(of)
    return tuple(dice.choice(values) for _ in range(dice.randint(1, most)))


def _bill(dice: random.Random, bills: Sequence[str]) -> str:
    """Most followed bills do nothing this week."""
    return dice.choice(bills) if dice.random() < 0.2 else f"us/119/hr-{dice.randint(20_000, 90_000)}"


def _query(dice: random.Random, said: Sequence[str]) -> str:
    one, two, three = (dice.choice(said) for _ in range(3))
    return dice.choice((
        f'"{one} {two}"', f"{one} {two}", f"{one} {two}", f"{one} {two} {three}", f"{one} ({two} OR {three})",
        f"{one}{two}", f"{one}{three}", f"{one} {two} -{three}"))


# --- peers ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Peer:
    name: str
    sample: int
    match: Callable[[Event], set[str]]


def _peers(wishes: Wishes, events: Sequence[Event]) -> None:
    index = Index(wishes)
    by_id = dict(wishes)
    database = _database(wishes)
    parted = [(name, wanted, broad_of(wanted)) for name, wanted in wishes]
    peers = (
        _Peer("loop", SAMPLE["loop"], lambda e: _one_by_one(parted, e)),
        _Peer("sql", SAMPLE["sql"], lambda e: _in_sql(database, by_id, e)),
        _Peer("automaton and sql", SAMPLE["automaton and sql"], _automaton(database, wishes)))
    chosen = random.Random(3).sample(list(events), max(SAMPLE.values()))
    truth = {e.seq: set(index.match(e)) for e in chosen}
    rows: list[tuple[object, ...]] = []
    for peer in peers:
        start = time.process_time()
        same = all(peer.match(e) == truth[e.seq] for e in chosen[:peer.sample])
        spent = time.process_time() - start
        if not same:
            raise SystemExit(f"{peer.name}: another result than the index")
        rate = peer.sample / spent
        rows.append((peer.name, peer.sample, f"~{rate:,.0f}", f"~{len(events) / rate:,.0f}"))
    fresh = Index(wishes)
    start = time.process_time()
    for event in events:
        fresh.match(event)
    spent = time.process_time() - start
    rows.append(("index", len(events), f"{len(events) / spent:,.0f}", f"{spent:,.1f}"))
    print(f"{len(wishes):,} readers; same result from all on the events of each sample")
    show(("way", "events asked", "events/s", f"s for {len(events):,}"), rows)


def _one_by_one(wishes: Sequence[tuple[str, Filter, Broad]], event: Event) -> set[str]:
    facets, material = facets_of(event), material_of(event)
    return {name for name, wanted, broad in wishes if passes(wanted, broad, facets, lambda: material)}


def _database(wishes: Wishes) -> sqlite3.Connection:
    """Values of each kind in a table of their own; `must` holds strings of which one has to stand in the text."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE wish (id TEXT PRIMARY KEY, words INTEGER, unflagged INTEGER) WITHOUT ROWID")
    db.execute("CREATE TABLE value (kind TEXT, value TEXT, id TEXT, PRIMARY KEY (kind, value, id)) WITHOUT ROWID")
    db.execute("CREATE TABLE has (id TEXT, kind TEXT, PRIMARY KEY (id, kind)) WITHOUT ROWID")
    db.execute("CREATE TABLE must (needle TEXT, id TEXT)")
    for name, wanted in wishes:
        found = needles(tree_of(wanted.words)) if wanted.words else None
        db.execute("INSERT INTO wish VALUES (?, ?, ?)", (name, found is not None, broad_of(wanted).unflagged))
        values = [*(("place", v) for v in wanted.jurisdictions), *(("bill", v) for v in wanted.bills),
                  *(("stage", v) for v in wanted.stages)]
        db.executemany("INSERT OR IGNORE INTO value VALUES (?, ?, ?)", [(k, v, name) for k, v in values])
        db.executemany("INSERT INTO has VALUES (?, ?)", [(name, k) for k in dict(values)])
        db.executemany("INSERT INTO must VALUES (?, ?)", [(n, name) for n in found or ()])
    db.execute("CREATE INDEX value_id ON value (id, kind, value)")
    db.execute("CREATE INDEX must_id ON must (id)")
    db.commit()
    return db


_BROAD = """(NOT EXISTS (SELECT 1 FROM has h WHERE h.id = w.id AND h.kind = '{0}') OR EXISTS (
    SELECT 1 FROM value v WHERE v.id = w.id AND v.kind = '{0}' AND v.value = :{0}))"""
_WHERE = " AND ".join(_BROAD.format(kind) for kind in ("place", "bill", "stage")) + " AND (w.unflagged OR :flagged)"
# Nothing of a reader is in these texts.
_INSTR = f"""SELECT w.id FROM wish w WHERE {_WHERE} AND (NOT w.words OR EXISTS (
    SELECT 1 FROM must m WHERE m.id = w.id AND instr(:text, m.needle)))"""  # noqa: S608
_FILED = f"""SELECT w.id FROM wish w WHERE {_WHERE} AND NOT w.words
    UNION SELECT w.id FROM wish w WHERE {_WHERE} AND w.id IN (SELECT value FROM json_each(:found))"""  # noqa: S608


def _asked(event: Event) -> dict[str, object]:
    facets = facets_of(event)
    return {"place": facets.jurisdiction, "bill": facets.bill_id, "stage": facets.stage,
            "flagged": bool(facets.findings), "text": "|".join(material_of(event).said)}


def _in_sql(db: sqlite3.Connection, by_id: dict[str, Filter], event: Event) -> set[str]:
    """The database names candidates; what it cannot say (findings, names, NOT) is asked of them in Python."""
    return {row[0] for row in db.execute(_INSTR, _asked(event)) if matches(by_id[row[0]], event)}


def _automaton(db: sqlite3.Connection, wishes: Wishes) -> Callable[[Event], set[str]]:
    by_id, filed = dict(wishes), dict[str, list[str]]()
    for needle, name in db.execute("SELECT needle, id FROM must"):
        filed.setdefault(needle, []).append(name)
    automaton, ids = AhoCorasick(list(filed)), list(filed.values())

    def match(event: Event) -> set[str]:
        found = {name for text in material_of(event).said
                 for hit in automaton.find_matches_as_indexes(text, overlapping=True) for name in ids[hit[0]]}
        asked = {**_asked(event), "found": json.dumps(sorted(found))}
        return {row[0] for row in db.execute(_FILED, asked) if matches(by_id[row[0]], event)}

    return match


if __name__ == "__main__":
    main()
