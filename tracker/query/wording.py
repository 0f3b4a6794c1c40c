"""A tree back to words: as a person would say it, and as it would be typed, always in the same way."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from tracker.model import TOPIC_NAMES, Topic
from tracker.query.tree import Among, And, Cites, Flagged, Named, Not, Or, Tree, When, Words
from tracker.stage import STAGE_NAMES

_PLAIN = re.compile(r"[^\s()\"“”„«»]+")
_WORD_FIELDS = {"introduced": "introduced", "action": "with its last step"}


def canonical(tree: Tree) -> str:
    """What, parsed again, gives an equal tree."""
    return _typed(tree, 0)


def _typed(tree: Tree, binds: int) -> str:
    """`binds`: 0 within nothing or OR, 1 within AND, 2 within NOT."""
    match tree:
        case Or(parts):
            text = " OR ".join(_typed(p, 1 if isinstance(p, Or) else 0) for p in parts)
            return f"({text})" if binds else text
        case And(parts):
            text = " ".join(_typed(p, 1) for p in parts)
            return f"({text})" if binds > 1 else text
        case Not(part):
            return f"-{_typed(part, 2)}"
        case Words(said, prefix, title_only):
            star = "*" if prefix else ""
            bare = len(said) == 1
            text = f"{said[0]}{star}" if bare else f'"{" ".join(said)}"{star}'
            return f"title:{text}" if title_only else text
        case Among(field, values):
            return f"{field}:{_value(','.join(values))}"
        case Flagged(topics, effects):
            text = " ".join(f"{name}:{','.join(v)}" for name, v in (("topic", topics), ("effect", effects)) if v)
            return f"({text})" if binds and topics and effects else text
        case When(field, first, last):
            return f"{field}:{_range(first, last)}"
        case Named(field, said, prefix):
            star = "*" if prefix else ""
            return f"{field}:{said[0]}{star}" if len(said) == 1 else f'{field}:"{" ".join(said)}"{star}'
        case Cites(_, written):
            return f"cite:{_value(written)}"


def _value(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else f'"{text}"'


def _range(first: date | None, last: date | None) -> str:
    if first is None:
        return f"<={last}"
    if last is None:
        return f">={first}"
    return str(first) if first == last else f"{first}..{last}"


def understood(tree: Tree, places: Mapping[str, str] | None = None) -> str:
    """One line for people. `places`: names of legislatures by code, as far as they are known."""
    return _said(tree, _namer(places or {}), 0)


def _namer(places: Mapping[str, str]) -> Callable[[str], str]:
    def name(code: str) -> str:
        if code == "us-*":
            return "any US state"
        if code.endswith("*"):
            return f"any legislature whose code begins with {code[:-1]}"
        return f"{places[code]} ({code})" if code in places else code

    return name


def _said(tree: Tree, place: Callable[[str], str], binds: int) -> str:
    match tree:
        case Or(parts):
            text = ", or ".join(_said(p, place, 1) for p in parts)
            return f"either ({text})" if binds else text
        case And(parts):
            text = ", and ".join(_said(p, place, 1) for p in parts)
            return f"({text})" if binds > 1 else text
        case Not(part):
            return f"not {_said(part, place, 2)}"
        case Words(said, prefix, title_only):
            what = f"“{' '.join(said)}{'…' if prefix else ''}”"
            kind = "the word" if len(said) == 1 else "the words in a row"
            if prefix:
                kind = "a word that begins with" if len(said) == 1 else "words in a row that begin with"
            return f"{kind} {what}{' in a title' if title_only else ''}"
        case Among("jurisdiction", values):
            return f"in {_either([place(v) for v in values])}"
        case Among("stage", values):
            return f"at the stage {_either([f'“{STAGE_NAMES[v]}”' for v in values])}"
        case Among("session", values):
            return f"of session {_either([_open(v) for v in values])}"
        case Among(_, values):
            return f"the bill {_either([_open(v) for v in values])}"
        case Flagged(topics, effects):
            what = _either([TOPIC_NAMES[Topic(t)] for t in topics]) if topics else "any topic"
            how = f", effect {_either(list(effects))}" if effects else ""
            return f"a flagged section ({what}{how})"
        case When(field, first, last):
            return f"{_WORD_FIELDS[field]} {_when(first, last)}"
        case Named(field, said, prefix):
            return f"a {field} named “{' '.join(said)}{'…' if prefix else ''}”"
        case Cites(norm, written):
            return f"citing {written} ({norm}) or a part of it"


def _open(value: str) -> str:
    return f"{value[:-1]}…" if value.endswith("*") else value


def _either(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _when(first: date | None, last: date | None) -> str:
    if last is None:
        return f"on or after {first}"
    if first is None:
        return f"before {last + timedelta(days=1)}"
    return f"on {first}" if first == last else f"from {first} to {last}"
