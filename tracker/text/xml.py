"""XML to marked text: structure gives the provisions, attributes and quotations the marks.

The bill DTD and USLM are read here, every other schema in a file of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html.entities import html5
from typing import Any

from lxml import etree

from tracker.errors import TextError
from tracker.model import MarkedText, MarkKind
from tracker.text import akn, caml, parl_ca, ut, wa
from tracker.text.builder import Builder
from tracker.text.marks import QUOTED, WHOLE_ADDED, WHOLE_DELETED
from tracker.text.paths import label, number

USLM = "{http://schemas.gpo.gov/xml/uslm}"
OTHERS: tuple[tuple[Callable[[etree._Element], bool], Callable[[etree._Element], MarkedText]], ...] = (
    (wa.is_one, wa.read), (parl_ca.is_one, parl_ca.read), (akn.is_one, akn.read), (ut.is_one, ut.read),
    (caml.is_one, caml.read),
)  # fmt: skip
ROOTS = frozenset(("bill", "resolution", "amendment-doc", "pLaw", "engrossedAmendment", "amendment"))

# What an element is, by its name in the bill DTD (GPO, bill.dtd) or in USLM 2 (GPO, uslm-2.1.0.xsd). Names that are
# not listed are inline words.
LEVELS = ("division", "title", "subtitle", "part", "subpart", "chapter", "subchapter", "article", "section",
          "subsection", "paragraph", "subparagraph", "clause", "subclause", "item", "subitem")  # fmt: skip
_PLACES = {
    "skip": "metadata meta toc pagebreak page distribution-code distributionCode endorsement attestation signatures "
            "sidenote footnote graphic formula slugLine endMarker processedBy processedDate publicPrivate "
            "draftingOffice col colgroup colspec enrolledDateline",
    "preamble": "form engrossed-amendment-form preface amendPreface",
    "recital": "whereas recital",
    "enum": "enum num",
    "header": "header heading",
    "text": "text content chapeau continuation",
    "block": "p row tr congress session legis-num docNumber current-chamber currentChamber action action-date "
             "action-desc actionDescription official-title officialTitle legis-type docTitle calendar "
             "associated-doc relatedDocument longTitle list-item listItem li li-item "
             "quoted-block-continuation-text appropriations-para title-amends enactingFormula "
             "resolvingClause proviso-block amendmentInstruction actionInstruction appropriations continuation-text "
             "appropriations-major appropriations-intermediate appropriations-small subdivision header-in-text "
             "constitution-article whole_paragraph rule signature notation non-statutory-material toc-heading",
    "cell": "entry td th",
    "quote": "quote",
    "quotedblock": "quoted-block quotedContent amendment-block amendmentContent",
    "quotedtext": "quotedText",
    "addedtext": "addedText added-phrase",
    "deletedtext": "deletedText deleted-phrase",
}  # fmt: skip
# In resolutions an amendment-block *is* the text; only quoted law is text to be inserted.
_NOT_QUOTED = {"amendment-block", "amendmentContent"}

_KINDS: dict[Any, str] = {}
for _kind, _names in (*_PLACES.items(), *((level, level) for level in LEVELS)):
    for _name in _names.split():
        _KINDS[_name] = _KINDS[USLM + _name] = "block" if _name in _NOT_QUOTED else _kind
_KINDS[USLM + "level"] = _KINDS["level"] = "block"
_LEVELS = frozenset(LEVELS)
_CHANGES = {"added": (MarkKind.INSERTED, WHOLE_ADDED), "deleted": (MarkKind.STRUCK, WHOLE_DELETED)}
_TEXT_FOLLOWS = frozenset(("enum", "header"))

_DECLARATION = re.compile(r"<\?xml\b[^>]{0,200}\?>")
_REFERENCE = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30});")
_KEPT = frozenset(("amp", "lt", "gt", "quot", "apos"))
_STRIKES = re.compile(r"\b(?:striking|strike|deleting|omitting)\b(?!.*\b(?:insert|add|substitut|as follows))", re.S)


def read(document: str, jurisdiction: str = "") -> MarkedText:
    """The schema is told by the root; the jurisdiction adds nothing to it."""
    root = parse(document)
    for is_one, read_one in OTHERS:
        if is_one(root):
            return read_one(root)
    name = root.tag.removeprefix(USLM) if isinstance(root.tag, str) else "?"
    if name not in ROOTS:
        raise TextError(f"expected a root of {', '.join(sorted(ROOTS))}; got <{name[:60]}>")
    out = Builder()
    _walk(root, out, in_quote=False)
    marked = out.finish()
    if not any(p.level != "preamble" for p in marked.provisions) and len(marked.text) < 40:
        raise TextError(f"expected the text of a bill; got {len(marked.text)} characters")
    return marked


def parse(document: str) -> etree._Element:
    """No DTD, no network, no entity but characters: a document that declares its own is refused."""
    if "<!ENTITY" in document:
        raise TextError("expected a document without entity declarations; got <!ENTITY")
    document = _DECLARATION.sub("", document.lstrip(), count=1)
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False,
                             huge_tree=False, remove_comments=True, remove_pis=True)  # fmt: skip
    if "&" in document:
        document = _REFERENCE.sub(_character, document)
    try:
        return etree.fromstring(document.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as wrong:
        raise TextError(f"expected well-formed XML; got {str(wrong)[:120]}") from None


def _character(reference: re.Match[str]) -> str:
    """``&mdash;`` -> —; the five that XML itself knows stay."""
    return reference[0] if reference[1] in _KEPT else html5.get(reference[1] + ";", reference[0].replace("&", "&amp;"))


def _walk(element: etree._Element, out: Builder, in_quote: bool) -> None:
    kind = _KINDS.get(element.tag, "inline")
    if kind == "skip":
        return
    changed = element.get("changed")
    start = -1
    if changed in _CHANGES:
        if kind != "inline":
            out.line()
        start = out.here()
    if kind in _LEVELS:
        _level(element, out, kind, in_quote)
    elif kind == "inline":
        _content(element, out, in_quote)
    else:
        _BLOCKS[kind](element, out, in_quote)
    if start >= 0 and changed is not None:
        mark, weight = _CHANGES[changed]
        out.mark(mark, start, weight)


def _content(element: etree._Element, out: Builder, in_quote: bool) -> None:
    text = element.text
    if text:
        out.write(text)
    for child in element:
        _walk(child, out, in_quote)
        text = child.tail
        if text:
            out.write(text)


def _level(element: etree._Element, out: Builder, level: str, in_quote: bool) -> None:
    # <title> within inline words is the title of something, not a level.
    out.line()
    if in_quote:
        _content(element, out, in_quote)
        out.line()
        return
    num, heading = "", None
    for child in element.iterchildren():
        kind = _KINDS.get(child.tag)
        if kind == "enum":
            num = number(child.get("value") or child.text or "".join(map(str, child.itertext())))
        elif kind == "header":
            whole = "".join(map(str, child.itertext())) if len(child) else child.text or ""
            heading = " ".join(whole.split()).rstrip(".— ") or None
        else:
            break
    out.open(label(level, num), num, heading, level)
    _content(element, out, in_quote)
    out.close()
    out.line()


def _preamble(element: etree._Element, out: Builder, in_quote: bool) -> None:
    out.line()
    out.open("Preamble", "", None, "preamble")
    _content(element, out, in_quote)
    out.close()
    out.line()


def _recital(element: etree._Element, out: Builder, in_quote: bool) -> None:
    out.line()
    out.open("Whereas", "", None, "recital")
    _content(element, out, in_quote)
    out.close()
    out.line()


def _enum(element: etree._Element, out: Builder, in_quote: bool) -> None:
    parent = element.getparent()
    level = _KINDS.get(parent.tag, "") if parent is not None else ""
    uslm = str(element.tag).startswith(USLM)
    if not uslm and level == "section" and (element.text or "")[:1].isalnum():
        out.write("SECTION " if parent is not None and parent.get("section-type") == "section-one" else "SEC. ")
    elif not uslm and level in LEVELS[:8] and (element.text or "").strip():
        out.write(level.upper() + " ")
    _content(element, out, in_quote)
    out.write("—" if not uslm and level in LEVELS[:8] else " ")


def _header(element: etree._Element, out: Builder, in_quote: bool) -> None:
    parent = element.getparent()
    level = _KINDS.get(parent.tag, "") if parent is not None else ""
    if str(element.tag).startswith(USLM):
        _content(element, out, in_quote)
        if level in LEVELS[:9]:
            out.line()
        else:
            out.write(" ")
        return
    if level in LEVELS[:9] and not in_quote:
        _shout(element, out)
        if level == "section" and out.last() not in ".—":
            out.stick(".")
        out.line()
        return
    _content(element, out, in_quote)
    if level in LEVELS:
        if out.last() not in ".—:" or level in LEVELS[:9]:
            out.stick(".")
        if level in LEVELS[:9]:
            out.line()
        else:
            out.stick("—")


def _shout(element: etree._Element, out: Builder) -> None:
    """The heading of a section or title, in capitals as it is printed."""
    out.write("".join(map(str, element.itertext())).upper())


def _text(element: etree._Element, out: Builder, in_quote: bool) -> None:
    before = element.getprevious()
    if before is not None and _KINDS.get(before.tag) not in _TEXT_FOLLOWS:
        out.line()
    elif before is not None and before.tag == "header":
        out.cling()
    _content(element, out, in_quote)


def _block(element: etree._Element, out: Builder, in_quote: bool) -> None:
    out.line()
    _content(element, out, in_quote)
    out.line()


def _cell(element: etree._Element, out: Builder, in_quote: bool) -> None:
    _content(element, out, in_quote)
    out.write(" ")


def _quote(element: etree._Element, out: Builder, in_quote: bool) -> None:
    out.prefix += "“"
    _content(element, out, in_quote)
    out.stick("”")


def _quoted_block(element: etree._Element, out: Builder, in_quote: bool) -> None:
    strikes = _STRIKES.search(out.recent()) is not None
    # `display-inline="yes-display-inline"`: the quoted words go on in the sentence that quotes them.
    if element.get("display-inline") != "yes-display-inline":
        out.line()
    start = out.here()
    uslm = str(element.tag).startswith(USLM)
    if not uslm:
        out.prefix += "“"
    last = element[-1] if len(element) else None
    after = last if last is not None and last.tag == "after-quoted-block" else None
    if element.text:
        out.write(element.text)
    for child in element:
        if child is after:
            break
        _walk(child, out, True)
        if child.tail:
            out.write(child.tail)
    if not uslm:
        out.rejoin()
        out.stick("”")
    out.mark(MarkKind.STRUCK if strikes else MarkKind.INSERTED, start, QUOTED)
    if after is not None:
        _content(after, out, in_quote)


def _quoted_text(element: etree._Element, out: Builder, in_quote: bool) -> None:
    # GPO's quotation marks stand around the element, in the text; so the words alone are inside.
    _content(element, out, in_quote)


def _added(element: etree._Element, out: Builder, in_quote: bool) -> None:
    start = out.here()
    _content(element, out, in_quote)
    out.mark(MarkKind.INSERTED, start, WHOLE_ADDED)


def _deleted(element: etree._Element, out: Builder, in_quote: bool) -> None:
    start = out.here()
    _content(element, out, in_quote)
    out.mark(MarkKind.STRUCK, start, WHOLE_DELETED)


_BLOCKS = {
    "preamble": _preamble, "recital": _recital, "enum": _enum, "header": _header, "text": _text, "block": _block,
    "cell": _cell, "quote": _quote, "quotedblock": _quoted_block, "quotedtext": _quoted_text,
    "addedtext": _added, "deletedtext": _deleted,
}  # fmt: skip
