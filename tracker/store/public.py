"""What of the database is for everybody: a table of tables, each with its columns in words and its SELECT.

Only what is named here is ever exported: readers, accounts, decisions and keys are in no SELECT of this file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Engine, Select, select

from tracker.model import Action, EventKind, Flag, HearingStatus, Sponsorship, VoteEvent, VoteOption
from tracker.store import schema as t
from tracker.store.columns import from_json
from tracker.store.engine import reading
from tracker.store.findings import LISTED, Findings

b, v, f, e, p, r = t.bill.c, t.version.c, t.flag.c, t.event.c, t.page.c, t.related_bill.c


@dataclass(frozen=True, slots=True)
class Column:
    """`kind`: text, integer, number, date, moment (UTC) or json (text in JSON)."""

    name: str
    kind: str
    meaning: str


@dataclass(frozen=True, slots=True)
class PublicTable:
    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]


def _columns(*rows: tuple[str, str, str]) -> tuple[Column, ...]:
    return tuple(Column(*row) for row in rows)


BILLS = PublicTable("bills", "Bills as their legislatures show them now.", ("id",), _columns(
    ("id", "text", "Legislature, session and number, e.g. us/119/hr-1865; the address of its page"),
    ("jurisdiction", "text", "Legislature, e.g. us or us-wa"), ("session", "text", "Its session"),
    ("identifier", "text", "As the legislature writes it, e.g. H.R. 1865"), ("title", "text", "Its title"),
    ("stage", "text", "How far it is"), ("topics", "json", "Topics of flags in its newest text"),
    ("introduced_on", "date", "The legislature's date"),
    ("latest_action", "text", "The newest step on record, verbatim"),
    ("latest_action_on", "date", "Its date; one after today: the step is announced, not taken"),
    ("revision", "integer", "Grows with each change that we noticed"),
    ("last_seq", "integer", "Its newest event; 0: none")))
VERSIONS = PublicTable("versions", "Texts of bills that are listed now.", ("bill_id", "code"), _columns(
    ("bill_id", "text", "bills.id"), ("code", "text", "The source's own code"),
    ("position", "integer", "0: the earliest stage"), ("status", "text", "Whether its text could be read"),
    ("url", "text", "The link that gave the text"), ("sha256", "text", "Of the page that it was read from"),
    ("first_seen_at", "moment", "When we noticed it")))
FLAGS = PublicTable("flags", "Findings in texts with the words that prove them, without what a person rejected.",
                    ("bill_id", "version", "position"), _columns(
    ("bill_id", "text", "bills.id"), ("version", "text", "versions.code"), ("position", "integer", "Within the text"),
    ("topic", "text", "What it is about"), ("effect", "text", "advances, reverses or non-binding"),
    ("subtopic", "text", "Finer than the topic, if known"), ("provision", "text", "The section"),
    ("start", "integer", "Where the quote begins, in characters of the text"), ("end", "integer", "Where it ends"),
    ("quote", "text", "The words, verbatim"), ("rule", "text", "Of the tagger"), ("ruleset", "text", "Its version"),
    ("score", "number", "The rule's measured reliability"), ("mark", "text", "inserted or struck law, if known"),
    ("review", "text", "A person's verdict, if there is one")))
EVENTS = PublicTable("events", "Every change that was noticed, once, in order. Never changed.", ("seq",), _columns(
    ("seq", "integer", "Its number"), ("kind", "text", "What happened"), ("bill_id", "text", "bills.id"),
    ("jurisdiction", "text", "Legislature"), ("occurred_on", "date", "The legislature's date"),
    ("recorded_at", "moment", "When we noticed"), ("mode", "text", "live, backfill or repair"),
    ("topics", "json", "The bill's topics at that time"), ("data", "json", "All that is needed to tell it")))
PAGES = PublicTable("pages", "Pages that bills and texts were read from.", ("url",), _columns(
    ("url", "text", "Its address"), ("bill_id", "text", "bills.id"), ("sha256", "text", "Of what we got"),
    ("fetched_at", "moment", "When")))
RELATED = PublicTable("related", "Which bill's record names which other bill now.", ("bill_id", "other"), _columns(
    ("bill_id", "text", "bills.id of the bill that names another"),
    ("other", "text", "The bill that is named, written as bills.id is; it need not be held here"),
    ("relations", "json", "How they are related, in the source's own words; empty: not said"),
    ("since", "moment", "When we noticed")))
VOTES = PublicTable("votes", "Roll calls on bills, as their legislatures tell of them now. A number that is empty was "
                    "not told.", ("bill_id", "position"), _columns(
    ("bill_id", "text", "bills.id"), ("position", "integer", "Within the record"),
    ("identifier", "text", "The source's own name of it"), ("date", "date", "The legislature's date"),
    ("chamber", "text", "lower or upper"), ("motion", "text", "What was voted on, verbatim"),
    ("passed", "integer", "1: it carried; 0: it did not; empty: not said"),
    *((option.value.replace(" ", "_"), "integer", f"How many: {option.value}") for option in VoteOption),
    ("url", "text", "The legislature's page of it")))
ACTIONS = PublicTable("actions", "Steps of bills, as their legislatures list them now.",
                      ("bill_id", "position"), _columns(
    ("bill_id", "text", "bills.id"), ("position", "integer", "0: the oldest"),
    ("date", "date", "The legislature's date"), ("time", "text", "Its time, as written"),
    ("chamber", "text", "lower or upper"), ("description", "text", "The step, verbatim"),
    ("classification", "json", "What kind of step, in the words of Open Civic Data; empty: not known")))
SPONSORS = PublicTable("sponsors", "Who put their names to bills, as their legislatures tell it now.",
                       ("bill_id", "position"), _columns(
    ("bill_id", "text", "bills.id"), ("position", "integer", "Within the record"),
    ("name", "text", "As the legislature writes it"), ("is_primary", "integer", "1: sponsor; 0: co-sponsor"),
    ("person_id", "text", "The source's own id of the person"), ("party", "text", "Party"),
    ("area", "text", "State or district"), ("sponsored_on", "date", "Since when"),
    ("withdrawn_on", "date", "When the name was taken back")))
HEARINGS = PublicTable("hearings", "Hearings of bills, past ones too: what was said last of each.",
                       ("bill_id", "key"), _columns(
    ("bill_id", "text", "bills.id"), ("key", "text", "The source's own id of the meeting"),
    ("date", "date", "The legislature's date"),
    ("time", "text", "As written"), ("zone", "text", "Time zone of the venue"), ("place", "text", "Where"),
    ("committee", "text", "Of whom"), ("description", "text", "What, verbatim"),
    ("status", "text", "scheduled or cancelled"), ("url", "text", "The legislature's page of it"),
    ("seq", "integer", "events.seq of what said so")))
TABLES = (BILLS, VERSIONS, FLAGS, EVENTS, PAGES, RELATED, VOTES, ACTIONS, SPONSORS, HEARINGS)

_SELECTS: dict[str, Select[Any]] = {
    "bills": select(*(b[c.name] for c in BILLS.columns)).order_by(b.id),
    "versions": select(*(v[c.name] for c in VERSIONS.columns)).where(v.position.is_not(None)).order_by(
        v.bill_id, v.code),
    "flags": select(f.bill_id, f.version, f.position, f.data).where(t.SHOWN, LISTED).order_by(
        f.bill_id, f.version, f.position),
    "events": select(*(e[c.name] for c in EVENTS.columns)).order_by(e.seq),
    "pages": select(*(p[c.name] for c in PAGES.columns)).where(p.bill_id.is_not(None)).order_by(p.url),
    "related": select(*(r[c.name] for c in RELATED.columns)).where(r.until.is_(None)).order_by(r.bill_id, r.other),
    **dict.fromkeys(("votes", "actions", "sponsors"), select(b.id, b.record).order_by(b.id)),
}


def rows(engine: Engine, table: PublicTable, batch: int) -> Iterator[tuple[Any, ...]]:
    """In the order of the key, `batch` in memory at a time, of one snapshot."""
    if table is HEARINGS:
        yield from _hearings(engine)
        return
    with reading(engine) as connection:
        found = connection.execution_options(yield_per=batch).execute(_SELECTS[table.name])
        for row in found:
            if table.name in _OF_RECORDS:
                yield from _OF_RECORDS[table.name](row.id, from_json(row.record, _Record))
            else:
                yield _flag(row) if table is FLAGS else tuple(row)


@dataclass(frozen=True, slots=True)
class _Record:
    """What of a bill's record becomes rows."""

    votes: tuple[VoteEvent, ...] = ()
    actions: tuple[Action, ...] = ()
    sponsorships: tuple[Sponsorship, ...] = ()


