"""A tree back to words: as a person would say it, and as it would be typed, always in the same way."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Protocol

from tracker.marking import N_
from tracker.model import TOPIC_NAMES, Topic, effect_names
from tracker.query.tree import Among, And, Cites, Flagged, Named, Not, Or, Tree, When, Words
from tracker.stage import STAGE_GROUPS, STAGE_NAMES

_PLAIN = re.compile(r"[^\s()\"“”„«»]+")


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
        case Among("stage", values) if (group := _group(values)) is not None:
            return f"stage:{group}"
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


def _group(stages: tuple[str, ...]) -> str | None:
    return next((name for name, all_of in STAGE_GROUPS.items() if {*stages} == {*all_of}), None)


def _value(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else f'"{text}"'


def _range(first: date | None, last: date | None) -> str:
    if first is None:
        return f"<={last}"
    if last is None:
        return f">={first}"
    return str(first) if first == last else f"{first}..{last}"


class Say(Protocol):
    """A message in the reader's language, with values filled in (`digests.speech.Speech._`)."""

    def __call__(self, message: str, **values: object) -> str: ...


def _english(message: str, **values: object) -> str:
    return message.format(**values) if values else message


def understood(tree: Tree, places: Mapping[str, str] | None = None, say: Say = _english) -> str:
    """One line for people. `places`: names of legislatures by code, as far as they are known."""
    return _said(tree, _namer(places or {}, say), 0, say)


def _namer(places: Mapping[str, str], say: Say) -> Callable[[str], str]:
    def name(code: str) -> str:
        if code == "us-*":
            return say(N_("any US state"))
        if code.endswith("*"):
            return say(N_("any legislature whose code begins with {code}"), code=code[:-1])
        return f"{places[code]} ({code})" if code in places else code

    return name


def _said(tree: Tree, place: Callable[[str], str], binds: int, say: Say) -> str:
    match tree:
        case Or(parts):
            text = say(N_(", or ")).join(_said(p, place, 1, say) for p in parts)
            return say(N_("either ({parts})"), parts=text) if binds else text
        case And(parts):
            text = say(N_(", and ")).join(_said(p, place, 1, say) for p in parts)
            return f"({text})" if binds > 1 else text
        case Not(part):
            return say(N_("not {part}"), part=_said(part, place, 2, say))
        case Words(said, prefix, title_only):
            return say(_WORDS[len(said) > 1, prefix, title_only], words=" ".join(said))
        case Among("jurisdiction", values):
            return say(N_("in {places}"), places=_either([place(v) for v in values], say))
        case Among("stage", values) if (group := _group(values)) is not None:
            return say(_GROUPS[group])
        case Among("stage", values):
            names = [say(N_("“{words}”"), words=say(STAGE_NAMES[v])) for v in values]
            return say(N_("at the stage {stages}"), stages=_either(names, say))
        case Among("session", values):
            return say(N_("of session {sessions}"), sessions=_either([_open(v) for v in values], say))
        case Among(_, values):
            return say(N_("the bill {bills}"), bills=_either([_open(v) for v in values], say))
        case Flagged(topics, effects):
            what = _either([say(TOPIC_NAMES[Topic(t)]) for t in topics], say) if topics else say(N_("any topic"))
            if not effects:
                return say(N_("a flagged section ({topics})"), topics=what)
            return say(N_("a flagged section ({topics}: {effects})"), topics=what,
                       effects=_either([say(name) for name in effect_names(effects, topics)], say))
        case When(field, first, last):
            return _when(field, first, last, say)
        case Named("sponsor", said, prefix):
            return say(N_("a sponsor named “{name}”"), name=f"{' '.join(said)}{'…' if prefix else ''}")
        case Named(_, said, prefix):
            return say(N_("a committee named “{name}”"), name=f"{' '.join(said)}{'…' if prefix else ''}")
        case Cites(norm, written) if norm == written:
            return say(N_("citing {law} or a part of it"), law=written)
        case Cites(norm, written):
            return say(N_("citing {law} ({norm}) or a part of it"), law=written, norm=norm)


# (several words, the last may go on, of a title only)
_WORDS = {
    (False, False, False): N_("the word “{words}”"), (True, False, False): N_("the words in a row “{words}”"),
    (False, True, False): N_("a word that begins with “{words}…”"),
    (True, True, False): N_("words in a row that begin with “{words}…”"),
    (False, False, True): N_("the word “{words}” in a title"),
    (True, False, True): N_("the words in a row “{words}” in a title"),
    (False, True, True): N_("a word that begins with “{words}…” in a title"),
    (True, True, True): N_("words in a row that begin with “{words}…” in a title"),
}
_GROUPS = {"alive": N_("alive (no end of it is recorded)"), "in-force": N_("in force or adopted"),
           "ended": N_("ended without force")}
_WHEN = {
    "introduced": (N_("introduced on or after {first}"), N_("introduced before {end}"), N_("introduced on {first}"),
                   N_("introduced from {first} to {last}")),
    "action": (N_("with its newest step on or after {first}"), N_("with its newest step before {end}"),
               N_("with its newest step on {first}"), N_("with its newest step from {first} to {last}")),
}


def _open(value: str) -> str:
    return f"{value[:-1]}…" if value.endswith("*") else value


def _either(names: list[str], say: Say) -> str:
    if len(names) == 1:
        return names[0]
    return say(N_("{some} or {last}"), some=", ".join(names[:-1]), last=names[-1])


def _when(field: str, first: date | None, last: date | None, say: Say) -> str:
    after, before, on, span = _WHEN[field]
    if last is None:
        return say(after, first=first)
    if first is None:
        return say(before, end=last + timedelta(days=1))
    return say(on, first=first) if first == last else say(span, first=first, last=last)
