"""The demo's bills to what a careful human reader says of them: flags by section, and the changes of each day.

Written by reading the bills under the rules of the taxonomy, not by running the tagger: where the two differ, one of
them is wrong, and it is not decided beforehand which.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.model import Effect, EventKind, Topic

Mark = tuple[str, Topic, Effect]  # bill id, topic, effect

EVERY_DAY = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class ScriptedFlag:
    """A section of the newest text that a reader must be told about; `provision` "" is a text without sections."""

    provision: str
    topic: Topic
    effect: Effect = Effect.ADVANCES
    days: tuple[int, ...] = EVERY_DAY


@dataclass(frozen=True, slots=True)
class ScriptedBill:
    """`purpose` says why the bill is in the demo; a bill without flags is a trap. `fair` topics may or may not be
    flagged: two careful readers could differ."""

    id: str
    first_day: int
    purpose: str
    flags: tuple[ScriptedFlag, ...] = ()
    fair: tuple[Topic, ...] = ()


@dataclass(frozen=True, slots=True)
class ScriptedChange:
    """One event of day 2 or 3. `words` occur in the event's data; for a flag they are the start of its provision."""

    day: int
    kind: EventKind
    bill: str
    words: str = ""
    topic: Topic | None = None
    effect: Effect | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    missed: tuple[Mark, ...]
    unexpected: tuple[Mark, ...]


def _flags(topic: Topic, *provisions: str, effect: Effect = Effect.ADVANCES,
           days: tuple[int, ...] = EVERY_DAY) -> tuple[ScriptedFlag, ...]:
    return tuple(ScriptedFlag(provision, topic, effect, days) for provision in provisions)


SCRIPT: tuple[ScriptedBill, ...] = (
    ScriptedBill(
        "us/999/hr-101", 1, "FOSTA-style; the committee adds a loitering crime (day 2), the floor strikes it (day 3)",
        (*_flags(Topic.PLATFORM_LIABILITY, "Sec. 3", "Sec. 4"), *_flags(Topic.CRIMINALIZATION, "Sec. 3"),
         *_flags(Topic.CRIMINALIZATION, "Sec. 6", days=(2,)))),
    ScriptedBill(
        "us/999/hr-102", 1, "repeals the anti-prostitution pledge by citation alone: none of the usual words occur",
        _flags(Topic.FUNDING_CONDITION, "Sec. 2", "Sec. 3", effect=Effect.REVERSES)),
    ScriptedBill(
        "us/999/hr-103", 1, "decriminalization under a dull title",
        _flags(Topic.DECRIMINALIZATION, "Sec. 2", "Sec. 3", "Sec. 4")),
    ScriptedBill(
        "us/999/hr-104", 1, "buyers: a misdemeanor becomes a felony; registration; premises",
        _flags(Topic.CRIMINALIZATION, "Sec. 2", "Sec. 3", "Sec. 4")),
    ScriptedBill(
        "us/999/hr-105", 1, "staff training and hotline notices; its text exists as .htm only",
        _flags(Topic.ANTI_TRAFFICKING, "Sec. 2", "Sec. 3")),
    ScriptedBill("us/999/hr-106", 1, "trap: drug trafficking; reissued on day 3 without any change"),
    ScriptedBill("us/999/hr-107", 1, "trap: solicitation of contracts"),
    ScriptedBill("us/999/hr-108", 1, "trap: only the short title and the findings speak of prostitution"),
    ScriptedBill(
        "us/999/hr-109", 2, "introduced on day 2, with hostile markup in its title",
        _flags(Topic.PLATFORM_LIABILITY, "Sec. 2", days=(2, 3))),
    ScriptedBill(
        "us/999/hres-301", 1, "a resolution asks for a study: binds nobody",
        _flags(Topic.DECRIMINALIZATION, "", effect=Effect.NON_BINDING)),
    ScriptedBill(
        "us/999/s-201", 1, "Nordic model, in USLM: sellers relieved, buyers punished; Sec. 4 is that of HR 104, a twin",
        (*_flags(Topic.DECRIMINALIZATION, "Sec. 2"), *_flags(Topic.CRIMINALIZATION, "Sec. 3", "Sec. 4"))),
    ScriptedBill(
        "us/999/s-202", 1, "panic buttons, fee limits, no discrimination; its status is in the old version 1 format",
        _flags(Topic.WORKER_RIGHTS, "Sec. 2", "Sec. 3", "Sec. 4")),
    ScriptedBill(
        "us/999/s-203", 1, "age verification; its text is announced on day 1 and arrives on day 2",
        _flags(Topic.PLATFORM_LIABILITY, "Sec. 3", "Sec. 4", days=(2, 3))),
    ScriptedBill("us/999/s-204", 1, "trap: wildlife; 16 U.S.C. 7631 is not 22 U.S.C. 7631"),
    ScriptedBill("us/999/s-205", 1, "trap: the safe harbor of retirement plans"),
    ScriptedBill(
        "us/999/s-206", 3, "introduced on day 3: grant preference and a ban on uses of money",
        _flags(Topic.FUNDING_CONDITION, "Sec. 2", "Sec. 3", days=(3,)), fair=(Topic.CRIMINALIZATION,)),
)

# Listed by a status file, yet not there: as on the real site. Package -> days on which its XML answers 404.
ABSENT_XML: dict[str, tuple[int, ...]] = {"BILLS-999hr105ih": EVERY_DAY, "BILLS-999s203is": (1,)}

