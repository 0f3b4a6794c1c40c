"""A reader's filter to the events that it lets through, said once in Python and once as a query of the log.

This is the plain form, one filter against one event. Where there are many filters, `matching` gives the same
answers from an index.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from digests.following.facets import Facets, Said, facets_of, material_of, said
from tracker import query
from tracker.model import Event, Filter
from tracker.ports import EventQuery
from tracker.query import Material, QueryError, Tree
from tracker.query.places import is_no_state
from tracker.query.tree import And, Cites, Not, Or, Words
from tracker.subjects import topic_of


@dataclass(frozen=True, slots=True)
class Broad:
    """The part of a filter that many events answer alike: subject, place, stage. Empty: any, of flagged bills."""

    whole: frozenset[str]  # topics
    part: frozenset[tuple[str, str]]  # (topic, subtopic)
    effects: frozenset[str]
    jurisdictions: frozenset[str]
    stages: frozenset[str]
    unflagged: bool  # bills without any topic, too

    def lets(self, facets: Facets) -> bool:
        if self.jurisdictions and facets.jurisdiction not in self.jurisdictions:
            return False
        if self.stages and facets.stage not in self.stages:
            return False
        if not (self.whole or self.part or self.effects):
            return self.unflagged or bool(facets.findings)
        return any((not self.effects or effect in self.effects) and self._is_about(topic, subtopic)
                   for topic, effect, subtopic in facets.findings)

    def _is_about(self, topic: str, subtopic: str | None) -> bool:
        return not (self.whole or self.part) or topic in self.whole or (topic, subtopic) in self.part


def broad_of(wanted: Filter) -> Broad:
    """Who names bills or words wants them flagged or not; sponsors, committees, stages and places are of flagged bills.

    A topic of which some subtopics are chosen means these; other topics stay whole.
    """
    part = frozenset((topic_of(s).value, s.partition("/")[2]) for s in wanted.subtopics)
    narrowed = {topic for topic, _ in part}
    return Broad(frozenset(t.value for t in wanted.topics if t.value not in narrowed), part,
                 frozenset(e.value for e in wanted.effects), frozenset(wanted.jurisdictions), frozenset(wanted.stages),
                 bool(wanted.bills or wanted.words))


def matches(wanted: Filter, event: Event) -> bool:
    """Backfill and repair never alert."""
    return passes(wanted, broad_of(wanted), facets_of(event), lambda: material_of(event))


def passes(wanted: Filter, broad: Broad, facets: Facets, material: Callable[[], Material]) -> bool:
    """`matches`, for a caller who has the parts; `material` is asked for only if words are."""
    if not facets.alerts or (wanted.bills and facets.bill_id not in wanted.bills) or not broad.lets(facets):
        return False
    if wanted.sponsors and not any(names(one, facets.sponsors) for one in map(said, wanted.sponsors)):
        return False
    if wanted.committees and not any(names(one, facets.committees) for one in map(said, wanted.committees)):
        return False
    return not wanted.words or query.matches(tree_of(wanted.words), material())


def names(wanted: Said, people: Iterable[Said]) -> bool:
    """All words of what was asked for, in one name, in any order. No word at all names nobody."""
    return bool(wanted) and any(wanted <= name for name in people)


_CODE = re.compile(r"(?<=[:,])us-[a-z0-9]{1,4}\b", re.IGNORECASE)
_STAR_WITHIN, _STAR_BEFORE = re.compile(r"(?<=\w)\*+(?=\w)"), re.compile(r"\*+(?=\w)")


@lru_cache(maxsize=4096)
def tree_of(words: str) -> Tree:
    """What cannot be read (any more) is taken for plain words: a reader who was accepted is not dropped in silence."""
    with suppress(QueryError):
        return query.parse(words)
    with suppress(QueryError):
        return query.parse(_as_once_read(words))
    return And(tuple(Words((word,)) for word in query.words(words))) if query.words(words) else Or(())


def _as_once_read(words: str) -> str:
    """A * within a word was once taken for a hyphen, one before it for nothing; a code of no state found nothing."""
    stars = _STAR_BEFORE.sub("", _STAR_WITHIN.sub("-", words))
    return _CODE.sub(lambda found: "" if is_no_state(found[0].lower()) else found[0], stars)


def cannot_be_followed(tree: Tree) -> bool:
    """Does it ask for law that a text cites? Events do not tell that: such a wish would wait in silence."""
    match tree:
        case Cites():
            return True
        case Not(part):
            return cannot_be_followed(part)
        case And(parts) | Or(parts):
            return any(map(cannot_be_followed, parts))
        case _:
            return False


def query_of(wanted: Filter) -> EventQuery:
    """The same question to the log, as far as it has indexes, so that a reader costs little more than what matches;
    `matches` has the last word."""
    topics = (*wanted.topics, *map(topic_of, wanted.subtopics))
    coarse = Filter(topics, wanted.jurisdictions, wanted.bills)
    return EventQuery(filter=coarse, flagged=not broad_of(wanted).unflagged, alerting=True)
