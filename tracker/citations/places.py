"""A reference of amending prose to the normal forms that it means where it stands."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

from tracker.citations.forms import Anchor, fits
from tracker.citations.frames import Frames
from tracker.citations.grammar import Reference, expand
from tracker.citations.normal import CONTAINERS, depth_of_root, join
from tracker.citations.patterns import bounded
from tracker.citations.quoted import quotation

_CLAUSE = re.compile(r";|\n|[.](?=\s{1,9}[A-Z(\"]|\s*$)")
_MATTER = r"(?:the (?:matter|proviso|heading|undesignated matter|sentence|flush matter) [^,;.]{0,50})?"
INSIDE = re.compile(bounded(
    rf"\b(?:in|of|to|from|within|under) {_MATTER}(?:the )?(?:first |second |existing )?$"), re.I)  # fmt: skip
_PAST = (r"(?:so |last |most recently |further |proposed to be )?"
         r"(?:amended|added|enacted|redesignated|designated|renumbered|inserted)")  # fmt: skip
ASIDE = re.compile(bounded(
    rf"(?:as {_PAST}(?:, respectively,)? ?(?:by|under|in|pursuant to)|(?:amended|inserted|added|substituted) by"
    r"|relating to|defined in|pursuant to|as proposed by|described in|see|under) (?:the )?$"), re.I)  # fmt: skip
LONGEST_CLAUSE = 600  # characters, quotations not counted
MOST_NAMED = 100  # references of one clause


@dataclass(slots=True)
class Places:
    """The references of one text, and the frames that are open where it is read."""

    text: str
    plain: str
    refs: list[Reference]
    starts: list[int]
    frames: Frames = field(default_factory=Frames)

    @property
    def about(self) -> tuple[str, ...]:
        return self.frames.about

    def norms(self, ref: Reference) -> tuple[str, ...]:
        """Absolute as it stands, relative inside what is spoken of; empty where the text does not say."""
        own = tuple(norm for norm, _ in ref.norms)
        if own and not (ref.bare and self.about):
            return own
        return self._relative(ref) or own

    def _relative(self, ref: Reference) -> tuple[str, ...]:
        if ref.phrase is None or not ref.phrase.groups:
            return ()
        groups = ref.phrase.groups
        if groups[-1].unit == "title" and len(groups) > 1:
            groups = groups[:-1]
        unit = groups[-1].unit if groups[-1].unit not in CONTAINERS or len(groups) == 1 else groups[0].unit
        found: list[str] = []
        for base in self.about[:8]:
            for path, _ in expand(ref.phrase, Anchor("", ref.end)):
                parts = tuple(part for part in path.split("/") if part)
                if unit == "section" and parts and not fits(base, parts[0]):
                    continue  # a section of the bill, or of a session's laws
                if parts and unit in CONTAINERS:
                    found.append("/".join((*base.split("/")[: depth_of_root(base)], *parts)))
                elif parts:
                    found.append(join(base, unit, parts))
        return tuple(dict.fromkeys(found))

    def clause(self, at: int) -> tuple[list[Reference], int]:
        """The references from here to the end of the clause, and that end; what stands in quotation marks ends none."""
        start, limit = at, min(len(self.plain), at + LONGEST_CLAUSE)
        while True:
            stop = _CLAUSE.search(self.plain, at, limit)
            end = stop.start() if stop is not None else limit
            quote = quotation(self.text, at, end)
            if quote is None:
                break
            at = quote.after
            limit = max(limit, at)
        low, high = bisect_right(self.starts, start - 1), bisect_left(self.starts, end)
        return self.refs[low : min(high, low + MOST_NAMED)], end

    def where(self, refs: list[Reference], since: int) -> tuple[str, ...]:
        """ "at the end of paragraph (4)", "in subsection (b)": the place of the words, else what is spoken of."""
        for ref in refs:
            low = max(since, ref.start - 80)
            if ASIDE.search(self.plain, low, ref.start) is None and INSIDE.search(self.plain, low, ref.start):
                return self.norms(ref)
        return self.about
