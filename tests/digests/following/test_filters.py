"""Which events reach which reader."""

from __future__ import annotations

from itertools import product

import pytest
from fakes.happenings import CARD, happening
from fakes.memory import MemoryLog

from digests.following.filters import matches, query_of, tree_of
from tracker import query
from tracker.model import Effect, Filter, IngestMode, Topic

WORK, CRIME = Topic.WORKER_RIGHTS, Topic.CRIMINALIZATION
FOR, AGAINST, QUIET = Effect.ADVANCES, Effect.REVERSES, Effect.NON_BINDING
RICH: dict[str, object] = {"topics": (WORK, CRIME), "card": {
    **CARD, "stage": "passed-one", "introduced": "2031-03-01", "committees": ["House Committee on Light"],
    "sponsors": [["Rep. Lamp, Ada", "l1"], ["Bo Wick", "w7"]],
    "findings": [["worker-rights", "advances", "labour"], ["criminalization", "reverses", "buying"],
                 ["platform-liability", "non-binding", None]]}}  # of a topic that the log does not have it under


@pytest.mark.parametrize(("wanted", "event", "expected"), [
    (Filter(), {}, True),
    (Filter(), {"topics": ()}, False),
    (Filter(topics=(WORK,)), {"topics": (CRIME, WORK)}, True),
    (Filter(topics=(CRIME,)), {"topics": (WORK,)}, False),
    (Filter(jurisdictions=("xx",)), {}, True),
    (Filter(jurisdictions=("yy",)), {}, False),
    (Filter(jurisdictions=("xx",)), {"topics": ()}, False),
    (Filter(bills=("xx/31/hb-7",)), {"topics": ()}, True),
    (Filter(bills=("xx/31/hb-70",)), {}, False),
    (Filter(bills=("xx/31/hb-7",), topics=(CRIME,)), {}, False),
    (Filter(topics=(WORK,), jurisdictions=("xx",)), {}, True),
    (Filter(topics=(WORK,), jurisdictions=("yy",)), {}, False),
    # effects and subtopics are of the same finding as the topic
    (Filter(effects=(FOR,)), RICH, True),
    (Filter(effects=(QUIET,)), RICH, False),
    (Filter(topics=(WORK,), effects=(FOR,)), RICH, True),
    (Filter(topics=(CRIME,), effects=(FOR,)), RICH, False),
    (Filter(topics=(CRIME, WORK), effects=(AGAINST,)), RICH, True),
    (Filter(subtopics=("criminalization/buying",)), RICH, True),
    (Filter(subtopics=("criminalization/selling",)), RICH, False),
    (Filter(topics=(CRIME,), subtopics=("criminalization/selling",)), RICH, False),  # narrowed
    (Filter(topics=(WORK,), subtopics=("criminalization/selling",)), RICH, True),  # beside
    (Filter(subtopics=("criminalization/buying",), effects=(FOR,)), RICH, False),
    (Filter(subtopics=("criminalization/buying",)), {"topics": (CRIME,)}, False),  # nothing is known of its parts
    # a stage, and people by the words of their names
    (Filter(stages=("passed-one", "became-law")), RICH, True),
    (Filter(stages=("became-law",)), RICH, False),
    (Filter(stages=("in-committee",)), {}, False),
    (Filter(sponsors=("lamp",)), RICH, True),
    (Filter(sponsors=("Ada LAMP",)), RICH, True),
    (Filter(sponsors=("ada wick",)), RICH, False),  # two people are not one
    (Filter(sponsors=("nobody", "w7")), RICH, True),
    (Filter(sponsors=("!",)), RICH, False),
    (Filter(sponsors=("lamp",)), {**RICH, "topics": ()}, False),
    (Filter(committees=("light",)), RICH, True),
    (Filter(committees=("Committee on Darkness",)), RICH, False),
    # words are looked for in bills without a topic, too
    (Filter(words="lanterns"), {"topics": ()}, True),
    (Filter(words="lanterns"), {}, True),
    (Filter(words="lantern"), {}, False),
    (Filter(words="lantern*"), {}, True),
    (Filter(words='"committee on light"'), {"topics": ()}, True),
    (Filter(words="lanterns -committee"), {}, False),
    (Filter(words="candle OR lanterns"), {}, True),
    (Filter(words="lanterns", topics=(CRIME,)), {}, False),
    (Filter(words="lanterns", jurisdictions=("yy",)), {}, False),
    (Filter(words="lanterns topic:criminalization"), RICH, True),
    (Filter(words="sponsor:wick stage:passed-one"), RICH, True),
    (Filter(words="lanterns (("), {}, True),  # a grammar that changed: plain words
    (Filter(words="(("), {}, False),
    (Filter(words="lanterns", bills=("xx/31/hb-8",)), {}, False),
])
def test_a_filter_lets_through(wanted: Filter, event: dict[str, object], expected: bool) -> None:
    assert matches(wanted, happening(1, **event)) is expected  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", [IngestMode.BACKFILL, IngestMode.REPAIR])
def test_backfill_and_repair_alert_nobody(mode: IngestMode) -> None:
    assert not matches(Filter(), happening(1, mode=mode))
    assert not matches(Filter(bills=("xx/31/hb-7",)), happening(1, mode=mode))


def test_the_query_of_a_filter_asks_for_what_the_filter_lets_through() -> None:
    sets = [(), (WORK,), (WORK, CRIME)]
    events = [happening(n, topics=topics, mode=mode, jurisdiction=place, bill=f"{place}/31/hb-{bill}")
              for n, (topics, mode, place, bill) in enumerate(product(sets, IngestMode, ("xx", "yy"), (7, 8)), 1)]
    log = MemoryLog(events)
    for topics, places, bills in product(sets, ((), ("xx",)), ((), ("xx/31/hb-7",))):
        wanted = Filter(topics, places, bills)
        assert log.events(query=query_of(wanted)) == [e for e in events if matches(wanted, e)]


def test_the_query_of_any_filter_asks_for_no_less_than_the_filter_lets_through() -> None:
    events = [happening(1, **RICH), happening(2, topics=()), happening(3, bill="xx/31/hb-8")]  # type: ignore[arg-type]
    log = MemoryLog(events)
    for wanted in (Filter(words="lanterns"), Filter(subtopics=("criminalization/buying",), topics=(WORK,)),
                   Filter(effects=(AGAINST,)), Filter(sponsors=("lamp",), stages=("passed-one",))):
        let = [e for e in events if matches(wanted, e)]
        assert let
        assert [e for e in log.events(query=query_of(wanted)) if matches(wanted, e)] == let


@pytest.mark.parametrize(("once", "means"), [
    ("strip*club license", "strip-club license"), ("*panic button", "panic button"),
    ('"panic *button"', '"panic button"'), ("in:us-wa,us-uk lamp*", "in:us-wa lamp*"),
    ("topic:worker-rights massage*parlor*", "topic:worker-rights massage-parlor*")])
def test_words_that_were_accepted_once_mean_what_they_meant_then(once: str, means: str) -> None:
    with pytest.raises(query.QueryError):
        query.parse(once)
    assert tree_of(once) == query.parse(means)
