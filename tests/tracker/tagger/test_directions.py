"""Sentences that a fresh reader tried, with the direction a lawyer expects: what is repealed, denied or swapped."""

from __future__ import annotations

import pytest

from tracker.tagger import load_rules, tag_unit

RULES = load_rules()
D, C, P, A, F, W = ("decriminalization", "criminalization", "platform-liability", "anti-trafficking",
                    "funding-condition", "worker-rights")  # fmt: skip
UP, DOWN, TALK = "advances", "reverses", "non-binding"

# text, jurisdiction, what must be flagged, what must not
ROWS = [
    # the law against trafficking, or FOSTA, goes
    ("SEC. 2. The Trafficking Victims Protection Act of 2000 (22 U.S.C. 7101 et seq.) is repealed.", "us",
     {(A, DOWN)}, {(A, UP)}),
    ("SEC. 2. Chapter 77 of title 18, United States Code, is repealed.", "us", {(A, DOWN)}, {(A, UP)}),
    ("SEC. 2. Section 1595 of title 18, United States Code, is repealed.", "us", {(A, DOWN)}, {(A, UP)}),
    ("SEC. 2. Section 7 of the Trafficking Victims Protection Act of 2000 (22 U.S.C. 7104) is amended by striking "
     "subsection (b).", "us", set(), {(A, UP)}),
    ("Sec. 3. The human trafficking prevention task force is abolished and the hotline for victims of human "
     "trafficking is terminated.", "us-tx", {(A, DOWN)}, {(A, UP)}),
    ("SECTION 4. Section 402.035, Government Code (Human Trafficking Prevention Task Force), is repealed.", "us-tx",
     {(A, DOWN)}, {(A, UP)}),
    ("SEC. 2. Section 2421A of title 18, United States Code, is repealed.", "us", {(P, DOWN)}, {(P, UP), (C, UP)}),
    ("SEC. 2. The Allow States and Victims to Fight Online Sex Trafficking Act of 2017 (Public Law 115-164) is "
     "repealed.", "us", {(P, DOWN)}, {(P, UP)}),
    ("SEC. 2. Section 230(e) of the Communications Act of 1934 (47 U.S.C. 230(e)) is amended by striking paragraph "
     "(5).", "us", {(P, DOWN)}, {(P, UP)}),
    ("SEC. 2. Section 230 of the Communications Act of 1934 (47 U.S.C. 230) is repealed.", "us", {(P, UP)},
     {(P, DOWN)}),
    # denied
    ("Section 1. The city council may not decriminalize prostitution.", "us-xx", set(), {(D, UP)}),
    ("Section 1. Nothing in this section decriminalizes prostitution.", "us-xx", set(), {(D, UP)}),
    ("Section 1. The Attorney General shall not spend any funds to decriminalize prostitution.", "us-xx", set(),
     {(D, UP)}),
    ("Section 1. The court may not vacate or expunge a conviction of prostitution.", "us-xx", set(), {(D, UP)}),
    ("Section 1. A conviction of prostitution shall not be vacated.", "us-xx", set(), {(D, UP)}),
    ("Section 1. A person is no longer guilty of a crime for prostitution.", "us-xx", {(D, UP)}, {(C, UP)}),
    ("Section 1. A person who engages in prostitution does not commit an offense.", "us-xx", {(D, UP)}, {(C, UP)}),
    ("Section 1. It shall not be an offense to engage in prostitution.", "us-xx", {(D, UP)}, {(C, UP)}),
    ("Section 1. No State shall repeal a law prohibiting prostitution.", "us-xx", set(), {(C, UP), (D, UP)}),
    ("Section 1. No person shall be arrested for engaging in sex work.", "us-xx", {(D, UP)}, {(C, UP)}),
    # the pledge
    ("SEC. 2. Subsection (f) of section 301 of the United States Leadership Against HIV/AIDS, Tuberculosis, and "
     "Malaria Act of 2003 is repealed.", "us", {(F, DOWN)}, {(F, UP)}),
    ("SEC. 2. No funds may be denied to an organization because it does not have a policy explicitly opposing "
     "prostitution.", "us", {(F, DOWN)}, {(F, UP)}),
    ("SEC. 2. No organization shall be ineligible for assistance on the ground that the organization does not have a "
     "policy explicitly opposing prostitution.", "us", {(F, DOWN)}, {(F, UP)}),
    ("SEC. 2. No funds may be provided to any organization that does not have a policy explicitly opposing "
     "prostitution.", "us", {(F, UP)}, {(F, DOWN)}),
    # repeals as states write them
    ("Sec. 7. The following acts or parts of acts are each repealed:\n(1) RCW 9A.88.030 (Prostitution); and\n"
     "(2) RCW 9A.88.110 (Patronizing a prostitute).", "us-wa", {(D, UP)}, {(C, UP)}),
    ("SECTION 3. The following provisions of the Penal Code are repealed:\n(1) Section 43.02; and\n(2) Section 43.021.",
     "us-tx", {(D, UP)}, {(C, UP)}),
    ("Sec. 2. Section 22-2701 of the District of Columbia Official Code is repealed.", "us-dc", {(D, UP)}, set()),
    ("Section 2. Section 5902(a) of Title 18 of the Pennsylvania Consolidated Statutes is repealed.", "us-pa",
     {(D, UP)}, set()),
    ("Sec. 1. 17-A MRSA chapter 35 is repealed.", "us-me", {(D, UP)}, set()),
    # one word at the front does not make law idle talk
    ("Sec. 2. A person who reports a rape shall not be arrested or prosecuted for prostitution.", "us-xx",
     {(D, UP)}, {(D, TALK)}),
    ("Sec. 3. Review of convictions. The court shall vacate each conviction for prostitution.", "us-xx",
     {(D, UP)}, {(D, TALK)}),
    ("Sec. 4. Assessment. A person convicted of patronizing a prostitute is guilty of a Class C felony.", "us-xx",
     {(C, UP)}, {(C, TALK)}),
    ("Sec. 2. The Gaming Commission may license brothels in a county that permits them.", "us-nv",
     {(D, UP)}, {(D, TALK)}),
    ("Sec. 2. Study of human trafficking. The office shall study human trafficking in ports and submit a report.",
     "us-xx", {(A, TALK)}, {(A, UP)}),
    # a minor misdemeanor is no child
    ("Sec. 2. Whoever engages in prostitution is guilty of prostitution, a minor misdemeanor.", "us-oh",
     {(C, UP)}, {(A, UP)}),
    # buyers by other names
    ("Sec. 5. A person who gives anything of value to another person in return for a sex act commits purchasing sex, "
     'a class "D" felony.', "us-ia", {(C, UP)}, set()),
    ("Subd. 2. Whoever pays or offers to pay another person for sexual contact is guilty of a gross misdemeanor.",
     "us-mn", {(C, UP)}, set()),
    ("Sec. 6. No person shall knowingly solicit another to engage in sexual activity for hire.", "us-oh",
     {(C, UP)}, set()),
    ("Section 9. A condom found on a person is not admissible as evidence of a violation of section 18-7-201.", "us-co",
     {(D, UP)}, set()),
]


