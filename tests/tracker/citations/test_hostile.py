# ruff: noqa: E501 - tables of written forms read best unbroken
"""Scraped text is hostile: nothing raises, every span lies in the text, and time grows with length only."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.citations import citations, instructions, parse
from tracker.citations.forms import NORMAL

PLACES = ("us", "us-ny", "us-ca", "us-me", "us-nj", "us-md", "us-il", "us-la", "ca", "gb", "ie", "xx", "")
_PIECES = (
    "section ", "sections ", "§ ", "§§", "subsection ", "paragraph ", "chapter ", "title ", "article ", "(a)", "(1)", "(iv)",
    "(A)", "1591", "230.00", "9A.88.030", "2C:34-1", "11-34.1-2", " of ", " of such ", " of the ", ", ", " and ", " or ",
    " through ", " to ", "–", "—", "-", "(", ")", "“", "”", '"', "\n", ". ", "; ", "18 U.S.C. ", "RCW ", "ORS ", "C.",
    "N.J.S.", "720 ILCS 5/", "MRSA §", "penal law", "Penal Code", "Criminal Code", "the Act", "Principal Act", "such title",
    "Trafficking Victims Protection Act of 2000", "Sexual Offences Act 2003", "Act of 2017", "United States Code",
    "is amended", "is repealed", "are repealed:", "by striking ", "and inserting ", "by adding ", "to read as follows:",
    "by redesignating ", " as ", "omit ", "for ", "substitute ", "after ", "insert ", "in ", "SEC. 2. ", "Section 1. ",
    "(22 U.S.C. 7631)", "note", "et seq.", "\u2028", "\ud800", "İ", "𝟙", "\x00", "ß",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(_PIECES) | st.text(max_size=6), max_size=60).map("".join)


def check(text: str, place: str) -> None:
    found = citations(text, place)
    assert [c.start for c in found] == sorted(c.start for c in found)
    for c in found:
        assert 0 <= c.start < c.end <= len(text)
        assert c.norm and not c.norm.startswith("/") and "//" not in c.norm
    for i in instructions(text, place):
        assert 0 <= i.start < i.end <= len(text)
        assert i.kind in ("repeal", "strike", "insert", "replace", "redesignate", "amend")
        assert i.targets
        for span in (i.old, i.new):
            assert span is None or 0 <= span[0] <= span[1] <= len(text)


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.sampled_from(PLACES))
def test_no_text_raises_and_every_span_lies_in_it(text: str, place: str) -> None:
    check(text, place)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80) | TEXTS, st.sampled_from(PLACES))
def test_nothing_that_a_person_types_raises(typed: str, place: str) -> None:
    norm = parse(typed, place)
    assert norm is None or "/" in norm


@settings(max_examples=100, deadline=None)
@given(TEXTS, st.sampled_from(PLACES))
def test_equal_text_gives_equal_citations(text: str, place: str) -> None:
    assert citations(text, place) == citations(text, place)


HOSTILE = (
    "section section (((", "section 1, ", "§ 1, 2 ", "(a)", "subsection (a) of ", "by striking “", "is amended by striking ",
    "Foo Act ", "Aa Aa Aa Aa Aa Aa Act ", "18 U.S.C. ", "18 U.S.C. 1 ", "1", "\n", " ", "(a) ", "\n(a) in subsection (b)",
    "section 1 (", '"\n', "\n“x", "for ", "for x substitute ", "section 1-", "RCW ", "are repealed: section 1 ",
    ", as amended by section 1", "Aaaa", "section 1 of the ", "Aa, ", "section 1 (relating to", "such title ",
    "“Act of 1993” means the ", "and inserting ", "is amended section 1 of title 18 ", "SEC. 1. ", "\n1 ", "; ", "-", "s. ",
    "penal law is amended ", "1-", "1:", "1.1", "after “", "HIV/AIDS, ", "Article - A\n", "(Aa ", "title I of ",
)  # fmt: skip
SIZE = 120_000


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("place", ["us", "us-ny", "gb"])
def test_repetition_costs_no_more_than_its_length(piece: str, place: str) -> None:
    text = (piece * (SIZE // len(piece) + 1))[:SIZE]
    began = time.process_time()
    citations(text, place)
    instructions(text, place)
    assert time.process_time() - began < 4  # a quadratic reading takes minutes


def test_a_megabyte_of_unfinished_sections_takes_less_than_a_second() -> None:
    text = "section section (((" * 55_000
    began = time.process_time()
    assert citations(text) == ()
    assert time.process_time() - began < 1


def test_real_bills_are_read_at_megabytes_a_second(shared: Path) -> None:
    texts = [p.read_text() for p in sorted((shared / "data/us-federal/bills-text-key").glob("*.txt"))]
    citations(texts[0])
    began = time.process_time()
    found = [c for text in texts for c in citations(text)]
    spent = time.process_time() - began
    assert len(found) > 1000
    assert all(NORMAL.fullmatch(c.norm) for c in found)
    assert sum(map(len, texts)) / spent > 2_000_000  # 5 MB/s and more on an idle machine
