"""A filter in plain words."""

from __future__ import annotations

import pytest

from digests.following.estimate import Estimate
from digests.following.understood import near_names, synonyms, understood
from digests.speech import speech_of
from tracker.model import Effect, Filter, Topic

WORK, CRIME = Topic.WORKER_RIGHTS, Topic.CRIMINALIZATION
KNOWN = Estimate(0, 0, 90, 9, frozenset({"Rep. Ada Lamp", "Bo Wick"}), frozenset({"Committee on the Judiciary"}))


def lines(wanted: Filter, language: str = "en") -> dict[str, str]:
    return {line.kind: line.words for line in understood(wanted, str.upper, speech_of(language))}


@pytest.mark.parametrize(("wanted", "expected"), [
    (Filter(), {"About": "bills with any of our topics", "Where": "every legislature that we watch"}),
    (Filter((WORK, CRIME), ("xx", "yy")), {"About": "Criminalization or Worker rights", "Where": "XX or YY"}),
    (Filter((CRIME, WORK), subtopics=("criminalization/buying", "criminalization/selling")),
     {"About": "Worker rights or of Criminalization only: Buying or Selling"}),
    (Filter(effects=(Effect.REVERSES,)), {"About": "bills with any of our topics"}),
    (Filter(bills=("xx/1/a-1",)), {"About": "any bill, with or without one of our topics", "Bills": "xx/1/a-1"}),
    (Filter(sponsors=("Lamp", "Wick")), {"Sponsor": "“Lamp” or “Wick”"}),
    (Filter(stages=("became-law",)), {"Stage": "“Became law”"}),
    (Filter(words='"panic button" OR -hotel'),
     {"Words": "the words in a row “panic button”, or not the word “hotel”",
      "About": "any bill, with or without one of our topics"}),
])
def test_a_filter_is_said_back(wanted: Filter, expected: dict[str, str]) -> None:
    said = lines(wanted)
    assert {kind: said[kind] for kind in expected} == expected


def test_nothing_is_said_of_what_was_not_chosen() -> None:
    assert list(lines(Filter(bills=("xx/1/a-1",)))) == ["About", "Bills"]


def test_it_is_said_in_the_readers_language() -> None:
    assert lines(Filter((WORK,)), "es")["Dónde"] == "todos los parlamentos que seguimos"


def test_own_words_that_belong_to_a_topic_lead_to_it() -> None:
    (hint,) = synonyms(Filter(words="fosta"))
    assert "FOSTA-style (platform liability)" in hint and "“section 230”" in hint
    assert synonyms(Filter(words="bridges")) == ()
    (told,) = synonyms(Filter((WORK,)))
    assert told.startswith("“Worker rights” finds bills in whatever words")


def test_a_name_that_nobody_has_leads_to_those_like_it() -> None:
    assert near_names(Filter(sponsors=("lamp",), committees=("judiciary",)), KNOWN) == ()
    (hint,) = near_names(Filter(sponsors=("Ada Lampp",)), KNOWN)
    assert "Did you mean “Rep. Ada Lamp”?" in hint
    (other,) = near_names(Filter(committees=("Xylophones",)), KNOWN)
    assert "Look at the spelling" in other
