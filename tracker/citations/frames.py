"""Enumerators to nested frames: "(1) in subsection (b)— (A) in paragraph (1)", and what each frame speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tracker.citations.patterns import DASH, automaton

_MARK = r"\(\*?(?:\d{1,3}[A-Z]?|[ivxl]{1,6}|[IVXL]{1,6}|[a-z]{1,2}|[A-Z]{1,2})\*?\)"
_OF_LINE = rf"(?:^|\n)[ \t*]{{0,40}}({_MARK}(?:[ \t]?{_MARK}){{0,3}})"
_RUN_IN = rf"(?:[;:,.{DASH}]|--|and)\s{{0,3}}({_MARK})\s"
_ENUMERATOR = re.compile(rf"{_OF_LINE}|{_RUN_IN}(?=by\b|in\b|the\b|for\b|after\b|at\b|[A-Z])")
_MAY_BE_ONE = automaton(f"{_OF_LINE}|{_RUN_IN}", True)
_MARKS = re.compile(r"\(\*?(\w{1,6})\*?\)")
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

    def enter(self, marks: str) -> None:
        """An enumerator closes its own kind and all inside, and inherits what its holder speaks of."""
        for mark in _MARKS.findall(marks):
            kind = self._kind(mark)
            for n, frame in enumerate(self.open):
                if frame.kind == kind:
                    del self.open[n:]
                    break
            self.about = self.open[-1].about if self.open else self.root.about
            self.open.append(Frame(kind, mark, self.about))

    def speak_of(self, norms: tuple[str, ...]) -> None:
        self.about = norms
        (self.open[-1] if self.open else self.root).about = norms

    def speak_to_siblings_of(self, norms: tuple[str, ...]) -> None:
        """ "(1) The Act is amended as follows. (2) In section 3 ...": for the frames beside this one."""
        self.speak_of(norms)
        if self.open:
            (self.open[-2] if len(self.open) > 1 else self.root).about = norms

    def _kind(self, mark: str) -> str:
        if mark[0].isdigit():
            return "digit"
        if len(mark) == 2 and mark[0] == mark[1] and mark.lower() != "ii":
            return "double" if mark.islower() else "DOUBLE"
        held = {frame.kind: frame.mark for frame in self.open}
        letter, roman = ("lower", "roman") if mark[0].islower() else ("upper", "ROMAN")
        if set(mark.lower()) <= set("ivxl"):
            before = held.get(letter, "")
            follows = len(before) == len(mark) == 1 and ord(mark) == ord(before) + 1
            if roman in held or (not follows and mark.lower() in _FIRST_ROMANS):
                return roman
        return letter
