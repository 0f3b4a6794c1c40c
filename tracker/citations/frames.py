"""Enumerators to nested frames: "(1) in subsection (b)— (A) in paragraph (1)", and what each frame speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tracker.citations.normal import ROMANS
from tracker.citations.patterns import DASH, automaton

_MARK = r"\(\*?(?:\d{1,3}[A-Z]?|[ivxl]{1,6}|[IVXL]{1,6}|[a-z]{1,2}|[A-Z]{1,2})\*?\)"
_OF_LINE = rf"(?:^|\n)[ \t*]{{0,40}}({_MARK}(?:[ \t]?{_MARK}){{0,3}})"
_RUN_IN = rf"(?:[;:,.{DASH}]|--|and)\s{{0,3}}({_MARK})\s"
_ENUMERATOR = re.compile(rf"{_OF_LINE}|{_RUN_IN}(?=by\b|in\b|the\b|for\b|after\b|at\b|[A-Z])")
_MAY_BE_ONE = automaton(f"{_OF_LINE}|{_RUN_IN}", True)
_MARKS = re.compile(r"\(\*?(\w{1,6})\*?\)")
_FIRST = frozenset(("1", "a", "A", "i", "I", "aa", "AA"))
_FIRST_ROMANS = frozenset(("i", "ii", "iii", "iv", "v", "vi"))


def enumerators(plain: str) -> Iterator[tuple[int, str]]:
    """Offset and marks: "(a)", "(1)(A)"."""
    for m in _MAY_BE_ONE.finditer(plain.encode("latin-1")):
        found = _ENUMERATOR.match(plain, m.start())
        if found is not None:
            group = found.lastindex or 1
            yield found.start(group), found[group]


@dataclass(slots=True)
class Frame:
    kind: str  # of the enumerator: digit, lower, upper, roman, ROMAN, double, DOUBLE
    mark: str
    about: tuple[str, ...]  # normal forms that its words are about


@dataclass(slots=True)
class Frames:
    """The open frames, outermost first; `about` is what the place that is read now speaks of."""

    root: Frame = field(default_factory=lambda: Frame("", "", ()))
    open: list[Frame] = field(default_factory=list)
    about: tuple[str, ...] = ()

    def begin(self) -> None:
        """A new section of the bill."""
        self.open.clear()
        self.root.about = self.about = ()

    def enter(self, marks: str, nested: bool) -> None:
        """An enumerator closes its predecessor and all inside, and inherits what its holder speaks of.

        `nested`: the words before it end in a dash or a colon, so that a first mark opens a deeper list.
        """
        for mark in _MARKS.findall(marks):
            kind = self._kind(mark, nested)
            if not (nested and mark in _FIRST):
                del self.open[self._place(kind, mark) :]
            nested = False
            self.about = self.open[-1].about if self.open else self.root.about
            self.open.append(Frame(kind, mark, self.about))

    def _place(self, kind: str, mark: str) -> int:
        """Index of the frame that this mark follows on; else of the outermost of its kind."""
        alike = [n for n, frame in enumerate(self.open) if frame.kind == kind]
        following = [n for n in alike if follows(self.open[n].mark, mark)]
        return following[-1] if following else alike[0] if alike else len(self.open)

    def speak_of(self, norms: tuple[str, ...]) -> None:
        self.about = norms
        (self.open[-1] if self.open else self.root).about = norms

    def speak_to_siblings_of(self, norms: tuple[str, ...]) -> None:
        """ "(1) The Act is amended as follows. (2) In section 3 ...": for the frames beside this one."""
        self.speak_of(norms)
        if self.open:
            (self.open[-2] if len(self.open) > 1 else self.root).about = norms

    def _kind(self, mark: str, nested: bool) -> str:
        if mark[0].isdigit():
            return "digit"
        if len(mark) == 2 and mark[0] == mark[1] and mark.lower() != "ii":
            return "double" if mark.islower() else "DOUBLE"
        letter, roman = ("lower", "roman") if mark[0].islower() else ("upper", "ROMAN")
        if mark.lower() in ROMANS:
            last = next((frame.mark for frame in self.open[::-1] if frame.kind == letter), "")
            runs_on = not nested and follows(last, mark) and len(mark) == 1
            if any(frame.kind == roman for frame in self.open) or (not runs_on and mark.lower() in _FIRST_ROMANS):
                return roman
        return letter


def follows(before: str, mark: str) -> bool:
    """ "2" after "1", "b" after "a", "iv" after "iii"."""
    if before.isdigit() and mark.isdigit():
        return int(mark) == int(before) + 1
    low, high = before.lower(), mark.lower()
    if low in ROMANS and high in ROMANS and ROMANS.index(high) == ROMANS.index(low) + 1:
        return True
    alike = len(before) == len(mark) and len(set(before)) == len(set(mark)) == 1
    return alike and ord(mark[0]) == ord(before[0]) + 1
