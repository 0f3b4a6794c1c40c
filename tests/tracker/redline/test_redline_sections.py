"""Sections of fictional bills: renumbered, moved, added, removed, rewritten; and what is only the printer's."""

from __future__ import annotations

from tracker.model import Mark, MarkedText, MarkKind
from tracker.redline import Change, Redline, compare, prepare
from tracker.redline.pieces import Kind, pieces
from tracker.redline.rows import Row
from tracker.text import read
from tracker.text.provisions import segment

HEAD = "A BILL\n\nTo tidy the streets of Examplia.\n"
TITLE = "SHORT TITLE.\n\n    This Act may be cited as the Tidy Streets Act.\n"
WORDS = ("DEFINITIONS.\n\n    In this Act the term \"lantern\" means a lamp that a person carries in "
         "the street after dusk, and the term \"warden\" means a person "
         "whom the Council of Examplia appoints to keep the lamps.\n")
DUTY = ("DUTY TO CARRY A LANTERN.\n\n    Every person who walks in a street of Examplia after dusk shall carry a "
        "lantern, and shall show it to a warden who asks for it, as defined in section 2.\n")
FINES = ("FINES.\n\n    A person who carries no lantern shall pay a fine of ten crowns to the treasury of the town "
         "in which the warden met that person, unless the moon was full.\n")
MOON = ("REGISTER OF MOONS.\n\n    The Council shall keep a register of the nights on which the moon is full and "
        "publish it in the market hall by the first day of each year.\n")


def bill(*sections: str) -> MarkedText:
    text = HEAD + "".join(f"\n{'SECTION' if n == 1 else 'SEC.'} {n}. {s}" for n, s in enumerate(sections, 1))
    return read(text.encode(), "text/plain", "us")


def redline(one: MarkedText, two: MarkedText) -> Redline:
    return compare(prepare(one), prepare(two))


def row_of(found: Redline, after: str) -> Row:
    return next(r for r in found.rows if (u := found.after(r)) is not None and u.path == after)


def edits(found: Redline, row: Row) -> list[tuple[str, str]]:
    return [(p.kind.value, " ".join(p.text.split())) for p in pieces(found, row) if p.kind is not Kind.SAME]


def test_a_section_that_slid_down_is_renumbered_and_not_changed() -> None:
    found = redline(bill(TITLE, WORDS, FINES), bill(TITLE, WORDS, DUTY, FINES))
    row = row_of(found, "Sec. 4")
    assert (row.change, row.renumbered, row.moved) == (Change.SAME, True, False)
    assert found.before(row).path == "Sec. 3"
    assert row_of(found, "Sec. 3").change is Change.ADDED


def test_a_section_at_another_place_is_moved() -> None:
    found = redline(bill(TITLE, WORDS, DUTY, FINES, MOON), bill(TITLE, MOON, WORDS, DUTY, FINES))
    row = row_of(found, "Sec. 2")
    assert (row.change, row.moved, row.renumbered) == (Change.SAME, True, True)
    assert [r.moved for r in found.rows if r is not row] == [False] * (len(found.rows) - 1)


def test_a_renumbered_section_with_an_edit_is_still_found() -> None:
    found = redline(bill(TITLE, WORDS, DUTY, FINES), bill(TITLE, MOON, WORDS, DUTY.replace("section 2", "section 3"),
                                                         FINES.replace("ten crowns", "twenty crowns")))
    assert edits(found, row_of(found, "Sec. 5"))[-2:] == [("deleted", "ten"), ("inserted", "twenty")]
    assert found.before(row_of(found, "Sec. 4")).path == "Sec. 3"


def test_a_section_that_went_stands_where_it_stood() -> None:
    found = redline(bill(TITLE, WORDS, DUTY, FINES), bill(TITLE, WORDS, FINES))
    changes = [(r.change, (found.after(r) or found.before(r)).heading) for r in found.rows]
    at = next(n for n, (change, _) in enumerate(changes) if change is Change.REMOVED)
    assert changes[at][1] == "DUTY TO CARRY A LANTERN"
    assert changes[at - 1][1] == "DEFINITIONS"
    assert changes[at + 1][1] == "FINES"


def test_another_section_under_the_same_number_is_no_pair() -> None:
    found = redline(bill(TITLE, MOON), bill(TITLE, DUTY))
    assert [r.change for r in found.rows][-2:] == [Change.REMOVED, Change.ADDED] or \
        [r.change for r in found.rows][-2:] == [Change.ADDED, Change.REMOVED]


