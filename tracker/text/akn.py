"""Akoma Ntoso bills (United Kingdom, Scotland, Ireland) to marked text: law in a <mod> is what the bill inserts."""

from __future__ import annotations

import re

from tracker.errors import TextError
from tracker.model import MarkedText, MarkKind
from tracker.text.paths import label
from tracker.text.tree import Element, Reader, Schema, attribute, local, num_and_heading, table, words

ROOT = "akomaNtoso"
BILLS = frozenset(("bill", "amendment", "act"))
KINDS = table(
    skip="meta toc tocItem authorialNote noteRef note remark eop coverPage img",
    preamble="preface preamble",
    recital="recital",
    division="division", title="title", subtitle="subtitle", part="part", subpart="subpart", chapter="chapter",
    subchapter="subchapter", section="section article rule", subsection="subsection", paragraph="paragraph",
    subparagraph="subparagraph", clause="clause", subclause="subclause",
    num="num",
    heading="heading subheading",
    block="p block tblock container intro content wrapUp longTitle blockContainer blockList item listIntroduction tr "
          "crossHeading conclusions formula",
    cell="td th",
    blank="eol",
    inserted="ins",
    struck="del",
    **{"break": "br"},
)  # fmt: skip
# Scotland's and Westminster's drafting tool: <level class="para1"> is a paragraph, whatever it stands in.
_CLASSES = {"prov2": "subsection", "para1": "paragraph", "para2": "subparagraph", "para3": "clause",
            "schProv1": "section", "schProv2": "subsection"}  # fmt: skip
_STRIKES = re.compile(r"\b(?:omit|leave out|delet\w+|repeal)\b(?!.*\b(?:insert|substitut))", re.I | re.S)
_WORDS = re.compile(r"^[\W_]+")
_INSERT_STYLE = re.compile(r"_(?:5f_)?insert$")


def is_one(root: Element) -> bool:
    """Ireland also publishes the <bill> alone."""
    return local(root) == ROOT or (local(root) == "bill" and root.find("{*}meta/{*}identification") is not None)


def read(root: Element) -> MarkedText:
    main = root if local(root) == "bill" else next((child for child in root if local(child) in BILLS), None)
    if main is None:
        got = local(root[0]) if len(root) else "nothing"
        raise TextError(f"expected a bill in <akomaNtoso>; got <{got[:60]}>")
    reader = Reader(SCHEMA)
    # <ref class="placeholder" href="#varBillTitle"/> stands for the words of a concept in <meta>.
    reader.kept = {attribute(e, "eId"): attribute(e, "showAs") for e in main.iter("{*}TLCConcept", "{*}TLCProcess")}
    return reader.read(main)


def _ref(element: Element, reader: Reader, quoted: bool) -> None:
    if not len(element) and not element.text and attribute(element, "class") == "placeholder":
        reader.out.write(reader.kept.get(attribute(element, "href")[1:], ""))
    reader.content(element, quoted)


def _level(element: Element, reader: Reader, quoted: bool) -> None:
    reader.plain(element, _CLASSES.get(attribute(element, "class"), "block"), quoted)


def _container(element: Element, reader: Reader, quoted: bool) -> None:
    """A schedule is a section of its own; definitions and cross-headings are paragraphs."""
    if attribute(element, "name") != "schedule" or quoted:
        reader.plain(element, "block", quoted)
        return
    num, heading = num_and_heading(element, reader.schema)
    reader.out.line()
    reader.out.open(f"Schedule {num}".rstrip(), num, heading, "section")
    reader.content(element, quoted)
    reader.out.close()
    reader.out.line()


def _num(element: Element, reader: Reader, quoted: bool) -> None:
    """Ireland repeats the number in the words that follow; it is printed once."""
    num = words(element).strip("().")
    after = element.getnext()
    while after is not None and local(after) == "heading":
        after = after.getnext()
    if after is not None and local(after) in ("content", "intro", "p"):
        opening = _opening(after)
        if num and opening.startswith((num + ")", num + ".")):
            return
    reader.plain(element, "num", quoted)


def _opening(element: Element) -> str:
    text = ""
    for piece in element.itertext():
        text += str(piece)
        if len(text) > 40:
            break
    return _WORDS.sub("", text, count=1)


def _subdivision(element: Element, reader: Reader, quoted: bool) -> None:
    """Ireland breaks "1. (1) This Act" in two: "1. (" ends the section's own words."""
    out = reader.out
    out.rejoin()
    joined = out.last() == "("
    if not joined:
        reader.begin()
    level = KINDS[local(element)]
    if quoted:
        reader.content(element, quoted)
    else:
        num, heading = num_and_heading(element, reader.schema)
        out.open(label(level, num), num, heading, level)
        if joined:
            reader.numbered = out.here()
        reader.content(element, quoted)
        out.close()
    out.line()


def _quoted(element: Element, reader: Reader, quoted: bool) -> None:
    struck = _STRIKES.search(reader.out.recent()) is not None
    reader.quotation(element, MarkKind.STRUCK if struck else MarkKind.INSERTED,
                     attribute(element, "startQuote"), attribute(element, "endQuote"))  # fmt: skip


def _paragraph(element: Element, reader: Reader, quoted: bool) -> None:
    """Ireland: the style of a paragraph says that it is law to be inserted."""
    style = attribute(element, "class") or attribute(element, "style-name")
    if style and _INSERT_STYLE.search(style):
        reader.quotation(element, MarkKind.INSERTED)
        reader.out.line()
    else:
        reader.plain(element, "block", quoted)


def _definition(element: Element, reader: Reader, quoted: bool) -> None:
    opens = next((str(v) for k, v in element.attrib.items() if str(k).endswith("startQuote")), "")
    closes = next((str(v) for k, v in element.attrib.items() if str(k).endswith("endQuote")), "")
    reader.out.prefix += opens
    reader.content(element, quoted)
    if closes:
        reader.out.stick(closes)


def _inline(element: Element, reader: Reader, quoted: bool) -> None:
    name = attribute(element, "name")
    if name == "AppendText":
        reader.out.rejoin()
        reader.out.cling()
    if name != "prompt":
        reader.content(element, quoted)


SCHEMA = Schema(
    KINDS,
    {"ref": _ref, "level": _level, "hcontainer": _container, "num": _num, "quotedStructure": _quoted,
     "p": _paragraph, "def": _definition, "inline": _inline, "subsection": _subdivision, "paragraph": _subdivision},
)  # fmt: skip
