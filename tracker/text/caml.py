"""California's bulk bill XML (caml) to marked text: clean words, without any sign of what an amended section gains.

A section that a bill adds is all new; of one that it amends nobody can tell from this format which words are new.
"""

from __future__ import annotations

from tracker.errors import TextError
from tracker.model import MarkedText, MarkKind
from tracker.text.marks import QUOTED
from tracker.text.tree import Element, Reader, Schema, attribute, local, table

ROOT = "MeasureDoc"
KINDS = table(
    skip="Id VersionNum History LegislativeInfo Authors RelatingClause GeneralSubject DigestKey MeasureIndicators "
         "ChapterNum ChapterYear ChapterType ChapterSessionNum Correction Members col colgroup",
    preamble="Title DigestText",
    section="BillSection",
    num="Num",
    heading="LawHeadingText",
    block="AuthorText Preamble ActionLine LawSection LawHeading LawHeadingVersion Content p tr Resolution "
          "LawSectionVersion HistoryNote div",
    cell="td th",
    **{"break": "br"},
)  # fmt: skip
_SPACES = frozenset(("EnSpace", "EmSpace", "ThinSpace"))
# What the line before a passage of law says that the bill does with it (caml, attribute `action`).
_NEW = frozenset(("IS_ADDED", "ARE_ADDED"))
_CLEAR = frozenset((*_NEW, "IS_REPEALED", "ARE_REPEALED", "IS_RENUMBERED", ""))


def is_one(root: Element) -> bool:
    return local(root) == ROOT


def read(root: Element) -> MarkedText:
    if next(root.iter("{*}Bill", "{*}Resolution", "{*}Content"), None) is None:
        raise TextError("expected a <Bill> in a <MeasureDoc>; got none")
    known = all(attribute(line, "action") in _CLEAR for line in root.iter("{*}ActionLine"))
    return Reader(SCHEMA).read(root, marks_known=known)


def _fragment(element: Element, reader: Reader, quoted: bool) -> None:
    """Law as it will read, after the line that says whether it is added or amended."""
    line = element.getprevious()
    start = reader.out.here()
    reader.out.line()
    reader.content(element, True)
    if line is not None and local(line) == "ActionLine" and attribute(line, "action") in _NEW:
        reader.out.mark(MarkKind.INSERTED, start, QUOTED)
    reader.out.line()


def _num(element: Element, reader: Reader, quoted: bool) -> None:
    """A section of the code has its number on a line of its own, so that "(a)(1)" begins the next."""
    reader.plain(element, "block" if quoted else "num", quoted)


def _span(element: Element, reader: Reader, quoted: bool) -> None:
    if attribute(element, "class") in _SPACES:
        reader.out.write(" ")
    reader.content(element, quoted)


SCHEMA = Schema(KINDS, {"Fragment": _fragment, "Num": _num, "span": _span}, subdivided=True)
