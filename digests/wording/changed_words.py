"""What changed between two texts of a bill to a few lines for a message: flags that came and went first. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from digests import plain
from digests.speech import Speech
from digests.wording.words import effect_words, topic_name
from tracker.model import Effect, Event, Topic

MOST_FLAGS = 3  # told one by one, each way
MOST_PHRASES = 3
PHRASE_LENGTH = 240
NAME_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Found:
    topic: Topic
    effect: Effect
    provision: str


@dataclass(frozen=True, slots=True)
class Changed:
    """`phrases`: (was it added, its words), those near flags. `path` of the page that compares the two texts."""

    before: str  # name of the earlier text
    came: tuple[Found, ...]
    went: tuple[Found, ...]
    stayed: int
    sections: tuple[int, int, int, int]  # changed, added, removed, how many there are now
    phrases: tuple[tuple[bool, str], ...]
    path: str


Changes = Callable[[Event], Changed | None]  # None: there is nothing to compare with, or it is too large


def lines(changed: Changed, speech: Speech) -> tuple[str, ...]:
    """At most fourteen lines of bounded length."""
    return tuple(_lines(changed, speech))


def _lines(changed: Changed, speech: Speech) -> Iterator[str]:
    yield speech._("What changed in the words since “{version}”:", version=_cut(changed.before, NAME_LENGTH))
    yield from _flags(changed.came, speech._("+ new in this text: {finding}"), speech)
    yield from _flags(changed.went, speech._("− no longer in this text: {finding}"), speech)
    if changed.stayed:
        yield speech.ngettext("{number} finding stays as it was.", "{number} findings stay as they were.",
                              changed.stayed)
    altered, added, removed, now = (speech.number(n) for n in changed.sections)
    if any(changed.sections[:3]):
        yield speech._("Sections: {altered} changed, {added} added, {removed} removed; there are {now} now.",
                       altered=altered, added=added, removed=removed, now=now)
    else:
        yield speech._("The words are the same.")
    for is_added, words in changed.phrases[:MOST_PHRASES]:
        said = _cut(words, PHRASE_LENGTH)
        yield speech._("Added: “{words}”", words=said) if is_added else speech._("Taken out: “{words}”", words=said)


def _flags(found: Iterable[Found], pattern: str, speech: Speech) -> Iterator[str]:
    told = list(found)
    for one in told[:MOST_FLAGS]:
        finding = (f"{topic_name(one.topic, speech)}: {effect_words(one.effect, one.topic, speech)} "
                   f"({_cut(one.provision, NAME_LENGTH)})")
        yield pattern.replace("{finding}", finding)
    if len(told) > MOST_FLAGS:
        yield pattern.replace("{finding}", speech.ngettext("{number} more", "{number} more", len(told) - MOST_FLAGS))


def _cut(words: str, most: int) -> str:
    return plain.shorten(plain.line(words), most, "…").removesuffix(" …")
