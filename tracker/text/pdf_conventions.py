"""What a look means in a legislature's PDFs: underlined, struck, bold, italic or coloured words to marks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tracker.model import MarkKind
from tracker.text.pdf_marks import BOLD, ITALIC, STRUCK, UNDERLINED

_RED, _BLUE = 0xFF0000, 0x0000FF


@dataclass(frozen=True, slots=True)
class Convention:
    """`inserted`: looks that say it, any of them; `bars`: looks that forbid it. `bracketed_italic`: italic words in
    brackets are struck. `colours`: what a colour says by itself, also above the enacting clause."""

    inserted: int = UNDERLINED
    struck: int = STRUCK
    bars: int = 0
    bracketed_italic: bool = False
    adds: re.Pattern[str] | None = None  # instructions; under one whose group "new" matched, barred looks are new too
    creates: re.Pattern[str] | None = None  # law that it brings into being, which is not marked at all
    typed: bool = True  # may brackets strike that no drawing or face confirms?
    capitals: bool = True  # may a paragraph in capitals be law? else it is a caption
    ends: re.Pattern[str] | None = None  # where signatures follow
    colours: dict[int, MarkKind] = field(default_factory=dict)

    def kind(self, look: int, colour: int, adding: bool) -> MarkKind | None:
        if look & self.struck:
            return MarkKind.STRUCK
        if colour in self.colours:
            return self.colours[colour]
        if look & self.inserted and (adding or not look & self.bars):
            return MarkKind.INSERTED
        return None


COMMON = Convention()
_INSTRUCTION = re.compile(r"\bhereby (?:(?P<new>amended by adding)|amended|repealed|enacted)")
_NEW = re.compile(r"^(?P<law>Sec(?:tion|\.) \d+\. \(NEW\).*?)(?=\n(?:Sec\. \d+\. |This act shall take effect)|\Z)",
                  re.S | re.M)  # fmt: skip
_CREATED = re.compile(r"\b(?:is|are) created to read:\n(?P<law>.*?)(?=\n(?:Section \d+\.|\(END\))|\Z)", re.S)
CONVENTIONS = {
    # "Matter in boldfaced type in an amended section is new; matter [italic and bracketed] is existing law to be
    # omitted." The underlined "SECTION 1." is a caption.
    "us-or": Convention(inserted=BOLD, struck=0, bars=UNDERLINED, bracketed_italic=True, typed=False, capitals=False,
                        ends=re.compile(r"^Passed by (?:House|Senate) ", re.M)),
    # New words are italic; old ones are struck through.
    "us-va": Convention(inserted=ITALIC | UNDERLINED),
    # Captions of sections are bold, underlined and black in old law and new; new words are blue, old ones red.
    "us-ri": Convention(bars=BOLD, adds=_INSTRUCTION, colours={_BLUE: MarkKind.INSERTED, _RED: MarkKind.STRUCK}),
    # "are created to read:" brings in whole sections without underlining them.
    "us-wy": Convention(creates=_CREATED),
    # Sections that open with (NEW) are new as a whole and underlined nowhere; brackets strike.
    "us-ct": Convention(creates=_NEW),
    # Comparisons of a substitute with its bill: blue and struck is what the substitute leaves out, red and doubly
    # underlined is what it brings in; black marks are the bill's own. The colour also holds where the red line stands
    # under the whole block.
    "us-ut": Convention(typed=False, colours={_RED: MarkKind.INSERTED, _BLUE: MarkKind.STRUCK}),
}  # fmt: skip
# Where the caller does not say whose document it is, the document does.
_SPEAKS = (
    (re.compile(r"OREGON LEGISLATIVE ASSEMBLY|(?:People|Assembly) of the State of Oregon"), "us-or"),
    (re.compile(r"General Assembly of Virginia"), "us-va"),
    (re.compile(r"in General Assembly convened"), "us-ct"),
    (re.compile(r"Legislature of the State of Wyoming"), "us-wy"),
    (re.compile(r"IN GENERAL ASSEMBLY\s+JANUARY SESSION|RHODE ISLAND|R H O D E"), "us-ri"),
    (re.compile(r"STATE OF UTAH|state of Utah|Utah Code|[HS][BCJ]?R?\d{3,4}(?:S\d\d)? compared with"), "us-ut"),
)  # fmt: skip
ENACTING = re.compile(
    r"\bBe it (?:therefore |hereby |further )?(?:enacted|resolved)\b|\bIt is (?:hereby )?(?:enacted|resolved)\b"
    r"|\bThe General Assembly of .{3,60} (?:hereby )?(?:enacts|resolves)\b"
    r"|\bThe People of the State of .{3,40} do enact\b|\bRESOLVED, That\b", re.I)  # fmt: skip


def recognise(text: str) -> str:
    """The jurisdiction whose words a text uses at its beginning; empty if they are nobody's that is known here."""
    return next((name for speaks, name in _SPEAKS if speaks.search(text, 0, 20_000)), "")
