# ruff: noqa: E501 - tables of written forms read best unbroken
"""What a bill's own words for a law mean: "such title", "the Act of 2017", a section without its code."""

from __future__ import annotations

import pytest

from tracker.citations import citations


def last(text: str, place: str = "us") -> list[str]:
    """Normal forms of the last phrase."""
    found = citations(text, place)
    return [c.norm for c in found if c.end == found[-1].end] if found else []


@pytest.mark.parametrize(("text", "norms"), [
    ("title 18, United States Code, and section 2421 of such title", ["us/usc/18/2421"]),
    ("section 1595 of title 18, United States Code, or section 1591 of that title", ["us/usc/18/1591"]),
    ("section 1591 of title 18, United States Code, but not of such section", ["us/usc/18/1591"]),
    ("section 1591 of title 18, United States Code; subsection (b) of such section", ["us/usc/18/1591/b"]),
    ("the Foreign Assistance Act of 1961, and section 116(d) of such Act", ["us/act/foreign-assistance-1961/116/d"]),
    ("the Immigration and Nationality Act; section 203 of that Act", ["us/act/ina/203"]),
    ("section 501(c)(3) of the Internal Revenue Code of 1986, exempt under section 501(a) of such Code",
     ["us/irc/501/a"]),
    ("Section 2421 of title 18, United States Code, is amended by striking “section 2423” and inserting", [
        "us/usc/18/2423"]),
    ("Chapter 117 of title 18, United States Code, is amended by inserting after section 2421", ["us/usc/18/2421"]),
    ("The Immigration and Nationality Act (8 U.S.C. 1101 et seq.) is amended in section 237(a)", [
        "us/act/ina/237/a", "us/usc/8/1227/a"]),
])  # fmt: skip
def test_a_word_for_a_law_means_the_law_that_was_named(text: str, norms: list[str]) -> None:
    assert last(text) == norms


def test_an_unnamed_section_means_nothing_where_no_law_is_amended() -> None:
    assert citations("The Secretary shall act under section 235(c)(5).") == ()
    assert citations("the amendment made by section 3") == ()


def test_a_section_of_the_bill_itself_is_not_a_section_of_the_law_it_amends() -> None:
    text = ("SEC. 2. OFFENCES.\nSection 1591 of title 18, United States Code, is amended, notwithstanding section 3.\n"
            "SEC. 3. OTHER.\nThe report under section 2 is due.\n")  # fmt: skip
    assert [c.norm for c in citations(text)] == ["us/usc/18/1591"]


def test_an_amended_code_is_forgotten_at_the_next_section_of_the_bill() -> None:
    text = "SEC. 2. A.\nSection 1591 of title 18, United States Code, is amended by x.\nSEC. 3. B.\nSee section 2421."
    assert [c.norm for c in citations(text)] == ["us/usc/18/1591"]


def test_an_act_keeps_its_own_numbers_where_the_code_is_printed_in_parentheses() -> None:
    text = "Section 212(a)(2) of the Immigration and Nationality Act (8 U.S.C. 1182(a)(2)) is amended by x section 203(a)"
    assert last(text) == ["us/act/ina/203/a"]  # not 8 U.S.C. 203


@pytest.mark.parametrize(("place", "text", "norms"), [
    ("us-ny", "§ 2. Section 230.00 of the penal law is amended to read: an offense under section 230.03 of this article",
     ["us-ny/pen/230.03"]),
    ("us-ny", "§ 2. Section 230.00 of the penal law is repealed.\n§ 3. This act takes effect.", ["us-ny/pen/230.00"]),
    ("us-tx", "SECTION 1. Section 43.02, Penal Code, is amended to read: offense under Section 20A.02", [
        "us-tx/penal/20A.02"]),
    ("us-ca", "SECTION 1. Section 647 of the Penal Code is amended to read: in violation of Section 261", [
        "us-ca/pen/261"]),
    ("us-vt", "13 V.S.A. § 2632 is amended to read:\n§ 2632. PROHIBITED ACTS\nSee section 2635 of this title.",
     ["us-vt/vsa/13/2635"]),
    ("us-md", "Article – Criminal Law\n11–303.\nA person who violates § 11–306 of this subtitle", [
        "us-md/criminal-law/11-306"]),
    ("us-wa", "RCW 9A.88.030 is amended. See section 2 of this act.", ["us-wa/rcw/9A.88.030"]),
    ("us-mn", "Minnesota Statutes, section 609.321; Laws 2025, chapter 34, article 1, section 2", [
        "us-mn/stat/609.321"]),
    ("ca", "1 Section 286.1 of the Criminal Code is replaced.\n2 Subsection 279.01(1) of the Act is repealed.", [
        "ca/c-46/279.01/1"]),
    ("ca", "sections 286.1 and 286.2 of the Criminal Code and section 213 of that Act", ["ca/c-46/213"]),
    ("ie", "“Act of 2017” means the Criminal Law (Sexual Offences) Act 2017; section 25 of the Act of 2017",
     ["ie/2017/2/25"]),
    ("ie", "the Companies Act 2017 and “Act of 2017” means the Criminal Law (Sexual Offences) Act 2017. The Finance Act "
     "2017 is unmoved, as is section 25 of the Act of 2017", ["ie/2017/2/25"]),
    ("ie", "“Principal Act” means the Criminal Law (Sexual Offences) Act 1993; Section 7A of the Principal Act", [
        "ie/1993/20/7A"]),
    ("gb", "the Sexual Offences Act 2003; in section 53A of the 2003 Act", ["gb/soa2003/53A"]),
])  # fmt: skip
def test_each_legislature_has_its_own_short_words(place: str, text: str, norms: list[str]) -> None:
    assert last(text, place) == norms


def test_the_act_means_nothing_sure_where_several_are_named_and_none_is_amended() -> None:
    text = "found guilty under the Youth Criminal Justice Act or the Young Offenders Act; subsection 487.055(3) of the Act"
    assert [c.norm for c in citations(text, "ca")] == ["ca/y-1.5", "ca/young-offenders"]


def test_a_list_may_name_its_code_at_the_end() -> None:
    text = "under section 1591, section 2421, or subsection (b) of section 2423 of title 18, United States Code"
    assert [c.norm for c in citations(text)] == ["us/usc/18/1591", "us/usc/18/2421", "us/usc/18/2423/b"]


def test_every_citation_of_one_phrase_shares_its_span() -> None:
    text = "See sections 1591, 2421 and 2423 of title 18, United States Code."
    assert {text[c.start : c.end] for c in citations(text)} == {
        "sections 1591, 2421 and 2423 of title 18, United States Code"}  # fmt: skip
