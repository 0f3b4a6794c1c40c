"""What a legislature says: one bill, whole, as its legislature shows it now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class HearingStatus(StrEnum):
    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Title:
    title: str
    kind: str | None = None  # the source's own label, e.g. "Short Title(s) as Introduced"


@dataclass(frozen=True, slots=True)
class Sponsorship:
    name: str
    primary: bool
    person_id: str | None = None  # the source's stable id, e.g. a bioguide id
    party: str | None = None
    area: str | None = None  # "CA-12", "WA"
    sponsored_on: date | None = None
    withdrawn_on: date | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """One step, as the legislature words it. `also` holds other wordings of the same step by other record keepers."""

    description: str
    date: date | None = None
    time: str | None = None  # as written, in the venue's zone
    classification: tuple[str, ...] = ()  # Open Civic Data action classifications; () = unknown label, kept raw
    chamber: str | None = None  # "lower" | "upper" | "legislature" | "executive"
    sources: tuple[str, ...] = ()  # record keepers, e.g. ("House floor actions", "Library of Congress")
    also: tuple[str, ...] = ()
    committees: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    media_type: str  # "text/xml" | "text/html" | "application/pdf" | "text/plain"


@dataclass(frozen=True, slots=True)
class Version:
    """One published text. `code` is unique in the bill and stable ("ih", "rh"); links are in order of preference."""

    code: str
    note: str
    date: date | None = None
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """Not bill text: fiscal note, analysis, public law slip."""

    note: str
    url: str
    date: date | None = None


@dataclass(frozen=True, slots=True)
class Hearing:
    """`key` is the source's stable id for the meeting, so that a moved hearing is a change and not two hearings."""

    key: str
    date: date
    description: str
    time: str | None = None  # raw, e.g. "2 pm or upon adjournment"
    zone: str | None = None  # IANA zone of the venue
    place: str | None = None
    committee: str | None = None
    status: HearingStatus = HearingStatus.SCHEDULED
    url: str | None = None


class VoteOption(StrEnum):
    """How one can vote, in the order in which counts are told (Open Civic Data)."""

    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"
    NOT_VOTING = "not voting"
    PAIRED = "paired"
    EXCUSED = "excused"
    ABSENT = "absent"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class VoteCount:
    option: VoteOption
    value: int


@dataclass(frozen=True, slots=True)
class VoteEvent:
    """A roll call. `counts`: the options that the source told, 0 too, in their order; None: it told none."""

    identifier: str
    date: date | None
    chamber: str | None
    motion: str | None = None
    passed: bool | None = None
    url: str | None = None
    counts: tuple[VoteCount, ...] | None = None


@dataclass(frozen=True, slots=True)
class RelatedBill:
    session: str
    identifier: str
    relation: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """Any measure, whole, as its legislature shows it now. `identifier` is the printed form, e.g. "HR 1865"."""

    jurisdiction: str
    session: str
    identifier: str
    title: str | None = None
    titles: tuple[Title, ...] = ()
    classification: tuple[str, ...] = ("bill",)
    chamber: str | None = None
    introduced_on: date | None = None
    subjects: tuple[str, ...] = ()
    committees: tuple[str, ...] = ()
    sponsorships: tuple[Sponsorship, ...] = ()
    actions: tuple[Action, ...] = ()  # oldest first
    versions: tuple[Version, ...] = ()  # earliest stage first
    documents: tuple[Document, ...] = ()
    hearings: tuple[Hearing, ...] = ()
    votes: tuple[VoteEvent, ...] = ()
    related_bills: tuple[RelatedBill, ...] = ()
    sources: tuple[str, ...] = ()  # official pages for people, best first
