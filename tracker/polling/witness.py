"""Two lists of one legislature's bills, the legislature's own and an aggregator's, to where they disagree. Pure.

The legislature's own word stands whatever is found here; a disagreement only says where to look.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from rapidfuzz import fuzz

from tracker import ids

MOST_KEPT = 200  # disagreements of one report; all are counted
LAG = timedelta(days=3)  # dates of last actions may differ by so much: neither publishes at once
ALIKE = 60  # of 100, by words in common
TELL_EVERY = timedelta(days=7)


class Dispute(StrEnum):
    MISSING = "missing"  # they list it, we do not hold it
    UNLISTED = "unlisted"  # we hold it, they do not list it
    BEHIND = "behind"  # their last action is later than ours
    AHEAD = "ahead"  # ours is later than theirs
    STATUS = "status"
    TITLE = "title"


GRAVE = (Dispute.MISSING, Dispute.BEHIND)  # we may have missed something

# Stages that an aggregator's coarser word does not tell apart.
_FAMILIES: Mapping[str, str] = {
    "in-committee": "introduced", "reported": "introduced", "to-executive": "passed-both", "signed": "became-law",
    "adopted": "became-law", "overridden": "became-law", "override-one": "vetoed", "vetoed-in-part": "became-law",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """What one side says of a bill. `titles`: any of them may be meant; `stage` None: it does not say."""

    session: str
    identifier: str
    titles: tuple[str, ...] = ()
    stage: str | None = None
    latest_on: date | None = None


@dataclass(frozen=True, slots=True)
class Disagreement:
    kind: Dispute
    session: str  # as the side calls it that has the bill
    identifier: str
    ours: str | None
    theirs: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """One comparison. `counts` tells all, `found` at most MOST_KEPT, gravest first. `told_at`: the operator's mail."""

    jurisdiction: str
    witness: str
    at: datetime
    compared: int  # bills that both sides have
    counts: Mapping[str, int]
    found: tuple[Disagreement, ...]
    told_at: datetime | None = None

    @property
    def grave(self) -> int:
        return sum(self.counts.get(kind, 0) for kind in GRAVE)

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def compare(jurisdiction: str, witness: str, ours: Iterable[Statement], theirs: Iterable[Statement],
            at: datetime) -> Report:
    """Only sessions that both sides have are compared: each of theirs with the one of ours whose bills are its own."""
    mine, other = _by_session(ours), _by_session(theirs)
    found: list[Disagreement] = []
    compared = 0
    matched: dict[str, dict[str, Statement]] = defaultdict(dict)  # session of ours -> what they say of its bills
    for _, bills in sorted(other.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        if (match := _same_session(bills, mine)) is not None:
            matched[match] = {**bills, **matched[match]}
    for session, bills in sorted(matched.items()):
        held = mine[session]
        compared += len(bills.keys() & held.keys())
        for number in sorted(bills.keys() | held.keys()):
            found += _dispute(held.get(number), bills.get(number))
    counts = Counter(str(d.kind) for d in found)
    rank = {kind: n for n, kind in enumerate((*GRAVE, *(k for k in Dispute if k not in GRAVE)))}
    found.sort(key=lambda d: (rank[d.kind], d.session, d.identifier))
    return Report(jurisdiction, witness, at, compared, dict(sorted(counts.items())), tuple(found[:MOST_KEPT]))


def due_notice(report: Report, last_told: datetime | None) -> bool:
    """The operator hears at once of what we may have missed, and then not more than once a week."""
    return report.grave > 0 and (last_told is None or report.at - last_told >= TELL_EVERY)


def _by_session(statements: Iterable[Statement]) -> dict[str, dict[str, Statement]]:
    found: dict[str, dict[str, Statement]] = defaultdict(dict)
    for one in statements:
        found[one.session].setdefault(ids.slug(one.identifier), one)
    return dict(found)


def _same_session(theirs: Mapping[str, Statement], ours: Mapping[str, Mapping[str, Statement]]) -> str | None:
    """The session of ours in which most bills of the same number have the same title: names of sessions differ."""
    scores = {name: sum(_alike(held[n].titles, theirs[n].titles) for n in theirs.keys() & held.keys())
              for name, held in ours.items()}
    best = max(sorted(scores), key=lambda name: scores[name], default=None)
    return best if best is not None and scores[best] else None


def _dispute(ours: Statement | None, theirs: Statement | None) -> list[Disagreement]:
    if ours is None and theirs is not None:
        return [Disagreement(Dispute.MISSING, theirs.session, theirs.identifier, None, _first(theirs.titles))]
    if theirs is None and ours is not None:
        return [Disagreement(Dispute.UNLISTED, ours.session, ours.identifier, _first(ours.titles), None)]
    if ours is None or theirs is None:
        return []
    found, match = [], ours.session
    if ours.latest_on and theirs.latest_on and abs(theirs.latest_on - ours.latest_on) > LAG:
        kind = Dispute.BEHIND if theirs.latest_on > ours.latest_on else Dispute.AHEAD
        if kind is Dispute.BEHIND or ours.stage != "died":  # of the end of a session an aggregator says nothing
            found.append(Disagreement(kind, match, ours.identifier, str(ours.latest_on), str(theirs.latest_on)))
    if ours.stage and theirs.stage and not _agree(ours.stage, theirs.stage):
        found.append(Disagreement(Dispute.STATUS, match, ours.identifier, ours.stage, theirs.stage))
    if ours.titles and theirs.titles and not _alike(ours.titles, theirs.titles):
        found.append(Disagreement(Dispute.TITLE, match, ours.identifier, _first(ours.titles), _first(theirs.titles)))
    return found


def _agree(ours: str, theirs: str) -> bool:
    """Aggregators have no word for a bill that died or was withdrawn, and one for a law and a resolution of both
    chambers."""
    mine, other = _FAMILIES.get(ours, ours), _FAMILIES.get(theirs, theirs)
    return mine == other or ours in ("died", "withdrawn") or (mine, other) == ("passed-both", "became-law")


def _first(titles: Sequence[str]) -> str | None:
    return titles[0][:300] if titles else None


def _alike(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    return any(fuzz.token_set_ratio(_words(a), _words(b)) >= ALIKE for a in ours for b in theirs)


def _words(title: str) -> str:
    return " ".join(re.findall(r"\w+", title.casefold()))
