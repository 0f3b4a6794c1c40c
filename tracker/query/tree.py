"""The parts of a query, as frozen data. Every word in a tree is folded already (tracker.query.folding)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from tracker.errors import TrackerError

LONGEST = 600  # characters of a query
DEEPEST = 8  # nested parentheses
MOST_PARTS = 60  # words, phrases and fields
SHORTEST_PREFIX = 3  # letters before "*"


class QueryError(TrackerError):
    """What is wrong, where it stands, and what to write instead (`suggestion`: the whole query, mended).

    `message` is the key of the catalogues, `values` go into it; `problem` is both in English.
    """

    def __init__(self, message: str, start: int = 0, end: int = 0, suggestion: str | None = None,
                 **values: object) -> None:
        problem = message.format(**values) if values else message
        super().__init__(f"query, character {start + 1}: {problem}" + (f" Try: {suggestion}" if suggestion else ""))
        self.message, self.values, self.problem = message, values, problem
        self.start, self.end, self.suggestion = start, max(start, end), suggestion


@dataclass(frozen=True, slots=True)
class Words:
    """One word, or several in a row. `prefix`: the last may go on."""

    words: tuple[str, ...]
    prefix: bool = False
    title_only: bool = False


@dataclass(frozen=True, slots=True)
class Among:
    """`field` is "jurisdiction", "session", "stage" or "bill"; a value that ends with "*" is a beginning."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flagged:
    """A flag of one of these topics and with one of these effects; empty: any."""

    topics: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class When:
    """`field` is "introduced" or "action"; both ends included, `None`: open."""

    field: str
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Named:
    """A sponsor or a committee whose name has all these words; the last may go on if `prefix`."""

    field: str
    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Cites:
    """Law that the text cites: `norm` (tracker.citations) or any part of it."""

    norm: str
    written: str


@dataclass(frozen=True, slots=True)
class Not:
    part: Tree


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Tree, ...]


Leaf: TypeAlias = Words | Among | Flagged | When | Named | Cites
Tree: TypeAlias = Leaf | Not | And | Or


def places_of(tree: Tree) -> frozenset[str]:
    """Every code of a legislature that it names."""
    match tree:
        case And(parts) | Or(parts):
            return frozenset(code for part in parts for code in places_of(part))
        case Not(part):
            return places_of(part)
        case Among("jurisdiction", values):
            return frozenset(values)
        case _:
            return frozenset()


def has_words(tree: Tree) -> bool:
    """Whether it looks for words anywhere in a text."""
    match tree:
        case And(parts) | Or(parts):
            return any(has_words(part) for part in parts)
        case Not(part):
            return has_words(part)
        case Words(_, _, title_only):
            return not title_only
        case _:
            return False
