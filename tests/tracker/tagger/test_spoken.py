"""Patterns as a person would read them aloud."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.tagger.spoken import spoken, spoken_list


@pytest.mark.parametrize(("pattern", "words"), [
    ("prostitut\\w+", "prostitut…"),
    ("(?:is|are) (?:further )?amended", "(is/are) [further] amended"),
    ("services?,? such as", "service[s][,] such as"),
    ("striking subsections? \\([d-g]\\)", "striking subsection[s] (d–g)"),
    ("section 230(?:\\([a-z]\\)){0,4} of", "section 230[(a–z)] of"),
    ("victims? of (?:a )?(?:human |sex |child )?trafficking", "victim[s] of [a] [human/sex/child] trafficking"),
    ("no funds? .{0,80}7631", "no fund[s] … 7631"),
    ("priority to(?: \\w+){0,4} states", "priority to … states"),
    ("decriminali[sz]\\w+", "decriminali(s/z)…"),
    ("age[ -]verification", "age-verification"),
    ("age of (?:18|1[4-7])", "age of (18/1(4–7))"),
    ("verif\\w+ that[^.;]{0,60}\\d\\d years", "verif… that … # years"),
    ("\\bomit\\b", "omit"),
    ("{trafficking}", "‹trafficking›"),
    ("{cite/us/22/7631}", "22 U.S.C. 7631"),
    ("(?: or|) else", "[or] else"),
    ("a|b", "a/b"),
])  # fmt: skip
def test_a_pattern_is_said_in_words(pattern: str, words: str) -> None:
    assert spoken(pattern) == words


def test_what_is_left_out_of_a_list_is_counted() -> None:
    assert spoken_list(["a", "b", "a", "c"], most=2) == "“a”, “b” and 1 more"


def test_a_term_in_a_list_counts_as_its_words() -> None:
    assert spoken_list(["(?:a(?:b|c)|\\(d|[|)]e|(?:f|g))", "(?:h)(?:i)"]) == "“a(b/c)”, “(d”, “(|/))e”, “f”, “g”, “hi”"


@given(st.text(alphabet="ab (?:|)[]{}0,\\w.+*^$-/", max_size=30))
def test_no_pattern_is_too_odd_to_be_said(pattern: str) -> None:
    assert isinstance(spoken(pattern), str)
    assert isinstance(spoken_list([pattern, f"(?:{pattern})"]), str)
