"""A query's tree to conditions on the search index, as each database asks them. All words are quoted here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    and_,
    bindparam,
    literal_column,
    not_,
    or_,
    select,
    text,
    true,
)

from tracker.citations.normal import holder
from tracker.query.tree import Among, And, Cites, Flagged, Named, Not, Or, Tree, When, Words
from tracker.store import schema as t
from tracker.store.documents import cite_token
from tracker.store.lexemes import TITLE
from tracker.store.search_schema import search_bill, search_name, search_named

s = search_bill.c
Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query as one question to the words (`None`: none), and conditions on the rest; both must hold."""

    match: str | None
    rest: tuple[Condition, ...] = field(default=())


class Dialect:
    """How one database is asked for words. `condition` is on `search_bill`."""

    match: Callable[[Tree], str | None]

    def condition(self, tree: Tree) -> Condition:
        match_ = self.match(tree)
        if match_ is not None:
            return s.no.in_(self.numbers(match_))
        match tree:
            case And(parts):
                wanted = self.wanted(And(parts))
                rest = list(wanted.rest)
                if wanted.match is not None:
                    rest.insert(0, s.no.in_(self.numbers(wanted.match)))
                return and_(true(), *rest)
            case Or(parts):
                return or_(*(self.condition(part) for part in parts))
            case Not(part):
                return not_(self.condition(part))
            case Words() | Cites():
                return self.leaf(tree)
            case _:
                return _field(tree)

    def wanted(self, tree: Tree) -> Wanted:
        """All parts about words that stand side by side become one question."""
        parts = tree.parts if isinstance(tree, And) else (tree,)
        worded = [p for p in parts if self.match(p) is not None]
        rest = tuple(self.condition(p) for p in parts if self.match(p) is None)
        return Wanted(self.match(And(tuple(worded)) if len(worded) > 1 else worded[0]) if worded else None, rest)

    def numbers(self, match: str) -> Any:
        raise NotImplementedError

    def leaf(self, tree: Words | Cites) -> Condition:
        raise NotImplementedError


class Unexpanded(Exception):
    """A beginning that has too many words."""


class Fts5(Dialect):
    """`expand`: a beginning to all words that begin so. FTS5 gathers a beginning anew for each row that is asked."""

    def __init__(self, expand: Callable[[str], Sequence[str]] | None = None) -> None:
        self._expand = expand

    def match(self, tree: Tree) -> str | None:
        match tree:
            case Words(said, True, title_only) if self._expand is not None:
                if len(said) > 1:
                    raise Unexpanded
                words = " OR ".join(f'"{word}"' for word in self._expand(said[0]))
                return f"(title : ({words}))" if title_only else f"({words})"
            case Words(said, prefix, title_only):
                text_ = f'{"title : " if title_only else ""}"{" ".join(said)}"{" *" if prefix else ""}'
                return f"({text_})" if title_only else text_
            case Cites(norm, _):
                return " OR ".join((f'"{cite_token(norm)}"', *(f'"{p}" *' for p in _held(norm))))
            case Or(parts):
                found = [self.match(p) for p in parts]
                return None if None in found else " OR ".join(f"({f})" for f in found)
            case And(parts):
                if any(self.match(p.part if isinstance(p, Not) else p) is None for p in parts):
                    return None
                yes = [self.match(p) for p in parts if not isinstance(p, Not)]
                no = [self.match(p.part) for p in parts if isinstance(p, Not)]
                if not yes:  # FTS5 can say "this and not that", never "not that" alone
                    return None
                return " AND ".join(f"({f})" for f in yes) + "".join(f" NOT ({f})" for f in no)
            case _:
                return None

    def numbers(self, match: str) -> Any:
        return text("SELECT rowid FROM search_text WHERE search_text MATCH :words").bindparams(
            bindparam("words", match, unique=True)).columns(Column("no"))  # fmt: skip

    def leaf(self, tree: Words | Cites) -> Condition:
        raise NotImplementedError  # `match` knows every leaf


