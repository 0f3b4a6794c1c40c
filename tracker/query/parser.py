"""A typed query to its tree. Words side by side must all be there; OR binds weaker than that, NOT and - stronger."""

from __future__ import annotations

from tracker.marking import N_
from tracker.query.fields import Wrong, leaf, read_words
from tracker.query.folding import words
from tracker.query.lexer import Piece, pieces
from tracker.query.tree import DEEPEST, LONGEST, MOST_PARTS, And, Flagged, Not, Or, QueryError, Tree

NOTHING_CLOSED = N_("this parenthesis closes nothing.")


def parse(query: str) -> Tree:
    """Raises QueryError, with place and a mended query where one can be told."""
    if len(query) > LONGEST:
        raise QueryError(N_("this is longer than {most} characters."), LONGEST, len(query), most=LONGEST)
    found = [p for p in pieces(query) if not _is_noise(p)]
    if not found:
        raise QueryError(N_("there is nothing to look for: a word with letters or digits is needed."), 0, len(query))
    parts = [p for p in found if p.kind in ("word", "phrase", "field")]
    if len(parts) > MOST_PARTS:
        raise QueryError(N_("more than {most} words; ask for less at once."), parts[MOST_PARTS].start, len(query),
                         most=MOST_PARTS)
    return _Parser(query, found).whole()


def _is_noise(piece: Piece) -> bool:
    """Dashes, ampersands and dots between words."""
    return piece.kind == "word" and not words(piece.text)


class _Parser:
    def __init__(self, query: str, found: list[Piece]) -> None:
        self.query, self.found, self.at = query, found, 0

    def whole(self) -> Tree:
        tree = self._or(0)
        if (piece := self._next()) is not None:
            raise QueryError(NOTHING_CLOSED, piece.start, piece.end, self._without(piece))
        return tree

    def _next(self) -> Piece | None:
        return self.found[self.at] if self.at < len(self.found) else None

    def _or(self, depth: int) -> Tree:
        parts = [self._and(depth)]
        while (piece := self._next()) is not None and piece.kind == "or":
            self.at += 1
            parts.append(self._and(depth))
        flat = _flat(parts, Or)
        return flat[0] if len(flat) == 1 else Or(flat)

    def _and(self, depth: int) -> Tree:
        parts = [self._not(depth)]
        while (piece := self._next()) is not None and piece.kind not in ("or", ")"):
            if piece.kind == "and":
                self.at += 1
            parts.append(self._not(depth))
        return joined(parts)

    def _not(self, depth: int) -> Tree:
        denied = 0
        while (piece := self._next()) is not None and piece.kind == "not":
            self.at += 1
            denied += 1
        part = self._atom(depth)
        if denied % 2 == 0:
            return part
        return part.part if isinstance(part, Not) else Not(part)

    def _atom(self, depth: int) -> Tree:
        piece = self._next()
        if piece is None or piece.kind in ("and", "or", ")"):
            raise self._missing(piece)
        self.at += 1
        if piece.kind == "(":
            return self._group(piece, depth + 1)
        if piece.kind == "field":
            return leaf(piece, self.query)
        try:
            return read_words(piece.text)
        except Wrong as wrong:
            better = f"{self.query[:piece.start]}{wrong.better}{self.query[piece.end:]}" if wrong.better else None
            raise QueryError(wrong.message, piece.start, piece.end, better, **wrong.values) from None

    def _group(self, opened: Piece, depth: int) -> Tree:
        if depth > DEEPEST:
            raise QueryError(N_("more than {most} parentheses within each other."), opened.start, opened.end,
                             most=DEEPEST)
        tree = self._or(depth)
        closing = self._next()
        if closing is None:
            raise QueryError(N_("this parenthesis is never closed."), opened.start, opened.end,
                             self.query.rstrip() + ")")
        self.at += 1
        return tree

    def _missing(self, piece: Piece | None) -> QueryError:
        before = self.found[self.at - 1] if self.at else None
        if before is None or before.kind not in ("and", "or", "not", "("):
            before = piece
            what = NOTHING_CLOSED if piece is not None and piece.kind == ")" else N_(
                "something must stand before this word. To look for the word itself, write “{word}”.")
        elif before.kind == "(":
            what = N_("something must follow this parenthesis.")
        else:
            what = N_("something must follow this {operator}. To look for the word itself, write “{word}”.")
        if before is None:
            return QueryError(N_("there is nothing to look for."), 0, len(self.query))
        better = self._without(before) if before.kind != "(" else None
        return QueryError(what, before.start, before.end, better, operator=before.kind.upper(),
                          word=before.text.lower() or "-")

    def _without(self, piece: Piece) -> str | None:
        rest = f"{self.query[:piece.start]}{self.query[piece.end:]}"
        return " ".join(rest.split()) or None


def _flat(parts: list[Tree], kind: type[And] | type[Or]) -> tuple[Tree, ...]:
    flat: list[Tree] = []
    for part in parts:
        flat += part.parts if isinstance(part, kind) else (part,)
    return tuple(dict.fromkeys(flat))


def joined(parts: list[Tree]) -> Tree:
    """All of them. One `topic:` and one `effect:` side by side speak of one flag, not of two of the same bill."""
    flat = list(_flat(parts, And))
    topics = [p for p in flat if isinstance(p, Flagged) and p.topics]
    effects = [p for p in flat if isinstance(p, Flagged) and p.effects]
    if len(topics) == len(effects) == 1 and topics != effects:
        both = Flagged(topics[0].topics, effects[0].effects)
        at = min(flat.index(topics[0]), flat.index(effects[0]))
        flat = [p for p in flat if p not in (topics[0], effects[0])]
        flat.insert(at, both)
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def unpaired(tree: Tree) -> Flagged | None:
    """The `topic:` that an `effect:` put beside it would be joined with, or the other way round."""
    parts = tree.parts if isinstance(tree, And) else (tree,)
    flagged = [p for p in parts if isinstance(p, Flagged)]
    topics, effects = [p for p in flagged if p.topics], [p for p in flagged if p.effects]
    if len(topics) + len(effects) != 1:
        return None
    return flagged[0]
