"""Pieces of a document, in order, to marked text: offsets are counted while the text grows, in one pass."""

from __future__ import annotations

from tracker.errors import TextError
from tracker.model import MarkedText, MarkKind, Provision
from tracker.text.amendments import spell_marks
from tracker.text.marks import Span, paint
from tracker.text.paths import Paths
from tracker.text.typed import typed_marks


class Builder:
    """Grows one text. White space folds to single blanks; `line` starts a line once something was written."""

    __slots__ = ("_blank", "_length", "_open", "_parts", "_paths", "_provisions", "prefix", "spans", "start_of_line")

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._blank = False  # a blank is owed before the next word
        self.start_of_line = True
        self.prefix = ""  # an opening quotation mark that sticks to the next word
        self.spans: list[Span] = []  # by the document's own markup
        self._provisions: list[Provision] = []
        self._open: list[int] = []
        self._paths = Paths()

    def write(self, chunk: str) -> None:
        words = chunk.split()
        if not words:
            if chunk:
                self._blank = True
            return
        text = self.prefix + " ".join(words)
        if not self.start_of_line and (self._blank or chunk[0].isspace()):
            text = " " + text
        self._parts.append(text)
        self._length += len(text)
        self._blank = chunk[-1].isspace()
        self.start_of_line = False
        self.prefix = ""

    def stick(self, chunk: str) -> None:
        """Write without a blank before: closing quotation marks, full stops."""
        self.cling()
        self.write(chunk)

    def cling(self) -> None:
        """Drop the blank that is owed: the next words follow directly."""
        self._blank = False

    def line(self) -> None:
        if not self.start_of_line:
            self._parts.append("\n")
            self._length += 1
            self.start_of_line = True
        self._blank = False

    def rejoin(self) -> None:
        """Take back a line that was just started, so that a closing mark sticks to the words before it."""
        if self.start_of_line and self._parts and self._parts[-1] == "\n":
            self._parts.pop()
            self._length -= 1
            self.start_of_line = False

    def here(self) -> int:
        return self._length

    def recent(self) -> str:
        """The last few pieces: enough to see how a sentence introduces what follows."""
        return "".join(self._parts[-6:])[-160:]

    def last(self) -> str:
        """The last character written, or nothing."""
        return self._parts[-1][-1] if self._parts else ""

    def mark(self, kind: MarkKind, start: int, weight: int) -> None:
        if self._length > start:
            self.spans.append((start, self._length, kind, weight))

    def open(self, label: str, num: str, heading: str | None, level: str) -> None:
        parent = self._open[-1] if self._open else None
        path = self._paths.name(self._provisions[parent].path if parent is not None else None, label)
        self._open.append(len(self._provisions))
        self._provisions.append(Provision(path, num, heading, level, self._length, self._length, parent))

    def close(self) -> None:
        at = self._open.pop()
        p = self._provisions[at]
        self._provisions[at] = Provision(p.path, p.num, p.heading, p.level, p.start, self._length, p.parent)

    def finish(self, *, marks_known: bool = True, typed: str = "") -> MarkedText:
        """`typed`: the jurisdiction whose marks in characters count besides the document's markup."""
        while self._open:
            self.close()
        text = "".join(self._parts).removesuffix("\n")
        if not text:
            raise TextError("expected the words of a bill; got a document without any")
        size = len(text)
        provisions = tuple(
            p if p.end <= size else Provision(p.path, p.num, p.heading, p.level, min(p.start, size), size, p.parent)
            for p in self._provisions
        )
        spans = self.spans + spell_marks(text)
        if typed:
            spans += typed_marks(text, typed)
        return MarkedText(text, paint(spans, text), provisions, marks_known)
