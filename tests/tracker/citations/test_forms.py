"""The ways in which bills write citations, each with its normal form: forms.tsv is the table."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.citations import citations, parse, reaches, within
from tracker.citations.codes import NAMED, STATES

TABLE = [line.split("\t") for line in (Path(__file__).parent / "forms.tsv").read_text().splitlines()[1:]]


def forms(text: str, place: str) -> list[str]:
    return [c.norm + (f"..{c.through}" if c.through else "") for c in citations(text, place)]


@pytest.mark.parametrize(("place", "written", "expected"), TABLE, ids=[f"{p}: {w}" for p, w, _ in TABLE])
def test_a_written_form_gives_its_normal_forms(place: str, written: str, expected: str) -> None:
    assert forms(written, place) == expected.split()


@pytest.mark.parametrize(("place", "written", "expected"), TABLE, ids=[f"{p}: {w}" for p, w, _ in TABLE])
def test_a_written_form_is_found_in_a_sentence_of_wrapped_lines(place: str, written: str, expected: str) -> None:
    text = "Whoever is punished under " + written.replace(" ", "\n      ", 1) + " shall be told."
    assert forms(text, place) == expected.split()
    for found in citations(text, place):
        assert " ".join(text[found.start : found.end].split()) in written


def test_the_table_holds_every_state_and_the_district() -> None:
    known = {code.place for code in STATES} | NAMED.keys()
    assert len(known) == 51
    assert known <= {place for place, _, _ in TABLE}
    assert len(TABLE) >= 150


@pytest.mark.parametrize(("typed", "place", "norm"), [
    ("47 U.S.C. 230", "us", "us/usc/47/230"),
    ("47 usc 230", "us", "us/usc/47/230"),
    (" 18 USC 1591(a)(1) ", "us", "us/usc/18/1591/a/1"),
    ("section 230 of the Communications Act of 1934", "us", "us/usc/47/230"),
    ("RCW 9A.88.030", "us", "us-wa/rcw/9A.88.030"),
    ("chapter 9A.88 RCW", "us", "us-wa/rcw/ch-9A.88"),
    ("720 ILCS 5/11-14", "us", "us-il/ilcs/720/5/11-14"),
    ("Penal Law 230.00", "us-ny", "us-ny/pen/230.00"),
    ("Penal Code 647(b)", "us-ca", "us-ca/pen/647/b"),
    ("13-3214", "us-az", "us-az/ars/13-3214"),
    ("§ 22-23-1", "us-sd", "us-sd/sdcl/22-23-1"),
    ("567.020", "us-mo", "us-mo/rsmo/567.020"),
    ("Sexual Offences Act 2003", "gb", "gb/soa2003"),
    ("s. 53A of the Sexual Offences Act 2003", "gb", "gb/soa2003/53A"),
    ("Trafficking Victims Protection Act of 2000", "us", "us/act/tvpa2000"),
    ("us/usc/22/7631/f", "us", "us/usc/22/7631/f"),
    ("sex work", "us", None),
    ("", "us", None),
    ("230", "us", None),
    ("13-3214", "us", None),
])  # fmt: skip
def test_what_a_person_types_is_read(typed: str, place: str, norm: str | None) -> None:
    assert parse(typed, place) == norm


def test_a_citation_counts_only_in_its_own_code() -> None:
    assert forms("16 U.S.C. 7631", "us") == ["us/usc/16/7631"]
    assert forms("section 230 of the Internal Revenue Code", "us") == ["us/irc/230"]
    assert forms("section 240.37 of the executive law", "us-ny") == ["us-ny/exc/240.37"]


@pytest.mark.parametrize("text", [
    "SECTION 1. SHORT TITLE.", "Sec. 2. This act takes effect July 1.", "under this section", "section 3 of this Act",
    "subsection (b) applies", "section 5, 30 days after enactment", "paragraph 2 days", "(a) In general.",
    "the article of clothing", "10 U.S. citizens", "S. 1591", "H.R. 2421", "section (the first)", "title fight",
    "An Act to amend the law", "FOR AN ACT ENTITLED, An Act to revise", "an Executive Order",
])  # fmt: skip
def test_what_cites_no_law_gives_nothing(text: str) -> None:
    assert citations(text, "us") == ()


@pytest.mark.parametrize(("norm", "prefix", "held"), [
    ("us/usc/22/7631/f", "us/usc/22/7631", True),
    ("us/usc/22/7631", "us/usc/22/7631", True),
    ("us/usc/22/7631", "us/usc/22", True),
    ("us/usc/22/76310", "us/usc/22/7631", False),
    ("us/usc/22/7631", "us/usc/22/7631/f", False),
    ("us-wa/rcw/9A.88.030", "us-wa/rcw/ch-9A.88", True),
    ("us-wa/rcw/9A.881.030", "us-wa/rcw/ch-9A.88", False),
    ("us-ny/pen/230.00", "us-ny/pen/art-230", True),
    ("us-ny/cpl/230.00", "us-ny/pen/art-230", False),
    ("us-sd/sdcl/22-23-1", "us-sd/sdcl/ch-22-23", True),
    ("us-fl/fs/796.07/2/f", "us-fl/fs/ch-796", True),
    ("us/usc/18/1591", "us/usc/18/ch-15", False),
])  # fmt: skip
def test_containment_is_by_segment_and_by_chapter_number(norm: str, prefix: str, held: bool) -> None:
    assert within(norm, prefix) is held


def test_a_range_reaches_what_lies_between_its_ends() -> None:
    first = citations("sections 2421 to 2423 of title 18, United States Code")[0]
    assert [reaches(first, f"us/usc/18/{n}") for n in ("2420", "2421", "2421A", "2422", "2423", "2424")] == [
        False, True, True, True, True, False]  # fmt: skip
    beyond = citations("ORS 475B.010 to 475B.545", "us-or")
    assert len(beyond) == 1 and reaches(beyond[0], "us-or/ors/475B.300")
    assert not reaches(beyond[0], "us-or/ors/475.300")
