"""Flags of two versions: which came, which went, which stayed; and how that is told in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tracker.redline.test_redline_sections import DUTY, FINES, MOON, TITLE, WORDS, bill
from tracker.model import Effect, Flag, MarkedText, MarkKind, Topic
from tracker.redline import compare, prepare
from tracker.redline.flagged import FlagTurn, Turn, flag_turns
from tracker.redline.told import headline, tell

QUOTE = "A person who carries no lantern shall pay a fine of ten crowns"


def flag(text: MarkedText, quote: str = QUOTE, effect: Effect = Effect.ADVANCES) -> Flag:
    start = text.text.index(quote)
    provision = next(p.path for p in reversed(text.provisions) if p.start <= start < p.end)
    return Flag(Topic.CRIMINALIZATION, effect, provision, start, start + len(quote), quote, "rule-1", "2031.1", 0.9)


def turns(one: MarkedText, old: list[Flag], two: MarkedText, new: list[Flag]) -> list[tuple[object, ...]]:
    found = flag_turns(compare(prepare(one), prepare(two)), old, new)
    return [(t.turn, t.before and t.before.provision, t.after and t.after.provision) for t in found]


def test_a_flag_stays_in_a_section_that_was_renumbered_and_moved() -> None:
    one, two = bill(TITLE, FINES, WORDS, DUTY), bill(TITLE, WORDS, DUTY, FINES)
    assert turns(one, [flag(one)], two, [flag(two)]) == [(Turn.STAYED, "Sec. 2", "Sec. 4")]


def test_a_flag_stays_if_its_quote_was_edited() -> None:
    one, two = bill(TITLE, FINES), bill(TITLE, MOON, FINES.replace("ten crowns", "nine silver crowns"))
    assert turns(one, [flag(one)], two, [flag(two, QUOTE.replace("ten crowns", "nine silver crowns"))]) == [
        (Turn.STAYED, "Sec. 2", "Sec. 3")]


def test_the_same_words_with_another_effect_are_a_flag_that_went_and_one_that_came() -> None:
    one, two = bill(TITLE, FINES), bill(TITLE, FINES)
    assert turns(one, [flag(one)], two, [flag(two, effect=Effect.REVERSES)]) == [
        (Turn.CAME, None, "Sec. 2"), (Turn.WENT, "Sec. 2", None)]


def test_two_flags_of_a_section_are_never_paired_with_one() -> None:
    one, two = bill(TITLE, FINES), bill(TITLE, FINES)
    second = replace(flag(one), start=flag(one).start + 2, quote=flag(one).quote[2:])
    assert [t[0] for t in turns(one, [flag(one), second], two, [flag(two)])] == [Turn.WENT, Turn.STAYED]


def test_the_headline_counts_flags_and_sections() -> None:
    one, two = bill(TITLE, FINES), bill(TITLE, MOON, FINES)
    redline = compare(prepare(one), prepare(two))
    said = headline(redline, flag_turns(redline, [], [flag(two)]), "Substitute")
    assert said == "“Substitute” adds 1 flag. Sections: 1 added, 1 renumbered, of 4 now."
    assert headline(redline, [], "Substitute").startswith("Neither text has a flagged section.")


@pytest.mark.parametrize("brief", [True, False])
def test_it_is_told_in_lines_of_a_mail_with_the_flags_first(brief: bool) -> None:
    one, two = bill(TITLE, DUTY, FINES), bill(TITLE, DUTY.replace("section 2", "section 9"), MOON, FINES)
    new = replace(flag(two), mark=MarkKind.INSERTED)
    redline = compare(prepare(one), prepare(two))
    found = flag_turns(redline, [], [new])
    said = tell(redline, found, ("Bill", "Substitute"), lambda effect, topic: f"{effect} {topic}", brief=brief)
    words = " ".join(said.split())
    assert "+ Criminalization, advances criminalization, Sec. 4 (law gains these words): “A person" in words
    assert ("{+9.+}" in words) is not brief
    assert max(map(len, said.splitlines())) <= 78


def test_a_turn_without_a_flag_is_refused() -> None:
    with pytest.raises(ValueError, match="a flag of one version"):
        _ = FlagTurn(Turn.CAME, None, None, 0).flag
