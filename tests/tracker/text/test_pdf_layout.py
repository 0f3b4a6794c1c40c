"""What belongs to the paper is taken away, and printed lines become paragraphs."""

from __future__ import annotations

import pytest

from tests.tracker.text.paper import STEP, STRIKE, Sheet, pdf
from tracker.text.pdf import parse

WIDE = "Every duck that lives on a pond of this state shall be counted"


def numbered(*lines: str, first: int = 1, together: bool = False) -> Sheet:
    sheet = Sheet()
    for index, line in enumerate(lines):
        y = 700 - 24 * index
        if together:  # one drawing command, the number far to the left
            number = str(first + index)
            kern = -5000 + 600 * len(number)
            sheet.operators.append(f"BT 0 g /F1 12 Tf 60 {y} Td [({number}) {kern} ({line})] TJ ET")
        else:
            sheet.words(72 - STEP * len(str(first + index)), y, str(first + index)).words(120, y, line)
    return sheet


LINES = (
    "Sec. 1. Ducks.",
    "Each pond of this state holds not less than",
    "3 ducks or a drake and a duck, as the Warden",
    "of Ponds may say, and holds no",
    "geese.",
)


@pytest.mark.parametrize("together", [False, True], ids=["apart", "in one run"])
def test_line_numbers_go_and_numbers_of_the_text_stay(together: bool) -> None:
    text = parse(pdf(numbered(*LINES, together=together), numbered(*LINES, first=6, together=together))).text
    once = "Sec. 1. Ducks.\n" + " ".join(LINES[1:])
    assert text == f"{once}\n{once}"


def test_a_strike_does_not_reach_the_line_number() -> None:
    sheet = numbered(*LINES).rule(120, 120 + STEP * 4, 700 - 24 + STRIKE)
    text = parse(pdf(sheet))
    assert [text.text[m.start : m.end] for m in text.marks] == ["Each"]


BIRDS = ("", "Ducks", "Geese", "Swans")


def test_running_heads_feet_and_page_numbers_go() -> None:
    sheets = []
    for number in range(1, 4):
        sheet = Sheet().words(100, 760, "POND BILL AS INTRODUCED").words(300, 40, f"- {number} -")
        sheets.append(sheet.lines(f"({number}) {BIRDS[number]} count.", y=700).words(100, 20, f"PB{number}-X"))
    assert parse(pdf(*sheets)).text == "(1) Ducks count.\n(2) Geese count.\n(3) Swans count."


def test_watermarks_and_words_in_the_margin_go() -> None:
    sheet = Sheet().lines("Ducks count.").words(200, 300, "DRAFT", colour="0.9 0.9 0.9", size=90)
    sheet.words(580, 300, "SB0001", matrix="0 -1 1 0")
    assert parse(pdf(sheet)).text == "Ducks count."


def test_words_come_in_the_order_in_which_they_are_read() -> None:
    sheet = Sheet().words(100, 650, "second line.").words(100 + 6 * STEP, 700, "duck").words(100, 700, "first")
    assert parse(pdf(sheet)).text == "first duck second line."


def test_a_line_that_is_full_goes_on_and_an_indent_begins_a_paragraph() -> None:
    text = parse(
        pdf(Sheet().lines("    (a) " + WIDE[:55], WIDE[:60], "as one.", "    (b) Geese are not.", "Sec. 2. Ponds."))
    )
    assert text.text.split("\n")[1:] == ["(b) Geese are not.", "Sec. 2. Ponds."]


def test_a_hanging_indent_stays_with_its_paragraph() -> None:
    lines = ("(a) " + WIDE[:52], "    once a year, by", "    the Warden;", "(b) geese are not.")
    assert parse(pdf(Sheet().lines(*lines))).text.count("\n") == 1


def test_a_subsection_that_is_named_at_a_line_end_begins_no_paragraph() -> None:
    lines = (WIDE, "by the Warden of Ponds, as is provided for in Subsection (1)", "(a)(ii), and no other bird.")
    assert "Subsection (1)(a)(ii), and" in parse(pdf(Sheet().lines(*lines))).text


def test_hyphens_of_the_typesetter_go_and_hyphens_of_the_word_stay() -> None:
    text = parse(pdf(Sheet().lines(
        "The information on ducks at the reception is a state-wide good and the infor-",
        "mation is kept. The list is for the well-",
        "being of ducks, is a state-",
        "wide list, and is shown at the recep-",
        "tion by the war-",
        "den.",
    ))).text  # fmt: skip
    for word in ("the information is", "well-being", "is a state-wide", "the reception by the warden."):
        assert word in text


def test_where_lines_break_between_words_a_hyphen_at_the_end_belongs_to_the_word() -> None:
    text = parse(pdf(Sheet().lines("Each duck of this state and of every pond-", "like water counts."))).text
    assert "pond-like" in text


def test_raised_letters_stay_in_their_line() -> None:
    sheet = (
        Sheet().words(100, 700, "the 58").words(100 + 6 * STEP, 704, "th", size=7).words(100 + 8 * STEP, 700, "duck")
    )
    assert parse(pdf(sheet)).text == "the 58th duck"


def test_sections_and_paragraphs_become_provisions() -> None:
    text = parse(pdf(Sheet().lines("Sec. 1. Ducks.", "    (a) Ducks count.", "    (b) Geese do not.")))
    assert [p.path for p in text.provisions] == ["Sec. 1", "Sec. 1(a)", "Sec. 1(b)"]
