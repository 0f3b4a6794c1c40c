"""Utah's bill XML (<leg>) to marked text: `<amend ea="amend|erase">` says which words law gains and loses."""

from __future__ import annotations

from tracker.errors import TextError
from tracker.model import MarkedText, MarkKind
from tracker.text.marks import INLINE
from tracker.text.paths import label, number
from tracker.text.tree import Element, Reader, Schema, attribute, table, words

ROOT = "leg"
KINDS = table(
    skip="info sinfo tm rev foot marker legvote draftinfo amendinfo",
    preamble="tbox lt",
    block="st sessionhead statehead sponsorhead otherSponsorhead lthead gdhead gd hphead hp hl moni moniNone oc ocNone "
          "ocl sa saamd saent sarep sn snhead enact secline catline para sectionText section row chead "
          "paamd pa",
    cell="cell display",
    blank="ln eol tab",
)  # fmt: skip
_MARKS = {"amend": MarkKind.INSERTED, "erase": MarkKind.STRUCK}
_DEPTHS = {"1": "subsection", "2": "paragraph", "3": "subparagraph", "4": "clause", "5": "subclause", "6": "item"}


def is_one(root: Element) -> bool:
    return root.tag == ROOT


def read(root: Element) -> MarkedText:
    if next(root.iter("bsec"), None) is None and next(root.iter("enact", "resolved"), None) is None:
        raise TextError("expected a bill of Utah with a <bsec>; got none")
    return Reader(SCHEMA).read(root)


def _mark(element: Element) -> MarkKind | None:
    return _MARKS.get(attribute(element, "ea")) if element.tag == "amend" else None


def _section(element: Element, reader: Reader, quoted: bool) -> None:
    num = attribute(element, "sn")[:24] or number(attribute(element, "num"))
    caption = next(element.iter("catline"), None)
    heading = words(caption).rstrip(".")[:300] if caption is not None else ""
    reader.out.line()
    reader.out.open(label("section", num), num, heading or None, "section")
    reader.content(element, quoted)
    reader.out.close()
    reader.out.line()


def _subsection(element: Element, reader: Reader, quoted: bool) -> None:
    """`placement="sameline"`: "(5)(a)" open on one line."""
    out = reader.out
    if attribute(element, "placement") == "sameline":
        out.write(" ")
    else:
        out.line()
    level = _DEPTHS.get(attribute(element, "level"), "subitem")
    num = _shown(element)
    out.open(label(level, num), num, None, level)
    reader.content(element, quoted)
    out.close()
    out.line()


def _shown(element: Element) -> str:
    """Its number as it will stand: a renumbered one prints the old and the new."""
    display = next((child for child in element if child.tag == "display"), None)
    if display is None:
        return ""
    kept = [str(display.text or "")]
    for child in display:
        if not (child.tag == "amend" and attribute(child, "ea") == "erase"):
            kept.append(words(child))
        kept.append(str(child.tail or ""))
    return number("".join(kept))


def _opens(element: Element, reader: Reader, quoted: bool) -> None:
    reader.out.write(" ")
    reader.kept["struck"] = reader.out.here()
    reader.out.prefix += "["


def _closes(element: Element, reader: Reader, quoted: bool) -> None:
    reader.out.stick("]")
    reader.out.mark(MarkKind.STRUCK, reader.kept.get("struck", reader.out.here()), INLINE)
    reader.out.write(" ")


def _repealed(element: Element, reader: Reader, quoted: bool) -> None:
    """The printer puts the words of a repealer together from its attributes."""
    reader.out.line()
    reader.out.write(f"Section {attribute(element, 'num')[:40]}, ")
    reader.content(element, quoted)
    reader.out.line()


def _repealer(element: Element, reader: Reader, quoted: bool) -> None:
    reader.out.line()
    reader.out.write("This bill repeals:")
    reader.out.line()


SCHEMA = Schema(
    KINDS,
    {"bsec": _section, "repsec": _repealed, "rhead": _repealer, "subsection": _subsection, "amendoutstart": _opens,
     "amendoutend": _closes},
    mark=_mark,
)  # fmt: skip
