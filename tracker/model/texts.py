"""A text with its marks and provisions, and the flags on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tracker.model.topics import Effect, Topic


class MarkKind(StrEnum):
    INSERTED = "inserted"
    STRUCK = "struck"


class TextStatus(StrEnum):
    PENDING = "pending"  # announced; no text could be had yet; asked again
    AVAILABLE = "available"
    UNAVAILABLE = "unavailable"  # fetched, but unreadable or not this bill's text; asked again


@dataclass(frozen=True, slots=True)
class Mark:
    kind: MarkKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Provision:
    """A node of the provision tree. A text's provisions are a tuple in document order (parents first).

    `path` is stable and unique in the text: "Sec. 3(b)(1)"; quoted law keeps the path of the provision that quotes it.
    `span` of a parent covers its children.
    """

    path: str
    num: str
    heading: str | None
    level: str  # "section" | "subsection" | "paragraph" | ... | "preamble"
    start: int
    end: int
    parent: int | None = None  # index in the tuple


@dataclass(frozen=True, slots=True)
class MarkedText:
    text: str
    marks: tuple[Mark, ...] = ()  # sorted, non-overlapping
    provisions: tuple[Provision, ...] = ()
    marks_known: bool = True  # False: the format could not tell added from deleted words


@dataclass(frozen=True, slots=True)
class BillContext:
    """What the tagger may know besides the text."""

    jurisdiction: str
    title: str | None = None
    classification: tuple[str, ...] = ("bill",)


class ReviewVerdict(StrEnum):
    """What a person says of a flag; the last one said is in force."""

    CONFIRM = "confirm"
    REJECT = "reject"
    CORRECT = "correct"
    WITHDRAW = "withdraw"  # as if nothing had been said


@dataclass(frozen=True, slots=True)
class Finding:
    """What a flag says, without the words that prove it."""

    topic: Topic
    effect: Effect
    subtopic: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """What a reader of the text said of a flag, and what the rule had found: `was` by `rule`."""

    verdict: ReviewVerdict  # never WITHDRAW
    was: Finding
    rule: str


@dataclass(frozen=True, slots=True)
class Flag:
    """`text[start:end] == quote`, always. One whose review is a rejection is withheld from every public place."""

    topic: Topic
    effect: Effect
    provision: str  # Provision.path
    start: int
    end: int
    quote: str
    rule: str
    ruleset: str
    score: float
    subtopic: str | None = None
    mark: MarkKind | None = None
    review: Review | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One judgment of a person on one flag of a bill. It holds wherever the bill says these words (desk.review).

    `flag` is as the rule raised it, in `version`. `by` is an account's name and never leaves the desk.
    """

    bill_id: str
    version: str
    flag: Flag
    words: str  # the sentence around the quote and the openings it hangs on, folded (tracker.desk.review.words_of)
    verdict: ReviewVerdict
    reason: str  # public
    by: str
    role: str
    at: datetime
    corrected: Finding | None = None  # with CORRECT
