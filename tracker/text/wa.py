"""Washington's bill XML (leg.wa.gov/2012/document, and the LSC DTD before 2015) to marked text.

`<TextRun amendingStyle="add|strike">` (before: `<add>`, `<strike>`) says which words change; struck words stand in
double parentheses in print, and so they do here.
"""

from __future__ import annotations

from tracker.errors import TextError
from tracker.model import MarkedText, MarkKind
from tracker.text.marks import INLINE
from tracker.text.paths import label, number
from tracker.text.tree import Element, Reader, Schema, attribute, local, table, words

JURISDICTION = "us-wa"
NAMESPACE = "http://leg.wa.gov/2012/document"
ROOTS = frozenset(("Bill", "CertifiedBill"))

KINDS = table(
    skip="EnrollingCertificate RequestNumber ShortBillId BriefDescription PLMessage Caption History RCWNoteSection "
         "SLHistory CrossRefNote PageNumberFooter PullFooter Col",
    preamble="BillHeading IntroducedBillHeader SubstituteBillHeader EngrossedBillHeader BillTitle",
    block="LongBillId AsAmended Legislature Session Sponsors PrefiledDate ReadDate ReferredCommittee BillNumber State "
          "PrefileDate ReferredTo EnactingClause Part P TR Appropriations Appropriation Department DepartmentName "
          "AppropriationTotal RCWSLText BegSecAmd BegSecNew RevNote",
    cell="TD TDEnroll AccountName DollarAmount",
    num="BillSectionNumber",
    blank="LineNumber Leader",
    inserted="add",
    struck="strike",
)  # fmt: skip
_MARKS = {"add": MarkKind.INSERTED, "strike": MarkKind.STRUCK, "strikemarkleft": MarkKind.STRUCK,
          "strikemarknone": MarkKind.STRUCK, "strikemarkright": MarkKind.STRUCK}  # fmt: skip
_OPENS = frozenset(("strike", "strikemarkleft"))
_CLOSES = frozenset(("strike", "strikemarkright"))


def is_one(root: Element) -> bool:
    if local(root) not in ROOTS:
        return False
    return root.tag.startswith("{" + NAMESPACE + "}") or root.find("BillBody") is not None


def read(root: Element) -> MarkedText:
    if next(root.iter("{*}BillSection"), None) is None:
        raise TextError("expected a bill of Washington with a <BillSection>; got none")
    reader = Reader(SCHEMA)
    reader.kept = {"sections": 0}  # the older format leaves their numbers to the printer
    return reader.read(root, typed=JURISDICTION)


def _section(element: Element, reader: Reader, quoted: bool) -> None:
    reader.kept["sections"] += 1
    header = next((c for c in element if local(c) in ("BillSectionHeader", "BegSecAmd", "BegSecNew")), None)
    num, heading = "", None
    for child in header if header is not None else ():
        name = local(child)
        if name == "BillSectionNumber":
            num = number(" ".join(words(value) for value in child if local(value) == "Value"))
        elif name in ("Caption", "SectionCaption"):
            heading = words(child).rstrip(".")[:300] or None
    num = num or str(reader.kept["sections"])
    out = reader.out
    out.line()
    out.open(label("section", num), num, heading, "section")
    if attribute(element, "type") == "new" and local(header if header is not None else element) != "BegSecNew":
        out.write("NEW SECTION. ")
    reader.content(element, quoted)
    out.close()
    out.line()


def _number(element: Element, reader: Reader, quoted: bool) -> None:
    reader.out.write(f" Sec. {reader.kept['sections']}. ")


def _run(element: Element, reader: Reader, quoted: bool) -> None:
    style = attribute(element, "amendingStyle")
    mark = _MARKS.get(style)
    start = reader.out.here()
    if style in _OPENS:
        reader.out.prefix += "(("
    reader.content(element, quoted)
    if style in _CLOSES:
        reader.out.stick("))")
    if mark is not None:
        reader.out.mark(mark, start, INLINE)


def _hyphen(element: Element, reader: Reader, quoted: bool) -> None:
    reader.out.stick("-")


def _enacting(element: Element, reader: Reader, quoted: bool) -> None:
    reader.out.line()
    reader.out.write("BE IT ENACTED BY THE LEGISLATURE OF THE STATE OF WASHINGTON:")
    reader.out.line()


def _paragraph_end(element: Element, reader: Reader, quoted: bool) -> None:
    reader.out.line()


SCHEMA = Schema(
    KINDS,
    {"BillSection": _section, "SecNum": _number, "TextRun": _run, "Hyphen": _hyphen, "hyphen": _hyphen,
     "EnactedClause": _enacting, "paraend": _paragraph_end},
    subdivided=True,
)  # fmt: skip
