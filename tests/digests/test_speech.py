"""A language to its words, dates and numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from digests.speech import ENGLISH, LANGUAGES, Speech, best_language, speech_of


def test_values_are_filled_in_after_translation_and_never_read_as_patterns() -> None:
    assert ENGLISH._("Introduced: {title}", title="{0} {title} %(x)s") == "Introduced: {0} {title} %(x)s"


def test_english_dates_and_numbers_read_as_most_of_the_world_writes_them() -> None:
    assert ENGLISH.day(date(2031, 3, 6)) == "6 March 2031"
    assert ENGLISH.moment(datetime(2031, 3, 6, 9, 5, tzinfo=UTC)) == "6 March 2031, 09:05 UTC"
    assert ENGLISH.ngettext("{number} bill", "{number} bills", 1) == "1 bill"
    assert ENGLISH.ngettext("{number} bill", "{number} bills", 12345) == "12,345 bills"
    assert ENGLISH.weekdays[0] == "Monday" and ENGLISH.own_name == "English"


def test_a_language_that_we_do_not_have_is_english() -> None:
    assert speech_of("../../etc") is speech_of("xx") or speech_of("xx").language == "en"
    assert isinstance(speech_of(""), Speech)


@pytest.mark.parametrize("accepted", [None, "", "xx", ";;;,,q=", "*", "en;q=0, xx", "en-GB,en;q=0.9", "a" * 9999])
def test_whatever_a_browser_says_there_is_an_answer(accepted: str | None) -> None:
    assert best_language(None, accepted) in LANGUAGES
