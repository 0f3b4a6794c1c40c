"""A tree and what is known of a bill to yes or no, without a database: for filters of readers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from tracker.citations.normal import within
from tracker.query.folding import words
from tracker.query.tree import Among, And, Cites, Flagged, Named, Not, Or, Tree, When, Words


@dataclass(frozen=True)
class Material:
    """A bill, or an event of one, as far as a query may ask. `flags`: (topic, effect) of each."""

    text: str = ""
    titles: tuple[str, ...] = ()
    bill_id: str = ""
    jurisdiction: str = ""
    session: str = ""
    stage: str = ""
    flags: frozenset[tuple[str, str]] = frozenset()
    introduced: date | None = None
    action: date | None = None
    sponsors: tuple[str, ...] = ()
    committees: tuple[str, ...] = ()
    citations: frozenset[str] = frozenset()  # normal forms

    @cached_property
    def said(self) -> tuple[str, ...]:
        """Words of titles and text, joined by blanks; between two titles nothing is a phrase."""
        return tuple(f" {' '.join(words(part))} " for part in (*self.titles, self.text) if part)

    @cached_property
    def title_said(self) -> tuple[str, ...]:
        return tuple(f" {' '.join(words(part))} " for part in self.titles)


def matches(tree: Tree, material: Material) -> bool:
    match tree:
        case And(parts):
            return all(matches(part, material) for part in parts)
        case Or(parts):
            return any(matches(part, material) for part in parts)
        case Not(part):
            return not matches(part, material)
        case Words(said, prefix, title_only):
            wanted = f" {' '.join(said)}{'' if prefix else ' '}"
            return any(wanted in text for text in (material.title_said if title_only else material.said))
        case Among(field, values):
            return any(_is(field, value, material) for value in values)
        case Flagged(topics, effects):
            return any((not topics or topic in topics) and (not effects or effect in effects)
                       for topic, effect in material.flags)
        case When(field, first, last):
            day = material.introduced if field == "introduced" else material.action
            return day is not None and (first is None or first <= day) and (last is None or day <= last)
        case Named(field, said, prefix):
            return _is_named(material.sponsors if field == "sponsor" else material.committees, said, prefix)
        case Cites(norm, _):
            return any(within(cited, norm) for cited in material.citations)


def _is(field: str, value: str, material: Material) -> bool:
    if field == "bill":
        whole = material.bill_id
        have = whole if "/" in value else whole.rpartition("/")[2]
    elif field == "session":
        have = material.bill_id.split("/")[1] if "/" in material.bill_id else material.session.lower()
    else:
        have = material.jurisdiction if field == "jurisdiction" else material.stage
    return have.startswith(value[:-1]) if value.endswith("*") else have == value


def _is_named(names: Iterable[str], said: tuple[str, ...], prefix: bool) -> bool:
    """All words in one name, in any order."""
    whole, last = (said[:-1], said[-1]) if prefix else (said, None)
    for name in names:
        have = words(name)
        if all(word in have for word in whole) and (last is None or any(word.startswith(last) for word in have)):
            return True
    return False


def anchors(tree: Tree) -> frozenset[str] | None:
    """Beginnings of words one of which must stand in titles or text for the tree to hold; None: none must.

    For an index over many trees: what has none of its anchors needs no `matches`. Of a phrase, its longest word.
    """
    match tree:
        case Words(said, _, _):
            return frozenset((max(said, key=len),))
        case And(parts):
            found = [a for part in parts if (a := anchors(part)) is not None]
            return min(found, key=lambda a: (len(a), -min(map(len, a)), sorted(a))) if found else None
        case Or(parts):
            each = [anchors(part) for part in parts]
            return None if None in each else frozenset(w for a in each if a for w in a)
        case _:
            return None
