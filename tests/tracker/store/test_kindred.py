"""Who names a bill and who has its words: on both databases, at a cost that follows the bill and not the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event as hooks

from tracker.kinship import named_bills, section_key
from tracker.model import (
    Bill,
    Change,
    Effect,
    Finding,
    Flag,
    MarkedText,
    Provision,
    ReadText,
    RelatedBill,
    Review,
    ReviewVerdict,
    TextStatus,
    Topic,
    Version,
)
from tracker.store.kindred import Kindred
from tracker.store.store import SqlStore

NOW = datetime(2031, 3, 4, 5, 6, 7, tzinfo=UTC)
LAMPS = "The warden of the lamps is no longer liable for the dark of street {}."
GRAIN = 10  # machine steps between two counts


def marked(words: str, num: str = "4") -> MarkedText:
    text = f"Sec. {num}. {words}"
    return MarkedText(text, (), (Provision(f"Sec. {num}", num, None, "section", 0, len(text)),))


def flag(topic: Topic = Topic.DECRIMINALIZATION, effect: Effect = Effect.ADVANCES, **more: Any) -> Flag:
    return Flag(topic, effect, "Sec. 4", 0, 4, "Sec.", "r", "1", 0.9, **more)


def put(store: SqlStore, number: int, names: tuple[int, ...] = (), words: str = "", base: int = 0, hours: int = 0,
        stage: str = "introduced", flags: tuple[Flag, ...] = (flag(),)) -> str:
    bill = Bill("xx", "31", f"HB {number}", versions=(Version("a", "As introduced"),) if words else (),
                related_bills=tuple(RelatedBill("31", f"HB {n}", "companion") for n in names))
    read = (ReadText("a", TextStatus.AVAILABLE, "https://law.example/a", "text/plain", f"{number:064}", marked(words),
                     flags),) if words else ()
    with store.write() as writer:
        writer.apply(Change(f"xx/31/hb-{number}", bill, f"h{hours}", base, stage, (), read),
                     NOW + timedelta(hours=hours))
    return f"xx/31/hb-{number}"


def ids(found: Any) -> list[str]:
    return [getattr(x, "row", x).id.rpartition("-")[2] for x in found.those]


def test_a_name_goes_with_the_record_and_stays_in_its_time(store: SqlStore) -> None:
    put(store, 1, names=(9, 9, 1))
    put(store, 1, names=(8,), base=1, hours=1)
    put(store, 1, names=(8, 9), base=2, hours=2)
    for hours, naming in ((-1, []), (0, ["1"]), (1, []), (2, ["1"])):
        assert ids(Kindred(store.engine, NOW + timedelta(hours=hours)).naming("xx/31/hb-9")) == naming, hours
    assert ids(Kindred(store.engine).naming("xx/31/hb-9")) == ids(Kindred(store.engine).naming("xx/31/hb-8")) == ["1"]
    assert ids(Kindred(store.engine).naming("xx/31/hb-1")) == [], "a bill is no relation of itself"


def test_those_that_have_come_furthest_come_first_and_all_are_counted(store: SqlStore) -> None:
    for number, stage in ((1, "died"), (2, "passed-one"), (3, "introduced"), (4, "became-law")):
        put(store, number, (9,), LAMPS.format(1), stage=stage)
    assert ids(Kindred(store.engine).naming("xx/31/hb-9")) == ["4", "2", "3", "1"]
    found = Kindred(store.engine).naming("xx/31/hb-9", 2)
    assert (ids(found), found.total) == (["4", "2"], 4)
    found = Kindred(store.engine).alike("xx/31/hb-2", 2)
    assert (ids(found), found.total) == (["4", "3"], 3)


def test_words_that_a_rule_reads_otherwise_are_not_the_same(store: SqlStore) -> None:
    put(store, 1, words=LAMPS.format(1))
    put(store, 2, words=LAMPS.format(1), flags=(flag(effect=Effect.REVERSES),))
    put(store, 3, words=LAMPS.format(2))
    put(store, 4, words=LAMPS.format(1), flags=())
    assert ids(Kindred(store.engine).alike("xx/31/hb-1")) == []
    put(store, 5, words=LAMPS.format(1).upper().replace(" ", "\n"), flags=(flag(Topic.WORKER_RIGHTS), flag()))
    assert ids(Kindred(store.engine).alike("xx/31/hb-1")) == ["5"]


def test_a_flag_that_was_rejected_ties_no_bills_and_a_corrected_one_still_does(store: SqlStore) -> None:
    put(store, 1, words=LAMPS.format(1))
    was = Finding(Topic.DECRIMINALIZATION, Effect.ADVANCES)
    put(store, 2, words=LAMPS.format(1), flags=(flag(review=Review(ReviewVerdict.REJECT, was, "r")),))
    assert ids(Kindred(store.engine).alike("xx/31/hb-1")) == ids(Kindred(store.engine).alike("xx/31/hb-2")) == []
    put(store, 3, words=LAMPS.format(1), flags=(
        flag(Topic.WORKER_RIGHTS, review=Review(ReviewVerdict.CORRECT, was, "r")),))
    assert ids(Kindred(store.engine).alike("xx/31/hb-1")) == ["3"]


@pytest.mark.parametrize(("number", "words", "same"), [
    ("12", LAMPS.format(1), True), ("4A", LAMPS.format(1), True), ("4", LAMPS.format(2), False),
    ("4", f"{LAMPS.format(1)} It is so.", False)])
def test_sections_are_the_same_whatever_their_number(number: str, words: str, same: bool) -> None:
    a, b = (section_key(marked(*x), flag()) for x in ((LAMPS.format(1), "4"), (words, number)))
    assert a and b and (a == b) is same


def test_a_section_of_a_few_words_and_one_that_is_no_section_have_no_key() -> None:
    assert section_key(marked("Section 5 is repealed."), flag()) is None
    text = replace(marked(LAMPS.format(1)), text=f"A bill. {LAMPS.format(1)}")
    outside = replace(flag(), start=len(text.text) - 1, end=len(text.text))
    assert section_key(replace(text, provisions=(replace(text.provisions[0], end=9),)), outside) is None
    assert section_key(replace(text, provisions=()), flag()) is not None, "a text without sections is one"


def test_a_bill_that_is_named_twice_has_both_relations() -> None:
    bill = Bill("xx", "31", "HB 1", related_bills=(
        RelatedBill("31", "H.B. 2", "companion"), RelatedBill("31", "HB 0002", "identical"), RelatedBill("31", "HB 2"),
        RelatedBill("30", "HB 2"), RelatedBill("31", "HB1", "self")))
    assert named_bills(bill) == {"xx/31/hb-2": ("companion", "identical"), "xx/30/hb-2": ()}


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> tuple[SqlStore, SqlStore]:
    """Each bill is named by the one before, and has the words of one other; some have changed."""
    made = []
    for bills in (300, 3_000):
        store = SqlStore.open(tmp_path_factory.mktemp("kindred") / f"{bills}.db")
        with store.write() as writer:
            for turn in range(2):
                for number in range(bills):
                    words, name = LAMPS.format(number // 2), f"xx/31/hb-{number}"
                    bill = Bill("xx", "31", f"HB {number}", title=f"{turn}", versions=(Version("a", "Introduced"),),
                                related_bills=(RelatedBill("31", f"HB {number + 1}"),))
                    read = ReadText("a", TextStatus.AVAILABLE, "https://law.example/a", "text/plain", f"{turn:064}",
                                    marked(words), (flag(),))
                    if turn == 0 or number % 3 == 0:
                        writer.apply(Change(name, bill, f"{turn}", turn, "introduced", (), (read,)),
                                     NOW + timedelta(hours=turn))
        made.append(store)
    return made[0], made[1]


def steps(store: SqlStore, question: Callable[[], Any]) -> int:
    counted = 0

    def count() -> None:
        nonlocal counted
        counted += GRAIN

    def listen(connection: Any, *_: object) -> None:
        connection.set_progress_handler(count, GRAIN)

    hooks.listen(store.engine, "checkout", listen)
    try:
        question()
    finally:
        hooks.remove(store.engine, "checkout", listen)
    return counted


@pytest.mark.parametrize("ask", ["naming", "alike"])
@pytest.mark.parametrize("at", [None, NOW + timedelta(minutes=1), NOW + timedelta(hours=2)])
def test_ten_times_the_bills_are_not_ten_times_the_work(stores: tuple[SqlStore, SqlStore], ask: str,
                                                        at: datetime | None) -> None:
    for number in (9, 10, 100):
        asked = [partial(getattr(Kindred(store.engine, at), ask), f"xx/31/hb-{number}") for store in stores]
        assert all(ids(one()) for one in asked)
        small, large = (steps(store, one) for store, one in zip(stores, asked, strict=True))
        assert large <= 1.2 * small + 200
