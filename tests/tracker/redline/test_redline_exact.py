"""Whatever two texts say: what a redline keeps and puts is the later text, and every word of both is in it."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracker.redline.hostile import HOSTILE, reading_of
from tracker.model import Mark, MarkedText, MarkKind, Provision
from tracker.redline import Redline, compare, prepare
from tracker.redline.patch import Keep, apply, steps
from tracker.redline.pieces import Kind, pieces
from tracker.redline.weave import weave
from tracker.text import read

WORDS = st.sampled_from(["the", "a", "host", "shall", "not", "loiter", "(1)", "“Act”", "fine", "of", "10", "crowns;",
                         "and", "SEC.", "or", "--", "``x''", "\u200b", "§", "PERSON", "person,"])
LINE = st.lists(WORDS, max_size=30).map(" ".join)
SECTION = st.tuples(st.integers(1, 9), LINE, st.lists(LINE, max_size=4))
BILL = st.tuples(LINE, st.lists(SECTION, max_size=7))


def text_of(bill: tuple[str, list[tuple[int, str, list[str]]]]) -> MarkedText:
    head, sections = bill
    text, provisions = head + "\n", []
    for number, heading, lines in sections:
        start = len(text)
        text += f"Sec. {number}. {heading}\n" + "\n".join(lines) + "\n"
        provisions.append(Provision(f"Sec. {number}", str(number), heading or None, "section", start, len(text)))
    return MarkedText(text, (), tuple(provisions))


def both_texts(redline: Redline) -> tuple[list[str], list[str]]:
    """Words of the earlier and the later text as its pieces show them; order of the earlier text apart."""
    was: list[str] = []
    now: list[str] = []
    for row in redline.rows:
        for piece in pieces(redline, row):
            words = piece.text.split()
            if piece.kind is not Kind.INSERTED:
                was += words
            if piece.kind is not Kind.DELETED:
                now += words
    return was, now


@settings(max_examples=100, deadline=None)
@given(BILL, BILL)
def test_a_redline_makes_the_later_text_from_the_earlier_one(one, two) -> None:
    a, b = prepare(text_of(one)), prepare(text_of(two))
    assert apply(a.text(), steps(compare(a, b))) == b.text()


@settings(max_examples=100, deadline=None)
@given(BILL, st.randoms(use_true_random=False))
def test_a_redline_of_an_edited_bill_makes_it_too(one, chance: random.Random) -> None:
    head, sections = one
    edited = [(n + chance.randint(0, 1), heading, [" ".join(w for w in line.split() if chance.random() < 0.9)
                                                   for line in lines]) for n, heading, lines in sections]
    chance.shuffle(edited)
    a, b = prepare(text_of(one)), prepare(text_of((head, edited)))
    redline = compare(a, b)
    assert apply(a.text(), steps(redline)) == b.text()
    assert both_texts(redline)[1] == b.words


@settings(max_examples=100, deadline=None)
@given(BILL, BILL)
def test_pieces_show_every_word_of_the_later_text_in_order_and_no_edit_twice(one, two) -> None:
    a, b = prepare(text_of(one)), prepare(text_of(two))
    redline = compare(a, b)
    assert both_texts(redline)[1] == b.words
    units = sorted([row.before for row in redline.rows if row.before is not None])
    assert units == list(range(len(a.units)))
    assert [row.after for row in redline.rows if row.after is not None] == list(range(len(b.units)))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from("abcd"), max_size=60), st.lists(st.sampled_from("abcd"), max_size=60))
def test_between_the_edits_of_a_weave_all_words_are_equal(a: list[str], b: list[str]) -> None:
    at = bt = 0
    for a0, a1, b0, b1 in [*weave(a, b), (len(a), len(a), len(b), len(b))]:
        assert a[at:a0] == b[bt:b0]
        assert at <= a0 <= a1
        assert bt <= b0 <= b1
        at, bt = a1, b1


def test_a_text_compared_with_itself_keeps_all_of_it() -> None:
    words = b"SECTION 1. SHORT TITLE.\n\n  This Act is short.\n\nSEC. 2. FINE.\n\n  Ten crowns."
    a = prepare(read(words, "text/plain", "us"))
    redline = compare(a, a)
    assert apply(a.text(), steps(redline)) == a.text()
    assert all(isinstance(step, Keep) for step in steps(redline))


@settings(max_examples=100, deadline=None)
@given(BILL, BILL, st.lists(st.integers(0, 400), max_size=12, unique=True))
def test_marks_anywhere_in_a_text_leave_it_exact(one, two, edges: list[int]) -> None:
    first, second = text_of(one), text_of(two)
    places = sorted(e for e in edges if e < len(second.text))
    marks = tuple(Mark(list(MarkKind)[n % 2], a, b) for n, (a, b) in enumerate(pairwise(places)) if n % 3)
    a, b = prepare(first), prepare(replace(second, marks=marks))
    redline = compare(a, b)
    assert apply(a.text(), steps(redline)) == b.text()
    assert both_texts(redline)[1] == b.words
    assert len(b.marks) == len(b.words) == len(b.offsets)


def test_marks_do_not_stand_in_the_way_of_exactness() -> None:
    text = "Sec. 1. Whoever (loiters) shall pay."
    a = prepare(MarkedText(text, (Mark(MarkKind.STRUCK, 16, 25),)))
    b = prepare(MarkedText(text.replace("pay", "not pay"), (Mark(MarkKind.INSERTED, 8, 25),)))
    assert apply(a.text(), steps(compare(a, b))) == b.text()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_end_and_are_exact(name: str) -> None:
    one, two = (reading_of(text[:len(text) // 4]) for text in HOSTILE[name])
    assert apply(one.text(), steps(compare(one, two))) == two.text()
