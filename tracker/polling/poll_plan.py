"""poll_plan.toml to the plan of all polling: crawls, missing texts, bills at their end. Checked when read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from tracker.errors import ConfigError
from tracker.stage import STAGE_NAMES


class Pace(StrEnum):
    HOT = "hot"  # a flagged bill moved just now, or is heard today or tomorrow
    SESSION = "session"
    RECESS = "recess"


@dataclass(frozen=True, slots=True)
class Slot:
    """A row of the plan: at this pace, on these days (Monday is 0), in these hours, the pause is `share` x the cadence.
    """

    pace: Pace
    days: range
    hours: range
    share: float


@dataclass(frozen=True, slots=True)
class PollPlan:
    """`texts`: (younger than, at most one poll in). `settled` and `final`: how often bills at these stages are asked
    for where no listing says what changed."""

    default: Mapping[str, int]  # minutes
    shortest: timedelta
    grace: timedelta
    recess_after: timedelta
    hot_after_event: timedelta
    slots: tuple[Slot, ...]
    texts: tuple[tuple[timedelta, timedelta], ...]
    settled: timedelta
    final: tuple[str, ...]


@cache
def the_plan() -> PollPlan:
    path = Path(__file__).with_name("poll_plan.toml")
    return read_plan(path.read_text(encoding="utf-8"), path.name)


def read_plan(text: str, name: str) -> PollPlan:
    """Raises ConfigError that names what is wrong: a plan with a hole would leave a source unasked."""
    try:
        plan = _read(tomllib.loads(text))
    except (KeyError, TypeError, ValueError) as problem:
        raise ConfigError(f"{name}: {type(problem).__name__}: {problem}") from None
    for pace in Pace:
        rows = [slot for slot in plan.slots if slot.pace is pace]
        if not any(len(slot.days) == 7 and len(slot.hours) == 24 for slot in rows[-1:]):
            raise ConfigError(f"{name}: slots: expected a last row for every hour of every day at the pace {pace}")
    if not all(slot.share > 0 for slot in plan.slots):
        raise ConfigError(f"{name}: slots: expected shares above 0")
    if not plan.texts or plan.texts[-1][0] != timedelta.max:
        raise ConfigError(f"{name}: texts: expected a last row without younger_than_days")
    if unknown := [stage for stage in plan.final if stage not in STAGE_NAMES]:
        raise ConfigError(f"{name}: settled: unknown stage {unknown[0]!r}")
    if min(plan.shortest, plan.settled, plan.grace, plan.recess_after) <= timedelta(0):
        raise ConfigError(f"{name}: expected spans of time above 0")
    return plan


def _read(said: dict[str, Any]) -> PollPlan:
    def whole(row: dict[str, Any], key: str) -> range:
        first, last = row[key]
        return range(first, last + 1)

    return PollPlan(
        default={"session": int(said["default"]["session"]), "recess": int(said["default"]["recess"])},
        shortest=timedelta(minutes=said["shortest_minutes"]), grace=timedelta(minutes=said["grace_minutes"]),
        recess_after=timedelta(days=said["recess_after_days"]),
        hot_after_event=timedelta(hours=said["hot_after_event_hours"]),
        slots=tuple(Slot(Pace(row["pace"]), whole(row, "days"), whole(row, "hours"), row["share"])
                    for row in said["slots"]),
        texts=tuple((timedelta(days=row["younger_than_days"]) if "younger_than_days" in row else timedelta.max,
                     timedelta(hours=row["every_hours"])) for row in said["texts"]),
        settled=timedelta(days=said["settled"]["days"]), final=tuple(said["settled"]["stages"]))
