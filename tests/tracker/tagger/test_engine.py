"""What a reader must be able to rely on: evidence, direction, silence, and an answer for any text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.model import BillContext, Effect, Flag, Mark, MarkedText, MarkKind, Topic
from tracker.tagger import load_rules, tag, tag_unit
from tracker.text import read

RULES = load_rules()
US = BillContext("us")


def flags_of(body: str, context: BillContext = US) -> list[tuple[Topic, Effect]]:
    return [(flag.topic, flag.effect) for flag in tag(read(body.encode(), "text/plain"), context, RULES)]


def unit(text: str, *marks: tuple[MarkKind, str], jurisdiction: str = "us-xx") -> list[Flag]:
    given_marks = [{"kind": kind.value, "start": text.index(words), "end": text.index(words) + len(words)}
                   for kind, words in marks]  # fmt: skip
    line = {"id": "1", "jurisdiction": jurisdiction, "title": None, "text": text, "marks": given_marks}
    return list(tag_unit(line, RULES)["flags"])


def test_the_pledge_is_repealed_without_naming_prostitution() -> None:
    bill = ("SECTION 1. SHORT TITLE.\n\nThis Act may be cited as the \"Example Act\".\n\n"
            "SEC. 2. HEALTH PARTNERS.\n\n(a) In General.--Section 301 of the Example Leadership Act of 2003\n"
            "(22 U.S.C. 7631) is amended--\n(1) by striking subsections (d) through (f); and\n(2) as follows.")
    assert flags_of(bill) == [(Topic.FUNDING_CONDITION, Effect.REVERSES)]


def test_the_same_section_number_of_another_title_is_wildlife() -> None:
    bill = "SEC. 2. BIRDS.\n\nSection 301 (16 U.S.C. 7631) is amended by striking subsections (d) through (f)."
    assert flags_of(bill) == []


def test_a_struck_offence_is_no_new_crime() -> None:
    text = ("Section 4. Section 99-1 of the Example Code is amended to read:\n"
            "(1) A person who engages in prostitution is guilty of a misdemeanor.\n(2) A person who litters shall pay.")
    struck = "A person who engages in prostitution is guilty of a misdemeanor."
    found = unit(text, (MarkKind.STRUCK, struck))
    assert [(f["topic"], f["effect"]) for f in found] == [("decriminalization", "advances")]


def test_an_inserted_offence_is_one() -> None:
    text = ("Section 4. Section 99-1 of the Example Code is amended to read:\n"
            "(1) A person who pays a prostitute is guilty of a misdemeanor.\n(2) A person who litters shall pay.")
    found = unit(text, (MarkKind.INSERTED, "A person who pays a prostitute is guilty of a misdemeanor."))
    assert [(f["topic"], f["effect"]) for f in found] == [("criminalization", "advances")]


def test_existing_law_around_an_unrelated_change_is_silent() -> None:
    text = ("Section 4. Section 99-1 of the Example Code is amended to read:\n"
            "(1) A person who engages in prostitution is guilty of a misdemeanor.\n"
            + "(2) The clerk keeps the register of all fines that were paid in the county. " * 6
            + "\n(3) The board meets in May.")
    assert unit(text, (MarkKind.INSERTED, "The board meets in May.")) == []


def test_words_that_are_struck_and_put_back_are_not_repealed() -> None:
    text = ('SEC. 3. NAMES.\nThe Example Act is amended by striking "victims of human trafficking are served" '
            'and inserting "survivors of human trafficking are served".')
    assert "reverses" not in {f["effect"] for f in unit(text)}


def test_a_section_that_a_committee_struck_is_dead() -> None:
    text = "SEC. 2. TRAINING.\nThe Secretary shall train inspectors on human trafficking."
    marked = MarkedText(text, (Mark(MarkKind.STRUCK, 0, len(text)),))
    assert tag(marked, US, RULES) == ()
    assert tag(MarkedText(text), US, RULES) != ()


@pytest.mark.parametrize("words", [
    "SEC. 2. FINDINGS.\nCongress finds that human trafficking is a crime and must end.",
    "SEC. 2. DEFINITIONS.\nIn this Act:\n(1) The term “trafficking victim” means a victim of human trafficking.",
    "SECTION 1. SHORT TITLE.\nThis Act may be cited as the “Stop Human Trafficking Act”.",
    "SEC. 3. PENALTIES.\nA person who engages in drug trafficking or wildlife trafficking shall be fined.",
    "SEC. 3. CONTRACTS.\nThe solicitation of bids for brothers and sisters of veterans is unlawful; a felony.",
    "SEC. 3. LICENCES.\nA licence is denied for murder, robbery, arson, kidnapping, human trafficking or fraud.",
])  # fmt: skip
def test_a_mention_is_not_a_flag(words: str) -> None:
    assert flags_of(words) == []


def test_a_resolution_binds_nobody() -> None:
    words = "SECTION 1. SUPPORT.\nThe House supports training of inspectors on human trafficking."
    assert flags_of(words, BillContext("us", None, ("resolution",))) == [(Topic.ANTI_TRAFFICKING, Effect.NON_BINDING)]


def test_a_flag_names_the_smallest_provision_and_quotes_its_words() -> None:
    bill = ("SEC. 2. DUTIES.\n(a) The board shall meet in May.\n(b) The board shall--\n(1) keep minutes; and\n"
            "(2) train its staff to help victims of human trafficking.")
    text = read(bill.encode(), "text/plain")
    (flag,) = tag(text, US, RULES)
    assert flag.provision == "Sec. 2(b)(2)"
    assert text.text[flag.start : flag.end] == flag.quote
    assert 5 <= len(flag.quote.split()) <= 30


PIECES = st.sampled_from([
    "human trafficking", "prostitution", "is repealed", "SEC. 2.", "(a)", "(i)", "\n", " ", "“", "”", "shall",
    "22 U.S.C. 7631", "section 230 of the Communications Act of 1934", "victims", "Whereas", "((", "))", "[", "]",
    "ſ", "İ", "guilty of", "expunge the record", "minor", "by striking", "and inserting", "Act", "\x00",
    "\ud800", "ß", "—", ".", "1591",
])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES | st.text(max_size=5), max_size=60).map(" ".join), st.lists(st.integers(0, 400), max_size=6))
def test_any_text_is_answered_with_evidence_and_the_same_answer_twice(words: str, cuts: list[int]) -> None:
    points = sorted({c for c in cuts if c < len(words)})
    kinds = (MarkKind.STRUCK, MarkKind.INSERTED)
    marks = tuple(Mark(kinds[i % 2], a, b) for i, (a, b) in enumerate(zip(points[::2], points[1::2], strict=False)))
    text = MarkedText(words, marks)
    flags = tag(text, US, RULES)
    assert flags == tag(text, US, load_rules())
    for flag in flags:
        assert words[flag.start : flag.end] == flag.quote
    assert tag_unit({"id": "x", "text": words}, RULES)["id"] == "x"


def test_no_text_is_catastrophic() -> None:
    import time

    began = time.process_time()
    for words in ("human trafficking " * 6_000, "prostitution (" * 6_000, "“" * 50_000 + "striking trafficking",
                  "\n(a) human trafficking" * 6_000, "A" * 1_000_000 + " trafficking",
                  "striking " * 20_000 + "trafficking"):  # fmt: skip
        tag_unit({"id": "x", "text": words}, RULES)
    assert time.process_time() - began < 20
