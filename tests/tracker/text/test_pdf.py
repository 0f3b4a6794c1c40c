"""PDFs by page geometry: what is drawn through, under and beside the words decides what they are."""

from __future__ import annotations

import pytest

from tests.tracker.text.paper import SIZE, STEP, STRIKE, UNDERLINE, Sheet, pdf
from tracker.errors import TextError
from tracker.model import MarkedText, MarkKind
from tracker.text import pdf_geometry
from tracker.text.pdf import parse

ENACTED = "Be it enacted by the Legislature of the State of Nowhere:"
PARTS = (("The fee is ", ""), ("ten", "s"), (" ", ""), ("twenty", "u"), (" dollars.", ""))


def bill(*lines: str) -> Sheet:
    return Sheet().lines(ENACTED, *lines)


def marked(text: MarkedText, kind: MarkKind) -> list[str]:
    return [text.text[m.start : m.end] for m in text.marks if m.kind is kind]


def struck(text: MarkedText) -> list[str]:
    return marked(text, MarkKind.STRUCK)


def inserted(text: MarkedText) -> list[str]:
    return marked(text, MarkKind.INSERTED)


@pytest.mark.parametrize("one", [True, False], ids=["one run", "a run a look"])
def test_struck_and_underlined_words_are_told_apart(one: bool) -> None:
    text = parse(pdf(bill().marked(100, 650, *PARTS, one=one)))
    assert text.text.endswith("\nThe fee is ten twenty dollars.")
    assert (struck(text), inserted(text), text.marks_known) == (["ten"], ["twenty"], True)


def test_a_stroked_line_marks_like_a_filled_one() -> None:
    sheet = bill().words(100, 650, "ten ducks").stroke(100, 100 + 3 * STEP, 650 + STRIKE)
    assert struck(parse(pdf(sheet))) == ["ten"]


def test_part_of_a_word_can_be_struck() -> None:
    text = parse(pdf(bill().marked(100, 650, ("duck", ""), ("ling", "s"), ("s", "u"), (" count", ""))))
    assert (struck(text), inserted(text)) == (["ling"], ["s"])


def test_a_struck_comma_is_seen() -> None:
    text = parse(pdf(bill().marked(100, 650, ("ducks", ""), (",", "s"), (" geese", ""))))
    assert struck(text) == [","]


def test_many_lines_of_one_path_each_mark_their_own_words() -> None:
    sheet = bill().words(100, 650, "one two three four")
    boxes = [(100, 3), (100 + 8 * STEP, 5)]
    path = " ".join(f"{x} {650 + STRIKE} {n * STEP} 0.5 re" for x, n in boxes)
    sheet.operators.append(f"0 g {path} f")
    assert struck(parse(pdf(sheet))) == ["one", "three"]


def test_lines_inside_a_form_are_found_where_its_matrix_puts_them() -> None:
    sheet = bill().words(100, 650, "ten ducks")
    sheet.forms.append(f"0 g 25 {(650 + STRIKE) / 2} {3 * STEP / 2} 0.3 re f")  # doubled, then moved 50 to the right
    sheet.operators.append("/X0 Do")
    assert struck(parse(pdf(sheet))) == ["ten"]


def test_a_page_that_lies_on_its_side_reads_like_any_other() -> None:
    sheet = Sheet(rotate=90)
    for index, line in enumerate((ENACTED, "The fee is ten dollars.")):
        sheet.words(100 + 24 * index, 100, line, matrix="0 1 -1 0")
    x = 124 - STRIKE
    sheet.operators.append(f"0 g {x} {100 + 11 * STEP} 0.6 {3 * STEP} re f")
    text = parse(pdf(sheet))
    assert (text.text, struck(text)) == (f"{ENACTED}\nThe fee is ten dollars.", ["ten"])


@pytest.mark.parametrize("paint", ["1 1 1 rg", "0 0 0 rg 0 Tr"], ids=["white", "clip"])
def test_what_is_not_seen_marks_nothing(paint: str) -> None:
    sheet = bill().words(100, 650, "ten ducks")
    end = "f" if "1 1 1" in paint else "W n"
    sheet.operators.append(f"q {paint} 100 {650 + STRIKE} {3 * STEP} 0.5 re {end} Q")
    assert not parse(pdf(sheet)).marks


def test_a_border_under_a_heading_is_no_underline() -> None:
    sheet = bill().words(100, 650, "Ducks").rule(72, 540, 650 + UNDERLINE)
    assert not parse(pdf(sheet)).marks


