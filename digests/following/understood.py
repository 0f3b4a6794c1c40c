"""A filter to plain sentences: as we understood it, what its topics are also called, and what was perhaps meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from digests.following.estimate import Estimate
from digests.following.facets import said
from digests.following.filters import broad_of, names, tree_of
from digests.speech import ENGLISH, N_, Speech
from digests.wording.places import place_name
from digests.wording.words import stage_name, topic_name, wanted_effects
from tracker import query
from tracker.model import Filter, Topic
from tracker.subjects import SUBTOPIC_NAMES, SYNONYMS, topic_of

NEAR = 70  # of 100: how alike a name must be to be offered
MOST_NEAR = 3
MOST_SYNONYMS = 8


@dataclass(frozen=True, slots=True)
class Line:
    """`kind`: "About", "Where", …"""

    kind: str
    words: str


def understood(wanted: Filter, place: Callable[[str], str], speech: Speech = ENGLISH) -> tuple[Line, ...]:
    """One line a kind; all of them hold at once. `place` gives the name of a legislature."""
    return tuple(Line(speech._(kind), words) for kind, words in (
        (N_("About"), _subject(wanted, speech)),
        (N_("Effect"), _or(wanted_effects(wanted, speech), speech)),
        (N_("Where"), _places(wanted, place, speech)),
        (N_("Bills"), _or(wanted.bills, speech)),
        (N_("Sponsor"), _or(map(speech.quoted, wanted.sponsors), speech)),
        (N_("Committee"), _or(map(speech.quoted, wanted.committees), speech)),
        (N_("Stage"), _or((speech.quoted(stage_name(stage, speech)) for stage in wanted.stages), speech)),
        (N_("Words"), query.understood(tree_of(wanted.words), say=speech._) if wanted.words else ""),
    ) if words)


def _subject(wanted: Filter, speech: Speech) -> str:
    broad = broad_of(wanted)
    parts = [topic_name(topic, speech) for topic in Topic if topic in broad.whole]
    for topic in Topic:
        some = [speech._(SUBTOPIC_NAMES.get(s, s)) for s in wanted.subtopics if topic_of(s) is topic]
        if some:
            parts.append(speech._("of {topic} only: {parts}", topic=topic_name(topic, speech),
                                  parts=_or(some, speech)))
    if parts:
        return _or(parts, speech)
    if broad.unflagged and not wanted.effects:
        return speech._("any bill, with or without one of our topics")
    return speech._("bills with any of our topics")


def _places(wanted: Filter, place: Callable[[str], str], speech: Speech) -> str:
    if wanted.jurisdictions:
        return _or((place_name(place(code), speech) for code in wanted.jurisdictions), speech)
    return "" if wanted.bills else speech._("every legislature that we watch")


def _or(parts: Iterable[str], speech: Speech) -> str:
    found = list(parts)
    if len(found) < 2:
        return "".join(found)
    return speech._("{some} or {last}", some=", ".join(found[:-1]), last=found[-1])


# --- what is also meant -----------------------------------------------------------------------------------------------


def synonyms(wanted: Filter, speech: Speech = ENGLISH) -> tuple[str, ...]:
    """What else a topic is called in bills: for the chosen topics, and for topics that the reader's own words belong
    to."""
    lines = []
    for topic in wanted.topics:
        lines.append(speech._("“{topic}” finds bills in whatever words they say it, such as {words}.",
                              topic=topic_name(topic, speech), words=_some(topic, speech)))
    if wanted.words:
        for topic in _topics_of_words(wanted.words):
            if topic not in wanted.topics:
                lines.append(speech._(
                    "Your words belong to our topic “{topic}”, which also finds {words}. To be told of all of it, "
                    "choose the topic instead of the words.", topic=topic_name(topic, speech),
                    words=_some(topic, speech)))
    return tuple(lines)


def _some(topic: Topic, speech: Speech) -> str:
    return ", ".join(map(speech.quoted, SYNONYMS[topic][:MOST_SYNONYMS]))


def _topics_of_words(words: str) -> list[Topic]:
    asked = f" {' '.join(query.words(words))} "
    return [topic for topic in Topic
            if any(f" {' '.join(query.words(name))} " in asked for name in (*SYNONYMS[topic], topic.value))]


def near_names(wanted: Filter, told: Estimate, speech: Speech = ENGLISH) -> tuple[str, ...]:
    """For a name that nobody in the newest news has: those that look like it."""
    lines = []
    for kinds, known in ((wanted.sponsors, told.people), (wanted.committees, told.committees)):
        people = [said(name) for name in known]
        for name in kinds:
            if not known or names(said(name), people):
                continue
            near = [found[0] for found in process.extract(name, sorted(known), scorer=fuzz.token_set_ratio,
                                                          limit=MOST_NEAR, score_cutoff=NEAR)]
            lines.append(speech._("Nobody called “{name}” was in the news lately. Did you mean {others}?", name=name,
                                  others=_or(map(speech.quoted, near), speech)) if near else
                         speech._("Nobody called “{name}” was in the news lately. Look at the spelling.", name=name))
    return tuple(lines)