class TsVector(Dialect):
    """A phrase is looked for in every part of a bill, a word only in the first, which has them all. `among`: nowhere
    but in bills of these numbers."""

    def __init__(self, among: Sequence[int] | None = None) -> None:
        self._among = among

    def match(self, tree: Tree) -> str | None:
        match tree:
            case Words(said, prefix, title_only):
                return _word(said[0], prefix, title_only) if len(said) == 1 else None
            case Cites(norm, _):
                return "|".join((f"'{cite_token(norm)}'", *(f"'{p}':*" for p in _held(norm))))
            case Or(parts) | And(parts):
                found = [self.match(p) for p in parts]
                return None if None in found else ("|" if isinstance(tree, Or) else "&").join(f"({f})" for f in found)
            case Not(part):
                inner = self.match(part)
                return None if inner is None else f"!({inner})"
            case _:
                return None

    @staticmethod
    def loosened(tree: Tree) -> str | None:
        """What the first part of each bill that fits has: all words of a phrase, in any order. None: it need have
        none."""
        match tree:
            case Words(said, prefix, title_only):
                last = len(said) - 1
                return "&".join(_word(word, prefix and n == last, title_only) for n, word in enumerate(said))
            case And(parts):
                return "&".join(f"({found})" for part in parts if (found := TsVector.loosened(part))) or None
            case Or(parts):
                either = [TsVector.loosened(part) for part in parts]
                return None if None in either else "|".join(f"({found})" for found in either)
            case _:
                return TsVector().match(tree)

    @staticmethod
    def ranking(tree: Tree) -> str:
        """What makes a bill fit well; empty: the query asks for no word."""
        match tree:
            case Words():
                return _phrase(tree)
            case Cites(norm, _):
                return f"'{cite_token(norm)}'"
            case And(parts) | Or(parts):
                return "|".join(f"({found})" for part in parts if (found := TsVector.ranking(part)))
            case _:
                return ""

    def numbers(self, match: str) -> Any:
        return self._numbers(match, "part = 0 AND ")

    def _numbers(self, match: str, where: str) -> Any:
        given: list[BindParameter[Any]] = [bindparam("words", match, unique=True)]
        if self._among is not None:
            where += "no = ANY(CAST(:among AS bigint[])) AND "
            given.append(bindparam("among", list(self._among), unique=True))
        # Materialized: else the planner walks over all bills and looks into the words of each.
        return text("WITH found AS MATERIALIZED (SELECT no FROM search_text WHERE "  # noqa: S608
                    f"{where}words @@ CAST(:words AS tsquery)) SELECT no FROM found").bindparams(*given).columns(
            Column("no"))  # fmt: skip

    def leaf(self, tree: Words | Cites) -> Condition:
        if not isinstance(tree, Words):
            raise TypeError(tree)
        return s.no.in_(self._numbers(_phrase(tree), ""))


def phrased(tree: Tree) -> bool:
    """Whether it asks for words in a row."""
    match tree:
        case Words(said):
            return len(said) > 1
        case And(parts) | Or(parts):
            return any(map(phrased, parts))
        case Not(part):
            return phrased(part)
        case _:
            return False


def _phrase(tree: Words) -> str:
    last = len(tree.words) - 1
    return " <-> ".join(_word(word, tree.prefix and n == last, tree.title_only) for n, word in enumerate(tree.words))


def _word(word: str, prefix: bool, title_only: bool) -> str:
    return f"'{TITLE if title_only else ''}{word}'{':*' if prefix else ''}"


def _held(norm: str) -> tuple[str, ...]:
    """A state's chapter holds the sections whose numbers begin with its own."""
    return tuple(cite_token(beginning) for beginning in holder(norm))


def _field(tree: Tree) -> Condition:
    match tree:
        case Among("bill", values):
            return or_(*(_bill(value) for value in values))
        case Among(name, values):
            return or_(*(_begins(s[name], value) for value in values))
        case Flagged(topics, effects):
            bt = t.bill_topic.c
            flags = select(bt.bill_id)
            if topics:
                flags = flags.where(bt.topic.in_(topics))
            if effects:
                flags = flags.where(bt.effect.in_(effects))
            return s.bill_id.in_(flags)
        case When(name, first, last):
            day = s.introduced_on if name == "introduced" else s.action_on
            return and_(day.is_not(None), *([day >= first] if first else []), *([day <= last] if last else []))
        case Named(name, said, prefix):
            whole, beginning = (said[:-1], said[-1:]) if prefix else (said, ())
            c = search_name.c
            wanted = [c.words.like(f"% {word} %") for word in whole] + [c.words.like(f"% {w}%") for w in beginning]
            people = select(c.id).where(c.field == name, *wanted)
            return s.no.in_(select(search_named.c.no).where(search_named.c.name.in_(people)))
        case _:
            raise TypeError(tree)


def _bill(value: str) -> Condition:
    return _begins(s.bill_id if "/" in value else s.number, value)


def _begins(column: Column[Any], value: str) -> Condition:
    """Values are letters, digits, hyphens and slashes: the next string after all that begin so ends in one more."""
    if not value.endswith("*"):
        return column == value
    stem = value[:-1]
    return and_(column >= stem, column < f"{stem}\U0010ffff") if stem else literal_column("1") == literal_column("1")