def test_borders_of_a_table_are_no_underlines() -> None:
    sheet = bill().words(100, 650, "Section 1").rule(95, 205, 650 + UNDERLINE)
    framed = bill().words(100, 650, "Section 1").rule(95, 205, 650 + UNDERLINE)
    for x in (95, 204.5):
        framed.rule(x, x + 0.5, 656, thick=20)
    assert inserted(parse(pdf(sheet))) == ["Section 1"]
    assert not parse(pdf(framed)).marks


def test_words_struck_inside_a_cell_are_struck() -> None:
    sheet = bill().marked(100, 650, ("$500", "s")).rule(99, 99.5, 656, thick=20).rule(140, 140.5, 656, thick=20)
    assert struck(parse(pdf(sheet))) == ["$500"]


def test_underlines_above_the_enacting_clause_are_headings() -> None:
    sheet = Sheet().marked(100, 740, ("Introduced By:", "u"), (" Senator Gander", "")).lines(ENACTED, "Ducks count.")
    assert not parse(pdf(sheet)).marks


def test_a_word_that_is_underlined_and_struck_is_struck() -> None:
    sheet = bill().marked(100, 650, ("ten", "u"), (" ducks", "")).rule(100, 100 + 3 * STEP, 650 + STRIKE)
    assert (struck(parse(pdf(sheet))), inserted(parse(pdf(sheet)))) == (["ten"], [])


def test_the_brackets_around_struck_words_go_with_them() -> None:
    text = parse(pdf(bill().marked(100, 650, ("five [", ""), ("ten", "s"), ("] ducks", ""))))
    assert struck(text) == ["[ten]"]


def test_a_line_between_strike_and_underline_leaves_the_marks_unknown() -> None:
    sheet = bill().words(100, 650, "ten ducks").rule(100, 100 + 3 * STEP, 650 + 0.115 * SIZE)
    assert not parse(pdf(sheet)).marks_known


def test_an_amendment_to_read_without_any_drawing_leaves_the_marks_unknown() -> None:
    flat = bill("Section 5 is amended to read:", "5. The fee is ten twenty dollars.")
    assert not parse(pdf(flat)).marks_known
    assert parse(pdf(bill("Ducks shall be counted."))).marks_known


def test_strikes_that_are_annotations_leave_the_marks_unknown() -> None:
    sheet = bill("The fee is ten dollars.")
    sheet.notes.append("<< /Type /Annot /Subtype /StrikeOut /Rect [170 670 200 690] /QuadPoints [1 2 3 4 5 6 7 8] >>")
    assert not parse(pdf(sheet)).marks_known


def scan() -> Sheet:
    sheet = Sheet()
    sheet.picture = True
    sheet.operators.append("q 612 0 0 792 0 0 cm /P Do Q")
    return sheet


def test_a_scan_is_refused_by_name() -> None:
    with pytest.raises(TextError, match="2 scanned pages"):
        parse(pdf(scan(), scan()))


def test_a_scanned_page_among_others_leaves_the_marks_unknown() -> None:
    text = parse(pdf(bill("Ducks count."), scan()))
    assert ("Ducks count." in text.text, text.marks_known) == (True, False)


def test_the_hidden_words_of_a_scan_are_read_but_their_marks_are_unknown() -> None:
    text = parse(pdf(scan().words(100, 700, "Ducks count.", mode=3)))
    assert (text.text, text.marks_known) == ("Ducks count.", False)


# --- conventions ------------------------------------------------------------------------------------------------------


def test_oregon_inserts_in_bold_and_strikes_italics_in_brackets() -> None:
    sheet = Sheet().lines("Be It Enacted by the People of the State of Oregon:", step=24)
    at = 100.0
    for words, font in (("SECTION 1.", "F2"), (" The fee is [", "F1"), ("ten", "F3"), ("] ", "F1"), ("twenty", "F2"),
                        (" [sic] dollars.", "F1")):  # fmt: skip
        sheet.words(at, 650, words, font=font)
        at += STEP * len(words)
    sheet.rule(100, 100 + 10 * STEP, 650 + UNDERLINE)
    sheet.words(250, 600, "POND RIGHTS", font="F2")
    text = parse(pdf(sheet))
    assert (struck(text), inserted(text)) == (["[ten]"], ["twenty"])