def _votes(bill: str, record: _Record) -> Iterator[tuple[Any, ...]]:
    for position, vote in enumerate(record.votes):
        counts = {count.option: count.value for count in vote.counts or ()}
        passed = None if vote.passed is None else int(vote.passed)
        yield (bill, position, vote.identifier, vote.date, vote.chamber, vote.motion, passed,
               *(counts.get(option) for option in VoteOption), vote.url)


def _actions(bill: str, record: _Record) -> Iterator[tuple[Any, ...]]:
    for position, step in enumerate(record.actions):
        yield (bill, position, step.date, step.time, step.chamber, step.description,
               json.dumps(step.classification, ensure_ascii=False))


def _sponsors(bill: str, record: _Record) -> Iterator[tuple[Any, ...]]:
    for position, name in enumerate(record.sponsorships):
        yield (bill, position, name.name, int(name.primary), name.person_id, name.party, name.area, name.sponsored_on,
               name.withdrawn_on)


_OF_RECORDS = {"votes": _votes, "actions": _actions, "sponsors": _sponsors}


def _hearings(engine: Engine) -> Iterator[tuple[Any, ...]]:
    """As the API tells them, from the log: a record forgets what is over."""
    told = Findings(engine).hearings(date.min, date.max)
    for event in sorted(told, key=lambda one: (one.bill_id, str(one.data.get("key")))):
        said = event.data
        cancelled = event.kind is EventKind.HEARING_CANCELLED or said.get("status") == HearingStatus.CANCELLED
        yield (event.bill_id, str(said.get("key")), event.occurred_on, said.get("time"), said.get("zone"),
               said.get("place"), said.get("committee"), said.get("description"),
               (HearingStatus.CANCELLED if cancelled else HearingStatus.SCHEDULED).value, said.get("url"), event.seq)


def _flag(row: Any) -> tuple[Any, ...]:
    flag = from_json(row.data, Flag)
    return (row.bill_id, row.version, row.position, flag.topic.value, flag.effect.value, flag.subtopic, flag.provision,
            flag.start, flag.end, flag.quote, flag.rule, flag.ruleset, flag.score,
            flag.mark.value if flag.mark else None, flag.review.verdict.value if flag.review else None)
