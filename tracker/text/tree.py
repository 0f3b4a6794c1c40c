"""XML of any legislature to marked text: a table says what each element is, one walk does the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from tracker.errors import TextError
from tracker.model import MarkedText, MarkKind
from tracker.text.builder import Builder
from tracker.text.marks import INLINE, QUOTED
from tracker.text.paths import label, number
from tracker.text.provisions import subdivide

Element = etree._Element
Walk = Callable[[Element, "Reader", bool], None]  # the element, its reader, whether law is being quoted

# What an element may be besides a level; what a table does not list is inline words.
KINDS = frozenset((
    "skip", "preamble", "recital", "num", "heading", "block", "cell", "blank", "break", "inserted", "struck",
    "quotedblock",
))  # fmt: skip
LEVELS = frozenset((
    "division", "title", "subtitle", "part", "subpart", "chapter", "subchapter", "article", "section", "subsection",
    "paragraph", "subparagraph", "clause", "subclause", "item", "subitem",
))  # fmt: skip


def local(element: Element) -> str:
    """An element's name without its namespace; nothing for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def words(element: Element) -> str:
    """All words of an element on one line."""
    return " ".join("".join(map(str, element.itertext())).split())


@dataclass(frozen=True, slots=True)
class Schema:
    """What the elements of one format are. `kinds`: local name -> one of KINDS or LEVELS."""

    kinds: Mapping[str, str]
    special: Mapping[str, Walk] | None = None  # elements that need more than a kind
    mark: Callable[[Element], MarkKind | None] | None = None  # what an element's attributes say of all its words
    title: Callable[[Element, Schema], tuple[str, str | None]] | None = None  # number and heading of a level
    lined: bool = True  # a heading stands on its own line
    subdivided: bool = False  # paragraphs carry their numbers as words: "(1)(a) A person ..."


class Reader:
    """Walks one document; recursion ends at the depth of the parser's own limit."""

    __slots__ = ("kept", "kinds", "numbered", "out", "schema", "special")

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.out = Builder()
        self.kinds = schema.kinds
        self.special = schema.special or {}
        self.numbered = -1  # where a number ended: what follows stands in its line
        self.kept: dict[str, Any] = {}  # what one format has to remember on its way through a document

    def read(self, root: Element, *, marks_known: bool = True, typed: str = "") -> MarkedText:
        """`typed`: as in `Builder.finish`."""
        self.walk(root, False)
        marked = self.out.finish(marks_known=marks_known, typed=typed)
        if not any(p.level == "section" for p in marked.provisions) and len(marked.text) < 40:
            raise TextError(f"expected the text of a bill; got {len(marked.text)} characters")
        if not self.schema.subdivided:
            return marked
        return MarkedText(marked.text, marked.marks, subdivide(marked.text, marked.provisions), marked.marks_known)

    def walk(self, element: Element, quoted: bool) -> None:
        name = local(element)
        special = self.special.get(name)
        mark = self.schema.mark(element) if self.schema.mark is not None else None
        start = self.out.here()
        if special is not None:
            special(element, self, quoted)
        else:
            self.plain(element, self.kinds.get(name, "inline"), quoted)
        if mark is not None:
            self.out.mark(mark, start, INLINE)

    def plain(self, element: Element, kind: str, quoted: bool) -> None:
        """An element by its kind alone."""
        out = self.out
        if kind == "inline":
            self.content(element, quoted)
        elif kind in LEVELS:
            self.level(element, kind, quoted)
        elif kind in ("block", "preamble", "recital"):
            self.block(element, kind, quoted)
        elif kind == "heading":
            self.content(element, quoted)
            if self.schema.lined:
                out.line()
            else:
                out.write(" ")
        elif kind in ("num", "cell"):
            self.content(element, quoted)
            out.write(" ")
            if kind == "num":
                self.numbered = out.here()
        elif kind == "blank":
            out.write(" ")
        elif kind == "break":
            out.line()
        elif kind == "inserted" or kind == "struck":
            start = out.here()
            self.content(element, quoted)
            out.mark(MarkKind.INSERTED if kind == "inserted" else MarkKind.STRUCK, start, INLINE)
        elif kind == "quotedblock":
            self.quotation(element, MarkKind.INSERTED)

    def content(self, element: Element, quoted: bool) -> None:
        if element.text:
            self.out.write(element.text)
        for child in element:
            self.walk(child, quoted)
            if child.tail:
                self.out.write(child.tail)

    def begin(self) -> None:
        """A line, unless a number just opened it."""
        if self.out.here() != self.numbered:
            self.out.line()

    def block(self, element: Element, kind: str, quoted: bool) -> None:
        self.begin()
        if kind != "block" and not quoted:
            self.out.open("Preamble" if kind == "preamble" else "Whereas", "", None, kind)
            self.content(element, quoted)
            self.out.close()
        else:
            self.content(element, quoted)
        self.out.line()

    def level(self, element: Element, level: str, quoted: bool) -> None:
        self.begin()
        if quoted:
            self.content(element, quoted)
        else:
            num, heading = (self.schema.title or num_and_heading)(element, self.schema)
            self.out.open(label(level, num), num, heading, level)
            self.content(element, quoted)
            self.out.close()
        self.out.line()

    def quotation(self, element: Element, kind: MarkKind | None, opens: str = "", closes: str = "") -> None:
        """Law that is quoted: its sections are no sections of the bill."""
        self.out.line()
        start = self.out.here()
        self.out.prefix += opens
        self.content(element, True)
        if closes:
            self.out.rejoin()
            self.out.stick(closes)
        if kind is not None:
            self.out.mark(kind, start, QUOTED)


def num_and_heading(element: Element, schema: Schema) -> tuple[str, str | None]:
    """The first child of each kind, as the table names them."""
    num, heading = "", None
    for child in element.iterchildren(tag=etree.Element):
        kind = schema.kinds.get(local(child))
        if kind == "num" and not num:
            num = number(words(child))
        elif kind == "heading" and heading is None:
            heading = words(child).rstrip(".— ")[:300] or None
        elif kind not in ("num", "heading", "skip"):
            break
    return num, heading


def table(**kinds: str) -> dict[str, str]:
    """``skip="a b"`` -> ``{"a": "skip", "b": "skip"}``."""
    found: dict[str, str] = {}
    for kind, names in kinds.items():
        for name in names.split():
            found[name] = kind
    return found


def attribute(element: Element, name: str) -> str:
    value: Any = element.get(name)
    return str(value) if value is not None else ""
