"""Trees on bills that are held in memory."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.query import Material, anchors, matches, parse, tokens, words

BILL = Material(
    text="SEC. 2. Street‑lamps.\nThe Lantern Act (47 U.S.C. § 230) is amended: façades of workers’ cafés.",
    titles=("A bill on lamps", "Lighting Act"), bill_id="us-wa/2031-32/hb-1042", jurisdiction="us-wa",
    session="2031-32", stage="reported", introduced=date(2031, 2, 1), action=date(2031, 3, 1),
    flags=frozenset({("worker-rights", "advances"), ("criminalization", "reverses")}),
    sponsors=("Dana O'Hara", "Lee, Kim"), committees=("House Committee on Public Safety",),
    citations=frozenset({"us/usc/47/230/c", "us-wa/rcw/9A.88.030"}))


@pytest.mark.parametrize("typed", [
    "lantern", "LANTERN", "lanterns OR lantern", "street-lamps", '"street lamps"', '"§ 230"', "section", "facades",
    "cafe*", "workers", '"bill on lamps"', "title:lighting", "lighting lantern", "in:us-wa", "in:us-*",
    "topic:worker-rights",
    "topic:worker-rights effect:advances", "-pier", "stage:reported,failed", "session:2031-32", "bill:hb-1042",
    "bill:us-wa/2031-32/hb1042", "bill:hb-10*", "introduced:2031", "introduced:>2031-01-31", "action:2031-02..",
    'sponsor:"hara dana"', "sponsor:kim", "sponsor:ohar OR sponsor:har*", 'committee:"public safety"',
    'cite:"47 usc 230"', 'cite:"chapter 9A.88 RCW"', "cite:us/usc/47/230/c",
])  # fmt: skip
def test_the_bill_is_found(typed: str) -> None:
    assert matches(parse(typed), BILL)


@pytest.mark.parametrize("typed", [
    "lant", '"lamps street"', "title:lantern", '"lamps lighting"', "in:us", "in:us-or", "-lantern",
    "topic:worker-rights effect:reverses", "topic:anti-trafficking", "introduced:<2031", "introduced:>2031-02-01",
    "sponsor:dana sponsor:pat", 'sponsor:"dana kim"', 'cite:"47 U.S.C. 2301"', 'cite:"47 U.S.C. 230(d)"', "bill:hb-10",
    "lantern pier",
])  # fmt: skip
def test_the_bill_is_not_found(typed: str) -> None:
    assert not matches(parse(typed), BILL)


def test_two_topics_and_an_effect_may_be_of_different_flags() -> None:
    assert matches(parse("topic:worker-rights topic:criminalization effect:reverses"), BILL)


@pytest.mark.parametrize(("typed", "wanted"), [
    ("lamp", {"lamp"}), ("lamp*", {"lamp"}), ('"the lanterns"', {"lanterns"}), ("lamp OR pier", {"lamp", "pier"}),
    ("lamp in:us", {"lamp"}), ("lamp OR in:us", None), ("-lamp", None), ("-lamp pier", {"pier"}),
    ("(lamp OR pier) lighthouse", {"lighthouse"}),
])  # fmt: skip
def test_anchors_are_what_a_match_cannot_do_without(typed: str, wanted: set[str] | None) -> None:
    assert anchors(parse(typed)) == (frozenset(wanted) if wanted else None)


@given(st.text(max_size=200))
def test_tokens_lie_where_they_say_and_are_the_words(text: str) -> None:
    found = list(tokens(text))
    assert tuple(token.word for token in found) == words(text)
    assert all(words(text[token.start:token.end]) == (token.word,) for token in found)
    assert words(" ".join(words(text))) == words(text)


@pytest.mark.parametrize(("text", "said"), [
    ("Sex‑Work, sex—work", ("sex", "work", "sex", "work")), ("pro\u00adstitution", ("prostitution",)),
    ("cafe\u0301 Œuvre Straße", ("cafe", "oeuvre", "strasse")), ("§§ 1–2", ("section", "1", "2")),
    ("a_b", ("a", "b")), ("ﬁnes", ("fines",)), ("\x00 \ud800x", ("x",)),
])  # fmt: skip
def test_words_are_folded(text: str, said: tuple[str, ...]) -> None:
    assert words(text) == said