_ACTION, _TEXT, _VERSION = EventKind.ACTION_RECORDED, EventKind.TEXT_ARRIVED, EventKind.VERSION_PUBLISHED
_RAISED, _WITHDRAWN = EventKind.FLAG_RAISED, EventKind.FLAG_WITHDRAWN
_CRIME, _PLATFORM, _FUNDING = Topic.CRIMINALIZATION, Topic.PLATFORM_LIABILITY, Topic.FUNDING_CONDITION

# All that happens after the first crawl; nothing else does, but a section may carry more than one flag of its topic.
CHANGES: tuple[ScriptedChange, ...] = (
    ScriptedChange(2, _ACTION, "us/999/hr-101", "Reported (Amended) by the Committee on Digital Examples."),
    ScriptedChange(2, _ACTION, "us/999/hr-101", "Placed on the Union Calendar, Calendar No. 12."),
    ScriptedChange(2, _VERSION, "us/999/hr-101", "rh"),
    ScriptedChange(2, _TEXT, "us/999/hr-101", "rh"),
    ScriptedChange(2, _RAISED, "us/999/hr-101", "Sec. 6", _CRIME, Effect.ADVANCES),
    ScriptedChange(2, EventKind.TITLE_CHANGED, "us/999/hr-102", "Aid Partnership Flexibility Act"),
    ScriptedChange(2, EventKind.SPONSOR_ADDED, "us/999/hr-103", "Placeholder"),
    ScriptedChange(2, _ACTION, "us/999/hr-104", "Ordered to be Reported by the Yeas and Nays: 14 - 9."),
    ScriptedChange(2, EventKind.BILL_INTRODUCED, "us/999/hr-109", "<script>"),
    ScriptedChange(2, _ACTION, "us/999/hr-109", "Introduced in House"),
    ScriptedChange(2, _ACTION, "us/999/hr-109", "Referred to the House Committee on Digital Examples."),
    ScriptedChange(2, _VERSION, "us/999/hr-109", "ih"),
    ScriptedChange(2, _TEXT, "us/999/hr-109", "ih"),
    ScriptedChange(2, _RAISED, "us/999/hr-109", "Sec. 2", _PLATFORM, Effect.ADVANCES),
    ScriptedChange(2, _ACTION, "us/999/s-201", "Hearings scheduled for March 10, 2026."),  # dated in the future
    ScriptedChange(2, _ACTION, "us/999/s-202", "Hearings held."),  # dated 24 February: published late
    ScriptedChange(2, _TEXT, "us/999/s-203", "is"),
    ScriptedChange(2, _RAISED, "us/999/s-203", "Sec. 3", _PLATFORM, Effect.ADVANCES),
    ScriptedChange(2, _RAISED, "us/999/s-203", "Sec. 4", _PLATFORM, Effect.ADVANCES),
    ScriptedChange(3, _ACTION, "us/999/hr-101", "An amendment, offered by Mrs. Instance, numbered 1 to strike"),
    ScriptedChange(3, _ACTION, "us/999/hr-101", "On agreeing to the Instance amendment (A001)"),
    ScriptedChange(3, _ACTION, "us/999/hr-101", "On passage Passed by recorded vote: 218 - 199 (Roll no. 41)."),
    ScriptedChange(3, _ACTION, "us/999/hr-101", "Motion to reconsider laid on the table"),
    ScriptedChange(3, _VERSION, "us/999/hr-101", "eh"),
    ScriptedChange(3, _TEXT, "us/999/hr-101", "eh"),
    ScriptedChange(3, _WITHDRAWN, "us/999/hr-101", "Sec. 6", _CRIME, Effect.ADVANCES),
    ScriptedChange(3, EventKind.CORRECTION, "us/999/hr-104", "(Amended) by the Yeas and Nays: 14 - 10."),
    ScriptedChange(3, EventKind.SPONSOR_REMOVED, "us/999/hr-104", "Placeholder"),
    ScriptedChange(3, EventKind.BILL_INTRODUCED, "us/999/s-206", "Model Laws Grant Preference Act"),
    ScriptedChange(3, _ACTION, "us/999/s-206", "Introduced in Senate"),
    ScriptedChange(3, _ACTION, "us/999/s-206", "Read twice and referred to the Committee on Specimen Law."),
    ScriptedChange(3, _VERSION, "us/999/s-206", "is"),
    ScriptedChange(3, _TEXT, "us/999/s-206", "is"),
    ScriptedChange(3, _RAISED, "us/999/s-206", "Sec. 2", _FUNDING, Effect.ADVANCES),
    ScriptedChange(3, _RAISED, "us/999/s-206", "Sec. 3", _FUNDING, Effect.ADVANCES),
)


def bills_on(day: int) -> tuple[str, ...]:
    """Ids of the bills that the site knows on this day."""
    return tuple(bill.id for bill in SCRIPT if bill.first_day <= day)


def marks_on(day: int) -> frozenset[Mark]:
    """What the newest texts of this day are to be flagged with."""
    return frozenset((bill.id, flag.topic, flag.effect)
                     for bill in SCRIPT for flag in bill.flags if day in flag.days)


def compare(day: int, found: Iterable[Mark]) -> Comparison:
    """The tagger's flags against the reader's, by bill, topic and effect."""
    wanted, had = marks_on(day), frozenset(found)
    fair = {(bill.id, topic) for bill in SCRIPT for topic in bill.fair}
    return Comparison(tuple(sorted(wanted - had)),
                      tuple(sorted(m for m in had - wanted if m[:2] not in fair)))