def test_virginia_inserts_in_italics() -> None:
    sheet = Sheet().lines("Be it enacted by the General Assembly of Virginia:")
    sheet.words(100, 650, "ten").words(100 + 4 * STEP, 650, "twenty", font="F3")
    sheet.words(100 + 11 * STEP, 650, "ducks").rule(100, 100 + 3 * STEP, 650 + STRIKE)
    text = parse(pdf(sheet), "us-va")
    assert (struck(text), inserted(text)) == (["ten"], ["twenty"])


def captioned(instruction: str) -> bytes:
    sheet = Sheet().lines("RHODE ISLAND", ENACTED, f"SECTION 1. Title 5 is hereby {instruction}")
    sheet.words(100, 600, "5-1-1. Ducks.", font="F2").rule(100, 100 + 13 * STEP, 600 + UNDERLINE)
    return pdf(sheet.marked(100, 570, ("(a) Each duck counts ", ""), ("twice", "u"), (".", "")))


def test_rhode_islands_underlined_captions_are_new_only_in_new_law() -> None:
    assert inserted(parse(captioned("amended to read as follows:"))) == ["twice"]
    assert inserted(parse(captioned("amended by adding thereto:"))) == ["5-1-1. Ducks.", "twice"]


def test_utahs_colours_hold_where_the_line_stands_under_the_block() -> None:
    sheet = Sheet().lines("STATE OF UTAH")
    sheet.words(100, 650, "13-2-5 as last amended by", colour="1 0 0").words(100, 630, "Laws of 2008", colour="1 0 0")
    sheet.rule(100, 540, 630 - 0.62 * SIZE, "1 0 0").words(100, 590, "old words", colour="0 0 1")
    sheet.rule(100, 100 + 9 * STEP, 590 + STRIKE, "0 0 1")
    text = parse(pdf(sheet))
    assert inserted(text) == ["13-2-5 as last amended by Laws of 2008"]
    assert struck(text) == ["old words"]


def test_wyomings_created_sections_are_new_without_any_line() -> None:
    lines = (
        "Section 1. W.S. 5-1-1 is created to read:",
        "5-1-1. Ducks.",
        "(a) Ducks count.",
        "Section 2. This act is law.",
    )
    text = parse(pdf(Sheet().lines("Be It Enacted by the Legislature of the State of Wyoming:", *lines)))
    assert inserted(text) == ["5-1-1. Ducks.\n(a) Ducks count."]


def test_connecticuts_new_sections_are_new_as_a_whole_and_its_brackets_strike() -> None:
    lines = ("Section 1. (NEW) (a) Ducks count.", "Sec. 2. Section 5 is repealed and the following is substituted:")
    sheet = Sheet().lines("Be it enacted by the Senate in General Assembly convened:", *lines)
    text = parse(pdf(sheet.marked(100, 600, ("The [ten] ", ""), ("twenty", "u"), (" ducks count.", ""))))
    assert inserted(text) == ["Section 1. (NEW) (a) Ducks count.", "twenty"]
    assert struck(text) == ["[ten]"]


# --- bytes that are no bill -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body, got", [
    (b"", "0 bytes"),
    (b"<html>404</html>", "<html>"),
    (b"%PDF-1.7\n%%EOF", "Data format error"),
    (pdf(bill("Ducks."))[:700], "stop before"),
    (pdf(bill("Ducks."), encrypted=True), "assword"),
    (pdf(Sheet()), "1 pages without any"),
], ids=["empty", "html", "rubbish", "cut off", "encrypted", "blank"])  # fmt: skip
def test_what_is_no_readable_pdf_says_what_was_expected_and_what_came(body: bytes, got: str) -> None:
    with pytest.raises(TextError, match=r"expected .+ got ") as told:
        parse(body)
    assert got in str(told.value)


def test_a_document_beyond_the_limits_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    body = pdf(bill("Ducks."), bill("Geese."))
    monkeypatch.setattr(pdf_geometry, "MOST_PAGES", 1)
    with pytest.raises(TextError, match="1 to 1 pages; got 2"):
        parse(body)
    monkeypatch.setattr(pdf_geometry, "LARGEST", 100)
    with pytest.raises(TextError, match="at most 100 bytes"):
        parse(body)


def test_letters_that_a_font_does_not_name_are_not_passed_off_as_words() -> None:
    with pytest.raises(TextError, match="does not say which ones"):
        parse(pdf(Sheet().words(100, 700, "\x01\x03\x04\x05\x06\x0e\x0f\x10")))


def test_equal_bytes_give_equal_texts() -> None:
    body = pdf(bill().marked(100, 650, *PARTS))
    assert parse(body) == parse(body)
