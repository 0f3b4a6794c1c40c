"""A typed query to its pieces, each with its place, so that an error can point at it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tracker.marking import N_
from tracker.query.tree import QueryError

_CLOSERS = {'"': '"', "“": "”„“\"", "„": "“”\"", "”": "”\"", "«": "»", "»": "«"}
_FIELD = re.compile(r"([A-Za-z][A-Za-z_-]*):")
_BARE = re.compile(r"[^\s()\"“”„«»]+")
_SPACE = re.compile(r"\s+")
_MINUS = "-−–"


@dataclass(frozen=True, slots=True)
class Piece:
    """`kind`: "(", ")", "and", "or", "not", "word", "phrase" or "field"."""

    kind: str
    start: int
    end: int
    text: str = ""  # of a word, of a phrase without quotes, or a field's value
    name: str = ""  # of a field, lower case
    quoted: bool = False


def pieces(query: str) -> list[Piece]:
    """Raises QueryError for a quote that is not closed."""
    found: list[Piece] = []
    at = 0
    while at < len(query):
        if space := _SPACE.match(query, at):
            at = space.end()
            continue
        piece = _piece(query, at)
        found.append(piece)
        at = piece.end
    return found


def _piece(query: str, at: int) -> Piece:
    sign = query[at]
    if sign in "()":
        return Piece(sign, at, at + 1)
    if sign in _MINUS and query[at + 1 : at + 2].strip() and query[at + 1] not in _MINUS:
        return Piece("not", at, at + 1)
    if sign in _CLOSERS:
        return _quoted(query, at, at, "phrase", "")
    if field := _FIELD.match(query, at):
        return _field(query, at, field)
    bare = _BARE.match(query, at)
    if bare is None:  # a closing quote alone
        return Piece("word", at, at + 1, sign)
    kind = bare[0].lower() if bare[0] in ("AND", "OR", "NOT") else "word"
    return Piece(kind, at, bare.end(), bare[0])


def _field(query: str, at: int, field: re.Match[str]) -> Piece:
    name, value = field[1].lower(), field.end()
    if query[value : value + 1] in tuple(_CLOSERS):
        return _quoted(query, at, value, "field", name)
    bare = _BARE.match(query, value)
    return Piece("field", at, bare.end() if bare else value, bare[0] if bare else "", name)


def _quoted(query: str, start: int, quote: int, kind: str, name: str) -> Piece:
    closers = _CLOSERS[query[quote]]
    end = next((n for n in range(quote + 1, len(query)) if query[n] in closers), None)
    if end is None:
        raise QueryError(N_("this quotation mark is never closed."), quote, len(query), query.rstrip() + closers[0])
    after = end + 1
    text = query[quote + 1 : end]
    if query[after : after + 1] == "*":  # "sex work*"
        after, text = after + 1, text + "*"
    return Piece(kind, start, after, text, name, True)