def test_wholly_new_words_under_the_same_heading_are_one_passage_for_another() -> None:
    other = ("FINES.\n\n    Nobody owes money for darkness; instead wardens must lend lamps at no cost whenever "
             "somebody asks them, day or night.\n")
    found = redline(bill(TITLE, FINES), bill(TITLE, other))
    assert [kind for kind, _ in edits(found, row_of(found, "Sec. 2"))] == ["deleted", "inserted"]


def test_line_ends_line_numbers_and_page_feet_are_no_change() -> None:
    plain = bill(TITLE, DUTY)
    numbered = plain.text.replace("after dusk shall", "after\ndusk shall")
    numbered = numbered.replace("a warden who", "a\n•HR 12 RH\n3\nwarden who")
    found = redline(plain, MarkedText(numbered, (), segment(numbered)))
    assert {row.change for row in found.rows} == {Change.SAME}


def test_quotation_marks_dashes_and_capitals_of_headings_are_no_change() -> None:
    one = bill(TITLE, WORDS, DUTY)
    two = read((HEAD + "\nSection 1. Short title.\n\nThis Act may be cited as the Tidy Streets Act.\n\nSec. 2. "
                "Definitions.\n\n"
                + WORDS.partition("\n\n")[2].replace('"lantern"', "“lantern”").replace('"warden"', "“warden”")
                + "\nSec. 3. Duty to carry a lantern.\n\n" + DUTY.partition("\n\n")[2]).encode(), "text/plain", "us")
    found = redline(one, two)
    assert {row.change for row in found.rows} == {Change.SAME}, [edits(found, r) for r in found.rows]


def test_edits_are_phrases_and_begin_where_lines_begin() -> None:
    one = MarkedText("The duties are:\n(a) to light lamps;\n(c) to rest.")
    two = MarkedText("The duties are:\n(a) to light lamps;\n(b) to light fires;\n(c) to rest.")
    found = redline(one, two)
    assert edits(found, found.rows[0]) == [("inserted", "(b) to light fires;")]


def test_single_words_left_over_in_a_rewritten_phrase_join_it() -> None:
    end = " and the warden keeps the lamp for a year at most."
    one = MarkedText("A person shall pay a fine of ten crowns to the town," + end)
    two = MarkedText("A person shall pay a fee in copper or in silver," + end)
    found = redline(one, two)
    assert edits(found, found.rows[0]) == [("deleted", "fine of ten crowns to the town,"),
                                           ("inserted", "fee in copper or in silver,")]


def test_the_same_words_with_another_mark_are_told_as_such() -> None:
    text = "Loitering after dusk is an offence in every street."
    plain = MarkedText(text)
    struck = MarkedText(text, (Mark(MarkKind.STRUCK, 0, 20),))
    found = redline(plain, struck)
    first = next(pieces(found, found.rows[0]))
    assert (first.kind, first.text) == (Kind.REMARKED, "Loitering after dusk")
    assert (first.was, first.law) == (None, MarkKind.STRUCK)


def test_marks_that_one_text_cannot_tell_make_no_difference() -> None:
    text = "Loitering after dusk is an offence in every street."
    found = redline(MarkedText(text, marks_known=False), MarkedText(text, (Mark(MarkKind.STRUCK, 0, 20),)))
    assert {p.kind for p in pieces(found, found.rows[0])} == {Kind.SAME}


def test_an_inserted_phrase_keeps_apart_what_it_would_strike_from_the_law() -> None:
    one = MarkedText("Section 7 is amended. It ends.")
    two = MarkedText("Section 7 is amended by striking loitering. It ends.", (Mark(MarkKind.STRUCK, 33, 42),))
    found = redline(one, two)
    assert [(p.kind, p.text, p.law) for p in pieces(found, found.rows[0]) if p.kind is Kind.INSERTED] == [
        (Kind.INSERTED, "amended by striking", None), (Kind.INSERTED, "loitering.", MarkKind.STRUCK)]


def test_a_struck_word_and_the_one_added_right_after_it_have_a_mark_each() -> None:
    text = "Whoever ((loiters))walks, shall (pay)."
    struck, new = MarkKind.STRUCK, MarkKind.INSERTED
    one = MarkedText(text, (Mark(struck, 8, 19), Mark(new, 19, 24), Mark(struck, 32, 37)))
    found = redline(one, one)
    assert [(p.text, p.law) for p in pieces(found, found.rows[0])] == [
        ("Whoever", None), ("((loiters))", MarkKind.STRUCK), ("walks,", MarkKind.INSERTED), ("shall", None),
        ("(pay).", MarkKind.STRUCK)]
