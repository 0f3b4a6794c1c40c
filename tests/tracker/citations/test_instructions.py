# ruff: noqa: E501 - tables of written forms read best unbroken
"""Amending prose: what each operative verb changes."""

from __future__ import annotations

import pytest

from tracker.citations import Instruction, instructions


def read(text: str, place: str = "us") -> list[tuple[str, tuple[str, ...]]]:
    return [(i.kind, i.targets) for i in instructions(text, place)]


def words(text: str, i: Instruction) -> tuple[str | None, str | None]:
    return (text[i.old[0] : i.old[1]] if i.old else None), (text[i.new[0] : i.new[1]] if i.new else None)


PLEDGE = ("Section 301 of the United States Leadership Against HIV/AIDS, Tuberculosis, and Malaria Act of 2003 "
          "(22 U.S.C. 7631) is amended by striking subsections (d) through (f).")  # fmt: skip


def test_the_pledge_is_repealed_without_being_named() -> None:
    found = instructions(PLEDGE)
    assert [(i.kind, i.targets) for i in found] == [
        ("repeal", ("us/usc/22/7631/d", "us/usc/22/7631/e", "us/usc/22/7631/f"))]  # fmt: skip
    assert PLEDGE[found[0].start : found[0].end] == "by striking subsections (d) through (f)"


U = "us/usc/18/"


