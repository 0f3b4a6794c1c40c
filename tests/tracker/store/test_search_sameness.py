"""Search on SQLite and PostgreSQL alike: both find what the evaluator without a database finds, and nothing else."""

from __future__ import annotations

import random
from datetime import date

import pytest

from tests.tracker.store.searching import CRIME, NOW, RIGHTS, find, flag, ids, read, save
from tracker.citations import citations
from tracker.model import (
    Action,
    Bill,
    Effect,
    Sponsorship,
)
from tracker.query import Material, QueryError, matches, parse
from tracker.store.store import SqlStore

WORDS = ("lamp", "lamps", "pier", "quay", "harbor", "dues", "the", "section", "230", "café", "œuvre")
CITES = ("47 U.S.C. 230(c)", "18 U.S.C. 1591", "RCW 9A.88.030")
LEAVES = ("lamp", "lamp*", "the", '"the pier"', '"harbor dues"', '"the lam*"', "title:quay", 'title:"pier lamp*"',
          "cafe", "oeuvre", "in:us", "in:us-*", "session:31", "stage:failed,introduced", "topic:worker-rights",
          "topic:criminalization effect:reverses", "effect:advances", "introduced:>2031-06", "action:2031",
          "sponsor:kim", 'committee:"public safety"', 'cite:"47 U.S.C. 230"', 'cite:"chapter 9A.88 RCW"',
          "bill:hb-1*")


def some_words(dice: random.Random, most: int) -> str:
    return " ".join(dice.choices(WORDS, k=dice.randint(1, most)))


def world(store: SqlStore, dice: random.Random) -> dict[str, Material]:
    known: dict[str, Material] = {}
    for number in range(40):
        place = dice.choice(("us", "us-wa", "us-or", "gb"))
        body = f"Section 1. {some_words(dice, 30)} {dice.choice(CITES) if dice.random() < .4 else ''}"
        flags = [flag(dice.choice((CRIME, RIGHTS)), dice.choice(list(Effect)))
                 for _ in range(dice.choice((0, 0, 1, 2)))]
        made = Bill(place, dice.choice(("31", "32")), f"HB {number}", title=some_words(dice, 4),
                    introduced_on=dice.choice((None, date(2031, dice.randint(1, 12), 2))),
                    sponsorships=(Sponsorship(dice.choice(("Lee, Kim", "Dana O'Hara", "Kim Pat")), True),),
                    committees=tuple(dice.sample(("Public Safety", "Harbors"), dice.randint(0, 1))),
                    actions=(Action("Read", date(2031, 3, number % 28 + 1)),) if dice.random() < .5 else ())
        stage = dice.choice(("introduced", "failed", "became-law"))
        identity = save(store, made, read("a", body, flags), stage=stage)
        known[identity] = Material(
            body, (made.identifier, made.title or ""), identity, place, made.session, stage,
            frozenset((f.topic.value, f.effect.value) for f in flags), made.introduced_on,
            made.actions[-1].date if made.actions else None, tuple(s.name for s in made.sponsorships),
            made.committees, frozenset(c.norm for c in citations(body, place)))
    return known


def newest_first(known: dict[str, Material]) -> list[str]:
    """By the day that is shown, which is none after `NOW`, then by the log, in whose order they are known."""
    logged = list(known)

    def place(identity: str) -> tuple[date, int]:
        day = known[identity].action or known[identity].introduced
        return min(day, NOW.date()) if day else date.min, logged.index(identity)

    return sorted(known, key=place, reverse=True)


def random_query(dice: random.Random, depth: int = 3) -> str:
    if depth == 0 or dice.random() < .3:
        return dice.choice(LEAVES)
    parts = [random_query(dice, depth - 1) for _ in range(dice.randint(2, 3))]
    match dice.randrange(3):
        case 0:
            return f"({' '.join(parts)})"
        case 1:
            return f"({' OR '.join(parts)})"
        case _:
            return f"-({parts[0]})"


def test_random_queries_find_what_the_evaluator_finds(store: SqlStore) -> None:
    dice = random.Random(31)
    known = world(store, dice)
    newest = newest_first(known)
    asked = 0
    for typed in (*LEAVES, *(random_query(dice) for _ in range(250))):
        try:
            tree = parse(typed)
        except QueryError:
            continue
        wanted = [identity for identity in newest if matches(tree, known[identity])]
        page = find(store, typed, facets=True)
        assert ids(page) == wanted, typed
        assert page.total == len(wanted)
        assert sum(count for _, count in page.facets["jurisdiction"]) == len(wanted)
        assert set(ids(find(store, typed, relevant=True))) == set(wanted), typed
        asked += 1
    assert asked > 150


def test_common_words_are_walked_for_and_give_the_same(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(32)
    world(store, dice)
    typed = ["the", "lamp OR pier", "the in:us-*", "the -quay topic:worker-rights", "lamp* session:31"]
    plain = [ids(find(store, t, limit=7)) for t in typed]
    monkeypatch.setattr("tracker.store.asking.COMMON", 3)
    monkeypatch.setattr("tracker.store.asking.MOST_RANKED", 3)
    monkeypatch.setattr("tracker.store.asking.FIRST_STEP", 1)
    assert [ids(find(store, t, limit=7)) for t in typed] == plain
    assert find(store, "the", limit=2).total is None
    assert not find(store, "the", relevant=True).ranked
    monkeypatch.setattr("tracker.store.asking.MOST_WALKED", 1)
    assert [ids(find(store, t, limit=7)) for t in typed] == plain


def test_phrases_of_many_bills_are_read_from_the_newest_and_give_the_same(
        store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `MOST_READ` has it on PostgreSQL; SQLite knows the places of words."""
    dice = random.Random(33)
    world(store, dice)
    typed = ['"the pier"', '"harbor dues"', '"the lam*"', 'title:"pier lamp*"', '"the pier" in:us-*',
             '"the pier" OR "quay the"', '("the pier" OR lamp) -"dues harbor"', 'the -"the pier"',
             '("harbor dues" OR in:us) the', '"the pier" topic:worker-rights', '-"the pier"', '"the pier" OR in:us-wa']

    def pages(typed: str) -> list[str]:
        seen: list[str] = []
        cursor: str | None = None
        while cursor is not None or not seen:
            page = find(store, typed, limit=3, cursor=cursor, snippets=False)
            seen += ids(page)
            if (cursor := page.next_cursor) is None:
                break
        return seen

    plain = [pages(t) for t in typed]
    assert sum(map(bool, plain)) > 8
    monkeypatch.setattr("tracker.store.asking.MOST_READ", 0)
    monkeypatch.setattr("tracker.store.asking.FIRST_STEP", 1)
    assert [pages(t) for t in typed] == plain
    assert [len(pages(t)) for t in typed] == [find(store, t, facets=True).total for t in typed]
    assert find(store, '"the pier"').total == len(plain[0])
    monkeypatch.setattr("tracker.store.asking.MOST_WALKED", 2)
    assert [pages(t) for t in typed] == plain
