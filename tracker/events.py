"""The kinds of events: what each carries, and the content key that lets it into the log only once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tracker.desk.review import shown
from tracker.model import (
    Action,
    Bill,
    EventKind,
    Finding,
    Flag,
    Hearing,
    IngestMode,
    NewEvent,
    Sponsorship,
    Topic,
    Version,
    VersionState,
    VoteEvent,
)
from tracker.stage import stage_of


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the events of one ingest are written up: the bill, its new revision, its topics, the mode."""

    bill_id: str
    bill: Bill
    revision: int
    topics: tuple[Topic, ...]
    mode: IngestMode
    findings: tuple[Finding, ...] = ()  # what the topics rest on, before and after
    _card: dict[str, Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_card", card(self.bill, self.findings))

    def event(self, kind: EventKind, subject: str, occurred_on: date | None, **data: Any) -> NewEvent:
        """`subject` names what changed, unique among the events of this kind and revision.

        The key rests on the bill's revision, not on the words alone: a title that goes A, B, A, B is four changes, and
        two writers who decide on the same revision collide instead of writing twice.
        """
        key = content_key(f"{self.bill_id}|{self.revision}|{kind}|{subject}")
        return NewEvent(key, kind, self.bill_id, self.bill.jurisdiction, occurred_on, self.mode, self.topics,
                        {"bill": self._card, **data})


def content_key(content: str) -> str:
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def card(bill: Bill, findings: Sequence[Finding] = ()) -> dict[str, Any]:
    """What a reader must see of a bill beside any news of it, and what filters ask of it.

    Of a bill without a topic only the first sponsors are named: hundreds of others in each of its events would be
    most of the log, and hardly anybody asks.
    """
    sponsors = [s for s in bill.sponsorships if not s.withdrawn_on and (s.primary or findings)]
    return {"identifier": bill.identifier, "title": bill.title, "session": bill.session,
            "url": bill.sources[0] if bill.sources else None, "stage": stage_of(bill),
            "introduced": day(bill.introduced_on),
            "committees": list(dict.fromkeys(bill.committees)),
            "sponsors": [[s.name, s.person_id] if s.person_id else [s.name] for s in sponsors],
            "findings": [[f.topic, f.effect, f.subtopic] for f in dict.fromkeys(findings)]}


def day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def action_data(action: Action) -> dict[str, Any]:
    return {"description": action.description, "date": day(action.date), "time": action.time,
            "chamber": action.chamber, "classification": list(action.classification),
            "sources": list(action.sources), "also": list(action.also)}


def vote_data(vote: VoteEvent) -> dict[str, Any]:
    return {"passed": vote.passed, "counts": {count.option.value: count.value for count in vote.counts or ()}}


def version_data(version: Version) -> dict[str, Any]:
    link = version.links[0] if version.links else None
    return {"version": version.code, "note": version.note, "date": day(version.date),
            "url": link.url if link else None, "media_type": link.media_type if link else None}


def text_data(version: Version, state: VersionState) -> dict[str, Any]:
    return {"version": version.code, "note": version.note, "url": state.url, "sha256": state.sha256}


def flag_data(version: Version, flag: Flag) -> dict[str, Any]:
    return {"version": version.code, "note": version.note, "topic": flag.topic, "subtopic": flag.subtopic,
            "effect": flag.effect, "provision": flag.provision, "start": flag.start, "end": flag.end,
            "quote": flag.quote, "mark": flag.mark, "rule": flag.rule, "ruleset": flag.ruleset, "score": flag.score,
            **({"review": flag.review.verdict} if flag.review else {})}


def finding_data(finding: Finding) -> dict[str, Any]:
    return {"topic": finding.topic, "subtopic": finding.subtopic, "effect": finding.effect}


def sponsor_data(sponsor: Sponsorship) -> dict[str, Any]:
    return {"name": sponsor.name, "primary": sponsor.primary, "person_id": sponsor.person_id,
            "party": sponsor.party, "area": sponsor.area,
            "date": day(sponsor.withdrawn_on or sponsor.sponsored_on)}


def hearing_data(hearing: Hearing) -> dict[str, Any]:
    return {"key": hearing.key, "date": day(hearing.date), "time": hearing.time, "zone": hearing.zone,
            "place": hearing.place, "committee": hearing.committee, "description": hearing.description,
            "status": hearing.status, "url": hearing.url}


def findings_of(flags: Sequence[Flag]) -> tuple[Finding, ...]:
    """What these flags say, each once, in order; of the rejected ones, nothing."""
    found = {Finding(f.topic, f.effect, f.subtopic) for f in shown(flags)}
    return tuple(sorted(found, key=lambda f: (f.topic, f.effect, f.subtopic or "")))


def topics_of(flags: Sequence[Flag]) -> tuple[Topic, ...]:
    """The topics of these flags, in the order of the `Topic` enum; of the rejected ones, none."""
    present = {flag.topic for flag in shown(flags)}
    return tuple(topic for topic in Topic if topic in present)
