"""Flags of two rulesets on one text to what was gained, lost, moved to another effect, or only quoted otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from tracker.model import Flag


class Kind(StrEnum):
    GAINED = "gained"
    LOST = "lost"
    EFFECT = "effect"  # the same place and topic with another effect
    SPAN = "span"  # the same topic and effect of the same place, with other words as evidence
    RULE = "rule"  # the same words with the same meaning, by another rule or with another score


@dataclass(frozen=True, slots=True)
class Difference:
    """`old` is None for a gain, `new` for a loss."""

    text: str  # id of the text
    kind: Kind
    old: Flag | None
    new: Flag | None

    @property
    def flag(self) -> Flag:
        """The flag as it is now, or was last."""
        flag = self.new or self.old
        if flag is None:
            raise ValueError("a difference has an old or a new flag")
        return flag


@dataclass(slots=True)
class Tally:
    """What a corpus showed so far."""

    texts: int = 0
    changed: int = 0  # texts with any gain, loss or other effect
    old_flags: int = 0
    new_flags: int = 0
    kinds: Counter[Kind] = field(default_factory=Counter)
    topics: dict[str, Counter[Kind]] = field(default_factory=dict)
    rules: dict[str, Counter[Kind]] = field(default_factory=dict)

    def add(self, old: tuple[Flag, ...], new: tuple[Flag, ...], found: Iterable[Difference]) -> None:
        self.texts += 1
        self.old_flags += len(old)
        self.new_flags += len(new)
        news = False
        for difference in found:
            kind, flag = difference.kind, difference.flag
            news |= kind in (Kind.GAINED, Kind.LOST, Kind.EFFECT)
            self.kinds[kind] += 1
            self.topics.setdefault(flag.topic, Counter())[kind] += 1
            self.rules.setdefault(flag.rule, Counter())[kind] += 1
        self.changed += news


# Flags that are the same flag changed, the likest first.
_ALIKE: tuple[tuple[Kind, Callable[[Flag, Flag], bool]], ...] = (
    (Kind.RULE, lambda a, b: _meaning(a) == _meaning(b) and (a.start, a.end) == (b.start, b.end)),
    (Kind.SPAN, lambda a, b: _meaning(a) == _meaning(b) and _overlap(a, b)),
    (Kind.SPAN, lambda a, b: _meaning(a) == _meaning(b) and a.provision == b.provision),
    (Kind.EFFECT, lambda a, b: a.topic is b.topic and _overlap(a, b)),
    (Kind.EFFECT, lambda a, b: a.topic is b.topic and a.provision == b.provision),
)


def differences(text: str, old: tuple[Flag, ...], new: tuple[Flag, ...]) -> tuple[Difference, ...]:
    """In order of the text; flags that differ in nothing but the version of the ruleset are no difference."""
    gone, come = _without_equals(old, new)
    found: list[Difference] = []
    for kind, alike in _ALIKE:
        for flag in list(gone):
            twin = next((other for other in come if alike(flag, other)), None)
            if twin is not None:
                gone.remove(flag)
                come.remove(twin)
                found.append(Difference(text, kind, flag, twin))
    found += [Difference(text, Kind.LOST, flag, None) for flag in gone]
    found += [Difference(text, Kind.GAINED, None, flag) for flag in come]
    return tuple(sorted(found, key=lambda d: (d.flag.start, d.kind, d.flag.topic, d.flag.rule)))


def _without_equals(old: tuple[Flag, ...], new: tuple[Flag, ...]) -> tuple[list[Flag], list[Flag]]:
    left = Counter(map(_content, new))
    gone = []
    for flag in old:
        if left[_content(flag)]:
            left[_content(flag)] -= 1
        else:
            gone.append(flag)
    come = []
    for flag in reversed(new):
        if left[_content(flag)]:
            left[_content(flag)] -= 1
            come.append(flag)
    return gone, come[::-1]


def _content(flag: Flag) -> tuple[object, ...]:
    return (flag.topic, flag.subtopic, flag.effect, flag.start, flag.end, flag.rule, flag.score, flag.mark)


def _meaning(flag: Flag) -> tuple[object, ...]:
    return flag.topic, flag.effect


def _overlap(a: Flag, b: Flag) -> bool:
    return a.start < b.end and b.start < a.end
