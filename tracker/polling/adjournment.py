"""Sessions that ended, and the bills that they left behind, to those bills' last step: they died without a vote.

Records fall silent when a session ends. The step that we add names its keeper, the calendar of sessions, and stays only
as long as the record does not say otherwise: whatever it tells of the bill later replaces it. Pure.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from tracker.errors import ConfigError
from tracker.model import Action, Bill, SessionTold
from tracker.stage import stage_of

KEEPER = "calendar of sessions"  # among an action's sources
DIED = "Died: its session ended without a decision"
# A bill that passed both chambers is signed or vetoed weeks after the session. What is over already needs no end.
DYING = ("introduced", "in-committee", "reported", "passed-one")
CARRIED = re.compile(r"\bcarr(?:y|ied|ies)[ -]?over\b|\bcontinued to (?:the next|20\d\d)", re.IGNORECASE)
# The last steps of a session are recorded days later: nothing is called dead before they can be known.
GRACE = timedelta(days=3)
NEWS = timedelta(days=60)  # an end that lies further back is history


@dataclass(frozen=True, slots=True)
class Ending:
    """When a session of a legislature ends. `on`: its last day; None: not known."""

    jurisdiction: str
    session: str
    on: date | None
    over: bool = False  # the source says that it ended
    carries: bool = False  # its bills live on in the next one
    why: str = ""  # who says so: a rule of law, or the source
    over_since: date | None = None  # when the source first said that it is over

    def ended(self, today: date) -> bool:
        """Whether its bills can be called dead on this day, on the legislature's calendar."""
        if self.carries or (self.on is None and not self.over):
            return False
        return self.since is None or today > self.since + GRACE

    @property
    def since(self) -> date | None:
        """Its end, as far as it can be dated; None: it was over when we first heard of it."""
        return self.on or self.over_since

    def is_news(self, today: date) -> bool:
        return self.since is not None and today - self.since <= NEWS


def endings(calendar: Mapping[str, Any], told: Iterable[SessionTold]) -> tuple[Ending, ...]:
    """Of all sessions that the calendar or a source knows; a source's own date comes first."""
    found = {(place, session): Ending(place, session, on, carries=session in said.get("carries", ()), why=said["why"])
             for place, said in calendar.items() for session, on in said["ends"].items()}
    for one in told:
        known = found.get(key := (one.jurisdiction, one.session))
        carries = bool(known and known.carries)
        if one.ends_on is not None:
            found[key] = Ending(*key, one.ends_on, one.over, carries, "the source")
        elif known is None:
            found[key] = Ending(*key, None, one.over, carries, "the source",
                                one.over_since.date() if one.over_since else None)
    return tuple(found[key] for key in sorted(found))


@cache
def calendar() -> Mapping[str, Any]:
    """tracker/polling/sessions.toml, checked. Raises ConfigError."""
    path = Path(__file__).with_name("sessions.toml")
    said: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    for place, table in said.items():
        ends = table.get("ends", {})
        if not table.get("why") or not ends or not all(type(day) is date for day in ends.values()):
            raise ConfigError(f"{path.name}: {place}: expected why, and ends with a day for each session")
    return said


def step_of(bill: Bill) -> Action | None:
    """The step that we added, if there is one."""
    return next((a for a in bill.actions if KEEPER in a.sources), None)


def without(bill: Bill) -> Bill:
    """As its record says it."""
    return replace(bill, actions=tuple(a for a in bill.actions if KEEPER not in a.sources))


def dies(bill: Bill, on: date | None) -> bool:
    """Whether the end of its session on this day ends the bill. What happened to it later shows that it lives."""
    later = on is not None and any(a.date and a.date > on for a in bill.actions)
    last = bill.actions[-1].description if bill.actions else ""
    return stage_of(bill) in DYING and not later and not CARRIED.search(last)


def ended_with(bill: Bill, ending: Ending) -> Bill:
    """The bill as the end of its session leaves it; the same one if that changes nothing."""
    plain = without(bill)
    if not dies(plain, ending.on):
        return plain
    step = Action(DIED, ending.on, classification=("failure",), sources=(KEEPER,))
    return replace(plain, actions=(*plain.actions, step))


def kept(before: Bill, record: Bill) -> Bill:
    """A new record with our step on it, if it was there before and the record still says nothing else."""
    step = step_of(before)
    if step is None or step_of(record) is not None:
        return record
    moved = step.date is None and len(record.actions) >= len(before.actions)  # no day to compare with: any new step
    return record if moved or not dies(record, step.date) else replace(record, actions=(*record.actions, step))


def stands_in_for(was: Action, now: Action) -> bool:
    """Whether a step that the record tells now is the end that we had told before it."""
    return KEEPER in was.sources and KEEPER not in now.sources and "failure" in now.classification
