"""A form to what a reader wants: topics, legislatures, bills, and when; and what could not be understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from digests.speech import ENGLISH, LANGUAGES, N_, SOURCE, Speech
from tracker.model import Cadence, Filter, Subscription, Topic

Form = dict[str, list[str]]
MAX_BILLS = 50


@dataclass(frozen=True, slots=True)
class Choice:
    """What the forms show and send."""

    topics: tuple[Topic, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    bills: tuple[str, ...] = ()
    cadence: Cadence = Cadence.DAILY
    zone: str = "UTC"
    hour: int = 8
    weekday: int = 0
    language: str = SOURCE
    heartbeat: bool = False
    telling_subject: bool = False

    @property
    def filter(self) -> Filter:
        return Filter(self.topics, self.jurisdictions, self.bills)


def choice_of(subscription: Subscription) -> Choice:
    kept = subscription.filter
    return Choice(kept.topics, kept.jurisdictions, kept.bills, subscription.cadence, subscription.zone,
                  subscription.hour, subscription.weekday, subscription.language, subscription.heartbeat,
                  subscription.telling_subject)


def read_choice(form: Form, jurisdictions: Sequence[str],
                speech: Speech = ENGLISH) -> tuple[Choice, list[str]]:
    """The choice as far as it can be understood, and in words what cannot be."""
    problems: list[str] = []
    choice = Choice(
        topics=tuple(t for t in Topic if t.value in form.get("topics", ())),
        jurisdictions=tuple(j for j in jurisdictions if j in form.get("jurisdictions", ())),
        bills=tuple(sorted({b.strip() for b in form.get("bills", ()) if b.strip()})))
    unknown = {*form.get("topics", ())} - {*Topic} or {*form.get("jurisdictions", ())} - {*jurisdictions}
    if unknown:
        # Dropping it in silence would widen the choice to "all": the reader must know.
        problems.append(speech._("A topic or legislature in the form is not one of ours."))
    if len(choice.bills) > MAX_BILLS or any(len(b) > 100 or b.count("/") != 2 for b in choice.bills):
        problems.append(speech._("A bill is named like us/119/hr-1, and at most {most} fit.", most=MAX_BILLS))
    cadence, zone = _one(form, "cadence"), _one(form, "zone")
    if cadence in {*Cadence}:
        choice = replace(choice, cadence=Cadence(cadence))
    elif cadence:
        problems.append(speech._("How often: choose at once, daily or weekly."))
    if zone in zone_names():
        choice = replace(choice, zone=zone)
    elif zone:
        problems.append(speech._("That time zone is not known here. Choose one of the list."))
    language = _one(form, "language") or speech.language
    choice = replace(choice, language=language if language in LANGUAGES else speech.language,
                     heartbeat=bool(_one(form, "heartbeat")), telling_subject=bool(_one(form, "telling_subject")))
    for name, top, wrong in (("hour", 23, N_("The hour must be a number from 0 to {top}.")),
                             ("weekday", 6, N_("The weekday must be a number from 0 to {top}."))):
        raw = _one(form, name)
        if raw.isascii() and raw.isdigit() and int(raw[:3]) <= top:
            choice = replace(choice, **_number(name, int(raw)))
        elif raw:
            problems.append(speech._(wrong, top=top))
    return choice, problems


def _number(name: str, value: int) -> dict[str, Any]:
    return {name: value}


def _one(form: Form, name: str) -> str:
    return (form.get(name) or [""])[0].strip()


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    return frozenset(z for z in available_timezones() if "/" in z or z == "UTC")


@lru_cache(maxsize=1)
def zone_groups() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """For a select: UTC, then the regions. Old aliases are understood but not offered."""
    regions = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian",
               "Pacific")
    groups: list[tuple[str, tuple[str, ...]]] = [("", ("UTC",))]
    for region in regions:
        groups.append((region, tuple(sorted(z for z in zone_names() if z.startswith(region + "/")))))
    return tuple(groups)
