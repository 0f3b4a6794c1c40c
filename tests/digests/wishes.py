"""Hypothesis: filters and events in which the same few things come up again and again."""

from __future__ import annotations

from typing import Any

from fakes.happenings import CARD, happening
from hypothesis import strategies as st

from tracker.model import Effect, Event, EventKind, Filter, IngestMode, Topic
from tracker.subjects import SUBTOPIC_NAMES

TOPICS = (Topic.WORKER_RIGHTS, Topic.CRIMINALIZATION, Topic.DECRIMINALIZATION)
SUBTOPICS = tuple(s for s in SUBTOPIC_NAMES if s.startswith(("worker-rights", "criminalization")))[:4]
PLACES, STAGES = ("xx", "yy", "us-zz"), ("introduced", "passed-one", "became-law")
BILLS = tuple(f"{place}/31/hb-{n}" for place in PLACES for n in (7, 8))
PEOPLE = ("Ada Lamp", "Bo Wick", "Ada Wick", "Rep. Lamp, Ádá", "w7")
COMMITTEES = ("Committee on Light", "Joint Committee on Darkness", "light", "!")
WORDS = ("lantern", "oil", "lamp", "lamps", "act", "wick")
QUERIES = ("lantern", "lamp*", '"oil lamp"', "oil OR wick", "oil -lamp", "-oil", "(lantern OR wick) act", "title:oil",
           "topic:criminalization", "sponsor:lamp oil", "stage:became-law OR wick", '"oil lamp"*', "((", "oil ((",
           "jurisdiction:us-*", "-(oil OR topic:worker-rights)")


def some(values: tuple[Any, ...], most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(values), max_size=most).map(tuple)


filters = st.builds(
    Filter, some(TOPICS), some(PLACES), some(BILLS), some(SUBTOPICS), some(tuple(Effect)), some(PEOPLE),
    some(COMMITTEES), some(STAGES), st.none() | st.sampled_from(QUERIES))
wishes = st.lists(filters | st.just(Filter()), max_size=12).map(lambda all: [(f"s{n}", f) for n, f in enumerate(all)])
findings = st.tuples(st.sampled_from(TOPICS), st.sampled_from(Effect), st.sampled_from(
    (None, *(s.partition("/")[2] for s in SUBTOPICS)))).map(list)
said = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)


@st.composite
def events(draw: st.DrawFn, seq: int = 1) -> Event:
    """Of now and of an older billwatch, whose cards knew less."""
    card: dict[str, Any] = {**CARD, "title": draw(said) or None}
    if draw(st.booleans()):
        card |= {"stage": draw(st.sampled_from(STAGES)), "introduced": None,
                 "committees": list(draw(some(COMMITTEES))), "sponsors": [[p] for p in draw(some(PEOPLE, 3))],
                 "findings": draw(st.lists(findings, max_size=3))}
    bill = draw(st.sampled_from(BILLS))
    kind = draw(st.sampled_from((EventKind.ACTION_RECORDED, EventKind.FLAG_RAISED, EventKind.SPONSOR_ADDED)))
    words = {"description": draw(said)} if kind is EventKind.ACTION_RECORDED else {}
    return happening(seq, kind, bill=bill, jurisdiction=bill.partition("/")[0], topics=draw(some(TOPICS)), card=card,
                     mode=draw(st.sampled_from((IngestMode.LIVE,) * 4 + (IngestMode.REPAIR,))), **words)