@pytest.mark.parametrize(("text", "jurisdiction", "must", "must_not"), ROWS, ids=[row[0][:60] for row in ROWS])
def test_what_is_repealed_denied_or_swapped_points_the_right_way(
    text: str, jurisdiction: str, must: set[tuple[str, str]], must_not: set[tuple[str, str]]
) -> None:
    flags = tag_unit({"id": "x", "jurisdiction": jurisdiction, "text": text}, RULES)["flags"]
    found = {(flag["topic"], flag["effect"]) for flag in flags}
    assert must <= found, f"missing {must - found}; got {flags}"
    assert not must_not & found, f"wrong {must_not & found}; got {flags}"


SWAPS = [  # text, struck, inserted
    ("Section 2C:34-1 is amended to read as follows: A person commits an offense if:\n(1) The actor engages in "
     "prostitution; The actor purchases or offers to purchase a sexual act from another person;\n"
     "(2) The actor promotes prostitution.", "The actor engages in prostitution;",
     "The actor purchases or offers to purchase a sexual act from another person;", {(D, UP), (C, UP)}, set()),
    ("Section 9 is amended to read: Prostitution is a misdemeanor of the third degree minor misdemeanor.",
     "misdemeanor of the third degree", "minor misdemeanor", {(D, UP)}, {(A, UP), (C, UP)}),
    ("Section 2C:34-1 is amended to read as follows: A person commits an offense if: (1) The actor engages in "
     "prostitution; (Deleted by amendment, P.L. 2030, c. 1); (2) The actor promotes prostitution.",
     "The actor engages in prostitution;", "(Deleted by amendment, P.L. 2030, c. 1);", {(D, UP)}, set()),
]


@pytest.mark.parametrize(("text", "struck", "inserted", "must", "must_not"), SWAPS, ids=["buyer", "grade", "clause"])
def test_a_swap_tells_both_halves(
    text: str, struck: str, inserted: str, must: set[tuple[str, str]], must_not: set[tuple[str, str]]
) -> None:
    marks = [{"kind": kind, "start": text.index(words), "end": text.index(words) + len(words)}
             for kind, words in (("struck", struck), ("inserted", inserted))]  # fmt: skip
    flags = tag_unit({"id": "x", "jurisdiction": "us-xx", "text": text, "marks": marks}, RULES)["flags"]
    found = {(flag["topic"], flag["effect"]) for flag in flags}
    assert must <= found, f"missing {must - found}; got {flags}"
    assert not must_not & found, f"wrong {must_not & found}; got {flags}"


LONG = "The court shall set a day for each hearing and tell the parties of it in writing. " * 25
ASIDE = (f"SECTION 1. HEARINGS.\n(a) {LONG}\n(b) The court has these duties:\n(1) {LONG}\n(2) In a case of human "
         "trafficking, the court shall, when it is asked for a later day, weigh what the delay means to the person.")


@pytest.mark.parametrize(("title", "flagged"), [("An act relating to human trafficking.", True),
                                                ("An act relating to courts.", False)])  # fmt: skip
def test_one_mention_in_a_long_section_is_no_aside_where_the_bill_is_about_it(title: str, flagged: bool) -> None:
    flags = tag_unit({"id": "x", "jurisdiction": "us-ca", "title": title, "text": ASIDE}, RULES)["flags"]
    assert bool(flags) is flagged
