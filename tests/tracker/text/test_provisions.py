"""Lines to provisions: the printed headings and enumerators of bills, in the order that drafting manuals give them."""

from __future__ import annotations

import pytest

from tracker.text.provisions import place, segment


def paths(text: str) -> list[str]:
    return [p.path for p in segment(text)]


def test_the_letter_i_follows_h_and_the_numeral_i_follows_a_capital() -> None:
    text = "SEC. 1. X.\n(a) a\n(1) b\n(A) c\n(i) d\n(ii) e\n(I) f\n(aa) g\n(B) h\n(b) i"
    assert paths(text) == ["Sec. 1", "Sec. 1(a)", "Sec. 1(a)(1)", "Sec. 1(a)(1)(A)", "Sec. 1(a)(1)(A)(i)",
                           "Sec. 1(a)(1)(A)(ii)", "Sec. 1(a)(1)(A)(ii)(I)", "Sec. 1(a)(1)(A)(ii)(I)(aa)",
                           "Sec. 1(a)(1)(B)", "Sec. 1(b)"]  # fmt: skip
    letters = "SEC. 1. X.\n" + "\n".join(f"({c}) words" for c in "abcdefghij")
    assert paths(letters)[-2:] == ["Sec. 1(i)", "Sec. 1(j)"]


@pytest.mark.parametrize(("value", "stack", "expected"), [
    ("i", [("lower", "h")], ("lower", 0)),
    ("i", [("lower", "h"), ("digit", "2")], ("lower", 0)),
    ("i", [("lower", "h"), ("digit", "2"), ("upper", "A")], ("roman", 3)),
    ("v", [("lower", "u")], ("lower", 0)),
    ("v", [("digit", "1"), ("roman", "iv")], ("roman", 1)),
    ("1", [], ("digit", 0)),
    ("C", [("digit", "1"), ("upper", "B"), ("roman", "i")], ("upper", 1)),
    ("5", [("digit", "2"), ("upper", "B")], ("digit", 0)),
])  # fmt: skip
def test_an_enumerator_finds_its_place(value: str, stack: list[tuple[str, str]], expected: tuple[str, int]) -> None:
    assert place(value, stack) == expected


def test_two_enumerators_on_one_line_are_two_levels() -> None:
    assert paths("Sec. 5.\n(a)(1) one\n(2) two\n(b) three") == [
        "Sec. 5", "Sec. 5(a)", "Sec. 5(a)(1)", "Sec. 5(a)(2)", "Sec. 5(b)"]  # fmt: skip


def test_a_table_of_contents_makes_no_second_section() -> None:
    assert paths("SECTION 1. TITLE.\nSec. 1. Title.\nSec. 2. Ducks.\nSEC. 2. DUCKS.\nwords") == ["Sec. 1", "Sec. 2"]


def test_quoted_law_makes_no_provision() -> None:
    text = "SEC. 1. X.\n(a) The Act is amended by adding the following:\n“(b) Ducks.\n(1) Geese.”.\n(b) After."
    assert paths(text) == ["Sec. 1", "Sec. 1(a)", "Sec. 1(b)"]


def test_sections_of_titles_keep_their_own_number_and_titles_hold_them() -> None:
    found = segment("TITLE I--DUCKS\nSEC. 101. A.\nwords\nTITLE II--GEESE\nSEC. 201. B.\nwords")
    assert [(p.path, p.parent) for p in found] == [
        ("Title I", None), ("Sec. 101", 0), ("Title II", None), ("Sec. 201", 2)]  # fmt: skip


def test_a_number_met_twice_gets_its_own_path() -> None:
    assert paths("SEC. 1. X.\nwords\nSEC. 1. Y.\nwords\nSEC. 1. Z.") == ["Sec. 1", "Sec. 1 [2]", "Sec. 1 [3]"]


def test_a_text_without_headings_has_no_provisions() -> None:
    assert segment("Whatever the duck does.") == ()
