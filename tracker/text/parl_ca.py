"""Bill XML of the Parliament of Canada (parl.ca, LEGISinfo) in English or French to marked text.

`<AmendedText>` is law as it will read. In the print of first reading `<Ins>` (underlined) shows which of its words are
new; in a reprint it shows what a committee changed in the bill, so there the whole of it counts as new.
"""

from __future__ import annotations

import re

from tracker.errors import TextError
from tracker.model import MarkedText, MarkKind
from tracker.text.tree import Element, Reader, Schema, attribute, table

ROOT = "Bill"
KINDS = table(
    skip="BillHistory RunningHead BillRefNumber Parliament ShortTitle HistoricalNote TableOfProvisions Bill_Part "
         "Chapter ConsolidatedNumber OriginatingRef LineNumber Image ReaderNote colspec Footnote FootnoteRef",
    preamble="Identification Introduction",
    section="Section",
    subsection="Subsection",
    paragraph="Paragraph",
    subparagraph="Subparagraph",
    clause="Clause",
    subclause="Subclause",
    num="Label",
    heading="MarginalNote",
    block="BillNumber LongTitle BillSponsor TitleText Summary Preamble Enacts Provision Definition Heading Item "
          "SectionPiece Schedule ScheduleFormHeading FormGroup row BilingualGroup Recommendation Note "
          "ContinuedSectionSubsection ContinuedParagraph ContinuedSubparagraph ContinuedDefinition Formula "
          "FormulaDefinition Order List Quotation ReadAsText",
    cell="entry BilingualItemEn BilingualItemFr",
    blank="Leader LeaderRightJustified Separator",
    **{"break": "br"},
)  # fmt: skip
_CHANGES = {"ins": MarkKind.INSERTED, "del": MarkKind.STRUCK}
_ADDS = re.compile(r"\b(?:add(?:ing|ed|s)?|ajout\w*|adjonction|insert\w*)\b", re.I)
_REPEALS = re.compile(r"\b(?:is|are) repealed\b|\babrogée?s?\b", re.I)


def is_one(root: Element) -> bool:
    return root.tag == ROOT and (root.find("Identification") is not None or root.find("Body") is not None)


def read(root: Element) -> MarkedText:
    if root.find("Body") is None:
        raise TextError("expected a bill of Canada with a <Body>; got only its cover")
    stage = next((attribute(e, "stage") for e in root.iter("Stages")), "")
    reprint = bool(stage) and not stage.startswith("first-reading")
    changed = any(_is_change(e) for e in root.iter("Ins", "Section", "Subsection", "Paragraph", "AmendedText"))
    reader = Reader(REPRINT if reprint else SCHEMA)
    reader.kept = {
        "underlined": changed and not reprint,  # new words are told from words that law has
        "noted": None, "repeals": False,  # the last section asked for, and whether it only repeals
    }  # fmt: skip
    return reader.read(root)


def _is_change(element: Element) -> bool:
    return element.tag == "Ins" or element.get("change") == "ins"


def _mark(element: Element) -> MarkKind | None:
    if element.tag == "Ins":
        return MarkKind.INSERTED
    if element.tag == "Del":
        return MarkKind.STRUCK
    return _CHANGES.get(attribute(element, "change"))


def _amended(element: Element, reader: Reader, quoted: bool) -> None:
    kind: MarkKind | None = MarkKind.INSERTED
    if reader.kept["underlined"] and (any(map(_is_change, element.iter())) or not _ADDS.search(reader.out.recent())):
        kind = None
    reader.quotation(element, kind)
    reader.out.line()


def _note(element: Element, reader: Reader, quoted: bool) -> None:
    """The explanatory note is no part of the bill; but what a clause only repeals is printed nowhere else."""
    parent = element.getparent()
    if parent is None:
        return
    if reader.kept["noted"] is not parent:
        reader.kept.update(noted=parent, repeals=_only_repeals(parent))
    if not reader.kept["repeals"]:
        return
    for law in element.iter("ExistingText"):
        reader.quotation(law, MarkKind.STRUCK)
        reader.out.line()


def _only_repeals(section: Element) -> bool:
    if next(section.iter("AmendedText"), None) is not None:
        return False
    own = (t for t in section.iter("Text") if next(t.iterancestors("ExplanatoryNote"), None) is None)
    return any(_REPEALS.search("".join(map(str, t.itertext()))) for t in own)


_SPECIAL = {"AmendedText": _amended, "ExplanatoryNote": _note}
SCHEMA = Schema(KINDS, _SPECIAL, mark=_mark)
REPRINT = Schema(KINDS, _SPECIAL)