@pytest.mark.parametrize(("place", "text", "expected"), [
    ("us", "Section 2421A of title 18, United States Code, is repealed.", [("repeal", (U + "2421A",))]),
    ("us", "Sections 2421 and 2422 of title 18, United States Code, are hereby repealed.", [
        ("repeal", (U + "2421", U + "2422"))]),
    ("us", "Section 1591 of title 18, United States Code, is amended to read as follows:", [("replace", (U + "1591",))]),
    ("us", "Section 1591(a) of title 18, United States Code, is amended by striking paragraph (2).", [
        ("repeal", (U + "1591/a/2",))]),
    ("us", "Section 1591(a) of title 18, United States Code, is amended by striking paragraph (2) and inserting the "
     "following:", [("replace", (U + "1591/a/2",))]),
    ("us", "Section 1591 of title 18, United States Code, is amended by adding at the end the following:", [
        ("insert", (U + "1591",))]),
    ("us", "Section 1591 of title 18, United States Code, is amended in subsection (b) by striking “15” and inserting "
     "“20”.", [("replace", (U + "1591/b",))]),
    ("us", "Section 1591 of title 18, United States Code, is amended by striking “or” at the end of subsection (a)(1).",
     [("strike", (U + "1591/a/1",))]),
    ("us", "Section 1591 of title 18, United States Code, is amended by inserting “knowingly” after “Whoever”.", [
        ("insert", (U + "1591",))]),
    ("us", "Section 1591 of title 18, United States Code, is amended by inserting after subsection (c) the following:", [
        ("insert", (U + "1591",))]),
    ("us", "Chapter 117 of title 18, United States Code, is amended by inserting after section 2421 the following:", [
        ("insert", (U + "ch-117",))]),
    ("us", "Section 1591 of title 18, United States Code, is amended by redesignating subsections (c) and (d) as "
     "subsections (d) and (e), respectively.", [("redesignate", (U + "1591/c", U + "1591/d"))]),
    ("us", "Section 1591 of title 18, United States Code, is amended by amending subsection (b) to read as follows:", [
        ("replace", (U + "1591/b",))]),
    ("us", "Subsection (d) of section 1591 of title 18, United States Code, is repealed.", [("repeal", (U + "1591/d",))]),
    ("us", "Section 230 of the Communications Act of 1934 (47 U.S.C. 230) is repealed.", [("repeal", (
        "us/usc/47/230",))]),
    ("us", "Section 230 of the Communications Act of 1934 is repealed.", [("repeal", (
        "us/act/communications1934/230", "us/usc/47/230"))]),
    ("us", "Section 108(b)(2) of the Trafficking Victims Protection Act of 2000 (22 U.S.C. 7106(b)) is amended by "
     "striking the last sentence.", [("strike", ("us/usc/22/7106/b/2",))]),
    ("us", "The Sudan Peace Act (Public Law 107-245; 50 U.S.C. 1701 note) is repealed.", [("repeal", (
        "us/act/sudan-peace",))]),
    ("us", "The table of sections for chapter 117 of title 18, United States Code, is amended by striking the item "
     "relating to section 2421A.", [("strike", (U + "ch-117",))]),
    ("us-ny", "§ 2. Section 240.37 of the penal law is REPEALED.", [("repeal", ("us-ny/pen/240.37",))]),
    ("us-ny", "§ 3. Subdivision 1 of section 230.00 of the penal law, as amended by chapter 74 of the laws of 2007, is "
     "amended to read as follows:", [("replace", ("us-ny/pen/230.00/1",))]),
    ("us-ny", "§ 4. The penal law is amended by adding a new section 230.45 to read as follows:", [
        ("insert", ("us-ny/pen/230.45",))]),
    ("us-ca", "SECTION 1. Section 653.22 of the Penal Code is repealed.", [("repeal", ("us-ca/pen/653.22",))]),
    ("us-ca", "SEC. 2. Section 653.29 is added to the Penal Code, to read:", [("insert", ("us-ca/pen/653.29",))]),
    ("us-wa", "Sec. 1. RCW 9A.88.030 and 2011 c 241 s 3 are each amended to read as follows:", [
        ("replace", ("us-wa/rcw/9A.88.030",))]),
    ("us-wa", "NEW SECTION. Sec. 5. The following acts or parts of acts are each repealed:\n(1) RCW 9A.88.030 "
     "(Prostitution) and 2011 c 241 s 3;\n(2) RCW 9A.88.050 (Defense) and 1975 c 260 s 9A.88.050.", [
        ("repeal", ("us-wa/rcw/9A.88.030",)), ("repeal", ("us-wa/rcw/9A.88.050",))]),
    ("us-wa", "NEW SECTION. Sec. 6. A new section is added to chapter 9A.88 RCW to read as follows:", [
        ("insert", ("us-wa/rcw/ch-9A.88",))]),
    ("us-tx", "SECTION 1. Section 43.021, Penal Code, is repealed.", [("repeal", ("us-tx/penal/43.021",))]),
    ("us-tx", "SECTION 1. Chapter 8, Penal Code, is amended by adding Section 8.09 to read as follows:", [
        ("insert", ("us-tx/penal/8.09",))]),
    ("us-tx", "SECTION 4. The following provisions of the Penal Code are repealed:\n(1) Section 43.021; and\n(2) Section "
     "43.03(b).", [("repeal", ("us-tx/penal/43.021",)), ("repeal", ("us-tx/penal/43.03/b",))]),
    ("us-vt", "13 V.S.A. chapter 59, subchapter 2 (prostitution) is repealed.", [
        ("repeal", ("us-vt/vsa/13/ch-59/subch-2",))]),
    ("us-me", "Sec. 1. 17-A MRSA §853-A, as amended by PL 2007, c. 476, §42, is repealed.", [
        ("repeal", ("us-me/mrs/17-A/853-A",))]),
    ("us-me", "Sec. 2. 17-A MRSA §853-B is enacted to read:", [("insert", ("us-me/mrs/17-A/853-B",))]),
    ("us-mn", "Minnesota Statutes 2024, section 609.321, subdivision 7, is amended to read:", [
        ("replace", ("us-mn/stat/609.321/7",))]),
    ("us-mn", "Minnesota Statutes 2024, section 609.324, is amended by adding a subdivision to read:", [
        ("insert", ("us-mn/stat/609.324",))]),
    ("us-ct", "Section 1. Section 53a-82 of the general statutes is repealed and the following is substituted in lieu "
     "thereof:", [("replace", ("us-ct/gs/53a-82",))]),
    ("us-ct", "Sec. 2. Section 53a-82 of the general statutes is repealed.", [("repeal", ("us-ct/gs/53a-82",))]),
    ("us-va", "1. That § 18.2-346 of the Code of Virginia is amended and reenacted as follows:", [
        ("replace", ("us-va/code/18.2-346",))]),
    ("us-oh", "Section 2. That existing section 2907.24 of the Revised Code is hereby repealed.", [
        ("amend", ("us-oh/orc/2907.24",))]),
    ("us-ks", "Section 1. K.S.A. 21-6419 is hereby amended to read as follows: x.\nSec. 2. K.S.A. 21-6419 is hereby "
     "repealed.", [("replace", ("us-ks/ksa/21-6419",)), ("amend", ("us-ks/ksa/21-6419",))]),
    ("us-ks", "Section 1. K.S.A. 21-6419 is hereby repealed.", [("repeal", ("us-ks/ksa/21-6419",))]),
    ("us-mi", "Enacting section 1. Sections 448 and 449 of the Michigan penal code, 1931 PA 328, MCL 750.448 and "
     "750.449, are repealed.", [("repeal", ("us-mi/mcl/750.448", "us-mi/mcl/750.449"))]),
    ("us-hi", "SECTION 2. Section 712-1206, Hawaii Revised Statutes, is repealed.", [("repeal", (
        "us-hi/hrs/712-1206",))]),
    ("us-nj", "1. N.J.S.2C:34-1 is amended to read as follows:", [("replace", ("us-nj/njs/2C:34-1",))]),
    ("us-nj", "2. Section 1 of P.L.2005, c.77 (C.2C:13-8) is amended to read as follows:", [
        ("replace", ("us-nj/njs/2C:13-8",))]),
    ("us-nj", "3. Section 1 of P.L.2005, c.77 (C.2C:13-8) is repealed.", [("repeal", ("us-nj/njs/2C:13-8",))]),
    ("us-ri", "SECTION 2. Section 11-34.1-3 of the General Laws in Chapter 11-34.1 entitled \"Commercial Sexual Activity\" "
     "is hereby repealed.", [("repeal", ("us-ri/gl/11-34.1-3",))]),
    ("us-fl", "Section 2.—Section 796.07, Florida Statutes, is repealed.", [("repeal", ("us-fl/fs/796.07",))]),
    ("us-ut", "Section 9. Repealer. This bill repeals:\nSection 76-10-1301, Definitions.\nSection 76-10-1302, Prostitution.",
     [("repeal", ("us-ut/code/76-10-1301",)), ("repeal", ("us-ut/code/76-10-1302",))]),
    ("us-fl", "Section 1. Subsection (4) of section 796.07, Florida Statutes, is amended to read:", [
        ("replace", ("us-fl/fs/796.07/4",))]),
    ("us-sd", "Section 1. That § 22-23-1 be repealed.", [("repeal", ("us-sd/sdcl/22-23-1",))]),
    ("us-sd", "Section 1. That § 22-23-1 be AMENDED:", [("replace", ("us-sd/sdcl/22-23-1",))]),
    ("us-sd", "Section 1. That chapter 22-23 be amended with a NEW SECTION:", [("insert", ("us-sd/sdcl/ch-22-23",))]),
    ("us-or", "SECTION 1. ORS 167.007 is amended to read:", [("replace", ("us-or/ors/167.007",))]),
    ("us-il", "(720 ILCS 5/11-14 rep.)\nSection 10. The Criminal Code of 2012 is amended by repealing Section 11-14.", [
        ("repeal", ("us-il/ilcs/720/5/11-14",)), ("repeal", ("us-il/ilcs/720/5/11-14",))]),
    ("us-ut", "Section 3. Section 76-5d-206 is amended to read:", [("replace", ("us-ut/code/76-5d-206",))]),
    ("us-ma", "SECTION 1. Section 53A of chapter 272 of the General Laws, as appearing in the 2022 Official Edition, is "
     "hereby amended by striking out subsection (b).", [("repeal", ("us-ma/mgl/272/53A/b",))]),
    ("ca", "1 Section 213 of the Criminal Code is repealed.\n2 Subsection 286.1(1) of the Act is replaced by the "
     "following:\n3 Section 7 of the Act is amended by adding the following after subsection (1):", [
        ("repeal", ("ca/c-46/213",)), ("replace", ("ca/c-46/286.1/1",)), ("insert", ("ca/c-46/7",))]),
    ("ie", "7. Section 7A of the Criminal Law (Sexual Offences) Act 1993 is amended—\n(a) in subsection (1), by the "
     "substitution of “a class A fine” for “a fine”,\n(b) by the deletion of subsection (2), and\n(c) by the insertion of "
     "the following subsection after subsection (3):", [
        ("replace", ("ie/1993/20/7A/1",)), ("repeal", ("ie/1993/20/7A/2",)), ("insert", ("ie/1993/20/7A",))]),
    ("gb", "(1) The Sexual Offences Act 2003 is amended as follows.\n(2) In section 53A—\n(a) in subsection (1), for "
     "“force” substitute “threats”,\n(b) omit subsection (3), and\n(c) after subsection (4) insert—\n(3) Section 51A is "
     "repealed.", [("replace", ("gb/soa2003/53A/1",)), ("repeal", ("gb/soa2003/53A/3",)),
                   ("insert", ("gb/soa2003/53A",)), ("repeal", ("gb/soa2003/51A",))]),
    ("gb", "In section 53A of the Sexual Offences Act 2003, omit subsection (2).", [("repeal", ("gb/soa2003/53A/2",))]),
])  # fmt: skip
def test_a_verb_and_what_it_changes(place: str, text: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    assert read(text, place) == expected


NESTED = """SEC. 3. IMMUNITY.
(a) In General.—Section 230 of the Communications Act of 1934 (47 U.S.C. 230) is amended—
(1) in subsection (c)—
(A) in paragraph (1), by striking “publisher” and inserting “author”; and
(B) by striking paragraph (2);
(2) in subsection (e)(3), by striking “or” at the end;
(3) by striking subsection (f) and inserting the following:
“(f) Definitions.—Section 2421 of title 18, United States Code, is repealed for this purpose.”; and
(4) by adding at the end the following:
“(g) New.”.
(b) Repeal.—Section 2421A of title 18, United States Code, is repealed.
"""


def test_nested_paragraphs_resolve_through_their_chapeau() -> None:
    c = "us/usc/47/230/"
    assert read(NESTED) == [
        ("replace", (c + "c/1",)), ("repeal", (c + "c/2",)), ("strike", (c + "e/3",)), ("replace", (c + "f",)),
        ("insert", ("us/usc/47/230",)), ("repeal", ("us/usc/18/2421A",))]  # fmt: skip


def test_the_words_that_go_and_come_are_told() -> None:
    found = instructions(NESTED)
    assert [words(NESTED, i) for i in found][:3] == [("publisher", "author"), (None, None), ("or", None)]
    assert words(NESTED, found[3])[0] is None
    assert (words(NESTED, found[3])[1] or "").startswith("(f) Definitions.")


def test_quoted_law_that_speaks_of_a_repeal_repeals_nothing() -> None:
    assert all(i.targets != ("us/usc/18/2421",) for i in instructions(NESTED))


def test_what_an_act_says_deeper_is_carried_to_the_code() -> None:
    text = "Section 212(a)(2) of the Immigration and Nationality Act (8 U.S.C. 1182(a)) is amended by striking subparagraph (D)."
    assert read(text) == [("repeal", ("us/usc/8/1182/a/2/D",))]


def test_sections_of_an_act_that_is_amended_as_a_whole() -> None:
    text = ("The Immigration and Nationality Act (8 U.S.C. 1101 et seq.) is amended—\n(1) in section 212(a)(2), by striking "
            "subparagraph (D); and\n(2) in section 101(a)(15)(T)(i), by striking “x” and inserting “y”.")  # fmt: skip
    assert [t[0] for _, t in read(text)] == ["us/act/ina/212/a/2/D", "us/act/ina/101/a/15/T/i"]


def test_run_in_paragraphs_are_read_like_paragraphs_on_lines() -> None:
    text = ("Section 1591(b) of title 18, United States Code, is amended—(1) by striking paragraph (1); (2) in paragraph (2), "
            "by striking “10” and inserting “15”; and (3) by adding at the end the following:")  # fmt: skip
    b = "us/usc/18/1591/b"
    assert read(text) == [("repeal", (b + "/1",)), ("replace", (b + "/2",)), ("insert", (b,))]


def test_words_that_only_describe_change_nothing() -> None:
    for text in ("A person who was convicted under a law that is repealed may petition.", "by adding the total price",
                 "Be it enacted by the General Assembly", "before the repeal of section 91 of title 18",
                 "The Secretary shall act by striking a balance.", "for the purpose of redesignating areas"):  # fmt: skip
        assert instructions(text) == ()


def test_a_reference_in_passing_is_no_target() -> None:
    text = ("Section 1594 of title 18, United States Code, as amended by section 3 of the Trafficking Victims Protection "
            "Act of 2000, is repealed.")  # fmt: skip
    assert read(text) == [("repeal", ("us/usc/18/1594",))]
