"""Decisions rest on what the words say: what they outlive, and what they do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.desk.review import (
    apply_decisions,
    as_tagged,
    changes_nothing,
    doubt,
    in_force,
    key_of_decision,
    key_of_flag,
    repeats,
    shown,
    withheld,
    words_of,
)
from tracker.model import Decision, Effect, Finding, Flag, MarkedText, Provision, ReviewVerdict, Topic
from tracker.text.provisions import segment

NOW = datetime(2031, 3, 4, tzinfo=UTC)
BILL = "xx/31/hb-1"
CRIME, RELIEF = Topic.CRIMINALIZATION, Topic.DECRIMINALIZATION
WRONG, RIGHT, OTHER, BACK = (ReviewVerdict.REJECT, ReviewVerdict.CONFIRM, ReviewVerdict.CORRECT,
                             ReviewVerdict.WITHDRAW)
ACT = ("Sec. 1. Short title.\nThis Act may be cited as the Lantern Act.\n"
       "Sec. 2. Lanterns.\n(a) Whoever patronizes a lantern under Sec. 5 of Pub. L. 31-2 commits a misdemeanor. "
       "(b) The court shall seal every record of a lantern sold before this Act.\n")


def text(words: str = ACT, *starts: str) -> MarkedText:
    at = [words.index(s) for s in starts]
    return MarkedText(words, (), tuple(Provision(s, s, None, "section", a, len(words))
                                       for s, a in zip(starts, at, strict=True)))


def flag(quote: str = "Whoever patronizes a lantern", topic: Topic = CRIME, effect: Effect = Effect.ADVANCES,
         words: str = ACT, **more: object) -> Flag:
    start = words.index(quote)
    return Flag(topic, effect, "Sec. 2", start, start + len(quote), quote, "rule-1", "v1", 0.7,
                **more)  # type: ignore[arg-type]


def decision(verdict: ReviewVerdict = WRONG, on: Flag | None = None, *, to: Finding | None = None, by: str = "ada",
             reason: str = "Because.", within: MarkedText | None = None) -> Decision:
    on = on or flag()
    return Decision(BILL, "ih", on, words_of(within or text(), on), verdict, reason, by, "editor", NOW, to)


SENTENCE = "whoever patronizes a lantern under sec 5 of pub l 31 2 commits a misdemeanor"


@pytest.mark.parametrize(("words", "quote"), [
    (ACT, "Whoever patronizes a lantern"),
    (ACT, "patronizes a lantern under Sec. 5 of Pub. L."),  # another rule quotes more
    (ACT.replace(" lantern under", "\n   lantern\nunder"), "Whoever patronizes a\n   lantern"),  # other lines
    (ACT.replace("(a)", "(c)"), "Whoever patronizes a lantern"),  # renumbered
    (ACT.upper(), "WHOEVER PATRONIZES A LANTERN"),
    ("A new first section.\n" + ACT.replace("seal", "destroy"), "patronizes a lantern"),  # changed around it
    (ACT.replace("31-2 commits", "31–2, commits"), "Whoever patronizes"),
])
def test_words_outlive_what_is_not_a_word(words: str, quote: str) -> None:
    assert words_of(text(words), flag(quote, words=words)) == SENTENCE


@pytest.mark.parametrize("words", [
    ACT.replace("misdemeanor", "felony"), ACT.replace("Whoever", "Nobody who"), ACT.replace("Sec. 5", "Sec. 6")])
def test_another_word_in_the_sentence_is_another_question(words: str) -> None:
    assert words_of(text(words), flag("patronizes a lantern", words=words)) != SENTENCE


def test_a_provision_begins_a_sentence() -> None:
    words = "(1) in paragraph (2), by striking lamps and\n(2) by repealing section 5 of the Lantern Act; and"
    marked = text(words, "(1) in", "(2) by")
    assert words_of(marked, flag("repealing section 5", words=words)) == "by repealing section 5 of the lantern act and"


def test_very_few_words_are_not_a_sentence_to_rest_on() -> None:
    words = "Lanterns. Is repealed. Section 5 of the Lantern Act is gone."
    assert words_of(text(words), flag("Is repealed. Section 5 of the", words=words)).startswith("section 5 of")
    assert words_of(text("A. Is repealed. B."), flag("Is repealed", words="A. Is repealed. B.")) == "is repealed"


def test_a_sentence_without_end_costs_little_and_rests_on_its_quote() -> None:
    words = "lantern " * 200_000
    assert words_of(text(words), flag("lantern lantern lantern lantern", words=words)) == " ".join(["lantern"] * 4)


TWO_ACTS = """SEC. 2. LANTERN ACT AMENDMENTS.
(a) In General.—Section 5 of the Lantern Act is amended—
(1) by striking subsection (f);
(2) in subsection (g)—
(A) by striking paragraph (2); and
(B) by adding at the end the following:
"(h) Whoever patronizes a lantern commits a misdemeanor.".
SEC. 4. HARBOR ACT AMENDMENTS.
(a) In General.—Section 5 of the Harbor Act is amended as follows:
(1) by striking subsection (f);
(2) in subsection (g)—
(A) by striking paragraph (2); and
(B) by adding at the end the following:
"(h) Whoever patronizes a lantern commits a misdemeanor.".
"""


def twice(quote: str, words: str = TWO_ACTS) -> tuple[Flag, Flag]:
    first = flag(quote, words=words)
    at = words.rindex(quote)
    return first, replace(first, start=at, end=at + len(quote), provision="Sec. 4")


@pytest.mark.parametrize("quote", [
    "by striking subsection (f);", "striking subsection (f)", "striking paragraph (2)", "patronizes a lantern"])
def test_the_same_words_under_other_opening_words_are_another_question(quote: str) -> None:
    marked = MarkedText(TWO_ACTS, (), segment(TWO_ACTS))
    one, other = twice(quote)
    assert key_of_flag(BILL, one, marked) != key_of_flag(BILL, other, marked)
    flags = apply_decisions([one, other], [decision(WRONG, other, within=marked)], marked)
    assert shown(flags) == (one,)


@pytest.mark.parametrize("opening", ["amended—", "amended:", "amended as follows:", "amended --"])
def test_opening_words_are_found_where_no_provision_is_known(opening: str) -> None:
    words = (f"The Lantern Act is {opening}\n(1) by striking subsection (f);\n\n"
             f"The Harbor Act is {opening}\n(1) by striking subsection (f);\n")
    one, other = twice("by striking subsection (f);", words)
    assert "lantern act" in words_of(text(words), one) and "harbor act" in words_of(text(words), other)


def test_opening_words_outlive_what_is_not_a_word_and_new_numbers() -> None:
    before = MarkedText(TWO_ACTS, (), segment(TWO_ACTS))
    words = "SEC. 1. TITLE.\nThis is the Lamps Act.\n" + TWO_ACTS.replace("SEC. 4", "SEC. 5").replace(
        "SEC. 2", "SEC. 3").replace("(2) in", "(3) in").replace("Harbor Act is", "HARBOR  Act\nis")
    after = MarkedText(words, (), segment(words))
    for quote in ("striking subsection (f)", "striking paragraph (2)", "patronizes a lantern"):
        assert [words_of(before, f) for f in twice(quote)] == [words_of(after, f) for f in twice(quote, words)]


def test_a_section_does_not_hang_on_the_enacting_clause() -> None:
    words = "The people of Lampland do enact as follows:\nSection 1. Section 5 of the Lantern Act is repealed.\n"
    marked = MarkedText(words, (), segment(words))
    assert words_of(marked, flag("Lantern Act is repealed", words=words)) == "section 5 of the lantern act is repealed"


def test_the_key_is_of_bill_topic_effect_and_words() -> None:
    key = key_of_flag(BILL, flag(), text())
    assert key == key_of_decision(decision())
    assert key == key_of_flag(BILL, replace(flag(), rule="rule-2", subtopic="buying", score=0.1), text())
    assert key != key_of_flag("xx/31/hb-2", flag(), text())
    assert key != key_of_flag(BILL, flag(topic=RELIEF), text())
    assert key != key_of_flag(BILL, flag(effect=Effect.REVERSES), text())


def test_a_rejected_flag_is_kept_but_not_shown() -> None:
    other = flag("The court shall seal", RELIEF)
    flags = apply_decisions([flag(), other], [decision(WRONG)], text())
    assert shown(flags) == (other,)
    assert [as_tagged(f) for f in withheld(flags)] == [flag()]


def test_a_confirmed_flag_says_so_and_stays_as_it_is() -> None:
    (found,) = apply_decisions([flag()], [decision(RIGHT)], text())
    assert found.review is not None and found.review.verdict is RIGHT
    assert replace(found, review=None) == flag()


def test_a_corrected_flag_says_what_the_reader_said_and_what_the_rule_had_found() -> None:
    to = Finding(RELIEF, Effect.REVERSES, "penalty")
    (found,) = apply_decisions([flag(subtopic="buying")], [decision(OTHER, to=to)], text())
    assert (found.topic, found.effect, found.subtopic, found.rule) == (RELIEF, Effect.REVERSES, "penalty", "review")
    assert found.review is not None
    assert (found.review.was, found.review.rule) == (Finding(CRIME, Effect.ADVANCES, "buying"), "rule-1")
    assert key_of_flag(BILL, found, text()) == key_of_flag(BILL, flag(), text())


def test_a_better_rule_that_says_what_the_reader_said_is_confirmed() -> None:
    judged = decision(OTHER, to=Finding(RELIEF, Effect.ADVANCES))
    (found,) = apply_decisions([flag(topic=RELIEF)], [judged], text())
    assert found.review is not None and found.review.verdict is RIGHT


def test_a_correction_never_says_what_another_flag_says_already() -> None:
    judged = decision(OTHER, to=Finding(RELIEF, Effect.ADVANCES))
    flags = apply_decisions([flag(), flag(topic=RELIEF)], [judged], text())
    assert [f.topic for f in shown(flags)] == [RELIEF]


def test_the_last_decision_is_in_force_and_a_withdrawal_ends_it() -> None:
    first, second, last = decision(WRONG), decision(RIGHT, by="bo"), decision(BACK)
    assert list(in_force([first, second]).values()) == [second]
    assert in_force([first, second, last]) == {}
    assert apply_decisions([flag()], [first, second, last], text()) == (flag(),)


def test_the_same_said_twice_is_once_and_said_by_another_changes_nothing() -> None:
    said = [decision(WRONG)]
    assert repeats(said, decision(WRONG)) and changes_nothing(said, decision(WRONG))
    assert not repeats(said, decision(WRONG, by="bo")) and changes_nothing(said, decision(WRONG, by="bo"))
    assert not repeats(said, decision(RIGHT)) and not changes_nothing(said, decision(RIGHT))
    assert repeats([], decision(BACK)) and not repeats(said, decision(BACK))
    back_and_again = [decision(WRONG), decision(BACK), decision(WRONG)]
    assert not repeats(back_and_again[:2], back_and_again[2])


@given(st.lists(st.sampled_from([WRONG, RIGHT, OTHER, BACK]), max_size=5))
def test_applying_twice_is_applying_once_and_everything_can_be_undone(verdicts: list[ReviewVerdict]) -> None:
    flags = (flag(), flag("The court shall seal", RELIEF))
    decisions = [decision(v, to=Finding(RELIEF, Effect.REVERSES) if v is OTHER else None) for v in verdicts]
    once = apply_decisions(flags, decisions, text())
    assert apply_decisions(once, decisions, text()) == once
    assert apply_decisions(once, [], text()) == flags


@given(st.text(max_size=300), st.data())
def test_any_text_has_words(words: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(words)))
    end = data.draw(st.integers(start, len(words)))
    found = Flag(CRIME, Effect.ADVANCES, "", start, end, words[start:end], "r", "v", 0.5)
    marked = MarkedText(words)
    assert key_of_flag(BILL, found, marked) == key_of_flag(BILL, found, marked)


@pytest.mark.parametrize(("score", "doubted"), [(0.5, 1.0), (1.0, 0.0), (0.0, 0.0), (0.75, 0.5), (7.0, 0.0)])
def test_doubt_is_the_distance_from_what_is_sure(score: float, doubted: float) -> None:
    assert doubt(score) == pytest.approx(doubted)
