"""Bills to what ties them to others: the bills that a record names, and the words of a section that a flag is in."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from tracker.ids import bill_id
from tracker.model import Bill, Flag, MarkedText, Provision
from tracker.query import words

SECTIONS = ("section", "preamble", "recital")
FEWEST_WORDS = 8  # "Section 5 is repealed." says nothing of another bill with the same words


def named_bills(bill: Bill) -> dict[str, tuple[str, ...]]:
    """Id of each other bill that the record names -> how it is related, in the source's own words; none: not said."""
    found: dict[str, tuple[str, ...]] = {}
    for other in bill.related_bills:
        identity = bill_id(bill.jurisdiction, other.session, other.identifier)
        said = found.setdefault(identity, ())
        if other.relation and other.relation not in said:
            found[identity] = (*said, other.relation)
    found.pop(bill_id(bill.jurisdiction, bill.session, bill.identifier), None)
    return found


def section_key(text: MarkedText, flag: Flag) -> str | None:
    """Equal where sections have the same words and a rule read the same out of them. Capitals, punctuation, line
    breaks and the section's own number make no difference. None: in no section, or in one of a few words."""
    section = _section_of(text, flag)
    said = _unnumbered(words(text.text[section.start:section.end]), section.num) if section else ()
    if len(said) < FEWEST_WORDS:
        return None
    found = flag.review.was if flag.review else flag
    told = " ".join((found.topic, found.effect, *said))
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


def _section_of(text: MarkedText, flag: Flag) -> Provision | None:
    sections = [p for p in text.provisions if p.level in SECTIONS]
    if not sections:
        return Provision("", "", None, "section", 0, len(text.text))
    return next((p for p in reversed(sections) if p.start <= flag.start < p.end), None)


def _unnumbered(said: Sequence[str], num: str) -> Sequence[str]:
    """"Sec. 3. Fines." as "Sec. 4. Fines."."""
    number = words(num)
    for label in (0, 1):  # "3. Fines", "Sec. 3. Fines"
        if number and tuple(said[label:label + len(number)]) == tuple(number):
            return said[label + len(number):]
    return said
